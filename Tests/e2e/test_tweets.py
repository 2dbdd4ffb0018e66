"""Tweets one by one: written, answered and liked."""

import concurrent.futures
import re

import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, encoded
from support.community import UPDATE
from support.members import ABSURD_IDS, Member, join
from support.microblog import EDIT, LIKE, TWEETS, like, numbers, replies, shown, tweet
from support.schemes import SCHEMES, prove

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture
def member(api) -> Member:
    return join(api, connected=False)


@pytest.fixture
def other(api) -> Member:
    return join(api, "other", connected=False)


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_tweet(member, other, kind, slash):
    assert member.put(EDIT, {"alias": "Ada"}).status_code == 200
    answer = member.call("POST", TWEETS.rstrip("/") + slash, **encoded(
        kind, {"content": "Hello – 😀"}))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert TIME.fullmatch(made["created"])
    assert made == {
        "id": made["id"], "profile": {"id": member.id, "alias": "Ada", "username": member.name},
        "content": "Hello – 😀", "created": made["created"], "reply_to": None, "likes": 0,
        "liked": False, "replies": 0}
    for viewer in (member, other):
        assert viewer.seen(f"{TWEETS}{made['id']}{slash}") == made
        assert viewer.seen(f"{TWEETS}user/{member.id}{slash}") == [made]


def test_the_author_goes_by_the_name_he_has_now(member, other):
    made = tweet(member)
    assert member.put(EDIT, {"alias": "New"}).status_code == 200
    assert member.post(UPDATE, {"username": f"{member.name} II"}).status_code == 200
    assert shown(other, made["id"])["profile"] == {
        "id": member.id, "alias": "New", "username": f"{member.name} II"}


@pytest.mark.parametrize("content", [
    "x", "0", "x" * 280, "é" * 280, "😀" * 280, "a\nb\tc", "\"\\/</script>", "%s %00 ' OR '1'='1",
    "\u202eright to left", "e\u0301"])
def test_what_may_be_said(member, content):
    made = tweet(member, content)
    assert made["content"] == content == shown(member, made["id"])["content"]


@pytest.mark.parametrize("space", [" ", "\n", "\t \r\n", "\u3000"])
def test_space_around_it_is_taken_away(member, space):
    assert tweet(member, f"{space}a  b{space}")["content"] == "a  b"
    assert tweet(member, space + "x" * 280 + space)["content"] == "x" * 280


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("content", [
    "", " ", " \n\t ", "x" * 281, "é" * 281, "😀" * 281, "x" * 100_000])
def test_what_may_not(member, kind, content):
    answer = member.call("POST", TWEETS, **encoded(kind, {"content": content}))
    assert_field_error(answer, 400, "content")
    assert member.seen(TWEETS) == []


def test_ids_only_grow(member, other):
    made = [tweet(one)["id"] for one in (member, other) * 5]
    assert made == sorted(set(made))


# Answers

def test_a_reply(member, other):
    first = tweet(member)
    second = tweet(other, "Yes", reply_to=first["id"])
    third = tweet(member, "No", reply_to=second["id"])
    assert (second["reply_to"], third["reply_to"]) == (first["id"], second["id"])
    assert [shown(member, one["id"])["replies"] for one in (first, second, third)] == [1, 1, 0]
    assert replies(other, first["id"]) == [second["id"]] and replies(other, third["id"]) == []


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_a_reply_by_form(member, kind):
    first = tweet(member)
    answer = member.call("POST", TWEETS, **encoded(kind, {"content": "x", "reply_to": first["id"]}))
    assert answer.status_code == 201 and answer.json()["reply_to"] == first["id"], answer.text


def test_null_is_no_reply(member):
    assert tweet(member, reply_to=None)["reply_to"] is None


@pytest.mark.parametrize("value", [
    0, -1, 999_999_999, 2**63 - 1, str(2**63), "x", 1.5, True, [], {"id": 1}])
def test_a_reply_to_nothing_is_400(member, value):
    assert_field_error(member.post(TWEETS, {"content": "x", "reply_to": value}), 400, "reply_to")
    assert member.seen(TWEETS) == []


