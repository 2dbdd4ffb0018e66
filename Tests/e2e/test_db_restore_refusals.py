"""`havocctl db restore` of files that won't do, and of older schemas."""

import pytest

from support import dumps, secrets
from support.cluster import contents, query
from support.program import Ctl


@pytest.fixture(scope="module")
def made(cluster):
    """Makes databases that go in the end."""
    names = []

    def make(version: int | None = None) -> str:
        names.append(f"dump_{secrets.random.token_hex(4)}")
        return cluster.create(names[-1]) if version is None else dumps.database_of(cluster, names[-1], version)

    yield make
    for name in names:
        cluster.drop(name)


@pytest.fixture(scope="module")
def target(program, new_database) -> Ctl:
    ctl = Ctl(program, new_database())
    dumps.populate(ctl.database, 3, "lost")
    return ctl


@pytest.fixture(scope="module")
def backup(program, new_database, tmp_path_factory):
    ctl = Ctl(program, new_database())
    dumps.populate(ctl.database, 2_000)
    path = tmp_path_factory.mktemp("backup") / "whole.dump"
    ctl.ok("db", "backup", path, "--no-check")
    return path


@pytest.fixture
def refused(target):
    def run(path, status=1) -> str:
        before = contents(target.database)
        failed = target.fails(status, "db", "restore", path, "--confirm=3")
        assert contents(target.database) == before
        return failed.stderr
    return run


def test_a_file_that_is_not_there(refused, tmp_path):
    assert "none.dump" in refused(tmp_path / "none.dump", 3)


@pytest.mark.parametrize("name, content", [
    ("empty", b""), ("text", b"Dear backup,\n" * 100), ("the magic alone", b"PGDMP"),
    ("zeros", bytes(100_000)), ("the magic and zeros", b"PGDMP" + bytes(1_000)),
    ("SQL", b"DROP TABLE account CASCADE;\n"), ("gzip", b"\x1f\x8b\x08\0" + bytes(100))])
def test_what_is_no_backup(refused, tmp_path, name, content):
    path = tmp_path / "file.dump"
    path.write_bytes(content)
    assert "file.dump" in refused(path), name


def test_a_directory(refused, tmp_path):
    refused(tmp_path)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9, -1, -50])
def test_a_truncated_one(refused, backup, tmp_path, part):
    whole = backup.read_bytes()
    path = tmp_path / "cut.dump"
    path.write_bytes(whole[:part] if part < 0 else whole[:int(len(whole) * part)])
    refused(path)


def test_a_damaged_one(refused, backup, tmp_path):
    """In the rows of the accounts, which are compressed."""
    damaged = bytearray(backup.read_bytes())
    at = len(damaged) * 2 // 3
    damaged[at:at + 64] = bytes(64)
    path = tmp_path / "damaged.dump"
    path.write_bytes(damaged)
    refused(path)


def test_a_plain_dump(refused, cluster, migrated, tmp_path):
    refused(dumps.dump(cluster, cluster.url(migrated), tmp_path / "plain.dump", "plain"))


@pytest.mark.parametrize("text", [
    "SELECT 1", "CREATE TABLE account (id int, username text)",
    "CREATE TABLE schema_migration (version int, name text)",
    "CREATE TABLE schema_migration (version int, name text, applied timestamptz);"
    " INSERT INTO schema_migration VALUES (1, 'of another program', now())"],
    ids=["nothing in it", "an account table", "an empty schema_migration", "another's schema_migration"])
def test_a_dump_of_another_database(refused, cluster, made, tmp_path, text):
    url = made()
    dumps.run(url, text)
    refused(dumps.dump(cluster, url, tmp_path / "foreign.dump"))


def test_a_newer_schema(refused, program, new_database, cluster, tmp_path):
    url = new_database()
    dumps.run(url, "INSERT INTO schema_migration (version, name) VALUES (9999, 'from the future')")
    said = refused(dumps.dump(cluster, url, tmp_path / "newer.dump"), (1, 5))
    assert "newer" in said or "9999" in said
    own = tmp_path / "own.dump"
    assert Ctl(program, url).run("db", "backup", own, "--no-check").status in (0, 1, 5)
    if own.exists():
        refused(own, (1, 5))


@pytest.mark.parametrize("version", range(1, len(dumps.steps())))
def test_an_older_schema_is_migrated_on_the_way(program, cluster, made, target, tmp_path, version):
    old = made(version)
    dumps.populate(old, 4, "old")
    ctl = Ctl(program, made())
    ctl.ok("db", "restore", dumps.dump(cluster, old, tmp_path / "old.dump"))
    assert dumps.names(ctl.database) == {"old1", "old2", "old3", "old4"}
    steps = ctl.json("db", "status")
    assert [step["version"] for step in steps] == [number for number, _, _ in dumps.steps()]
    assert all(step["applied"] for step in steps)
    assert ctl.json("user", "show", "old1")["username"] == "old1"
    shape = "SELECT table_name, column_name, data_type FROM information_schema.columns" \
            " WHERE table_schema = 'public' ORDER BY 1, 2"
    assert query(ctl.database, shape) == query(target.database, shape)


def test_an_older_schema_that_cannot_be_migrated_changes_nothing(refused, cluster, made, tmp_path):
    """Somebody made a table by hand that a later step makes."""
    old = made(2)
    dumps.run(old, "CREATE TABLE friendship (low int)")
    refused(dumps.dump(cluster, old, tmp_path / "stuck.dump"))


def test_a_backup_of_an_older_schema(program, made, tmp_path):
    """Made before the new program's first migration, which is when it is wanted most."""
    old = Ctl(program, made(3))
    dumps.populate(old.database, 2, "old")
    assert old.json("db", "backup", tmp_path / "old.dump")["check"] == "restored"
    ctl = Ctl(program, made())
    ctl.ok("db", "restore", tmp_path / "old.dump")
    assert dumps.names(ctl.database) == {"old1", "old2"}


def test_what_is_in_a_dump_besides_runs_no_command(refused, backup, tmp_path):
    """A table of contents is data, whatever it says."""
    whole = backup.read_bytes()
    assert (at := whole.find(b"CREATE TABLE public.account")) > 0
    evil = b"\\! touch " + str(tmp_path / "touched").encode() + b"\n"
    path = tmp_path / "evil.dump"
    path.write_bytes(whole[:at] + evil + whole[at + len(evil):])
    refused(path)
    assert not (tmp_path / "touched").exists()
