"""Chat sockets: what an idle one weighs, how many messages get through, and how soon."""

import resource
import subprocess
import time
from collections.abc import Iterator

from support import contestants, talks
from support.arena import Arena
from support.contestants import Missing
from support.figures import Figure, at_least, below, beside
from support.limits import PGBenchScript
from support.load import progress
from support.processes import ProcessFailed, resident_bytes
from support.program import HTTPPeer
from support.report import result_table
from support.rounds import at, best

_IDLE = 10_000
_LEVELS = [1, 8, 32]
_QUICK_LEVELS = [8, 32]
_WINDOW = 8
# Messages a second, and in how many conversations.
_PACE = 1_000
_CONVERSATIONS = 50


def _talks(arena: Arena) -> list[talks.Talk]:
    """The conversations of this run, made once."""
    if not arena.talks:
        arena.start_havocctl()
        arena.stop_servers()
        arena.talks = talks.make(arena)
    return arena.talks


def _serve(arena: Arena, *options: str) -> HTTPPeer:
    return arena.program().serve(arena.processes, arena.scratch / "chat.log", *options)


def idle(arena: Arena) -> Iterator[Figure]:
    """The server's resident memory before and after many sockets that nobody uses."""
    everybody = _talks(arena)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd = everybody[: min(_IDLE, most - 1_000) // 2]
    count = 2 * len(crowd)
    file = talks.write(arena.scratch / "idle.talks", crowd)
    client = talks.build_client(arena.scratch)
    server = _serve(arena, "--max-connections", "20000")
    server.fetch("GET", "/version/")
    before = resident_bytes(server.pid)
    progress(f"opening {count:,} sockets")
    holder = subprocess.Popen(
        [client, "idle", "-url", f"ws://127.0.0.1:{server.port}", "-talks", file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if holder.stdout.readline() != "open\n":
            raise ProcessFailed(f"{count:,} sockets: {server.tail()}")
        # What the handshakes needed has been given back by then.
        time.sleep(2)
        each = (resident_bytes(server.pid) - before) / count
    finally:
        holder.communicate()
    arena.processes.stop(server.process)
    yield below(f"an idle chat socket, of {count:,}", each / 1024, "KiB", 8)


def chat(arena: Arena) -> Iterator[Figure]:
    """Messages a second by people who wait for each to come back; pgbench storing the same."""
    levels = _QUICK_LEVELS if arena.quick else _LEVELS
    few = _talks(arena)[: max(levels)]
    servers = _both(arena)
    file = talks.write(arena.scratch / "chat.talks", few)
    inserts = talks.write_inserts(arena.scratch / "chat.sql", few)
    client = talks.build_client(arena.scratch)
    groups = []
    for level in levels:
        group = [talks.TalkLoad(client, one, file, level, arena.cluster) for one in servers]
        group.append(PGBenchScript(arena.cluster, arena.database, inserts, level))
        group.append(
            talks.TalkLoad(client, servers[0], file, level, arena.cluster, window=_WINDOW)
        )
        groups.append(group)
    results = arena.pace.interleave(groups, "(chat)")
    _stop(arena, servers)
    print("messages stored and delivered\n" + result_table(results, "havocctl"), flush=True)
    ours, limit = best(results, "havocctl"), best(results, "pgbench")
    rate = ours.sample.rate
    yield at_least("chat", rate, "/s", limit.sample.rate, "pgbench, the same rows", 0.5)
    if go := best(results, "Go"):
        yield beside("chat", rate, "/s", go.sample.rate, "Go")
    ahead = best(results, f"havocctl, {_WINDOW} under way")
    yield beside(
        f"chat, {_WINDOW} under way", ahead.sample.rate, "/s", limit.sample.rate, "pgbench"
    )


def latency(arena: Arena) -> Iterator[Figure]:
    """From one's sending to the other's receiving, at a rate that leaves everybody time."""
    few = _talks(arena)[:_CONVERSATIONS]
    servers = _both(arena)
    file = talks.write(arena.scratch / "latency.talks", few)
    client = talks.build_client(arena.scratch)
    group = [
        talks.TalkLoad(client, one, file, _CONVERSATIONS, arena.cluster, rate=_PACE)
        for one in servers
    ]
    results = arena.pace.interleave([group], "(latency)")
    _stop(arena, servers)
    print(f"{_PACE:,} messages a second\n" + result_table(results, "havocctl"), flush=True)
    for who, aims in (("havocctl", (2, None)), ("Go", (None, None))):
        one = at(results, who, _CONVERSATIONS)
        if one is None:
            continue
        if one.sample.rate < 0.95 * _PACE:
            raise ProcessFailed(f"{who} delivered {one.sample.rate:.0f} of {_PACE:,} a second")
        for part, us, aim in zip(("median", "p99"), (one.sample.p50_us, one.sample.p99_us), aims):
            name = f"chat latency, {part}" + (f", {who}" if who != "havocctl" else "")
            if aim:
                yield below(name, us / 1e3, "ms", aim)
            else:
                yield Figure(name, us / 1e3, "ms", "", True)


def _both(arena: Arena) -> list[HTTPPeer]:
    """The server that lets everybody speak as fast as they can, and the peer."""
    servers = [_serve(arena, "--chat-rate", "0")]
    try:
        servers.append(
            contestants.start_go_chat(
                arena.processes, arena.cluster, arena.database, arena.scratch
            )
        )
    except (Missing, ProcessFailed) as problem:
        print(f"left out: {problem}", flush=True)
    return servers


def _stop(arena: Arena, servers: list[HTTPPeer]) -> None:
    for server in servers:
        arena.processes.stop(server.process)