@pytest.mark.parametrize("limit", [1, 2, 5, 6])
def test_replies_part_by_part(member, other, limit):
    first = tweet(member)["id"]
    made = [tweet(one, f"Reply {at}", reply_to=first)["id"]
            for at, one in enumerate((member, other, member, other, other))]
    assert replies(member, first) == made, "the oldest first"
    pages = member.pages(f"{TWEETS}{first}/replies/?limit={limit}")
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert [one["id"] for page in pages for one in page] == made
    assert numbers(member.seen(f"{TWEETS}{first}/replies/?after={made[1]}")) == made[2:]


def test_replies_at_once_are_all_counted(server, member, other):
    first = tweet(member)["id"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda at: tweet((member, other)[at % 2].elsewhere(
            server.url), f"Reply {at}", reply_to=first)["id"], range(24)))
    assert shown(member, first)["replies"] == 24 and replies(member, first) == sorted(made)


# Likes

def test_a_like_toggles(member, other):
    number = tweet(member)["id"]
    for wanted in (True, False, True):
        found = like(other, number)
        assert (found["likes"], found["liked"]) == (int(wanted), wanted)
        assert shown(other, number) == found
        assert shown(member, number) == found | {"liked": False}
    assert (like(member, number)["likes"], shown(other, number)["likes"]) == (2, 2)


def test_likes_at_once(server, api, member):
    number = tweet(member)["id"]
    fans = [join(api, "fan") for _ in range(8)]
    for wanted in (True, False, True):
        with concurrent.futures.ThreadPoolExecutor(len(fans)) as pool:
            found = list(pool.map(lambda fan: like(fan.elsewhere(server.url), number), fans))
        assert [one["liked"] for one in found] == [wanted] * 8
        assert shown(member, number)["likes"] == 8 * wanted
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: like(fans[0].elsewhere(server.url), number), range(20)))
    assert shown(fans[0], number)["liked"] is True and shown(member, number)["likes"] == 8


# Who may

@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, member, scheme):
    proof = prove(api, member.account, scheme)
    answer = proof.call(api, "POST", TWEETS, content=scheme)
    assert answer.status_code == 201, answer.text
    number = answer.json()["id"]
    assert proof.call(api, "PUT", f"{LIKE}{number}/").json()["liked"] is True
    for path in (TWEETS, f"{TWEETS}user/{member.id}/"):
        assert numbers(proof.call(api, "GET", path).json()) == [number]
    assert proof.call(api, "GET", f"{TWEETS}{number}/").status_code == 200
    assert proof.call(api, "GET", f"{TWEETS}{number}/replies/").json() == []
    assert proof.call(api, "DELETE", f"{TWEETS}{number}/").status_code == 204


@pytest.mark.parametrize("method, path", [
    ("GET", ""), ("POST", ""), ("GET", "1/"), ("DELETE", "1/"), ("GET", "user/1/"),
    ("GET", "1/replies/"), ("PUT", "like/1/"), ("GET", "999999999/"), ("PUT", "like/999999999/")])
def test_a_credential_is_needed(api, member, method, path):
    tweet(member)
    assert_detail(api.call(method, TWEETS + path, json={"content": "x"}), 401)


@pytest.mark.parametrize("number", ABSURD_IDS)
def test_an_unknown_one_is_404(member, number):
    for method, path in (("GET", f"{number}/"), ("DELETE", f"{number}/"), ("PUT", f"like/{number}/"),
                         ("GET", f"{number}/replies/"), ("GET", f"user/{number}/")):
        assert_detail(member.call(method, TWEETS + path), 404)


@pytest.mark.parametrize("path, allowed", [
    ("", {"GET", "POST"}), ("1/", {"GET", "DELETE"}), ("like/1/", {"PUT"})])
def test_other_methods_are_405(member, path, allowed):
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - allowed:
        answer = member.call(method, TWEETS + path)
        assert_detail(answer, 405)
        assert allowed <= set(re.split(r",\s*", answer.headers["Allow"]))
