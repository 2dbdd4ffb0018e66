"""`database-replica` where the standby goes, comes back, is slow or isn't one: nobody notices."""

import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from support import dumps, secrets
from support.cluster import query
from support.load import QUICK, Load
from support.metrics import scrape
from support.microblog import FOLLOWERS, TWEETS
from support.ports import free_port
from support.program import until
from support.replicated import LATER, Reader, both, database, pages, reader, server, standby, through
from support.standby import Standby


# Where it is away

def reads(reader: Reader):
    """What goes to the standby where there is one."""
    paths = (LATER, f"{FOLLOWERS}{reader.member.id}/?limit=2&after=1", f"{TWEETS}?limit=2&before=999999")
    return lambda api, number: api.get(paths[number % len(paths)], headers=reader.member.headers)


def killed(standby: Standby) -> None:
    standby.kill9()


def stopped(standby: Standby) -> None:
    standby.stop()


def broken_off(standby: Standby) -> None:
    standby.stop("immediate")


@pytest.mark.parametrize("end", [killed, stopped, broken_off])
def test_it_goes_and_comes_back_and_nobody_notices(standby, reader, server, end):
    with Load(server.url, reads(reader), clients=3) as load:
        load.wait_for(10)
        end(standby)
        load.wait_for(30)
        assert scrape(server.url).samples("havocctl_mail_queue") and server.status() == 200
        standby.start()
        reader.reads_on(standby)
        load.wait_for(10)
    assert set(load.statuses) == {200} and not load.faults
    assert 'level=warning msg="standby lost"' in server.log() and 'msg="standby restored"' in server.log()


def test_it_is_away_at_the_start(standby, both, new_server, reader):
    standby.stop()
    server = new_server(*both.options)
    there = reader.elsewhere(server)
    for _ in range(10):
        assert there.reads()
    assert 'msg="standby lost"' in server.log()
    standby.start()
    there.reads_on(standby)


def test_it_falls_silent(standby, both, new_server, reader):
    """It takes what it is asked, and says nothing more."""
    server = new_server(*both.options)
    there = reader.elsewhere(server)
    assert there.reads()
    with standby.stunned():
        for _ in range(6):
            assert there.reads()
    there.reads_on(standby)


def test_it_is_too_far_behind(standby, both, new_server, reader):
    server = new_server(*both.options, "--threads", "1", "--database-replica-lag", "1s")
    there = reader.elsewhere(server)
    there.reads_on(standby)
    _, later = pages("followers", there)
    old = there.member.seen(later)
    standby.pause()
    reader.follower()
    until(lambda: there.member.seen(later) != old, "the primary is read")
    assert re.search(r'level=warning msg="standby left alone" cause="it is \d+ s behind', server.log())
    standby.resume()
    there.reads_on(standby)


def waits(standby: Standby, database: str) -> bool:
    """Whether a statement of the program's waits for a lock there."""
    return bool(query(through(database, standby.port), """
        SELECT FROM pg_stat_activity WHERE application_name = 'havocctl' AND wait_event_type = 'Lock'
          AND datname = current_database()"""))


def test_what_takes_too_long_there_is_read_here(standby, both, new_server, reader, database):
    """A lock that was replayed stays while replay is paused."""
    server = new_server(*both.options)
    there = reader.elsewhere(server)
    with psycopg.connect(database) as primary:
        primary.execute("LOCK TABLE friendship IN ACCESS EXCLUSIVE MODE")
        standby.pause()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(there.reads)

        def waiting() -> bool:
            nonlocal reading
            if reading.done():
                # It has waited and given up before anybody looked.
                assert reading.result()
                reading = pool.submit(there.reads)
            return waits(standby, database)
        until(waiting, "it waits there")
        assert reading.result()


