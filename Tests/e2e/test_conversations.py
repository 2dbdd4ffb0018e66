"""Conversations of two: begun, listed and read over HTTP."""

import concurrent.futures
import re

import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, encoded
from support.cluster import query
from support.community import CONVERSATIONS, START, befriend, conversation, person
from support.members import ABSURD_IDS, Member, join, signed_in
from support.schemes import SCHEMES, prove

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
AWKWARD = ["Hello", "\"quoted\" \\ / </script>", "line\nfeed\ttab", "Ünïcode – 😀 \u2028", "0", " ",
           "x" * 4_000, "é" * 4_000]


@pytest.fixture
def pair(api) -> tuple[Member, Member]:
    return join(api, "one"), join(api, "two")


def write(database: str, number: int, sender: Member, *texts: str) -> list[dict]:
    """Puts messages into a conversation; gives them as they are to be shown."""
    made = []
    for text in texts:
        [(message,)] = query(database, "INSERT INTO message (conversation, sender, body)"
                                       " VALUES (%s, %s, %s) RETURNING id", number, sender.id, text)
        made.append({"id": message, "sender": sender.name, "message": text})
    return made


def bare(message: dict) -> dict:
    """The same without its time, which must be one."""
    assert set(message) == {"id", "sender", "message", "timestamp"}, message
    assert TIME.fullmatch(message["timestamp"]), message
    return {name: value for name, value in message.items() if name != "timestamp"}


def shown(member: Member, number: int, part: str = "") -> list[dict]:
    body = member.seen(f"{CONVERSATIONS}{number}/{part}")
    assert set(body) == {"conversation_id", "initiator", "receiver", "message_set"}
    assert body["conversation_id"] == number
    return [bare(message) for message in body["message_set"]]


def ids(member: Member) -> list[int]:
    return [one["conversation_id"] for one in member.seen(CONVERSATIONS)]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_new_one(api, pair, kind, slash):
    one, two = pair
    befriend(two, join(api, "friend"))
    answer = one.call("POST", START.rstrip("/") + slash, **encoded(kind, {"username": two.name}))
    assert answer.status_code == 201, answer.text
    number = answer.json()["conversation_id"]
    assert answer.json() == {"conversation_id": number, "initiator": person(one),
                             "receiver": person(two)}
    whole = answer.json() | {"last_message": None}
    assert one.seen(CONVERSATIONS) == two.seen(CONVERSATIONS) == [whole]
    for member in pair:
        for path in (f"{CONVERSATIONS}{number}/", f"{CONVERSATIONS}{number}"):
            assert member.seen(path) == answer.json() | {"message_set": []}


def test_begun_again_from_either_side_it_is_the_same(pair):
    one, two = pair
    first = one.post(START, {"username": two.name})
    for member, other in ((one, two), (two, one), (one, two)):
        answer = member.post(START, {"username": other.name.upper()})
        assert answer.status_code == 200, answer.text
        assert answer.json() == first.json(), "who began it stays the initiator"
    assert ids(one) == ids(two) == [first.json()["conversation_id"]]


def test_who_is_not_connected_is_409(api, pair):
    one, _ = pair
    absent = join(api, "absent", connected=False)
    assert_detail(one.post(START, {"username": absent.name}), 409)
    assert ids(one) == [] and ids(absent) == []
    here = signed_in(api, absent.account)
    assert one.post(START, {"username": absent.name}).status_code == 201
    assert here.post("/auth/logout/").status_code == 200
    answer = one.post(START, {"username": absent.name})
    assert answer.status_code == 200, "one that is known needs nobody to be there"
    assert answer.json()["receiver"]["is_connected"] is False


def test_who_begins_needs_no_community_session(api, pair):
    _, two = pair
    absent = join(api, "absent", connected=False)
    answer = absent.post(START, {"username": two.name})
    assert answer.status_code == 201 and answer.json()["initiator"]["username"] == absent.name


def test_oneself_is_400(pair):
    one, _ = pair
    for name in (one.name, one.name.upper()):
        assert_field_error(one.post(START, {"username": name}), 400, "username")
    assert ids(one) == []


@pytest.mark.parametrize("name", ["nobody-of-this-name", "' OR '1'='1", "%", "😀"])
def test_an_unknown_name_is_404(pair, name):
    one, _ = pair
    assert_detail(one.post(START, {"username": name}), 404)


def test_a_deleted_account_is_unknown(ctl, pair):
    one, two = pair
    ctl.ok("user", "delete", two.name, "--yes")
    assert_detail(one.post(START, {"username": two.name}), 404)


def test_both_sides_at_once_begin_one(server, api):
    for _ in range(12):
        one, two = join(api), join(api)
        calls = [(one, two), (two, one)] * 3
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            answers = list(pool.map(lambda call: call[0].elsewhere(server.url).post(
                START, {"username": call[1].name}), calls))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert len({answer.json()["conversation_id"] for answer in answers}) == 1
        assert len({answer.json()["initiator"]["username"] for answer in answers}) == 1
        assert len(ids(one)) == len(ids(two)) == 1


# Reading

