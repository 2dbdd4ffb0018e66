"""A stream's frames from one publisher to many watchers, beside what nothing can beat."""

from collections.abc import Iterator
from pathlib import Path

from support import tokens
from support.arena import Arena
from support.contestants import Missing
from support.figures import Figure, beside
from support.load import CPU, Sample
from support.processes import ProcessFailed, run
from support.program import HTTPPeer
from support.report import result_table
from support.rounds import at

_SOURCES = Path(__file__).resolve().parents[1] / "clients/stream"
_WATCHERS = 10
_FRAME = 2**20


class _Limit:
    """The same bytes copied in memory, or written to loopback."""

    level = _WATCHERS

    def __init__(self, name: str, binary: Path):
        self.name = name
        self._binary = binary

    def measure(self, seconds: float) -> Sample:
        frames, taken = run([self._binary, self.name, seconds, _WATCHERS]).split()
        return Sample(rate=int(frames) / float(taken))


class _StreamLoad:
    """A server that passes frames on."""

    level = _WATCHERS

    def __init__(self, binary: Path, server: HTTPPeer, token: str):
        self.name = server.name
        self._binary = binary
        self._server = server
        self._token = token

    def measure(self, seconds: float) -> Sample:
        status, body, _ = self._server.fetch(
            "GET", "/stream/sessions/start/", {"Authorization": f"Token {self._token}"}
        )
        if status != 200:
            raise ProcessFailed(f"{self.name}: {status} {body[:300]!r}")
        session = body.decode().split('"session_id":"')[1].split('"')[0]
        cpu = CPU(self._server.pid, None)
        output = run(
            [self._binary, seconds, _WATCHERS, self._server.port, session, self._token],
            timeout=seconds + 30,
        )
        frames, taken = output.split()
        return cpu.charge(Sample(rate=int(frames) / float(taken)), int(frames))


def stream(arena: Arena) -> Iterator[Figure]:
    """Frames of 1 MiB to ten watchers, of whom none may lose one."""
    limits, client = (_build(arena.scratch, name) for name in ("limits", "stream"))
    arena.start_havocctl()
    with arena.cluster.connect(arena.database) as connection:
        (one,) = tokens.spread(connection, arena.pattern, 1)
    loads = [_StreamLoad(client, arena.havocctl, one.opaque)]
    loads += [_Limit(name, limits) for name in ("loopback", "memcpy")]
    results = arena.pace.interleave([loads], "(stream)")
    arena.stop_servers()
    print(
        f"frames of 1 MiB to {_WATCHERS} watchers\n" + result_table(results, "havocctl"), flush=True
    )
    ours, loopback, memory = (
        at(results, name, _WATCHERS).sample.rate * _FRAME / 1e9
        for name in ("havocctl", "loopback", "memcpy")
    )
    name = f"stream to {_WATCHERS} watchers"
    yield beside(name, ours, "GB/s", loopback, "the same bytes on loopback")
    yield beside(name, ours, "GB/s", memory, "the same bytes by memcpy")


def _build(scratch: Path, name: str) -> Path:
    binary = scratch / f"stream-{name}"
    try:
        run(["cc", "-O2", "-o", binary, _SOURCES / f"{name}.c"])
    except (FileNotFoundError, ProcessFailed) as problem:
        raise Missing(f"{name}.c can't be built (cc): {problem}") from None
    return binary
