"""What a signal ends, and what it lets finish: requests, uploads, imports."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import bulk
from support.api import create_account
from support.caught import Holder, Running
from support.cluster import contents, query
from support.held import EDIT, Editor, Held
from support.notify import Service
from support.pieces import send_read
from support.program import until
from support.wire import Wire, request

ENDS = [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT]
BY_NAME = {"ids": lambda number: number.name}

# Behind the first signal, in which a second one counts as the same.
IMPATIENCE_SECONDS = 1

# Less than the deadline of the statement that a start waits for.
STARTING_SECONDS = 15


@pytest.fixture
def service(new_server) -> Service:
    return new_server(kind=Service)


def is_told_off(service: Service, seconds: float = 10) -> None:
    """New connections are refused."""
    until(lambda: service.status() is None, "it accepts nobody any more", seconds)


@pytest.mark.parametrize("number", ENDS, **BY_NAME)
def test_it_ends_well(service, number):
    service.process.send_signal(number)
    assert service.wait() == 0 and service.log().rstrip().splitlines()[-1].count("stopped"), service.log()


@pytest.mark.parametrize("number", ENDS, **BY_NAME)
def test_what_runs_is_finished_and_stored(service, ctl, number):
    with Held(ctl, service) as held:
        service.process.send_signal(number)
        service.manager.said("STOPPING")
        is_told_off(service)
        answer = held.release()
    assert answer.status_code == 200 and answer.json()["email"] == held.editor.email
    assert service.wait() == 0
    assert held.editor.stored() == held.editor.email


def test_a_second_signal_at_once_is_the_same(service, ctl):
    with Held(ctl, service) as held:
        # Of two that are the same the kernel would keep one.
        service.signal_at_once(signal.SIGTERM, signal.SIGINT)
        service.manager.said("STOPPING")
        assert held.release().status_code == 200
    assert service.wait() == 0


@pytest.mark.parametrize("second", ENDS, **BY_NAME)
def test_a_later_one_means_it(service, ctl, second):
    with Held(ctl, service) as held:
        service.terminate()
        began = time.monotonic()
        service.manager.said("STOPPING")

        def ended() -> bool:
            if time.monotonic() > began + IMPATIENCE_SECONDS and service.running:
                service.process.send_signal(second)
            return not service.running
        until(ended, "the second signal ends it")
        assert service.process.returncode == 1 and "second signal" in service.log()
        assert not held.running.done() or held.running.exception()
    assert held.editor.stored() != held.editor.email


def test_shutdown_timeout_ends_what_runs_too_long(new_server, ctl):
    service = new_server("--shutdown-timeout", "1s", kind=Service)
    with Held(ctl, service):
        service.terminate()
        assert service.wait() == 0


def test_an_upload_is_taken_to_its_end(service, ctl):
    editor = Editor(ctl, service)
    lines = [f"{name}: {value}" for name, value in editor.headers.items()]
    with Wire(service.address) as wire:
        head = request("PUT", EDIT, b"", "Content-Type: application/json", *lines,
                       f"Content-Length: {len(editor.body)}")
        send_read(wire, head + editor.body[:10])
        service.terminate()
        service.manager.said("STOPPING")
        wire.send(editor.body[10:])
        answer = wire.response()
        assert answer.status == 200 and answer.headers.get("connection", "").lower() == "close"
        assert wire.response() is None and wire.eof
    assert service.wait() == 0
    assert editor.stored() == editor.email


def test_idle_connections_hold_nobody_up(service):
    with Wire(service.address) as idle, Wire(service.address) as used, Wire(service.address) as halting:
        used.send(request("GET", "/status/"))
        assert used.response().status == 200
        halting.send(b"GET /status/ HTT")
        service.stop()
        assert idle.response() is None and idle.eof
        assert used.response() is None and used.eof


@pytest.mark.parametrize("number", ENDS, **BY_NAME)
def test_during_the_start(program, database, number):
    """One that comes before it serves ends it as well, and at once."""
    service = Service(program, database)
    with Holder(database, "LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE") as holder:
        service.launch()
        holder.catch()
        service.process.send_signal(number)
        try:
            until(lambda: not service.running, "it ends", STARTING_SECONDS)
        finally:
            service.kill9()
        assert service.process.returncode in (0, -number), service.log()


# Commands

@pytest.fixture
def large(tmp_path, ctl, database):
    """A file of many accounts, the last of which is there already and can be locked."""
    known = create_account(ctl, 1, "zz").username
    path = tmp_path / "people.csv"
    rows = "".join(f"sig{n},sig{n}@example.org,Name\n" for n in range(20_000))
    path.write_text(f"username,email,first_name\n{rows}{known},{known}@example.org,Changed\n")
    return path, known


def assert_cut_short(done, database: str, before: dict) -> None:
    assert done.status in (130, 1) and done.stdout == "", str(done)
    assert done.stderr.startswith("havocctl: ") and "interrupted" in done.stderr, str(done)
    assert done.stderr.count("\n") <= 2 and contents(database) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], **BY_NAME)
def test_an_import_that_waits_is_all_or_nothing(ctl, database, large, number):
    path, known = large
    before = contents(database)
    lock = f"SELECT 1 FROM account WHERE username = '{known}' FOR UPDATE"
    with Holder(database, lock) as holder, Running(ctl, "user", "import", path) as running:
        holder.catch(running)
        running.send(number)
        done = running.ends()
        holder.alone()
    assert_cut_short(done, database, before)
    assert ctl.json("user", "import", path, "--dry-run") == bulk.counts(added=20_000, changed=1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], **BY_NAME)
def test_an_import_that_writes_is_all_or_nothing(ctl, database, large, number):
    before = contents(database)
    # The last that it writes is the audit, for which it has to wait.
    with Holder(database, "LOCK TABLE audit IN SHARE MODE"), Running(ctl, "user", "import", large[0]) as running:
        def writing() -> list:
            assert running.process.poll() is None, str(running.ends())
            return query(database, "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND"
                                   " pid <> pg_backend_pid() AND backend_xid IS NOT NULL")
        until(writing, "it writes", pause=0.002)
        running.send(number)
        done = running.ends()
    assert_cut_short(done, database, before)


@pytest.mark.parametrize("command", [("user", "list"), ("db", "backup", "{out}"), ("user", "export", "{out}.csv")])
def test_sigterm_ends_other_commands_as_well(ctl, database, tmp_path, command):
    out = tmp_path / "out"
    out.mkdir()
    with Holder(database, "LOCK TABLE account IN ACCESS EXCLUSIVE MODE") as holder, \
            Running(ctl, *(word.format(out=out / "file") for word in command)) as running:
        holder.catch(running)
        running.send(signal.SIGTERM)
        done = running.ends()
        holder.alone()
    assert done.status in (130, 1, -signal.SIGTERM) and done.stdout == "", str(done)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("number", ENDS, **BY_NAME)
def test_many_servers_at_once(new_server, number):
    """What they leave in the database keeps none of them from ending."""
    services = [new_server(kind=Service) for _ in range(3)]
    for service in services:
        service.process.send_signal(number)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(Service.wait, services)) == [0] * 3
