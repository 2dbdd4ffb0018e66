"""A server and its service manager: READY, STATUS, RELOADING and STOPPING, as sd_notify(3) has them."""

import signal
import time

import pytest
import requests

from support import secrets
from support.away import away, cut
from support.caught import Holder
from support.held import Held
from support.notify import Manager, Note, Service
from support.ports import free_port
from support.program import SCRATCH, Ctl, until

ABSENT = "the database is away"


@pytest.fixture
def new_service(new_server):
    return lambda *options, **more: new_server(*options, kind=Service, **more)


def microseconds() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def reloaded(service: Service) -> tuple[Note, Note]:
    """Asks for a reload; gives the notes of its begin and of its end."""
    service.process.send_signal(signal.SIGHUP)
    return service.manager.said("RELOADING", "1"), service.ready()


@pytest.mark.parametrize("abstract", [False, True], ids=["a path", "an abstract address"])
def test_ready_comes_with_its_addresses_and_they_answer(new_service, abstract):
    service = new_service(abstract=abstract)
    note, = [note for note in service.manager.notes if "READY" in note]
    assert requests.get(service.url + "/status/", timeout=60).status_code == 200
    assert note["STATUS"].startswith("Serving on ") and f"127.0.0.1:{service.port}" in note["STATUS"]
    assert note.pid == service.process.pid


def test_every_address_is_named(new_service):
    others = [f"127.0.0.2:{free_port()}", f"unix:{SCRATCH.name}/named-{free_port()}.sock"]
    service = new_service(also=",".join(others))
    status = service.manager.notes[-1]["STATUS"]
    assert all(address in status for address in (f"127.0.0.1:{service.port}", *others)), status


def test_not_ready_before_it_serves(program, database):
    service = Service(program, database)
    try:
        with Holder(database, "LOCK TABLE schema_migration IN ACCESS EXCLUSIVE MODE") as holder:
            service.launch()
            holder.catch()
            assert not [note for note in service.manager.waiting() if "READY" in note]
        service.ready()
        assert service.status() == 200
    finally:
        service.stop()


def refused(program, database, *options: str, status: int | tuple[int, ...], **more) -> str:
    """What one says that doesn't start, and has never said that it is ready."""
    service = Service(program, database, *options, **more)
    service.launch()
    assert service.wait() in (status if isinstance(status, tuple) else (status,)), service.log()
    assert not [note for note in service.manager.waiting() if "READY" in note]
    assert service.log().startswith("havocctl: "), service.log()
    return service.log()


def test_a_port_in_use(program, database, server):
    taken = f"127.0.0.1:{server.port}"
    said = refused(program, database, also=taken, status=1)
    assert taken in said and "in use" in said and "--listen" in said
    assert server.status() == 200


@pytest.mark.parametrize("host, why", [
    ("203.0.113.7", "Cannot assign requested address"), ("no-such-host.invalid", "no-such-host.invalid")])
def test_an_address_that_is_nobody_s(program, database, host, why):
    said = refused(program, database, also=f"{host}:{free_port()}", status=1)
    assert host in said and why in said


@pytest.mark.parametrize("options, status", [(("--max-body", "much"), 2), (("--config", "/nowhere"), (1, 2))])
def test_settings_that_cannot_be(program, database, options, status):
    assert options[1] in refused(program, database, *options, status=status)


def test_nothing_is_said_where_nobody_listens(new_server):
    """A manager that has gone is no reason not to serve."""
    gone = Manager()
    gone.close()
    for address in (gone.address, "relative", "", "@" + "x" * 200):
        server = new_server(NOTIFY_SOCKET=address)
        server.stop()


def test_a_reload_is_told_with_the_time_it_began(new_service):
    service = new_service()
    for _ in range(2):
        before = microseconds()
        began, ended = reloaded(service)
        assert before <= int(began["MONOTONIC_USEC"]) <= microseconds()
        assert began.at <= ended.at and "READY" not in began and "RELOADING" not in ended
        assert f"127.0.0.1:{service.port}" in ended["STATUS"]
        assert service.status() == 200


def test_a_reload_that_fails_says_so_and_is_over(new_service, tmp_path):
    config = tmp_path / "havocctl.conf"
    config.write_text("log-level = info\n")
    service = new_service("--config", str(config))
    config.write_text("log-level = info\nfoo = 1\n")
    _, ended = reloaded(service)
    status = ended["STATUS"] if "foo" in ended["STATUS"] else service.manager.status("foo")
    assert f"127.0.0.1:{service.port}" in status and service.status() == 200
    config.write_text("log-level = info\n")
    _, ended = reloaded(service)
    assert "foo" not in ended["STATUS"]


def test_stopping_is_said_before_the_end(new_service, ctl):
    service = new_service()
    with Held(ctl, service) as held:
        service.terminate()
        assert service.manager.said("STOPPING", "1").pid == service.process.pid
        assert service.process.poll() is None and not held.running.done()
        assert held.release().status_code == 200
    assert service.wait() == 0


def test_an_absent_database_is_a_status_and_no_end(new_service, new_database, cluster):
    url = new_database()
    service = new_service(url=url)
    with away(cluster, url):
        status = service.manager.status(ABSENT)
        assert status.startswith("Serving on ") and not status.endswith((ABSENT, ":", ": "))
        assert service.status() == 500
    service.wait_for(200)
    assert service.manager.status("Serving on ", but=ABSENT) in (
        note["STATUS"] for note in service.manager.notes if "READY" in note)
    assert not [note for note in service.manager.notes if note.fields.keys() & {"STOPPING", "RELOADING"}]
    assert not secrets.leaked(str(service.manager.notes)) and "postgresql://" not in status


def test_a_connection_that_was_cut_changes_nothing_for_long(new_service, new_database, cluster):
    url = new_database()
    service = new_service(url=url)
    cut(cluster, url)
    service.wait_for(200)

    def is_back() -> bool:
        service.manager.waiting()
        return ABSENT not in [note["STATUS"] for note in service.manager.notes if "STATUS" in note][-1]
    until(is_back, "every loop is connected again")
    service.terminate()
    service.manager.said("STOPPING")
    statuses = [note["STATUS"] for note in service.manager.notes if "STATUS" in note and "STOPPING" not in note]
    assert ABSENT not in statuses[-1], statuses


def test_nothing_else_is_started_with_the_socket(program, tmp_path):
    """Neither helpers nor commands tell a manager anything: only a server does."""
    manager = Manager()
    Ctl(program, None, NOTIFY_SOCKET=manager.address, WATCHDOG_USEC="1000").ok("version")
    assert manager.waiting() == []
    manager.close()
