"""What the fields of people, friends, conversations and tweets don't take, in every kind of body."""

import json

import pytest

from support.api import assert_detail, assert_field_error, encoded
from support.community import (
    ADD, CONVERSATIONS, FRIENDS, PEOPLE, REMOVE, START, UPDATE, conversation, person)
from support.members import Member, join
from support.microblog import EDIT, FOLLOW, FOLLOWERS, TWEETS, VIEW, follow, profile, tweet
from support.schemes import prove
from support.wire import Wire, request

MIB = 1024 * 1024

FIELDS = [
    ("POST", UPDATE, "username"), ("POST", UPDATE, "avatar"), ("POST", ADD, "friend_username"),
    ("POST", REMOVE, "friend_username"), ("POST", START, "username"), ("POST", TWEETS, "content"),
    ("POST", TWEETS, "reply_to"), ("PUT", EDIT, "profile_id"), ("PUT", EDIT, "alias"),
    ("PUT", EDIT, "bio"), ("PUT", EDIT, "image_url"), ("PUT", EDIT, "background_image_url"),
    ("PUT", EDIT, "date_of_birth")]
REQUIRED = [row for row in FIELDS if row[2] in ("friend_username", "content") or row[1] == START]
TEXTS = [row for row in FIELDS if row[2] not in ("reply_to", "profile_id")]

WRONG = {"number": 5, "zero": 0, "fraction": 1.5, "large number": 10**18, "list": ["a"],
         "empty list": [], "object": {"a": "b"}, "true": True, "false": False}


@pytest.fixture(scope="module")
def member(api) -> Member:
    return join(api)


@pytest.fixture(scope="module")
def other(api) -> Member:
    return join(api, "other")


@pytest.fixture(scope="module")
def said(member) -> int:
    return tweet(member)["id"]


@pytest.fixture
def unchanged(member, other):
    """What a refused request must leave as it is."""
    def state() -> tuple:
        return (person(member), member.seen(FRIENDS), member.seen(CONVERSATIONS),
                member.seen(TWEETS), profile(member))
    before = state()
    yield
    assert state() == before


def good(path: str, other: Member) -> dict:
    """The fields that the route requires, as it takes them."""
    return {ADD: {"friend_username": other.name}, REMOVE: {"friend_username": other.name},
            START: {"username": other.name}, TWEETS: {"content": "x"}}.get(path, {})


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("method, path, field", TEXTS)
def test_a_wrong_type_names_the_field(member, other, unchanged, method, path, field, kind):
    answer = member.call(method, path, good(path, other) | {field: WRONG[kind]})
    assert_field_error(answer, 400, field)


@pytest.mark.parametrize("kind", ["fraction", "list", "object", "true", "false"])
@pytest.mark.parametrize("method, path, field", [row for row in FIELDS if row not in TEXTS])
def test_a_wrong_type_of_an_id(member, other, unchanged, method, path, field, kind):
    answer = member.call(method, path, good(path, other) | {field: WRONG[kind]})
    assert_field_error(answer, 400, field)


@pytest.mark.parametrize("method, path, field", REQUIRED)
@pytest.mark.parametrize("value", [None, "", " ", "\t\n"])
@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_nothing_where_something_is_required(member, unchanged, method, path, field, value, kind):
    if value is None:
        body = {"json": {field: None}} if kind == "json" else encoded(kind, {"colour": "red"})
    else:
        body = encoded(kind, {field: value})
    assert_field_error(member.call(method, path, **body), 400, field)


@pytest.mark.parametrize("method, path, field", REQUIRED)
@pytest.mark.parametrize("body", [None, {}, {"colour": "red"}])
def test_a_missing_field_is_named(member, unchanged, method, path, field, body):
    assert_field_error(member.call(method, path, body), 400, field)


@pytest.mark.parametrize("method, path, field", FIELDS)
def test_a_field_twice_is_400(member, other, unchanged, method, path, field):
    value = good(path, other).get(field, "1")
    body = f'{{"{field}": "{value}", "{field}": "{value}"}}'
    for data, kind in ((body, "application/json"),
                       (f"{field}={value}&{field}={value}", "application/x-www-form-urlencoded")):
        assert_detail(member.call(method, path, data=data, headers={"Content-Type": kind}), 400)
    answer = member.call(method, path, files=[(field, (None, value)), (field, (None, value))])
    assert_detail(answer, 400)


@pytest.mark.parametrize("method, path, field", FIELDS)
@pytest.mark.parametrize("kind, data", [
    ("application/json", '{{"{0}": "a\\u0000b"}}'), ("application/x-www-form-urlencoded", "{0}=a%00b"),
    ("application/json", '{{"{0}": "\\ud800"}}'), ("application/x-www-form-urlencoded", "{0}=%ff"),
    ("application/json", '{{"{0}": "a'), ("application/json", '[{{"{0}": "a"}}]'),
    ("multipart/form-data; boundary=b",
     '--b\r\nContent-Disposition: form-data; name="{0}"\r\n\r\na\0b\r\n--b--\r\n')])
