"""Descriptors that aren't what was announced, and what doesn't get them."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from support.activation import Activated, Sockets, launched, listening
from support.home import Home
from support.notify import Manager
from support.ports import free_port
from support.program import SCRATCH, clean_environment

HOST = "127.0.0.1"


@pytest.fixture
def sockets():
    with Sockets() as made:
        yield made


@pytest.fixture
def refused(program, database):
    """Starts a server that must refuse what it is passed; gives what it says."""
    def start(*descriptors: int, names: str | None, announced: str | None = None, pid: str = "own",
              listen: str = "") -> str:
        prefix = launched(announced or descriptors, names, pid)
        done = subprocess.run(
            [*prefix, program, "serve", "--listen", listen or f"{HOST}:{free_port()}", "--database", database,
             "--stun", "off"], env=clean_environment(), pass_fds=descriptors, capture_output=True, timeout=60, check=False,
            text=True)
        assert done.returncode == 1 and done.stdout == "", done
        assert done.stderr.startswith("havocctl: ") and done.stderr.count("\n") <= 2, done
        return done.stderr
    return start


def unix_path() -> Path:
    return Path(SCRATCH.name) / f"refused-{free_port()}-{os.getpid()}.sock"


def datagrams(sockets: Sockets) -> int:
    return sockets.stun()[0].fileno()


def unconnected(sockets: Sockets) -> int:
    made = sockets.keep(socket.socket())
    made.bind((HOST, free_port()))
    return made.fileno()


def connected(sockets: Sockets) -> int:
    other = sockets.http()
    return sockets.keep(socket.create_connection(other.getsockname())).fileno()


def a_file(sockets: Sockets) -> int:
    return sockets.keep(open(Path(SCRATCH.name) / "a-file", "w+b")).fileno()


def a_directory(sockets: Sockets) -> int:
    descriptor = os.open(SCRATCH.name, os.O_RDONLY)
    sockets.callback(os.close, descriptor)
    return descriptor


def a_pipe(sockets: Sockets) -> int:
    ends = os.pipe()
    for end in ends:
        sockets.callback(os.close, end)
    return ends[0]


def a_device(sockets: Sockets) -> int:
    return sockets.keep(open(os.devnull, "r+b")).fileno()


def packets(sockets: Sockets) -> int:
    return sockets.keep(listening(unix_path(), socket.SOCK_SEQPACKET)).fileno()


def unix_datagrams(sockets: Sockets) -> int:
    return sockets.keep(listening(unix_path(), socket.SOCK_DGRAM)).fileno()


def unix_stream(sockets: Sockets) -> int:
    return sockets.keep(listening(unix_path())).fileno()


NO_HTTP = [datagrams, unconnected, connected, a_file, a_directory, a_pipe, a_device, packets, unix_datagrams]
NO_STUN = [unconnected, connected, a_file, a_directory, a_pipe, a_device, packets, unix_datagrams, unix_stream]
CASES = [("http", made) for made in NO_HTTP] + [("stun", made) for made in NO_STUN]


@pytest.mark.parametrize("name, made", CASES, ids=[f"{name}: {made.__name__}" for name, made in CASES])
def test_a_socket_of_the_wrong_type(refused, sockets, name, made):
    said = refused(made(sockets), names=name)
    assert said.startswith(f"havocctl: socket “{name}” (descriptor 3) from the service manager: it is "), said
    assert " is wanted" in said.splitlines()[0]


def test_the_one_that_is_wrong_is_named(refused, sockets):
    said = refused(sockets.http().fileno(), datagrams(sockets), a_pipe(sockets), names="http:stun:http")
    assert "socket “http” (descriptor 5)" in said


@pytest.mark.parametrize("made", [unconnected, connected, a_file, a_pipe, unix_datagrams, packets],
                         ids=lambda made: made.__name__)
@pytest.mark.parametrize("names", [None, "unknown"], ids=["no name", "unknown"])
def test_one_without_a_use(refused, sockets, names, made):
    said = refused(made(sockets), names=names)
    assert "descriptor 3" in said and "from the service manager" in said, said


def test_a_descriptor_that_is_not_open(refused):
    said = refused(names="http", announced="=1")
    assert "descriptor 3" in said and "from the service manager" in said, said


@pytest.mark.parametrize("count", ["x", "-1", "0", "1x", "99999999999999999999", " ", ""])
def test_a_number_that_is_none(refused, count):
    """Nobody can tell what was meant: better said than served at another address."""
    assert "LISTEN_FDS" in refused(names="http", announced=f"={count}")


@pytest.mark.parametrize("pid", ["0", "-1", "x", "", "99999999999999999999"])
def test_a_process_that_is_none(refused, sockets, pid):
    assert "LISTEN_PID" in refused(sockets.http().fileno(), names="http", pid=pid)


@pytest.mark.parametrize("names", ["http:http", "http:stun:x", ":"])
def test_more_names_than_sockets(refused, sockets, names):
    assert "LISTEN_FDNAMES" in refused(sockets.http().fileno(), names=names)


def test_what_is_wrong_with_the_rest_is_said_as_ever(refused, sockets):
    taken = sockets.http().getsockname()
    said = refused(datagrams(sockets), names="stun", listen="{}:{}".format(*taken))
    assert "in use" in said and "{}:{}".format(*taken) in said


def open_sockets(pid: int) -> set[str]:
    found = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(os.readlink(path))
        except OSError:
            continue  # Closed meanwhile.
    return found


def descendants(pid: int) -> set[int]:
    children = {int(child) for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()}
    return children.union(*map(descendants, children))


def test_children_get_neither_sockets_nor_words(program):
    """The embedded database's server is one: it would keep the port, or speak to the manager."""
    home, manager = Home(program, "root"), Manager()
    try:
        with Sockets() as sockets:
            passed = [("http", sockets.http()), *(("stun", one) for one in sockets.stun())]
            server = Activated(home.program, None, passed=passed, NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="400000",
                               **home.env)
            server.start()
            manager.said("READY")
            inodes = {f"socket:[{os.fstat(one.fileno()).st_ino}]" for _, one in passed}
            assert inodes <= open_sockets(server.process.pid)
            for pid in {*home.masters(), *descendants(server.process.pid)}:
                assert not inodes & open_sockets(pid)
                environment = Path(f"/proc/{pid}/environ").read_bytes().decode()
                assert not [word for word in environment.split("\0")
                            if word.startswith(("LISTEN_", "NOTIFY_SOCKET", "WATCHDOG_"))]
            assert home.masters()
            server.stop()
            assert {note.pid for note in manager.notes + manager.waiting()} == {server.process.pid}
    finally:
        manager.close()
        home.remove()
