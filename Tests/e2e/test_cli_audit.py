"""havocctl audit: the filters of the list, and the tail that follows."""

import json
import queue
import signal
import subprocess
import threading

import pytest

from support.api import create_account, new_account
from support.attempts import fail, fresh_address
from support.browser import Place
from support.cluster import query
from support.program import PATIENCE_SECONDS, until

COLUMNS = {"time", "actor", "address", "what", "target", "result"}


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


@pytest.fixture
def place(server) -> Place:
    return Place(server.url, fresh_address())


def listed(ctl, account, *options) -> list[dict]:
    return ctl.json("audit", "list", "--user", account.username, *options)


def test_columns_and_order(ctl, place, account):
    fail(place, account, 2)
    place.tokens(account)
    found = listed(ctl, account)
    assert all(set(row) == COLUMNS for row in found)
    times = [row["time"] for row in found]
    assert times in (sorted(times), sorted(times, reverse=True))
    assert {"sign-in", "sign-in-failed", "user-create"} <= {row["what"] for row in found}


def test_by_what(ctl, place, account):
    fail(place, account, 2)
    place.tokens(account)
    assert [row["what"] for row in listed(ctl, account, "--what", "sign-in")] == ["sign-in"]
    assert [row["what"] for row in listed(ctl, account, "--what", "sign-in-failed")] == [
        "sign-in-failed"] * 2


def test_by_user(ctl, place, account):
    other = create_account(ctl, 1)
    place.tokens(account), place.tokens(other)
    for one in (account, other):
        found = listed(ctl, one, "--what", "sign-in")
        assert [row["target"] for row in found] == [one.username]


def test_by_time(ctl, place, account, database):
    fail(place, account, 1)
    place.tokens(account)
    assert query(database, "UPDATE audit SET time = time - interval '3 days'"
                           " WHERE target = %s AND what = 'sign-in-failed' RETURNING id",
                 account.username)
    for options, expected in [
            (["--since", "1d"], {"sign-in"}), (["--until", "1d"], {"sign-in-failed"}),
            (["--since", "4d"], {"sign-in", "sign-in-failed"}), (["--until", "4d"], set()),
            (["--since", "4d", "--until", "2d"], {"sign-in-failed"}),
            (["--until", "2001-01-01"], set()), (["--since", "2001-01-01T00:00:00Z"], {
                "sign-in", "sign-in-failed"})]:
        found = {row["what"] for row in listed(ctl, account, *options)} - {"user-create"}
        assert found == expected, options


@pytest.mark.parametrize("limit", [1, 3])
def test_limit_gives_the_newest(ctl, place, account, limit):
    fail(place, account, 5)
    place.tokens(account)
    found = listed(ctl, account, "--limit", limit)
    assert len(found) == limit
    assert "sign-in" in {row["what"] for row in found}


@pytest.mark.parametrize("options, status", [
    (["--what", "no-such-word"], 2), (["--since", "soonish"], 2), (["--until", "1x"], 2),
    (["--limit", "-1"], 2), (["--limit", "many"], 2)])
def test_what_it_refuses(ctl, options, status):
    ctl.fails(status, "audit", "list", *options)


def test_a_deleted_user_is_still_found(ctl, place, account):
    place.tokens(account)
    ctl.ok("user", "delete", account.username, "--yes")
    assert listed(ctl, account, "--what", "user-delete")


def test_help_lists_the_words(ctl):
    text = ctl.ok("help", "audit", "list").stdout
    for what in ("sign-in-failed", "token-reuse", "ban-lift"):
        assert what in text


class Tail:
    """A running `audit tail`, its lines as they come."""

    def __init__(self, ctl, *options):
        self.process = subprocess.Popen(
            [str(ctl.program), "audit", "tail", "-o", "jsonl", *options], env=ctl.env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.lines: queue.Queue = queue.Queue()
        self.seen: list[dict] = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def has(self, **fields) -> bool:
        """Whether a record with these values has come."""
        assert self.process.poll() is None, self.process.stderr.read()
        while not self.lines.empty():
            self.seen.append(self.lines.get())
        return any(all(row.get(name) == value for name, value in fields.items())
                   for row in self.seen)

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()


@pytest.fixture
def tail(ctl, place):
    """Follows already: it has shown something that happened after it began."""
    made = []

    def start(*options, lead=True) -> Tail:
        one = Tail(ctl, *options)
        made.append(one)
        if lead:
            nobody = new_account("lead")

            def heard() -> bool:
                fail(place, nobody, 1)
                return one.has(target=nobody.username)
            until(heard, "the tail follows", pause=0.2)
        return one

    yield start
    for one in made:
        one.process.kill()
        one.process.wait()


def test_tail_follows_what_happens_on_every_server(ctl, servers, tail, account):
    following = tail()
    for server in servers:
        place = Place(server.url, fresh_address())
        place.tokens(account)
        until(lambda: following.has(what="sign-in", target=account.username,
                                    address=place.address), "the sign-in is shown")
    ctl.ok("user", "lock", account.username, "--yes")
    until(lambda: following.has(what="lock", target=account.username), "the lock is shown")
    assert all(set(row) == COLUMNS for row in following.seen)


def test_tail_shows_each_record_once(place, tail, account):
    following = tail()
    fail(place, account, 5)
    place.tokens(account)
    until(lambda: following.has(what="sign-in", target=account.username), "the last is shown")
    found = [row["what"] for row in following.seen if row["target"] == account.username
             and row["what"].startswith("sign-in")]
    assert found == ["sign-in-failed"] * 5 + ["sign-in"]


def test_tail_filters(place, tail, account):
    following = tail("--what", "sign-in-failed")
    place.tokens(account)
    fail(place, account, 1)
    until(lambda: following.has(target=account.username), "the failure is shown")
    assert {row["what"] for row in following.seen} == {"sign-in-failed"}


def test_an_interrupt_ends_it(tail):
    assert tail().end() in (0, 130)
