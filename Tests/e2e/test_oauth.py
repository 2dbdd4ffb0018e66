"""Signing in with 42: the way there and back, and who has an account then."""

import re
import threading

import jwt
import pytest

from support import secrets
from support.api import Api
from support.cluster import contents, query
from support.oauth import Provider, new_person
from support.oauth_client import PATH, Browser, account, ctl_of, names, query_of
from support.program import Ctl


def user_id(answer) -> int:
    assert answer.status_code == 200, answer.text
    return jwt.decode(answer.json()["access_token"], options={"verify_signature": False})["user_id"]


@pytest.fixture
def client(new_client, provider):
    return new_client(provider)


@pytest.fixture
def ctl(program, client) -> Ctl:
    return ctl_of(program, client)


def test_it_ends_with_the_user_registered_and_logged_in(client, ctl, provider):
    person = provider.person
    answer = Browser(client.url).sign_in()
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    held = answer.json()
    assert set(held) == {"access_token", "refresh_token", "token_auth"}
    assert re.fullmatch(r"[0-9a-f]{40}", held["token_auth"])
    api = Api(client.url)
    assert api.alive(held["token_auth"], "Token") and api.alive(held["access_token"])
    made = account(ctl, person["login"])
    assert made["is_42"] is True and made["is_connected"] is True
    assert made["avatar"] == person["image"]["link"] and made["email"] == person["email"]
    assert made["permission"] == 1 and made["two_factor"] is False
    assert [one["dialect"] for one in ctl.json("session", "list", "--user", person["login"])] \
        == ["community"]
    found = [row["what"] for row in ctl.json("audit", "list", "--user", person["login"])]
    assert "sign-up" in found and "sign-in" in found


def test_the_first_redirect(client, provider):
    browser = Browser(client.url)
    location = browser.begin()
    asked = query_of(location)
    assert location.startswith(provider.url + "/oauth/authorize?")
    assert asked["response_type"] == "code" and asked["client_id"] == provider.client.client_id
    assert asked["redirect_uri"] == client.url + PATH and asked["scope"] == "public"
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"])
    assert len(asked["state"]) >= 22
    again = query_of(browser.begin())
    assert again["state"] != asked["state"] and again["code_challenge"] != asked["code_challenge"]


def test_the_cookie_that_binds_it_to_the_browser(client):
    browser = Browser(client.url)
    answer = browser.get(client.url + PATH)
    state = secrets.keep(query_of(answer.headers["Location"])["state"])
    cookies = [cookie for cookie in answer.raw.headers.getlist("Set-Cookie")
               if "httponly" in cookie.lower()]
    assert len(cookies) == 1, answer.headers
    # With Strict it wouldn't come back from the other site.
    assert "samesite=lax" in cookies[0].lower() and "secure" not in cookies[0].lower()
    assert state not in cookies[0]
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_the_authorization_server_is_told(client, provider):
    assert Browser(client.url).sign_in().status_code == 200
    assert len(provider.seen["token"]) == 1 and len(provider.seen["userinfo"]) == 1
    told = provider.seen["token"][0]
    assert told["grant_type"] == "authorization_code"
    assert re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", told["code_verifier"])
    assert provider.seen["userinfo"][0]["authorization"].startswith("Bearer ")
    assert provider.client.client_secret not in str(provider.seen["authorize"])


@pytest.mark.parametrize("more", [
    {"params": {"redirect_uri": "https://evil.example/"}},
    {"params": {"next": "https://evil.example/"}},
    {"params": {"client_id": "another"}}, {"headers": {"Host": "evil.example"}},
    {"headers": {"X-Forwarded-Host": "evil.example"}}], ids=str)
def test_nobody_bends_the_redirect(client, provider, more):
    asked = query_of(Browser(client.url).begin(**more))
    assert asked["redirect_uri"] == client.url + PATH
    assert asked["client_id"] == provider.client.client_id
    assert "evil.example" not in str(asked)


