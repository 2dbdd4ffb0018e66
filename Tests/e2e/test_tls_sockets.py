"""wss://: chats and streams are what they are without TLS."""

import json
import random
import threading

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from support.api import Api, bearer, create_account
from support.frames import CLOSE, PING, PONG, Frame, close_frame, frame, handshake
from support.integers import join
from support.sockets import Chat, assert_closed, open_socket
from support.streams import MIB, close_code, frames, joined, publisher_path, received
from support.streams import open_socket as publish
from support.tls import TLSFrameSocket, TLSStage, TLSWire, talk_over
from support.wire import request


@pytest.fixture(scope="module")
def secure(new_secure):
    return new_secure("--chat-rate", "0")


@pytest.fixture
def talk(secure, ctl):
    return talk_over(secure, ctl)


@pytest.fixture
def stage(secure, ctl):
    token = secure.api.tokens(create_account(ctl, 1))["access_token"]
    with TLSStage(secure.api, token) as made:
        yield made


def opened(secure, talk, person=None) -> Chat:
    return talk.open(secure, person, ssl=secure.context)


def message(text: str) -> bytes:
    return frame(json.dumps({"message": text}).encode())


def text_of(got: Frame) -> str:
    return json.loads(got.payload)["message"]


def test_both_sides_hear_it(secure, talk):
    with opened(secure, talk) as one, opened(secure, talk, talk.other) as other:
        said = [one.say("hello"), other.say("hello yourself")]
        assert [other.read_to(said[-1]["id"]), one.read_to(said[-1]["id"])] == [[one["id"] for one in said]] * 2
    assert talk.texts() == ["hello", "hello yourself"]


def test_who_speaks_without_tls_is_one_of_them(secure, server, talk):
    with opened(secure, talk) as one, talk.open(server, talk.other) as other:
        assert other.say("from the other side")["id"] == one.next()["id"]


def test_a_stranger_is_refused_before_the_upgrade(secure, talk):
    with pytest.raises(InvalidStatus) as refused:
        open_socket(secure, talk.path, ssl=secure.context)
    assert refused.value.response.status_code == 401


def test_an_upgrade_of_a_connection_that_was_kept(secure, talk):
    with TLSWire(secure.door) as wire:
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
        wire.send(handshake(talk.path, bearer(talk.one.access)) + frame(b"still?", PING))
        assert wire.response().status == 101
        while len(wire.buffer) < 8 and wire._more():
            continue
        assert wire.buffer == bytes([0x80 | PONG, 6]) + b"still?"


def test_what_comes_behind_the_upgrade_in_one_go(secure, talk):
    texts = [f"{number} {'x' * number}" for number in range(100)]
    behind = b"".join(map(message, texts))
    with TLSFrameSocket(secure.door, talk.path, bearer(talk.one.access), behind) as socket:
        assert [text_of(socket.receive()) for _ in texts] == texts
        socket.assert_open()


def test_a_byte_in_each_record(secure, talk):
    with TLSFrameSocket(secure.door, talk.path, bearer(talk.one.access)) as socket:
        for byte in frame(b"slowly", PING) + message("slowly too"):
            socket.send(bytes([byte]))
        assert socket.receive() == Frame(PONG, b"slowly")
        assert text_of(socket.receive()) == "slowly too"


def test_pings_come_back(secure, talk):
    with opened(secure, talk) as chat:
        for size in (0, 1, 125):
            assert chat.connection.ping(b"p" * size).wait(60) is not None


def test_the_server_pings_and_gives_up(new_secure, talk):
    """Who no longer answers is gone, although the connection stands."""
    hasty = new_secure("--ping-interval", "1s")
    with TLSFrameSocket(hasty.door, talk.path, bearer(talk.one.access)) as socket:
        assert socket.receive().opcode == PING
        while (got := socket.receive()) is not None:
            assert got.opcode in (PING, CLOSE)
        assert socket.eof


@pytest.mark.parametrize("sent, code", [
    (close_frame(1000), 1000), (close_frame(4999, b"bye"), 4999), (close_frame(1005), 1002), (frame(b"", 3), 1002),
    (frame(b"\xff"), 1007), (frame(b"x", length=1 << 20, bits=64), 1009)])
