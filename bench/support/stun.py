"""The STUN server: how fast it answers, what it remembers, and what it leaves for HTTP."""

import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

from support import stun_floods, stun_loads, stun_peers
from support.arena import Arena
from support.contestants import Missing
from support.figures import Figure, at_least, below, beside
from support.load import Sample, median, progress
from support.processes import ProcessFailed, resident_bytes
from support.report import result_table
from support.rounds import Result, at, best
from support.stun_loads import CROWD, SOCKETS, StunLoad
from support.stun_peers import Answerer

# Requests under way from each address.
_WINDOWS, _QUICK_WINDOWS = (1, 16), (16,)
# People who ask once; coturn remembers each for a minute.
_STRANGERS = 20_000
_QUICK_CROWD = 100_000
# Requests of each of them; with the usual --stun-rate none may be too many.
_EACH = 10

_OF_COTURN = 2
_OF_ECHO = 0.8
_MEMORY_MIB = 1

_HAVOCCTL, _SIGNED, _COTURN, _ECHO = "havocctl", "havocctl, FINGERPRINT", "coturn", "echo"


def stun(arena: Arena) -> Iterator[Figure]:
    """Few who ask much, many who ask once, and HTTP beside a flood."""
    rate, crowd = (stun_peers.build(arena.scratch, name) for name in ("rate", "crowd"))
    yield from _answers(arena, rate)
    yield from _strangers(arena, crowd)
    yield from _memory(arena, crowd)
    yield from stun_floods.flooded(arena, crowd)


def _answers(arena: Arena, binary: Path) -> Iterator[Figure]:
    """Requests from a few addresses that wait for their answers."""
    servers = [
        stun_peers.start_havocctl(arena, "--stun-rate", "0"),
        stun_peers.start_echo(arena.processes, arena.scratch),
    ]
    if coturn := _coturn(arena):
        servers.append(coturn)
    windows = _QUICK_WINDOWS if arena.quick else _WINDOWS
    groups = [[StunLoad(binary, server, window) for server in servers] for window in windows]
    groups[-1].append(StunLoad(binary, servers[0], windows[-1], is_signed=True))
    results = arena.pace.interleave(groups, "(stun)")
    _stop(arena, *servers)
    print(
        f"STUN: Binding requests over UDP from {SOCKETS} addresses\n"
        + result_table(results, _HAVOCCTL)
        + "\n",
        flush=True,
    )
    yield from _compared(results)
    own = [us for load in groups[-1][:1] for us in load.generator_us]
    yield Figure("STUN: the load's own CPU a request", statistics.median(own), "us", "", True)


def _compared(results: list[Result]) -> Iterator[Figure]:
    name = "STUN: answers"
    ours, echo = best(results, _HAVOCCTL), best(results, _ECHO)
    rate, cost = ours.sample.rate, ours.sample.server_us
    if coturn := best(results, _COTURN):
        yield at_least(name, rate, "/s", coturn.sample.rate, _COTURN, _OF_COTURN)
        # What nothing can be much better than.
        yield beside(f"{name}, echo", echo.sample.rate, "/s", coturn.sample.rate, _COTURN)
    yield at_least(name, rate, "/s", echo.sample.rate, _ECHO, _OF_ECHO)
    signed = best(results, _SIGNED)
    usual = at(results, _HAVOCCTL, signed.level).sample.rate
    yield beside(f"{name}, FINGERPRINT", signed.sample.rate, "/s", usual, "without")
    for who in (_HAVOCCTL, _ECHO, _COTURN):
        lost = [one.sample.bad for one in results if one.name.split(",")[0] == who]
        if who == _HAVOCCTL:
            yield below("STUN: lost", sum(lost), "requests", 0)
        elif lost:
            yield Figure(f"STUN: lost, {who}", sum(lost), "requests", "", True)
    name = "STUN: server CPU a request"
    if coturn:
        yield beside(name, cost, "us", coturn.sample.server_us, _COTURN)
    yield beside(name, cost, "us", echo.sample.server_us, _ECHO)


def _strangers(arena: Arena, binary: Path) -> Iterator[Figure]:
    """Requests from addresses that ask once, to fresh servers: what a STUN server mostly gets."""
    starts: dict[str, Callable[[], Answerer | None]] = {
        _HAVOCCTL: lambda: stun_peers.start_havocctl(arena),
        _COTURN: lambda: _coturn(arena),
    }
    samples: dict[str, list[Sample]] = {name: [] for name in starts}
    growths: dict[str, list[int]] = {name: [] for name in starts}
    for turn in range(arena.pace.rounds):
        for name, start in starts.items():
            progress(f"(stun) once each: {name}, round {turn + 1}")
            if not (server := start()):
                continue
            before = resident_bytes(server.pid)
            samples[name].append(stun_loads.sweep(binary, server, _STRANGERS, _STRANGERS))
            growths[name].append(resident_bytes(server.pid) - before)
            _stop(arena, server)
    progress("")
    results = [
        Result(name, stun_loads.AHEAD, median(taken), len(taken))
        for name, taken in samples.items()
        if taken
    ]
    print(
        f"STUN: Binding requests over UDP from {_STRANGERS:,} addresses that ask once\n"
        + result_table(results, _HAVOCCTL)
        + "\n",
        flush=True,
    )
    ours, other = best(results, _HAVOCCTL), best(results, _COTURN)
    if not other:
        return
    name = "STUN: answers to who asks once"
    yield beside(name, ours.sample.rate, "/s", other.sample.rate, _COTURN)
    name = "STUN: server CPU of who asks once"
    yield beside(name, ours.sample.server_us, "us", other.sample.server_us, _COTURN)
    own, others = (statistics.median(growths[who]) / 2**20 for who in (_HAVOCCTL, _COTURN))
    yield beside(f"STUN: memory after {_STRANGERS:,} addresses", own, "MiB", others, _COTURN)


def _memory(arena: Arena, binary: Path) -> Iterator[Figure]:
    """What a crowd raises a fresh server's resident memory by."""
    people = _QUICK_CROWD if arena.quick else CROWD
    server = stun_peers.start_havocctl(arena)
    before = resident_bytes(server.pid)
    progress(f"(stun) {people * _EACH:,} requests from {people:,} addresses")
    lost = stun_loads.sweep(binary, server, people * _EACH, people).bad
    growth = (resident_bytes(server.pid) - before) / 2**20
    progress("")
    _stop(arena, server)
    if lost:
        print(f"STUN: {lost:,} of {people * _EACH:,} requests weren't answered\n", flush=True)
    name = f"STUN: memory after {people * _EACH:,} requests of {people:,} addresses"
    yield below(name, growth, "MiB", _MEMORY_MIB)


def _coturn(arena: Arena) -> Answerer | None:
    try:
        return stun_peers.start_coturn(arena.processes, arena.scratch)
    except (Missing, ProcessFailed) as problem:
        print(f"left out: {problem}", flush=True)
        return None


def _stop(arena: Arena, *servers: Answerer) -> None:
    for server in servers:
        arena.processes.stop(server.process)
