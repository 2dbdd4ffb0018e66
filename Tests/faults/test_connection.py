"""The way to PostgreSQL is delayed, cut, held or lost: while it connects, while nothing runs, and under load."""

import pytest

from support.metrics import scrape
from support.program import until
from trouble.ledger import Counting, Ledger, Tweeter
from trouble.process import MEBIBYTE, assert_descriptors_come_back, descriptors, rss
from trouble.scale import scaled
from trouble.tcp_proxy import DOWN, FAULTS, LOUD, SILENT, Line
from trouble.writing import assert_away, assert_back, kinds, mended, moments


@pytest.fixture(autouse=True)
def as_before(proxy, far, member):
    with mended(proxy, far, member):
        yield


# While it connects

@pytest.mark.parametrize("fault, bytes_passed", moments([0, 1, 4, 200], held=4))
def test_while_it_connects(proxy, member, fault, bytes_passed):
    """Nothing but the beginning of PostgreSQL's first answers arrives."""
    def break_off(line: Line) -> None:
        if bytes_passed == 0:
            FAULTS[fault](line)
        else:
            line.limit(DOWN, bytes_passed, FAULTS[fault])
    proxy.greet = break_off
    proxy.each(Line.reset)
    assert_away(member)


def test_while_connections_are_refused(proxy, member):
    proxy.refuse()
    proxy.each(Line.reset)
    assert_away(member)


def test_while_connections_are_swallowed(proxy, member):
    proxy.blackhole()
    proxy.each(Line.reset)
    assert_away(member)


# While nothing runs

@pytest.mark.parametrize("fault", LOUD)
def test_idle_lines_that_break_cost_no_request(proxy, far, member, fault):
    """It has been told before the next request comes."""
    assert proxy.each(FAULTS[fault]) > 0
    for _ in range(2):
        # Every loop is asked, and so has had its turn since.
        scrape(far.url)
    until(lambda: len(proxy.lines) > 1, "it connects again by itself")
    assert (member.read(), member.write(member.key())) == (200, 201)


@pytest.mark.parametrize("fault", kinds("held", of=SILENT))
def test_idle_lines_that_fall_silent_are_left(proxy, member, fault):
    """New ones would be answered, so nobody has to end the old ones for it."""
    silent = set(proxy.lines)
    proxy.each(FAULTS[fault])
    member.write(member.key())
    member.read()
    assert_back(member)
    assert not proxy.traps and set(proxy.lines) - silent


# Under load

@pytest.mark.parametrize("fault", kinds("vanished", of=FAULTS))
def test_again_and_again_under_load(proxy, far, member, fault):
    writers = [Tweeter([far]) for _ in range(3)] + [Counting([far])]
    with Ledger(*writers) as ledger:
        for _ in range(scaled(5, 1) if fault in SILENT else scaled(20, 5)):
            ledger.wait_for(3)
            assert proxy.each(FAULTS[fault]) > 0
        ledger.wait_for(3)
    ledger.check(member.database)


@pytest.fixture(scope="module")
def patient(new_server, proxy, database):
    """As installed, so that what takes its time may."""
    return new_server("--chat-rate=0", url=proxy.url(database))


@pytest.mark.parametrize("up, down", [(0.1, 0), (0, 0.1), (0.05, 0.05)])
def test_delays_cost_time_and_nothing_else(proxy, patient, member, up, down):
    writers = [Tweeter([patient]), Counting([patient])]
    proxy.delay(up, down)
    with Ledger(*writers) as ledger:
        ledger.wait_for(scaled(20, 5))
    ledger.check(member.database)
    assert all(set(writer.statuses) == {201} for writer in writers), ledger.statuses()


def test_memory_and_descriptors_come_back(proxy, far, member, told):
    pid = far.process.pid
    assert_back(member)
    before, memory = descriptors(pid), rss(pid)
    with Ledger(*(Tweeter([far]) for _ in range(4))) as ledger:
        for _ in range(scaled(200, 10)):
            ledger.wait_for(1)
            proxy.each(Line.reset)
        ledger.wait_for(1)
    ledger.check(member.database)
    assert_descriptors_come_back(pid, before)
    assert rss(pid) < memory + 32 * MEBIBYTE
    told(f"RSS {memory // MEBIBYTE} MiB before, {rss(pid) // MEBIBYTE} after; {ledger.told()}")