def test_the_same_person_finds_the_same_account(client, ctl, provider):
    first = user_id(Browser(client.url).sign_in())
    before = names(ctl)
    assert user_id(Browser(client.url).sign_in()) == first
    provider.person = provider.person | {
        "email": "moved@example.org", "login": provider.person["login"] + "x"}
    assert user_id(Browser(client.url).sign_in()) == first
    assert len(names(ctl)) == len(before)


def test_another_person_with_a_name_given_up_is_another(client, provider):
    first = provider.person
    mine = user_id(Browser(client.url).sign_in())
    provider.person = new_person(login=first["login"])
    answer = Browser(client.url).sign_in()
    assert answer.status_code == 409 or user_id(answer) != mine, answer.text


def test_many_first_sign_ins_at_once_make_one_account(client, ctl):
    found = []
    threads = [threading.Thread(target=lambda: found.append(Browser(client.url).sign_in()))
               for _ in range(6)]
    before = len(names(ctl))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6 and len({user_id(answer) for answer in found}) == 1
    assert len(names(ctl)) == before + 1


def test_no_password_signs_such_an_account_in(client, provider):
    assert Browser(client.url).sign_in().status_code == 200
    api = Api(client.url)
    for password in ("", "x", str(provider.person["id"]), provider.person["login"]):
        answer = api.post("/auth/login/", {
            "username": provider.person["login"], "password": password})
        assert answer.status_code in (400, 401), answer.text


def test_another_server_takes_the_second_half(new_client, provider):
    first = new_client(provider)
    second = new_client(provider, redirect_url=first.url + PATH)
    browser = Browser(first.url)
    back = browser.consent(browser.begin())
    assert browser.get(back.replace(first.url, second.url)).status_code == 200


def test_over_tls(new_client, authority):
    with Provider(authority.server_context()) as provider:
        trusting = new_client(provider, "--oauth-ca", str(authority.ca_file))
        assert Browser(trusting.url, authority.ca_file).sign_in().status_code == 200
        wary = new_client(provider)
        assert Browser(wary.url, authority.ca_file).sign_in().status_code in (502, 503)
        assert len(provider.seen["token"]) == 1


def test_other_names_of_the_fields(new_client, provider, program):
    provider.person = {"sub": "a-1", "profile": {"nick": "mapped", "mail": "mapped@example.org"},
                       "picture": "https://cdn.example.org/m.png"}
    client = new_client(provider, "--oauth-scope", "openid profile", "--oauth-fields",
                        "id=sub username=profile.nick email=profile.mail avatar=picture")
    browser = Browser(client.url)
    assert query_of(browser.begin())["scope"] == "openid profile"
    first = user_id(browser.sign_in())
    made = account(ctl_of(program, client), "mapped")
    assert made["email"] == "mapped@example.org"
    assert made["avatar"] == "https://cdn.example.org/m.png"
    assert user_id(Browser(client.url).sign_in()) == first


@pytest.mark.parametrize("command, status", [
    (("user", "lock"), 401), (("user", "delete", "--yes"), 401), (("ban", "add"), 403)])
def test_who_is_shut_out_stays_out(client, ctl, provider, command, status):
    assert Browser(client.url).sign_in().status_code == 200
    ctl.ok(*command, provider.person["login"])
    before = query(ctl.database, "SELECT count(*) FROM session")
    answer = Browser(client.url).sign_in()
    assert answer.status_code == status, answer.text
    assert query(ctl.database, "SELECT count(*) FROM session") == before


def test_a_second_factor_holds_here_too(client, ctl, provider):
    """Otherwise this would be a way around it."""
    assert Browser(client.url).sign_in().status_code == 200
    ctl.ok("user", "two-factor", provider.person["login"], "on")
    answer = Browser(client.url).sign_in()
    assert answer.status_code == 401 and "token_auth" not in answer.text, answer.text


def test_no_secret_of_it_is_stored(client, ctl, provider):
    browser = Browser(client.url)
    state = query_of(browser.begin())["state"]
    stored = str(contents(ctl.database))
    assert state not in stored and state.encode().hex() not in stored
    assert browser.sign_in().status_code == 200
    stored = str(contents(ctl.database)) + client.log()
    for token in provider.tokens:
        assert token not in stored
    assert provider.client.client_secret not in stored
