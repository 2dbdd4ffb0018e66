"""A conversation over sockets: who hears what, in which order, and what is no message."""

import contextlib
import json
import secrets as random
from datetime import datetime, timedelta, timezone

import pytest
from websockets.exceptions import ConnectionClosed

from support.api import Api, bearer, create_account
from support.cluster import query
from support.program import until
from support.sockets import Chat, Person, Talk, begin, newcomer, open_socket, refusal

FIELDS = {"id", "conversation_id", "sender", "message", "timestamp"}


@pytest.fixture(scope="module")
def people(ctl, server):
    return newcomer(ctl, server), newcomer(ctl, server)


@pytest.fixture
def talk(ctl, server):
    """A conversation of each test's own."""
    return begin(ctl, server)


@pytest.fixture(scope="module")
def common(ctl, server, people):
    """One for tests that ask for nothing but a conversation."""
    return begin(ctl, server, *people)


def conversation(api: Api, talk: Talk, **paging) -> dict:
    answer = api.get(f"/conversations/{talk.id}/", talk.one.access, params=paging)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_both_sides_and_all_their_sockets_hear_it(server, talk):
    with (talk.open(server) as one, talk.open(server) as second, talk.open(server, talk.other) as other,
          talk.open(server, talk.other) as last):
        mine = one.say("hello")
        assert set(mine) == FIELDS
        assert (mine["conversation_id"], mine["sender"], mine["message"]) == (talk.id, talk.one.name, "hello")
        when = datetime.fromisoformat(mine["timestamp"].replace("Z", "+00:00"))
        assert when.utcoffset() == timedelta(0) and abs(datetime.now(timezone.utc) - when) < timedelta(minutes=2)
        assert [chat.next() for chat in (second, other, last)] == [mine] * 3
        theirs = other.say("hello yourself")
        assert theirs["sender"] == talk.other.name and theirs["id"] > mine["id"]
        assert [chat.next() for chat in (one, second, last)] == [theirs] * 3


def test_it_is_stored_before_it_is_sent(server, talk):
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        for number in range(20):
            speaker, listener = (chat, other) if number % 2 else (other, chat)
            said = speaker.say(f"{number}")
            assert talk.stored()[-1][0] == said["id"] == listener.next()["id"]


def test_rest_tells_the_same(api, server, talk):
    assert conversation(api, talk)["message_set"] == []
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        for number in range(5):
            (chat if number % 2 else other).say(f"number {number}")
        chat.read_to(talk.stored()[-1][0])
        heard = [{name: message[name] for name in FIELDS - {"conversation_id"}} for message in chat.seen]
    assert conversation(api, talk)["message_set"] == heard and len(heard) == 5
    assert conversation(api, talk, limit=2, after=heard[0]["id"])["message_set"] == heard[1:3]
    for person in (talk.one, talk.other):
        listed = [one for one in api.get("/conversations/", person.access).json()
                  if one["conversation_id"] == talk.id]
        assert [one["last_message"] for one in listed] == [heard[-1]]


def test_messages_keep_the_order_they_were_sent_in(server, talk):
    texts = [f"{number} {random.token_hex(3)}" for number in range(20)]
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        for text in texts:
            chat.send(text)
        last = [chat.next() for _ in texts][-1]["id"]
        other.read_to(last)
        assert chat.seen == other.seen and [message["message"] for message in chat.seen] == texts
    assert talk.texts() == texts and chat.ids == sorted(chat.ids)


def test_one_conversation_does_not_hear_another(ctl, server, people):
    one, two = people
    third = newcomer(ctl, server)
    first, second = begin(ctl, server, two, third), begin(ctl, server, one, third)
    with (first.open(server) as here, second.open(server) as there, second.open(server, third) as theirs):
        here.say("for two")
        said = there.say("for three")
        theirs.read_to(said["id"])
        assert theirs.seen == there.seen == [said]
        assert [message["message"] for message in here.seen] == ["for two"]


def test_replay_of_what_was_missed(server, talk):
    with talk.open(server) as chat:
        ids = [chat.say(f"{number}")["id"] for number in range(15)]
        for after in (0, ids[0] - 1, ids[0], ids[13], ids[14]):
            with talk.open(server, talk.other, after=after) as other:
                ids.append(other.say(random.token_hex(8))["id"])
                assert other.ids == [number for number in ids if number > after], after
        assert chat.read_to(ids[-1]) == ids


def test_without_after_only_what_is_new(server, talk):
    with talk.open(server) as chat:
        chat.say("old")
    with talk.open(server) as chat:
        assert chat.say("new") == chat.seen[0]


@pytest.mark.parametrize("count, body", [(5000, "x" * 1000), (500, "\U0001f600" * 3990)], ids=["short", "long"])
def test_replay_of_many(server, talk, database, count, body):
    """More than fits one answer of the database, or one socket's queue."""
    account = query(database, "SELECT id FROM account WHERE username = %s", talk.one.name)[0][0]
    query(database, "INSERT INTO message (conversation, sender, body)"
                    " SELECT %s, %s, %s || i FROM generate_series(1, %s) i RETURNING id",
          talk.id, account, body, count)
    ids = [number for number, _, _ in talk.stored()]
    with talk.open(server, after=ids[9]) as chat:
        assert chat.read_to(ids[-1]) == ids[10:]
        assert chat.say("still here")["id"] > ids[-1]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9223372036854775808", "1 OR 1=1", "%00"])
def test_after_that_is_no_id(server, common, after):
    assert refusal(server, f"{common.path}?after={after}", common.one.access) == 400


