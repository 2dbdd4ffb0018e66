"""The end of a connection, RFC 6455 section 7: codes, reasons, and who closes what."""

import json
import secrets as random
import socket as network
import struct
import time

import pytest

from support.api import bearer
from support.frames import CLOSE, CONTINUATION, PING, FrameSocket, close_frame, frame, handshake
from support.program import until
from support.sockets import begin, open_socket
from support.wire import Wire

VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999]
INVALID = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 65535]


@pytest.fixture(scope="module")
def talk(server, ctl):
    return begin(ctl, server)


@pytest.fixture
def socket(server, talk):
    with FrameSocket(server.address, talk.path, bearer(talk.one.access)) as made:
        yield made


def message(text: str) -> bytes:
    return frame(json.dumps({"message": text}).encode())


def assert_never_stored(server, talk, *texts: str) -> None:
    """They are not there once a later message is."""
    with talk.open(server) as chat:
        chat.say(random.token_hex(4))
    assert not set(texts) & set(talk.texts())


@pytest.mark.parametrize("reason", [b"", b"good night", "½ κόσμε".encode(), b"r" * 123], ids=len)
@pytest.mark.parametrize("code", VALID)
def test_a_close_frame_is_answered_with_its_code(socket, code, reason):
    socket.send(close_frame(code, reason))
    assert socket.ended() == code


def test_one_without_a_code(socket):
    socket.send(close_frame())
    assert socket.ended() in (None, 1000)


@pytest.mark.parametrize("code", INVALID)
def test_a_code_that_must_not_be_sent(socket, code):
    socket.send(close_frame(code))
    assert socket.ended() == 1002


def test_half_a_code(socket):
    socket.send(frame(b"\x03", CLOSE))
    assert socket.ended() == 1002


def test_within_a_message(server, talk, socket):
    text = random.token_hex(8)
    whole = json.dumps({"message": text}).encode()
    socket.send(frame(whole[:20], fin=False) + close_frame(1000) + frame(whole[20:], CONTINUATION))
    assert socket.ended() == 1000
    assert_never_stored(server, talk, text)


@pytest.mark.parametrize("ending, code", [
    (close_frame(1000), 1000), (frame(b"", 3), 1002), (frame(b"\xff"), 1007), (frame(length=1 << 20, bits=64), 1009)],
    ids=["closed", "1002", "1007", "1009"])
def test_what_comes_after_the_end_is_ignored(server, talk, socket, ending, code):
    early, late = random.token_hex(8), random.token_hex(8)
    socket.send(message(early) + ending + message(late) + frame(b"", PING))
    assert socket.ended() == code
    until(lambda: early in talk.texts(), "what came before it")
    assert_never_stored(server, talk, late)


def test_a_library_closes_in_good_order(server, talk):
    connection = open_socket(server, talk.path, talk.one.access)
    connection.close(4321, "good night")
    assert (connection.close_code, connection.protocol.close_rcvd.code) == (4321, 4321)


@pytest.mark.parametrize("last", [b"", frame(b'{"message":"half', fin=False), message("half")[:9], b"\x81"],
                         ids=["between frames", "between fragments", "within a frame", "within a head"])
@pytest.mark.parametrize("how", ["end", "reset"])
def test_a_client_that_hangs_up_is_let_go(server, ctl, last, how):
    talk = begin(ctl, server)
    with talk.open(server, talk.other) as other:
        socket = FrameSocket(server.address, talk.path, bearer(talk.one.access))
        until(lambda: sockets_of(ctl, talk.one) == 1, "it is counted")
        socket.send(last)
        if how == "end":
            socket.socket.shutdown(network.SHUT_WR)
            while socket.receive() is not None:
                continue
            assert socket.eof
        else:
            socket.socket.setsockopt(network.SOL_SOCKET, network.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket.close()
        until(lambda: sockets_of(ctl, talk.one) == 0, "it is gone")
        assert other.say("still here")["id"]
    assert talk.texts() == ["still here"]


def test_who_hangs_up_at_once_is_not_counted(server, ctl):
    """Before, during or after the answer to the handshake."""
    talk = begin(ctl, server)
    for _ in range(20):
        with Wire(server.address) as wire:
            wire.send(handshake(talk.path, bearer(talk.one.access)))
    with talk.open(server) as chat:
        assert chat.say("here")["id"]
        until(lambda: sockets_of(ctl, talk.one) == 1, "only one is counted")


def sockets_of(ctl, person) -> int:
    return sum(row["sockets"] for row in ctl.json("session", "list", "--user", person.name))


@pytest.mark.slow
def test_who_does_not_answer_a_close_frame_is_cut_off(server, ctl):
    """Whoever is told to go and keeps sending doesn't stay."""
    talk = begin(ctl, server)
    with FrameSocket(server.address, talk.path, bearer(talk.one.access)) as socket:
        ctl.ok("session", "revoke", "--user", talk.one.name, "--yes")
        until(lambda: (got := socket.receive()) and got.opcode == CLOSE, "the Close frame")
        began = time.monotonic()
        while socket.send(frame(b"", PING)) and time.monotonic() - began < 60:
            time.sleep(0.2)
        assert not socket.send(frame(b"", PING)), "it is still connected"
