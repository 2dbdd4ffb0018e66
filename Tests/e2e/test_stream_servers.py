"""Streams over several servers: the publisher on one, watchers on others, and what death ends."""

import threading

import pytest

from support.api import Api, assert_detail
from support.program import rows, until
from support.streams import (
    BROKEN, MIB, Stage, active, close_code, ended, frames, joined, live, publisher_path, received,
    row, shows, started, status_of)

# How long a dead server's streams may look alive.
MOURNING_SECONDS = 45


@pytest.fixture(scope="module")
def apis(servers) -> list[Api]:
    return [Api(server.url) for server in servers]


@pytest.fixture(scope="module")
def owner(apis, user) -> str:
    return apis[0].tokens(user)["access_token"]


@pytest.fixture(scope="module")
def coach(apis, admin) -> str:
    return apis[1].tokens(admin)["access_token"]


@pytest.fixture
def stage(apis, owner):
    with Stage(apis[0], owner) as made:
        yield made


@pytest.mark.parametrize("publisher_on", [0, 1])
def test_frames_reach_watchers_on_every_server(apis, stage, coach, ctl, publisher_on):
    publisher = stage.publish(apis[publisher_on])
    watchers = [stage.watch(token, api) for api in apis for token in (None, coach)]
    joined(publisher, *watchers)
    for seed in range(3):
        sent = frames(seed)
        for frame in sent:
            publisher.send(frame)
        for watcher in watchers:
            assert received(watcher, len(sent)) == sent
    shows(ctl, stage.id, watchers=4, dropped=0)


def test_frames_of_the_largest_size_cross(apis, stage):
    publisher, near, far = stage.publish(), stage.watch(), stage.watch(api=apis[1])
    joined(publisher, near, far)
    for number in range(12):
        frame = bytes([number]) * MIB if number % 2 else chr(65 + number) * MIB
        publisher.send(frame)
        assert [one.recv(timeout=60) == frame for one in (near, far)] == [True, True]


def test_words_come_back_from_the_other_server(apis, stage, coach):
    publisher, near, far = stage.publish(), stage.watch(), stage.watch(coach, apis[1])
    joined(publisher, near, far)
    for number in range(20):
        far.send(f"far {number} ä€😀")
        near.send(f"near {number}")
    heard = received(publisher, 40)
    assert [one for one in heard if one.startswith("far")] == [
        f"far {number} ä€😀" for number in range(20)]
    assert [one for one in heard if one.startswith("near")] == [
        f"near {number}" for number in range(20)]


def test_it_opens_once_on_all_servers(apis, owner):
    with Stage(apis[0], owner) as stage:
        stage.publish(apis[1])
        assert [status_of(api, publisher_path(stage.id)) for api in apis] == [409, 409]
    until(lambda: [status_of(api, publisher_path(stage.id)) for api in apis] == [404, 404],
          "it is over everywhere")


