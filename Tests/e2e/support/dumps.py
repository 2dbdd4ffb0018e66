"""Databases as backups meet them: of older and newer schemas, and dumps of other programs."""

import re
import subprocess
from pathlib import Path

import psycopg

from support.cluster import Cluster, query
from support.program import ROOT

STEPS = ROOT / "Sources/Domain/Schema/Migrations"
STEP = re.compile(r'Migration\(\s*(\d+), "([^"]+)",\s*"""\n(.*?)"""\)', re.DOTALL)


def steps() -> list[tuple[int, str, str]]:
    """The schema's steps: version, name and SQL."""
    found = []
    for path in STEPS.glob("M*.swift"):
        version, name, text = STEP.search(path.read_text(encoding="utf-8")).groups()
        found.append((int(version), name, text.replace("\\\\", "\\")))
    return sorted(found)


def database_of(cluster: Cluster, name: str, version: int) -> str:
    """A database as the program of that schema's time left it; gives its URL."""
    url = cluster.create(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE schema_migration (version integer PRIMARY KEY, name text NOT NULL,"
                           " applied timestamptz NOT NULL DEFAULT now())")
        for number, title, text in steps()[:version]:
            connection.execute(text)
            connection.execute("INSERT INTO schema_migration (version, name) VALUES (%s, %s)", (number, title))
    return url


def dump(cluster: Cluster, url: str, path: Path, kind: str = "custom") -> Path:
    """By pg_dump itself."""
    subprocess.run([cluster.bin / "pg_dump", "--format", kind, "--file", path, url], check=True, timeout=60)
    return path


def listing(cluster: Cluster, path: Path) -> str:
    """The table of contents of a backup, as pg_restore reads it."""
    return subprocess.run([cluster.bin / "pg_restore", "--list", path], check=True, timeout=60,
                          capture_output=True, text=True).stdout


def run(url: str, statements: str) -> None:
    """Statements that answer nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements)


def populate(url: str, count: int, prefix: str = "kept") -> None:
    """So many accounts, in any schema that ever was."""
    query(url, "WITH made AS (INSERT INTO account (user_id, username, username_key, email, email_key)"
               " SELECT encode(sha256((%s || n)::bytea), 'hex')::char(40), %s || n, %s || n,"
               " %s || n || '@example.org', %s || n || '@example.org' FROM generate_series(1, %s) n"
               " RETURNING id) INSERT INTO profile (account) SELECT id FROM made RETURNING account",
          prefix, prefix, prefix, prefix, prefix, count)


def names(url: str) -> set[str]:
    return {row[0] for row in query(url, "SELECT username FROM account")}


def databases(cluster: Cluster) -> set[str]:
    return {row[0] for row in query(cluster.url(), "SELECT datname FROM pg_database")}
