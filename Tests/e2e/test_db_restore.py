"""`havocctl db restore`: everything is replaced by the backup at once, or nothing is."""

import signal

import pytest

from support import dumps, secrets
from support.api import Api, create_account
from support.bulk import tables
from support.caught import Holder, Running, command_lines
from support.cluster import contents, query
from support.program import Ctl, until
from support.server import Server
from support.terminal import Terminal


@pytest.fixture(scope="module")
def rich(program, new_database) -> Ctl:
    """A database with something in most tables."""
    ctl = Ctl(program, new_database())
    dumps.populate(ctl.database, 12)
    ctl.ok("exercise", "seed")
    ctl.ok("user", "lock", "kept3", "--reason", "O'Neil \\ said\n\"so\"")
    ctl.ok("token", "issue", "kept4", "--kind", "opaque", "-o", "name")
    ctl.ok("ban", "add", "192.0.2.0/24")
    ctl.ok("permission", "create", 9, "Night watch")
    ctl.ok("key", "rotate")
    return ctl


@pytest.fixture(scope="module")
def backup(rich, tmp_path_factory):
    path = tmp_path_factory.mktemp("backup") / "rich.dump"
    rich.ok("db", "backup", path)
    return path


@pytest.fixture
def target(program, new_database) -> Ctl:
    """Another database, with three accounts that will be lost."""
    ctl = Ctl(program, new_database())
    dumps.populate(ctl.database, 3, "lost")
    return ctl


@pytest.fixture
def empty(program, cluster):
    """A database that havocctl has never seen."""
    name = f"empty_{secrets.random.token_hex(4)}"
    yield Ctl(program, cluster.create(name))
    cluster.drop(name)


def quiet(ctl: Ctl) -> None:
    """Waits until nobody works on the database any more."""
    until(lambda: query(ctl.database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                      " AND pid <> pg_backend_pid()") == [(0,)], "nobody works on it any more")


def test_into_a_fresh_database(empty, backup, rich):
    empty.ok("db", "restore", backup)
    assert tables(empty.database) == tables(rich.database)
    # The record of the backup itself came after it.
    audit = [line for line in contents(rich.database)["public.audit"] if "db-backup" not in line]
    assert set(audit) <= set(contents(empty.database)["public.audit"])
    assert empty.ok("db", "status").stdout == rich.ok("db", "status").stdout


def test_into_a_migrated_one_without_accounts(program, new_database, backup, rich):
    ctl = Ctl(program, new_database())
    ctl.ok("db", "restore", backup)
    assert tables(ctl.database) == tables(rich.database)


