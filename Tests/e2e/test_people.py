"""The people of the community: one's own name, and the list of everybody."""

import concurrent.futures

import pytest

from support.api import (
    BODY_KINDS, Account, assert_detail, assert_field_error, create_account, encoded,
    new_account)
from support.cluster import query
from support.community import (
    DEFAULT_AVATAR, PEOPLE, PERSON, UPDATE, befriend, login, person, triple)
from support.members import Member, join, signed_in
from support.program import until
from support.schemes import SCHEMES, prove


@pytest.fixture
def member(api) -> Member:
    return join(api)


def row(database: str, member: Member) -> tuple:
    """Everything about the account but when it was last used."""
    found = query(database, "SELECT a.*, p.* FROM account a JOIN profile p ON p.account = a.id"
                            " WHERE a.id = %s", member.id)
    return found[0]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_new_name_and_avatar(api, member, kind, slash):
    renamed = Account(new_account().username, member.account.password, member.account.email)
    answer = member.call("POST", UPDATE.rstrip("/") + slash, **encoded(
        kind, {"username": renamed.username, "avatar": "/media/avatars/fary.png"}))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"username": renamed.username, "is_connected": True,
                             "avatar": "/media/avatars/fary.png", "friends": []}
    assert login(api, member.account).status_code == 401, "the old name is nobody's"
    assert triple(api, renamed)


def test_only_what_is_sent_changes(member, api):
    befriend(member, join(api, "friend"))
    before = person(member)
    answer = member.post(UPDATE, {"avatar": "/media/a.png"})
    assert answer.json() == before | {"avatar": "/media/a.png"}
    name = new_account().username
    answer = member.post(UPDATE, {"username": name})
    assert answer.json() == before | {"username": name, "avatar": "/media/a.png"}


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_nothing_sent_changes_nothing(database, member, kind):
    before, stored = person(member), row(database, member)
    answer = member.call("POST", UPDATE, **encoded(kind, {"colour": "red"}))
    assert answer.status_code == 200 and answer.json() == before, answer.text
    assert row(database, member) == stored


def test_a_taken_name_is_409_in_any_case(database, api, member):
    other = join(api, "ÄÖtaken")
    before = row(database, member)
    for name in (other.name, other.name.upper(), other.name.lower(), f"  {other.name} "):
        assert_field_error(member.post(UPDATE, {"username": name}), 409, "username")
    assert row(database, member) == before


def test_ones_own_name_in_another_case_is_free(member):
    answer = member.post(UPDATE, {"username": member.name.upper()})
    assert answer.status_code == 200 and answer.json()["username"] == member.name.upper()