def test_what_is_broken_off_for_what_is_replayed_is_read_nonetheless(standby, reader, database):
    with psycopg.connect(database) as first, psycopg.connect(database) as second, ThreadPoolExecutor(1) as pool:
        first.execute("LOCK TABLE friendship IN ACCESS EXCLUSIVE MODE")
        standby.follow()
        reading = pool.submit(reader.reads)
        until(lambda: waits(standby, database), "it waits there")
        # What waits has read some of this table.
        second.execute("LOCK TABLE account IN ACCESS EXCLUSIVE MODE")
        second.commit()
        until(lambda: "due to conflict with recovery" in standby.log(), "it is broken off")
        first.commit()
        assert reading.result()


# Where it isn't one

def test_an_address_of_several_takes_the_standby(standby, both, new_server, reader, database):
    several = through(database, f"{both.primary.port},127.0.0.1:{standby.port}")
    server = new_server(*QUICK, "--database-replica", several)
    there = reader.elsewhere(server)
    there.reads_on(standby)
    standby.stop()
    for _ in range(10):
        assert there.reads()


WRONG = {
    "a database that isn't there": lambda url, port: through(url, port) + "-not",
    "a database without the schema": lambda url, port: through(url, port).rpartition("/")[0] + "/postgres",
    "a password that is wrong":
        lambda url, port: through(url, port).replace("postgres@", f"guest:{secrets.password()}@"),
    "nobody there": lambda url, port: through(url, 1),
    "no address": lambda url, port: f"nonsense={secrets.password()}"}


@pytest.fixture(scope="module")
def guest(both) -> None:
    """A role that must say its password."""
    both.primary.execute(f"CREATE ROLE guest LOGIN PASSWORD '{secrets.password()}'")
    both.standby.follow()
    both.standby.demand_password("guest")


@pytest.mark.parametrize("wrong", WRONG)
def test_an_address_that_is_wrong_is_said_and_costs_nothing(standby, guest, new_server, reader, database, wrong):
    server = new_server(*QUICK, "--database-replica", WRONG[wrong](database, standby.port))
    there = reader.elsewhere(server)
    assert there.reads() and there.newcomer().get(LATER).status_code == 200
    said = [line for line in server.log().splitlines() if "level=warning" in line and "standby" in line]
    assert said and "cause=" in said[0], server.log()


# What `doctor` says of it.

def finding(ctl, address: str, *options: str) -> dict:
    found = ctl.run("-o", "json", "doctor", "--stun", "off", "--database-replica", address, *options).json()
    [one] = [row for row in found if row["check"] == "standby"]
    return one


def test_the_doctor_looks_at_it(standby, both, server, ctl, database):
    assert finding(ctl, both.replica)["result"] == "ok"
    # A server of a later time, whose last sign of life doesn't get there.
    dumps.run(database, "INSERT INTO server (id, seen) VALUES (gen_random_uuid(), now() + interval '10 minutes')")
    standby.pause()
    dumps.run(database, "UPDATE server SET seen = seen + interval '10 minutes' WHERE seen > now()")
    found = finding(ctl, both.replica)
    assert found["result"] == "failed" and found["detail"] == "595 s behind" and found["hint"]
    assert finding(ctl, both.replica, "--database-replica-lag", "1h")["result"] == "ok"
    dumps.run(database, "DELETE FROM server WHERE seen > now()")
    standby.resume()
    found = finding(ctl, database)
    assert found["result"] == "warning" and "isn't one" in found["detail"]
    found = finding(ctl, through(database, free_port()))
    assert found["result"] == "failed" and found["detail"]
    assert not [row for row in ctl.json("doctor", "--stun", "off") if row["check"] == "standby"]


def test_its_address_is_hidden(ctl):
    word = secrets.password()
    shown = ctl.json("config", "show", env={"HAVOCCTL_DATABASE_REPLICA": f"postgresql://guest:{word}@127.0.0.1/x"})
    [one] = [row for row in shown if row["key"] == "database-replica"]
    assert word not in one["value"] and one["value"] and one["origin"] == "HAVOCCTL_DATABASE_REPLICA"
