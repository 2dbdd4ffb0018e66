"""The havoc dialect, whole: permission_admin, user_admin and user."""

import json
import re
import secrets as random

import pytest

from support import secrets
from support.api import (
    BODY_KINDS, Account, Api, assert_havoc_error, create_account, encoded, new_account)

LEVELS = {1: "USER", 2: "STAFF", 3: "ADMIN"}
ADMIN_ROUTES = ["/permission_admin/get_permissions", "/user_admin/get_all_users",
                "/user_admin/create_user"]
AUTHENTICATED_ROUTES = [*ADMIN_ROUTES, "/user/check_status", "/user/logout"]


@pytest.fixture(scope="module")
def credential(api, admin):
    return api.credential(admin)


def new_user_fields(account: Account, code="1") -> dict:
    return {"email": account.email, "username": account.username, "first_name": "Test",
            "last_name": "McGee", "password": account.password, "fk_permission_code": code}


def data(answer):
    """What a success carries, in its exact shape."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"status", "data"} and body["status"] == 200, body
    return body["data"]


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("who, code", [("user", 1), ("staff", 2), ("admin", 3)])
def test_login_says_who_and_with_what_permission(api, request, kind, who, code):
    account = request.getfixturevalue(who)
    answer = api.call("POST", "/user/login", **encoded(
        kind, {"username": account.username, "password": account.password}))
    found = data(answer)
    token = secrets.keep(found.pop("session_token"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert found == {"username": account.username, "first_name": "", "last_name": "",
                     "fk_permission_code": code, "permission_level": LEVELS[code]}
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_login_is_a_new_session(api, user):
    tokens = {api.credential(user)["session_token"] for _ in range(3)}
    assert len(tokens) == 3


def test_an_unknown_user_and_a_wrong_password_answer_alike(api, user):
    wrong = Account(user.username, secrets.password(), "")
    answers = [api.havoc_login(wrong), api.havoc_login(new_account("nobody"))]
    for answer in answers:
        assert_havoc_error(answer, 401)
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("fields, missing", [
    ({}, ["username", "password"]), ({"username": "x"}, ["password"]),
    ({"password": "x"}, ["username"]), ({"username": "", "password": "x"}, ["username"]),
    ({"username": "x", "password": ""}, ["password"])])
@pytest.mark.parametrize("kind", BODY_KINDS)
def test_login_names_what_is_missing(api, kind, fields, missing):
    if not fields and kind == "multipart":
        kind = "json"  # A multipart body of no parts is another error.
    answer = api.call("POST", "/user/login", **encoded(kind, fields))
    assert_havoc_error(answer, 400)
    assert any(field in answer.json()["data"] for field in missing)


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_check_status(api, credential, kind, slash):
    answer = api.call("POST", "/user/check_status" + slash, **encoded(kind, credential))
    assert data(answer) == "OK"


@pytest.mark.parametrize("path", AUTHENTICATED_ROUTES)
def test_bad_credentials_are_refused_everywhere(api, credential, user, path):
    name, token = credential["username"], credential["session_token"]
    for fields in [
            {}, {"something": "else"},
            {"username": name, "session_token": token[:-1]},
            {"username": name, "session_token": token + "A"},
            {"username": name, "session_token": random.token_urlsafe(32)},
            {"username": user.username, "session_token": token},
            {"username": "nobody-" + random.token_hex(4), "session_token": token},
            {"username": name, "session_token": "' OR '1'='1"},
            {"username": "' OR 1=1 --", "session_token": token},
            {"username": name, "session_token": "x" * 3000}]:
        assert_havoc_error(api.post(path, fields), 401)
    assert api.connected(credential)


@pytest.mark.parametrize("path", AUTHENTICATED_ROUTES)
def test_half_a_credential_is_none(api, credential, path):
    """No credential, or one with a field missing: either way nothing is done."""
    name, token = credential["username"], credential["session_token"]
    for fields in ({"username": name}, {"session_token": token},
                   {"username": name, "session_token": ""}, {"username": "", "session_token": token}):
        answer = api.post(path, fields)
        assert_havoc_error(answer, 400 if answer.status_code == 400 else 401)
    assert api.connected(credential)


@pytest.mark.parametrize("path", AUTHENTICATED_ROUTES)
def test_credentials_in_the_query_do_not_count(api, user, path):
    made = api.credential(user)
    assert_havoc_error(api.call("POST", path, params=made), 401)
    assert api.connected(made)


@pytest.mark.parametrize("path", ADMIN_ROUTES)
@pytest.mark.parametrize("who", ["user", "staff"])
def test_admin_only(api, request, path, who):
    account = request.getfixturevalue(who)
    made = new_account()
    fields = api.credential(account) | {"new_user": new_user_fields(made)}
    assert_havoc_error(api.post(path, fields), 403)
    assert_havoc_error(api.havoc_login(made), 401)


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_get_permissions(api, credential, kind):
    answer = api.call("POST", "/permission_admin/get_permissions", **encoded(kind, credential))
    assert data(answer) == [
        {"permission_code": code, "permission_level": level} for code, level in LEVELS.items()]


def test_get_all_users(api, credential, admin, staff, user):
    found = data(api.post("/user_admin/get_all_users", credential))
    by_name = {one["username"]: one for one in found}
    assert len(by_name) == len(found)
    for account, code in ((user, 1), (staff, 2), (admin, 3)):
        assert by_name[account.username] == {
            "email": account.email, "username": account.username, "first_name": "",
            "last_name": "", "permission_code": code, "permission_level": LEVELS[code]}


@pytest.mark.parametrize("code", ["1", 1, "2", 3, None])
@pytest.mark.parametrize("kind, as_string", [
    ("json", False), ("json", True), ("form", True), ("multipart", True)])
def test_create_user(api, credential, kind, as_string, code):
    made = new_account("made")
    fields = new_user_fields(made, code)
    if code is None:
        del fields["fk_permission_code"]
    new_user = json.dumps(fields) if as_string else fields
    answer = api.call("POST", "/user_admin/create_user",
                      **encoded(kind, credential | {"new_user": new_user}))
    assert data(answer) == "OK"
    found = data(api.havoc_login(made))
    assert (found["username"], found["first_name"], found["last_name"]) == (
        made.username, "Test", "McGee")
    assert found["fk_permission_code"] == int(code or 1)


def test_an_admin_may_set_1234_and_it_signs_in_everywhere(api, credential):
    name = f"weak-{random.token_hex(4)}"
    weak = Account(name, "1234", f"{name}@example.org")
    assert data(api.post("/user_admin/create_user",
                         credential | {"new_user": new_user_fields(weak)})) == "OK"
    assert api.connected(api.credential(weak))
    assert api.alive(api.tokens(weak)["access_token"])


def test_one_identity_in_both_dialects(api, admin):
    registered = api.registered("both")
    found = data(api.havoc_login(registered))
    assert found["fk_permission_code"] == 1
    # Every scheme is good on every route.
    access = api.tokens(admin)["access_token"]
    assert data(api.post("/permission_admin/get_permissions", token=access))
    body = api.credential(registered)
    assert api.call("GET", "/exercises/list/", json=body).status_code == 200
    assert api.call("GET", "/exercises/list/", data=body).status_code == 200


@pytest.mark.parametrize("change, field", [
    ({"username": None}, "username"), ({"password": None}, "password"),
    ({"username": ""}, "username"), ({"password": ""}, "password"),
    ({"username": "semi;colon"}, "username"), ({"username": "x" * 151}, "username"),
    ({"email": "no address"}, "email"), ({"fk_permission_code": "99"}, "fk_permission_code"),
    ({"fk_permission_code": "USERS"}, "fk_permission_code"),
    ({"fk_permission_code": -1}, "fk_permission_code"),
    ({"fk_permission_code": "1; DROP TABLE x"}, "fk_permission_code"),
    ({"fk_permission_code": 2**40}, "fk_permission_code")])
def test_create_user_refuses_and_names_the_field(api, credential, ctl, change, field):
    made = new_account("refused")
    fields = {name: value for name, value in (new_user_fields(made) | change).items()
              if value is not None}
    answer = api.post("/user_admin/create_user", credential | {"new_user": fields})
    assert_havoc_error(answer, 400, field)
    assert made.email not in ctl.ok("user", "list", "-o", "json").stdout


@pytest.mark.parametrize("new_user", [None, "", "{", "[]", "5", '"x"', '{"username":"a"'])
def test_new_user_must_be_an_object_or_hold_one(api, credential, new_user):
    fields = credential if new_user is None else credential | {"new_user": new_user}
    assert_havoc_error(api.post("/user_admin/create_user", fields), 400, "new_user")


@pytest.mark.parametrize("spelling", [str, str.upper, str.title, lambda name: f"  {name} "])
def test_a_taken_name_is_409(api, credential, user, spelling):
    fields = new_user_fields(new_account()) | {"username": spelling(user.username)}
    answer = api.post("/user_admin/create_user", credential | {"new_user": fields})
    assert_havoc_error(answer, 409, "username")


def test_a_taken_email_is_409(api, credential, user):
    fields = new_user_fields(new_account()) | {"email": user.email.upper()}
    answer = api.post("/user_admin/create_user", credential | {"new_user": fields})
    assert_havoc_error(answer, 409, "email")


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_logout_kills_this_session_at_once_and_no_other(api, user, kind):
    first, second = api.credential(user), api.credential(user)
    assert data(api.call("POST", "/user/logout", **encoded(kind, first))) == "OK"
    assert_havoc_error(api.post("/user/check_status", first), 401)
    assert_havoc_error(api.post("/user/logout", first), 401)
    assert api.connected(second)


def test_a_locked_user_is_out(api, ctl):
    account = create_account(ctl, 1, "locked")
    held = api.credential(account)
    ctl.ok("user", "lock", account.username)
    assert not api.connected(held)
    assert_havoc_error(api.havoc_login(account), 401)
    ctl.ok("user", "unlock", account.username, "--yes")
    assert api.connected(api.credential(account))


def test_a_demoted_admin_is_403_from_the_next_request_on(api, ctl):
    account = create_account(ctl, 3, "demoted")
    held = api.credential(account)
    assert data(api.post("/user_admin/get_all_users", held))
    ctl.ok("permission", "assign", 1, account.username, "--yes")
    assert_havoc_error(api.post("/user_admin/get_all_users", held), 403)


def test_other_servers_know_the_session(new_server, api, user):
    other = Api(new_server().url)
    held = api.credential(user)
    assert other.connected(held)
    assert data(other.post("/user/logout", held)) == "OK"
    assert not api.connected(held)
