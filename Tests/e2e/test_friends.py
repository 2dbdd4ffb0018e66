"""Friends: who is one, from either side."""

import concurrent.futures
import itertools

import pytest

from support.api import BODY_KINDS, assert_detail, encoded
from support.cluster import query
from support.community import (
    ADD, FRIENDS, PEOPLE, PERSON, REMOVE, assert_unsuccessful, befriend, person)
from support.members import Member, join
from support.schemes import SCHEMES, prove


@pytest.fixture
def pair(api) -> tuple[Member, Member]:
    return join(api, "one"), join(api, "two")


def names(member: Member) -> list[str]:
    """Friends as the list of friends shows them."""
    found = member.seen(FRIENDS)
    assert all(set(one) == PERSON for one in found)
    return [one["username"] for one in found]


def rows(database: str, *members: Member) -> int:
    """How many friendships are kept among these."""
    ids = [member.id for member in members]
    return query(database, "SELECT count(*) FROM friendship WHERE low = ANY (%s) AND"
                           " high = ANY (%s)", ids, ids)[0][0]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_friendship_is_mutual(api, database, pair, kind, slash):
    one, two = pair
    fields = encoded(kind, {"friend_username": two.name})
    answer = one.call("POST", ADD.rstrip("/") + slash, **fields)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "message": f"{two.name} added as friend."}
    assert (names(one), names(two)) == ([two.name], [one.name])
    assert one.seen(FRIENDS) == [person(two)] and two.seen(FRIENDS) == [person(one)]
    assert rows(database, one, two) == 1
    answer = two.call("POST", REMOVE.rstrip("/") + slash, **encoded(
        kind, {"friend_username": one.name}))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"success": True, "message": f"{one.name} removed from friends."}
    assert names(one) == names(two) == []
    assert person(one)["friends"] == person(two)["friends"] == []


def test_nobody_has_a_friend_at_first(api):
    assert join(api).seen(FRIENDS) == []


def test_twice_from_either_side_is_400(database, pair):
    one, two = pair
    befriend(one, two)
    assert_unsuccessful(one.post(ADD, {"friend_username": two.name}), 400)
    assert_unsuccessful(two.post(ADD, {"friend_username": one.name}), 400)
    assert rows(database, one, two) == 1 and names(one) == [two.name]


def test_removed_and_added_again(pair):
    one, two = pair
    for _ in range(3):
        befriend(one, two)
        assert two.post(REMOVE, {"friend_username": one.name}).status_code == 200
    assert names(one) == names(two) == []


@pytest.mark.parametrize("path", [ADD, REMOVE])
def test_oneself_is_400(pair, path):
    one, _ = pair
    for name in (one.name, one.name.upper(), f" {one.name} "):
        assert_unsuccessful(one.post(path, {"friend_username": name}), 400)
    assert names(one) == []


@pytest.mark.parametrize("path", [ADD, REMOVE])
@pytest.mark.parametrize("name", [
    "nobody-of-this-name", "semi;colon", "' OR '1'='1", "%", "_", "😀", "../..", "x" * 200])
def test_an_unknown_name_is_404(pair, path, name):
    one, two = pair
    befriend(one, two)
    assert_unsuccessful(one.post(path, {"friend_username": name}), 404)
    assert names(one) == [two.name]


@pytest.mark.parametrize("path", [ADD, REMOVE])
def test_only_a_name_is_a_name(pair, path):
    """Neither an address, which would tell who has it, nor an id."""
    one, two = pair
    for value in (two.account.email, str(two.id)):
        assert_unsuccessful(one.post(path, {"friend_username": value}), 404)


def test_removing_who_is_none_is_400(api, pair):
    one, two = pair
    third = join(api, "three")
    befriend(two, third)
    assert_unsuccessful(one.post(REMOVE, {"friend_username": two.name}), 400)
    assert_unsuccessful(one.post(REMOVE, {"friend_username": third.name}), 400)
    assert names(two) == [third.name]


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, lambda name: f"  {name}\t"])
def test_the_case_of_a_name_does_not_matter(api, change):
    one, two = join(api, "one"), join(api, "ÄöTwo")
    answer = one.post(ADD, {"friend_username": change(two.name)})
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"] == f"{two.name} added as friend."
    assert names(one) == [two.name]
    assert_unsuccessful(one.post(ADD, {"friend_username": two.name}), 400)
    answer = one.post(REMOVE, {"friend_username": change(two.name)})
    assert answer.json() == {"success": True, "message": f"{two.name} removed from friends."}


