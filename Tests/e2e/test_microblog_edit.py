"""Changing and deleting one's own account in the microblog dialect."""

import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Account, Api, assert_detail, assert_field_error, create_account, encoded,
    new_account)
from support.cluster import contents, query
from support.microblog import jwt, obtain, refresh, registration
from support.schemes import SCHEMES, prove

EDIT, DELETE = "/api/auth/user/edit/", "/api/auth/user/delete/"


@pytest.fixture
def account(api) -> Account:
    made = new_account()
    assert api.post("/api/auth/user/register/", registration(made)).status_code == 201
    return made


@pytest.fixture
def pair(api, account) -> dict:
    return obtain(api, account)


def edit(api, pair: dict, **fields):
    return api.call("PUT", EDIT, headers=jwt(pair["access"]), json=fields)


def mode_of(database: str, account: Account) -> str | None:
    return query(database, "SELECT mode FROM profile JOIN account ON account.id = profile.account"
                           " WHERE username = %s", account.username)[0][0]


def password_part(account: Account, new: str, **changes) -> dict:
    return {"update_password": True, "current_password": account.password,
            "new_password": new} | changes


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_only_what_is_sent_changes(api, ctl, database, account, pair, kind):
    before = ctl.json("user", "show", account.username, "--wide")
    email = f"new-{account.email}"
    answer = api.call("PUT", EDIT, headers=jwt(pair["access"]), **encoded(kind, {"email": email}))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["id"], body["username"], body["email"]) == (before["id"], account.username, email)
    after = ctl.json("user", "show", account.username, "--wide")
    assert {key for key in before if before[key] != after[key]} <= {"email", "last_login"}
    assert after["email"] == email
    assert api.call("PUT", EDIT, headers=jwt(pair["access"]), **encoded(
        kind, {"mode": "dark"})).status_code == 200
    assert mode_of(database, account) == "dark"
    assert ctl.json("user", "show", account.username, "--wide")["email"] == email
    assert obtain(api, account), "the password is the old one"


def test_a_new_name_signs_in_and_the_old_one_is_free(api, account, pair):
    renamed = Account(new_account().username, account.password, account.email)
    answer = edit(api, pair, username=renamed.username)
    assert answer.status_code == 200 and answer.json()["username"] == renamed.username
    assert api.alive(pair["access"], "JWT")
    assert obtain(api, renamed)
    assert_detail(api.login(account), 401)


def test_nothing_sent_changes_nothing(api, database, account, pair):
    before = query(database, "SELECT * FROM account WHERE username = %s", account.username)
    answer = edit(api, pair)
    assert answer.status_code == 200 and answer.json()["username"] == account.username
    assert query(database, "SELECT * FROM account WHERE username = %s", account.username) == before


@pytest.mark.parametrize("fields, field", [
    ({"username": "semi;colon"}, "username"), ({"username": ""}, "username"),
    ({"username": 5}, "username"), ({"email": "no address"}, "email"), ({"mode": 5}, "mode"),
    ({"update_password": "perhaps"}, "update_password")])
def test_a_bad_value_is_named_and_nothing_changes(api, database, account, pair, fields, field):
    before = query(database, "SELECT * FROM account WHERE username = %s", account.username)
    assert_field_error(edit(api, pair, **fields), 400, field)
    assert query(database, "SELECT * FROM account WHERE username = %s", account.username) == before


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_is_taken_is_409(api, user, pair, field):
    taken = getattr(user, field).upper()
    assert_field_error(edit(api, pair, **{field: taken}), 409, field)


def test_ones_own_in_another_case_is_not_taken(api, account, pair):
    answer = edit(api, pair, username=account.username.upper(), email=account.email.upper())
    assert answer.status_code == 200, answer.text
    assert answer.json()["username"] == account.username.upper()


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_a_new_password_revokes_the_other_sessions(server, account, pair, kind):
    api = Api(server.url)
    others = [prove(api, account, scheme) for scheme in SCHEMES]
    other = obtain(api, account)
    new = secrets.password()
    given = password_part(account, new, update_password=True if kind == "json" else "true")
    answer = api.call("PUT", EDIT, headers=jwt(pair["access"]), **encoded(kind, given))
    assert answer.status_code == 200, answer.text
    assert new not in answer.text and account.password not in answer.text
    assert [proof.probe(api, "integers") for proof in others] == [401] * len(others)
    assert_detail(refresh(api, other["refresh"]), 401)
    assert api.alive(pair["access"], "JWT"), "the session that changed it stays"
    assert refresh(api, pair["refresh"]).status_code == 200
    assert_detail(api.login(account), 401)
    assert obtain(api, Account(account.username, new, account.email))