def test_close_codes(secure, talk, sent, code):
    with TLSFrameSocket(secure.door, talk.path, bearer(talk.one.access)) as socket:
        socket.send(sent)
        assert socket.ended() == code


def test_who_vanishes_is_missed_by_nobody(secure, talk):
    with opened(secure, talk) as one:
        gone = TLSFrameSocket(secure.door, talk.path, bearer(talk.other.access))
        gone.socket.close()
        one.say("anybody?")
        one.say("hello?")
    assert talk.texts() == ["anybody?", "hello?"]


def test_revoking_the_session_closes_it(secure, talk, ctl):
    with opened(secure, talk) as mine, opened(secure, talk, talk.other) as theirs:
        ctl.ok("session", "revoke", "--user", talk.one.name, "--yes")
        assert_closed(mine)
        assert theirs.say("alone")["id"]


def test_the_end_of_the_server(new_secure, talk):
    server = new_secure()
    with talk.open(server, ssl=server.context) as chat:
        server.terminate()
        assert chat.closed() == 1001
    assert server.wait() == 0


def test_frames_of_every_length_are_whole_and_in_order(stage):
    publisher, watchers = stage.publish(), [stage.watch() for _ in range(3)]
    sent = frames(3)
    for one in sent:
        publisher.send(one)
    for watcher in watchers:
        assert received(watcher, len(sent)) == sent


def test_frames_of_a_mebibyte(stage):
    publisher, watchers = stage.publish(), [stage.watch(), stage.watch()]
    chance = random.Random(9)
    for sent in [chance.randbytes(MIB), "x" * (MIB - 4) + "😀"] * 4:
        publisher.send(sent)
        assert [watcher.recv(timeout=60) == sent for watcher in watchers] == [True, True]


def test_thousands_of_small_frames(stage):
    publisher, watcher = stage.publish(), stage.watch()
    count = 5_000
    feeding = threading.Thread(target=lambda: [publisher.send(str(number)) for number in range(count)])
    feeding.start()
    heard = received(watcher, count)
    feeding.join()
    assert heard == [str(number) for number in range(count)]


def test_both_ways_at_once(stage):
    publisher, watcher = stage.publish(), stage.watch()
    for number in range(100):
        publisher.send(f"{number}" * 500)
        watcher.send(f"re: {number}")
    assert received(watcher, 100) == [f"{number}" * 500 for number in range(100)]
    assert received(publisher, 100) == [f"re: {number}" for number in range(100)]


def test_a_watcher_within_tls_of_a_publisher_without(stage, server):
    with publish(Api(server.url), publisher_path(stage.id)) as publisher:
        watcher = stage.watch()
        joined(publisher, watcher)
        publisher.send(b"\0" * MIB)
        assert watcher.recv(timeout=60) == b"\0" * MIB


def test_a_watcher_that_sleeps_holds_nobody_up(stage):
    publisher, awake, asleep = stage.publish(), stage.watch(), stage.watch(max_queue=1)
    for number in range(48):
        sent = number.to_bytes(4, "big") * (MIB // 4)
        publisher.send(sent)
        assert awake.recv(timeout=60) == sent
    publisher.send("end")
    heard = []
    while (one := asleep.recv(timeout=60)) != "end":
        assert one == one[:4] * (MIB // 4), "a frame is mixed up"
        heard.append(int.from_bytes(one[:4], "big"))
    assert heard == sorted(set(heard)) and len(heard) < 48


def test_a_frame_over_the_limit(stage):
    publisher = stage.publish()
    publisher.send(b"\0" * MIB)
    joined_to = stage.watch()
    try:
        publisher.send(b"\0" * (MIB + 1))
    except ConnectionClosed:
        pass  # The server needn't read all of it to refuse it.
    assert close_code(publisher) == 1009
    assert close_code(joined_to) == 1000


def test_requests_go_on_beside_them(secure, stage):
    publisher, watcher = stage.publish(), stage.watch()
    owner = join(secure.api)
    for number in range(20):
        publisher.send(bytes([number]) * MIB)
        owner.keep("beside", [{"index": 0, "X": number, "q": 1}])
        assert watcher.recv(timeout=60) == bytes([number]) * MIB
        assert owner.integers("beside")[0]["X"] == number
