"""The list of everybody, streamed: what it costs the server in memory, and how long it takes."""

import http.client
import time
from collections.abc import Iterator
from pathlib import Path

from support import tokens
from support.arena import Arena
from support.figures import Figure, below
from support.load import progress
from support.processes import ProcessFailed, peak_bytes, resident_bytes
from support.program import HTTPPeer

_PATH = "/users/user_list/"
# Nobody waits longer.
_PATIENCE_SECONDS = 120


def people(arena: Arena) -> Iterator[Figure]:
    """One client reads the whole list, as fast as it comes."""
    count = arena.crowd_size
    program = arena.program(arena.crowd())
    server = program.serve(arena.processes, arena.scratch / "people.log")
    signed = tokens.sign_in(server, arena.person)
    headers = {"Authorization": f"Bearer {signed.access}"}
    server.fetch("GET", f"{_PATH}?limit=10", headers)
    times, growths = [], []
    for turn in range(1 if arena.quick else 2):
        progress(f"user_list of {count:,}, round {turn + 1}")
        before = resident_bytes(server.pid)
        Path(f"/proc/{server.pid}/clear_refs").write_text("5")
        began = time.perf_counter()
        there, size = _read(server, headers)
        times.append(time.perf_counter() - began)
        growths.append(peak_bytes(server.pid) - before)
        if there != count:
            raise ProcessFailed(f"{there:,} of {count:,} people are listed")
    arena.processes.stop(server.process)
    yield below(f"user_list of {count:,}: memory", max(growths) / 2**20, "MiB", 16)
    yield Figure(f"user_list of {count:,}: {size / 1e6:.0f} MB", min(times), "s", "", True)


def _read(server: HTTPPeer, headers: dict[str, str]) -> tuple[int, int]:
    """How many people come, and how many bytes; no name has a brace in it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", _PATH, headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ProcessFailed(f"user_list: {answer.status} {answer.read(300)!r}")
        there = size = 0
        end = time.monotonic() + _PATIENCE_SECONDS
        while piece := answer.read1(2**18):
            there += piece.count(b"{")
            size += len(piece)
            if time.monotonic() > end:
                raise ProcessFailed(f"{there:,} people in {_PATIENCE_SECONDS} s")
        return there, size
    finally:
        connection.close()
