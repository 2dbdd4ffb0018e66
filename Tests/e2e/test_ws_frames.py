"""Frames, RFC 6455 sections 5 and 6: what a socket reads, and what it fails with 1002 or 1009."""

import json
import secrets as random

import pytest

from support.api import bearer
from support.frames import (BINARY, CONTINUATION, MASK, PING, PONG, TEXT, CLOSE, Frame, FrameSocket,
                            frame)
from support.sockets import begin

LIMIT = 64 * 1024
KINDS = {"text": TEXT, "binary": BINARY, "close": CLOSE, "ping": PING, "pong": PONG}


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


def message(text: str = "hello", size: int = 0) -> bytes:
    """A message to the chat, blown up with blanks to this size."""
    return json.dumps({"message": text}).encode().ljust(size)


def said(got: Frame | None) -> str | None:
    """The text of a chat message, None for an error."""
    assert got is not None and got.opcode == TEXT and got.fin, got
    return json.loads(got.payload).get("message")


# name: bytes that break the protocol
FAULTS = {
    **{f"reserved bits {bits:03b} of {name}": frame(message(), opcode, rsv=bits)
       for bits in (1, 2, 4, 7) for name, opcode in KINDS.items() if opcode != CLOSE},
    "reserved bits of a Close frame": frame(b"\x03\xe8", CLOSE, rsv=4),
    "reserved bits of a continuation": frame(b'{"mess', fin=False) + frame(b'age":"x"}', CONTINUATION, rsv=4),
    **{f"opcode {opcode}": frame(message(), opcode) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "an unknown opcode within a message": frame(b'{"mess', fin=False) + frame(b"", 3),
    **{f"a fragment of a {name}": frame(b"\x03\xe8", KINDS[name], fin=False) for name in ("close", "ping", "pong")},
    **{f"a {name} of {size} bytes": frame(b"\x03\xe8" + b"x" * (size - 2), KINDS[name])
       for name in ("close", "ping", "pong") for size in (126, 65536)},
    "a short ping with a long length": frame(b"ping", PING, bits=16),
    "an unmasked text": frame(message(), mask=None),
    "an unmasked ping": frame(b"ping", PING, mask=None),
    "an unmasked Close frame": frame(b"\x03\xe8", CLOSE, mask=None),
    "an unmasked frame within a message": frame(b'{"mess', fin=False) + frame(b'age":"x"}', CONTINUATION, mask=None),
    "a continuation of nothing": frame(message(), CONTINUATION),
    "a continuation of nothing that goes on": frame(message(), CONTINUATION, fin=False),
    "a continuation after the end": frame(message()[:4], fin=False) + frame(message()[4:], CONTINUATION)
                                    + frame(b"", CONTINUATION),
    **{f"a {name} within a message": frame(b'{"mess', fin=False) + frame(message(), KINDS[name])
       for name in ("text", "binary")},
    **{f"a length of {length} in {bits} bits": frame(message("", length)[:length], bits=bits)
       for length, bits in ((16, 16), (125, 16), (16, 64), (125, 64), (126, 64), (65535, 64))},
    "a length with its top bit": frame(message(), bits=64, length=1 << 63),
    "the largest length": frame(message(), bits=64, length=(1 << 64) - 1)}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_1002(socket, fault):
    socket.send(fault)
    assert socket.ended() == 1002


@pytest.mark.parametrize("size", [16, 124, 125, 126, 127, 128, 65535, 65536])
@pytest.mark.parametrize("mask", [MASK, bytes(4), b"\xff" * 4, b"\x00\x00\x00\x01"])
def test_every_length(socket, size, mask):
    assert said(socket.exchange(frame(message(size=size), mask=mask))) == "hello"
    socket.assert_open()


def fragments(data: bytes, *sizes: int, opcode: int = TEXT) -> list[bytes]:
    """The data in frames of these sizes, and a last one of the rest."""
    pieces, start = [], 0
    for size in sizes:
        pieces.append(data[start:start + size])
        start += size
    pieces.append(data[start:])
    last = len(pieces) - 1
    return [frame(piece, CONTINUATION if number else opcode, fin=number == last)
            for number, piece in enumerate(pieces)]


OVER = {
    "one frame": [frame(message(size=LIMIT + 1))],
    "one frame of a megabyte": [frame(message(size=1 << 20))],
    "a binary one": [frame(bytes(LIMIT + 1), BINARY)],
    "the beginning of a frame": [frame(b"x", bits=64, length=LIMIT + 1)],
    "the beginning of the largest frame": [frame(b"x", bits=64, length=(1 << 63) - 1)],
    "two frames": fragments(message(size=LIMIT + 1), LIMIT),
    "a byte too many": fragments(message(size=LIMIT), LIMIT)[:1] + [frame(b" ", CONTINUATION)],
    "many frames": fragments(message(size=LIMIT + 1), *[1000] * 65)}


@pytest.mark.parametrize("pieces", OVER.values(), ids=OVER)
def test_1009_over_the_limit(socket, pieces):
    for piece in pieces:
        socket.send(piece)
    assert socket.ended() == 1009


@pytest.mark.parametrize("sizes", [
    (8,), (0,), (0, 0, 0), (1,) * 19, (19, 0), (19, 0, 0)], ids=str)
def test_fragments(socket, sizes):
    assert said(socket.exchange(b"".join(fragments(message(), *sizes)))) == "hello"
    socket.assert_open()


@pytest.mark.parametrize("size", range(0, LIMIT, 9973))
def test_fragments_up_to_the_limit(socket, size):
    assert said(socket.exchange(b"".join(fragments(message(size=LIMIT), size, 1)))) == "hello"


def test_pings_between_fragments_are_answered_at_once(socket):
    pieces = fragments(message(), 3, 4, 5)
    for number, piece in enumerate(pieces[:-1]):
        payload = b"%d" % number
        assert socket.exchange(piece + frame(payload, PING)) == Frame(PONG, payload)
    assert said(socket.exchange(frame(b"nobody asked", PONG) + pieces[-1])) == "hello"


@pytest.mark.parametrize("first", range(6))
def test_pings_of_every_size_come_back(socket, first):
    for size in range(first, 126, 6):
        payload = random.token_bytes(size)
        assert socket.exchange(frame(payload, PING)) == Frame(PONG, payload)


def test_pongs_are_ignored(socket):
    for payload in (b"", b"nobody asked", bytes(125)):
        socket.send(frame(payload, PONG))
    socket.assert_open()


@pytest.mark.parametrize("data", [
    frame(b""), frame(b"", BINARY), frame(b"\xff\x00", BINARY), frame(b"{"), frame(b"[1]"),
    b"".join(fragments(b"\x00\x01\x02", 1, 1, opcode=BINARY))],
    ids=["nothing", "binary nothing", "binary", "half JSON", "an array", "binary fragments"])
def test_what_is_no_message_is_an_error_and_no_end(socket, data):
    got = socket.exchange(data)
    assert said(got) is None and json.loads(got.payload)["error"]
    assert said(socket.exchange(frame(message()))) == "hello"


@pytest.mark.parametrize("size", [19, 200])
def test_byte_by_byte(socket, size):
    for byte in frame(b"slowly", PING) + frame(message(size=size)):
        socket.send(bytes([byte]))
    assert socket.receive() == Frame(PONG, b"slowly")
    assert said(socket.receive()) == "hello"


def test_many_frames_in_one_packet(socket):
    texts = [f"{number} {random.token_hex(2)}" for number in range(200)]
    socket.send(b"".join(frame(message(text)) for text in texts))
    assert [said(socket.receive()) for _ in texts] == texts


def test_frames_cut_anywhere(socket):
    """Packets that end within heads, masks and payloads."""
    texts = [str(number) * 60 for number in range(9)]
    data = b"".join(b"".join(fragments(message(text), number)) + frame(b"", PONG) for number, text in enumerate(texts))
    for start in range(0, len(data), 13):
        socket.send(data[start:start + 13])
    assert [said(socket.receive()) for _ in texts] == texts
