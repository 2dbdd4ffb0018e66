"""Rotation of the trainer dialect's refresh tokens: many at once, repeats, reuse, and logout."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import forge
from support.api import Api, assert_detail
from support.cluster import query
from support.program import until

AT_ONCE = 20
# The grace of a repeat is 10 seconds.
PAST_GRACE = "11 seconds"


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


def sid(pair: dict) -> str:
    return forge.claims_of(pair["access_token"])["sid"]


def together(calls: list):
    """Runs them all at once."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def age(database: str, pair: dict) -> None:
    """Moves the session's refreshes back, past the grace."""
    changed = query(
        database, "UPDATE credential SET spent = spent - %s::interval"
        " WHERE session = %s::uuid AND spent IS NOT NULL RETURNING id", PAST_GRACE, sid(pair))
    assert changed, "nothing was spent"


def refreshing(servers, pair: dict) -> list:
    """Calls that refresh the same token, on the servers by turns."""
    return [lambda url=servers[number % 2].url: Api(url).refresh(pair["refresh_token"])
            for number in range(AT_ONCE)]


def test_twenty_at_once_get_one_pair(servers, database, account):
    api = Api(servers[0].url)
    old = api.tokens(account)
    answers = together(refreshing(servers, old))
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    pairs = {(answer.json()["access_token"], answer.json()["refresh_token"]) for answer in answers}
    assert len(pairs) == 1
    access, token = pairs.pop()
    assert access != old["access_token"] and token != old["refresh_token"]
    assert api.alive(access)
    assert query(database, "SELECT count(*) FROM credential WHERE session = %s::uuid"
                           " AND kind = 'refresh'", sid(old)) == [(2,)]


def test_a_repeat_on_another_server_gets_the_same_pair(servers, account):
    old = Api(servers[0].url).tokens(account)
    answers = [Api(server.url).refresh(old["refresh_token"]) for server in servers]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


def test_a_repeat_after_the_keys_were_rotated_gets_the_same_pair(api, ctl, account):
    old = api.tokens(account)
    first = api.refresh(old["refresh_token"])
    ctl.ok("key", "rotate", "--yes")
    second = api.refresh(old["refresh_token"])
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    pair = first.json()

    def key() -> str:
        return forge.header_of(pair["refresh_token"])["kid"]

    before = key()

    # The server hears of the rotation a moment after it.
    def is_another() -> bool:
        nonlocal pair
        pair = api.refresh(pair["refresh_token"]).json()
        return key() != before

    until(is_another, "what is signed after the rotation has the new key")


def test_the_pairs_of_a_chain_all_differ(api, account):
    pairs = [api.tokens(account)]
    for _ in range(5):
        answer = api.refresh(pairs[-1]["refresh_token"])
        assert answer.status_code == 200, answer.text
        pairs.append(answer.json())
    assert len({pair["refresh_token"] for pair in pairs}) == 6
    assert len({pair["access_token"] for pair in pairs}) == 6
    assert len({sid(pair) for pair in pairs}) == 1
    assert api.alive(pairs[-1]["access_token"])


@pytest.mark.parametrize("path", [
    "/api/auth/token/refresh/", "/api/token/refresh/", "/api/jwt/refresh/",
    "/api/auth/refresh_token/"])
def test_reuse_after_the_grace_revokes_the_session(api, ctl, database, account, path):
    other = api.tokens(account)
    old = api.tokens(account)
    new = api.refresh(old["refresh_token"]).json()
    age(database, old)
    assert_detail(api.post(path, {"refresh": old["refresh_token"]}), 401)
    assert not api.alive(new["access_token"]) and not api.alive(old["access_token"])
    assert_detail(api.refresh(new["refresh_token"]), 401)
    assert api.alive(other["access_token"])
    records = ctl.json("audit", "list", "--what", "token-reuse", "--user", account.username)
    assert len(records) == 1 and records[0]["address"] == "127.0.0.1"


def test_twenty_reuses_at_once_all_fail(servers, database, account):
    api = Api(servers[0].url)
    old = api.tokens(account)
    new = api.refresh(old["refresh_token"]).json()
    age(database, old)
    answers = together(refreshing(servers, old))
    assert {answer.status_code for answer in answers} == {401}
    assert not api.alive(new["access_token"])


def test_reuse_of_an_older_one_of_the_chain(api, database, account):
    first = api.tokens(account)
    second = api.refresh(first["refresh_token"]).json()
    third = api.refresh(second["refresh_token"]).json()
    age(database, first)
    assert_detail(api.refresh(first["refresh_token"]), 401)
    assert not api.alive(third["access_token"])
    assert_detail(api.refresh(third["refresh_token"]), 401)


@pytest.mark.parametrize("which", ["old", "new"])
def test_logout_with_either_refresh_token_ends_both_pairs(api, account, which):
    old = api.tokens(account)
    new = api.refresh(old["refresh_token"]).json()
    given = {"old": old, "new": new}[which]
    answer = api.post("/api/auth/logout/", {"refresh": given["refresh_token"]},
                      token=new["access_token"])
    assert answer.status_code == 204, answer.text
    for pair in (old, new):
        assert not api.alive(pair["access_token"])
        assert_detail(api.refresh(pair["refresh_token"]), 401)


@pytest.mark.parametrize("attempt", range(3))
def test_no_token_outlives_a_logout_that_met_a_refresh(servers, account, attempt):
    api = Api(servers[0].url)
    held = api.tokens(account)
    answers = together([
        *refreshing(servers, held)[:6],
        lambda: Api(servers[1].url).post("/api/auth/logout/", {"refresh": held["refresh_token"]})])
    assert answers[-1].status_code == 204, answers[-1].text
    assert {answer.status_code for answer in answers[:-1]} <= {200, 401}
    for answer in answers[:-1]:
        if answer.status_code == 200:
            assert not api.alive(answer.json()["access_token"])
            assert_detail(api.refresh(answer.json()["refresh_token"]), 401)
    assert not api.alive(held["access_token"])


def test_a_refresh_token_of_a_locked_account_is_refused(api, ctl, account):
    held = api.tokens(account)
    ctl.ok("user", "lock", account.username, "--yes")
    assert_detail(api.refresh(held["refresh_token"]), 401)