def test_a_name_is_normalised(member):
    bare = new_account().username
    answer = member.post(UPDATE, {"username": f"  ﬁ {bare} ²\t"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["username"] == f"fi {bare} 2"


def test_a_name_taken_by_a_deleted_account_stays_taken(ctl, member):
    gone = create_account(ctl, 1)
    ctl.ok("user", "delete", gone.username, "--yes")
    assert_field_error(member.post(UPDATE, {"username": gone.username}), 409, "username")
    ctl.ok("user", "delete", gone.username, "--purge", "--yes")
    assert member.post(UPDATE, {"username": gone.username}).status_code == 200


def test_friends_see_the_new_name(api, member):
    friend = join(api, "friend")
    befriend(member, friend)
    name = new_account().username
    assert member.post(UPDATE, {"username": name}).status_code == 200
    assert person(friend)["friends"] == [name]


def test_of_many_who_want_one_name_one_gets_it(server, api):
    members = [join(api) for _ in range(6)]
    name = new_account("wanted").username
    with concurrent.futures.ThreadPoolExecutor(len(members)) as pool:
        answers = list(pool.map(
            lambda one: one.elsewhere(server.url).post(UPDATE, {"username": name}), members))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert [one["username"] for one in members[0].seen(PEOPLE)].count(name) == 1


def test_nobody_makes_himself_more_than_he_is(database, member):
    before = row(database, member)
    answer = member.post(UPDATE, {
        "permission": 3, "is_admin": True, "is_42": True, "id": 1, "user_id": "0" * 40,
        "email": "forged@example.org", "is_connected": False, "friends": ["root"],
        "two_factor": True, "locked": True, "password": "forged-12345", "first_name": "Forged"})
    assert answer.status_code == 200 and answer.json()["is_connected"] is True
    assert row(database, member) == before


# The list

def test_everybody_stands_in_the_list_by_id(database, api, member):
    others = [join(api, "zulu"), join(api, "alpha")]
    befriend(member, *others)
    people = member.seen(PEOPLE)
    assert all(set(one) == PERSON for one in people)
    names = [name for name, in query(
        database, "SELECT username FROM account WHERE deleted IS NULL ORDER BY id")]
    assert [one["username"] for one in people] == names
    assert person(member, people) == {
        "username": member.name, "is_connected": True, "avatar": DEFAULT_AVATAR,
        "friends": sorted(one.name for one in others)}
    assert [person(one, people)["friends"] for one in others] == [[member.name]] * 2


def test_deleted_accounts_are_not_in_it(ctl, api, member):
    gone = join(api)
    assert person(gone, member.seen(PEOPLE))
    ctl.ok("user", "delete", gone.name, "--yes")
    assert gone.name not in [one["username"] for one in member.seen(PEOPLE)]
    ctl.ok("user", "restore", gone.name, "--yes")
    assert person(gone, member.seen(PEOPLE))
    ctl.ok("user", "delete", gone.name, "--purge", "--yes")
    assert gone.name not in [one["username"] for one in member.seen(PEOPLE)]


def test_connected_is_who_has_a_community_session_of_late(database, api, member):
    other = join(api, connected=False)
    assert person(other, member.seen(PEOPLE))["is_connected"] is False
    here = signed_in(api, other.account)
    assert person(other, member.seen(PEOPLE))["is_connected"] is True
    query(database, "UPDATE session SET last_seen = now() - interval '6 minutes'"
                    " WHERE account = %s RETURNING 1", other.id)
    assert person(other, member.seen(PEOPLE))["is_connected"] is False
    again = signed_in(api, other.account)
    assert person(other, member.seen(PEOPLE))["is_connected"] is True
    for one in (here, again):
        assert one.post("/auth/logout/").status_code == 200
    assert person(other, member.seen(PEOPLE))["is_connected"] is False


def test_whoever_asks_is_connected_again(database, api, member):
    query(database, "UPDATE session SET last_seen = now() - interval '1 hour'"
                    " WHERE account = %s RETURNING 1", member.id)
    observer = join(api, connected=False)
    assert person(member, observer.seen(PEOPLE))["is_connected"] is False
    assert member.get(PEOPLE).status_code == 200
    until(lambda: person(member, observer.seen(PEOPLE))["is_connected"], "connected again")


# Who may

@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, scheme):
    account = api.registered()
    proof = prove(api, account, scheme)
    answer = proof.call(api, "POST", UPDATE, avatar="/media/mine.png")
    assert answer.status_code == 200 and answer.json()["username"] == account.username, answer.text
    answer = proof.call(api, "GET", PEOPLE)
    assert answer.status_code == 200, answer.text
    assert [one["avatar"] for one in answer.json() if one["username"] == account.username] == [
        "/media/mine.png"]


@pytest.mark.parametrize("method, path", [("POST", UPDATE), ("GET", PEOPLE)])
def test_a_credential_is_needed(api, method, path):
    assert_detail(api.call(method, path, json={"username": "x"}), 401)
    assert_detail(api.call(method, path, headers={"Authorization": "Token " + "0" * 40}), 401)


def test_a_cookie_alone_wants_the_csrf_token(api, member):
    proof = prove(api, member.account, "cookie")
    del proof.headers["X-CSRFToken"]
    assert_detail(proof.call(api, "POST", UPDATE, avatar="/media/a.png"), 403)
    assert person(member)["avatar"] == DEFAULT_AVATAR


@pytest.mark.parametrize("path, allowed, others", [
    (UPDATE, "POST", ["GET", "PUT", "PATCH", "DELETE"]),
    (PEOPLE, "GET", ["POST", "PUT", "PATCH", "DELETE"])])
def test_other_methods_are_405(member, path, allowed, others):
    for method in others:
        answer = member.call(method, path)
        assert_detail(answer, 405)
        assert allowed in answer.headers["Allow"]
