"""Counters against what they count, while accounts and tweets come and go under everybody's hands."""

import concurrent.futures
import random
import threading

import pytest

from support.api import Api
from support.cluster import query
from support.community import ADD, START
from support.members import Member, join
from support.microblog import FOLLOW, TWEETS, obtain, tweet

# What each counter must be.
COUNTS = {
    "followers": "SELECT account, followers, (SELECT count(*) FROM follow WHERE followed = account)"
                 " FROM profile",
    "following": "SELECT account, following, (SELECT count(*) FROM follow WHERE follower = account)"
                 " FROM profile",
    "likes": "SELECT id, likes, (SELECT count(*) FROM tweet_like WHERE tweet = t.id) FROM tweet t",
    "replies": "SELECT id, replies, (SELECT count(*) FROM tweet r WHERE r.reply_to = t.id) FROM tweet t"}

# What a timeline must hold, where nobody wrote more than is brought along.
EXPECTED_TIMELINE = """
    SELECT a.id, t.id FROM account a JOIN tweet t ON t.author = a.id
      OR t.author IN (SELECT followed FROM follow WHERE follower = a.id) ORDER BY 1, 2"""
TIMELINE = """
    SELECT l.account, l.tweet FROM timeline l JOIN account a ON a.id = l.account
      JOIN tweet t ON t.id = l.tweet ORDER BY 1, 2"""


def assert_counted(database: str) -> None:
    for name, statement in COUNTS.items():
        wrong = [row for row in query(database, statement) if row[1] != row[2]]
        assert not wrong, f"{name}: {wrong[:5]}"
    assert query(database, TIMELINE) == query(database, EXPECTED_TIMELINE)


def leave(member: Member):
    """Deletes the account with everything of it."""
    refresh = obtain(member.api, member.account)["refresh"]
    return lambda: member.call("DELETE", "/api/auth/user/delete/", {"refresh_token": refresh})


def at_once(*calls) -> list:
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(run, call) for call in calls]]


@pytest.mark.parametrize("what", ["follow", "like", "reply", "friend", "conversation"])
def test_what_is_done_to_somebody_who_leaves(server, database, what):
    keeper = join(Api(server.url), "keeper")
    for attempt in range(25):
        leaver = join(Api(server.url), "leaver")
        number = tweet(leaver)["id"]
        method, path, body = {
            "follow": ("PUT", f"{FOLLOW}{leaver.id}/", None),
            "like": ("PUT", f"{TWEETS}like/{number}/", None),
            "reply": ("POST", TWEETS, {"content": "x", "reply_to": number}),
            "friend": ("POST", ADD, {"friend_username": leaver.name}),
            "conversation": ("POST", START, {"username": leaver.name})}[what]
        gone, *others = at_once(
            leave(leaver), *(lambda: keeper.elsewhere().call(method, path, body) for _ in range(3)))
        assert gone.status_code == 204, f"attempt {attempt}: {gone.text}"
        for answer in others:
            assert answer.status_code in (200, 201, 400, 404, 409), f"attempt {attempt}: {answer.text}"
    assert_counted(database)


def test_what_somebody_does_who_leaves(server, database):
    for attempt in range(25):
        keeper, leaver = join(Api(server.url), "keeper"), join(Api(server.url), "leaver")
        number = tweet(keeper)["id"]
        gone, *others = at_once(
            leave(leaver), lambda: leaver.elsewhere().post(TWEETS, {"content": "x", "reply_to": number}),
            lambda: leaver.elsewhere().put(f"{TWEETS}like/{number}/"),
            lambda: leaver.elsewhere().put(f"{FOLLOW}{keeper.id}/"),
            lambda: leaver.elsewhere().post(ADD, {"friend_username": keeper.name}),
            lambda: leaver.elsewhere().post("/users/update/", {"avatar": "/media/a.png"}))
        assert gone.status_code == 204, f"attempt {attempt}: {gone.text}"
        for answer in others:
            assert answer.status_code in (200, 201, 401, 404), f"attempt {attempt}: {answer.text}"
    assert_counted(database)


def test_everything_at_once(servers, database):
    """Everybody does anything to anybody, on two servers; some leave in the middle."""
    people = [join(Api(servers[at % 2].url), f"p{at}") for at in range(12)]
    tweets = [tweet(one)["id"] for one in people]
    leaving = [leave(one) for one in people[8:]]
    start = threading.Barrier(12)

    def live(member: Member) -> list[int]:
        dice = random.Random(member.id)
        mine: list[int] = []
        statuses = []
        start.wait()
        for step in range(60):
            if member in people[8:] and step == 30:
                statuses.append(leaving[people.index(member) - 8]().status_code)
                break
            number, other = dice.choice(tweets + mine), dice.choice(people).id
            answer = dice.choice([
                lambda: member.post(TWEETS, {"content": "x"}),
                lambda: member.post(TWEETS, {"content": "x", "reply_to": number}),
                lambda: member.put(f"{TWEETS}like/{number}/"), lambda: member.put(f"{FOLLOW}{other}/"),
                lambda: member.put(f"{FOLLOW}{other}/"), lambda: member.delete(f"{TWEETS}{number}/"),
                lambda: member.get(f"{TWEETS}?limit=100")])()
            if answer.status_code == 201:
                mine.append(answer.json()["id"])
            statuses.append(answer.status_code)
        return statuses

    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
        found = {status for statuses in pool.map(live, people) for status in statuses}
    assert found <= {200, 201, 204, 400, 403, 404}, found
    assert_counted(database)
