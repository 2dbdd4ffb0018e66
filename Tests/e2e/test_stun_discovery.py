"""What RFC 5780 adds for clients that explore their NAT: a second address, and answers from elsewhere."""

import itertools
import struct
import time

import pytest

from support import stun
from support.ports import free_ports
from support.program import until
from support.stun import Tcp, Udp
from support.stun_message import (
    CHANGED_ADDRESS, CHANGE_REQUEST, LARGEST, MAPPED_ADDRESS, OTHER_ADDRESS, PADDING,
    RESPONSE_ORIGIN, RESPONSE_PORT, SOFTWARE, SOURCE_ADDRESS, SUCCESS, XOR_MAPPED_ADDRESS, Address,
    attribute, change, message, old_transaction, signed)

# The most PADDING in an answer.
MOST = 1500

# Whether the host is the other one, and whether the port is.
CASES = list(itertools.product([False, True], repeat=2))
by_case = pytest.mark.parametrize("asked", CASES, ids=["first", "other port", "other host", "other"])


class Explorable:
    """The four addresses of a server."""

    def __init__(self, server, hosts: tuple[str, str], ports: list[int]):
        self.server, self.hosts, self.ports = server, hosts, ports

    def at(self, host: bool, port: bool) -> Address:
        return self.hosts[host], self.ports[port]


@pytest.fixture(scope="module")
def new_explorable(new_server):
    def start(*options: str, hosts: tuple[str, str] = ("127.0.0.1", "127.0.0.2")) -> Explorable:
        ports = free_ports(2, hosts)
        listen = [stun.text(place) for place in zip(hosts, ports)]
        server = new_server("--stun", listen[0], "--stun-other-address", listen[1], *options)
        return Explorable(server, hosts, ports)
    return start


@pytest.fixture(scope="module", params=["one loop", "two loops", "IPv6"])
def places(new_explorable, request) -> Explorable:
    if request.param != "IPv6":
        return new_explorable("--stun-rate", "0", "--threads", "1" if request.param == "one loop" else "2")
    others = [host for host in stun.interface_hosts() if ":" in host]
    if not others or not stun.can_bind("::1"):
        pytest.skip("this machine hasn't two IPv6 addresses")
    return new_explorable("--stun-rate", "0", hosts=("::1", others[0]))


@pytest.fixture
def client(places):
    with Udp(places.at(False, False)) as made:
        yield made


@pytest.fixture
def other(client):
    """Another socket of the same host."""
    with Udp(client.server) as made:
        yield made


def response_port(port: int, behind: bytes = b"") -> bytes:
    return attribute(RESPONSE_PORT, struct.pack("!H", port) + behind)


@by_case
def test_each_address_tells_of_itself_and_of_the_other(places, client, asked):
    host, port = asked
    answer = client.ask(message(), places.at(host, port))
    assert answer.mapped == client.address
    assert answer.address(RESPONSE_ORIGIN) == places.at(host, port)
    # Where an answer would come from with both changed.
    assert answer.address(OTHER_ADDRESS) == places.at(not host, not port)
    assert answer.kinds == {XOR_MAPPED_ADDRESS, RESPONSE_ORIGIN, OTHER_ADDRESS, SOFTWARE}


@by_case
@pytest.mark.parametrize("changed", CASES, ids=["nothing", "port", "host", "both"])
def test_an_answer_from_elsewhere(places, client, asked, changed):
    origin = places.at(asked[0] != changed[0], asked[1] != changed[1])
    plain = message(change(*changed))
    for data in (plain, signed(plain), message(change(*changed), attribute(0x8000, b"idle"))):
        answer = client.ask(data, places.at(*asked), origin)
        assert answer.mapped == client.address
        assert answer.address(RESPONSE_ORIGIN) == origin
        assert answer.address(OTHER_ADDRESS) == places.at(not asked[0], not asked[1])
    answer = client.ask(message(change(*changed), transaction=old_transaction()), places.at(*asked), origin)
    assert answer.address(MAPPED_ADDRESS) == client.address
    assert answer.address(SOURCE_ADDRESS) == origin
    assert answer.address(CHANGED_ADDRESS) == places.at(not asked[0], not asked[1])
    assert answer.kinds == {MAPPED_ADDRESS, SOURCE_ADDRESS, CHANGED_ADDRESS, SOFTWARE}


def test_many_at_once_from_everywhere(places, client):
    """Each answer has its own transaction, whichever way it went."""
    expected = {}
    for asked, changed in list(itertools.product(CASES, CASES)) * 8:
        data = message(change(*changed))
        client.send(data, places.at(*asked))
        expected[data[4:20]] = places.at(asked[0] != changed[0], asked[1] != changed[1])
    answers = [client.receive() for _ in expected]
    assert {answer.transaction: answer.origin for answer in answers} == expected
    assert all(answer.address(RESPONSE_ORIGIN) == answer.origin for answer in answers)


def test_flags_that_mean_nothing_change_nothing(places, client):
    answer = client.ask(message(attribute(CHANGE_REQUEST, b"\xff\xff\xff\xf9")))
    assert answer.mapped == client.address
    client.ask(message(attribute(CHANGE_REQUEST, b"\xff\xff\xff\xff")), origin=places.at(True, True))


