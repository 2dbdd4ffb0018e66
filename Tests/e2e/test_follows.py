"""Following in the microblog dialect: the toggle, the counters and the lists."""

import concurrent.futures
import itertools

import pytest

from support.api import assert_detail, assert_field_error
from support.cluster import query
from support.members import ABSURD_IDS, Member, analyze, crowd, join
from support.microblog import (
    FOLLOW, FOLLOWERS, FOLLOWING, PROFILE_VIEW, follow, numbers, obtain, profile, toggle)
from support.schemes import SCHEMES, prove


@pytest.fixture
def pair(api) -> tuple[Member, Member]:
    return join(api, "one"), join(api, "two")


def followers(member: Member, of: Member) -> list[int]:
    return numbers(member.seen(f"{FOLLOWERS}{of.id}/"))


def following(member: Member, of: Member) -> list[int]:
    return numbers(member.seen(f"{FOLLOWING}{of.id}/"))


def assert_consistent(viewer: Member, *members: Member) -> None:
    """The counters say what the lists hold."""
    for member in members:
        found = profile(viewer, member)
        assert found["followers_count"] == len(followers(viewer, member)), member.name
        assert found["following_count"] == len(following(viewer, member)), member.name


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_toggles(pair, slash):
    one, two = pair
    for wanted in (True, False, True):
        answer = one.put(f"{FOLLOW}{two.id}{slash}")
        assert answer.status_code == 200 and answer.json() == {"following": wanted}, answer.text
        seen = profile(one, two)
        assert (seen["is_following"], seen["followers_count"], seen["following_count"]) == (
            wanted, int(wanted), 0)
        assert profile(one)["following_count"] == int(wanted)
        assert followers(one, two) == [one.id] * wanted and following(two, one) == [two.id] * wanted
        assert followers(one, one) == following(two, two) == []


def test_it_is_not_mutual(pair):
    one, two = pair
    follow(one, two)
    assert profile(two, one)["is_following"] is False
    assert profile(one, two)["is_following"] is True
    follow(two, one)
    assert toggle(one, two) is False
    assert profile(two, one)["is_following"] is True and followers(two, one) == [two.id]


def test_oneself_is_400(pair):
    one, _ = pair
    assert_detail(one.put(f"{FOLLOW}{one.id}/"), 400)
    assert profile(one)["followers_count"] == 0


@pytest.mark.parametrize("number", ABSURD_IDS)
def test_an_unknown_one_is_404(pair, number):
    one, _ = pair
    assert_detail(one.put(f"{FOLLOW}{number}/"), 404)
    assert_detail(one.get(f"{FOLLOWERS}{number}/"), 404)
    assert_detail(one.get(f"{FOLLOWING}{number}/"), 404)


def test_the_lists_hold_profiles_as_the_viewer_sees_them(api, pair):
    one, two = pair
    viewer = join(api, "viewer")
    follow(one, two)
    follow(viewer, one)
    [seen] = viewer.seen(f"{FOLLOWERS}{two.id}/")
    assert set(seen) == PROFILE_VIEW and seen == profile(viewer, one)
    assert seen["is_following"] is True
    [seen] = viewer.seen(f"{FOLLOWING}{one.id}/")
    assert seen == profile(viewer, two) and seen["is_following"] is False


@pytest.mark.parametrize("limit", [1, 2, 7, 8])
def test_the_lists_part_by_part(api, pair, limit):
    one, _ = pair
    others = [join(api) for _ in range(7)]
    for other in reversed(others):
        follow(other, one)
        follow(one, other)
    for path in (f"{FOLLOWERS}{one.id}/", f"{FOLLOWING}{one.id}/"):
        whole = one.seen(path)
        assert numbers(whole) == [other.id for other in others]
        pages = one.pages(f"{path}?limit={limit}")
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert [row for page in pages for row in page] == whole
        assert one.seen(f"{path}?after={others[2].id}") == whole[3:]
        for bad in ("limit=0", "limit=x", "after=x"):
            assert_field_error(one.get(f"{path}?{bad}"), 400, bad.partition("=")[0])


