"""Tweets that are taken back, and what goes with them."""

import pytest

from support.api import assert_detail, assert_field_error
from support.members import Member, join
from support.microblog import TWEETS, jwt, like, numbers, obtain, replies, shown, tweet


@pytest.fixture
def member(api) -> Member:
    return join(api, connected=False)


@pytest.fixture
def other(api) -> Member:
    return join(api, "other", connected=False)


def test_delete(member, other):
    kept, number = tweet(member, "kept")["id"], tweet(member)["id"]
    like(other, number)
    assert_detail(other.delete(f"{TWEETS}{number}/"), 403)
    answer = member.delete(f"{TWEETS}{number}/")
    assert answer.status_code == 204 and answer.content == b""
    for call in (("GET", f"{number}/"), ("DELETE", f"{number}/"), ("PUT", f"like/{number}/"),
                 ("GET", f"{number}/replies/")):
        assert_detail(member.call(call[0], TWEETS + call[1]), 404)
    assert numbers(member.seen(f"{TWEETS}user/{member.id}/")) == [kept]
    assert_field_error(member.post(TWEETS, {"content": "x", "reply_to": number}), 400, "reply_to")


def test_an_administrator_deletes_on_the_command_line_only(api, admin, member):
    number = tweet(member)["id"]
    answer = api.call("DELETE", f"{TWEETS}{number}/", headers=jwt(
        obtain(api, admin)["access"]))
    assert_detail(answer, 403)


def test_replies_stay_and_answer_nothing(member, other):
    first = tweet(member)["id"]
    reply = tweet(other, "Yes", reply_to=first)["id"]
    answer = tweet(member, "Well", reply_to=reply)["id"]
    assert other.delete(f"{TWEETS}{answer}/").status_code == 403
    assert member.delete(f"{TWEETS}{answer}/").status_code == 204
    assert shown(other, reply)["replies"] == 0
    assert member.delete(f"{TWEETS}{first}/").status_code == 204
    found = shown(member, reply)
    assert (found["content"], found["reply_to"]) == ("Yes", None)


def test_what_an_account_takes_along(ctl, member, other):
    first, gone = tweet(member)["id"], tweet(other)["id"]
    tweet(other, "Yes", reply_to=first)
    like(other, first)
    reply = tweet(member, "Hm", reply_to=gone)["id"]
    ctl.ok("user", "delete", other.name, "--purge", "--yes")
    assert_detail(member.get(f"{TWEETS}{gone}/"), 404)
    found = shown(member, first)
    assert (found["likes"], found["replies"]) == (0, 0) and replies(member, first) == []
    assert shown(member, reply)["reply_to"] is None


def test_replies_of_deleted_accounts_are_not_counted(ctl, member, other):
    first = tweet(member)["id"]
    reply = tweet(other, "Yes", reply_to=first)["id"]
    for verb, expected in (("delete", []), ("restore", [reply])):
        ctl.ok("user", verb, other.name, "--yes")
        assert replies(member, first) == expected
        assert shown(member, first)["replies"] == len(expected)
