"""Signs of life for the service manager, which end where a loop hangs, and only there."""

import pytest

from support.api import Api
from support.away import away
from support.halted import Halted, threads
from support.held import Held
from support.load import Load
from support.notify import Service

# Milliseconds; a beat is due after half of them.
INTERVAL = 400
HUNG_SECONDS = 3 * INTERVAL / 1000


@pytest.fixture
def new_service(new_server):
    return lambda *options, watchdog=INTERVAL, **more: new_server(*options, kind=Service, watchdog=watchdog, **more)


def hangs(service: Service) -> None:
    service.manager.silence(HUNG_SECONDS)


def test_it_beats_twice_an_interval_and_no_more(new_service):
    service = new_service()
    beats = service.beats(10)
    assert {beat.pid for beat in beats} == {service.process.pid}
    assert beats[-1].at - beats[0].at > 9 * INTERVAL / 2 / 1000 * 0.8


@pytest.mark.parametrize("watched", ["$$", None], ids=["its own", "nobody's"])
def test_it_beats_where_the_watchdog_is_its_own(new_service, watched):
    assert new_service(watched=watched).beats(2)


def test_it_beats_for_nobody_else(new_service):
    other, own = new_service(watched="1"), new_service(watched="$$")
    own.beats(6)
    assert not [note for note in other.manager.waiting() + other.manager.notes if "WATCHDOG" in note]


@pytest.mark.parametrize("interval", ["0", "-5", "x", "", "99999999999999999999999"])
def test_an_interval_that_is_none(new_server, interval):
    own = new_server(kind=Service, watchdog=INTERVAL)
    other = new_server(kind=Service, WATCHDOG_USEC=interval)
    own.beats(6)
    assert not [note for note in other.manager.waiting() + other.manager.notes if "WATCHDOG" in note]
    assert other.status() == 200


def test_it_beats_while_the_database_is_away(new_service, new_database, cluster):
    url = new_database()
    service = new_service(url=url)
    with away(cluster, url):
        service.manager.status("the database is away")
        service.beats(8)
        assert service.status() == 500
    service.wait_for(200)
    service.beats(3)


@pytest.mark.parametrize("loops", [1, 3])
def test_a_main_loop_that_hangs_ends_it(new_service, loops):
    service = new_service("--threads", str(loops))
    service.beats(2)
    with Halted(service.process.pid):
        hangs(service)
    service.beats(2)


@pytest.mark.parametrize("number", [0, 1])
def test_any_loop_that_hangs_ends_it(new_service, number):
    service = new_service("--threads", "3")
    loops = threads(service.process.pid, "loop")
    assert len(loops) == 2
    service.beats(2)
    with Halted(loops[number]):
        hangs(service)
    service.beats(2)


def test_it_beats_while_it_finishes_what_runs(new_service, ctl):
    """A long end is no hang."""
    service = new_service()
    with Held(ctl, service) as held:
        service.terminate()
        service.manager.said("STOPPING")
        service.beats(5)
        assert held.release().status_code == 200
    assert service.wait() == 0


def test_it_beats_under_load_of_passwords(new_service, account):
    """They are hashed beside the loops."""
    service = new_service()
    with Load(service.url, lambda api, _: Api(api.url).login(account), clients=8) as load:
        load.wait_for(3)
        service.beats(5)
    assert not load.faults
