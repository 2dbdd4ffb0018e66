"""The community dialect's registration, sign-in and sign-out, whole."""

import re
from dataclasses import replace

import jwt
import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Account, assert_detail, assert_field_error, bearer, new_account)
from support.community import login, register, registered, registration, triple

FIELDS = ["username", "email", "password1", "password2"]


def shown(office, account: Account) -> dict:
    return office.ctl.json("user", "show", account.username, "--wide")


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_from_registration_to_logout(office, kind):
    account = new_account("member")
    answer = register(office.api, account, kind)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"detail": "User registered successfully. Please log in."}
    made = shown(office, account)
    assert made["two_factor"] is True and made["permission"] == 1 and made["is_42"] is False
    assert made["email"] == account.email and made["is_connected"] is False
    answer = login(office.api, account, office.code(account), kind)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    held = answer.json()
    assert set(held) == {"access_token", "refresh_token", "token_auth"}
    assert re.fullmatch(r"[0-9a-f]{40}", held["token_auth"])
    claims = [jwt.decode(held[name], options={"verify_signature": False})
              for name in ("access_token", "refresh_token")]
    assert [claim["token_type"] for claim in claims] == ["access", "refresh"]
    assert claims[0]["sid"] == claims[1]["sid"]
    assert office.api.alive(held["token_auth"], "Token") and office.api.alive(held["access_token"])
    assert shown(office, account)["is_connected"] is True
    answer = office.api.post("/auth/logout/", headers=bearer(held["token_auth"], "Token"))
    assert answer.status_code == 200 and answer.json() == {"detail": "Successfully logged out."}
    assert shown(office, account)["is_connected"] is False
    assert not office.api.alive(held["token_auth"], "Token")
    assert not office.api.alive(held["access_token"])
    assert_detail(office.api.post("/api/token/refresh/", {"refresh": held["refresh_token"]}), 401)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [None, "", "absent"])
def test_registration_names_what_is_missing(office, field, value):
    fields = registration(new_account())
    if value == "absent":
        del fields[field]
    else:
        fields[field] = value
    answer = office.api.post("/auth/registration/", fields)
    assert answer.status_code == 400 and field in answer.json(), answer.text


def test_registration_names_everything_that_is_missing(office):
    assert_field_error(office.api.post("/auth/registration/", {}), 400, *FIELDS)


def test_passwords_that_differ(office):
    account = new_account()
    answer = register(office.api, account, password2=secrets.password())
    assert_field_error(answer, 400, "password2")
    assert office.ctl.run("user", "show", account.username).status == 3


@pytest.mark.parametrize("password", ["Sh0rt!7", "8675309421", "password", "the user's name"])
def test_a_bad_password_is_refused(office, password):
    account = replace(new_account(), username="the user's name", password=password)
    assert_field_error(register(office.api, account), 400, "password1")


@pytest.mark.parametrize("again, field", [
    (lambda account: replace(new_account(), username=account.username.upper()), "username"),
    (lambda account: replace(new_account(), email=account.email.upper()), "email")],
    ids=["name", "address"])
def test_what_is_taken_is_409(office, again, field):
    account = registered(office.api)
    assert_field_error(register(office.api, again(account)), 409, field)


def test_registration_cannot_choose_a_permission(office):
    account = new_account()
    answer = register(
        office.api, account, permission=3, is_admin=True, two_factor=False, is_42=True)
    assert answer.status_code in (201, 400), answer.text
    if answer.status_code == 201:
        made = shown(office, account)
        assert (made["permission"], made["two_factor"], made["is_42"]) == (1, True, False)


def test_a_wrong_password_and_an_unknown_name_answer_alike(office):
    account = office.person(two_factor=False)
    wrong = replace(account, password=secrets.password())
    answers = [login(office.api, one) for one in (wrong, new_account("nobody"))]
    for answer in answers:
        assert_detail(answer, 401)
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("fields, missing", [
    ({}, ["username", "password"]), ({"username": "x"}, ["password"]),
    ({"password": "x"}, ["username"])])
def test_login_names_what_is_missing(office, fields, missing):
    assert_field_error(office.api.post("/auth/login/", fields), 400, *missing)


@pytest.mark.parametrize("path", ["/auth/registration/", "/auth/login", "/auth/logout/",
                                  "/auth/password/change", "/api/token/refresh/"])
def test_get_is_405(office, path):
    answer = office.api.get(path)
    assert answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_every_sign_in_is_a_session_of_its_own(office):
    account = office.person(two_factor=False)
    one, two = (triple(office.api, account) for _ in range(2))
    assert len({one["token_auth"], two["token_auth"]}) == 2
    sessions = office.ctl.json("session", "list", "--user", account.username)
    assert [session["dialect"] for session in sessions] == ["community", "community"]
    answer = office.api.post("/auth/logout/", headers=bearer(one["token_auth"], "Token"))
    assert answer.status_code == 200
    assert not office.api.alive(one["token_auth"], "Token")
    assert office.api.alive(two["token_auth"], "Token")
    assert shown(office, account)["is_connected"] is True


@pytest.mark.parametrize("scheme, name", [
    ("Token", "token_auth"), ("Bearer", "access_token"), ("JWT", "access_token")])
def test_any_scheme_logs_out(office, scheme, name):
    held = triple(office.api, office.person(two_factor=False))
    answer = office.api.post("/auth/logout/", headers=bearer(held[name], scheme))
    assert answer.status_code == 200, answer.text
    assert not office.api.alive(held["access_token"])
    assert not office.api.alive(held["token_auth"], "Token")


def test_logout_without_a_credential_is_401(office):
    assert_detail(office.api.post("/auth/logout/"), 401)
    held = triple(office.api, office.person(two_factor=False))
    header = bearer(held["token_auth"], "Token")
    assert office.api.post("/auth/logout/", headers=header).status_code == 200
    assert_detail(office.api.post("/auth/logout/", headers=header), 401)


def test_the_audit_tells_of_it(office):
    account = registered(office.api)
    login(office.api, account)
    held = triple(office.api, account, office.code(account))
    office.wait_until_empty()
    office.api.post("/auth/logout/", headers=bearer(held["token_auth"], "Token"))
    found = [row["what"] for row in office.ctl.json("audit", "list", "--user", account.username)]
    for what in ("sign-up", "mail-sent", "sign-in", "sign-out"):
        assert what in found, found