@pytest.mark.parametrize("kind, value", [
    (CHANGE_REQUEST, b""), (CHANGE_REQUEST, b"\6"), (CHANGE_REQUEST, b"\0\6"), (CHANGE_REQUEST, b"\0\0\6"),
    (CHANGE_REQUEST, b"\0\0\0\0\6"), (CHANGE_REQUEST, b"\0\0\0\6" * 2), (RESPONSE_PORT, b""),
    (RESPONSE_PORT, b"\1"), (RESPONSE_PORT, b"\1\2\3"), (RESPONSE_PORT, b"\1\2\3\4\5"),
    (RESPONSE_PORT, b"\0\0"), (RESPONSE_PORT, b"\0\0\1\2")],
    ids=lambda part: part.hex() if isinstance(part, bytes) else None)
def test_a_malformed_question_is_a_bad_request(client, kind, value):
    assert client.ask(message(attribute(kind, value))).code == 400
    assert client.ask(message(attribute(kind, value), transaction=old_transaction())).code == 400


def test_errors_come_from_where_they_were_asked(client, other):
    """And go to who asked, whatever was asked besides; only what nobody knows is named."""
    for more in (change(True, True), response_port(other.address[1]), attribute(PADDING, bytes(400))):
        answer = client.ask(message(more, attribute(0x7FFF), attribute(0x0002)))
        assert answer.code == 420 and answer.unknown == [0x7FFF, 0x0002]
        assert PADDING not in answer.kinds
        old = client.ask(message(attribute(0x7FFF), more, transaction=old_transaction()))
        assert old.code == 420 and old.unknown == [0x7FFF, 0x7FFF]
        answer = client.ask(message(more, b"\x80\0\0\4"))
        assert answer.code == 400
    other.assert_silence()


@pytest.mark.parametrize("changed", CASES, ids=["nothing", "port", "host", "both"])
@pytest.mark.parametrize("behind", [b"", b"\0\0", b"\xff\xff"], ids=["alone", "with zeros", "with ones"])
def test_an_answer_to_another_port(places, client, other, changed, behind):
    data = signed(message(change(*changed), response_port(other.address[1], behind)))
    client.send(data)
    answer = other.receive()
    assert answer.kind == SUCCESS and answer.transaction == data[4:20]
    assert answer.origin == answer.address(RESPONSE_ORIGIN) == places.at(*changed)
    # What is seen is who asked.
    assert answer.mapped == client.address
    assert answer.size <= len(data) + stun.LONGER
    client.assert_silence()


def test_an_answer_to_a_port_that_nobody_has(client):
    unused, = free_ports(1, [client.server[0]])
    client.assert_silence(*[message(response_port(unused))] * 10)


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, 4, 5, 99, 1000, MOST - 1, MOST, MOST + 1, 1900, LARGEST - 32])
def test_padding(places, client, size):
    data = message(attribute(PADDING, b"\xaa" * size))
    for asked in (data, signed(data)):
        answer = client.ask(asked)
        # Nothing of anybody's memory.
        assert answer.value(PADDING) == bytes(min(size, MOST))
        assert answer.mapped == client.address
    data = message(change(True, True), attribute(PADDING, b"\xaa" * size))
    answer = client.ask(data, origin=places.at(True, True))
    assert len(answer.value(PADDING)) == min(size, MOST)


@pytest.mark.parametrize("size", [0, 4, MOST])
def test_padding_is_not_for_another_port(client, other, size):
    padding, port = attribute(PADDING, bytes(size)), response_port(other.address[1])
    for attributes in ([padding, port], [port, padding], [change(True, True), padding, port]):
        for transaction in (None, old_transaction()):
            answer = client.ask(message(*attributes, transaction=transaction))
            assert answer.code == 400 and PADDING not in answer.kinds
    other.assert_silence()


@by_case
def test_tcp_tells_of_them_but_answers_from_where_it_was_asked(places, asked):
    with Tcp(places.at(*asked)) as client:
        answer = client.ask(message())
        assert answer.mapped == client.address
        assert answer.address(RESPONSE_ORIGIN) == places.at(*asked)
        assert answer.address(OTHER_ADDRESS) == places.at(not asked[0], not asked[1])
        questions = [change(True, True), response_port(9), attribute(PADDING, bytes(8))]
        for question in questions:
            answer = client.ask(message(question))
            assert answer.code == 420 and answer.unknown == [int.from_bytes(question[:2], "big")]
        answer = client.ask(message(*questions))
        assert answer.code == 420 and answer.unknown == [CHANGE_REQUEST, RESPONSE_PORT, PADDING]


def test_a_further_address_has_no_other(new_server):
    ports = free_ports(3, ["127.0.0.1", "127.0.0.2"])
    further = ("127.0.0.1", ports[2])
    new_server("--stun", stun.text(("127.0.0.1", ports[0]), further),
               "--stun-other-address", stun.text(("127.0.0.2", ports[1])))
    with Udp(further) as client:
        assert client.ask(message()).kinds == {XOR_MAPPED_ADDRESS, SOFTWARE}
        assert client.ask(message(change(True, True))).code == 420
        answer = client.ask(message(), ("127.0.0.1", ports[0]))
        assert answer.address(OTHER_ADDRESS) == ("127.0.0.2", ports[1])


def test_one_allowance_for_all_four(new_explorable):
    places = new_explorable("--stun-rate", "5", "--threads", "2")
    with Udp(places.at(False, False), "127.0.0.9") as client:
        began = time.monotonic()
        for case in CASES * 10:
            client.send(message(), places.at(*case))

        def settled() -> dict[str, int] | None:
            figures = stun.figures(places.server.url)
            return figures if figures["answers"] + figures["limited"] == 40 else None

        figures = until(settled, "each request is answered or limited")
    # Ten at once, and one for each fifth of a second that this took.
    assert 10 <= figures["answers"] <= min(39, 10 + 5 * (time.monotonic() - began) + 1)
