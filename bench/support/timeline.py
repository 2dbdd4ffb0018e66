"""A timeline's first page, with few and with very many tweets, and with few and many followed."""

from collections.abc import Iterator

import psycopg

from support import tokens
from support.arena import PEOPLE, Arena
from support.figures import Figure, at_least
from support.load import HTTPLoad, Request, progress, write_requests
from support.processes import ProcessFailed
from support.program import HTTPPeer
from support.report import result_table
from support.rounds import at

_FEW, _MANY, _QUICK_MANY = 10, 2_000_000, 200_000
_FEW_FOLLOWED, _MANY_FOLLOWED = 5, 5_000
_READERS = 2
_LEVEL = 32
# Of the rate with few, the part that is left with many.
_AIM = 0.9

# Nothing counts or checks what is loaded; the counters that a page shows are right all the same.
_LOADING = "SET session_replication_role = replica"
_ACCOUNTS = """
CREATE TEMP TABLE person AS
SELECT id, (row_number() OVER (ORDER BY id) - 1)::int AS n FROM account
WHERE username_key LIKE 'user-%'
"""
# In turns, so that everybody's are all over the table.
_TWEETS = """
INSERT INTO tweet (author, body, created)
SELECT p.id, 'Tweet number ' || i || ' of those that fill this table, of a usual length.',
  now() - (%(count)s - i) * interval '1 second'
FROM generate_series(0, %(count)s - 1) i JOIN person p ON p.n = i %% %(authors)s ORDER BY i
"""
# A reader follows those who tweeted last.
_FOLLOWS = """
INSERT INTO follow (follower, followed)
SELECT r.id, p.id FROM account r JOIN generate_series(1, %(followed)s) i ON true
JOIN person p ON p.n = (%(count)s - i) %% %(authors)s
WHERE r.username_key = ANY(%(readers)s) AND p.id <> r.id
"""
# As many of each author's tweets as somebody who begins to follow gets to see.
_TIMELINES = """
INSERT INTO timeline (account, tweet)
SELECT author, id FROM tweet
UNION SELECT f.follower, t.id FROM follow f CROSS JOIN LATERAL (
  SELECT id FROM tweet WHERE author = f.followed ORDER BY id DESC LIMIT 1000) t
"""


class _Page(HTTPLoad):
    """The page as some readers ask for it."""

    def __init__(self, name: str, *arguments):
        super().__init__(*arguments)
        self.name = name


def timeline(arena: Arena) -> Iterator[Figure]:
    """The same ten tweets a page for everybody."""
    many = _QUICK_MANY if arena.quick else _MANY
    arena.start_havocctl()
    arena.stop_servers()
    servers, pages = [], []
    for count, groups in ((_FEW, [_FEW_FOLLOWED]), (many, [_FEW_FOLLOWED, _MANY_FOLLOWED])):
        database = f"tweets{count}"
        progress(f"loading {count:,} tweets")
        arena.cluster.create(database, arena.database)
        with arena.cluster.connect(database) as connection:
            readers = tokens.spread(connection, arena.pattern, _READERS * len(groups))
            _load(connection, count, dict(zip(groups, _shared(readers, len(groups)))))
        arena.cluster.settle(database)
        server = arena.program(database).serve(
            arena.processes, arena.scratch / f"{database}.log", name=database
        )
        servers.append(server)
        for followed, group in zip(groups, _shared(readers, len(groups))):
            name = f"{count:,} tweets, {followed:,} followed"
            pages.append(_page(arena, name, server, group))
    results = arena.pace.interleave([pages], "(timeline)")
    for server in servers:
        arena.processes.stop(server.process)
    few, more, most = (at(results, page.name, _LEVEL).sample for page in pages)
    print("a page of the timeline\n" + result_table(results, pages[0].name), flush=True)
    if few.bad or more.bad or most.bad:
        raise ProcessFailed(f"{few.bad}, {more.bad} and {most.bad} requests failed")
    yield at_least(
        f"timeline of {many:,} tweets", more.rate, "/s", few.rate, f"of {_FEW} tweets", _AIM
    )
    yield at_least(
        f"timeline of {_MANY_FOLLOWED:,} followed",
        most.rate,
        "/s",
        more.rate,
        f"of {_FEW_FOLLOWED} followed",
        _AIM,
    )


def _shared(readers: list[tokens.Credentials], parts: int) -> list[list[tokens.Credentials]]:
    return [readers[part::parts] for part in range(parts)]


def _load(
    connection: psycopg.Connection, count: int, groups: dict[int, list[tokens.Credentials]]
) -> None:
    connection.execute(_LOADING)
    connection.execute(_ACCOUNTS)
    # Ten tweets are by the five who are followed.
    authors = _FEW_FOLLOWED if count == _FEW else PEOPLE - 1
    connection.execute(_TWEETS, {"count": count, "authors": authors})
    for followed, readers in groups.items():
        values = {"count": count, "authors": authors, "followed": followed}
        values["readers"] = [one.username for one in readers]
        connection.execute(_FOLLOWS, values)
    connection.execute(_TIMELINES)


def _page(
    arena: Arena, name: str, server: HTTPPeer, readers: list[tokens.Credentials]
) -> _Page:
    requests = [
        Request.get("/api/tweets/?limit=10", {"Authorization": f"Bearer {one.access}"})
        for one in readers
    ]
    for request in requests:
        status, body, _ = server.fetch("GET", request.path, request.headers)
        if status != 200 or body.count(b'"content"') != 10:
            raise ProcessFailed(f"{name}: {status} {body[:300]!r}")
    file = write_requests(arena.scratch / f"{server.name}-{len(name)}.lua", requests)
    return _Page(name, server, file, _LEVEL, arena.cluster)
