"""havocctl user two-factor: whom it can be switched on for, and what it means at once."""

import pytest

from support import secrets
from support.api import (
    Api, assert_detail, assert_field_error, assert_havoc_error, new_account)
from support.attempts import wrong
from support.cluster import contents
from support.program import rows
from support.schemes import SCHEMES, SIGN_INS, prove, sign_in


@pytest.fixture(scope="module")
def server(servers):
    return servers[0]


def switch(ctl, account, word: str) -> bool:
    """Gives whether it changed."""
    return rows(ctl.json("user", "two-factor", account.username, word))[0]["changed"]


def is_on(ctl, account) -> bool:
    return ctl.json("user", "show", account.username)["two_factor"]


def assert_code_is_missing(answer, path: str) -> None:
    if path.startswith("/user/"):
        assert_havoc_error(answer, 401, "code")
    else:
        assert_field_error(answer, 401, "code")
        assert answer.headers["WWW-Authenticate"]


def test_on_and_off_say_whether_they_changed_anything(ctl, account):
    assert not is_on(ctl, account)
    assert [switch(ctl, account, word) for word in ("off", "on", "on", "off", "off")] == [
        False, True, False, True, False]
    assert switch(ctl, account, "on") and is_on(ctl, account)


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_it_holds_in_every_dialect_on_every_server(servers, ctl, account, path):
    apis = [Api(server.url) for server in servers]
    assert sign_in(apis[0], path, account).status_code == 200
    switch(ctl, account, "on")
    for api in apis:
        assert_code_is_missing(sign_in(api, path, account), path)
    switch(ctl, account, "off")
    for api in apis:
        assert sign_in(api, path, account).status_code == 200


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_wrong_password_hears_nothing_of_a_code(api, ctl, account, path):
    switch(ctl, account, "on")
    answer = sign_in(api, path, wrong(account))
    assert answer.status_code == 401 and "code" not in answer.text, answer.text
    nobody = sign_in(api, path, new_account("nobody"))
    assert answer.json() == nobody.json()


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
@pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "1234567", "１２３４５６", "'--"])
def test_no_code_was_sent_so_none_is_right(api, ctl, account, path, code):
    switch(ctl, account, "on")
    answer = sign_in(api, path, account, code=code)
    if path.startswith("/user/"):
        assert_havoc_error(answer, 401)
    else:
        assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("code", ["", None])
def test_an_empty_code_is_a_missing_one(api, ctl, account, code):
    switch(ctl, account, "on")
    assert_code_is_missing(sign_in(api, "/api/auth/obtain/", account, code=code), "")


def test_sessions_already_held_go_on(servers, ctl, account):
    api = Api(servers[0].url)
    held = {scheme: prove(api, account, scheme) for scheme in SCHEMES}
    pair = api.tokens(account)
    switch(ctl, account, "on")
    assert {proof.probe(Api(servers[1].url), "trainer") for proof in held.values()} == {200}
    assert api.refresh(pair["refresh_token"]).status_code == 200


def test_it_needs_an_address(ctl, api):
    made = new_account()
    ctl.ok("user", "create", made.username, "--password-stdin", input=made.password)
    failed = ctl.fails((1, 2, 5), "user", "two-factor", made.username, "on")
    assert "mail" in failed.stderr
    assert not is_on(ctl, made) and api.tokens(made)
    assert switch(ctl, made, "off") is False
    ctl.ok("user", "edit", made.username, "--email", made.email)
    assert switch(ctl, made, "on")


def test_the_address_can_t_be_taken_away_while_it_is_on(ctl, account):
    switch(ctl, account, "on")
    failed = ctl.fails((1, 2, 5), "user", "edit", account.username, "--email", "")
    assert "two" in failed.stderr and "check constraint" not in failed.stderr
    assert ctl.json("user", "show", account.username)["email"] == account.email


def test_create_can_switch_it_on(api, ctl):
    made = new_account()
    ctl.ok("user", "create", made.username, "--email", made.email, "--two-factor",
           "--password-stdin", input=made.password)
    assert is_on(ctl, made)
    assert_code_is_missing(sign_in(api, "/api/auth/obtain/", made), "")
    none = new_account()
    ctl.fails((1, 2, 5), "user", "create", none.username, "--two-factor", "--no-password")
    ctl.fails(3, "user", "show", none.username)


@pytest.mark.parametrize("named", ["username", "email", "id", "user_id"])
def test_a_user_by_every_name(ctl, account, named):
    shown = ctl.json("user", "show", account.username, "--wide")
    ctl.ok("user", "two-factor", shown[named], "on")
    assert is_on(ctl, account)


@pytest.mark.parametrize("words, status", [
    (["{user}", "maybe"], 2), (["{user}"], 2), ([], 2), (["nobody-of-this-name", "on"], 3),
    (["{user}", ""], 2), (["{user}", "on", "off"], 2)])
def test_what_it_refuses(ctl, account, words, status):
    ctl.fails(status, "user", "two-factor", *(word.format(user=account.username) for word in words))
    assert not is_on(ctl, account)


def test_dry_run_changes_nothing(ctl, database, account):
    before = contents(database)
    ctl.ok("user", "two-factor", account.username, "on", "--dry-run")
    assert contents(database) == before


def test_it_is_on_record_and_in_the_list(ctl, account):
    switch(ctl, account, "on")
    assert {row["username"]: row["two_factor"] for row in ctl.json("user", "list")}[
        account.username] is True
    switch(ctl, account, "off")
    found = ctl.json("audit", "list", "--user", account.username)
    what = [row["what"] for row in found if row["what"].startswith("two-factor")]
    assert sorted(what) == ["two-factor-off", "two-factor-on"]


def test_no_session_comes_of_a_missing_code(api, ctl, account):
    switch(ctl, account, "on")
    for path in SIGN_INS.values():
        assert sign_in(api, path, account).status_code == 401
    assert ctl.json("session", "list", "--user", account.username, "--all") == []
    assert_detail(api.refresh(secrets.keep_jwt("a.b.c")), 401)