def test_thousands_of_followers(database, pair):
    one, two = pair
    ids = crowd(database, 3_000, "fan")
    query(database, "INSERT INTO follow (follower, followed) SELECT n, %s FROM unnest(%s::bigint[]) n"
                    " RETURNING 1", one.id, ids)
    analyze(database)
    assert followers(two, one) == ids
    assert profile(two, one)["followers_count"] == 3_000
    pages = two.pages(f"{FOLLOWERS}{one.id}/?limit=700")
    assert [row["id"] for page in pages for row in page] == ids


# Accounts that go

def test_deleted_accounts_vanish_and_come_back(ctl, api, pair):
    one, two = pair
    third = join(api, "three")
    follow(two, one, third)
    follow(third, one, two)
    ctl.ok("user", "delete", two.name, "--yes")
    assert followers(one, one) == [third.id] and following(one, third) == [one.id]
    assert followers(one, third) == []
    assert_detail(one.put(f"{FOLLOW}{two.id}/"), 404)
    assert_detail(one.get(f"{FOLLOWERS}{two.id}/"), 404)
    assert_consistent(one, one, third)
    ctl.ok("user", "restore", two.name, "--yes")
    assert followers(one, one) == [two.id, third.id]
    assert following(one, third) == [one.id, two.id]
    assert_consistent(one, one, two, third)


@pytest.mark.parametrize("by", ["administrator", "owner"])
def test_purged_accounts_are_counted_no_more(ctl, api, pair, by):
    one, two = pair
    third = join(api, "three")
    follow(two, one, third)
    follow(third, two)
    if by == "administrator":
        ctl.ok("user", "delete", two.name, "--purge", "--yes")
    else:
        tokens = obtain(api, two.account)
        answer = two.call("DELETE", "/api/auth/user/delete/", {"refresh_token": tokens["refresh"]})
        assert answer.status_code == 204, answer.text
    for member in (one, third):
        found = profile(one, member)
        assert (found["followers_count"], found["following_count"]) == (0, 0)
        assert followers(one, member) == following(one, member) == []
    follow(third, one)
    assert profile(one)["followers_count"] == 1


# At once

def together(url: str, calls: list[tuple[Member, Member]]) -> list[bool]:
    with concurrent.futures.ThreadPoolExecutor(min(len(calls), 16)) as pool:
        return list(pool.map(lambda call: toggle(call[0].elsewhere(url), call[1]), calls))


def test_toggles_of_one_person_at_once_alternate(server, pair):
    one, two = pair
    for _ in range(15):
        answers = together(server.url, [(one, two)] * 6)
        assert sorted(answers) == [False] * 3 + [True] * 3
        assert profile(one, two)["is_following"] is False
        assert_consistent(two, one, two)


def test_many_follow_one_at_once(server, api, pair):
    one, _ = pair
    others = [join(api) for _ in range(12)]
    assert together(server.url, [(other, one) for other in others]) == [True] * 12
    assert profile(one)["followers_count"] == 12 == len(followers(one, one))
    assert together(server.url, [(other, one) for other in others]) == [False] * 12
    assert profile(one)["followers_count"] == 0 == len(followers(one, one))


def test_everybody_follows_everybody_at_once(server, api):
    circle = [join(api) for _ in range(5)]
    calls = list(itertools.permutations(circle, 2))
    for wanted in (True, False, True):
        assert together(server.url, calls) == [wanted] * len(calls)
        for member in circle:
            found = profile(circle[0], member)
            assert (found["followers_count"], found["following_count"]) == (4 * wanted, 4 * wanted)
        assert_consistent(circle[0], *circle)


# Who may

@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme(api, pair, scheme):
    one, two = pair
    proof = prove(api, one.account, scheme)
    assert proof.call(api, "PUT", f"{FOLLOW}{two.id}/").json() == {"following": True}
    assert numbers(proof.call(api, "GET", f"{FOLLOWERS}{two.id}/").json()) == [one.id]
    assert numbers(proof.call(api, "GET", f"{FOLLOWING}{one.id}/").json()) == [two.id]


@pytest.mark.parametrize("method, path", [("PUT", FOLLOW), ("GET", FOLLOWERS), ("GET", FOLLOWING)])
def test_a_credential_is_needed(api, pair, method, path):
    for number in (pair[0].id, 999_999_999):
        assert_detail(api.call(method, f"{path}{number}/"), 401)