def test_a_wrong_current_password_is_400_and_changes_nothing(api, ctl, account, pair):
    other = obtain(api, account)
    answer = edit(api, pair, email="new@example.org", **password_part(
        account, secrets.password(), current_password=secrets.password()))
    assert_field_error(answer, 400, "current_password")
    assert ctl.json("user", "show", account.username)["email"] == account.email
    assert api.alive(other["access"], "JWT") and obtain(api, account)


@pytest.mark.parametrize("missing", ["current_password", "new_password"])
def test_half_a_password_change_is_400(api, account, pair, missing):
    fields = password_part(account, secrets.password())
    del fields[missing]
    assert_field_error(edit(api, pair, **fields), 400, missing)
    assert obtain(api, account)


@pytest.mark.parametrize("new", ["Sh0rt!7", "8675309421", "password", ""])
def test_a_new_password_is_held_to_the_rules(api, account, pair, new):
    other = obtain(api, account)
    assert_field_error(edit(api, pair, **password_part(account, new)), 400, "new_password")
    assert api.alive(other["access"], "JWT") and obtain(api, account)


def test_without_update_password_it_stays(api, account, pair):
    other = obtain(api, account)
    answer = edit(api, pair, **password_part(account, secrets.password(), update_password=False))
    assert answer.status_code == 200, answer.text
    assert api.alive(other["access"], "JWT") and obtain(api, account)


@pytest.mark.parametrize("method, path", [("PUT", EDIT), ("DELETE", DELETE)])
def test_a_credential_is_needed(api, account, pair, method, path):
    answer = api.call(method, path, json={
        "refresh_token": pair["refresh"], "email": "n@example.org"})
    assert_detail(answer, 401)
    assert obtain(api, account)


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_delete_purges_at_once(api, ctl, database, account, pair, kind):
    other, havoc = obtain(api, account), api.credential(account)
    number = ctl.json("user", "show", account.username)["id"]
    answer = api.call("DELETE", DELETE, headers=jwt(pair["access"]), **encoded(
        kind, {"refresh_token": pair["refresh"]}))
    assert answer.status_code == 204 and answer.content == b"", answer.text
    for one in (pair, other):
        assert not api.alive(one["access"], "JWT")
        assert_detail(refresh(api, one["refresh"]), 401)
    assert not api.connected(havoc)
    assert_detail(api.login(account), 401)
    ctl.fails(3, "user", "show", account.username)
    ctl.fails(3, "user", "restore", account.username, "--yes")
    kept = {table for table, rows in contents(database).items()
            if any(account.email in row for row in rows)}
    assert kept <= {"public.audit"}
    assert query(database, "SELECT count(*) FROM profile WHERE account = %s", number) == [(0,)]
    answer = api.post("/api/auth/user/register/", registration(account))
    assert answer.status_code == 201 and answer.json()["id"] != number, answer.text


def test_delete_names_what_is_missing(api, account, pair):
    answer = api.call("DELETE", DELETE, headers=jwt(pair["access"]), json={})
    assert_field_error(answer, 400, "refresh_token")
    assert obtain(api, account)


def test_delete_wants_ones_own_refresh_token(api, ctl, account, pair):
    stranger = create_account(ctl, 1, "stranger")
    theirs = obtain(api, stranger)
    dead = obtain(api, account)
    assert api.post("/api/auth/user/logout/", {"refresh_token": dead["refresh"]}).status_code == 204
    for wrong in (theirs["refresh"], theirs["access"], pair["access"], dead["refresh"], "garbage",
                  pair["refresh"][:-2]):
        answer = api.call("DELETE", DELETE, headers=jwt(pair["access"]),
                          json={"refresh_token": wrong})
        assert answer.status_code in (400, 401, 403), answer.text
    assert api.alive(pair["access"], "JWT") and api.alive(theirs["access"], "JWT")
    assert obtain(api, account) and obtain(api, stranger)
