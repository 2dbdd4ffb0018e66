"""Tokens that are rightly signed and still wrong, revoked ones, and the rotation of keys."""

import time
import uuid

import pytest

from support import forge, secrets
from support.api import assert_detail, bearer, create_account
from support.program import until

HOUR_SECONDS, DAY_SECONDS = 3600, 86_400
NOW = int(time.time())

# Each is signed with the real key, so nothing but the claim itself gives a reason to refuse it.
CLAIMS = {
    "expired": {"exp": NOW - HOUR_SECONDS},
    "expired long ago": {"exp": 0},
    "expires before time": {"exp": -1},
    "exp is text": {"exp": "never"},
    "exp is null": {"exp": None},
    "exp is true": {"exp": True},
    "exp is a list": {"exp": [NOW + HOUR_SECONDS]},
    "iat in the future": {"iat": NOW + DAY_SECONDS},
    "iat is text": {"iat": "now"},
    "nbf in the future": {"nbf": NOW + DAY_SECONDS},
    "another token_type": {"token_type": "sliding"},
    "token_type in capitals": {"token_type": "ACCESS"},
    "token_type null": {"token_type": None},
    "token_type a list": {"token_type": ["access", "refresh"]},
    "sid of no session": {"sid": str(uuid.uuid4())},
    "sid empty": {"sid": ""},
    "sid null": {"sid": None},
    "sid a number": {"sid": 1},
    "sid of SQL": {"sid": "' OR ''='"},
    "sid an object": {"sid": {}},
}


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("what", CLAIMS)
def test_rightly_signed_with_wrong_claims(api, attackers, kind, what):
    forge.refused(api, attackers[kind].signed(claims=CLAIMS[what]), what, attackers["access"].token)


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("claim", ["exp", "token_type", "sid", "jti", "user_id"])
def test_rightly_signed_without_a_claim(api, attackers, kind, claim):
    forge.refused(api, attackers[kind].signed(without=claim), f"no {claim}", attackers["access"].token)


def test_token_types_cannot_be_swapped(api, attackers):
    for kind, other in (("access", "refresh"), ("refresh", "access")):
        attacker = attackers[kind]
        swapped = forge.sign(attacker.header, {**attacker.claims, "token_type": other},
                             attacker.secret)
        forge.refused(api, swapped, f"{kind} that says {other}", attackers["access"].token)


@pytest.mark.parametrize("typ", ["at+jwt", "JWE", "JOSE", "", 5, None])
def test_another_typ(api, attackers, typ):
    forge.refused(api, attackers["access"].signed(header={"typ": typ}), f"typ {typ!r}",
            attackers["access"].token)


def test_another_user_in_the_same_session(api, attackers, admin):
    victim = forge.claims_of(api.tokens(admin)["access_token"])["user_id"]
    attacker = attackers["access"]
    forge.refused(api, attacker.signed(claims={"user_id": victim}), "signed for another user",
            attacker.token)
    bent = forge.part({**attacker.claims, "user_id": victim})
    forge.refused(api, f"{attacker.parts[0]}.{bent}.{attacker.parts[2]}", "payload bent", attacker.token)


def test_a_revoked_session(api, ctl, user):
    pair = api.tokens(user)
    ctl.ok("session", "revoke", forge.claims_of(pair["access_token"])["sid"], "--yes")
    assert not api.alive(pair["access_token"])
    assert_detail(api.refresh(pair["refresh_token"]), 401)


@pytest.mark.parametrize("verb", [("lock",), ("delete", "--yes"), ("delete", "--purge", "--yes")])
def test_a_user_who_is_locked_or_deleted(api, ctl, verb):
    account = create_account(ctl, 1)
    pair = api.tokens(account)
    ctl.ok("user", verb[0], account.username, *verb[1:])
    assert not api.alive(pair["access_token"])
    assert_detail(api.refresh(pair["refresh_token"]), 401)
    assert_detail(api.login(account), 401)


def test_rotation_keeps_old_tokens_and_signs_with_the_new_key(api, ctl, user, database):
    before = api.tokens(user)
    rotated = ctl.json("key", "rotate")
    assert forge.header_of(before["access_token"])["kid"] != rotated["kid"]

    def signed_anew() -> dict | None:
        pair = api.tokens(user)
        return pair if forge.header_of(pair["access_token"])["kid"] == rotated["kid"] else None

    # The server hears of the rotation a moment after it.
    after = until(signed_anew, "what is signed after the rotation has the new key")
    assert api.alive(before["access_token"]) and api.alive(after["access_token"])
    assert api.refresh(before["refresh_token"]).status_code == 200
    # The old kid with the new key, and the other way round.
    keys = forge.signing_keys(database)
    for token, other in ((before, after), (after, before)):
        foreign = keys[str(forge.header_of(other["access_token"])["kid"])]
        crossed = forge.sign(forge.header_of(token["access_token"]),
                             forge.claims_of(token["access_token"]), foreign)
        assert not api.alive(crossed)


def test_the_keys_are_no_use_outside_the_database(ctl, database, server, api):
    """No command and no route shows a signing key."""
    for secret in forge.signing_keys(database).values():
        assert len(secret) >= 32
        secrets.keep(forge.b64(secret))
        shown = [ctl.ok("key", "list", "-o", form, "--wide").stdout for form in ("json", "table")]
        shown += [ctl.ok("config", "show").stdout, api.get("/status/").text, server.log()]
        for form in (secret.hex(), forge.b64(secret)):
            assert not any(form in text for text in shown)
        # The table that holds them is searched with the others; its own keys don't count there.
        secrets.forget(forge.b64(secret))


def test_the_refused_never_reach_the_log(server, attackers, api):
    token = attackers["access"].signed(claims={"exp": 0})
    secrets.keep_jwt(token)
    assert api.get("/exercises/list/", headers=bearer(token)).status_code == 401
    assert token.rpartition(".")[2] not in server.log()
