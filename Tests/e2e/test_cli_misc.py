"""Usage errors, help, version, status, keys, and the database that isn't as it should be."""

import concurrent.futures
import json
import re

import psycopg
import pytest

from support import forge
from support.cluster import contents, query
from support.ports import free_port
from support.program import Ctl

NOUNS = {
    "user": ["create", "list", "show", "edit", "passwd", "lock", "unlock", "delete"],
    "permission": ["list", "create", "edit", "delete", "assign", "check"],
    "session": ["list", "show", "revoke", "prune"],
    "token": ["list", "issue", "revoke", "prune"],
    "exercise": ["seed", "list", "show", "create", "edit", "delete", "import", "export"],
    "group": ["list", "create", "edit", "delete"],
    "key": ["list", "rotate"],
    "db": ["status", "migrate", "shell"],
    "config": ["show"]}
ALONE = ["serve", "status", "version", "help"]
VERBS = [(noun, verb) for noun, verbs in NOUNS.items() for verb in verbs]


@pytest.mark.parametrize("words, nearest", [
    (["usr", "list"], "user"), (["users", "list"], "user"), (["sesion", "list"], "session"),
    (["exercice", "seed"], "exercise"), (["verson"], "version"), (["user", "lsit"], "list"),
    (["user", "creat", "x"], "create"), (["token", "isue", "x"], "issue"), (["db", "migrat"], "migrate"),
    (["user", "list", "--permision", "1"], "--permission"), (["user", "list", "--lockd"], "--locked"),
    (["user", "create", "x", "--pasword-stdin"], "--password-stdin"), (["serve", "--lsten", "x"], "--listen"),
    (["user", "list", "--colums", "id"], "--columns"), (["session", "revoke", "--al"], "--all")])
def test_the_misspelt_is_answered_with_the_nearest(ctl, words, nearest):
    failed = ctl.fails(2, *words)
    assert re.search(rf"(^|[\s'\"`‘“]){re.escape(nearest)}\b", failed.stderr), failed.stderr


def test_errors_are_objects_with_json(ctl):
    failed = ctl.fails(2, "usr", "list", "-o", "json")
    assert "user" in json.dumps(json.loads(failed.stderr))
    failed = ctl.fails(3, "user", "show", "nobody-of-this-name", "-o", "json")
    assert "nobody-of-this-name" in json.dumps(json.loads(failed.stderr))


@pytest.mark.parametrize("words", [
    ["user"], ["user", "create"], ["user", "show"], ["user", "show", "a", "b"], ["user", "list", "a"],
    ["user", "edit"], ["user", "lock"], ["exercise", "show"], ["exercise", "show", "1", "2"],
    ["group", "create"], ["token", "issue"], ["permission", "create", "9"], ["key", "rotate", "x"],
    ["user", "create", "x", "--email"], ["user", "create", "x", "--no-password", "--email", "a@b.org", "--email", "c@d.org"],
    ["user", "list", "--limit", "1", "--limit", "2"], ["user", "list", "-o", "json", "-o", "csv"],
    ["user", "list", "--locked=perhaps"], ["user", "list", "-z"], ["user", "list", "---"], ["--nonsense"],
    ["nonsense"], ["serve", "extra"], ["db", "status", "x"]])
def test_missing_surplus_and_doubled_words(ctl, database, words):
    before = contents(database)
    failed = ctl.fails(2, *words)
    assert "\n" in failed.stderr
    assert contents(database) == before


def test_no_words_at_all_show_the_way(ctl):
    result = ctl()
    assert result.status in (0, 2)
    assert "user" in result.stdout + result.stderr and "serve" in result.stdout + result.stderr


def test_help_names_every_noun_and_needs_no_database(program):
    away = Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x")
    text = away.ok("help").stdout
    for noun in [*NOUNS, *ALONE]:
        assert re.search(rf"\b{noun}\b", text), noun
    assert away.ok("--help").stdout == text


@pytest.mark.parametrize("noun", NOUNS)
def test_help_of_a_noun_names_its_verbs(program, noun):
    away = Ctl(program, None)
    text = away.ok("help", noun).stdout
    for verb in NOUNS[noun]:
        assert re.search(rf"\b{verb}\b", text), verb
    assert away.ok(noun, "--help").stdout == text


@pytest.mark.parametrize("noun, verb", VERBS)
def test_help_of_a_verb(program, noun, verb):
    away = Ctl(program, None)
    text = away.ok(noun, verb, "--help").stdout
    assert f"{noun} {verb}" in text and len(text.splitlines()) >= 3
    assert away.ok("help", noun, verb).stdout == text


def test_help_of_nothing(program):
    Ctl(program, None).fails(2, "help", "nonsense")
    Ctl(program, None).fails(2, "help", "user", "nonsense")


def test_version(program):
    away = Ctl(program, None)
    text = away.ok("version").stdout
    number = re.search(r"\d+\.\d+\.\d+", text)
    assert number, text
    assert number[0] in away.ok("version", "-o", "json").stdout
    assert away.ok("--version").stdout == text


