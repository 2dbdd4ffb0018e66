"""Requests for sets of integers over HTTP: very many small ones, and single large ones."""

import http.client
import time

from support.arena import Arena
from support.cluster import Cluster
from support.integer_sets import Trio, units_of
from support.load import CPU, HTTPLoad, Request, Sample, write_requests
from support.processes import ProcessFailed
from support.program import HTTPPeer
from support.tokens import Credentials

REQUESTS = ("POST", "GET", "operation")
# Nobody waits longer for havocctl.
PATIENCE_SECONDS = 120


def request(what: str, trio: Trio, person: Credentials) -> Request:
    """What is measured; what it makes replaces what the one before made."""
    headers = {"Authorization": f"Bearer {person.access}"}
    if what == "GET":
        return Request.get(f"/integers/set/?set_id={trio.names[0]}", headers)
    if what == "POST":
        return _post("/integers/set/", headers, trio.body(trio.names[0], "posted"))
    return _post("/integers/operation/", headers, trio.operation("made"))


def _post(path: str, headers: dict[str, str], body: str) -> Request:
    return Request("POST", path, {**headers, "Content-Type": "application/json"}, body)


def expected(what: str, trio: Trio) -> str:
    """The units that are answered."""
    return trio.result if what == "operation" else trio.units[trio.names[0]]


def ask(server: HTTPPeer, one: Request, patience: float = PATIENCE_SECONDS) -> tuple[bytes, float]:
    """The answer, and the seconds from connecting until all of it was there."""
    body = one.body.encode() if one.body is not None else None
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    try:
        connection.request(one.method, one.path, body, one.headers)
        answer = connection.getresponse()
        text = answer.read()
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException) as problem:
        raise ProcessFailed(
            f"{server.name}: {one.method} {one.path}: {problem}: {server.tail()}"
        ) from None
    finally:
        connection.close()
    taken = time.perf_counter() - began
    if answer.status not in (200, 201):
        raise ProcessFailed(
            f"{server.name}: {one.method} {one.path}: {answer.status} {text[:300]!r}"
        )
    return text, taken


def check(server: HTTPPeer, what: str, trio: Trio, person: Credentials) -> None:
    """Who answers something else isn't measured."""
    text, _ = ask(server, request(what, trio, person))
    if units_of(text) != expected(what, trio):
        raise ProcessFailed(f"{server.name}: {what} answers {text[:300]!r}")


def store(server: HTTPPeer, trio: Trio, people: list[Credentials]) -> None:
    """The same three sets for everybody."""
    for person in people:
        headers = {"Authorization": f"Bearer {person.access}"}
        for name in trio.names:
            ask(server, _post("/integers/set/", headers, trio.body(name)))


class SmallLoad(HTTPLoad):
    """A server under one kind of request, by people in turn."""

    def __init__(
        self,
        arena: Arena,
        server: HTTPPeer,
        what: str,
        trio: Trio,
        people: list[Credentials],
        level: int,
        name: str,
    ):
        file = arena.scratch / f"integers-{what}-{trio.names[0]}.lua"
        write_requests(file, [request(what, trio, person) for person in people])
        super().__init__(server, file, level, arena.cluster)
        self.name = name


class LargeLoad:
    """One large request; without an answer in time it has failed, and took at least so long."""

    level = 1

    def __init__(
        self,
        server: HTTPPeer,
        cluster: Cluster,
        what: str,
        trio: Trio,
        person: Credentials,
        name: str,
        patience: float = PATIENCE_SECONDS,
    ):
        self.name = name
        self._server = server
        self._cluster = cluster
        self._request = request(what, trio, person)
        self._expected = expected(what, trio)
        self._patience = patience

    def measure(self, _seconds: float) -> Sample:
        cpu = CPU(self._server.pid, self._cluster)
        try:
            text, taken = ask(self._server, self._request, self._patience)
        except TimeoutError:
            return Sample(rate=1 / self._patience, bad=1)
        sample = cpu.charge(Sample(rate=1 / taken, p50_us=taken * 1e6), 1)
        if units_of(text) != self._expected:
            raise ProcessFailed(f"{self.name} answers {text[:300]!r}")
        return sample
