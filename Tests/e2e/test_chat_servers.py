"""One conversation on several servers: one order for all, and nothing lost when one of the parts breaks."""

import signal

import pytest

from support.api import Api, bearer, create_account
from support.cluster import Cluster
from support.crowd import LISTENERS, Crowd, terminate
from support.frames import CLOSE, FrameSocket
from support.program import Ctl, until
from support.server import Server, end
from support.sockets import Person, begin, newcomer

FREE = "--chat-rate=0"


@pytest.fixture(scope="module")
def servers(new_server):
    return [new_server(FREE) for _ in range(2)]


@pytest.fixture
def talk(ctl, servers):
    return begin(ctl, servers[0])


@pytest.fixture
def mortal(new_server):
    """One that a test may end."""
    return new_server(FREE)


def test_what_one_server_is_told_all_say(servers, talk):
    with talk.open(servers[0]) as here, talk.open(servers[1], talk.other) as there, talk.open(servers[1]) as also:
        for number in range(10):
            said = (here if number % 2 else there).say(f"{number}")
            for chat in (here, there, also):
                chat.read_to(said["id"])
        assert here.seen == there.seen == also.seen and len(here.seen) == 10


def test_one_order_for_all(servers, talk):
    with Crowd(talk, servers, each=2) as crowd:
        crowd.wait_for(40)
    crowd.check(servers[0])
    assert sum(speaker.errors for speaker in crowd.speakers) == 0
    assert [speaker.visits for speaker in crowd.speakers] == [1] * 8


def test_replay_and_live_meet_without_a_gap(servers, talk):
    """Who leaves and comes back on the other server, again and again, misses nothing."""
    with Crowd(talk, servers[:1], each=2, restless=True, refuge=servers[1]) as crowd:
        crowd.wait_for(30)
    crowd.check(servers[1])
    assert sum(speaker.errors for speaker in crowd.speakers) == 0
    assert min(speaker.visits for speaker in crowd.speakers) >= 10


def test_a_server_that_was_not_notified_catches_up(servers, talk, database):
    """The connections that hear of messages are cut while messages flow."""
    with Crowd(talk, servers) as crowd:
        for _ in range(5):
            crowd.wait_for(10)
            until(lambda: terminate(database, LISTENERS), "there is one that listens")
        crowd.wait_for(10)
    crowd.check(servers[0])


def test_it_catches_up_without_another_message(servers, talk, database):
    """Nothing but the reconnection itself tells of what came meanwhile."""
    with talk.open(servers[0]) as here, talk.open(servers[1], talk.other) as there:
        for number in range(5):
            until(lambda: terminate(database, LISTENERS), "there is one that listens")
            said = here.say(f"{number}")
            there.read_to(said["id"])
    assert here.seen == there.seen


def test_every_connection_to_the_database_cut(servers, talk, database):
    with Crowd(talk, servers) as crowd:
        for _ in range(4):
            crowd.wait_for(5)
            assert terminate(database) > 0
        crowd.wait_for(10)
    crowd.check(servers[0])
    assert [speaker.visits for speaker in crowd.speakers] == [1] * 4, "sockets were closed"


def test_a_burst_of_long_messages_on_one_server_closes_nobody_on_the_other(servers, talk):
    """What was stored together is read together, and still fits who reads it at once."""
    with talk.open(servers[0]) as chat, talk.open(servers[1], talk.other) as there, talk.open(servers[1]) as also:
        for number in range(300):
            chat.send(f"{number:05}" + "\U0001f600" * 3995)
        last = [chat.next() for _ in range(300)][-1]["id"]
        assert there.read_to(last) == also.read_to(last) == chat.ids


def test_a_server_that_stood_still_catches_up(servers, mortal, talk):
    """And closes nobody for what it has to tell them all at once."""
    with talk.open(servers[0]) as chat, talk.open(mortal, talk.other) as other:
        chat.say("before")
        mortal.process.send_signal(signal.SIGSTOP)
        for number in range(300):
            chat.say(f"{number:05}" + "\U0001f600" * 3995)
        mortal.process.send_signal(signal.SIGCONT)
        assert other.read_to(chat.ids[-1]) == chat.ids


