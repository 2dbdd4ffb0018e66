"""Limits on sign-in, sign-up and codes, counted together by all servers of a database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import create_account, new_account
from support.attempts import (
    LIMIT, LIMITED, assert_limited, exhaust, fail, fresh_address, somewhere, wrong)
from support.browser import Place
from support.cluster import query
from support.microblog import registration
from support.schemes import SIGN_INS, prove, sign_in


@pytest.fixture(scope="module")
def servers(new_server):
    return [new_server(LIMITED) for _ in range(2)]


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


def sign_up(api, path: str, account):
    """A registration in whichever dialect."""
    if "user/register" in path:
        return api.post(path, registration(account))
    twice = {"password1": account.password, "password2": account.password}
    return api.post(path, {"username": account.username, "email": account.email,
                           "password": account.password} | twice)


SIGN_UPS = ["/api/auth/signup/", "/auth/registration/", "/api/auth/register/",
            "/api/auth/user/register/"]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_the_right_password_is_429_too_from_any_address(servers, account, path):
    exhaust(servers[0], account)
    for server in servers:
        assert_limited(sign_in(somewhere(server), path, account), havoc=path.startswith("/user/"))


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_failures_in_every_dialect_count(server, account, path):
    for _ in range(LIMIT):
        assert fail(somewhere(server), account, 1, path) == [401]
    assert_limited(somewhere(server).login(account))


def test_two_servers_count_together(servers, account):
    statuses = [fail(somewhere(servers[number % 2]), account, 1)[0] for number in range(LIMIT)]
    assert statuses == [401] * LIMIT
    assert_limited(somewhere(servers[1]).login(account))
    assert_limited(somewhere(servers[0]).login(account))


def test_one_failure_less_leaves_the_account_open(servers, account):
    for number in range(LIMIT - 1):
        assert fail(somewhere(servers[number % 2]), account, 1) == [401]
    assert somewhere(servers[0]).tokens(account)


def test_fifty_at_once_get_no_more_than_the_limit(servers, account):
    places = [somewhere(servers[number % 2]) for number in range(50)]
    with ThreadPoolExecutor(25) as pool:
        statuses = list(pool.map(lambda place: place.login(wrong(account)).status_code, places))
    assert set(statuses) <= {401, 429}
    assert statuses.count(401) == LIMIT
    assert_limited(somewhere(servers[0]).login(account))


def test_an_address_is_limited_whatever_the_names(servers, ctl, account):
    address = fresh_address()
    here = [Place(server.url, address) for server in servers]
    for number in range(LIMIT):
        assert fail(here[number % 2], new_account("nobody"), 1) == [401]
    for place in here:
        assert_limited(place.login(account))
    assert somewhere(servers[0]).tokens(account), "from elsewhere the account is open"


def test_another_account_is_not_affected(servers, ctl, account):
    other = create_account(ctl, 1)
    exhaust(servers[0], account)
    assert_limited(somewhere(servers[1]).login(account))
    assert somewhere(servers[1]).tokens(other)


def test_a_name_that_nobody_has_is_limited_alike(servers):
    nobody = new_account("nobody")
    exhaust(servers[0], nobody)
    assert_limited(somewhere(servers[1]).login(nobody))


@pytest.mark.parametrize("spelling", [str.upper, str.title, lambda name: f"  {name} "])
def test_a_name_is_counted_in_every_spelling(server, account, spelling):
    exhaust(server, account)
    answer = somewhere(server).post("/api/auth/login/", {
        "username": spelling(account.username), "password": account.password})
    assert_limited(answer)


def test_a_session_already_held_still_works(servers, account):
    place = somewhere(servers[0])
    held = {scheme: prove(place, account, scheme) for scheme in ("Bearer", "Token", "cookie")}
    pair = place.tokens(account)
    exhaust(servers[0], account)
    assert_limited(place.login(account))
    assert [proof.probe(place, "trainer") for proof in held.values()] == [200] * 3
    assert place.refresh(pair["refresh_token"]).status_code == 200


def age(database: str, seconds: int) -> None:
    assert query(database, "UPDATE attempt SET at = at - %s * interval '1 second' RETURNING scope",
                 seconds)


def test_the_window_passes(servers, database, account):
    exhaust(servers[0], account)
    assert_limited(somewhere(servers[0]).login(account))
    age(database, 14 * 60)
    answer = somewhere(servers[1]).login(account)
    assert_limited(answer)
    assert int(answer.headers["Retry-After"]) <= 61
    age(database, 61)
    assert somewhere(servers[1]).tokens(account)
    assert somewhere(servers[0]).tokens(account)


def test_success_doesn_t_use_the_limit_up(server, account):
    place = somewhere(server)
    for _ in range(LIMIT + 2):
        assert place.tokens(account)


@pytest.mark.parametrize("fields", [{}, {"username": "x"}, {"username": 5, "password": "x"}])
def test_a_malformed_sign_in_is_400_however_often(server, fields):
    place = somewhere(server)
    statuses = {place.post("/api/auth/login/", fields).status_code for _ in range(LIMIT + 2)}
    assert statuses == {400}


@pytest.mark.parametrize("path", SIGN_UPS)
def test_every_sign_up_of_an_address_counts(servers, path):
    address = fresh_address()
    here = [Place(server.url, address) for server in servers]
    for number in range(LIMIT):
        assert sign_up(here[number % 2], path, new_account()).status_code == 201
    last = new_account()
    assert_limited(sign_up(here[0], path, last))
    assert_limited(sign_up(here[1], path, last))
    assert somewhere(servers[0]).login(last).status_code == 401
    assert sign_up(somewhere(servers[0]), path, last).status_code == 201


def test_sign_ups_of_all_dialects_count_together(server):
    place = somewhere(server)
    for number in range(LIMIT):
        assert sign_up(place, SIGN_UPS[number % 4], new_account()).status_code == 201
    assert_limited(sign_up(place, SIGN_UPS[0], new_account()))


def test_each_kind_has_its_own_count(server, account):
    place = somewhere(server)
    for _ in range(LIMIT):
        assert sign_up(place, SIGN_UPS[2], new_account()).status_code == 201
    assert_limited(sign_up(place, SIGN_UPS[2], new_account()))
    assert place.tokens(account), "sign-ups don't count as failures"
    assert fail(place, new_account("nobody"), LIMIT) == [401] * LIMIT
    assert_limited(place.login(account))


def test_zero_switches_the_limits_off(new_server, account):
    place = somewhere(new_server("--attempt-limit=0"))
    assert fail(place, account, LIMIT + 2) == [401] * (LIMIT + 2)
    assert place.tokens(account)
    statuses = {sign_up(place, SIGN_UPS[2], new_account()).status_code for _ in range(LIMIT + 2)}
    assert statuses == {201}


@pytest.mark.parametrize("key, value", [
    ("attempt-limit", str(LIMIT)), ("attempt-window", "15m"), ("trusted-proxies", "")])
def test_what_holds_unless_configured(ctl, key, value):
    assert {row["key"]: row["value"] for row in ctl.json("config", "show")}[key] == value


def test_limit_and_window_are_configuration(new_server, account):
    place = somewhere(new_server("--attempt-limit=2", "--attempt-window=1m"))
    assert fail(place, account, 2) == [401, 401]
    answer = place.login(account)
    assert_limited(answer)
    assert int(answer.headers["Retry-After"]) <= 60
