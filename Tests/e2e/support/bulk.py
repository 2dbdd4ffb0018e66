"""Files of accounts, what an import makes of them, and password hashes as other programs make them."""

import base64
import csv
import hashlib
import io
import json
import secrets as random
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from psycopg.rows import dict_row

from support.api import new_account
from support.cluster import contents

# The columns of an export, in no certain order.
FIELDS = {"username", "email", "first_name", "last_name", "permission", "two_factor", "locked", "created",
          "last_login", "user_id", "is_42", "avatar"}

ENDINGS = ["csv", "json", "jsonl"]

# What the program hashes passwords with unless told otherwise.
CURRENT = "$argon2id$v=19$m=19456,t=2,p=1$"


def person(**fields) -> dict:
    made = new_account("bulk")
    return {"username": made.username, "email": made.email} | fields


def people(count: int, **fields) -> list[dict]:
    return [person(**fields) for _ in range(count)]


def cell(value) -> str:
    """A value as CSV has it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_text(records: list[dict], ending: str) -> str:
    if ending == "json":
        return json.dumps(records, ensure_ascii=False, indent=1)
    if ending == "jsonl":
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    columns = list(dict.fromkeys(name for record in records for name in record))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(record.get(name)) for name in columns] for record in records)
    return text.getvalue()


def write(path: Path, records: list[dict]) -> Path:
    """A file in the format that its ending names."""
    path.write_text(as_text(records, path.suffix[1:]), encoding="utf-8", newline="")
    return path


def counts(added: int = 0, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"added": added, "changed": changed, "unchanged": unchanged}


def tables(url: str) -> dict[str, list[str]]:
    """Every table but the record of what was done."""
    return {name: lines for name, lines in contents(url).items() if name != "public.audit"}


def stored(url: str, username: str) -> dict | None:
    """The account's row, by the name as it is spelt there."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        return connection.execute("SELECT * FROM account WHERE username = %s", (username,)).fetchone()


def accounts(url: str) -> dict[str, tuple]:
    """What an export tells of each account, and its hash, by the name."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT username, email, first_name, last_name, permission, two_factor, locked IS NOT NULL,"
            " created, last_login, user_id, is_42, avatar, password_hash FROM account WHERE deleted IS NULL")
        return {row[0]: row[1:] for row in found}


def django(password: str, iterations: int = 1_000) -> str:
    """As django.contrib.auth.hashers.PBKDF2PasswordHasher encodes it."""
    salt = random.token_hex(11)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations)
    return f"pbkdf2_sha256${iterations}${salt}${base64.b64encode(digest).decode()}"


def argon2id(password: str, memory: int = 19_456, iterations: int = 2, lanes: int = 1) -> str:
    made = Argon2id(salt=random.token_bytes(16), length=32, iterations=iterations, lanes=lanes,
                    memory_cost=memory)
    return made.derive_phc_encoded(password.encode())
