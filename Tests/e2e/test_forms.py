"""Form bodies, and input meant for the log rather than for the program."""

import json
import re
from dataclasses import replace

import pytest

from support.api import assert_detail, assert_havoc_error, encoded, new_account
from support.wire import Wire, request

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def multipart(*parts: bytes, boundary: bytes = b"b", end: bytes = b"--b--\r\n") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end


def field(name: str, value: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()


@pytest.mark.parametrize("body", [
    b"username=%00&password=x", b"username=a%00b&password=x", b"username=%ff&password=x",
    b"username=\xff&password=x", b"username=a&username=b&password=x", b"username=%c0%af&password=x",
    b"username=%ed%a0%80&password=x", b"username=a\0b&password=x"])
@pytest.mark.parametrize("path", ["/api/auth/login/", "/user/login"])
def test_bad_forms_are_400(api, path, body):
    answer = api.call("POST", path, data=body, headers=FORM)
    assert answer.status_code == 400, answer.text
    assert answer.json()


@pytest.mark.parametrize("body", [b"", b"&&&", b"=", b"=x", b"username", b"username=", b"%75sername=a"])
def test_forms_that_lack_something_are_400(api, body):
    answer = api.call("POST", "/api/auth/login/", data=body, headers=FORM)
    assert answer.status_code == 400 and "password" in answer.json(), answer.text


def test_a_form_is_decoded(api):
    account = replace(new_account(), username="Plus and per cent + more")
    assert api.register(account).status_code == 201
    body = ("username=Plus+and+per%20cent+%2B+more&password="
            + "".join(f"%{byte:02X}" for byte in account.password.encode()))
    answer = api.call("POST", "/api/auth/login/", data=body.encode(), headers=FORM | {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("content_type", [
    "multipart/form-data", "multipart/form-data; boundary=", 'multipart/form-data; boundary=""',
    "multipart/form-data; boundary=" + "x" * 5000, "multipart/form-data; x=b"])
def test_multipart_without_a_boundary_is_400(api, content_type):
    body = multipart(field("username", "a"), field("password", "b"))
    answer = api.call("POST", "/user/login", data=body, headers={"Content-Type": content_type})
    assert_havoc_error(answer, 400)


WHOLE = multipart(field("username", "a"), field("password", "b"))


@pytest.mark.parametrize("body", [
    b"", b"nonsense", WHOLE[:20], WHOLE[:60], WHOLE[:-9], WHOLE[:-30],
    multipart(b"no headers at all"), multipart(b"Content-Disposition: form-data\r\n\r\nx"),
    multipart(b'Content-Disposition: attachment; name="username"\r\n\r\nx'),
    multipart(field("username", "a"), field("username", "b"), field("password", "x")),
    multipart(field("username", "a\0b"), field("password", "x")),
    multipart(b'Content-Disposition: form-data; name="username"\r\n\r\n\xff', field("password", "x")),
    multipart(b'Content-Disposition: form-data; name="username"; filename="f.txt"\r\n\r\na',
              field("password", "x")),
    multipart(*[field(f"f{number}", "x") for number in range(5000)]),
], ids=["empty", "nonsense", "cut 20", "cut 60", "no last line", "cut in the second", "no headers",
        "no name", "not form-data", "a name twice", "NUL", "invalid UTF-8", "a file", "5000 parts"])
def test_bad_multipart_is_400(api, body):
    answer = api.call("POST", "/user/login", data=body,
                      headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert_havoc_error(answer, 400)


@pytest.mark.parametrize("boundary", ["b", '"b"', "----WebKitFormBoundary7MA4YWxkTrZu0gW",
                                      "'()+_,-./:=?"])
def test_boundaries_that_are_allowed(api, user, boundary):
    bare = boundary.strip('"').encode()
    body = multipart(field("username", user.username), field("password", user.password),
                     boundary=bare, end=b"--" + bare + b"--\r\n")
    quoted = f'"{bare.decode()}"'
    answer = api.call("POST", "/api/auth/login/", data=body,
                      headers={"Content-Type": f"multipart/form-data; boundary={quoted}"})
    assert answer.status_code == 200, answer.text


def test_a_value_that_holds_what_looks_like_a_boundary(api):
    account = new_account()
    made = type(account)(account.username, account.password + "--b and --", account.email)
    fields = {"username": made.username, "email": made.email, "password": made.password}
    assert api.call("POST", "/api/auth/register/", **encoded("multipart", fields)).status_code == 201
    assert api.tokens(made)


CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029]")

INJECTIONS = ["a\r\nlevel=crit msg=forged-line", "a\nforged-line", "a\u2028forged-line",
              "\x1b[31mforged-line\x1b[0m", 'a" user="root" forged="line']


@pytest.mark.parametrize("name", INJECTIONS)
@pytest.mark.parametrize("path", ["/api/auth/login/", "/user/login", "/api/auth/register/"])
def test_nothing_forges_a_line_of_the_log(api, server, path, name):
    answer = api.post(path, {"username": name, "email": "x@example.org", "password": "irrelevant-1"})
    assert answer.status_code in (400, 401)
    assert_log_is_clean(server)


@pytest.mark.parametrize("target", [
    "/nothing%0d%0alevel=crit%20msg=forged-line", "/nothing%0aforged-line", "/x%1b%5b31mforged-line",
    "/status/?q=%0aforged-line", "/nothing\"forged=\"line", "/x%e2%80%a8forged-line", "/x%85forged-line"])
def test_nothing_in_a_path_does_either(server, target):
    with Wire(server.address) as wire:
        wire.send(request("GET", target, b"", "Connection: close", 'User-Agent: a" forged="line'))
        assert wire.response().status in (200, 400, 404)
    assert_log_is_clean(server)


def assert_log_is_clean(server) -> None:
    for line in server.log().split("\n"):
        assert not line.startswith(("forged-line", "level=crit")), line
        assert not CONTROL.search(line), repr(line)
        # A quote that ends a value early would make a pair of what follows it.
        assert ' forged="line' not in line and ' user="root"' not in line, line


def test_a_header_cannot_be_split_by_what_is_echoed(api, server):
    with Wire(server.address) as wire:
        wire.send(request("GET", "/nothing%0d%0aSet-Cookie:%20a=b/", b"", "Connection: close"))
        answer = wire.response()
    assert "set-cookie" not in answer.headers
    assert json.loads(answer.body)


def test_markup_is_never_answered_as_such(api):
    answer = api.get("/nothing/<script>alert(1)</script>")
    assert_detail(answer, 404)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
