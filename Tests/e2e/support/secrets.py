"""Every password and token of a test run, so that logs and tables can be searched for them.

A secret must never be found in a log, in an error message or, raw, in a table. What is made here
is long and random, so that finding it somewhere is never a coincidence.
"""

import base64
import binascii
import functools
import secrets as random

KNOWN: set[str] = set()

# Shorter ones ("1234") stand in any log by chance.
SHORTEST_TELLING = 12


def keep(value: str) -> str:
    """Remembers a secret, and gives it back."""
    if len(value) >= SHORTEST_TELLING:
        KNOWN.add(value)
    return value


def password() -> str:
    return keep(f"Canary-{random.token_hex(8)}-pw")


def keep_jwt(token: str) -> str:
    """Of a JWT only the signature is secret; the rest may stand anywhere in parts."""
    keep(token.rpartition(".")[2])
    return token


@functools.cache
def forms(secret: str) -> tuple[bytes, ...]:
    """The secret as text, and as PostgreSQL writes its bytes."""
    found = [secret.encode(), binascii.hexlify(secret.encode())]
    try:
        raw = base64.b64decode(secret + "=" * (-len(secret) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return tuple(found)
    if len(raw) >= SHORTEST_TELLING:
        found.append(binascii.hexlify(raw))
    return tuple(found)


def leaked(text: str | bytes) -> list[str]:
    """Which of the known secrets stand in the text."""
    haystack = text.encode() if isinstance(text, str) else text
    return [secret for secret in sorted(KNOWN) if any(form in haystack for form in forms(secret))]
