"""Somebody who writes through a line that breaks, and which faults of it are tried."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from support.api import Api
from support.cluster import query
from support.members import join
from support.microblog import TWEETS
from support.program import until
from support.server import Server
from trouble.scale import only_full
from trouble.tcp_proxy import LOUD, Proxy

REQUEST_TIMEOUT = 2
# The time limit of a request, that of a connection, and what a busy machine adds.
ANSWER_SECONDS = REQUEST_TIMEOUT + 5 + 8
BACK_SECONDS = 60

KINDS = [*LOUD, "held", "vanished"]

numbers = count()


def kinds(*quick: str, of=KINDS) -> list:
    """Every fault; in the short form of those that are silent, and so cost time limits, only these."""
    return [fault if fault in LOUD or fault in quick else only_full(fault) for fault in of]


def moments(places: list, **quick) -> list:
    """Every fault at each place; in the short form a silent one only where it is told here."""
    found = [(fault, place) for fault in KINDS for place in places]
    return [each if each[0] in LOUD or each in quick.items() else only_full(*each) for each in found]


class Writing:
    """Somebody who tweets through a server whose database is elsewhere."""

    def __init__(self, server: Server, database: str):
        self.database = database
        self.member = join(Api(server.url), connected=False)

    @staticmethod
    def key() -> str:
        return f"tweet {next(numbers):06}"

    def timed(self, method: str, path: str, body=None):
        """An answer that came within the time limits; 503 says when to come again."""
        began = time.monotonic()
        answer = self.member.elsewhere().call(method, path, body)
        assert time.monotonic() - began < ANSWER_SECONDS, f"answered after {time.monotonic() - began:.1f} s"
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0
        return answer

    def write(self, key: str) -> int:
        return self.timed("POST", TWEETS, {"content": key}).status_code

    def read(self) -> int:
        return self.timed("GET", TWEETS + "?limit=5").status_code

    def stored(self, key: str) -> int:
        return query(self.database, "SELECT count(*) FROM tweet WHERE body = %s", key)[0][0]


def assert_away(member: Writing) -> None:
    """Reads and writes are refused, and neither hangs."""
    until(lambda: member.read() == 503, "the loss is noticed", ANSWER_SECONDS)
    key = member.key()
    assert (member.read(), member.write(key)) == (503, 503) and member.stored(key) == 0


def assert_back(member: Writing) -> None:
    # More than one in a row: each connection is served by one of several threads, which have ways of their own.
    until(lambda: {member.read() for _ in range(6)} == {200}, "reads are answered again", BACK_SECONDS)
    until(lambda: {member.write(member.key()) for _ in range(6)} == {201}, "and writes", BACK_SECONDS)


@contextmanager
def mended(proxy: Proxy, server: Server, member: Writing) -> Iterator[None]:
    """The block ends with a server that is as it was at the beginning, by itself."""
    before = server.process.pid
    yield
    proxy.mend()
    assert_back(member)
    assert server.running and server.process.pid == before
    twice = query(member.database, "SELECT body FROM tweet GROUP BY body HAVING count(*) > 1")
    assert not twice, f"written twice: {twice}"
