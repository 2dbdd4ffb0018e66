"""The server as a whole: how soon it is there, how large it is, and what a million people cost."""

import socket
import statistics
import time
from collections.abc import Iterator

from support import tokens
from support.arena import PEOPLE, Arena
from support.cases import TITLES
from support.cluster import free_port
from support.figures import Figure, below
from support.load import HTTPLoad, Request, progress, write_requests
from support.processes import ProcessFailed, resident_bytes
from support.report import result_table
from support.rounds import at

# Credentials that take turns, so that their rows are all over the tables.
_TURNS = 4_096
_LEVEL = 32
_PROBE = b"GET /status/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def start(arena: Arena) -> Iterator[Figure]:
    """From exec to the first 200 on a running database, and the memory behind it."""
    times = []
    sizes = []
    for number in range(5 if arena.quick else 15):
        progress(f"start {number + 1}")
        port, stun = free_port(), free_port()
        program = arena.program()
        # With all that it serves as it comes.
        words = [*program.serve_command(port), "--stun", f"127.0.0.1:{stun}"]
        began = time.perf_counter()
        process = arena.processes.start(words, log=arena.scratch / "start.log", env=program.env)
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - began > 10:
                raise ProcessFailed(
                    f"no answer from a fresh server: {(arena.scratch / 'start.log').read_text()}"
                )
            time.sleep(0.0002)
        times.append((time.perf_counter() - began) * 1e3)
        sizes.append(resident_bytes(process.pid) / 2**20)
        arena.processes.stop(process)
    yield below("start to first 200 on /status/", statistics.median(times), "ms", 30)
    yield below("resident after the first request", statistics.median(sizes), "MiB", 25)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(_PROBE)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def million(arena: Arena) -> Iterator[Figure]:
    """(b) and (c) with few and with very many users and sessions, in turns."""
    count = arena.crowd_size
    servers = {}
    made = {}
    for database in (arena.database, arena.crowd()):
        with arena.cluster.connect(database) as connection:
            pattern = _signed(arena, database)
            made[database] = tokens.spread(connection, pattern, _TURNS)
        arena.cluster.settle(database)
        name = "few" if database == arena.database else "many"
        servers[database] = arena.program(database).serve(
            arena.processes, arena.scratch / f"{name}.log", name=name
        )
    for letter in "bc":
        group = []
        for database, server in servers.items():
            file = arena.scratch / f"{letter}-{server.name}.lua"
            write_requests(file, _requests(letter, made[database], arena.exercise_ids))
            group.append(HTTPLoad(server, file, _LEVEL, arena.cluster))
        results = arena.pace.interleave([group], f"({letter}) with {count:,}")
        few, many = (at(results, name, _LEVEL).sample for name in ("few", "many"))
        print(f"({letter}) with {PEOPLE:,} and with {count:,} users")
        print(f"{result_table(results, 'few')}\n", flush=True)
        if few.bad or many.bad:
            raise ProcessFailed(f"({letter}) {few.bad} and {many.bad} requests failed")
        loss = (1 - many.rate / few.rate) * 100
        yield Figure(
            f"({letter}) loss with {count:,} users",
            loss,
            "%",
            "<= 10 %",
            loss <= 10,
            few.rate,
            f"/s with {PEOPLE:,}",
            many.rate / few.rate,
        )
    for server in servers.values():
        arena.processes.stop(server.process)


def _signed(arena: Arena, database: str) -> tokens.Credentials:
    """A pair that the program signed, as the pattern of many."""
    server = arena.program(database).serve(arena.processes, arena.scratch / "pattern.log")
    try:
        return tokens.sign_in(server, arena.person)
    finally:
        arena.processes.stop(server.process)


def _requests(
    letter: str, made: list[tokens.Credentials], exercise_ids: list[int]
) -> list[Request]:
    if letter == "b":
        return [
            Request.get(
                f"/exercises/exercise/{exercise_ids[n * 7 % len(exercise_ids)]}/",
                {"Authorization": f"Bearer {one.access}"},
            )
            for n, one in enumerate(made)
        ]
    assert letter in TITLES
    return [
        Request.post(
            "/user/check_status",
            {"username": one.username, "session_token": one.session_token},
        )
        for one in made
    ]
