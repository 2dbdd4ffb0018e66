"""The cookies of a web session: where they are set, and that none is ever promoted."""

import pytest

from support.api import Api, create_account, new_account
from support.browser import Browser, set_cookies
from support.cluster import query
from support.schemes import SIGN_INS, sign_in

# Each is answered, one way or another, without signing anybody in.
ANONYMOUS = [
    ("POST", "/api/auth/signup/", {}, 400), ("POST", "/api/auth/obtain/", {}, 400),
    ("POST", "/api/auth/obtain/", {"username": "nobody", "password": "x"}, 401),
    ("POST", "/api/auth/login/", {"username": "nobody", "password": "x"}, 401),
    ("POST", "/api/auth/logout/", {}, 401), ("POST", "/api/auth/del-logout/", {}, 401),
    ("POST", "/api/jwt/", {}, 401), ("POST", "/api/jwt/refresh/", {"refresh": "x"}, 401),
    ("POST", "/api/jwt/verify/", {"token": "x"}, 401), ("GET", "/api/jwt/", None, 405)]


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--trusted-proxies=127.0.0.1")


@pytest.mark.parametrize("method, path, body, status", ANONYMOUS)
def test_every_response_sets_what_is_missing(server, method, path, body, status):
    answer = Browser(server.url).call(method, path, json=body)
    assert answer.status_code == status, answer.text
    cookies = set_cookies(answer)
    assert set(cookies) == {"sessionid", "csrftoken"}
    assert all(len(cookie.value) >= 32 for cookie in cookies.values())
    assert all(cookie["path"] == "/" for cookie in cookies.values())
    assert all(cookie["samesite"] == "Lax" for cookie in cookies.values())
    assert not any(cookie["domain"] or cookie["secure"] for cookie in cookies.values())
    assert cookies["sessionid"]["httponly"] and not cookies["csrftoken"]["httponly"]


@pytest.mark.parametrize("held, wanted", [
    ({"sessionid": "s" * 43}, {"csrftoken"}), ({"csrftoken": "c" * 43}, {"sessionid"}),
    ({"sessionid": "s" * 43, "csrftoken": "c" * 43}, set())])
def test_what_the_request_has_is_left_alone(server, held, wanted):
    answer = Browser(server.url, **held).post("/api/jwt/verify/", {"token": "x"})
    assert answer.status_code == 401
    assert set(set_cookies(answer)) == wanted


def test_two_visitors_get_different_ones(server):
    answers = [Browser(server.url).post("/api/jwt/verify/", {"token": "x"}) for _ in range(2)]
    one, two = (set_cookies(answer) for answer in answers)
    assert one["sessionid"].value != two["sessionid"].value
    assert one["csrftoken"].value != two["csrftoken"].value
    assert one["sessionid"].value != one["csrftoken"].value


def test_a_visitor_needs_no_row(server, database):
    def rows() -> list[tuple]:
        return query(database, "SELECT (SELECT count(*) FROM session),"
                               " (SELECT count(*) FROM credential)")
    before = rows()
    browser = Browser(server.url)
    for _ in range(3):
        browser.post("/api/jwt/verify/", {"token": "x"})
    assert rows() == before


def test_login_sets_cookies_that_prove_the_account(server, user):
    browser = Browser(server.url)
    answer = browser.sign_in(user)
    assert set(set_cookies(answer)) == {"sessionid", "csrftoken"}
    assert set(answer.json()) == {"username", "access_token", "refresh_token"}
    assert "no-store" in answer.headers["Cache-Control"]
    assert browser.alive()
    assert browser.post("/user/check_status", {}).status_code == 200


def test_cookies_and_tokens_of_one_login_are_one_session(server, ctl):
    account = create_account(ctl, 1)
    browser = Browser(server.url)
    pair = browser.sign_in(account).json()
    sessions = ctl.json("session", "list", "--user", account.username)
    assert len(sessions) == 1
    ctl.ok("session", "revoke", sessions[0]["id"], "--yes")
    assert not browser.alive() and not Api(server.url).alive(pair["access_token"])


