"""The audit: what leaves a record, what it says, and what it never holds."""

import json

import pytest

from support import secrets
from support.api import new_account
from support.attempts import LIMIT, LIMITED, fail, fresh_address, wrong
from support.browser import Browser, Place
from support.microblog import obtain, registration
from support.schemes import SIGN_INS, sign_in

COLUMNS = {"time", "actor", "address", "what", "target", "result"}
WIDE = COLUMNS | {"before", "after", "request"}


@pytest.fixture(scope="module")
def server(new_server):
    return new_server(LIMITED)


@pytest.fixture
def place(server) -> Place:
    return Place(server.url, fresh_address())


def about(ctl, account, what: str, *options) -> list[dict]:
    return ctl.json("audit", "list", "--user", account.username, "--what", what, *options)


def one(ctl, account, what: str) -> dict:
    found = about(ctl, account, what, "--wide")
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_sign_in(ctl, place, account, path):
    answer = sign_in(place, path, account)
    assert answer.status_code == 200, answer.text
    row = one(ctl, account, "sign-in")
    assert set(row) == WIDE
    assert (row["actor"], row["target"], row["address"], row["result"]) == (
        account.username, account.username, place.address, "done")
    assert row["request"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_failure(ctl, place, account, path):
    answer = sign_in(place, path, wrong(account))
    row = one(ctl, account, "sign-in-failed")
    assert (row["target"], row["address"], row["result"]) == (
        account.username, place.address, "failed")
    assert row["request"] == answer.headers["X-Request-ID"]


def test_a_name_that_nobody_has(ctl, place):
    nobody = new_account("nobody")
    assert fail(place, nobody, 1) == [401]
    found = [row for row in ctl.json("audit", "list", "--what", "sign-in-failed", "--since", "1h")
             if row["target"] == nobody.username]
    assert [row["address"] for row in found] == [place.address]


def sign_up(place, path: str, account):
    fields = registration(account) | {"password1": account.password, "password2": account.password}
    if "user/register" not in path:
        del fields["profile"]
    return place.post(path, fields)


@pytest.mark.parametrize("path", [
    "/api/auth/signup/", "/auth/registration/", "/api/auth/register/", "/api/auth/user/register/"])
def test_a_sign_up(ctl, place, path):
    account = new_account()
    answer = sign_up(place, path, account)
    assert answer.status_code == 201, answer.text
    secrets.keep(answer.json().get("token", ""))
    row = one(ctl, account, "sign-up")
    assert (row["target"], row["address"]) == (account.username, place.address)


@pytest.mark.parametrize("path", [
    "/api/auth/logout/", "/api/auth/del-logout/", "/auth/logout/", "/api/auth/user/logout_all/"])
def test_a_sign_out(ctl, place, account, path):
    answer = place.post(path, {}, token=place.tokens(account)["access_token"])
    assert answer.status_code in (200, 204), answer.text
    assert about(ctl, account, "sign-out")[0]["address"] == place.address


def test_a_sign_out_by_refresh_token(ctl, place, account):
    pair = obtain(place, account)
    place.post("/api/auth/user/logout/", {"refresh_token": pair["refresh"]})
    assert one(ctl, account, "sign-out")["address"] == place.address


def test_a_refusal_for_want_of_permission(ctl, place, account):
    answer = place.post("/user_admin/get_all_users", place.credential(account))
    assert answer.status_code == 403
    row = one(ctl, account, "refused")
    assert (row["actor"], row["address"]) == (account.username, place.address)


def test_a_refusal_by_the_limit(ctl, place, account):
    assert fail(place, account, LIMIT) == [401] * LIMIT
    answer = place.login(account)
    assert answer.status_code == 429
    found = [row for row in ctl.json("audit", "list", "--user", account.username, "--wide")
             if row["request"] == answer.headers["X-Request-ID"]]
    assert [row["address"] for row in found] == [place.address]
    assert found[0]["what"] in ("refused", "sign-in-failed")
    assert about(ctl, account, "sign-in") == []


def test_a_refusal_by_a_missing_csrf_token(ctl, server, account):
    browser = Browser(server.url)
    browser.sign_in(account)
    assert browser.post("/api/jwt/", {}, csrf=False).status_code == 403
    assert len(about(ctl, account, "refused")) == 1


@pytest.mark.parametrize("command, what", [
    (("user", "lock", "{user}", "--reason", "why not"), "lock"),
    (("user", "two-factor", "{user}", "on"), "two-factor-on"),
    (("user", "edit", "{user}", "--first-name", "Ada"), "user-edit"),
    (("user", "delete", "{user}", "--yes"), "user-delete"),
    (("session", "revoke", "--user", "{user}", "--yes"), "session-revoke"),
    (("token", "revoke", "--user", "{user}", "--kind", "access", "--yes"), "token-revoke"),
    (("token", "issue", "{user}", "--kind", "access"), "token-issue")])
def test_what_an_administrator_does(ctl, place, account, command, what):
    place.tokens(account)
    shown = ctl.json(*(word.format(user=account.username) for word in command))
    if isinstance(shown, dict) and "token" in shown:
        secrets.keep_jwt(shown["token"])
    found = [row for row in ctl.json("audit", "list", "--what", what, "--wide")
             if account.username in json.dumps(row)]
    assert len(found) == 1 and found[0]["actor"].startswith("cli:"), found
    assert found[0]["address"] is None


def test_a_change_says_before_and_after(ctl, account):
    ctl.ok("permission", "assign", 2, account.username)
    found = [row for row in ctl.json("audit", "list", "--user", account.username, "--wide")
             if row["what"] in ("permission-assign", "user-edit")]
    assert [row["target"] for row in found] == [account.username]
    row = found[0]
    assert row["actor"].startswith("cli:")
    before, after = (value if isinstance(value, dict) else json.loads(value)
                     for value in (row["before"], row["after"]))
    assert 1 in before.values() and 2 in after.values()


def test_a_password_changed_by_its_owner(ctl, place, account):
    new = secrets.password()
    answer = place.post("/auth/password/change/", {"new_password1": new, "new_password2": new},
                        token=place.tokens(account)["access_token"])
    assert answer.status_code == 200, answer.text
    row = one(ctl, account, "password-change")
    assert (row["actor"], row["address"]) == (account.username, place.address)


def test_what_was_refused_on_the_command_line_leaves_nothing(ctl, account):
    ctl.fails(5, "user", "delete", account.username)
    ctl.ok("user", "delete", account.username, "--dry-run")
    assert about(ctl, account, "user-delete") == []


def test_no_secret_in_the_whole_of_it(ctl, place, account):
    for path in SIGN_INS.values():
        sign_in(place, path, account)
        sign_in(place, path, wrong(account))
    place.refresh(place.tokens(account)["refresh_token"])
    assert len(secrets.known()) > 10
    for form in ("json", "csv"):
        text = ctl.ok("audit", "list", "--wide", "-o", form).stdout
        assert account.username in text and not secrets.leaked(text)
