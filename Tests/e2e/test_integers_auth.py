"""Signing up, in and out in the integers dialect: device token, JWT and web session."""

import re
from dataclasses import replace

import jwt
import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Api, assert_detail, assert_field_error, bearer, create_account, encoded,
    new_account)
from support.browser import Browser, keep_all, set_cookies
from support.schemes import SCHEMES, prove, sign_in

HEX = re.compile(r"[0-9a-f]{40}")


def sign_up_fields(account) -> dict:
    return {"username": account.username, "password1": account.password,
            "password2": account.password}


def obtain(api, account) -> str:
    answer = sign_in(api, "/api/auth/obtain/", account)
    assert answer.status_code == 200, answer.text
    return answer.json()["token"]


def device_pair(api, token: str) -> dict:
    answer = api.post("/api/jwt/", headers=bearer(token, "Token"))
    assert answer.status_code == 200, answer.text
    keep_all(answer.json())
    return answer.json()


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_signup_answers_a_device_token(api, ctl, kind, slash):
    account = new_account()
    answer = api.call("POST", "/api/auth/signup" + slash, **encoded(kind, sign_up_fields(account)))
    assert answer.status_code == 201, answer.text
    keep_all(answer.json())
    assert set(answer.json()) == {"token", "user_id"}
    assert HEX.fullmatch(answer.json()["token"]) and HEX.fullmatch(answer.json()["user_id"])
    assert "no-store" in answer.headers["Cache-Control"]
    assert api.alive(answer.json()["token"], "Token")
    shown = ctl.json("user", "show", account.username, "--wide")
    assert shown["user_id"] == answer.json()["user_id"] != answer.json()["token"]
    assert (shown["permission"], shown["two_factor"]) == (1, False)
    assert api.tokens(account), "the account signs in through another dialect"


@pytest.mark.parametrize("missing", ["username", "password1", "password2"])
def test_signup_names_what_is_missing(api, missing):
    fields = sign_up_fields(new_account())
    del fields[missing]
    assert_field_error(api.post("/api/auth/signup/", fields), 400, missing)


def test_signup_wants_the_password_twice(api, ctl):
    account = new_account()
    fields = sign_up_fields(account) | {"password2": secrets.password()}
    assert_field_error(api.post("/api/auth/signup/", fields), 400, "password2")
    ctl.fails(3, "user", "show", account.username)


@pytest.mark.parametrize("password", ["Sh0rt!7", "8675309421", "password", "x7Q!" * 256 + "z"],
                         ids=lambda value: value[:10])
def test_signup_holds_people_to_the_rules(api, ctl, password):
    account = replace(new_account(), password=password)
    answer = api.post("/api/auth/signup/", sign_up_fields(account))
    assert answer.status_code == 400 and answer.json(), answer.text
    assert set(answer.json()) <= {"password1", "password2"}, answer.text
    ctl.fails(3, "user", "show", account.username)


