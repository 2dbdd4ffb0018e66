"""Fields that a body shouldn't have: nobody makes himself more than he is."""

import pytest

from support.api import encoded, new_account
from support.browser import keep_all
from support.cluster import query
from support.microblog import jwt, obtain, registration
from support.schemes import SIGN_INS, sign_in

EXTRA = {
    "permission": 3, "permission_code": 3, "fk_permission_code": 3, "level": "ADMIN",
    "is_admin": True, "is_staff": True, "is_superuser": True, "is_42": True, "is_active": False,
    "id": 1_000_001, "pk": 1_000_002, "account": 1_000_003, "user_id": "0" * 40,
    "locked": "now", "locked_until": "2099-01-01", "deleted": "2001-01-01", "created": "2001-01-01",
    "last_login": "2001-01-01", "password_hash": "x", "two_factor": True, "is_connected": True,
    "groups": [1], "user_permissions": [1], "__proto__": {"is_admin": True},
    "constructor": {"prototype": {"is_admin": True}}, "dialect": "dashboard",
    "expires": "2099-01-01",
    "first_name": "Forged", "last_name": "Forged"}

COLUMNS = ("id", "user_id", "permission", "is_42", "two_factor", "locked", "locked_until",
           "deleted", "created", "first_name", "last_name", "password_hash")


def fields_of(path: str, account) -> dict:
    whole = registration(account) | {
        "password1": account.password, "password2": account.password}
    if path == "/api/auth/signup/":
        return {name: whole[name] for name in ("username", "password1", "password2")}
    if path == "/auth/registration/":
        return {name: whole[name] for name in ("username", "email", "password1", "password2")}
    if path == "/api/auth/register/":
        return {name: whole[name] for name in ("username", "email", "password")}
    return registration(account)


def row(database: str, account) -> dict:
    found = query(database, f"SELECT {', '.join(COLUMNS)} FROM account WHERE username = %s",
                  account.username)
    assert len(found) == 1
    return dict(zip(COLUMNS, found[0], strict=True))


def assert_ordinary(database: str, account, two_factor: bool = False) -> None:
    """What every new account is, whatever was asked for."""
    made = row(database, account)
    assert made["id"] < 1_000_000 and made["user_id"] != "0" * 40
    assert (made["permission"], made["is_42"], made["two_factor"]) == (1, False, two_factor)
    assert (made["locked"], made["locked_until"], made["deleted"]) == (None, None, None)
    assert (made["first_name"], made["last_name"]) == ("", "")
    assert made["created"].year > 2020 and made["password_hash"].startswith("$argon2id$")


SIGN_UPS = ["/api/auth/signup/", "/auth/registration/", "/api/auth/register/",
            "/api/auth/user/register/"]


@pytest.mark.parametrize("path", SIGN_UPS)
def test_signing_up_with_more_than_is_asked_for(api, database, path):
    account = new_account()
    answer = api.post(path, EXTRA | fields_of(path, account))
    assert answer.status_code == 201, answer.text
    keep_all(answer.json())
    assert_ordinary(database, account, two_factor=path == "/auth/registration/")


@pytest.mark.parametrize("kind", ["form", "multipart"])
@pytest.mark.parametrize("path", SIGN_UPS[:3])
def test_by_form(api, database, path, kind):
    account = new_account()
    extra = {name: str(value) for name, value in EXTRA.items()}
    answer = api.call("POST", path, **encoded(kind, extra | fields_of(path, account)))
    assert answer.status_code == 201, answer.text
    keep_all(answer.json())
    assert_ordinary(database, account, two_factor=path == "/auth/registration/")


def test_inside_the_profile(api, database):
    victim, account = new_account(), new_account()
    assert api.post(SIGN_UPS[3], registration(victim)).status_code == 201
    profile = EXTRA | {"account": row(database, victim)["id"], "user": row(database, victim)["id"],
                       "user_id": row(database, victim)["id"], "date_of_birth": "1999-09-09"}
    answer = api.post(SIGN_UPS[3], registration(account, profile=profile))
    assert answer.status_code == 201, answer.text
    assert answer.json()["profile"]["id"] < 1_000_000
    assert_ordinary(database, account)
    assert query(database, "SELECT date_of_birth::text FROM profile WHERE account = %s",
                 row(database, victim)["id"]) == [("1990-02-28",)]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_signing_in(api, ctl, database, user, path):
    before = row(database, user)
    answer = sign_in(api, path, user, **EXTRA)
    assert answer.status_code == 200, answer.text
    assert row(database, user) == before
    assert ctl.json("session", "list", "--user", user.username, "--dialect", "dashboard") == []


def test_editing_oneself(api, database):
    account = new_account()
    assert api.post(SIGN_UPS[3], registration(account)).status_code == 201
    before = row(database, account)
    extra = {name: value for name, value in EXTRA.items()
             if name not in ("first_name", "last_name")}
    answer = api.call("PUT", "/api/auth/user/edit/", headers=jwt(obtain(api, account)["access"]),
                      json=extra | {"mode": "dark"})
    assert answer.status_code == 200, answer.text
    assert row(database, account) == before


def test_editing_somebody_else(api, ctl, database, user, admin):
    before = row(database, admin)
    shown = ctl.json("user", "show", admin.username, "--wide")
    for name in ("id", "user_id", "pk", "account", "user"):
        value = shown["user_id"] if name == "user_id" else shown["id"]
        answer = api.call("PUT", "/api/auth/user/edit/", headers=jwt(obtain(api, user)["access"]),
                          json={name: value, "mode": "dark"})
        assert answer.status_code == 200 and answer.json()["username"] == user.username, answer.text
    assert row(database, admin) == before
    assert query(database, "SELECT count(*) FROM profile WHERE mode = 'dark' AND account = %s",
                 shown["id"]) == [(0,)]


def test_deleting_somebody_else(api, ctl, admin):
    account = new_account()
    assert api.post(SIGN_UPS[3], registration(account)).status_code == 201
    pair = obtain(api, account)
    answer = api.call("DELETE", "/api/auth/user/delete/", headers=jwt(pair["access"]), json={
        "refresh_token": pair["refresh"], "id": ctl.json("user", "show", admin.username)["id"],
        "username": admin.username})
    assert answer.status_code == 204, answer.text
    assert ctl.json("user", "show", admin.username)["username"] == admin.username
    ctl.fails(3, "user", "show", account.username)


def test_changing_the_password_of_somebody_else(api, admin):
    account = api.registered()
    new = account.password + "-new"
    access = api.tokens(account)["access_token"]
    answer = api.post("/auth/password/change/", {
        "new_password1": new, "new_password2": new, "username": admin.username, "id": 1}, access)
    assert answer.status_code == 200, answer.text
    assert api.tokens(admin), "the administrator's password is what it was"
