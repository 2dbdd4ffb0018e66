"""Credentials to make requests with: a few from real sign-ins, many after their pattern."""

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from support.dataset import Person
from support.program import HTTPPeer


@dataclass
class Credentials:
    """What one person's sessions are proved with."""

    username: str
    access: str
    session_token: str
    # The device token, and the cookie `sessionid`.
    opaque: str = ""
    web: str = ""


def sign_in(server: HTTPPeer, person: Person) -> Credentials:
    """Signs in twice, as trainer's and as havoc's clients do."""
    words = {"username": person.username, "password": person.password}
    pair = server.post_json("/api/auth/login/", words)
    data = server.post_json("/user/login", words)["data"]
    return Credentials(pair["username"], pair["access_token"], data["session_token"])


def spread(connection: psycopg.Connection, pattern: Credentials, count: int) -> list[Credentials]:
    """Credentials for so many accounts, taken evenly from all that have a session.

    The access tokens are the pattern's, which the program signed, with other claims.
    """
    header, payload, _ = pattern.access.split(".")
    kid = json.loads(_decode(header))["kid"]
    claims = json.loads(_decode(payload))
    (secret,) = connection.execute(
        "SELECT secret FROM signing_key WHERE kid = %s", [kid]
    ).fetchone()
    rows = connection.execute(
        """
        WITH every AS (
          SELECT s.id AS session, a.id, a.username, row_number() OVER (ORDER BY a.id) AS n,
            count(*) OVER () AS total
          FROM session s JOIN account a ON a.id = s.account WHERE a.username_key LIKE 'user-%%'
        ) SELECT session, id, username FROM every
        WHERE n %% greatest(total / %(count)s, 1) = 0 LIMIT %(count)s
        """,
        {"count": count},
    ).fetchall()
    made = []
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY credential (id, session, kind, hash, kid, created, expires) FROM STDIN"
        ) as copy,
    ):
        for session, account, username in rows:
            access_id = uuid.uuid4()
            access = _sign(
                header,
                {**claims, "jti": access_id.hex, "user_id": account, "sid": str(session)},
                bytes(secret),
            )
            token, opaque, web = (
                secrets.token_urlsafe(32),
                secrets.token_hex(20),
                secrets.token_urlsafe(32),
            )
            created, expires = _time(claims["iat"]), _time(claims["exp"])
            for id_, kind, text, signer in (
                (access_id, "access", access, kid),
                (uuid.uuid4(), "session_token", token, None),
                (uuid.uuid4(), "opaque", opaque, None),
                (uuid.uuid4(), "web", web, None),
            ):
                copy.write_row((id_, session, kind, _hash(text), signer, created, expires))
            made.append(Credentials(username, access, token, opaque, web))
    return made


def hashes(texts: list[str]) -> list[str]:
    """The tokens' hashes as PostgreSQL reads a bytea."""
    return ["\\x" + _hash(text).hex() for text in texts]


def _sign(header: str, claims: dict, secret: bytes) -> str:
    payload = _encode(json.dumps(claims, separators=(",", ":")).encode())
    signature = hmac.digest(secret, f"{header}.{payload}".encode(), "sha256")
    return f"{header}.{payload}.{_encode(signature)}"


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