@pytest.mark.parametrize("spelling", [str, str.upper, lambda name: f" {name} "])
def test_a_taken_name_is_409(api, user, spelling):
    account = replace(new_account(), username=spelling(user.username))
    assert_field_error(api.post("/api/auth/signup/", sign_up_fields(account)), 409, "username")


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_obtain_gives_a_new_token_and_the_old_ones_stay(api, ctl, user, kind):
    answers = [api.call("POST", "/api/auth/obtain/", **encoded(kind, {
        "username": user.username, "password": user.password})) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 200 and set(answer.json()) == {"token", "user_id"}, answer.text
        assert "no-store" in answer.headers["Cache-Control"]
        keep_all(answer.json())
    one, two = (answer.json() for answer in answers)
    assert one["token"] != two["token"]
    assert one["user_id"] == two["user_id"] == ctl.json(
        "user", "show", user.username, "--wide")["user_id"]
    assert api.alive(one["token"], "Token") and api.alive(two["token"], "Token")


def test_an_unknown_user_and_a_wrong_password_answer_alike(api, user):
    answers = [sign_in(api, "/api/auth/obtain/", replace(user, password=secrets.password())),
               sign_in(api, "/api/auth/obtain/", new_account())]
    for answer in answers:
        assert_detail(answer, 401)
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("missing", ["username", "password"])
def test_obtain_names_what_is_missing(api, user, missing):
    fields = {"username": user.username, "password": user.password}
    del fields[missing]
    assert_field_error(api.post("/api/auth/obtain/", fields), 400, missing)


def test_the_user_id_is_no_credential(api, user):
    answer = sign_in(api, "/api/auth/obtain/", user)
    assert not api.alive(answer.json()["user_id"], "Token")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_jwt_is_given_to_whoever_is_signed_in(api, user, scheme):
    answer = prove(api, user, scheme).call(api, "POST", "/api/jwt/")
    assert answer.status_code == 200 and set(answer.json()) == {"access", "refresh"}, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert api.alive(answer.json()["access"]) and api.alive(answer.json()["access"], "JWT")


@pytest.mark.parametrize("header", [{}, bearer("0" * 40, "Token"), bearer("garbage")])
def test_jwt_is_given_to_nobody_else(api, header):
    assert_detail(api.post("/api/jwt/", headers=header), 401)


def test_a_pair_belongs_to_the_session_of_the_device(api, ctl, user):
    account = create_account(ctl, 1)
    token = obtain(api, account)
    session = ctl.json("session", "list", "--user", account.username)[0]
    assert session["dialect"] == "integers"
    pairs = [device_pair(api, token) for _ in range(2)]
    claims = [jwt.decode(pair[kind], options={"verify_signature": False})
              for pair in pairs for kind in ("access", "refresh")]
    assert {claim["sid"] for claim in claims} == {session["id"]}
    assert len({claim["jti"] for claim in claims}) == 4
    assert api.post("/api/auth/logout/", headers=bearer(token, "Token")).status_code == 204
    assert not api.alive(token, "Token")
    assert not any(api.alive(pair["access"]) for pair in pairs)


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_refresh_gives_an_access_token_and_stays_good(api, user, kind):
    pair = device_pair(api, obtain(api, user))
    answers = [api.call("POST", "/api/jwt/refresh/", **encoded(kind, {"refresh": pair["refresh"]}))
               for _ in range(3)]
    for answer in answers:
        assert answer.status_code == 200 and set(answer.json()) == {"access"}, answer.text
        keep_all(answer.json())
        assert api.alive(answer.json()["access"])
    assert len({answer.json()["access"] for answer in answers}) == 3
    assert api.alive(pair["access"])


def test_refresh_refuses_what_is_no_refresh_token(api, user):
    token = obtain(api, user)
    pair = device_pair(api, token)
    for wrong in (pair["access"], token, "garbage", "a.b.c", pair["refresh"][:-2]):
        assert_detail(api.post("/api/jwt/refresh/", {"refresh": wrong}), 401)
    assert_field_error(api.post("/api/jwt/refresh/", {}), 400, "refresh")


def test_verify_answers_an_empty_object(api, user):
    pair = device_pair(api, obtain(api, user))
    answer = api.post("/api/jwt/verify/", {"token": pair["access"]})
    assert (answer.status_code, answer.json()) == (200, {})


def test_verify_refuses_what_is_dead_or_none(api, user):
    token = obtain(api, user)
    pair = device_pair(api, token)
    for wrong in (token, "garbage", pair["access"][:-2], pair["access"] + "A"):
        assert_detail(api.post("/api/jwt/verify/", {"token": wrong}), 401)
    assert_field_error(api.post("/api/jwt/verify/", {}), 400, "token")
    assert api.post("/api/auth/logout/", headers=bearer(token, "Token")).status_code == 204
    assert_detail(api.post("/api/jwt/verify/", {"token": pair["access"]}), 401)
    assert_detail(api.post("/api/jwt/refresh/", {"refresh": pair["refresh"]}), 401)


def test_logout_revokes_the_session_of_every_credential(api, server, user):
    browser = Browser(server.url)
    browser.sign_in(user)
    web = dict(browser.cookies)
    token, refresh = obtain(api, user), device_pair(api, obtain(api, user))
    bystander = obtain(api, user)
    answer = browser.post("/api/auth/logout/", {"refresh": refresh["refresh"]},
                          headers=bearer(token, "Token"))
    assert answer.status_code == 204 and answer.content == b""
    assert not Browser(server.url, **web).alive()
    assert not api.alive(token, "Token") and not api.alive(refresh["access"])
    assert api.alive(bystander, "Token")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_del_logout_ends_the_session_and_keeps_the_account(server, ctl, scheme):
    api = Api(server.url)
    account = create_account(ctl, 1)
    proof = prove(api, account, scheme)
    assert proof.probe(api, "integers") == 200
    answer = proof.call(api, "POST", "/api/auth/del-logout/")
    assert answer.status_code == 204 and answer.content == b""
    assert proof.probe(api, "integers") == 401
    assert ctl.json("user", "show", account.username)["username"] == account.username
    assert obtain(api, account)


@pytest.mark.parametrize("path", ["/api/auth/logout/", "/api/auth/del-logout/"])
def test_leaving_without_a_credential_is_401(api, path):
    answer = api.post(path)
    assert_detail(answer, 401)
    assert set(set_cookies(answer)) == {"sessionid", "csrftoken"}
