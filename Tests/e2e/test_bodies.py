"""Bodies that are malformed, mistyped or meant to break something."""

import json

import pytest

from support.api import (
    assert_field_error, assert_havoc_error, bearer, new_account)

JSON = {"Content-Type": "application/json"}
# One of each dialect that needs no credential, one that does.
PATHS = ["/api/auth/login/", "/api/auth/register/", "/api/auth/token/refresh/", "/user/login",
         "/user/check_status", "/user_admin/create_user"]
HAVOC = ("/user", "/permission_admin")


def error(answer, status: int, path: str) -> None:
    assert answer.status_code == status, answer.text
    if path.startswith(HAVOC):
        assert_havoc_error(answer, status)
    else:
        assert answer.json()


MALFORMED = {
    "nothing but space": b"  \n ",
    "cut in a string": b'{"username":"a","password":"b',
    "cut after a colon": b'{"username":',
    "cut after a comma": b'{"username":"a",',
    "not closed": b'{"username":"a"',
    "a comma too many": b'{"username":"a",}',
    "single quotes": b"{'username':'a'}",
    "no quotes": b"{username:1}",
    "a comment": b'{"username":"a"/* x */}',
    "NaN": b'{"username":NaN}',
    "Infinity": b'{"username":-Infinity}',
    "a leading zero": b'{"username":01}',
    "hexadecimal": b'{"username":0x1}',
    "a plus sign": b'{"username":+1}',
    "a bare point": b'{"username":1.}',
    "True": b'{"username":True}',
    "two values": b'{"username":"a"}{"username":"b"}',
    "trailing letter": b'{"username":"a","password":"b"}x',
    "trailing NUL": b'{"username":"a","password":"b"}\0',
    "a raw newline in a string": b'{"username":"a\nb"}',
    "a raw NUL in a string": b'{"username":"a\0b"}',
    "a raw control character": b'{"username":"a\x01b"}',
    "an escaped NUL": b'{"username":"a\\u0000b","password":"x"}',
    "an escaped NUL in a name": b'{"user\\u0000name":"a"}',
    "an unknown escape": b'{"username":"\\x41"}',
    "a short escape": b'{"username":"\\u12"}',
    "a lone high surrogate": b'{"username":"\\ud800"}',
    "a lone low surrogate": b'{"username":"\\udc00"}',
    "surrogates the wrong way round": b'{"username":"\\udc00\\ud800"}',
    "a raw surrogate": b'{"username":"\xed\xa0\x80"}',
    "a lone continuation byte": b'{"username":"\x80"}',
    "overlong slash": b'{"username":"\xc0\xaf"}',
    "past U+10FFFF": b'{"username":"\xf4\x90\x80\x80"}',
    "cut character": b'{"username":"\xe2\x82"}',
    "latin-1": b'{"username":"\xe9"}',
    "a name twice": b'{"username":"a","password":"b","username":"c"}',
    "a name twice, escaped": b'{"username":"a","user\\u006eame":"c"}',
    "a name twice, deeper": b'{"x":{"y":1,"y":2}}',
    "an array": b'[]',
    "an array of objects": b'[{"username":"a","password":"b"}]',
    "a string": b'"username"',
    "a number": b'5',
    "null": b'null',
    "true": b'true',
    "depth 65": b'{"x":' * 65 + b"1" + b"}" * 65,
    "depth 65 of arrays": b'{"x":' + b"[" * 64 + b"]" * 64 + b"}",
    "depth 100,000": b"[" * 100_000,
    "a huge exponent": b'{"x":1e999}',
    "a huge integer": b'{"x":' + b"9" * 400 + b"}",
    "UTF-16": '{"username":"a"}'.encode("utf-16"),
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("what", MALFORMED)
def test_malformed_json_is_400(api, path, what):
    answer = api.call("POST", path, data=MALFORMED[what], headers=JSON)
    error(answer, 400, path)
    # About the body, not about the fields that a body read as empty would lack.
    assert "field is required" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_depth_64_is_taken(api, user, path):
    deep = b'"x":' + b"[" * 63 + b"]" * 63
    answer = api.call("POST", path, data=b"{" + deep + b"}", headers=JSON)
    # Read as a whole: the complaint is about the fields, or about no credential.
    error(answer, 401 if path in ("/user/check_status", "/user_admin/create_user") else 400, path)
    if path == "/api/auth/login/":
        assert set(answer.json()) <= {"username", "password"}


@pytest.mark.parametrize("headers", [JSON, {}])
@pytest.mark.parametrize("path, status", [
    ("/api/auth/login/", 400), ("/api/auth/register/", 400), ("/user/login", 400)])
def test_an_empty_body_is_400(api, path, status, headers):
    error(api.call("POST", path, data=b"", headers=headers), status, path)


def valid(path: str, user, credential: dict) -> dict:
    """Fields with which the path succeeds, or fails only for its values."""
    if path in ("/api/auth/login/", "/user/login"):
        return {"username": user.username, "password": user.password}
    if path == "/api/auth/register/":
        made = new_account()
        return {"username": made.username, "email": made.email, "password": made.password}
    if path in ("/api/auth/token/refresh/", "/api/auth/logout/"):
        return {"refresh": "x"}
    return dict(credential)


FIELDS = [
    ("/api/auth/register/", "username"), ("/api/auth/register/", "email"),
    ("/api/auth/register/", "password"), ("/api/auth/login/", "username"),
    ("/api/auth/login/", "password"), ("/api/auth/token/refresh/", "refresh"),
    ("/api/auth/logout/", "refresh"), ("/user/login", "username"), ("/user/login", "password"),
    ("/user/logout", "username"), ("/user/logout", "session_token"),
    ("/user/check_status", "username"), ("/user/check_status", "session_token"),
    ("/permission_admin/get_permissions", "session_token"),
    ("/user_admin/get_all_users", "username"), ("/user_admin/create_user", "session_token")]
WRONG = {"number": 5, "fraction": 1.5, "large number": 10**18, "list": ["a"], "object": {"a": "b"},
         "true": True, "false": False}


@pytest.fixture(scope="module")
def held(api, admin):
    return api.credential(admin)


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("path, field", FIELDS)
def test_a_wrong_type_names_the_field(api, user, admin, held, path, field, kind):
    fields = valid(path, user, held) | {field: WRONG[kind]}
    options = {}
    if path == "/api/auth/logout/":
        options["headers"] = bearer(api.tokens(user)["access_token"])
    answer = api.call("POST", path, json=fields, **options)
    if path.startswith(HAVOC):
        assert_havoc_error(answer, 400, field)
    else:
        assert_field_error(answer, 400, field)


@pytest.mark.parametrize("path, field", [
    row for row in FIELDS if row[1] != "email" and row[0] in (
        "/api/auth/register/", "/api/auth/login/", "/api/auth/token/refresh/", "/user/login")])
def test_null_is_no_value(api, user, held, path, field):
    answer = api.post(path, valid(path, user, held) | {field: None})
    if path.startswith(HAVOC):
        assert_havoc_error(answer, 400, field)
    else:
        assert_field_error(answer, 400, field)


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("field", ["username", "email", "first_name", "last_name", "password",
                                   "fk_permission_code", "new_user"])
def test_a_wrong_type_in_new_user_names_the_field(api, held, field, kind):
    if field == "fk_permission_code" and kind == "number":
        kind = "list"  # A number is a right type there.
    made = new_account()
    new_user = {"username": made.username, "email": made.email, "password": made.password,
                "first_name": "A", "last_name": "B", "fk_permission_code": 1}
    fields = held | {"new_user": new_user}
    if field == "new_user":
        if kind == "object":
            kind = "list"  # An object is right; what is in it is another matter.
        fields[field] = WRONG[kind]
    else:
        new_user[field] = WRONG[kind]
    assert_havoc_error(api.post("/user_admin/create_user", fields), 400, field)
    assert api.login(made).status_code == 401, "it was created all the same"


@pytest.mark.parametrize("inner", ['{"username":"a","username":"b"}', '{"username":"a"} x',
                                   '{"username":"\\ud800"}', '{"username":"\\u0000"}', "[" * 70])
def test_the_json_in_new_user_is_read_as_strictly(api, held, inner):
    answer = api.post("/user_admin/create_user", held | {"new_user": inner})
    assert_havoc_error(answer, 400, "new_user")


@pytest.mark.parametrize("content_type", [
    "text/plain", "application/xml", "application/jsonx", "application/x-json", "image/png",
    "nonsense", "application/json/x", "text/json", "application/octet-stream"])
@pytest.mark.parametrize("path", ["/api/auth/login/", "/user/login", "/api/auth/register/"])
def test_another_content_type_is_415(api, user, path, content_type):
    body = json.dumps(valid(path, user, {})).encode()
    error(api.call("POST", path, data=body, headers={"Content-Type": content_type}), 415, path)


@pytest.mark.parametrize("content_type", [
    "application/json", "application/json; charset=utf-8", "APPLICATION/JSON;CHARSET=UTF-8",
    'application/json ; charset="utf-8"'])
def test_utf_8_by_any_spelling(api, user, content_type):
    body = json.dumps(valid("/api/auth/login/", user, {})).encode()
    answer = api.call("POST", "/api/auth/login/", data=body, headers={"Content-Type": content_type})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-7"])
def test_another_charset_is_refused(api, user, charset):
    body = json.dumps(valid("/api/auth/login/", user, {})).encode()
    answer = api.call("POST", "/api/auth/login/", data=body,
                      headers={"Content-Type": f"application/json; charset={charset}"})
    assert answer.status_code in (400, 415), answer.text
