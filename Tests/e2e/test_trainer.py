"""The trainer dialect's sign-up and login."""

from dataclasses import replace

import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Account, assert_detail, assert_field_error, encoded, new_account)


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_register_and_login(api, kind, slash):
    account = new_account()
    answer = api.call("POST", "/api/auth/register" + slash, **encoded(kind, {
        "username": account.username, "email": account.email, "password": account.password}))
    assert answer.status_code == 201, answer.text
    assert answer.json() == {"username": account.username, "email": account.email}
    answer = api.call("POST", "/api/auth/login" + slash, **encoded(kind, {
        "username": account.username, "password": account.password}))
    assert answer.status_code == 200, answer.text
    pair = answer.json()
    secrets.keep_jwt(pair["access_token"]), secrets.keep_jwt(pair["refresh_token"])
    assert set(pair) == {"username", "access_token", "refresh_token"}
    assert pair["username"] == account.username
    assert "no-store" in answer.headers["Cache-Control"]
    assert api.alive(pair["access_token"])


@pytest.mark.parametrize("given, stored", [
    ("Anna Maria Schmidt", None), ("Zoë Ångström", None), ("Seán O'Brien", None),
    ("李小龍", None), ("Мария Иванова", None), ("at@home.example", None), ("a.b+c-d_e", None),
    ("9", None), ("n" * 150, None), ("  trimmed at both ends  ", "trimmed at both ends"),
    ("Ｆｕｌｌ　Ｗｉｄｔｈ", "Full Width"), ("Jose\u0301", "José"), ("ﬁne ligature", "fine ligature")])
def test_names_are_normalised_and_sign_in_as_typed(api, given, stored):
    account = replace(new_account(), username=given)
    answer = api.register(account)
    assert answer.status_code == 201, answer.text
    assert answer.json()["username"] == (stored or given)
    for spelling in {given, stored or given}:
        assert api.tokens(replace(account, username=spelling))["username"] == (stored or given)


@pytest.mark.parametrize("name", [
    "", " ", "\u3000", "n" * 151, "semi;colon", "<script>", "sla/sh", 'quo"te', "per%cent",
    "new\nline", "tab\there", "emoji \U0001f600", "zero\u200bwidth", "right\u202eleft", "nul\u0000",
    "del\u007f", "\ud7ff!"])
def test_names_that_are_refused(api, name):
    answer = api.register(replace(new_account(), username=name))
    if "\u0000" in name:
        assert answer.status_code == 400  # Malformed as a whole, whatever the field.
    else:
        assert_field_error(answer, 400, "username")


@pytest.mark.parametrize("first, again", [
    ("Case Matters Not", "cASE mATTERS nOT"), ("ÅSA LÖFGREN", "åsa löfgren"),
    ("Wide Person", "Ｗｉｄｅ Person"), ("Padded Person", "  Padded Person ")])
def test_a_taken_name_is_409_in_any_spelling(api, first, again):
    assert api.register(replace(new_account(), username=first)).status_code == 201
    assert_field_error(api.register(replace(new_account(), username=again)), 409, "username")


def test_a_taken_email_is_409_without_regard_to_case(api):
    account = api.registered()
    answer = api.register(replace(new_account(), email=account.email.upper()))
    assert_field_error(answer, 409, "email")


@pytest.mark.parametrize("email", ["nope", "@example.org", "a@", "a b@example.org", "a@b@c.org",
                                   "a@example.org\r\nBcc: b@example.org"])
def test_bad_addresses_are_refused(api, email):
    assert_field_error(api.register(replace(new_account(), email=email)), 400, "email")


@pytest.mark.parametrize("password", [
    "", "Sh0rt!7", "8675309421", "the user's name", "local.part", "password", "sunshine",
    "x7Q!" * 256 + "z"], ids=lambda value: value[:12])
def test_bad_passwords_are_refused(api, password):
    account = Account("the user's name", password, "local.part@example.org")
    assert_field_error(api.register(account), 400, "password")
    assert_detail(api.login(replace(account, password=password or "x")), 401)


@pytest.mark.parametrize("password", ["8 Chars!", "x7Q!" * 256, "ﬀﬁ7Kq2", "  spaces stay  "],
                         ids=lambda value: value[:12])
def test_good_passwords_sign_in(api, password):
    account = replace(new_account(), password=password)
    assert api.register(account).status_code == 201
    assert api.tokens(account)
    assert_detail(api.login(replace(account, password=password[:-1])), 401)


def test_passwords_are_compared_after_nfkc(api):
    account = replace(new_account(), password="ﬀﬁ7Kq2-" + "é")
    assert api.register(account).status_code == 201
    assert api.tokens(replace(account, password="fffi7Kq2-" + "e\u0301"))


def test_a_stranger_cannot_give_himself_more(api, ctl):
    account = new_account()
    answer = api.post("/api/auth/register/", {
        "username": account.username, "email": account.email, "password": account.password,
        "permission": 3, "fk_permission_code": 3, "is_admin": True, "locked": False, "id": 1})
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert ctl.json("user", "show", account.username)["permission"] == 1


@pytest.mark.parametrize("missing", ["username", "password"])
@pytest.mark.parametrize("path", ["/api/auth/register/", "/api/auth/login/"])
def test_a_missing_field_is_named(api, path, missing):
    account = new_account()
    fields = {"username": account.username, "email": account.email, "password": account.password}
    del fields[missing]
    assert_field_error(api.post(path, fields), 400, missing)


def test_an_unknown_user_and_a_wrong_password_answer_alike(api, user):
    answers = [api.login(replace(user, password=secrets.password())), api.login(new_account())]
    for answer in answers:
        assert_detail(answer, 401)
    assert answers[0].json() == answers[1].json()
