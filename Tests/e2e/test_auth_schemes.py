"""Every way to say who one is, on routes of both dialects."""

import re

import pytest

from support import secrets
from support.api import BODY_KINDS, assert_detail, encoded


def opaque(ctl, user, kind: str) -> str:
    issued = ctl.json("token", "issue", user.username, "--kind", kind)
    return secrets.keep(issued["token"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "JWT", "Jwt"])
def test_the_access_token_is_good_in_both_schemes(api, user, scheme):
    assert api.alive(api.tokens(user)["access_token"], scheme)


@pytest.mark.parametrize("scheme", ["Token", "token"])
def test_the_opaque_token(api, ctl, user, scheme):
    token = opaque(ctl, user, "opaque")
    assert re.fullmatch(r"[0-9a-f]{40}", token)
    assert api.alive(token, scheme)
    for wrong in (token[:-1], token[:-1] + ("0" if token[-1] != "0" else "1"), token + "0", "0" * 40):
        assert not api.alive(wrong, scheme)


def test_an_issued_access_token(api, ctl, user):
    token = secrets.keep_jwt(ctl.json("token", "issue", user.username, "--kind", "access")["token"])
    assert api.alive(token) and api.alive(token, "JWT")


@pytest.mark.parametrize("method, path", [("GET", "/exercises/list/"), ("POST", "/user/check_status")])
@pytest.mark.parametrize("kind", BODY_KINDS)
def test_the_session_token_in_a_body(api, ctl, user, method, path, kind):
    token = opaque(ctl, user, "session_token")
    fields = {"username": user.username, "session_token": token}
    assert api.call(method, path, **encoded(kind, fields)).status_code == 200
    assert api.call(method, path, params=fields).status_code == 401
    assert api.call(method, path, **encoded(
        kind, fields | {"session_token": token[::-1]})).status_code == 401


@pytest.mark.parametrize("header", [
    "", "Bearer", "Bearer ", "JWT", "Token", "Basic dXNlcjpwYXNz", "Digest x", "{token}",
    "Bearer Bearer {token}", "Bearer {token} {token}", "Bearer {token},{token}", "Bearer: {token}",
    "Token {token}", "Unknown {token}", "Bearer \"{token}\"", "Bearer {token}="])
def test_other_authorization_headers_are_401(api, user, header):
    token = api.tokens(user)["access_token"]
    answer = api.get("/exercises/list/", headers={"Authorization": header.format(token=token)})
    assert_detail(answer, 401)
