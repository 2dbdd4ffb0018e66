"""The server's settings: what manage.py has, and the key that signs tokens, from the database."""

import psycopg

from peer.base import *  # noqa: F403
from peer.base import DATABASES


def _signing_key() -> bytes:
    database = DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        dbname=database["NAME"],
    ) as connection:
        (secret,) = connection.execute(
            "SELECT secret FROM signing_key WHERE retires IS NULL"
        ).fetchone()
    return bytes(secret)


SIMPLE_JWT = {"ALGORITHM": "HS256", "SIGNING_KEY": _signing_key()}
