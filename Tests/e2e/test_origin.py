"""Where a request says it comes from: Origin, and Referer behind TLS."""

import pytest

from support.api import Api, assert_detail, bearer
from support.browser import Browser

APP = "https://app.example.org"
FOREIGN = ["https://evil.example", "null", "", "file://", "http://127.0.0.1", "http://localhost:1",
           "http://127.0.0.1.evil.example", "garbage"]


@pytest.fixture(scope="module")
def welcoming(new_server):
    return new_server(f"--allowed-origins={APP},http://localhost:3000",
                      "--trusted-proxies=127.0.0.1")


def signed_in(server, user) -> Browser:
    made = Browser(server.url)
    made.sign_in(user)
    return made


def change(browser: Browser, **headers: str):
    return browser.post("/api/jwt/", {}, headers=headers)


def test_no_origin_and_its_own_are_fine(server, user):
    browser = signed_in(server, user)
    assert change(browser).status_code == 200
    assert change(browser, Origin=server.url).status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_one_is_403_even_with_the_right_token(server, user, origin):
    browser = signed_in(server, user)
    answer = change(browser, Origin=origin)
    assert_detail(answer, 403)
    assert browser.alive()


@pytest.mark.parametrize("change_of", [
    lambda own: own.replace("http:", "https:"), lambda own: own + ".evil.example",
    lambda own: own + "@evil.example", lambda own: own.rpartition(":")[0] + ":1",
    lambda own: own + "/", lambda own: f"{own} {own}", lambda own: own + ",https://evil.example"])
def test_one_that_looks_like_its_own(server, user, change_of):
    assert_detail(change(signed_in(server, user), Origin=change_of(server.url)), 403)


@pytest.mark.parametrize("method, path", [
    ("PUT", "/api/auth/user/edit/"), ("DELETE", "/api/auth/user/delete/"),
    ("POST", "/auth/password/change/"), ("POST", "/api/auth/logout/")])
def test_on_every_method_that_changes_something(server, user, method, path):
    browser = signed_in(server, user)
    answer = browser.call(method, path, json={}, headers={"Origin": "https://evil.example"})
    assert_detail(answer, 403)
    assert browser.alive()


def test_with_an_authorization_header_it_does_not_matter(server, user):
    api = Api(server.url)
    headers = bearer(api.tokens(user)["access_token"]) | {"Origin": "https://evil.example"}
    assert api.post("/api/jwt/", {}, headers=headers).status_code == 200


@pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
def test_an_allowed_one(welcoming, user, origin):
    browser = signed_in(welcoming, user)
    assert change(browser, Origin=origin).status_code == 200
    without = browser.post("/api/jwt/", {}, csrf=False, headers={"Origin": origin})
    assert_detail(without, 403)


@pytest.mark.parametrize("origin", [
    "http://app.example.org", APP + ":8443", APP + ".evil.example", "https://evilapp.example.org",
    "https://x.app.example.org", "https://app.example.or", "http://localhost", "*", "null"])
def test_one_that_looks_allowed(welcoming, user, origin):
    assert_detail(change(signed_in(welcoming, user), Origin=origin), 403)


class BehindTLS:
    """A browser whose proxy, which the server trusts, speaks TLS."""

    def __init__(self, server, user):
        self.browser = Browser(server.url)
        self.own = server.url.replace("http:", "https:")
        self.browser.sign_in(user, headers={
            "X-Forwarded-Proto": "https", "Referer": self.own + "/login"})

    def change(self, **headers: str):
        return change(self.browser, **{"X-Forwarded-Proto": "https"}, **headers)


def test_behind_tls_its_own_origin_is_https(welcoming, user):
    client = BehindTLS(welcoming, user)
    assert client.change(Origin=client.own).status_code == 200
    assert_detail(client.change(Origin=welcoming.url), 403)


@pytest.mark.parametrize("path", ["/", "/some/page?q=1", ""])
def test_behind_tls_a_referer_of_its_own(welcoming, user, path):
    client = BehindTLS(welcoming, user)
    assert client.change(Referer=client.own + path).status_code == 200


@pytest.mark.parametrize("referer", [
    "https://evil.example/", "http://app.example.org/", "garbage", "", "https://"])
def test_behind_tls_a_foreign_referer(welcoming, user, referer):
    assert_detail(BehindTLS(welcoming, user).change(Referer=referer), 403)


def test_behind_tls_without_either(welcoming, user):
    assert_detail(BehindTLS(welcoming, user).change(), 403)


def test_behind_tls_a_referer_that_is_allowed(welcoming, user):
    assert BehindTLS(welcoming, user).change(Referer=APP + "/page").status_code == 200


def test_without_tls_no_referer_is_asked_for(server, user):
    assert change(signed_in(server, user), Referer="https://evil.example/").status_code == 200
