"""Every password and token of a test run, so that logs and tables can be searched for them.

A secret must never be found in a log, in an error message or, raw, in a table. What is made here
is long and random, so that finding it somewhere is never a coincidence.
"""

import base64
import binascii
import functools
import secrets as random
import subprocess
import tempfile

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


# Bytes that are searched for one secret after another.
SHORT = 100_000

# What a search for all of them wants: made anew when there are more.
_owners: dict[bytes, str] = {}
_patterns = tempfile.NamedTemporaryFile(prefix="havocctl-secrets-")
_prepared = 0


def _prepare() -> None:
    global _prepared
    if _prepared == len(KNOWN):
        return
    known = list(KNOWN)
    _prepared = len(known)
    _owners.update((form, secret) for secret in known for form in forms(secret))
    _patterns.seek(0)
    _patterns.truncate()
    _patterns.write(b"\n".join(form for form in _owners if b"\n" not in form))
    _patterns.flush()


def leaked(text: str | bytes) -> list[str]:
    """Which of the known secrets stand in the text."""
    haystack = text.encode() if isinstance(text, str) else text
    if len(haystack) < SHORT:
        return [secret for secret in sorted(KNOWN)
                if any(form in haystack for form in forms(secret))]
    # grep looks for thousands of them at once, which pays where there is much to read.
    _prepare()
    search = subprocess.run(
        ["grep", "--text", "--only-matching", "--fixed-strings", "--file", _patterns.name],
        input=haystack, capture_output=True, env={"LC_ALL": "C"}, check=False)
    assert search.returncode in (0, 1), search.stderr
    found = {_owners[form] for form in search.stdout.splitlines() if form in _owners}
    found |= {secret for form, secret in _owners.items() if b"\n" in form and form in haystack}
    return sorted(found)
