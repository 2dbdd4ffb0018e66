"""A STUN client over UDP and TCP, which holds every answer to what it must be."""

import ipaddress
import socket

import ifaddr
import requests

from support.stun_message import Address, Answer, message, normal, read

# Only a hang reaches it.
PATIENCE_SECONDS = 30

# By how much an answer may be longer than its request, or somebody gained by asking as another.
LONGER = 100


def local_hosts() -> list[str]:
    """Loopback's of IPv4, and of IPv6 where the machine has it."""
    return ["127.0.0.1"] + (["::1"] if can_bind("::1") else [])


def can_bind(host: str) -> bool:
    try:
        with socket.socket(family(host), socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
        return True
    except OSError:
        return False


def text(*addresses: Address) -> str:
    """As --stun takes them."""
    return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in addresses)


def family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Client:
    """What UDP and TCP have in common."""

    def __init__(self, kind: int, server: Address, source: str | None):
        self.server = server
        self.socket = socket.socket(family(server[0]), kind)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.bind((source or server[0], 0))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    @property
    def address(self) -> Address:
        """Its own, which is what the server sees."""
        return normal(self.socket.getsockname())

    def waiting(self) -> int:
        """How many answers there are already; takes them."""
        self.socket.setblocking(False)
        count = 0
        try:
            while self.receive():
                count += 1
            return count
        except BlockingIOError:
            return count
        finally:
            self.socket.settimeout(PATIENCE_SECONDS)


class Udp(Client):
    """A socket from which a server is asked; its source is the server's host where none is given."""

    def __init__(self, server: Address, source: str | None = None):
        super().__init__(socket.SOCK_DGRAM, server, source)

    def room(self, size: int) -> None:
        """Answers of so many bytes may wait until somebody reads them."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)

    def send(self, data: bytes, to: Address | None = None) -> None:
        self.socket.sendto(data, to or self.server)

    def receive(self) -> Answer:
        data, origin = self.socket.recvfrom(65536)
        return read(data, normal(origin))

    def ask(self, data: bytes, to: Address | None = None, origin: Address | None = None) -> Answer:
        """The answer, which must come from where it was asked, or from another origin that is named."""
        self.send(data, to)
        answer = self.receive()
        assert answer.transaction == data[4:20]
        assert answer.origin == (origin or to or self.server)
        assert answer.size <= len(data) + LONGER
        return answer

    def assert_silence(self, *datagrams: bytes) -> None:
        """None of them is answered: what comes is the answer to a request behind them."""
        # In portions that the server's buffer holds.
        for start in range(0, len(datagrams), 64):
            for data in datagrams[start:start + 64]:
                self.send(data)
            assert self.ask(message()).mapped == self.address


class Tcp(Client):
    """A connection to a server."""

    def __init__(self, server: Address, source: str | None = None):
        super().__init__(socket.SOCK_STREAM, server, source)
        self.socket.connect(server)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _has(self, count: int) -> bool:
        """Whether so many bytes have come; False at the end of the connection."""
        while len(self.buffer) < count:
            try:
                more = self.socket.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                more = b""
            if not more:
                assert not self.buffer, f"the connection ends within a message: {self.buffer}"
                return False
            self.buffer += more
        return True

    def receive(self) -> Answer | None:
        """The next answer, or None where the server has closed the connection."""
        if not self._has(20):
            return None
        size = 20 + int.from_bytes(self.buffer[2:4], "big")
        assert self._has(size)
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return read(data, self.server)

    def ask(self, data: bytes) -> Answer:
        self.send(data)
        answer = self.receive()
        assert answer is not None, "the server has closed the connection"
        assert answer.transaction == data[4:20] and answer.size <= len(data) + LONGER
        return answer

    def assert_ended(self) -> None:
        assert (answer := self.receive()) is None, answer


def assert_served(place: Address, source: str | None = None) -> None:
    for kind in (Udp, Tcp):
        with kind(place, source) as client:
            assert client.ask(message()).mapped == client.address


def is_closed(place: Address) -> bool:
    """Whether nobody answers there, on UDP or on TCP."""
    with socket.socket(family(place[0]), socket.SOCK_DGRAM) as datagrams:
        datagrams.connect(place)
        datagrams.settimeout(PATIENCE_SECONDS)
        datagrams.send(message())
        try:
            datagrams.recv(1000)
            return False
        except ConnectionRefusedError:
            pass
    with socket.socket(family(place[0])) as stream:
        return stream.connect_ex(place) != 0


# What /metrics tells of it.
FIGURES = ("requests", "answers", "bad_requests", "unknown_attributes", "limited", "ignored", "connections")


def figures(url: str) -> dict[str, int]:
    """What the server at this URL has counted since it began."""
    answer = requests.get(url + "/metrics", timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200, answer.text
    lines = dict(line.split(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: int(lines[f"havocctl_stun_{name}_total"]) for name in FIGURES}


def interface_hosts() -> list[str]:
    """The machine's addresses that aren't loopback's, and are more than its link's own."""
    found = (ip.ip[0] if ip.is_IPv6 else ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips)
    return [host for host in found if can_bind(host)
            and not ipaddress.ip_address(host).is_loopback and not ipaddress.ip_address(host).is_link_local]
