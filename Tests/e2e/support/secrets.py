"""Every password and token of a test run, so that logs and tables can be searched for them.

A secret must never be found in a log, in an error message or, raw, in a table. What is made here
is long and random, so that finding it somewhere is never a coincidence.
"""

import base64
import binascii
import secrets as random

# Shorter ones ("1234") stand in any log by chance.
SHORTEST_TELLING = 12

# What may not be found, by its first bytes, and the secret that it is a form of: thousands are
# looked for at once. Clients in other threads add to it meanwhile.
_forms: dict[bytes, dict[bytes, str]] = {}


def keep(value: str) -> str:
    """Remembers a secret, and gives it back."""
    if len(value) >= SHORTEST_TELLING:
        for form in forms(value):
            _forms.setdefault(form[:SHORTEST_TELLING], {})[form] = value
    return value


def forget(value: str) -> None:
    """May be found again."""
    for form in forms(value):
        _forms.get(form[:SHORTEST_TELLING], {}).pop(form, None)


def known() -> set[str]:
    return {secret for begun in list(_forms.values()) for secret in begun.values()}


def password() -> str:
    return keep(f"Canary-{random.token_hex(8)}-pw")


def keep_jwt(token: str) -> str:
    """Of a JWT only the signature is secret; the rest may stand anywhere in parts."""
    keep(token.rpartition(".")[2])
    return token


def forms(secret: str) -> list[bytes]:
    """The secret as text, and as PostgreSQL writes its bytes."""
    found = [secret.encode(), binascii.hexlify(secret.encode())]
    try:
        raw = base64.b64decode(secret + "=" * (-len(secret) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return found
    if len(raw) >= SHORTEST_TELLING:
        found.append(binascii.hexlify(raw))
    return found


def leaked(text: str | bytes) -> list[str]:
    """Which of the known secrets stand in the text."""
    haystack = text.encode() if isinstance(text, str) else text
    found = set()
    for at in range(len(haystack) - SHORTEST_TELLING + 1):
        if begun := _forms.get(haystack[at:at + SHORTEST_TELLING]):
            found |= {secret for form, secret in list(begun.items()) if haystack.startswith(form, at)}
    return sorted(found)
