"""What goes on for long on the way to PostgreSQL: the line that hears of chat messages, and long lists."""

import time

import pytest
import requests

from support.api import Api
from support.browser import Place
from support.cluster import query
from support.community import PEOPLE
from support.members import crowd, join
from support.program import until
from support.server import Server
from support.sockets import Talk, begin
from trouble.scale import only_full, scaled
from trouble.tcp_proxy import DOWN, FAULTS, LOUD, Line

CATCH_UP_SECONDS = 15
ANSWER_SECONDS = 20
# Nothing but the program's own patience ends a line that has fallen silent.
NOTICE_SECONDS = 75


@pytest.fixture(scope="module")
def near(new_server) -> Server:
    """One whose way to the database is sound."""
    return new_server("--chat-rate=0")


def all_are_back(server: Server) -> None:
    """Each thread has a way of its own, and a connection is served by any of them."""
    until(lambda: {server.status() for _ in range(8)} == {200}, "the way is there again", 20)


@pytest.fixture(autouse=True)
def mended(proxy, far):
    yield
    proxy.mend()
    all_are_back(far)


@pytest.fixture
def talk(ctl, near) -> Talk:
    return begin(ctl, near)


def hears_of_messages(line: Line) -> bool:
    return any(b"chat" in channel or b"message" in channel for channel in line.channels)


def break_listeners(proxy, fault: str) -> None:
    until(lambda: any(map(hears_of_messages, list(proxy.lines))), "somebody listens")
    assert proxy.each(FAULTS[fault], hears_of_messages) > 0


@pytest.mark.parametrize("fault", LOUD)
def test_who_listens_catches_up(proxy, near, far, talk, fault):
    """What was said while nobody listened comes by itself, in order and once."""
    with talk.open(near) as here, talk.open(far, talk.other) as there:
        there.read_to(here.say("before")["id"])
        for number in range(5):
            break_listeners(proxy, fault)
            here.say(f"{number} at once")
            there.read_to(here.say(f"{number} again")["id"])
        assert there.seen == here.seen


@pytest.mark.parametrize("fault", LOUD)
def test_who_listens_catches_up_after_a_while_without_a_database(proxy, near, far, talk, fault):
    with talk.open(near) as here, talk.open(far, talk.other) as there:
        there.read_to(here.say("before")["id"])
        proxy.refuse()
        proxy.each(FAULTS[fault])
        until(lambda: far.status() == 500, "the loss is noticed")
        last = [here.say(f"{number}") for number in range(20)][-1]["id"]
        proxy.accept()
        until(lambda: there.read_to(last), "it catches up", CATCH_UP_SECONDS)
        assert there.seen == here.seen


@pytest.mark.parametrize("fault", LOUD)
@pytest.mark.parametrize("missed", [90, 250])
def test_who_catches_up_survives_another_loss(proxy, near, far, talk, fault, missed):
    """Whether that comes by in one page or in several."""
    def again(_: Line) -> None:
        proxy.refuse()
        proxy.each(FAULTS[fault])
    with talk.open(near) as here, talk.open(far, talk.other) as there:
        there.read_to(here.say("before")["id"])
        proxy.refuse()
        proxy.each(FAULTS[fault])
        until(lambda: far.status() == 500, "the loss is noticed")
        last = [here.say(f"number {number}.") for number in range(missed)][-1]["id"]
        trap = proxy.trap(DOWN, f"number {missed - 10}.", again, 5)
        proxy.accept()
        trap.wait()
        until(lambda: far.status() == 500, "the second loss is noticed")
        proxy.accept()
        until(lambda: there.read_to(last), "it catches up", CATCH_UP_SECONDS)
        assert there.seen == here.seen


@pytest.mark.parametrize("fault, address", [*zip(LOUD, ("127.0.0.8", "127.0.0.9"))])
def test_a_ban_from_meanwhile_holds_afterwards(proxy, far, ctl, fault, address):
    visitor = Place(far.url, address)
    assert visitor.get("/nothing/").status_code == 404
    proxy.refuse()
    proxy.each(FAULTS[fault])
    until(lambda: far.status() == 500, "the loss is noticed")
    ctl.ok("ban", "add", address)
    proxy.accept()
    until(lambda: visitor.get("/nothing/").status_code == 403, "it is known", CATCH_UP_SECONDS)
    ctl.ok("ban", "lift", address, "--yes")
    until(lambda: visitor.get("/nothing/").status_code == 404, "its end, too", CATCH_UP_SECONDS)


@pytest.mark.full
@pytest.mark.parametrize("fault", ["held", "held downwards", "vanished"])
def test_who_listens_to_nobody_any_more_notices(proxy, near, far, talk, fault):
    """New lines are good: only the old one says nothing, and never will."""
    with talk.open(near) as here, talk.open(far, talk.other) as there:
        there.read_to(here.say("before")["id"])
        break_listeners(proxy, fault)
        last = here.say("unheard")["id"]
        while not there.ids or there.ids[-1] < last:
            there.next(NOTICE_SECONDS)


def test_what_is_said_while_the_line_breaks_is_stored_once(proxy, near, far, talk):
    """On the server behind the broken line; an answer that didn't come leaves it open whether it is stored."""
    with talk.open(near) as here, talk.open(far, talk.other) as there:
        acknowledged = []
        for number in range(scaled(100, 20)):
            if number % 3 == 0:
                proxy.each(Line.reset)
            if "error" not in there.say(f"{number}"):
                acknowledged.append(f"{number}")
        texts = talk.texts()
        assert len(texts) == len(set(texts)) and set(acknowledged) <= set(texts)
        last = talk.stored()[-1][0]
        assert there.read_to(last) == here.read_to(last) == [number for number, _, _ in talk.stored()]


# A list that is longer than what is read at once

LONG = 30_000


@pytest.fixture(scope="module")
def reader(far, database):
    crowd(database, LONG, "listed-")
    return join(Api(far.url))


def listed(reader) -> list[str] | None:
    """The usernames of the whole list; None where it didn't come to its end, which doesn't keep anybody waiting."""
    began = time.monotonic()
    try:
        answer = reader.elsewhere().get(PEOPLE)
        assert answer.status_code in (200, 503), answer.text
        return [row["username"] for row in answer.json()] if answer.status_code == 200 else None
    except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
        return None
    finally:
        assert time.monotonic() - began < ANSWER_SECONDS, f"it ended after {time.monotonic() - began:.0f} s"


@pytest.mark.parametrize("fault, at", [
    *((fault, at) for fault in LOUD for at in (10, LONG // 2, LONG - 10)),
    *(only_full(fault, LONG // 2) for fault in ("held", "vanished"))])
def test_a_list_that_streams_is_whole_or_visibly_broken(proxy, far, reader, database, fault, at):
    """Never one that ends early and looks whole."""
    trap = proxy.trap(DOWN, f"listed-{at}", FAULTS[fault], 5)
    found = listed(reader)
    trap.wait()
    if found is not None:
        assert sorted(found) == sorted(row[0] for row in query(database, "SELECT username FROM account"))
    proxy.mend()
    all_are_back(far)
    assert len(listed(reader)) >= LONG
