"""Servers that are passed their sockets."""

import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from support.ports import free_port, free_ports
from support.server import Server
from support.stun import family
from support.stun_message import Address

LAUNCHER = Path(__file__).with_name("launcher.py")


def listening(place: Address | Path, kind: int = socket.SOCK_STREAM) -> socket.socket:
    """What a socket unit makes."""
    where = str(place) if isinstance(place, Path) else place
    made = socket.socket(socket.AF_UNIX if isinstance(place, Path) else family(place[0]), kind)
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(where)
    if kind == socket.SOCK_STREAM:
        made.listen()
    return made


def launched(descriptors, names: str | None = None, pid: str = "own") -> tuple[str, ...]:
    """What stands before a command so that it is passed these descriptors."""
    given = [descriptors] if isinstance(descriptors, str) else [str(number) for number in descriptors]
    return (sys.executable, str(LAUNCHER), pid, "-" if names is None else names, *given, "--")


class Activated(Server):
    """One that is passed these sockets, by their names; it answers at the first one's address.

    Without `configured` it is told an address besides, at which nobody must answer.
    """

    def __init__(self, program, database, *options: str, passed: list[tuple[str, socket.socket]],
                 names: str | None = "", pid: str = "own", prefix: tuple[str, ...] = (), **env: str):
        self.passed = passed
        given = ":".join(name for name, _ in passed) if names == "" else names
        descriptors = [one.fileno() for _, one in passed]
        super().__init__(program, database, *options, prefix=(*launched(descriptors, given, pid), *prefix), **env)
        self.configured = self.address
        self.popen = {"pass_fds": descriptors}
        first = passed[0][1].getsockname() if passed else None
        if isinstance(first, tuple) and pid == "own":
            self.address = first[:2]
            host = f"[{first[0]}]" if ":" in first[0] else first[0]
            self.url = f"http://{host}:{first[1]}"


class Sockets(ExitStack):
    """Makes sockets that are closed at the end of the block."""

    def http(self, host: str = "127.0.0.1") -> socket.socket:
        return self.enter_context(listening((host, free_port())))

    def stun(self, host: str = "127.0.0.1") -> tuple[socket.socket, socket.socket]:
        """One for datagrams and one for connections, on the same port."""
        place = (host, free_ports(1, [host])[0])
        return self.enter_context(listening(place, socket.SOCK_DGRAM)), self.enter_context(listening(place))

    def keep(self, made):
        return self.enter_context(made)
