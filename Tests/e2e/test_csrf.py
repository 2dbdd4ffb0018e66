"""The CSRF token: a request that only a cookie vouches for must carry it."""

import pytest

from support import secrets
from support.api import Api, assert_detail, assert_havoc_error, bearer, create_account
from support.browser import Browser

# A harmless request of each kind, and how it answers whoever is signed in.
CHANGES = [
    ("POST", "/api/jwt/", 200), ("POST", "/user/check_status", 200),
    ("POST", "/auth/password/change/", 400), ("PUT", "/api/auth/user/edit/", 200),
    ("DELETE", "/api/auth/user/delete/", 400)]


@pytest.fixture
def browser(server, user):
    made = Browser(server.url)
    made.sign_in(user)
    return made


def assert_csrf_failed(answer, path: str) -> None:
    if path.startswith("/user/"):
        assert_havoc_error(answer, 403, "CSRF")
    else:
        assert_detail(answer, 403)
        assert answer.json()["detail"].startswith("CSRF Failed: ")


@pytest.mark.parametrize("method, path, status", CHANGES)
def test_the_right_token_in_the_header(browser, method, path, status):
    assert browser.call(method, path, json={}).status_code == status


@pytest.mark.parametrize("method, path, status", CHANGES)
def test_no_token_at_all(browser, method, path, status):
    assert_csrf_failed(browser.call(method, path, json={}, csrf=False), path)


@pytest.mark.parametrize("method, path, status", CHANGES)
@pytest.mark.parametrize("change", [
    lambda token: "", lambda token: token[:-1], lambda token: token + "A",
    lambda token: token[::-1], lambda token: token.swapcase(), lambda token: "x" * len(token),
    lambda token: f'"{token}"', lambda token: f"{token},{token}", lambda token: "null"],
    ids=["empty", "shorter", "longer", "reversed", "other case", "made up", "quoted", "twice",
         "null"])
def test_a_wrong_token(browser, method, path, status, change):
    wrong = change(browser.cookies["csrftoken"])
    assert_csrf_failed(browser.call(method, path, json={}, csrf=wrong), path)


@pytest.mark.parametrize("method, path, status", CHANGES)
def test_the_token_of_somebody_else(server, browser, ctl, method, path, status):
    other = Browser(server.url)
    other.sign_in(create_account(ctl, 1, "other"))
    answer = browser.call(method, path, json={}, csrf=other.cookies["csrftoken"])
    assert_csrf_failed(answer, path)


@pytest.mark.parametrize("token", ["", "x" * 43])
def test_a_header_without_the_cookie(server, browser, token):
    bare = Browser(server.url, sessionid=browser.cookies["sessionid"])
    assert_csrf_failed(bare.post("/auth/password/change/", {}, csrf=token), "/auth/")


def test_an_empty_cookie_equals_no_empty_header(server, browser):
    bare = Browser(server.url, sessionid=browser.cookies["sessionid"], csrftoken="")
    assert_csrf_failed(bare.post("/auth/password/change/", {}, csrf=""), "/auth/")


@pytest.mark.parametrize("kind", ["form", "multipart"])
@pytest.mark.parametrize("method, path, status", CHANGES)
def test_the_form_field(browser, kind, method, path, status):
    field = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    body = {"data": field} if kind == "form" else {"files": {
        name: (None, value) for name, value in field.items()}}
    assert browser.call(method, path, csrf=False, **body).status_code == status


@pytest.mark.parametrize("wrong", ["", "x" * 43])
def test_a_wrong_form_field(browser, wrong):
    answer = browser.call("POST", "/api/jwt/", csrf=False, data={"csrfmiddlewaretoken": wrong})
    assert_csrf_failed(answer, "/api/jwt/")


def test_a_query_is_no_form(browser):
    answer = browser.call("POST", "/api/jwt/", csrf=False, json={}, params={
        "csrfmiddlewaretoken": browser.cookies["csrftoken"]})
    assert_csrf_failed(answer, "/api/jwt/")


def test_patch_is_no_way_around(browser, ctl, user):
    answer = browser.call("PATCH", "/api/auth/user/edit/", csrf=False, json={
        "email": "taken-over@example.org"})
    assert answer.status_code in (403, 405), answer.text
    assert ctl.json("user", "show", user.username)["email"] == user.email


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override"])
def test_nor_is_a_method_in_a_header(browser, name):
    answer = browser.call("POST", "/api/jwt/", csrf=False, json={}, headers={name: "GET"})
    assert_csrf_failed(answer, "/api/jwt/")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_needs_no_token(browser, method):
    assert browser.call(method, "/exercises/list/", csrf=False).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "JWT"])
@pytest.mark.parametrize("method, path, status", CHANGES)
def test_with_an_authorization_header_it_is_not_needed(
        server, browser, user, scheme, method, path, status):
    access = Api(server.url).tokens(user)["access_token"]
    answer = browser.call(method, path, json={}, csrf=False, headers=bearer(access, scheme))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer garbage", "Basic dXNlcjpwYXNz", "Token 0000", "x"])
def test_a_bad_authorization_header_is_no_way_around(browser, header):
    answer = browser.post("/api/jwt/", {}, csrf=False, headers={"Authorization": header})
    assert answer.status_code in (401, 403), answer.text
    assert_detail(answer, answer.status_code)


def test_nor_does_the_cookie_stand_in_for_a_dead_header(server, browser, user):
    api = Api(server.url)
    dead = api.tokens(user)["access_token"]
    assert api.post("/api/auth/logout/", token=dead).status_code == 204
    assert_detail(browser.post("/api/jwt/", {}, headers=bearer(dead)), 401)


def test_with_a_credential_in_the_body_it_is_not_needed(server, browser, user):
    held = Api(server.url).credential(user)
    assert browser.post("/user/check_status", held, csrf=False).status_code == 200


@pytest.mark.parametrize("field", ["username", "session_token"])
def test_half_a_credential_in_the_body_is_no_way_around(browser, user, field):
    held = {"username": user.username, "session_token": secrets.keep("Z" * 43)}
    answer = browser.post("/user/check_status", {field: held[field]}, csrf=False)
    assert answer.status_code in (400, 401, 403), answer.text
    assert_havoc_error(answer, answer.status_code)


def test_a_wrong_credential_in_the_body_is_no_way_around(browser, user):
    answer = browser.post("/user/check_status", {
        "username": user.username, "session_token": "A" * 43}, csrf=False)
    assert answer.status_code in (401, 403), answer.text
    assert_havoc_error(answer, answer.status_code)


@pytest.mark.parametrize("method, path, status", CHANGES)
def test_a_stranger_hears_401_and_nothing_of_csrf(server, method, path, status):
    stranger = Browser(server.url, sessionid="s" * 43, csrftoken="c" * 43)
    answer = stranger.call(method, path, json={})
    assert answer.status_code == 401, answer.text
    assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", [
    "/api/auth/login/", "/api/auth/obtain/", "/api/auth/obtain_token/", "/auth/login/",
    "/user/login"])
def test_sign_in_with_an_anonymous_cookie_needs_none(server, user, path):
    visitor = Browser(server.url)
    visitor.post("/api/jwt/verify/", {"token": "x"})
    answer = visitor.post(path, {
        "username": user.username, "password": user.password}, csrf=False)
    assert answer.status_code == 200, answer.text


def test_what_was_refused_was_not_done(browser, ctl, user):
    answer = browser.call("PUT", "/api/auth/user/edit/", csrf=False, json={
        "email": "taken-over@example.org"})
    assert answer.status_code == 403
    assert ctl.json("user", "show", user.username)["email"] == user.email
    assert browser.alive()