def test_malformed_bodies_are_400(member, unchanged, method, path, field, kind, data):
    answer = member.call(method, path, data=data.format(field).encode(), headers={"Content-Type": kind})
    assert answer.status_code == 400 and answer.json(), answer.text


@pytest.mark.parametrize("method, path, field", FIELDS)
def test_another_content_type_is_415(member, other, unchanged, method, path, field):
    data = json.dumps(good(path, other) | {field: "1"}).encode()
    for kind in ("text/plain", "application/xml", "image/png"):
        assert_detail(member.call(method, path, data=data, headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize("method, path", sorted({row[:2] for row in FIELDS}))
def test_a_body_over_the_limit_is_413(server, member, unchanged, method, path):
    with Wire(server.address) as wire:
        wire.send(request(method, path, b"", f"Authorization: {member.headers['Authorization']}",
                          "Content-Type: application/json", f"Content-Length: {2 * MIB + 100_000}"))
        answer = wire.response()
    assert answer.status == 413 and set(json.loads(answer.body)) == {"detail"}


@pytest.mark.parametrize("method, path, field", FIELDS)
def test_a_query_is_no_body(member, other, unchanged, method, path, field):
    """What changes something takes its fields from the body alone."""
    answer = member.call(method, path, params=good(path, other) | {field: "1"})
    expected = 400 if (method, path) in {row[:2] for row in REQUIRED} else 200
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_name_has_150_characters_at_the_most(api, letter):
    member = join(api)
    if letter != "😀":
        name = (letter * 150)[len(member.name):] + member.name
        answer = member.post(UPDATE, {"username": name})
        assert answer.status_code == 200 and answer.json()["username"] == name, answer.text
    assert_field_error(member.post(UPDATE, {"username": letter * 151}), 400, "username")


@pytest.mark.parametrize("name", [
    "semi;colon", "a/b", "a\nb", "<b>", "a\"b", "😀", "a\u202eb", "a#b", "a:b", "a\\b"])
def test_what_no_name_holds(member, unchanged, name):
    assert_field_error(member.post(UPDATE, {"username": name}), 400, "username")


@pytest.mark.parametrize("kind", ["json", "form", "multipart"])
def test_what_isnt_a_field_is_ignored(api, kind):
    member, other = join(api), join(api, "other")
    more = {"id": 1, "account": 1, "author": other.id, "initiator": other.id, "sender": other.name,
            "likes": 99, "created": "2001-01-01", "followers_count": 99, "success": "false"}
    answer = member.call("POST", ADD, **encoded(kind, more | {"friend_username": other.name}))
    assert answer.status_code == 200 and answer.json()["success"] is True, answer.text
    answer = member.call("POST", START, **encoded(kind, more | {"username": other.name}))
    assert answer.status_code == 201 and answer.json()["initiator"]["username"] == member.name
    answer = member.call("POST", TWEETS, **encoded(kind, more | {"content": "x"}))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["profile"]["id"], made["likes"]) == (member.id, 0)
    assert not made["created"].startswith("2001")
    answer = member.call("PUT", f"{FOLLOW}{other.id}/", **encoded(kind, more))
    assert answer.json() == {"following": True}


@pytest.mark.parametrize("method, path", [
    *sorted({row[:2] for row in FIELDS}), ("PUT", FOLLOW + "{other}/"),
    ("PUT", TWEETS + "like/{tweet}/"), ("DELETE", TWEETS + "{tweet}/")])
def test_a_cookie_alone_changes_nothing(api, member, other, unchanged, said, method, path):
    proof = prove(api, member.account, "cookie")
    del proof.headers["X-CSRFToken"]
    answer = proof.call(api, method, path.format(other=other.id, tweet=said), **good(path, other))
    assert_detail(answer, 403)


def test_an_unknown_query_is_ignored(member, other, said):
    number = conversation(member, other)
    follow(member, other)
    for path in (PEOPLE, FRIENDS, CONVERSATIONS, f"{CONVERSATIONS}{number}/", TWEETS, f"{TWEETS}{said}/",
                 f"{TWEETS}{said}/replies/", f"{VIEW}{other.id}/", f"{FOLLOWERS}{other.id}/"):
        assert member.seen(f"{path}?colour=red&username=x&x=%20&&=") == member.seen(path)


def test_a_parameter_twice_is_not_guessed_about(member):
    for path in (PEOPLE, FRIENDS, CONVERSATIONS, TWEETS):
        answer = member.get(f"{path}?limit=1&limit=x")
        assert answer.status_code in (200, 400), answer.text
        assert answer.status_code == 400 or len(answer.json()) <= 1