GOOD = {
    "4,000 characters": "x" * 4000, "4,000 of four bytes": "\U0001f600" * 4000, "1": "x",
    "quotes and line ends": "\"'\\\r\n\t</script>\u2028", "right to left": "שלום \u202e",
    "what SQL would like": "'; DROP TABLE message; --", "what JSON would like": '{"error":"no"}',
    "what a number looks like": "1e400", "no characters assigned": "\uffff\U0010ffff",
    "not composed": "e\u0301 e\u0301"}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
@pytest.mark.parametrize("ascii_only", [True, False], ids=["escaped", "raw"])
def test_a_message_arrives_to_the_letter(server, common, text, ascii_only):
    with common.open(server) as chat:
        chat.connection.send(json.dumps({"message": text}, ensure_ascii=ascii_only))
        assert chat.next()["message"] == text
    assert common.texts()[-1] == text


def test_the_sender_is_who_proved_it(server, talk):
    with talk.open(server) as chat:
        chat.connection.send(json.dumps({
            "id": 1, "sender": talk.other.name, "conversation_id": 1, "timestamp": "x", "message": "it is me"}))
        said = chat.next()
        assert (said["sender"], said["conversation_id"]) == (talk.one.name, talk.id) and said["id"] > 1


def test_a_new_name_is_the_sender_at_once(ctl, api, server, talk):
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        chat.say("by my old name")
        new = f"renamed-{random.token_hex(4)}"
        ctl.ok("user", "edit", talk.one.name, "--username", new, "--yes")
        assert chat.say("by my new one")["sender"] == new
        assert [other.next()["sender"] for _ in range(2)] == [talk.one.name, new]
    assert {message["sender"] for message in conversation(api, talk)["message_set"]} == {new}


def test_nothing_is_said_in_a_deleted_conversation(ctl, server, talk):
    with talk.open(server) as chat:
        chat.say("before")
        ctl.ok("conversation", "delete", talk.id, "--yes")
        with contextlib.suppress(ConnectionClosed):
            assert "error" in chat.say("after")
    assert talk.texts() == []


BAD = {
    "nothing": "", "no JSON": "hello", "half of it": '{"message":"x"', "more than one": '{"message":"x"}{}',
    "bytes behind": '{"message":"x"} x', "a string": '"x"', "an array": '["x"]', "null": "null", "a number": "7",
    "no message": "{}", "another name": '{"Message":"x"}', "an empty message": '{"message":""}',
    "a message that is null": '{"message":null}', "a number for a message": '{"message":1}',
    "an array for a message": '{"message":["x"]}', "an object for a message": '{"message":{"message":"x"}}',
    "two messages": '{"message":"x","message":"y"}', "NUL": '{"message":"a\\u0000b"}',
    "half a character": '{"message":"\\ud800"}', "the other half": '{"message":"\\udc00\\ud800"}',
    "single quotes": "{'message':'x'}", "a comma too many": '{"message":"x",}', "a comment": '{"message":"x"/**/}',
    "4,001 characters": json.dumps({"message": "x" * 4001}),
    "4,001 of four bytes": json.dumps({"message": "\U0001f600" * 4001}, ensure_ascii=False),
    "4,002 code points": json.dumps({"message": "e\u0301" * 2001}),
    "depth": '{"message":"x","more":' + "[" * 70 + "]" * 70 + "}",
    "great depth": "[" * 30000, "a byte order mark": "\ufeff" + '{"message":"x"}',
    "bytes": b'{"message":"x"}', "no bytes": b"", "bytes that are no text": b"\xff\x00"}


def test_what_is_no_message_gets_an_error_and_no_end(server, talk):
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        for name, bad in BAD.items():
            chat.connection.send(bad)
            got = chat.next()
            assert set(got) == {"error"} and isinstance(got["error"], str) and got["error"], (name, got)
            said = chat.say("go on")
            assert said["message"] == "go on", name
            assert other.next() == said, f"the other side heard of it: {name}"
    assert set(talk.texts()) == {"go on"}


def test_a_stranger_and_an_admin_are_not_let_in(ctl, api, server, talk):
    for permission in (1, 2, 3):
        stranger = newcomer(ctl, server, permission=permission)
        assert refusal(server, talk.path, stranger.access) == 403
        assert api.get(f"/conversations/{talk.id}/", stranger.access).status_code == 403


# Connected by a socket alone

def trainee(ctl, api) -> Person:
    """Somebody with no community session, whom nothing but a socket makes connected."""
    account = create_account(ctl, 1, "trainee")
    return Person(account, api.tokens(account)["access_token"], "")


def is_connected(api: Api, person: Person, asking: Person) -> bool:
    listed = api.get("/users/user_list/", asking.access).json()
    return [one["is_connected"] for one in listed if one["username"] == person.name] == [True]


def start(api: Api, one: Person, other: Person) -> int:
    return api.post("/conversations/start/", {"username": other.name}, one.access).status_code


def test_an_open_socket_makes_connected(ctl, api, server, people):
    quiet = trainee(ctl, api)
    talk = begin(ctl, server, quiet, people[0])
    assert not is_connected(api, quiet, people[0]) and start(api, people[1], quiet) == 409
    first, second = talk.open(server), talk.open(server)
    assert is_connected(api, quiet, people[0])
    first.connection.close()
    assert is_connected(api, quiet, people[0]) and start(api, people[1], quiet) == 201
    second.connection.close()
    until(lambda: not is_connected(api, quiet, people[0]), "the last socket closed")
    assert start(api, people[1], quiet) == 200  # The conversation is known.
    third = newcomer(ctl, server)
    assert start(api, third, quiet) == 409
    with Chat(open_socket(server, talk.path, additional_headers=bearer(quiet.access))):
        assert start(api, third, quiet) == 201
