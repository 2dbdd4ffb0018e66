"""Forged, bent and outdated tokens. Each is refused by every route that takes one."""

import hashlib

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwcrypto import jwe, jwk, jws

from support import forge

NONE_SPELLINGS = ["none", "None", "NONE", "nOnE", "", " none", "none\u0000"]


def test_the_key_in_the_database_is_the_one_that_signs(attackers):
    """Without this, what follows would be refused for a wrong reason."""
    for attacker in attackers.values():
        message = ".".join(attacker.parts[:2]).encode()
        jwt.decode(attacker.token, attacker.secret, algorithms=["HS256"])
        assert forge.hmac.new(attacker.secret, message, hashlib.sha256).digest() == forge.unb64(
            attacker.parts[2])


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("algorithm", NONE_SPELLINGS)
def test_alg_none(api, attackers, kind, algorithm):
    attacker, survivor = attackers[kind], attackers["access"].token
    head = forge.part({**attacker.header, "alg": algorithm})
    for signature in ("", attacker.parts[2]):
        forge.refused(api, f"{head}.{attacker.parts[1]}.{signature}", f"alg {algorithm!r}", survivor)
    forge.refused(api, f"{head}.{attacker.parts[1]}", f"alg {algorithm!r} in two parts", survivor)


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

FOREIGN_KEYS = {
    "a random key": b"0123456789abcdef0123456789abcdef",
    "an empty key": b"",
    "a NUL key": b"\0" * 32,
    "the word secret": b"secret",
    "the kid as key": None,
    "a public key as secret": PUBLIC_PEM,
}


@pytest.mark.parametrize("kind", ["access", "refresh"])
@pytest.mark.parametrize("what", FOREIGN_KEYS)
def test_a_foreign_hs256_key(api, attackers, kind, what):
    attacker = attackers[kind]
    secret = FOREIGN_KEYS[what]
    if secret is None:
        secret = str(attacker.header["kid"]).encode()
    forge.refused(api, forge.sign(attacker.header, attacker.claims, secret), what,
            attackers["access"].token)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_other_algorithms(api, attackers, kind):
    attacker, survivor = attackers[kind], attackers["access"].token
    kid = {"kid": attacker.header["kid"]}
    for algorithm, private in (("RS256", RSA_KEY), ("PS256", RSA_KEY), ("ES256", EC_KEY)):
        forge.refused(api, jwt.encode(attacker.claims, private, algorithm, headers=kid), algorithm, survivor)
    # Even with the real key: only HS256 is ours.
    for algorithm, digest in (("HS384", hashlib.sha384), ("HS512", hashlib.sha512)):
        forge.refused(api, forge.sign({**attacker.header, "alg": algorithm}, attacker.claims,
                                attacker.secret, digest), algorithm, survivor)
    for algorithm in ("hs256", "HS256 ", "RS256", 256, None, ["HS256"]):
        forge.refused(api, forge.sign({**attacker.header, "alg": algorithm}, attacker.claims,
                                attacker.secret), f"HMAC under the name {algorithm!r}", survivor)


def test_a_key_that_comes_with_the_token(api, attackers):
    attacker, survivor = attackers["access"], attackers["access"].token
    own = jwk.JWK.generate(kty="RSA", size=2048)
    for header in ({"jwk": own.export_public(as_dict=True)}, {"jku": "http://127.0.0.1:1/keys"},
                   {"x5u": "http://127.0.0.1:1/cert"}, {"x5c": ["AAAA"]}):
        made = jws.JWS(forge.json.dumps(attacker.claims))
        made.add_signature(own, None, forge.json.dumps({"alg": "RS256", "typ": "JWT", **header}))
        forge.refused(api, made.serialize(compact=True), f"header {header}", survivor)


def test_an_encrypted_token(api, attackers):
    made = jwe.JWE(forge.json.dumps(attackers["access"].claims),
                   protected={"alg": "dir", "enc": "A256GCM", "typ": "JWT",
                              "kid": attackers["access"].header["kid"]})
    made.add_recipient(jwk.JWK(kty="oct", k=forge.b64(b"k" * 32)))
    forge.refused(api, made.serialize(compact=True), "JWE", attackers["access"].token)


KIDS = ["../../../../../../dev/null", "/dev/null", "/proc/sys/kernel/randomize_va_space",
        "' UNION SELECT 'x'::bytea --", "'; DROP TABLE signing_key; --", "unknown", "", "%00", "*",
        "0", 0, -1, 2**70, 1.5, True, None, [], {}, ["a"], "k" * 5000, "\u0000", "é"]


@pytest.mark.parametrize("kid", KIDS, ids=lambda kid: repr(kid)[:30])
def test_kid_that_is_no_key_of_ours(api, attackers, kid):
    attacker = attackers["access"]
    for secret in (b"", b"x", b"\0", attacker.secret):
        forge.refused(api, forge.sign({**attacker.header, "kid": kid}, attacker.claims, secret),
                f"kid {kid!r}", attacker.token)


def test_no_kid(api, attackers):
    attacker = attackers["access"]
    header = {"alg": "HS256", "typ": "JWT"}
    for secret in (b"", attacker.secret):
        forge.refused(api, forge.sign(header, attacker.claims, secret), "no kid", attacker.token)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_bent_shapes(api, attackers, kind):
    attacker, survivor = attackers[kind], attackers["access"].token
    head, body, signature = attacker.parts
    flipped = ("A" if signature[0] != "A" else "B") + signature[1:]
    for what, token in {
            "no signature": f"{head}.{body}.", "no signature, no dot": f"{head}.{body}",
            "no payload": f"{head}..{signature}", "no header": f".{body}.{signature}",
            "a dot before": f".{attacker.token}", "a dot after": f"{attacker.token}.",
            "a fourth part": f"{attacker.token}.{signature}", "parts swapped": f"{body}.{head}.{signature}",
            "one bit": f"{head}.{body}.{flipped}", "cut": attacker.token[:-4],
            "longer": attacker.token + "AAAA", "dots": "...", "many dots": "." * 5000,
            "huge": f"{head}.{'A' * 6_000}.{signature}",
            "a header that is no JSON": f"{forge.part('{')}.{body}.{signature}",
            "a header that is an array": forge.sign([], attacker.claims, attacker.secret),
            "a payload that is an array": forge.sign(attacker.header, [], attacker.secret),
            "a payload that is no JSON": forge.sign(attacker.header, "{", attacker.secret),
            "a payload of invalid UTF-8": forge.sign(attacker.header, b'{"sid":"\xff"}', attacker.secret),
            "two claims of one name": forge.sign(
                attacker.header, forge.json.dumps(attacker.claims)[:-1] + ',"exp":9999999999}',
                attacker.secret),
            "a deep payload": forge.sign(attacker.header, "[" * 2500 + "]" * 2500, attacker.secret)}.items():
        forge.refused(api, token, what, survivor)
