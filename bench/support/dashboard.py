"""The dashboard with a million people: the first byte of its pages, beside their own queries."""

import http.client
import re
import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import psycopg

from support import dataset
from support.arena import Arena
from support.figures import Figure, at_most, below
from support.load import progress
from support.processes import ProcessFailed
from support.program import HTTPPeer

_NOUNS = [
    "users", "permissions", "sessions", "tokens", "bans", "exercises", "groups", "streams",
    "conversations", "tweets", "integers", "mail", "keys", "audit"]  # fmt: skip
_ROUNDS = 41
_QUICK_ROUNDS = 7
_STATEMENTS = 5
# One of each noun that a crowd alone has nothing of, and a record for every account.
_ROWS = """
INSERT INTO audit (time, actor, address, what, target, result, after, request)
  SELECT now() - id * interval '1 second', username, '192.0.2.1', 'sign-in', username, 'done',
    jsonb_build_object('dialect', 'trainer'), 'request ' || id FROM account;
INSERT INTO ban (target, network, by) VALUES ('192.0.2.9', '192.0.2.9/32', 'bench');
INSERT INTO stream (account, session, open_until)
  SELECT account, id, now() + interval '1 day' FROM session LIMIT 1;
INSERT INTO conversation (initiator, receiver) SELECT min(id), max(id) FROM account;
INSERT INTO tweet (author, body) SELECT min(id), 'Hello' FROM account;
INSERT INTO integer_session (account, name) SELECT min(id), 'bench' FROM account;
INSERT INTO integer_set (session, name, units, content)
  SELECT id, 'a', 0, gen_random_uuid() FROM integer_session;
INSERT INTO mail (account, recipient, purpose, due)
  SELECT min(id), 'bench@example.org', 'sign-in-code', now() + interval '1 day' FROM account;
"""
# What `Cluster.recorded` says itself.
_RECORDING = re.compile(r"ALTER SYSTEM|SHOW log_statement|SELECT pg_")
# Who asks: every page has it before its own.
_WHO = re.compile(r"\bcredential\b.*\bhash\b", re.DOTALL)


@dataclass
class _Page:
    name: str
    path: str
    # What it asks the database, with its values.
    queries: list[tuple[str, list[str | None]]]


class _Reader:
    """One connection to the server, kept open, of somebody who is signed in."""

    def __init__(self, server: HTTPPeer, cookies: str):
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._cookies = cookies

    def get(self, path: str) -> tuple[float, str]:
        """Seconds from sending to the first byte, and the page."""
        request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {self._cookies}\r\n\r\n".encode()
        start = time.perf_counter()
        self._socket.sendall(request)
        received = self._socket.recv(65_536)
        taken = time.perf_counter() - start
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
        while len(body) < int(length):
            body += self._more()
        if not head.startswith(b"HTTP/1.1 200"):
            raise ProcessFailed(f"GET {path}: {head.splitlines()[0].decode()}")
        return taken, body.decode()

    def _more(self) -> bytes:
        received = self._socket.recv(1_048_576)
        if not received:
            raise ProcessFailed("the server closed the connection")
        return received

    def close(self) -> None:
        self._socket.close()


def dashboard(arena: Arena) -> Iterator[Figure]:
    count = arena.crowd_size
    database = arena.crowd()
    progress(f"loading {count:,} records")
    with arena.cluster.connect(database) as connection:
        connection.execute(_ROWS)
    arena.cluster.settle(database)
    program = arena.program(database)
    person = dataset.Person("watcher", "watch the Benches 77")
    program("user", "create", person.username, "--permission", "3", "--password-stdin",
            text=person.password + "\n")  # fmt: skip
    server = program.serve(arena.processes, arena.scratch / "dashboard.log")
    reader = _Reader(server, _signed_in(server, person))
    try:
        pages = list(_pages(arena, reader, count))
        with arena.cluster.connect(database) as connection:
            yield from _compare(arena, reader, connection, pages, count)
        yield below(
            f"dashboard of {count:,}: statements of the overview",
            _statements(arena, reader),
            "",
            _STATEMENTS,
        )
    finally:
        reader.close()
        arena.processes.stop(server.process)