def test_messages_are_shown_to_both_as_they_are(database, pair):
    one, two = pair
    number = conversation(one, two)
    texts = write(database, number, one, *AWKWARD) + write(database, number, two, "Bye")
    assert shown(one, number) == shown(two, number) == texts
    for member in pair:
        [listed] = member.seen(CONVERSATIONS)
        assert bare(listed["last_message"]) == texts[-1]


def test_a_sender_goes_by_the_name_he_has_now(database, pair):
    one, two = pair
    number = conversation(one, two)
    write(database, number, two, "Hello")
    answer = two.post("/users/update/", {"username": f"{two.name} the Third"})
    assert answer.status_code == 200, answer.text
    assert [message["sender"] for message in shown(one, number)] == [f"{two.name} the Third"]


@pytest.mark.parametrize("limit", [1, 3, 9, 10])
def test_messages_part_by_part(database, pair, limit):
    one, two = pair
    number = conversation(one, two)
    texts = write(database, number, one, *(f"Message {at}" for at in range(9)))
    write(database, conversation(one, join(one.api)), one, "Elsewhere")
    found, after = [], 0
    while part := shown(two, number, f"?limit={limit}&after={after}"):
        assert len(part) <= limit
        found += part
        after = part[-1]["id"]
    assert found == texts
    answer = two.get(f"{CONVERSATIONS}{number}/?limit={limit}")
    assert ("Link" in answer.headers) == (limit < 9)


@pytest.mark.parametrize("part, field", [
    ("limit=0", "limit"), ("limit=x", "limit"), ("after=-1", "after"), ("after=x", "after")])
def test_a_part_that_makes_no_sense(pair, part, field):
    one, two = pair
    number = conversation(one, two)
    for path in (CONVERSATIONS, f"{CONVERSATIONS}{number}/"):
        assert_field_error(one.get(f"{path}?{part}"), 400, field)


def test_the_list_part_by_part(database, api, pair):
    one, _ = pair
    others = [join(api) for _ in range(5)]
    numbers = [conversation(*(one, other) if at % 2 else (other, one))
               for at, other in enumerate(others)]
    write(database, numbers[0], one, "The newest message doesn't move it")
    conversation(others[0], others[1])
    assert ids(one) == sorted(numbers)
    for limit in (1, 2, 5, 6):
        pages = one.pages(f"{CONVERSATIONS}?limit={limit}")
        assert all(len(page) <= limit for page in pages)
        assert [row for page in pages for row in page] == one.seen(CONVERSATIONS)


def test_nobody_but_the_two_reads_it(database, api, ctl, admin, pair):
    one, two = pair
    number = conversation(one, two)
    write(database, number, one, "Between us")
    for stranger in (join(api, "stranger"), signed_in(api, admin)):
        answer = stranger.get(f"{CONVERSATIONS}{number}/")
        assert_detail(answer, 403)
        assert "Between us" not in answer.text and one.name not in answer.text
        assert number not in ids(stranger)


@pytest.mark.parametrize("number", ABSURD_IDS)
def test_an_unknown_one_is_404(pair, number):
    assert_detail(pair[0].get(f"{CONVERSATIONS}{number}/"), 404)


def test_what_stays_of_somebody_who_is_deleted(ctl, database, pair):
    one, two = pair
    number = conversation(one, two)
    texts = write(database, number, two, "Still here")
    ctl.ok("user", "delete", two.name, "--yes")
    assert shown(one, number) == texts and ids(one) == [number]
    ctl.ok("user", "delete", two.name, "--purge", "--yes")
    assert_detail(one.get(f"{CONVERSATIONS}{number}/"), 404)
    assert ids(one) == []


# Who may

@pytest.mark.parametrize("scheme", [one for one in SCHEMES if one != "session_token"])
def test_every_scheme(api, pair, scheme):
    account, (_, two) = api.registered(), pair
    proof = prove(api, account, scheme)
    answer = proof.call(api, "POST", START, username=two.name)
    assert answer.status_code == 201, answer.text
    number = answer.json()["conversation_id"]
    assert proof.call(api, "GET", f"{CONVERSATIONS}{number}/").json()["message_set"] == []
    assert len(proof.call(api, "GET", CONVERSATIONS).json()) == 1


def test_the_name_beside_a_session_token_is_ones_own(api, pair):
    """There it is the credential's, and so names nobody to talk with."""
    one, two = pair
    number = conversation(one, two)
    proof = prove(api, one.account, "session_token")
    assert_field_error(proof.call(api, "POST", START), 400, "username")
    assert proof.call(api, "GET", f"{CONVERSATIONS}{number}/").status_code == 200
    assert len(proof.call(api, "GET", CONVERSATIONS).json()) == 1


@pytest.mark.parametrize("method, path", [
    ("POST", START), ("GET", CONVERSATIONS), ("GET", f"{CONVERSATIONS}1/"),
    ("GET", f"{CONVERSATIONS}999999999/")])
def test_a_credential_is_needed(api, pair, method, path):
    conversation(*pair)
    assert_detail(api.call(method, path, json={"username": pair[0].name}), 401)