def test_friends_are_alphabetical_and_lists_by_id(api):
    one = join(api)
    others = [join(api, prefix) for prefix in ("mia", "ada", "zoe", "bob")]
    befriend(one, *reversed(others))
    assert person(one)["friends"] == sorted(other.name for other in others)
    assert names(one) == [other.name for other in others]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_the_list_part_by_part(api, limit):
    one = join(api)
    befriend(one, *(join(api) for _ in range(7)))
    whole = one.seen(FRIENDS)
    pages = one.pages(f"{FRIENDS}?limit={limit}")
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert [friend for page in pages for friend in page] == whole and len(whole) == 7


def test_deleted_accounts_vanish_and_come_back(ctl, api, pair):
    one, two = pair
    third = join(api, "three")
    befriend(one, two, third)
    ctl.ok("user", "delete", two.name, "--yes")
    assert names(one) == [third.name] and person(one)["friends"] == [third.name]
    assert_unsuccessful(one.post(ADD, {"friend_username": two.name}), 404)
    ctl.ok("user", "restore", two.name, "--yes")
    assert names(one) == [two.name, third.name]
    ctl.ok("user", "delete", two.name, "--purge", "--yes")
    assert names(one) == [third.name] and person(one)["friends"] == [third.name]
    assert_unsuccessful(one.post(REMOVE, {"friend_username": two.name}), 404)


# At once

def at_once(url: str, calls: list[tuple[Member, str, str]]) -> list[int]:
    """Sends all the requests together; gives the statuses in their order."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call[0].elsewhere(url).post(
            call[1], {"friend_username": call[2]}).status_code, calls))


def test_both_sides_at_once(server, database, pair):
    one, two = pair
    for _ in range(25):
        statuses = at_once(server.url, [(one, ADD, two.name), (two, ADD, one.name)] * 2)
        assert sorted(statuses) == [200, 400, 400, 400]
        assert rows(database, one, two) == 1
        statuses = at_once(server.url, [(one, REMOVE, two.name), (two, REMOVE, one.name)] * 2)
        assert sorted(statuses) == [200, 400, 400, 400]
        assert rows(database, one, two) == 0


def test_everybody_with_everybody_at_once(server, api, database):
    circle = [join(api) for _ in range(6)]
    calls = [(one, ADD, two.name) for one, two in itertools.permutations(circle, 2)]
    assert sorted(at_once(server.url, calls)) == [200] * 15 + [400] * 15
    assert rows(database, *circle) == 15
    for one in circle:
        assert names(one) == [other.name for other in circle if other is not one]


def test_adding_and_removing_at_once_leave_both_sides_alike(server, database, pair):
    one, two = pair
    calls = [(one, ADD, two.name), (two, REMOVE, one.name), (two, ADD, one.name),
             (one, REMOVE, two.name)] * 3
    for _ in range(10):
        assert set(at_once(server.url, calls)) <= {200, 400}
        kept = rows(database, one, two)
        assert kept in (0, 1)
        assert (names(one), names(two)) == ([two.name] * kept, [one.name] * kept)


# Who may

@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, scheme):
    account, other = api.registered(), join(api)
    proof = prove(api, account, scheme)
    assert proof.call(api, "POST", ADD, friend_username=other.name).status_code == 200
    assert [one["username"] for one in proof.call(api, "GET", FRIENDS).json()] == [other.name]
    assert proof.call(api, "POST", REMOVE, friend_username=other.name).status_code == 200
    assert proof.call(api, "GET", FRIENDS).json() == []


@pytest.mark.parametrize("method, path", [("POST", ADD), ("POST", REMOVE), ("GET", FRIENDS)])
def test_a_credential_is_needed(api, pair, method, path):
    assert_detail(api.call(method, path, json={"friend_username": pair[0].name}), 401)


def test_a_session_that_was_revoked_adds_nobody(ctl, pair):
    one, two = pair
    ctl.ok("session", "revoke", "--user", one.name, "--yes")
    assert_detail(one.post(ADD, {"friend_username": two.name}), 401)
    assert names(two) == []


def test_a_new_account_of_an_old_name_has_no_friends(ctl, api, pair):
    one, two = pair
    befriend(one, two)
    ctl.ok("user", "delete", one.name, "--purge", "--yes")
    heir = join(api, "heir")
    assert heir.post("/users/update/", {"username": one.name}).status_code == 200
    assert names(two) == [] and person(two, two.seen(PEOPLE))["friends"] == []
