"""The microblog dialect's tokens: obtained, refreshed, and ended one by one or all at once."""

from dataclasses import replace

import jwt as pyjwt
import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Api, assert_detail, assert_field_error, bearer, create_account, encoded,
    new_account)
from support.browser import Browser, keep_all
from support.microblog import jwt, obtain, refresh
from support.schemes import SCHEMES, prove


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_obtain_token(api, user, kind, slash):
    answer = api.call("POST", "/api/auth/obtain_token" + slash, **encoded(kind, {
        "username": user.username, "password": user.password}))
    assert answer.status_code == 200, answer.text
    keep_all(answer.json())
    assert set(answer.json()) == {"access", "refresh"}
    assert "no-store" in answer.headers["Cache-Control"]
    assert api.alive(answer.json()["access"], "JWT") and api.alive(answer.json()["access"])
    claims = {kind: pyjwt.decode(token, options={"verify_signature": False})
              for kind, token in answer.json().items()}
    assert claims["access"]["sid"] == claims["refresh"]["sid"]
    assert {kind: claim["token_type"] for kind, claim in claims.items()} == {
        "access": "access", "refresh": "refresh"}


def test_the_session_is_of_this_dialect(api, ctl):
    account = create_account(ctl, 1)
    obtain(api, account)
    assert [row["dialect"] for row in ctl.json("session", "list", "--user", account.username)] == [
        "microblog"]


def test_an_unknown_user_and_a_wrong_password_answer_alike(api, user):
    answers = [api.post("/api/auth/obtain_token/", {
        "username": name, "password": secrets.password()})
               for name in (user.username, new_account().username)]
    for answer in answers:
        assert_detail(answer, 401)
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("missing", ["username", "password"])
def test_a_missing_field_is_named(api, user, missing):
    fields = {"username": user.username, "password": user.password}
    del fields[missing]
    assert_field_error(api.post("/api/auth/obtain_token/", fields), 400, missing)


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_refresh_gives_an_access_token_and_stays_good(api, user, kind):
    pair = obtain(api, user)
    answers = [api.call("POST", "/api/auth/refresh_token/", **encoded(
        kind, {"refresh": pair["refresh"]})) for _ in range(3)]
    for answer in answers:
        assert answer.status_code == 200 and set(answer.json()) == {"access"}, answer.text
        keep_all(answer.json())
        assert api.alive(answer.json()["access"], "JWT")
    assert len({answer.json()["access"] for answer in answers}) == 3
    assert api.alive(pair["access"], "JWT")


def test_refresh_refuses_what_is_no_refresh_token(api, user):
    pair = obtain(api, user)
    for wrong in (pair["access"], "garbage", "a.b.c", pair["refresh"][:-2], pair["refresh"] + "A"):
        assert_detail(refresh(api, wrong), 401)
    assert_field_error(api.post("/api/auth/refresh_token/", {}), 400, "refresh")


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_logout_needs_only_the_refresh_token(api, user, kind):
    other, pair = obtain(api, user), obtain(api, user)
    later = refresh(api, pair["refresh"]).json()["access"]
    answer = api.call("POST", "/api/auth/user/logout/", **encoded(
        kind, {"refresh_token": pair["refresh"]}))
    assert answer.status_code == 204 and answer.content == b"", answer.text
    assert not api.alive(pair["access"], "JWT") and not api.alive(later, "JWT")
    assert_detail(refresh(api, pair["refresh"]), 401)
    assert api.alive(other["access"], "JWT")
    assert refresh(api, other["refresh"]).status_code == 200


def test_logout_names_what_is_missing(api, user):
    pair = obtain(api, user)
    assert_field_error(api.post("/api/auth/user/logout/", {}), 400, "refresh_token")
    answer = api.post("/api/auth/user/logout/", {}, headers=jwt(pair["access"]))
    assert_field_error(answer, 400, "refresh_token")
    assert api.alive(pair["access"])


def test_logout_refuses_what_is_no_refresh_token(api, user):
    pair = obtain(api, user)
    for wrong in ("garbage", pair["access"], pair["refresh"][:-2]):
        answer = api.post("/api/auth/user/logout/", {"refresh_token": wrong})
        assert answer.status_code in (400, 401), answer.text
    assert api.alive(pair["access"])


def test_logout_again_is_refused(api, user):
    pair = obtain(api, user)
    assert api.post("/api/auth/user/logout/", {
        "refresh_token": pair["refresh"]}).status_code == 204
    answer = api.post("/api/auth/user/logout/", {"refresh_token": pair["refresh"]})
    assert answer.status_code in (400, 401), answer.text


@pytest.mark.parametrize("scheme", SCHEMES)
def test_logout_all_ends_every_session_of_the_account(server, ctl, user, scheme):
    api = Api(server.url)
    account = create_account(ctl, 1)
    bystander = obtain(api, user)
    held = {name: prove(api, account, name) for name in SCHEMES}
    pair = obtain(api, account)
    answer = held[scheme].call(api, "POST", "/api/auth/user/logout_all/")
    assert answer.status_code == 204 and answer.content == b"", answer.text
    assert {name: proof.probe(api, "integers") for name, proof in held.items()} == dict.fromkeys(
        SCHEMES, 401)
    assert_detail(refresh(api, pair["refresh"]), 401)
    assert ctl.json("session", "list", "--user", account.username) == []
    assert api.alive(bystander["access"])
    assert obtain(api, account), "the account itself is as it was"


@pytest.mark.parametrize("header", [{}, jwt("garbage"), bearer("0" * 40, "Token")])
def test_logout_all_needs_a_credential(api, header):
    assert_detail(api.post("/api/auth/user/logout_all/", headers=header), 401)


def test_logout_all_by_cookie_needs_the_csrf_token(server, user):
    browser = Browser(server.url)
    browser.sign_in(user)
    assert_detail(browser.post("/api/auth/user/logout_all/", {}, csrf=False), 403)
    assert browser.alive()


def test_a_wrong_case_of_the_name_signs_in_as_the_same(api, user):
    pairs = [obtain(api, replace(user, username=spelling(user.username)))
             for spelling in (str.upper, str.title)]
    claims = [pyjwt.decode(pair["access"], options={"verify_signature": False}) for pair in pairs]
    assert claims[0]["user_id"] == claims[1]["user_id"]
