"""What changes an account holds on the very next request, in every dialect and on every server."""

import pytest

from support import secrets
from support.api import Account, Api, assert_detail, create_account
from support.cluster import query
from support.microblog import jwt, obtain
from support.program import until
from support.schemes import PROBES, SCHEMES, SIGN_INS, prove, set_password, sign_in

# What an administrator does to an account, and how whoever is signed in hears of it.
BLOWS = {
    "lock": (("user", "lock", "{user}", "--yes"), 401),
    "lock for a while": (("user", "lock", "{user}", "--until", "1h", "--yes"), 401),
    "delete": (("user", "delete", "{user}", "--yes"), 401),
    "purge": (("user", "delete", "{user}", "--purge", "--yes"), 401),
    "revoke": (("session", "revoke", "--user", "{user}", "--yes"), 401),
    "ban": (("ban", "add", "{user}"), 403)}

# Every scheme in one dialect, and every dialect with one scheme: neither knows of the other.
PAIRS = [(scheme, "trainer") for scheme in SCHEMES] + [("Bearer", dialect) for dialect in PROBES if dialect != "trainer"]

LEAVING = {
    "trainer": "/api/auth/logout/", "integers": "/api/auth/del-logout/", "community": "/auth/logout/",
    "havoc": "/user/logout", "microblog": "/api/auth/user/logout_all/"}


@pytest.fixture(scope="module")
def apis(new_server):
    return [Api(new_server().url) for _ in range(2)]


def run(ctl, command: tuple[str, ...], account: Account) -> None:
    ctl.ok(*(word.format(user=account.username) for word in command))


def statuses(apis, proof, dialect: str) -> list[int]:
    return [proof.probe(api, dialect) for api in apis]


@pytest.mark.parametrize("scheme, dialect", PAIRS)
@pytest.mark.parametrize("blow", BLOWS)
def test_a_credential_is_refused_from_the_next_request_on(
        apis, ctl, account, blow, scheme, dialect):
    command, status = BLOWS[blow]
    proof = prove(apis[0], account, scheme)
    # Both servers have seen it, so whatever they keep of it must go.
    assert statuses(apis, proof, dialect) == [200, 200]
    assert statuses(apis, proof, dialect) == [200, 200]
    run(ctl, command, account)
    assert statuses(apis, proof, dialect) == [status, status]


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
@pytest.mark.parametrize("blow", [name for name in BLOWS if name != "revoke"])
def test_and_nobody_signs_in_again(apis, ctl, account, blow, path):
    command, status = BLOWS[blow]
    for api in apis:
        assert sign_in(api, path, account).status_code == 200
    run(ctl, command, account)
    assert [sign_in(api, path, account).status_code for api in apis] == [status, status]


@pytest.mark.parametrize("blow", [name for name in BLOWS if name != "ban"])
def test_nor_refreshes(apis, ctl, account, blow):
    pair, other = apis[0].tokens(account), obtain(apis[0], account)
    ctl.ok("session", "list")
    command, _ = BLOWS[blow]
    extra = ("--confirm=2",) if blow == "revoke" else ()
    run(ctl, (*[word for word in command if not extra or word != "--yes"], *extra), account)
    for api in apis:
        assert_detail(api.refresh(pair["refresh_token"]), 401)
        for path in ("/api/jwt/refresh/", "/api/auth/refresh_token/", "/api/token/refresh/"):
            assert_detail(api.post(path, {"refresh": other["refresh"]}), 401)
        assert_detail(api.post("/api/jwt/verify/", {"token": other["access"]}), 401)


@pytest.mark.parametrize("path", SIGN_INS.values(), ids=SIGN_INS)
def test_a_password_changed_on_the_command_line(apis, ctl, account, path):
    for api in apis:
        assert sign_in(api, path, account).status_code == 200
    new = set_password(ctl, account)
    for api in apis:
        assert sign_in(api, path, account).status_code == 401
        assert sign_in(api, path, new).status_code == 200


def change_password(api, account: Account, how: str) -> tuple[Account, str]:
    """Its owner changes the password; gives the new account and the token it was done with."""
    new = Account(account.username, secrets.password(), account.email)
    access = api.tokens(account)["access_token"]
    if how == "community":
        answer = api.post("/auth/password/change/", {
            "new_password1": new.password, "new_password2": new.password}, token=access)
    else:
        answer = api.call("PUT", "/api/auth/user/edit/", headers=jwt(access), json={
            "update_password": True, "current_password": account.password,
            "new_password": new.password})
    assert answer.status_code == 200, answer.text
    return new, access


