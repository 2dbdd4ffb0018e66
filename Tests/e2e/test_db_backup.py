"""`havocctl db backup`: a file that is whole or not there, and proved to restore."""

import os
import stat

import pytest

from support import dumps, secrets
from support.bulk import tables
from support.caught import Holder, Running, command_lines
from support.cluster import query
from support.home import AS_NOBODY, Home
from support.program import Ctl, until
from support.server import Server

KEYS = {"file", "bytes", "tables", "check"}


@pytest.fixture(scope="module", autouse=True)
def accounts(database):
    dumps.populate(database, 5)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "out.dump"


@pytest.fixture
def poor(cluster, program):
    """A database that belongs to a role which may not make others."""
    name = f"poor_{secrets.random.token_hex(4)}"
    cluster.execute("CREATE ROLE {} LOGIN NOCREATEDB", name)
    cluster.execute("CREATE DATABASE {} OWNER {}", name, name)
    ctl = Ctl(program, cluster.url(name).replace("postgres@", f"{name}@"))
    ctl.ok("db", "migrate")
    yield ctl
    cluster.drop(name)
    cluster.execute("DROP ROLE {}", name)


def test_what_it_answers_and_leaves(ctl, cluster, database, file):
    before, others = tables(database), dumps.databases(cluster)
    answer = ctl.json("db", "backup", file)
    assert set(answer) == KEYS
    assert answer["file"] == str(file) and answer["bytes"] == file.stat().st_size
    assert answer["tables"] == query(
        database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")[0][0]
    assert answer["check"] == "restored"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]
    assert tables(database) == before and dumps.databases(cluster) == others


def test_pg_restore_reads_it(ctl, cluster, file):
    ctl.ok("db", "backup", file)
    assert file.read_bytes().startswith(b"PGDMP")
    for table in ("account", "session", "audit", "schema_migration", "integer_chunk"):
        assert f"TABLE DATA public {table} " in dumps.listing(cluster, file)


def test_without_the_check(ctl, cluster, file):
    others = dumps.databases(cluster)
    assert ctl.json("db", "backup", file, "--no-check")["check"] == "none"
    assert dumps.databases(cluster) == others


def test_an_existing_file_is_kept_unless_forced(ctl, file):
    file.write_text("precious")
    failed = ctl.fails((4, 5), "db", "backup", file)
    assert "--force" in failed.stderr and file.read_text() == "precious"
    assert ctl.json("db", "backup", file, "--force")["check"] == "restored"
    assert file.read_bytes().startswith(b"PGDMP") and stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_role_that_may_not_make_databases(poor, cluster, file):
    done = poor.ok("-o", "json", "db", "backup", file)
    assert done.json()["check"] == "read"
    assert "database" in done.stderr, "it doesn't say why it wasn't restored"
    assert dumps.listing(cluster, file)


def test_a_role_that_may_not_read(poor, cluster, file):
    """What pg_dump says of it is passed on, and no half of a file is left."""
    name = f"blind_{secrets.random.token_hex(4)}"
    cluster.execute("CREATE ROLE {} LOGIN", name)
    host = poor.database.partition("@")[2]
    try:
        failed = Ctl(poor.program, f"postgresql://{name}@{host}").run("db", "backup", file)
        assert failed.status in (1, 5) and "permission denied" in failed.stderr, str(failed)
        assert os.listdir(file.parent) == []
    finally:
        cluster.execute("DROP ROLE {}", name)


@pytest.mark.parametrize("place", ["{}/none/out.dump", "{}/file/out.dump", "{}/directory"])
def test_where_nothing_can_be_written(ctl, tmp_path, place):
    (tmp_path / "file").write_text("x")
    (tmp_path / "directory").mkdir()
    ctl.fails((1, 3, 4, 5), "db", "backup", place.format(tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["directory", "file"]
    ctl.fails((1, 3), "db", "backup", place.format(tmp_path), "--force")


def test_a_directory_of_somebody_else(program, database):
    if os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    home = Home(program, "user")
    (closed := home.path / "closed").mkdir(mode=0o755)
    try:
        failed = Ctl(home.program, database).fails(1, "db", "backup", closed / "out.dump", prefix=AS_NOBODY)
        assert "ermission denied" in failed.stderr and os.listdir(closed) == []
    finally:
        home.remove()


def test_dry_run_writes_nothing(ctl, file):
    ctl.ok("db", "backup", file, "--dry-run")
    assert os.listdir(file.parent) == []


@pytest.mark.parametrize("words", [(), ("a", "b")])
def test_one_file_is_wanted(ctl, words):
    ctl.fails(2, "db", "backup", *words)


def test_an_absent_database(program, file):
    Ctl(program, "postgresql://postgres@127.0.0.1:1/x").fails(6, "db", "backup", file)
    assert os.listdir(file.parent) == []


def test_without_pg_dump(program, database, file):
    failed = Ctl(program, database, PATH="/nonexistent").run("db", "backup", file)
    if failed.status == 0:
        # It knows where Debian keeps it.
        assert file.read_bytes().startswith(b"PGDMP")
    else:
        assert failed.status == 1 and "postgresql-client" in failed.stderr, str(failed)
        assert os.listdir(file.parent) == []


def test_beside_a_running_server(program, database, ctl, file):
    server = Server(program, database).start()
    try:
        assert ctl.json("db", "backup", file)["check"] == "restored"
        assert server.status() == 200
    finally:
        server.stop()


def test_the_password_is_in_no_command_line(program, database, file):
    secret = secrets.password()
    ctl = Ctl(program, database.replace("postgres@", f"postgres:{secret}@"))
    with Holder(database, "LOCK TABLE account") as holder, Running(ctl, "db", "backup", file) as running:
        holder.catch(running)
        lines = command_lines()
        holder.release()
        done = running.ends()
    assert any("pg_dump" in line for line in lines.values())
    assert not [line for line in lines.values() if secret in line]
    assert done.status == 0 and secret not in done.stdout + done.stderr, str(done)


def test_nor_in_what_it_says(program, file):
    secret = secrets.password()
    failed = Ctl(program, f"postgresql://nobody-at-all:{secret}@127.0.0.1:1/x").run("db", "backup", file)
    assert failed.status == 6 and secret not in failed.stdout + failed.stderr


@pytest.mark.parametrize("kind", ["user", "root"])
def test_the_embedded_cluster(program, kind):
    if kind == "root" and os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    home = Home(program, kind)
    try:
        made = home.create()
        path = home.path / "out.dump"
        assert home.json("db", "backup", path)["check"] == "restored"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        home.run("user", "delete", made.username, "--purge", "--yes")
        other = home.create()
        home.run("db", "restore", path, "--confirm=1")
        assert home.json("user", "show", made.username)
        home.fails(3, "user", "show", other.username)
        until(lambda: not home.masters(), "it stops when nobody needs it")
    finally:
        home.remove()
