"""Who answers Binding requests, each on a port of loopback: the program, coturn, and an echo."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from support.arena import Arena
from support.contestants import Missing
from support.processes import Processes, ProcessFailed, run, wait_until
from support.program import HTTPPeer

# Of each: as many as there are loops, relay threads or echoing threads.
THREADS = 2
CORES = os.cpu_count() or 1

_ROOT = Path(__file__).resolve().parents[1]
_CLIENTS = _ROOT / "clients/stun"
_ECHO = _ROOT / "peers/echo/echo.c"
_PROBE = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + b"are you here"
# Its shortest answer: without RFC 5780's attributes and RFC 3489's. It has neither TLS nor TCP to
# look after, and no file of the machine's is read.
_COTURN = """
-n --stun-only --no-auth --no-rfc5780 --no-stun-backward-compatibility
--response-origin-only-with-rfc5780 --no-tls --no-dtls --no-tcp --no-cli --log-file stdout
--no-stdout-log
""".split()


@dataclass
class Answerer:
    """A server that answers datagrams, or echoes them."""

    name: str
    port: int
    process: Popen
    is_echo: bool = False
    # Where its HTTP is, if it has any.
    http: HTTPPeer | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, log: Path) -> "Answerer":
        """Returns when it answers."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.1)
            probe.connect(("127.0.0.1", self.port))

            def answers() -> bool:
                if self.process.poll() is not None:
                    raise ProcessFailed(f"{self.name} ended: {log.read_text()[-2000:]}")
                try:
                    probe.send(_PROBE)
                    return probe.recv(2048)[8:20] == _PROBE[8:]
                except OSError:
                    return False

            wait_until(answers, self.name)
        return self


def build(scratch: Path, name: str) -> Path:
    """Compiles a load generator."""
    return _compile(_CLIENTS / f"{name}.c", scratch / f"stun-{name}")


def _compile(source: Path, binary: Path) -> Path:
    try:
        run(["cc", "-O2", "-pthread", "-o", binary, source])
    except (FileNotFoundError, ProcessFailed) as problem:
        raise Missing(f"{source.name} can't be built (cc): {problem}") from None
    return binary


def free_port() -> int:
    """A port that nobody has, on UDP and on TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            socket.socket() as stream,
        ):
            datagrams.bind(("127.0.0.1", 0))
            port = datagrams.getsockname()[1]
            try:
                stream.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port whose datagrams nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        yield deaf.getsockname()[1]


def start_havocctl(arena: Arena, *options: str) -> Answerer:
    port, log = free_port(), arena.scratch / "stun.log"
    server = arena.program().serve(
        arena.processes, log, "--stun", f"127.0.0.1:{port}", "--threads", str(THREADS), *options
    )
    return Answerer(server.name, port, server.process, http=server).wait(log)


def start_coturn(processes: Processes, scratch: Path) -> Answerer:
    """As a STUN server, which is what of it answers the same questions."""
    binary = shutil.which("turnserver") or shutil.which("turnserver", path="/usr/bin")
    if not binary:
        raise Missing("turnserver isn't installed (coturn)")
    port, log = free_port(), scratch / "coturn.log"
    process = processes.start(
        [binary, *_COTURN, "--listening-ip", "127.0.0.1", "--listening-port", port]
        + ["--relay-threads", THREADS, "--pidfile", scratch / "coturn.pid"]
        + ["--userdb", scratch / "coturn.db"],
        log=log,
    )
    return Answerer("coturn", port, process).wait(log)


def start_echo(processes: Processes, scratch: Path) -> Answerer:
    """What answering can't be faster than."""
    binary = scratch / "stun-echo"
    if not binary.exists():
        _compile(_ECHO, binary)
    port, log = free_port(), scratch / "echo.log"
    process = processes.start([binary, port, THREADS], log=log)
    return Answerer("echo", port, process, is_echo=True).wait(log)