@pytest.mark.parametrize("name, secure", [("https", True), ("http", False)])
def test_secure_only_behind_tls(server, user, name, secure):
    answer = Browser(server.url).sign_in(user, headers={"X-Forwarded-Proto": name})
    assert [bool(cookie["secure"]) for cookie in set_cookies(answer).values()] == [secure] * 2


def test_a_stranger_cannot_claim_tls(new_server, user):
    untrusting = new_server()
    answer = Browser(untrusting.url).sign_in(user, headers={"X-Forwarded-Proto": "https"})
    assert not any(cookie["secure"] for cookie in set_cookies(answer).values())


def assert_not_promoted(server, user, planted: dict, path: str) -> dict:
    """Signs in over a cookie that somebody else chose; gives the cookies held afterwards."""
    victim = Browser(server.url, **planted)
    answer = victim.post(path, {"username": user.username, "password": user.password}, csrf=False)
    assert answer.status_code == 200, answer.text
    return victim.cookies


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_cookie_that_was_planted_is_not_promoted(server, user, path):
    first = Browser(server.url)
    first.post("/api/jwt/verify/", {"token": "x"})
    planted = dict(first.cookies)
    held = assert_not_promoted(server, user, planted, path)
    assert not Browser(server.url, **planted).alive()
    if path == SIGN_INS["trainer login"]:
        assert held["sessionid"] != planted["sessionid"]
        assert Browser(server.url, **held).alive()


@pytest.mark.parametrize("value", ["a", "0" * 32, "x" * 43, "x" * 500, "-", "'"])
def test_nor_one_that_was_made_up(server, user, value):
    held = assert_not_promoted(
        server, user, {"sessionid": value, "csrftoken": "c" * 43}, SIGN_INS["trainer login"])
    assert held["sessionid"] != value
    assert not Browser(server.url, sessionid=value).alive()


def test_a_session_of_somebody_else_stays_theirs(server, ctl):
    attacker, victim = create_account(ctl, 1, "attacker"), create_account(ctl, 1, "victim")
    first = Browser(server.url)
    first.sign_in(attacker)
    planted = dict(first.cookies)
    second = Browser(server.url, **planted)
    second.sign_in(victim)
    assert second.cookies["sessionid"] != planted["sessionid"]
    shown = Browser(server.url, **planted).call("PUT", "/api/auth/user/edit/", json={})
    assert shown.status_code == 401 or shown.json()["username"] == attacker.username
    shown = second.call("PUT", "/api/auth/user/edit/", json={})
    assert shown.json()["username"] == victim.username


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_every_sign_in_is_a_session_of_its_own(server, ctl, path):
    account = create_account(ctl, 1)
    api = Api(server.url)
    for _ in range(3):
        assert sign_in(api, path, account).status_code == 200
    assert len(ctl.json("session", "list", "--user", account.username)) == 3


def test_sign_up_over_a_planted_cookie(server):
    first = Browser(server.url)
    first.post("/api/jwt/verify/", {"token": "x"})
    planted, account = dict(first.cookies), new_account()
    answer = Browser(server.url, **planted).post("/api/auth/signup/", {
        "username": account.username, "password1": account.password,
        "password2": account.password}, csrf=False)
    assert answer.status_code == 201, answer.text
    assert not Browser(server.url, **planted).alive()


def test_nothing_but_the_true_cookie_proves_anybody(server, user):
    browser = Browser(server.url)
    browser.sign_in(user)
    true = browser.cookies["sessionid"]
    for wrong in (true[:-1], true + "A", true.swapcase(), true[::-1], browser.cookies["csrftoken"]):
        assert not Browser(server.url, sessionid=wrong, csrftoken="c" * 43).alive()
    assert Browser(server.url, sessionid=true).alive(), "reading needs no csrftoken"
