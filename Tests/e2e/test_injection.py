"""Control characters in every field of sign-in and registration: no split header or log line."""

import json
import re

import pytest

from support import secrets
from support.api import create_account, encoded, new_account
from support.browser import keep_all, set_cookies
from support.microblog import flat, registration
from support.program import until
from support.wire import Wire, request

FORGED = "forged-line"
PAYLOADS = {
    "header": f"a\r\nX-Injected: {FORGED}\r\nSet-Cookie: sessionid={FORGED}",
    "response": f"a\r\n\r\nHTTP/1.1 200 OK\r\nX-Injected: {FORGED}\r\n\r\n",
    "line feed": f"a\n{FORGED} level=crit", "carriage return": f"a\r{FORGED}",
    "next line": f"a\u0085{FORGED}", "line separator": f"a\u2028{FORGED}",
    "escape": f"\x1b[2J\x1b]0;{FORGED}\x07", "bell and delete": f"a\x07\x08\x7f{FORGED}",
    "percent": f"a%0d%0aX-Injected:%20{FORGED}", "logfmt": 'a" user="root" forged="line'}

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029]")

SIGN_IN = ["username", "password", "code"]
ROUTES = {
    "/api/auth/signup/": ["username", "password1", "password2"],
    "/api/auth/obtain/": SIGN_IN, "/api/auth/login/": SIGN_IN, "/auth/login/": SIGN_IN,
    "/user/login": SIGN_IN, "/api/auth/obtain_token/": SIGN_IN,
    "/api/auth/register/": ["username", "email", "password"],
    "/auth/registration/": ["username", "email", "password1", "password2"],
    "/api/auth/user/register/": [
        "username", "email", "password", "profile.date_of_birth", "profile.alias", "profile.bio",
        "profile.image_url", "profile.background_image_url"],
    "/twofa/send-code/": ["username", "email"], "/api/jwt/refresh/": ["refresh"],
    "/api/jwt/verify/": ["token"], "/api/token/refresh/": ["refresh"],
    "/api/auth/token/refresh/": ["refresh"], "/api/auth/refresh_token/": ["refresh"],
    "/api/auth/logout/": ["refresh"], "/api/auth/user/logout/": ["refresh_token"],
    "/user/check_status": ["username", "session_token"]}
FIELDS = [(path, field) for path, fields in ROUTES.items() for field in fields]


def good(path: str) -> dict:
    """Fields that the route would take."""
    account = new_account()
    whole = flat(registration(account)) | {
        "password1": account.password, "password2": account.password, "code": "123456",
        "refresh": "a.b.c", "refresh_token": "a.b.c", "token": "a.b.c",
        "session_token": secrets.keep("Z" * 43)}
    return {name: whole[name] for name in ROUTES[path]}


def nested(fields: dict) -> dict:
    """The dotted names of a form as the objects of a JSON body."""
    made: dict = {}
    for name, value in fields.items():
        outer, dot, inner = name.partition(".")
        if dot:
            made.setdefault(outer, {})[inner] = value
        else:
            made[name] = value
    return made


def assert_clean(server, answer) -> None:
    """No header and no line of the log came of what was sent."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert "X-Injected" not in answer.headers
    assert FORGED not in str(answer.headers)
    assert not any(FORGED in cookie.value for cookie in set_cookies(answer).values())
    assert answer.headers["Content-Type"].startswith("application/json")
    keep_all(answer.json())
    number = answer.headers["X-Request-ID"]
    until(lambda: number in server.log(), "the access line")
    for line in server.log().split("\n"):
        assert not line.startswith((FORGED, "X-Injected", "HTTP/1.1")), line
        assert not CONTROL.search(line), repr(line)
        assert ' forged="line' not in line and ' user="root"' not in line, line


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("path, field", FIELDS)
def test_in_a_field_of_a_json_body(api, server, path, field, payload):
    fields = good(path) | {field: PAYLOADS[payload]}
    assert_clean(server, api.post(path, nested(fields)))


@pytest.mark.parametrize("kind", ["form", "multipart"])
@pytest.mark.parametrize("path, field", FIELDS)
def test_in_a_field_of_a_form(api, server, path, field, kind):
    fields = good(path) | {field: PAYLOADS["header"]}
    assert_clean(server, api.call("POST", path, **encoded(kind, fields)))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("path", ROUTES)
def test_in_the_name_of_a_field(api, server, path, payload):
    fields = good(path) | {PAYLOADS[payload]: "x"}
    assert_clean(server, api.post(path, nested(fields)))


@pytest.mark.parametrize("payload", [name for name in PAYLOADS if name != "percent"])
@pytest.mark.parametrize("path", [path for path, field in FIELDS if field == "email"][:3])
def test_no_account_has_such_a_name_or_address(api, ctl, path, payload):
    for field in ("username", "email"):
        answer = api.post(path, nested(good(path) | {field: PAYLOADS[payload]}))
        assert answer.status_code == 400 and field in answer.json(), answer.text
    assert not CONTROL.search(ctl.ok("user", "list", "-o", "csv").stdout.replace("\n", ""))


HEADERS = ["Cookie: sessionid={}", "Cookie: csrftoken={}", "X-CSRFToken: {}", "Origin: {}",
           "Referer: {}", "User-Agent: {}", "X-Forwarded-For: {}", "X-Forwarded-Proto: {}",
           "Authorization: Bearer {}", "Bearer: Token {}", "X-Request-ID: {}"]


@pytest.mark.parametrize("value", [
    "a\rX-Injected: forged-line", "a\x0bforged-line", "a\x00b", "\x1b[31mforged-line", "a\x7fb",
    'a" user="root" forged="line', "a%0d%0aX-Injected:%20forged-line", "\xe2\x80\xa8forged-line"])
@pytest.mark.parametrize("header", HEADERS)
def test_in_a_header(server, header, value):
    body = json.dumps({"username": "nobody", "password": "x"}).encode()
    with Wire(server.address) as wire:
        wire.send(request("POST", "/api/auth/obtain/", body, "Connection: close",
                          "Content-Type: application/json", header.format(value)))
        answer = wire.response()
    assert answer is not None and answer.status in (400, 401), answer
    assert "x-injected" not in answer.headers
    assert "forged-line" not in str(answer.headers)
    for line in server.log().split("\n"):
        assert not line.startswith((FORGED, "X-Injected")) and not CONTROL.search(line), repr(line)
        assert ' forged="line' not in line and ' user="root"' not in line, line


def test_an_address_on_record_holds_no_line_break(api, ctl):
    account = create_account(ctl, 1)
    for payload in PAYLOADS.values():
        api.post("/api/auth/obtain/", {"username": account.username + payload, "password": "x"})
    text = ctl.ok("audit", "list", "--what", "sign-in-failed", "-o", "plain").stdout
    assert account.username in text
    for line in text.splitlines():
        assert not line.startswith((FORGED, "X-Injected")), line
    assert "\x1b" not in text and "\r" not in text
