"""The timeline: one's own tweets and those of whom one follows, newest first."""

import concurrent.futures
import threading

import pytest

from support.api import assert_field_error
from support.cluster import query
from support.members import Member, join
from support.microblog import TWEETS, follow, numbers, timeline, toggle, tweet


@pytest.fixture
def reader(api) -> Member:
    return join(api, "reader", connected=False)


@pytest.fixture
def author(api) -> Member:
    return join(api, "author", connected=False)


def write(database: str, author: Member, count: int) -> list[int]:
    """Puts in so many tweets; gives their ids, newest first."""
    found = query(database, "INSERT INTO tweet (author, body) SELECT %s, 'Tweet ' || i"
                            " FROM generate_series(1, %s::int) i RETURNING id", author.id, count)
    return sorted((row[0] for row in found), reverse=True)


def authors_of(member: Member) -> set[str]:
    return {one["profile"]["username"] for one in member.seen(f"{TWEETS}?limit=200")}


def test_it_is_empty_at_first(reader, author):
    tweet(author)
    assert reader.seen(TWEETS) == []


def test_own_and_followed_newest_first(api, reader, author):
    stranger = join(api, "stranger", connected=False)
    follow(reader, author)
    made = [tweet(one, f"Tweet {at}")["id"] for at, one in enumerate((reader, author, stranger) * 4)]
    expected = [number for at, number in enumerate(made) if at % 3 != 2][::-1]
    assert numbers(reader.seen(TWEETS)) == expected
    assert authors_of(author) == {author.name}
    assert numbers(reader.seen(f"{TWEETS}user/{author.id}/")) == made[1::3][::-1]


def test_following_brings_what_was_said_before(reader, author):
    own = tweet(reader, "First")["id"]
    earlier = [tweet(author, f"Tweet {at}")["id"] for at in range(3)]
    last = tweet(reader, "Last")["id"]
    follow(reader, author)
    assert timeline(reader) == [last, *reversed(earlier), own]
    assert toggle(reader, author) is False
    assert timeline(reader) == [last, own]
    follow(reader, author)
    assert timeline(reader) == [last, *reversed(earlier), own]


def test_at_most_a_thousand_are_brought(database, reader, author):
    earlier = write(database, author, 1_100)
    follow(reader, author)
    assert timeline(reader) == earlier[:1_000]
    later = tweet(author)["id"]
    assert timeline(reader) == [later, *earlier[:1_000]]
    assert [one["id"] for page in reader.pages(f"{TWEETS}user/{author.id}/?limit=200")
            for one in page] == [later, *earlier]
    assert toggle(reader, author) is False
    assert timeline(reader) == []


def test_unfollowing_one_keeps_the_other(api, reader, author):
    other = join(api, "other", connected=False)
    follow(reader, author, other)
    first, second = tweet(author)["id"], tweet(other)["id"]
    assert toggle(reader, author) is False
    assert timeline(reader) == [second] and timeline(author) == [first]


def test_a_deleted_tweet_is_gone_from_every_timeline(reader, author):
    follow(reader, author)
    first, second = tweet(author)["id"], tweet(author)["id"]
    assert author.delete(f"{TWEETS}{first}/").status_code == 204
    assert timeline(reader) == timeline(author) == [second]


def test_counters_are_those_of_now(reader, author):
    follow(reader, author)
    number = tweet(author)["id"]
    tweet(author, "More", reply_to=number)
    assert reader.put(f"{TWEETS}like/{number}/").status_code == 200
    found = {one["id"]: one for one in reader.seen(TWEETS)}[number]
    assert (found["likes"], found["liked"], found["replies"]) == (1, True, 1)
    assert found == reader.seen(f"{TWEETS}{number}/")
    assert {one["id"]: one["liked"] for one in author.seen(TWEETS)}[number] is False


def test_deleted_accounts_fall_silent(ctl, reader, author):
    follow(reader, author)
    number = tweet(author)["id"]
    ctl.ok("user", "delete", author.name, "--yes")
    assert timeline(reader) == []
    assert reader.get(f"{TWEETS}user/{author.id}/").status_code == 404
    ctl.ok("user", "restore", author.name, "--yes")
    assert timeline(reader) == [number]
    ctl.ok("user", "delete", author.name, "--purge", "--yes")
    assert timeline(reader) == []


# Part by part

