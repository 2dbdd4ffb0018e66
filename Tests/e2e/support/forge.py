"""Tokens that no server signed, and such that were signed and then bent."""

import base64
import hashlib
import hmac
import json

import psycopg

from support.api import Api


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def part(value) -> str:
    """A header or a payload; text and bytes go in as they are."""
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, bytes):
        value = json.dumps(value, separators=(",", ":")).encode()
    return b64(value)


def sign(header, claims, secret: bytes, digest=hashlib.sha256) -> str:
    """A JWT, with whatever header and claims."""
    message = f"{part(header)}.{part(claims)}"
    return f"{message}.{b64(hmac.new(secret, message.encode(), digest).digest())}"


def header_of(token: str) -> dict:
    return json.loads(unb64(token.split(".")[0]))


def claims_of(token: str) -> dict:
    return json.loads(unb64(token.split(".")[1]))


def signing_keys(url: str) -> dict[str, bytes]:
    """The server's own keys, as only somebody who reads its database has them."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("SELECT kid, secret FROM signing_key").fetchall()
    return {str(kid): bytes(secret) for kid, secret in rows}


class Attacker:
    """A true token, and what the attacker knows or, at worst, has stolen."""

    def __init__(self, token: str, secret: bytes):
        self.token = token
        self.secret = secret
        self.header = header_of(token)
        self.claims = claims_of(token)
        self.parts = token.split(".")

    def signed(self, header: dict | None = None, claims: dict | None = None, without: str = "") -> str:
        """Signed with the real key; None leaves a part as it was."""
        changed = {**self.claims, **(claims or {})}
        changed.pop(without, None)
        return sign({**self.header, **(header or {})}, changed, self.secret)


def refused(api: Api, token: str, what: str, survivor: str) -> None:
    """As an access token in both schemes and as a refresh token."""
    for scheme in ("Bearer", "JWT"):
        answer = api.get("/exercises/list/", headers={
            "Authorization": f"{scheme} {token}".encode("utf-8")})
        assert answer.status_code in ((401, 400) if "\u0000" in token else (401,)), (
            f"{what} as {scheme}: {answer.status_code} {answer.text}")
    answer = api.refresh(token)
    # What is far too long for any token may be called a bad field.
    assert answer.status_code in ((401,) if len(token) < 4096 else (400, 401)), (
        f"{what} at refresh: {answer.status_code} {answer.text}")
    assert api.alive(survivor), f"{what} broke the session it was made from"
