"""What the STUN server answers to each request, over UDP and TCP and with both families."""

import struct

import pytest

from support import stun
from support.ports import free_ports
from support.stun import Tcp, Udp
from support.stun_message import (
    CHANGE_REQUEST, ERROR, ERROR_CODE, FINGERPRINT, LARGEST, MAPPED_ADDRESS, MESSAGE_INTEGRITY,
    NONCE, OTHER_ADDRESS, PADDING, REALM, RESPONSE_PORT, SOFTWARE, SUCCESS, UNKNOWN_ATTRIBUTES,
    USERNAME, XOR_MAPPED_ADDRESS, attribute, message, old_transaction, signed)

# Nobody's attributes, that must be understood and that needn't.
STRANGE, STRANGER, IDLE, IDLER = 0x0002, 0x7FFF, 0x8000, 0xFFFF


@pytest.fixture(scope="module")
def port(new_server) -> int:
    hosts = stun.local_hosts()
    port, = free_ports(1, hosts)
    new_server("--stun", stun.text(*((host, port) for host in hosts)), "--stun-rate", "0")
    return port


@pytest.fixture(params=["udp", "udp6", "tcp", "tcp6"])
def client(request, port):
    host = "::1" if request.param.endswith("6") else "127.0.0.1"
    if not stun.can_bind(host):
        pytest.skip("this machine has no IPv6")
    with (Udp if request.param.startswith("udp") else Tcp)((host, port)) as made:
        yield made


def both(*attributes: bytes, transaction: bytes | None = None) -> list[tuple[bytes, set[int]]]:
    """A request without a FINGERPRINT and one with it, and what of that their answers must have."""
    plain = message(*attributes, transaction=transaction)
    return [(plain, set()), (signed(plain), {FINGERPRINT})]


def test_a_request_is_told_where_it_came_from(client):
    for data, more in both():
        answer = client.ask(data)
        assert answer.kind == SUCCESS and answer.mapped == client.address
        assert answer.kinds == {XOR_MAPPED_ADDRESS, SOFTWARE} | more


def test_many_get_one_answer_each(client):
    asked = [message() for _ in range(30)]
    for data in asked:
        client.send(data)
    answers = [client.receive() for _ in asked]
    assert [answer.transaction for answer in answers] == [data[4:20] for data in asked]
    assert {answer.mapped for answer in answers} == {client.address}


@pytest.mark.parametrize("transaction", [
    old_transaction(), bytes(16), b"\xff" * 16, b"\x21\x12\xa4\x43" + bytes(12), b"\x42\xa4\x12\x21" * 4],
    ids=["random", "zeros", "ones", "nearly the cookie", "the cookie turned around"])
def test_a_request_without_the_cookie_is_a_classic_one(client, transaction):
    for data, more in both(transaction=transaction):
        answer = client.ask(data)
        assert answer.kind == SUCCESS and answer.address(MAPPED_ADDRESS) == client.address
        assert answer.kinds == {MAPPED_ADDRESS, SOFTWARE} | more


@pytest.mark.parametrize("attributes", [
    [attribute(IDLE)], [attribute(IDLER, b"12345")], [attribute(SOFTWARE, "a client, é".encode())],
    [attribute(OTHER_ADDRESS, b"x")] * 3, [attribute(IDLE, b"1", filler=b"\xff")],
    [attribute(USERNAME, b"somebody"), attribute(REALM, b"here"), attribute(NONCE, b"now"),
     attribute(MESSAGE_INTEGRITY, bytes(20))],
    [attribute(MESSAGE_INTEGRITY, bytes(20)), attribute(STRANGE, b"not covered by that")]],
    ids=["empty", "filled up", "software", "thrice", "a filler of ones", "credentials",
         "behind a signature"])
def test_what_needs_no_understanding_is_passed_over(client, attributes):
    for data, more in both(*attributes):
        answer = client.ask(data)
        assert answer.mapped == client.address
        assert answer.kinds == {XOR_MAPPED_ADDRESS, SOFTWARE} | more


@pytest.mark.parametrize("kinds", [
    [STRANGE], [STRANGER], [STRANGER, STRANGE], [IDLE, STRANGER, IDLER, STRANGE, 0x0024],
    [CHANGE_REQUEST], [PADDING], [RESPONSE_PORT], [PADDING, RESPONSE_PORT, CHANGE_REQUEST]],
    ids=lambda kinds: " ".join(f"{kind:04x}" for kind in kinds))
def test_unknown_attributes_are_named(client, kinds):
    attributes = [attribute(kind, b"\0\0\0\4") for kind in kinds]
    named = [kind for kind in kinds if kind < 0x8000]
    for data, more in both(*attributes):
        answer = client.ask(data)
        assert answer.kind == ERROR and answer.code == 420 and answer.unknown == named
        assert answer.kinds == {ERROR_CODE, UNKNOWN_ATTRIBUTES, SOFTWARE} | more
    # RFC 3489 fills them up to an even number by saying one twice.
    for data, more in both(*attributes, transaction=old_transaction()):
        answer = client.ask(data)
        assert answer.code == 420 and answer.unknown == named + named[-1:] * (len(named) % 2)
        assert answer.kinds == {ERROR_CODE, UNKNOWN_ATTRIBUTES, SOFTWARE} | more


@pytest.mark.parametrize("before, length, value", [
    (b"", 1, b""), (b"", 4, b""), (b"", 65535, b""), (b"", 5, b"four"), (b"", 65532, bytes(40)),
    (attribute(STRANGE), 4, b""), (attribute(IDLE, b"fine"), 9, b"8 bytes."),
    (attribute(USERNAME, b"me"), 2, b"")])
def test_an_attribute_longer_than_its_message_is_a_bad_request(client, before, length, value):
    body = before + struct.pack("!HH", IDLE, length) + value
    for transaction in (None, old_transaction()):
        answer = client.ask(message(body, transaction=transaction))
        assert answer.kind == ERROR and answer.code == 400
        assert answer.kinds == {ERROR_CODE, SOFTWARE}


@pytest.mark.parametrize("behind", [attribute(IDLE), attribute(STRANGE), attribute(FINGERPRINT, bytes(4))],
                         ids=["optional", "unknown", "another"])
def test_nothing_may_stand_behind_a_fingerprint(client, behind):
    # Which says itself that this is STUN, so it isn't met with silence.
    assert client.ask(signed(message(), behind)).code == 400


def test_the_longest_messages(client):
    room = LARGEST - 20
    for body in (attribute(IDLE, bytes(room - 4)), attribute(IDLER) * (room // 4)):
        assert client.ask(message(body)).mapped == client.address
    assert FINGERPRINT in client.ask(signed(message(attribute(IDLE, bytes(room - 12))))).kinds
    kinds = list(range(0x0100, 0x0100 + room // 4))
    for transaction in (None, old_transaction()):
        answer = client.ask(message(*map(attribute, kinds), transaction=transaction))
        assert answer.code == 420
        assert answer.unknown == kinds + (kinds[-1:] if transaction and len(kinds) % 2 else [])
