"""Every password and token of a test run, so that logs and tables can be searched for them.

A secret must never be found in a log, in an error message or, raw, in a table. What is made here
is long and random, so that finding it somewhere is never a coincidence.
"""

import base64
import binascii
import secrets as random
from collections.abc import Iterator

# Shorter ones ("1234") stand in any log by chance.
SHORTEST_TELLING = 12

# A text is looked at in every STEPth place only, so a form is known by those pieces of it that begin
# with its first STEP bytes: one of them stands in such a place.
PIECE = 8
STEP = SHORTEST_TELLING - PIECE + 1

# What may not be found, by those pieces and where they begin in it, and the secret that it is a form
# of: thousands are looked for at once. Clients in other threads add to it meanwhile.
_forms: dict[bytes, dict[tuple[int, bytes], str]] = {}


def keep(value: str) -> str:
    """Remembers a secret, and gives it back."""
    if len(value) >= SHORTEST_TELLING:
        for piece, place in pieces(value):
            _forms.setdefault(piece, {})[place] = value
    return value


def forget(value: str) -> None:
    """May be found again."""
    for piece, place in pieces(value):
        _forms.get(piece, {}).pop(place, None)


def known() -> set[str]:
    return {secret for places in list(_forms.values()) for secret in places.values()}


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


def pieces(secret: str) -> Iterator[tuple[bytes, tuple[int, bytes]]]:
    for form in forms(secret):
        for offset in range(STEP):
            yield form[offset:offset + PIECE], (offset, form)


def leaked(text: str | bytes) -> list[str]:
    """Which of the known secrets stand in the text."""
    haystack = text.encode() if isinstance(text, str) else text
    found = set()
    for at in range(0, len(haystack) - PIECE + 1, STEP):
        if places := _forms.get(haystack[at:at + PIECE]):
            found |= {secret for (offset, form), secret in list(places.items())
                      if at >= offset and haystack.startswith(form, at - offset)}
    return sorted(found)
