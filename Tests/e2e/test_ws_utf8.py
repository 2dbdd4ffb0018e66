"""Text is UTF-8, RFC 6455 section 8.1: what isn't fails with 1007, however it is cut."""

import json

import pytest

from support.api import bearer
from support.frames import BINARY, CONTINUATION, TEXT, FrameSocket, close_frame, frame
from support.sockets import begin

INVALID = {
    "a continuation byte alone": b"\x80", "the last one": b"\xbf",
    "FE": b"\xfe", "FF": b"\xff",
    "two bytes, overlong": b"\xc0\xaf", "two, overlong too": b"\xc1\xbf",
    "three bytes, overlong": b"\xe0\x80\xaf", "the largest of these": b"\xe0\x9f\xbf",
    "four bytes, overlong": b"\xf0\x80\x80\xaf", "the largest of those": b"\xf0\x8f\xbf\xbf",
    "an overlong NUL": b"\xc0\x80",
    "the first surrogate": b"\xed\xa0\x80", "the last surrogate": b"\xed\xbf\xbf",
    "a pair of surrogates": b"\xed\xa0\xbd\xed\xb8\x80",
    "over U+10FFFF": b"\xf4\x90\x80\x80", "far over": b"\xf7\xbf\xbf\xbf",
    "five bytes": b"\xf8\x88\x80\x80\x80", "six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "two bytes cut": b"\xc3", "three cut": b"\xe2\x82", "three cut early": b"\xe2",
    "four cut": b"\xf0\x9f\x98", "four cut early": b"\xf0",
    "Latin-1": "\u00e9t\u00e9".encode("latin-1"), "a bad second byte": b"\xe2\x28\xa1",
    "a bad third byte": b"\xe2\x82\x28", "a bad fourth byte": b"\xf0\x9f\x98\x28"}

# Of every length, and at the edges of each.
VALID = "a\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\U00010000\U0001f600\U0010ffff κόσμε e\u0301"


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--chat-rate=0")


@pytest.fixture(scope="module")
def talk(server, ctl):
    return begin(ctl, server)


@pytest.fixture
def socket(server, talk):
    with FrameSocket(server.address, talk.path, bearer(talk.one.access)) as made:
        yield made


def quoted(text: bytes) -> bytes:
    return b'{"message":"' + text + b'"}'


@pytest.mark.parametrize("bad", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("around", [
    lambda bad: bad, quoted, lambda bad: quoted(b"fine") + bad, lambda bad: quoted("κόσμε".encode() + bad)],
    ids=["alone", "within", "at the end", "after good ones"])
def test_in_one_frame(socket, bad, around):
    socket.send(frame(around(bad)))
    assert socket.ended() == 1007


@pytest.mark.parametrize("bad", INVALID.values(), ids=INVALID)
def test_cut_at_every_byte(server, talk, bad):
    for data in (quoted(bad), bad):
        for cut in range(len(data) + 1):
            with FrameSocket(server.address, talk.path, bearer(talk.one.access)) as socket:
                socket.send(frame(data[:cut], fin=False) + frame(data[cut:], CONTINUATION))
                assert socket.ended() == 1007, (data, cut)


@pytest.mark.parametrize("bad", INVALID.values(), ids=INVALID)
def test_a_fragment_a_byte(socket, bad):
    data = quoted(bad)
    for number in range(len(data)):
        socket.send(frame(data[number:number + 1], CONTINUATION if number else TEXT, fin=False))
    socket.send(frame(b"", CONTINUATION))
    assert socket.ended() == 1007


@pytest.mark.parametrize("bad", INVALID.values(), ids=INVALID)
def test_in_the_reason_of_a_close_frame(socket, bad):
    socket.send(close_frame(1000, b"why " + bad))
    assert socket.ended() == 1007


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_good_text_in_fragments(socket, size):
    """No cut within a character harms it."""
    data = quoted(VALID.encode())
    pieces = [data[start:start + size] for start in range(0, len(data), size)]
    for number, piece in enumerate(pieces):
        socket.send(frame(piece, CONTINUATION if number else TEXT, fin=number == len(pieces) - 1))
    assert json.loads(socket.receive().payload)["message"] == VALID


@pytest.mark.parametrize("character", VALID)
def test_every_good_character_cut_at_every_byte(socket, character):
    data = quoted(character.encode())
    for cut in range(len(data) + 1):
        got = socket.exchange(frame(data[:cut], fin=False) + frame(data[cut:], CONTINUATION))
        assert json.loads(got.payload)["message"] == character


def test_binary_is_not_looked_at(socket):
    for bad in INVALID.values():
        assert json.loads(socket.exchange(frame(bad, BINARY)).payload)["error"]
    socket.assert_open()