def test_what_was_there_is_gone(target, backup, rich):
    dumps.run(target.database, "CREATE TABLE stray AS SELECT 1 AS one; ALTER TABLE account ADD COLUMN stray text;"
                               " CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    target.ok("db", "restore", backup, "--confirm=3")
    assert tables(target.database) == tables(rich.database)
    assert query(target.database, "SELECT count(*) FROM pg_proc WHERE proname = 'stray'") == [(0,)]


def test_new_rows_go_on_from_there(target, backup):
    """Identities are restored too."""
    target.ok("db", "restore", backup, "--confirm=3")
    made = create_account(target, 1)
    assert target.json("user", "show", made.username)["id"] > 12
    target.ok("exercise", "create", "After it", "--group", target.json("group", "list")[0]["name"])


@pytest.mark.parametrize("options", [(), ("--confirm=2",), ("--confirm=12",), ("--yes",), ("--no-input",)])
def test_accounts_are_not_lost_without_their_number(target, backup, options):
    before = contents(target.database)
    failed = target.fails(5, "db", "restore", backup, *options)
    assert "3" in failed.stderr
    assert contents(target.database) == before


@pytest.mark.parametrize("typed, status", [("3", 0), ("2", 5), ("y", 5), ("", 5)])
def test_it_asks_for_their_number(target, backup, rich, typed, status):
    before = tables(target.database)
    terminal = Terminal(target, "db", "restore", backup)
    terminal.asks(r"3[^\r\n]*: ?$")
    terminal.types(typed)
    assert terminal.ends() == status, terminal.seen
    assert tables(target.database) == (before if status else tables(rich.database))


def test_deleted_accounts_count_too(program, new_database, backup):
    ctl = Ctl(program, new_database())
    made = create_account(ctl, 1)
    ctl.ok("user", "delete", made.username, "--yes")
    ctl.fails(5, "db", "restore", backup)
    ctl.ok("db", "restore", backup, "--confirm=1")


def test_dry_run_restores_and_rolls_back(target, backup, tmp_path):
    before = contents(target.database)
    target.ok("db", "restore", backup, "--dry-run")
    assert contents(target.database) == before
    (cut := tmp_path / "cut.dump").write_bytes(backup.read_bytes()[:-200])
    target.fails(1, "db", "restore", cut, "--dry-run")
    assert contents(target.database) == before


def test_a_running_server_keeps_it_away(program, target, backup, rich):
    server = Server(program, target.database).start()
    failed = target.fails(5, "db", "restore", backup, "--confirm=3")
    assert "server" in failed.stderr
    assert "lost1" in dumps.names(target.database) and server.status() == 200
    server.stop()
    target.ok("db", "restore", backup, "--confirm=3")
    assert tables(target.database) == tables(rich.database)


def test_servers_that_ran_at_the_time_of_the_backup_are_forgotten(program, new_database, empty, tmp_path):
    ctl = Ctl(program, new_database())
    server = Server(program, ctl.database).start()
    made = create_account(ctl, 1)
    access = Api(server.url).tokens(made)["access_token"]
    ctl.ok("db", "backup", path := tmp_path / "served.dump")
    server.stop()
    empty.ok("db", "restore", path)
    empty.ok("db", "restore", path, "--confirm=1")
    server = Server(program, empty.database).start()
    try:
        assert Api(server.url).alive(access), "the keys and sessions came along"
        assert Api(server.url).login(made).status_code == 200
    finally:
        server.stop()


def test_another_owner(program, cluster, backup, rich):
    """Of a role that may make nothing but tables, though the backup is a superuser's."""
    name = f"owner_{secrets.random.token_hex(4)}"
    cluster.execute("CREATE ROLE {} LOGIN", name)
    cluster.execute("CREATE DATABASE {} OWNER {}", name, name)
    try:
        ctl = Ctl(program, cluster.url(name).replace("postgres@", f"{name}@"))
        ctl.ok("db", "restore", backup)
        assert tables(ctl.database) == tables(rich.database)
        ctl.ok("db", "restore", backup, "--confirm=12")
        assert create_account(ctl, 1)
    finally:
        cluster.drop(name)
        cluster.execute("DROP ROLE {}", name)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("to", ["the program", "all"])
def test_ended_in_the_middle_all_is_as_it_was(cluster, target, backup, number, to):
    before, others = contents(target.database), dumps.databases(cluster)
    with Holder(target.database, "SELECT count(*) FROM account") as holder, \
            Running(target, "db", "restore", backup, "--confirm=3") as running:
        holder.catch(running)
        (running.send if to == "the program" else running.send_group)(number)
        status = running.process.wait(20)
        if number == signal.SIGINT:
            holder.alone()
        holder.release()
    assert status == 130 if number == signal.SIGINT else status != 0
    quiet(target)
    assert contents(target.database) == before and dumps.databases(cluster) == others


@pytest.fixture(scope="module")
def long(program, new_database, tmp_path_factory):
    """A backup that takes its time."""
    ctl = Ctl(program, new_database())
    dumps.run(ctl.database, "INSERT INTO audit (actor, what, target, result) SELECT 'x', 'refused', repeat('y', 200),"
                            " 'done' FROM generate_series(1, 500000)")
    path = tmp_path_factory.mktemp("long") / "long.dump"
    ctl.ok("db", "backup", path, "--no-check")
    return path


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_ended_while_rows_come_in(target, long, number):
    """What has been sent so far is no whole backup."""
    before = contents(target.database)
    with Running(target, "db", "restore", long, "--confirm=3") as running:
        def copying() -> bool:
            assert running.process.poll() is None, str(running.ends())
            return query(target.database, "SELECT count(*) FROM pg_stat_activity WHERE query ~* '^ *COPY'"
                                          " AND state = 'active' AND pid <> pg_backend_pid()") == [(1,)]
        until(copying, "rows come in", pause=0.002)
        running.send(number)
        assert running.process.wait(20) != 0
        quiet(target)
    assert contents(target.database) == before


def test_the_password_is_in_no_command_line(target, backup):
    secret = secrets.password()
    ctl = Ctl(target.program, target.database.replace("postgres@", f"postgres:{secret}@"))
    with Holder(target.database, "SELECT count(*) FROM account") as holder, \
            Running(ctl, "db", "restore", backup, "--confirm=3") as running:
        holder.catch(running)
        lines = command_lines()
        holder.release()
        done = running.ends()
    assert any("restore" in line for line in lines.values())
    assert not [line for line in lines.values() if secret in line]
    assert done.status == 0 and secret not in done.stdout + done.stderr, str(done)
