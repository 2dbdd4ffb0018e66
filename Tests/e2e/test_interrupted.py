"""Ctrl-C during a command: its query ends in the server, nothing half-written stays, status 130."""

import os
import signal

import pytest

from support import bulk, dumps
from support.api import create_account
from support.caught import Holder, Running
from support.cluster import contents, query
from support.program import Ctl, until
from support.terminal import Terminal

LOCK = "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE"

# What is run while the table is locked.
COMMANDS = {
    "account": [
        ("user", "list"), ("user", "show", "{name}"), ("user", "create", "nobody-yet", "--no-password"),
        ("user", "edit", "{name}", "--first-name", "Ada"), ("user", "lock", "{name}"),
        ("user", "delete", "{name}", "--yes"), ("user", "import", "{people}"), ("user", "export"),
        ("user", "export", "{out}.csv"), ("user", "import", "{people}", "--dry-run"), ("db", "backup", "{out}.dump"),
        ("session", "list"), ("status",), ("user", "list", "-o", "json"), ("permission", "list")],
    "exercise": [("exercise", "seed"), ("exercise", "export", "{out}.json"), ("exercise", "list")],
    "session": [("session", "prune", "--yes"), ("session", "revoke", "--all", "--yes")],
    "audit": [("audit", "list"), ("user", "two-factor", "{name}", "on"), ("user", "create", "nobody-yet", "--no-password")],
    "schema_migration": [("db", "migrate"), ("db", "status")]}
CASES = [(table, words) for table, commands in COMMANDS.items() for words in commands]


@pytest.fixture(scope="module")
def name(ctl) -> str:
    return create_account(ctl, 1).username


@pytest.fixture
def words(tmp_path, name):
    bulk.write(tmp_path / "people.csv", bulk.people(3))
    (out := tmp_path / "out").mkdir()
    return {"name": name, "people": tmp_path / "people.csv", "out": out / "file", "there": out}


@pytest.mark.parametrize("table, command", CASES, ids=[f"{table}: {' '.join(words)}" for table, words in CASES])
def test_it_ends_with_130_and_leaves_nothing(ctl, database, words, table, command):
    before = contents(database)
    with Holder(database, LOCK.format(table)) as holder, \
            Running(ctl, *(word.format(**words) for word in command)) as running:
        holder.catch(running)
        running.send()
        done = running.ends()
        holder.alone()
    assert done.status == 130 and done.stdout == "", str(done)
    assert done.stderr.count("\n") == 1 and "interrupted" in done.stderr, str(done)
    assert os.listdir(words["there"]) == []
    assert contents(database) == before


def test_what_was_written_before_stays(ctl, database, words):
    path = words["there"] / "out.csv"
    path.write_text("old")
    with Holder(database, LOCK.format("account")) as holder, Running(ctl, "user", "export", path) as running:
        holder.catch(running)
        running.send()
        assert running.ends().status == 130
    assert os.listdir(words["there"]) == ["out.csv"] and path.read_text() == "old"


@pytest.mark.parametrize("times", [1, 3])
def test_at_a_terminal(ctl, database, words, times):
    """The whole group hears it, pg_dump too, and a hasty person more than once."""
    with Holder(database, LOCK.format("account")) as holder:
        terminal = Terminal(ctl, "db", "backup", words["there"] / "out.dump")
        holder.catch()
        terminal.child.send("\x03" * times)
        assert terminal.ends() == 130, terminal.seen
        holder.alone()
    assert os.listdir(words["there"]) == []


def test_while_a_backup_is_checked(program, new_database, cluster, tmp_path):
    """The scratch database goes too."""
    ctl = Ctl(program, new_database())
    dumps.run(ctl.database, "INSERT INTO audit (actor, what, target, result) SELECT 'x', 'refused', repeat('y', 200),"
                            " 'done' FROM generate_series(1, 500000)")
    others = dumps.databases(cluster)
    with Running(ctl, "db", "backup", tmp_path / "out.dump") as running:
        def scratch() -> set[str]:
            assert running.process.poll() is None, f"it ended without a check: {running.ends()}"
            return dumps.databases(cluster) - others
        until(scratch, "a scratch database", pause=0.005)
        running.send()
        done = running.ends()
    assert done.status == 130, str(done)
    until(lambda: dumps.databases(cluster) <= others, "the scratch database is gone", 10)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("command", [
    ("user", "create", "nobody-yet"), ("user", "passwd", "{name}"), ("user", "delete", "{name}")])
@pytest.mark.parametrize("interrupt", [
    pytest.param(lambda child: child.sendintr(), id="Ctrl-C"),
    pytest.param(lambda child: child.kill(signal.SIGTERM), id="SIGTERM")])
def test_at_a_question(ctl, database, name, command, interrupt):
    before = contents(database)
    terminal = Terminal(ctl, *(word.format(name=name) for word in command))
    terminal.asks(r"[:?\]] ?$")
    interrupt(terminal.child)
    assert terminal.ends() in (130, 5), terminal.seen
    assert contents(database) == before


def test_an_import_from_a_pipe_that_says_nothing(ctl, database, tmp_path):
    before = contents(database)
    os.mkfifo(pipe := tmp_path / "people")
    # Open for reading too, so that neither waits for the other to open it.
    with Running(ctl, "user", "import", pipe, "--format", "csv") as running, open(pipe, "r+b", buffering=0) as writer:
        writer.write(b"username\nwaits\n")

        def begun() -> list:
            assert running.process.poll() is None, str(running.ends())
            return query(database, "SELECT 1 FROM pg_stat_activity WHERE state <> 'idle' AND datname ="
                                   " current_database() AND pid <> pg_backend_pid()")
        until(begun, "it has begun")
        running.send()
        assert running.ends().status == 130
    assert contents(database) == before