def _signed_in(server: HTTPPeer, person: dataset.Person) -> str:
    """The cookies of a sign-in, as a request carries them."""
    cookies: dict[str, str] = {}
    for method in ("GET", "POST"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        held = "; ".join(f"{name}={value}" for name, value in cookies.items())
        fields = {"username": person.username, "password": person.password}
        fields["csrf"] = cookies.get("admin_csrf", "")
        headers = {"Cookie": held, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(
            method, "/admin/sign-in/", urlencode(fields) if method == "POST" else None, headers
        )
        answer = connection.getresponse()
        answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.split(";")[0].partition("=")
            cookies[name] = value
        connection.close()
    if answer.status != 303 or "admin_session" not in cookies:
        raise ProcessFailed(f"sign-in to the dashboard: {answer.status}")
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _pages(arena: Arena, reader: _Reader, count: int) -> Iterator[_Page]:
    """Each with the statements that it runs, learnt from PostgreSQL's log."""
    paths = {"overview": "/admin/"}
    for noun in _NOUNS:
        paths[noun] = f"/admin/{noun}/"
        rows = reader.get(paths[noun])[1].partition("<tbody>")[2]
        things = re.findall(rf'href="(/admin/{noun}/[^"/?]+/)"', rows)
        if not things:
            raise ProcessFailed(f"dashboard: nothing is in the list of {noun}")
        paths[f"one of {noun}"] = things[-1]
    name = f"user-{count * 7 // 10}"
    for noun in ("users", "sessions", "audit"):
        paths[f"{noun}, searched"] = f"/admin/{noun}/?q={quote(name)}"
    paths["users, searched by a beginning"] = f"/admin/users/?q={quote(name[:-2])}"
    paths["users, the last by time"] = "/admin/users/?sort=-created"
    for what, path in paths.items():
        progress(f"dashboard: what {what} asks")
        own, body = _own(arena, reader, path)
        if not own:
            raise ProcessFailed(f"dashboard, {what}: its query wasn't seen in PostgreSQL's log")
        if "searched" in what and name[:-2] not in body.partition("<tbody>")[2]:
            raise ProcessFailed(f"dashboard, {what}: {name} isn't found")
        yield _Page(what, path, own)


def _own(
    arena: Arena, reader: _Reader, path: str
) -> tuple[list[tuple[str, list[str | None]]], str]:
    """What fills the page, without who asks, and the page.

    Servers look after themselves now and then: what isn't there both times isn't the page's.
    """
    seen: list[set[str]] = []
    for _ in range(2):
        with arena.cluster.recorded() as ran:
            _, body = reader.get(path)
        own = [(sql, values) for sql, values in ran if not _WHO.search(sql) and _reads(sql)]
        seen.append({sql for sql, _ in own})
    return [(sql, values) for sql, values in own if sql in seen[0]], body


def _reads(sql: str) -> bool:
    return sql.lstrip().upper().startswith(("SELECT", "WITH")) and " FROM " in sql


def _compare(
    arena: Arena, reader: _Reader, connection: psycopg.Connection, pages: list[_Page], count: int
) -> Iterator[Figure]:
    """Page and queries in turns; the median of each."""
    # Placeholders as PostgreSQL has them, and nothing prepared.
    cursor = psycopg.RawCursor(connection)
    for page in pages:
        ours, theirs = [], []
        for turn in range(1 + (_QUICK_ROUNDS if arena.quick else _ROUNDS)):
            progress(f"dashboard: {page.name}, round {turn}")
            taken, _ = reader.get(page.path)
            start = time.perf_counter()
            for sql, values in page.queries:
                cursor.execute(sql, values, prepare=False).fetchall()
            if turn > 0:
                ours.append(taken)
                theirs.append(time.perf_counter() - start)
        name = f"dashboard of {count:,}: {page.name}"
        own = len(page.queries)
        who = "its own query" if own == 1 else f"its own {own} queries"
        yield at_most(
            name, statistics.median(ours) * 1e3, "ms", statistics.median(theirs) * 1e3, who, 3
        )


def _statements(arena: Arena, reader: _Reader) -> int:
    """How many the overview runs, who asks included; what servers say by themselves is left out."""
    counts = []
    for _ in range(3):
        with arena.cluster.recorded() as ran:
            reader.get("/admin/")
        # All but those that begin and end the recording.
        counts.append(sum(" FROM " in sql or not _RECORDING.match(sql) for sql, _ in ran))
    return min(counts)