def test_openers_on_both_servers_at_once(apis, owner):
    for _ in range(10):
        stream = started(apis[0], owner)
        barrier, statuses = threading.Barrier(6), []

        def race(number: int, stream=stream, barrier=barrier, statuses=statuses) -> None:
            barrier.wait()
            statuses.append(status_of(apis[number % 2], publisher_path(stream)))

        racers = [threading.Thread(target=race, args=(number,)) for number in range(6)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert statuses.count(101) == 1 and set(statuses) <= {101, 404, 409}, statuses


@pytest.mark.parametrize("how", ["close", "rest", "admin", "command line"])
def test_an_end_reaches_every_server(apis, stage, owner, coach, ctl, how):
    publisher = stage.publish()
    watchers = [stage.watch(), stage.watch(api=apis[1]), stage.watch(coach, apis[1])]
    joined(publisher, *watchers)
    if how == "close":
        publisher.close()
    elif how == "command line":
        assert rows(ctl.json("stream", "end", stage.id, "--yes"))[0]["changed"] is True
    else:
        assert ended(apis[1], owner if how == "rest" else coach, stage.id).status_code == 200
    assert [close_code(one) for one in (publisher, *watchers)] == [1000] * 4
    for api in apis:
        until(lambda api=api: stage.id not in active(api, owner), "it is over")
        assert_detail(ended(api, owner, stage.id), 404)


def test_a_revoked_session_closes_on_every_server(apis, account, coach, ctl):
    token = apis[0].tokens(account)["access_token"]
    with Stage(apis[0], token) as stage:
        publisher, near = stage.publish(apis[1]), stage.watch()
        far, other = stage.watch(api=apis[1]), stage.watch(coach)
        joined(publisher, near, far, other)
        ctl.ok("session", "revoke", "--user", account.username, "--yes")
        assert [close_code(one) for one in (publisher, near, far)] == [1008] * 3
        assert close_code(other) == 1000
        assert stage.id not in live(ctl)


def test_a_sleeper_on_the_other_server_holds_nobody_up(apis, stage, coach, ctl):
    publisher, near = stage.publish(), stage.watch()
    far, asleep = stage.watch(api=apis[1]), stage.sleeper(coach, apis[1])
    joined(publisher, near, far, asleep)
    for number in range(48):
        frame = bytes([number]) * MIB
        publisher.send(frame)
        assert [one.recv(timeout=60) == frame for one in (near, far)] == [True, True]
    publisher.send("end")
    heard = []
    while (frame := asleep.recv(timeout=60)) != "end":
        assert frame == frame[:1] * MIB, "a frame is mixed up"
        heard.append(frame[0])
    assert heard == sorted(set(heard)) and heard[-1] == 47
    assert len(heard) <= 24, "far more than 4 MiB waited"
    shows(ctl, stage.id, dropped=48 - len(heard), watchers=3)
    until(lambda: row(ctl, stage.id)["frames"] > 48, "every frame is counted")


@pytest.mark.slow
def test_a_watchers_server_may_die(new_server, apis, stage, ctl):
    mortal = new_server()
    publisher, near, doomed = stage.publish(), stage.watch(), stage.watch(api=Api(mortal.url))
    joined(publisher, near, doomed)
    shows(ctl, stage.id, watchers=2)
    mortal.kill9()
    assert close_code(doomed) == BROKEN
    for number in range(20):
        publisher.send(str(number))
    assert received(near, 20) == [str(number) for number in range(20)]
    until(lambda: row(ctl, stage.id)["watchers"] == 1, "the dead are not counted", MOURNING_SECONDS)
    assert stage.id in live(ctl)


@pytest.mark.slow
def test_a_publishers_server_may_die(new_server, apis, owner, coach, ctl):
    mortal = new_server()
    with Stage(apis[0], owner) as stage:
        publisher = stage.publish(Api(mortal.url))
        near, doomed = stage.watch(), stage.watch(api=Api(mortal.url))
        far = stage.watch(coach, apis[1])
        joined(publisher, near, doomed, far)
        mortal.kill9()
        assert [close_code(one) for one in (publisher, doomed)] == [BROKEN, BROKEN]
        assert [close_code(one) for one in (near, far)] == [1000, 1000]
        until(lambda: stage.id not in live(ctl), "it is over", MOURNING_SECONDS)
        for api in apis:
            assert stage.id not in active(api, owner)
            assert status_of(api, publisher_path(stage.id)) == 404
        assert row(ctl, stage.id)["watchers"] == 0


def test_a_server_that_ends_well_ends_its_streams(new_server, apis, owner, coach, ctl):
    leaving = new_server()
    with Stage(apis[0], owner) as stage:
        publisher, near = stage.publish(Api(leaving.url)), stage.watch()
        there, far = stage.watch(api=Api(leaving.url)), stage.watch(coach, apis[1])
        joined(publisher, near, there, far)
        leaving.terminate()
        assert [close_code(one) for one in (publisher, there)] == [1001, 1001]
        assert [close_code(one) for one in (near, far)] == [1000, 1000]
        assert leaving.wait() == 0
        assert stage.id not in live(ctl)
