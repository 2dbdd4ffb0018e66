"""The requests that are measured, and who takes part in each."""

import json
import random
from dataclasses import dataclass, field

from support.arena import Arena
from support.contestants import Missing
from support.limits import PGBench, RawArgon2, build_argon2
from support.load import HTTPLoad, Request, write_requests
from support.processes import ProcessFailed
from support.program import HTTPPeer
from support.rounds import Contender, Result
from support.tokens import hashes

# Connections.
LEVELS = {
    "a": [8, 64],
    "b": [1, 8, 32, 64],
    "c": [1, 8, 32, 64],
    "d": [8, 32],
    "e": [8, 32],
}
QUICK_LEVELS = {"a": [8], "b": [8, 64], "c": [8, 64], "d": [8], "e": [8]}
# Where those whose rate is the same at every level are measured.
DJANGO_LEVELS = {"a": {8}, "b": {8, 32}, "c": {8, 32}, "d": {8}, "e": {8}}
TITLES = {
    "a": "GET /version/: an answer without the database",
    "b": "GET /exercises/exercise/ID/ with a JWT",
    "c": "POST /user/check_status",
    "d": "GET /exercises/list/ of 873 with a JWT",
    "e": "POST /api/auth/login/",
}


@dataclass
class Case:
    """One kind of request, measured."""

    letter: str
    results: list[Result] = field(default_factory=list)

    @property
    def title(self) -> str:
        return TITLES[self.letter]


def measure(arena: Arena, letter: str) -> Case:
    """Measures one case with everybody who takes part."""
    levels = (QUICK_LEVELS if arena.quick else LEVELS)[letter]
    requests = _requests(arena, letter)
    servers = [arena.havocctl, arena.go, arena.django]
    if letter in "ad":
        servers.append(arena.nginx)
    servers = _agreeing([server for server in servers if server], requests[0], letter)
    file = write_requests(arena.scratch / f"{letter}.lua", requests)
    groups: list[list[Contender]] = [
        [
            HTTPLoad(server, file, level, arena.cluster)
            for server in servers
            if server is not arena.django or level in DJANGO_LEVELS[letter]
        ]
        for level in levels
    ]
    if letter in "bc":
        _add_pgbench(arena, letter, groups)
    if letter == "e":
        try:
            rate = RawArgon2(
                build_argon2(arena.scratch), arena.password_hash, arena.person.password
            )
            groups[0].append(rate)
        except Missing as problem:
            print(f"left out: {problem}", flush=True)
    return Case(letter, arena.pace.interleave(groups, f"({letter})"))


def _requests(arena: Arena, letter: str) -> list[Request]:
    few = arena.few
    bearers = [{"Authorization": f"Bearer {one.access}"} for one in few]
    # The same requests in every run.
    chance = random.Random(1)
    match letter:
        case "a":
            return [Request.get("/version/")]
        case "b":
            return [
                Request.get(f"/exercises/exercise/{chance.choice(arena.exercise_ids)}/", bearer)
                for _ in range(32)
                for bearer in bearers
            ]
        case "c":
            return [
                Request.post(
                    "/user/check_status",
                    {"username": one.username, "session_token": one.session_token},
                )
                for one in few
            ]
        case "d":
            return [Request.get("/exercises/list/", bearer) for bearer in bearers]
        case _:
            # Different people, who don't wait for the lock on one account's row.
            return [
                Request.post(
                    "/api/auth/login/",
                    {"username": f"user-{n}", "password": arena.person.password},
                )
                for n in range(1, 513)
            ]


def _add_pgbench(arena: Arena, letter: str, groups: list[list[Contender]]) -> None:
    """pgbench at each of its levels, and pipelined at eight."""
    if letter == "b":
        statement, ids = arena.statements.exercise, arena.exercise_ids[-1]
        texts = [one.access for one in arena.few]
    else:
        statement, ids = arena.statements.check, None
        texts = [one.session_token for one in arena.few]

    def bench(level: int, pipelined: bool = False) -> PGBench:
        return PGBench(
            arena.cluster,
            arena.database,
            statement,
            hashes(texts),
            level,
            arena.scratch,
            pipelined=pipelined,
            ids=ids,
        )

    for group in groups:
        level = group[0].level
        if level == 64:
            # pgbench gains nothing there; 32 is what the quick run has no group for.
            if len(groups) == 2:
                group.append(bench(32))
            continue
        group.append(bench(level))
        if level == 8:
            group.append(bench(level, pipelined=True))


def _agreeing(servers: list[HTTPPeer], request: Request, letter: str) -> list[HTTPPeer]:
    """Those who answer as havocctl, the first, does: who doesn't do its work isn't measured.

    Of a login only the names can be the same.
    """
    agreeing: list[HTTPPeer] = []
    wanted = None
    for server in servers:
        status, body, _ = server.fetch(request.method, request.path, request.headers, request.body)
        answer = body
        if status == 200:
            value = json.loads(body)
            answer = sorted(value) if letter == "e" else value
        elif not agreeing:
            raise ProcessFailed(f"({letter}) {server.name}: {status} {body[:300]!r}")
        if not agreeing:
            wanted = answer
        if answer == wanted:
            agreeing.append(server)
        else:
            print(f"left out of ({letter}): {server.name} answers {status} {body[:200]!r}")
    return agreeing