def test_kill_9_of_one_server(servers, mortal, talk):
    """Its people come again elsewhere; the others notice nothing."""
    with Crowd(talk, servers) as others, Crowd(talk, [mortal], refuge=servers[1]) as crowd:
        crowd.wait_for(15)
        mortal.kill9()
        others.wait_for(15)
        crowd.wait_for(15)
    for each in (others, crowd):
        each.check(servers[1])
    assert sum(speaker.errors for speaker in others.speakers) == 0
    assert [speaker.visits for speaker in others.speakers] == [1] * 4
    assert all(speaker.visits >= 2 for speaker in crowd.speakers)


@pytest.mark.slow
def test_a_killed_server_s_sockets_connect_nobody(servers, mortal, ctl):
    api = Api(servers[0].url)
    account = create_account(ctl, 1)
    quiet = Person(account, api.tokens(account)["access_token"], "")
    talk = begin(ctl, servers[0], quiet, newcomer(ctl, servers[0]))

    def seen() -> tuple[bool, int]:
        shown = api.get(f"/conversations/{talk.id}/", talk.other.access).json()["initiator"]["is_connected"]
        return shown, sum(row["sockets"] for row in ctl.json("session", "list", "--user", quiet.name))

    with talk.open(mortal):
        assert seen() == (True, 1)
        mortal.kill9()
        until(lambda: seen() == (False, 0), "its sockets are forgotten within 30 seconds", 40)


def test_sigterm_closes_with_1001(servers, mortal, talk):
    idle, speaking, stays = talk.open(mortal), talk.open(mortal, talk.other), talk.open(servers[0])
    with idle, speaking, stays, FrameSocket(mortal.address, talk.path, bearer(talk.one.access)) as mute:
        speaking.say("last words")
        mortal.stop()
        assert [idle.closed(), speaking.closed()] == [1001, 1001]
        # Who doesn't answer the Close frame has been told, and has kept nobody from ending.
        while (got := mute.receive()).opcode != CLOSE:
            continue
        assert got.code == 1001
        assert stays.say("go on")["id"] and talk.texts() == ["last words", "go on"]
    shown = Api(servers[0].url).get(f"/conversations/{talk.id}/", talk.one.access).json()
    assert [message["message"] for message in shown["message_set"]] == ["last words", "go on"]


def test_sigterm_in_the_middle_of_a_crowd(servers, mortal, talk):
    with Crowd(talk, [mortal], refuge=servers[0]) as crowd, Crowd(talk, servers) as others:
        crowd.wait_for(15)
        mortal.stop()
        crowd.wait_for(15)
        others.wait_for(5)
    for each in (crowd, others):
        each.check(servers[1])
    assert sum(speaker.errors for speaker in others.speakers) == 0


# PostgreSQL goes away

@pytest.fixture
def shaky(program):
    """A cluster and two servers of their own, to be broken."""
    with Cluster() as cluster:
        ctl = Ctl(program, cluster.create("shaky"))
        servers = [Server(program, ctl.database, FREE).start() for _ in range(2)]
        yield cluster, ctl, servers
        end(servers)


def test_the_database_stops_and_comes_back_under_open_sockets(shaky):
    cluster, ctl, servers = shaky
    talk = begin(ctl, servers[0])
    with talk.open(servers[1], talk.other) as quiet, Crowd(talk, servers) as crowd:
        crowd.wait_for(10)
        for way in (lambda: cluster.stop("immediate"), cluster.kill9):
            way()
            until(lambda: servers[0].status() == servers[1].status() == 500, "the loss is noticed")
            assert quiet.connection.ping().wait(30), "a socket without its database doesn't live"
            cluster.start()
            crowd.wait_for(10)
        for speaker in crowd.speakers:
            speaker.stopping.set()
            speaker.join()
        last = talk.stored()[-1][0]
        assert quiet.read_to(last) == [number for number, _, _ in talk.stored()]
        assert [speaker.visits for speaker in crowd.speakers] == [1] * 4, "sockets were closed"
    crowd.check(servers[0])
