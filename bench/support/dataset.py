"""What the databases of a run are filled with."""

import csv
import json
import os
import secrets
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import psycopg

from support.processes import ProcessFailed
from support.program import Havocctl

EXERCISES = 873


@dataclass
class Exercise:
    """One line of a CSV file that `exercise import` takes."""

    name: str
    group: str
    targeted_muscles: str
    instructions: str


def catalogue_file() -> Path | None:
    """The free-exercise-db's JSON, where HAVOCCTL_EXERCISE_DB names it."""
    named = os.environ.get("HAVOCCTL_EXERCISE_DB")
    return Path(named) if named and Path(named).exists() else None


def exercises(count: int) -> list[Exercise]:
    """As many exercises as wanted, of the length that real ones have."""
    file = catalogue_file()
    if file:
        real = [
            Exercise(
                entry["name"],
                entry["category"],
                ", ".join(entry["primaryMuscles"] + entry["secondaryMuscles"]),
                "\n".join(entry["instructions"]),
            )
            for entry in json.loads(file.read_text())
        ]
    else:
        step = "Breathe out, and bring the weight up until your arms are straight. "
        real = [
            Exercise(f"Movement {n}", f"group {n % 7}", "shoulders, triceps", step * (3 + n % 14))
            for n in range(EXERCISES)
        ]
    return [
        Exercise(
            f"{one.name} {n // len(real)}" if n >= len(real) else one.name,
            one.group,
            one.targeted_muscles,
            one.instructions,
        )
        for n in range(count)
        for one in [real[n % len(real)]]
    ]


def write_csv(file: Path, rows: list[Exercise]) -> None:
    with file.open("w", newline="") as output:
        writer = csv.writer(output)
        writer.writerow(["name", "group", "targeted_muscles", "instructions"])
        for row in rows:
            writer.writerow([row.name, row.group, row.targeted_muscles, row.instructions])


def key(text: str) -> str:
    """The text as the program compares it: NFKC with case folded away."""
    return unicodedata.normalize("NFKC", text).casefold()


def fill_catalogue(program: Havocctl, connection: psycopg.Connection, scratch: Path) -> None:
    """Brings the catalogue to 873 exercises."""
    file = catalogue_file()
    if file:
        program.import_exercises(file, EXERCISES)
    else:
        program("exercise", "seed")
        (there,) = connection.execute("SELECT count(*) FROM exercise").fetchone()
        missing = scratch / "missing.csv"
        write_csv(missing, exercises(EXERCISES)[: EXERCISES - there])
        program.import_exercises(missing, EXERCISES - there)
    (there,) = connection.execute("SELECT count(*) FROM exercise").fetchone()
    if there != EXERCISES:
        raise ProcessFailed(f"the catalogue has {there} exercises instead of {EXERCISES}")


@dataclass
class Person:
    """Somebody who can sign in."""

    username: str
    password: str


def make_person(program: Havocctl) -> Person:
    """One account, made by the program itself."""
    person = Person("bench", secrets.token_urlsafe(18))
    program("user", "create", person.username, "--password-stdin", text=person.password + "\n")
    return person


_USERS = """
INSERT INTO account (user_id, username, username_key, email, email_key, first_name, last_name,
  password_hash, created)
SELECT left(encode(sha256(convert_to('account ' || i, 'UTF8')), 'hex'), 40),
  'user-' || i, 'user-' || i, 'user-' || i || '@example.org', 'user-' || i || '@example.org',
  'First ' || i, 'Last ' || i, p.password_hash, now() - i * interval '1 second'
FROM generate_series(%(first)s::int, %(last)s::int) i, account p WHERE p.username_key = %(model)s
"""
_PROFILES = """
INSERT INTO profile (account) SELECT id FROM account a
WHERE NOT EXISTS (SELECT FROM profile p WHERE p.account = a.id)
"""
_SESSIONS = """
INSERT INTO session (id, account, dialect, address, user_agent, expires)
SELECT md5('session ' || a.id)::uuid, a.id, 'trainer', '192.0.2.1', 'app/1.0',
  now() + interval '30 days'
FROM account a WHERE a.username_key LIKE 'user-%'
  AND NOT EXISTS (SELECT FROM session s WHERE s.account = a.id)
"""
_CREDENTIALS = """
INSERT INTO credential (id, session, kind, hash, created, expires)
SELECT md5('credential ' || s.id)::uuid, s.id, 'refresh',
  sha256(convert_to('credential ' || s.id, 'UTF8')), now(), now() + interval '30 days'
FROM session s WHERE NOT EXISTS (SELECT FROM credential c WHERE c.session = s.id)
"""

_FRIENDS = """
INSERT INTO friendship (low, high)
SELECT low, high FROM (
  SELECT id AS low, lead(id) OVER (ORDER BY id) AS high, row_number() OVER (ORDER BY id) AS n
  FROM account WHERE username_key LIKE 'user-%'
) pair WHERE n % 2 = 1 AND high IS NOT NULL
"""


def add_people(connection: psycopg.Connection, model: Person, first: int, last: int) -> None:
    """Accounts user-FIRST to user-LAST, with the model's password."""
    connection.execute(_USERS, {"first": first, "last": last, "model": model.username})
    connection.execute(_PROFILES)


def add_sessions(connection: psycopg.Connection) -> None:
    """A session with a credential for everybody who has none."""
    connection.execute(_SESSIONS)
    connection.execute(_CREDENTIALS)


def add_friends(connection: psycopg.Connection) -> None:
    """Everybody has one friend."""
    connection.execute(_FRIENDS)
