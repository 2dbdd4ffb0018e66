"""HTTP requests to a server whose STUN port is flooded."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from support import stun_loads, stun_peers
from support.arena import Arena
from support.figures import Figure, beside
from support.load import HTTPLoad, Request, Sample, write_requests
from support.processes import ProcessFailed
from support.report import result_table
from support.rounds import at
from support.stun_loads import CROWD, Flooding
from support.stun_peers import CORES, Answerer

_CONNECTIONS = 8
_ALONE, _FLOODED, _ONE = "alone", "beside a flood", "beside a flood from one address"
_ECHO, _NOBODY = "beside a flood of the echo", "beside a flood of nobody"

_Flood = Callable[[float], AbstractContextManager[Flooding | None]]


class _BesideFlood:
    """HTTP requests while somebody floods a port with datagrams, or nobody does."""

    level = _CONNECTIONS

    def __init__(self, name: str, server: Answerer, load: HTTPLoad, flood: _Flood):
        self.name = name
        self._floods: list[Flooding] = []
        # Datagrams a second that the server of these requests answered.
        self._answers: list[float] = []
        self._server = server
        self._load = load
        self._flood = flood

    def measure(self, seconds: float) -> Sample:
        before = self._answered()
        with self._flood(seconds) as flooding:
            sample = self._load.measure(seconds)
        if flooding:
            self._floods.append(flooding)
            self._answers.append((self._answered() - before) / flooding.seconds)
        return sample

    def _answered(self) -> int:
        """Once nothing is left in its sockets of the flood before."""
        count, before = self._counted(), None
        while count != before:
            time.sleep(0.1)
            count, before = self._counted(), count
        return count

    def _counted(self) -> int:
        _, body, _ = self._server.http.fetch("GET", "/metrics")
        return int(re.search(rb"^havocctl_stun_answers_total (\d+)", body, re.MULTILINE)[1])

    @property
    def sender_cores(self) -> float:
        """What the sender of the flood takes itself."""
        return statistics.median(one.cores for one in self._floods)

    def __str__(self) -> str:
        rate = statistics.median(one.rate for one in self._floods)
        return (
            f"{self.name}: {rate:,.0f} datagrams/s by a sender that takes {self.sender_cores:.2f} "
            f"of {CORES} cores; {statistics.median(self._answers):,.0f}/s answered here"
        )


def flooded(arena: Arena, binary: Path) -> Iterator[Figure]:
    """The same HTTP requests alone, and beside floods of this server, of another, and of nobody."""
    server = stun_peers.start_havocctl(arena)
    echo = stun_peers.start_echo(arena.processes, arena.scratch)
    requests = write_requests(arena.scratch / "stun.lua", [Request.get("/version/")])
    load = HTTPLoad(server.http, requests, _CONNECTIONS, arena.cluster)

    def flood(port: int, addresses: int) -> _Flood:
        return lambda seconds: stun_loads.flood(binary, port, addresses, seconds)

    with stun_peers.deaf_port() as nobody:
        floods = {
            _ALONE: lambda _: nullcontext(),
            _FLOODED: flood(server.port, CROWD),
            _ONE: flood(server.port, 1),
            _ECHO: flood(echo.port, CROWD),
            _NOBODY: flood(nobody, CROWD),
        }
        loads = [_BesideFlood(name, server, load, one) for name, one in floods.items()]
        results = arena.pace.interleave([loads], "(stun) HTTP")
    for answerer in (server, echo):
        arena.processes.stop(answerer.process)
    print(f"GET /version/ and floods of STUN\n{result_table(results, _ALONE)}", flush=True)
    print("\n".join(map(str, loads[1:])) + "\n", flush=True)
    if failed := sum(one.sample.bad for one in results):
        raise ProcessFailed(f"{failed} HTTP requests failed beside a flood")
    alone, crowd, one, other = (
        at(results, name, _CONNECTIONS).sample for name in (_ALONE, _FLOODED, _ONE, _ECHO)
    )
    name = "STUN: HTTP beside a flood"
    yield beside(name, crowd.rate, "/s", alone.rate, "alone")
    fair = _fair(alone, loads[1].sender_cores)
    yield beside(name, crowd.rate, "/s", fair, "half of the server's time")
    yield beside(name, crowd.rate, "/s", other.rate, "a flood of another process")
    yield beside(f"{name} from one address", one.rate, "/s", alone.rate, "alone")


def _fair(alone: Sample, flooding_cores: float) -> float:
    """HTTP requests a second, if datagrams took as much of the server's time as they do.

    Of the cores that the sender of datagrams leaves, each request then takes what it took alone,
    load included, and the server's share of that once more.
    """
    each = CORES / alone.rate
    return (CORES - flooding_cores) / (each + alone.server_us / 1e6)
