"""What one socket may cost: floods, readers that don't read, and clients that are no more."""

import json
import socket as network
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from support.api import Api, bearer, create_account
from support.frames import CLOSE, PING, PONG, TEXT, FrameSocket, frame
from support.program import until
from support.sockets import Person, Talk, begin, newcomer

RATE = 20
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def impatient(new_server):
    """Asks every three seconds whether the client is still there."""
    return new_server("--ping-interval=3s")


@pytest.fixture(scope="module")
def unhurried(new_server):
    """Lets everybody speak as fast as they can."""
    return new_server("--chat-rate=0")


@pytest.fixture
def talk(ctl, server):
    return begin(ctl, server)


def raw(server, talk: Talk, **options) -> FrameSocket:
    return FrameSocket(server.address, talk.path, bearer(talk.one.access), **options)


def message(text: str) -> bytes:
    return frame(json.dumps({"message": text}).encode())


def memory(server) -> int:
    """What the server holds, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


# Floods

def test_a_flood_is_slowed_and_nothing_lost(server, talk):
    texts = [str(number) for number in range(3 * RATE)]
    began = time.monotonic()
    with talk.open(server) as chat:
        for text in texts:
            chat.send(text)
        assert [chat.next()["message"] for _ in texts] == texts
    # The first 20 are free, the next 40 take two seconds.
    assert time.monotonic() - began > 1.5
    assert talk.texts() == texts


def test_who_speaks_slowly_is_not_slowed_by_a_flood(server, talk):
    def overtakes() -> bool:
        for number in range(3 * RATE):
            chat.send(str(number))
        other.say("let me speak")
        said = other.ids[-1]
        return said < [chat.next() for _ in range(3 * RATE + 1)][-1]["id"]

    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        # A flood takes two seconds, for which this test itself may be held up.
        assert any(overtakes() for _ in range(4))


@pytest.mark.slow
def test_a_flood_that_does_not_end_is_closed(server, talk):
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        sent = 0
        with pytest.raises(ConnectionClosed):
            while sent < 100_000:
                chat.send(str(sent))
                sent += 1
                time.sleep(0.005)
        assert chat.closed() == 1008
        stored = talk.texts()
        assert RATE <= len(stored) < sent and stored == [str(number) for number in range(len(stored))]
        assert set(chat.ids) <= set(other.read_to(talk.stored()[-1][0]))
        assert other.say("at last")["id"]
    with talk.open(server) as chat:
        assert chat.say("sorry")["id"]


@pytest.mark.parametrize("flood", [
    frame(bytes(125), PING) * 500, frame(b"x") * 5000, frame(b"x", PONG) * 5000,
    frame(b"", fin=False) + frame(b"", 0, fin=False) * 5000],
    ids=["pings", "what is no message", "pongs", "empty fragments"])
def test_a_flood_of_anything_else_is_bounded(server, talk, flood):
    """Nobody reads the answers; the server neither keeps them all nor stops serving others."""
    before = memory(server)
    with raw(server, talk) as pinger, talk.open(server, talk.other) as other:
        pinger.socket.settimeout(1)
        sent, deadline = 0, time.monotonic() + 2
        try:
            while sent < 32 * MEGABYTE and time.monotonic() < deadline and pinger.send(flood):
                sent += len(flood)
                other.connection.ping().wait(30)
        except TimeoutError:
            pass  # It isn't read any more, which is a bound too.
        assert memory(server) - before < 16 * MEGABYTE
        assert other.say("is anybody there?")["id"]


def test_more_than_64_kib_is_1009(server, talk):
    with talk.open(server) as chat:
        assert chat.say("before")["id"]
        chat.connection.send(json.dumps({"message": "x", "more": "x" * 70_000}))
        assert chat.closed() == 1009
    assert talk.texts() == ["before"]


# Readers

def sleeper(server, talk: Talk) -> FrameSocket:
    """One with a small window, so that little waits on its side."""
    made = raw(server, talk)
    made.socket.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 64 * 1024)
    return made


def test_a_slow_reader_is_closed_and_catches_up(unhurried, server, ctl):
    talk = begin(ctl, server)
    texts = [f"{number:05}" + "\U0001f600" * 3995 for number in range(600)]
    with sleeper(unhurried, talk) as slow, talk.open(unhurried, talk.other) as other:
        for text in texts:
            assert other.say(text)["id"]  # Nobody waits for the sleeper.
        heard, last = [], None
        while (got := slow.receive()) is not None:
            if got.opcode == TEXT:
                heard.append(json.loads(got.payload))
            elif got.opcode == CLOSE:
                last = got.code
        assert last == 1013
        # What it got before has no gap, and the replay has the rest.
        assert heard == other.seen[:len(heard)] and len(heard) < len(texts)
        with talk.open(unhurried, after=heard[-1]["id"] if heard else 0) as again:
            again.read_to(other.ids[-1])
            assert heard + again.seen == other.seen
    assert talk.texts() == texts


@pytest.mark.parametrize("speakers, each", [(1, 200), (8, 20)])
def test_a_burst_of_long_messages_closes_nobody_who_reads(unhurried, server, ctl, speakers, each):
    """However many are stored together."""
    talk = begin(ctl, server)
    chats = [talk.open(unhurried) for _ in range(speakers)]
    with talk.open(unhurried, talk.other) as other:
        for number in range(each):
            for chat in chats:
                chat.send(f"{number:05}" + "\U0001f600" * 3995)
        for chat in (other, *chats):
            while len(chat.seen) < speakers * each:
                chat.next()
            assert chat.seen == other.seen
            chat.connection.close()


def test_a_reader_that_never_reads_costs_little(unhurried, server, ctl):
    talk = begin(ctl, server)
    with talk.open(unhurried, talk.other) as other:
        other.say("first")
        before = memory(unhurried)
        sleepers = [sleeper(unhurried, talk) for _ in range(8)]
        for number in range(400):
            other.say(f"{number:05}" + "\U0001f600" * 3995)
        assert memory(unhurried) - before < 40 * MEGABYTE
        for one in sleepers:
            one.socket.close()


def test_a_reader_with_pauses_misses_nothing(unhurried, server, ctl):
    talk = begin(ctl, server)
    with sleeper(unhurried, talk) as slow, talk.open(unhurried, talk.other) as other:
        for number in range(120):
            other.say(f"{number}" * 100)
            if number % 40 == 39:
                heard = 0
                while heard < 40:
                    got = slow.receive()
                    heard += got.opcode == TEXT
                    if got.opcode == PING:
                        slow.send(frame(got.payload, PONG))
        assert json.loads(got.payload) == other.seen[-1]


# Clients

@pytest.mark.slow
def test_a_client_that_vanished_is_cut_off(impatient, api, ctl, server):
    """It answers no ping: after two of them it's gone, and nobody is connected by it any more."""
    account = create_account(ctl, 1)
    ghost = Person(account, api.tokens(account)["access_token"], "")
    talk = begin(ctl, server, ghost, newcomer(ctl, server))
    began = time.monotonic()
    with raw(impatient, talk) as vanished:
        assert is_connected(api, talk)
        pings = 0
        while (got := vanished.receive()) is not None:
            pings += got.opcode == PING
        assert vanished.eof and pings == 2
        assert 5 < time.monotonic() - began < 60
        until(lambda: not is_connected(api, talk), "it counts no more")


def is_connected(api: Api, talk: Talk) -> bool:
    answer = api.get(f"/conversations/{talk.id}/", talk.other.access)
    return answer.json()["initiator"]["is_connected"]


@pytest.mark.slow
def test_a_client_that_answers_stays(impatient, server, ctl):
    """One by the library's own pongs, one by pongs that nobody asked for, one by what it says."""
    talk = begin(ctl, server)
    with talk.open(impatient) as library, raw(impatient, talk) as unasked, raw(impatient, talk) as talker:
        while len(library.seen) < 24:
            time.sleep(0.5)
            assert unasked.send(frame(b"here", PONG)) and talker.send(message("here"))
            library.next()
        for chat in (unasked, talker):
            chat.send(message("still"))
        assert [library.next()["message"] for _ in range(2)] == ["still"] * 2
