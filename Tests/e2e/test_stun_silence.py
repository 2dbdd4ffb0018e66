"""Datagrams that the STUN server leaves without an answer, and what it makes of random ones."""

import random
import struct

import pytest

from support import stun
from support.ports import free_ports
from support.stun import Udp
from support.stun_message import (
    ERROR, FINGERPRINT, INDICATION, LARGEST, REQUEST, SUCCESS, XOR_MAPPED_ADDRESS, attribute,
    fingerprint, message, old_transaction, signed)

# Of protocols that may come to a wrong port.
FOREIGN = {
    "DNS": bytes.fromhex("1b2a01000001000000000000076578616d706c65036f72670000010001"),
    "DTLS": bytes.fromhex("16fefd0000000000000000002c010000200000000000000020") + bytes(32),
    "RTP": bytes.fromhex("8000123400005678deadbeef") + bytes(160),
    "TURN data": bytes.fromhex("4000000c") + b"channel data",
    "QUIC": bytes.fromhex("c300000001088394c8f03e5157080000449e") + bytes(1182),
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "SIP": b"OPTIONS sip:somebody@example.org SIP/2.0\r\n\r\n",
    "text": "Is anybody there? …".encode(),
    "zeros": bytes(20), "more zeros": bytes(1200), "ones": b"\xff" * 28}


@pytest.fixture(scope="module")
def address(new_server):
    address = ("127.0.0.1", free_ports()[0])
    new_server("--stun", stun.text(address), "--stun-rate", "0")
    return address


@pytest.fixture
def client(address):
    with Udp(address) as made:
        yield made


@pytest.mark.parametrize("kind", [INDICATION, SUCCESS, ERROR], ids=["indication", "success", "error"])
def test_other_classes(client, kind):
    mapped = attribute(XOR_MAPPED_ADDRESS, b"\0\1" + bytes(6))
    client.assert_silence(
        message(kind=kind), signed(message(kind=kind)), message(mapped, kind=kind),
        message(kind=kind, transaction=old_transaction()), message(attribute(0x7FFF), kind=kind))


def test_every_type_but_one(client):
    """Other methods, other classes, and what says with its first two bits that it isn't STUN."""
    rest = message()[2:]
    client.assert_silence(*(
        struct.pack("!H", kind) + rest for kind in range(0x10000) if kind != REQUEST))


@pytest.mark.parametrize("attributes", [[], [attribute(0x8000, b"some")], [attribute(0x7FFF)]],
                         ids=["nothing else", "optional", "unknown"])
@pytest.mark.parametrize("value", [
    bytes(4), b"\xff" * 4, fingerprint(b"something else")[4:], b"", b"\0", bytes(8), bytes(400)],
    ids=lambda value: f"{len(value)} {value[:4].hex()}")
def test_a_wrong_fingerprint(client, attributes, value):
    behind = attribute(FINGERPRINT, value)
    client.assert_silence(
        message(*attributes, behind), message(*attributes, behind, attribute(0x8000)),
        message(*attributes, behind, transaction=old_transaction()))


def test_any_bit_turned_over_that_a_fingerprint_covers(client):
    data = signed(message(attribute(0x8000, b"some")))
    # All but the heads of its two attributes, which would make others of them.
    covered = [*range(20), *range(24, 28), *range(32, 36)]
    turned = [bytearray(data) for _ in covered for _ in range(8)]
    for one, (byte, bit) in zip(turned, ((byte, bit) for byte in covered for bit in range(8))):
        one[byte] ^= 1 << bit
    client.assert_silence(*map(bytes, turned))


def test_a_length_that_is_not_the_datagram_s(client):
    body = attribute(0x8000, b"some")
    wrong = [message(body, length=length) for length in range(100) if length != len(body)]
    wrong += [message(body, length=length) for length in (256, 4096, 65532, 65535)]
    wrong += [data[:size] for data in (message(body), signed(message(body))) for size in range(len(data))]
    client.assert_silence(*wrong, *(message(body) + bytes(more) for more in range(1, 40)))


def test_a_length_that_is_no_multiple_of_four(client):
    client.assert_silence(*(
        message(bytes(size), transaction=transaction)
        for size in range(64) if size % 4 for transaction in (None, old_transaction())))


@pytest.mark.parametrize("size", [LARGEST + 4, 4096, 9000, 65504])
def test_a_datagram_that_is_too_long(client, size):
    data = message(attribute(0x8000, bytes(size - 24)))
    assert len(data) == size
    # Nor does it become another where it is cut off.
    cut = message(attribute(0x8000, bytes(LARGEST - 24))) + bytes(size - LARGEST)
    client.assert_silence(data, cut)


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_what_other_protocols_say(client, data):
    client.assert_silence(data)


def changed(data: bytes, chance: random.Random) -> bytes:
    """With some bytes replaced, and now and then one that is a boundary of something."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        data[chance.randrange(4 if chance.random() < 0.9 else 0, len(data))] = \
            chance.choice((chance.randrange(256), 0, 1, 3, 4, 0x80, 0xFF))
    return bytes(data)


def test_random_changes_get_a_good_answer_or_none(client):
    """Whatever comes back is well-formed, was asked for, and is little longer than its request."""
    chance = random.Random(8489)
    kinds = (0x0003, 0x0006, 0x0008, 0x001C, 0x0026, 0x0027, 0x8022, 0x8028, 0x7FFF, 0x8000)
    answered = 0
    for _ in range(100):
        asked = {}
        for _ in range(40):
            parts = [attribute(chance.choice(kinds), chance.randbytes(chance.randrange(24)))
                     for _ in range(chance.randrange(6))]
            data = changed(message(*parts) if chance.random() < 0.5 else signed(message(*parts)), chance)
            asked[data[4:20]] = data
            client.send(data)
        last = message()
        client.send(last)
        while (answer := client.receive()).transaction != last[4:20]:
            assert answer.size <= len(asked[answer.transaction]) + stun.LONGER
            assert answer.code in (None, 400, 420)
            answered += 1
    # Most of those are requests still.
    assert answered > 1000