@pytest.mark.parametrize("scheme, how", [*((scheme, "community") for scheme in SCHEMES), ("Bearer", "microblog")])
def test_a_password_changed_by_its_owner_ends_the_other_sessions(apis, account, how, scheme):
    proof = prove(apis[1], account, scheme)
    assert statuses(apis, proof, "trainer") == [200, 200]
    new, access = change_password(apis[0], account, how)
    assert statuses(apis, proof, "trainer") == [401, 401]
    assert [api.alive(access) for api in apis] == [True, True]
    for path in SIGN_INS.values():
        assert [sign_in(api, path, account).status_code for api in apis] == [401, 401]
        assert [sign_in(api, path, new).status_code for api in apis] == [200, 200]


def as_admin(apis, proof) -> list[int]:
    return [proof.call(api, "POST", "/user_admin/get_all_users").status_code for api in apis]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_permission_given_and_taken(apis, ctl, account, scheme):
    proof = prove(apis[0], account, scheme)
    assert as_admin(apis, proof) == [403, 403]
    ctl.ok("permission", "assign", 3, account.username, "--yes")
    assert as_admin(apis, proof) == [200, 200]
    ctl.ok("permission", "assign", 2, account.username, "--yes")
    assert as_admin(apis, proof) == [403, 403]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_permission_that_changes_its_meaning(apis, ctl, scheme):
    code = 100 + SCHEMES.index(scheme)
    ctl.ok("permission", "create", code, f"LEAD-{scheme}", "--admin")
    proof = prove(apis[0], create_account(ctl, code), scheme)
    assert as_admin(apis, proof) == [200, 200]
    ctl.ok("permission", "edit", code, "--no-admin", "--yes")
    assert as_admin(apis, proof) == [403, 403]


@pytest.mark.parametrize("scheme, dialect", PAIRS)
def test_leaving_on_one_server_is_leaving_on_all(apis, account, scheme, dialect):
    proof = prove(apis[0], account, scheme)
    assert statuses(apis, proof, dialect) == [200, 200]
    assert proof.call(apis[1], "POST", LEAVING[dialect]).status_code in (200, 204)
    assert statuses(apis, proof, dialect) == [401, 401]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_deleting_oneself_is_gone_everywhere(apis, account, scheme):
    proof = prove(apis[0], account, scheme)
    assert statuses(apis, proof, "trainer") == [200, 200]
    pair = obtain(apis[0], account)
    answer = apis[0].call("DELETE", "/api/auth/user/delete/", headers=jwt(pair["access"]), json={
        "refresh_token": pair["refresh"]})
    assert answer.status_code == 204, answer.text
    assert statuses(apis, proof, "trainer") == [401, 401]
    assert [api.login(account).status_code for api in apis] == [401, 401]


@pytest.mark.parametrize("kind, scheme", [
    ("access", "Bearer"), ("opaque", "Token"), ("session_token", "session_token"),
    ("web", "cookie")])
def test_one_token_revoked(apis, ctl, account, kind, scheme):
    proof = prove(apis[0], account, scheme)
    assert statuses(apis, proof, "trainer") == [200, 200]
    ctl.ok("token", "revoke", "--user", account.username, "--kind", kind, "--yes")
    assert statuses(apis, proof, "trainer") == [401, 401]


def test_an_unlocked_account_signs_in_at_once(apis, ctl, account):
    ctl.ok("user", "lock", account.username, "--yes")
    assert [api.login(account).status_code for api in apis] == [401, 401]
    ctl.ok("user", "unlock", account.username, "--yes")
    assert [api.login(account).status_code for api in apis] == [200, 200]


def test_a_lock_ends_with_its_time(apis, ctl, account, database):
    ctl.ok("user", "lock", account.username, "--until", "1h", "--yes")
    assert apis[0].login(account).status_code == 401
    assert query(database, "UPDATE account SET locked_until = now() + interval '1 second' WHERE username = %s RETURNING 1",
                 account.username)
    until(lambda: apis[1].login(account).status_code == 200, "the lock ends")


def test_a_restored_account_signs_in_at_once(apis, ctl, account):
    ctl.ok("user", "delete", account.username, "--yes")
    assert [api.login(account).status_code for api in apis] == [401, 401]
    ctl.ok("user", "restore", account.username, "--yes")
    assert [api.login(account).status_code for api in apis] == [200, 200]