def test_status(ctl, database):
    found = ctl.json("status")
    listed = {row["name"]: row["value"] for row in found} if isinstance(found, list) else found
    assert len(listed) >= 3
    assert database.rpartition("/")[2] in map(str, listed.values())
    assert any(str(value) in ctl.ok("version").stdout for value in listed.values() if "." in str(value))


def test_keys_rotate(ctl, database):
    ctl.json("key", "list")
    first = ctl.json("key", "rotate")
    second = ctl.json("key", "rotate")
    listed = ctl.json("key", "list")
    assert all(set(row) == {"kid", "created", "retires", "state"} for row in listed)
    assert {str(first["kid"]), str(second["kid"])} <= {str(row["kid"]) for row in listed}
    states = {str(row["kid"]): row["state"] for row in listed}
    assert states[str(first["kid"])] != states[str(second["kid"])]
    assert sum(state == states[str(second["kid"])] for state in states.values()) == 1
    retires = {str(row["kid"]): row["retires"] for row in listed}
    assert retires[str(second["kid"])] is None and retires[str(first["kid"])]
    assert len(set(forge.signing_keys(database).values())) == len(listed)


def test_migrate_twice(ctl, database):
    before = contents(database)
    ctl.ok("db", "migrate")
    assert contents(database) == before
    found = ctl.json("db", "status")
    assert found and all(set(row) == {"version", "name", "applied"} for row in found)
    assert all(row["applied"] for row in found)
    assert [row["version"] for row in found] == sorted(row["version"] for row in found)


@pytest.fixture
def bare(cluster, program):
    """An empty database that nobody migrated."""
    name = f"bare_{free_port()}"
    yield Ctl(program, cluster.create(name))
    cluster.drop(name)


@pytest.mark.parametrize("words", [
    ["user", "list"], ["user", "create", "x", "--no-password"], ["exercise", "seed"], ["key", "rotate"],
    ["session", "prune", "--yes"], ["token", "issue", "x", "--kind", "opaque"], ["permission", "list"]])
def test_a_database_that_is_not_migrated_is_refused_with_a_hint(bare, words):
    failed = bare.fails((1, 5), *words)
    assert "hint: " in failed.stderr and "db migrate" in failed.stderr
    assert contents(bare.database) == {}


def test_db_status_of_an_unmigrated_database(bare):
    found = bare.json("db", "status")
    assert found and not any(row["applied"] for row in found)
    assert contents(bare.database) == {}
    bare.ok("db", "migrate", "--dry-run")
    assert contents(bare.database) == {}


def test_many_migrations_at_once(bare):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: bare.run("db", "migrate"), range(4)))
    assert [result.status for result in results] == [0] * 4, "\n".join(map(str, results))
    assert all(row["applied"] for row in bare.json("db", "status"))
    assert len(bare.json("permission", "list")) == 3


def test_a_migration_that_fails_leaves_nothing(bare):
    """A table of somebody else's is in the way."""
    with psycopg.connect(bare.database, autocommit=True) as connection:
        connection.execute("CREATE TABLE signing_key (mine integer)")
        connection.execute("INSERT INTO signing_key VALUES (5)")
    failed = bare.fails(1, "db", "migrate")
    assert "signing_key" in failed.stderr
    kept = {table for table, lines in contents(bare.database).items() if lines}
    assert kept == {"public.signing_key"}
    assert query(bare.database, "SELECT mine FROM signing_key") == [(5,)]
    with psycopg.connect(bare.database, autocommit=True) as connection:
        connection.execute("DROP TABLE signing_key")
    bare.ok("db", "migrate")
    assert len(bare.json("permission", "list")) == 3


@pytest.mark.parametrize("words", [
    ["user", "list"], ["user", "create", "x", "--no-password"], ["db", "status"], ["db", "migrate"],
    ["exercise", "seed"], ["key", "list"]])
def test_an_absent_database_is_6(program, words):
    secret = "canary-in-the-address"
    url = f"postgresql://somebody:{secret}@127.0.0.1:{free_port()}/x"
    for result in (Ctl(program, None).fails(6, *words, "--database", url), Ctl(program, url).fails(6, *words)):
        assert secret not in result.stderr


@pytest.mark.parametrize("tail, status", [("no_such_database", 6), ("postgres?sslmode=nonsense", (2, 6)),
                                          ("postgres?nonsense=1", (2, 6))])
def test_an_address_that_leads_nowhere(program, cluster, tail, status):
    url = cluster.url(tail).replace("postgres@", "postgres:canary-in-the-address@")
    failed = Ctl(program, url).fails(status, "user", "list")
    assert "canary-in-the-address" not in failed.stderr


@pytest.mark.parametrize("url", ["nonsense", "http://example.org/", "postgresql://[::1/x", "mysql://a@b/c"])
def test_an_address_that_is_none(program, url):
    result = Ctl(program, None)("user", "list", "--database", url)
    assert result.status in (2, 6), str(result)
    assert result.stderr.startswith("havocctl: ")