@pytest.mark.parametrize("limit", [1, 7, 20, 21, 200])
def test_pages_hold_everything_once(reader, author, limit):
    follow(reader, author)
    made = [tweet(author)["id"] for _ in range(3)]
    made += [tweet(reader, f"Tweet {at}")["id"] for at in range(18)]
    for path in (TWEETS, f"{TWEETS}user/{reader.id}/"):
        pages = reader.pages(f"{path}?limit={limit}")
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        expected = made if path == TWEETS else made[3:]
        assert [one["id"] for page in pages for one in page] == expected[::-1]


def test_the_usual_page_has_fifty(database, reader, author):
    made = write(database, author, 120)
    follow(reader, author)
    for path in (f"{TWEETS}user/{author.id}/", TWEETS):
        pages = [numbers(page) for page in reader.pages(path)]
        assert pages == [made[:50], made[50:100], made[100:]]


def test_before(reader):
    made = [tweet(reader)["id"] for _ in range(6)][::-1]
    for path in (TWEETS, f"{TWEETS}user/{reader.id}/"):
        assert numbers(reader.seen(f"{path}?before={made[2]}")) == made[3:]
        assert numbers(reader.seen(f"{path}?before={made[2]}&limit=2")) == made[3:5]
        assert reader.seen(f"{path}?before={made[-1]}") == []
        assert numbers(reader.seen(f"{path}?before={2**63 - 1}")) == made


@pytest.mark.parametrize("part, field", [
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=201", "limit"),
    ("before=x", "before"), ("before=-1", "before"), (f"before={2**63}", "before"), ("before=", "before")])
def test_a_part_that_makes_no_sense(reader, part, field):
    for path in (TWEETS, f"{TWEETS}user/{reader.id}/"):
        assert_field_error(reader.get(f"{path}?{part}"), 400, field)


def test_pages_while_others_write_have_neither_gaps_nor_doubles(server, database, reader, author):
    before = write(database, author, 150)
    follow(reader, author)
    stopping = threading.Event()
    written = []

    def keep_writing() -> None:
        client = author.elsewhere(server.url)
        while not stopping.is_set():
            written.append(tweet(client)["id"])

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        running = [pool.submit(keep_writing) for _ in range(2)]
        try:
            for _ in range(8):
                known = set(written)
                found = timeline(reader, limit=10)
                assert found == sorted(set(found), reverse=True)
                assert found[-150:] == before
                # What had been answered before the first page was asked for is on it or behind it.
                assert known <= set(found)
        finally:
            stopping.set()
        for one in running:
            one.result()
    assert timeline(reader) == sorted(written, reverse=True) + before


# At once

def at_once(*calls) -> list:
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(run, call) for call in calls]]


def test_a_tweet_during_a_follow_is_never_lost(server, reader, author):
    writers = [author.elsewhere(server.url) for _ in range(3)]
    mine = reader.elsewhere(server.url)
    made: list[int] = []
    for attempt in range(100):
        found = at_once(lambda: follow(mine, author), *(lambda one=one: tweet(one) for one in writers))
        made += [one["id"] for one in found[1:]]
        assert timeline(reader) == sorted(made, reverse=True), f"attempt {attempt}"
        assert toggle(reader, author) is False
        assert timeline(reader) == [], f"attempt {attempt}"


def test_a_tweet_during_an_unfollow_does_not_stay(server, reader, author):
    writers = [author.elsewhere(server.url) for _ in range(3)]
    mine = reader.elsewhere(server.url)
    for attempt in range(60):
        follow(reader, author)
        answers = at_once(lambda: toggle(mine, author), *(lambda one=one: tweet(one) for one in writers))
        assert answers[0] is False
        assert timeline(reader) == [], f"attempt {attempt}"


def test_a_tweet_that_is_deleted_during_a_follow_is_gone(server, reader, author):
    kept = tweet(author, "kept")["id"]
    mine, theirs = reader.elsewhere(server.url), author.elsewhere(server.url)
    for attempt in range(40):
        number = tweet(author)["id"]
        _, answer = at_once(lambda: follow(mine, author),
                            lambda number=number: theirs.delete(f"{TWEETS}{number}/"))
        assert answer.status_code == 204
        assert timeline(reader) == [kept], f"attempt {attempt}"
        assert toggle(reader, author) is False


def test_follows_both_ways_while_both_write(server, reader, author):
    for _ in range(20):
        at_once(*(lambda one=one, other=other: follow(one.elsewhere(server.url), other)
                  for one, other in ((reader, author), (author, reader))),
                *(lambda one=one: tweet(one.elsewhere(server.url)) for one in (reader, author) * 2))
        assert timeline(reader) == timeline(author)
        assert [toggle(reader, author), toggle(author, reader)] == [False, False]
