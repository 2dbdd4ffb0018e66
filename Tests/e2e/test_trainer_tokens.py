"""The trainer dialect's tokens: what they say, how they are renewed and how they end."""

import time

import jwt
import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, bearer, encoded

DAY_SECONDS = 86400


@pytest.mark.parametrize("which, days", [("access", 7), ("refresh", 30)])
def test_the_claims(api, user, ctl, which, days):
    token = api.tokens(user)[f"{which}_token"]
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert set(header) == {"alg", "typ", "kid"} and header["alg"] == "HS256"
    assert header["kid"] in [key["kid"] for key in ctl.json("key", "list")]
    assert set(claims) == {"token_type", "exp", "iat", "jti", "user_id", "sid"}
    assert claims["token_type"] == which
    assert claims["exp"] - claims["iat"] == days * DAY_SECONDS
    assert abs(claims["iat"] - time.time()) < 120


def test_two_sign_ins_are_two_sessions(api, user):
    claims = [jwt.decode(api.tokens(user)["access_token"], options={"verify_signature": False})
              for _ in range(2)]
    assert claims[0]["sid"] != claims[1]["sid"] and claims[0]["jti"] != claims[1]["jti"]


def test_refresh_hands_out_a_new_pair(api, user):
    old = api.tokens(user)
    answer = api.refresh(old["refresh_token"], token=old["access_token"])
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    new = answer.json()
    assert set(new) == {"username", "access_token", "refresh_token"}
    assert new["username"] == user.username
    assert len({old["access_token"], old["refresh_token"],
                new["access_token"], new["refresh_token"]}) == 4
    assert api.alive(new["access_token"])
    assert api.refresh(new["refresh_token"]).status_code == 200


@pytest.mark.parametrize("header", [{}, bearer("garbage"), bearer("a.b.c"), {"Authorization": "x"}])
def test_refresh_ignores_the_access_header(api, user, header):
    held = api.tokens(user)
    assert api.refresh(held["refresh_token"], headers=header).status_code == 200


def test_a_repeat_within_the_grace_gets_the_same_pair(api, user):
    for _ in range(5):
        held = api.tokens(user)
        start = time.monotonic()
        answers = [api.refresh(held["refresh_token"]) for _ in range(3)]
        # The grace is 10 seconds; a machine too busy for that tries again.
        if time.monotonic() - start < 8:
            break
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert api.alive(answers[0].json()["access_token"])


@pytest.mark.slow
def test_a_spent_refresh_token_revokes_its_session_and_no_other(api, user):
    other = api.tokens(user)
    old = api.tokens(user)
    new = api.refresh(old["refresh_token"]).json()
    time.sleep(11)
    assert_detail(api.refresh(old["refresh_token"]), 401)
    assert not api.alive(new["access_token"]) and not api.alive(old["access_token"])
    assert_detail(api.refresh(new["refresh_token"]), 401)
    assert api.alive(other["access_token"])


def test_each_kind_of_token_is_good_for_its_purpose_only(api, user):
    held = api.tokens(user)
    assert_detail(api.refresh(held["access_token"]), 401)
    assert not api.alive(held["refresh_token"])
    assert api.alive(held["access_token"])
    assert api.refresh(held["refresh_token"]).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é", " ", "x" * 50_000])
def test_garbage_is_no_refresh_token(api, token):
    answer = api.refresh(token)
    # Nothing is a missing field; what is far too long may be called a bad one.
    allowed = {"": {400}, " ": {400, 401}}.get(token, {401} if len(token) < 4096 else {400, 401})
    assert answer.status_code in allowed, answer.text


@pytest.mark.parametrize("body", [{}, {"refresh_token": "x"}])
def test_refresh_names_what_is_missing(api, body):
    assert_field_error(api.post("/api/auth/token/refresh/", body), 400, "refresh")


@pytest.mark.parametrize("kind", BODY_KINDS)
def test_logout_ends_every_token_of_the_session(api, user, kind):
    other = api.tokens(user)
    first = api.tokens(user)
    second = api.refresh(first["refresh_token"]).json()
    answer = api.call("POST", "/api/auth/logout/", headers=bearer(second["access_token"]),
                      **encoded(kind, {"refresh": second["refresh_token"]}))
    assert answer.status_code == 204 and answer.content == b""
    for pair in (first, second):
        assert not api.alive(pair["access_token"])
        assert_detail(api.refresh(pair["refresh_token"]), 401)
    assert api.alive(other["access_token"])


@pytest.mark.parametrize("with_header, with_body", [(True, False), (False, True)])
def test_logout_takes_either_credential(api, user, with_header, with_body):
    held = api.tokens(user)
    answer = api.post("/api/auth/logout/", {"refresh": held["refresh_token"]} if with_body else None,
                      token=held["access_token"] if with_header else None)
    assert answer.status_code == 204, answer.text
    assert not api.alive(held["access_token"])


def test_logout_revokes_the_session_of_every_credential(api, user):
    one, two = api.tokens(user), api.tokens(user)
    answer = api.post("/api/auth/logout/", {"refresh": one["refresh_token"]},
                      token=two["access_token"])
    assert answer.status_code == 204
    assert not api.alive(one["access_token"]) and not api.alive(two["access_token"])


def test_logout_without_a_credential_is_401(api, user):
    assert_detail(api.post("/api/auth/logout/"), 401)
    held = api.tokens(user)
    assert api.post("/api/auth/logout/", token=held["access_token"]).status_code == 204
    assert_detail(api.post("/api/auth/logout/", token=held["access_token"]), 401)
