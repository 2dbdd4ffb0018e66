"""STUN over TCP: how messages are cut out of a stream, and when a connection ends."""

import os
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from support import stun
from support.ports import free_ports
from support.program import until
from support.stun import Tcp, Udp
from support.stun_message import INDICATION, LARGEST, attribute, message, old_transaction, signed

# Connections that one loop has at once.
MOST = 1024

# The beginning of a TLS handshake, whose first bits are those of STUN.
HELLO = bytes.fromhex("16030102000100") + bytes(505)


@pytest.fixture(scope="module")
def server(new_server):
    address = ("127.0.0.1", free_ports()[0])
    server = new_server("--stun", stun.text(address), "--stun-rate", "0", "--threads", "1")
    server.stun = address
    return server


@pytest.fixture(scope="module")
def address(server):
    return server.stun


@pytest.fixture
def client(address):
    with Tcp(address) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def idlers(address):
    """Connections that never finish a message, opened before everything else."""
    with Tcp(address) as silent, Tcp(address) as halting, Tcp(address) as satisfied:
        halting.send(message()[:19])
        satisfied.ask(message())
        satisfied.send(message(attribute(0x8000, b"some"))[:-1])
        with Tcp(address) as last:
            last.ask(message())
        found = {"silent": silent, "within a header": halting, "within a value": satisfied}
        # By now the server has read all of that, and all are open.
        assert [client.waiting() for client in found.values()] == [0, 0, 0]
        yield found


def assert_answers(client: Tcp, asked: list[bytes]) -> None:
    """In the order of the requests."""
    for data in asked:
        answer = client.receive()
        assert answer is not None and answer.transaction == data[4:20]


def test_messages_one_behind_the_other(client):
    """Those that nobody answers among them, which don't end the connection."""
    asked, sent = [], b""
    for number in range(100):
        asked += [message(), signed(message()), message(transaction=old_transaction()),
                  message(attribute(0x7FFF, b"?" * (number % 40))), message(b"\x80\0\xff\xff")]
        sent += b"".join(asked[-5:]) + message(kind=INDICATION) + message(attribute(0x8028, bytes(4))) \
            + message(kind=0x0003) + message(attribute(0x8000), kind=0x0101)
    client.send(sent)
    codes = []
    for data in asked:
        answer = client.receive()
        assert answer.transaction == data[4:20]
        codes.append(answer.code)
    assert codes == [None, None, None, 420, 400] * 100
    assert client.ask(message()).mapped == client.address


def test_a_message_that_comes_byte_by_byte(client):
    asked = [signed(message(attribute(0x8000, b"some"))), message(), message(attribute(0x7FFF))]
    for byte in b"".join(asked):
        client.send(bytes([byte]))
    assert_answers(client, asked)


def test_two_messages_cut_anywhere(client):
    asked = [signed(message(attribute(0x8000, b"some"))), message(transaction=old_transaction())]
    whole = b"".join(asked)
    for at in range(1, len(whole)):
        client.send(whole[:at])
        # That the first is answered shows that the server has read so far.
        if at >= len(asked[0]):
            assert_answers(client, asked[:1])
        client.send(whole[at:])
        assert_answers(client, asked if at < len(asked[0]) else asked[1:])


def test_an_answer_does_not_wait_for_the_rest(client):
    first, second = message(), message(attribute(0x8000, bytes(1000)))
    client.send(first + second[:500])
    assert_answers(client, [first])
    client.send(second[500:])
    assert_answers(client, [second])


def test_connections_do_not_mix(address):
    with Tcp(address) as one, Tcp(address) as other:
        halves = {one: message(), other: signed(message())}
        for client, data in halves.items():
            client.send(data[:13])
        for client, data in reversed(halves.items()):
            client.send(data[13:])
            answer = client.receive()
            assert answer.transaction == data[4:20] and answer.mapped == client.address


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x80" + message()[1:], b"\xc0" * 20,
    b"\x40" + bytes(19), message(length=2), message(length=1), message(length=LARGEST - 20 + 4),
    message(length=0xFFFC), message(length=0xFFFF), HELLO],
    ids=lambda data: data[:4].hex())
def test_what_is_not_stun_ends_the_connection(address, data):
    with Tcp(address) as client:
        client.send(data)
        client.assert_ended()
    # But not without what was asked before.
    with Tcp(address) as client:
        asked = [message(), signed(message())]
        client.send(b"".join(asked) + data)
        assert_answers(client, asked)
        client.assert_ended()


def test_the_longest_message_comes_whole(client):
    data = message(attribute(0x8000, bytes(LARGEST - 24)))
    assert len(data) == LARGEST
    client.send(data * 50)
    assert_answers(client, [data] * 50)


def test_a_client_that_has_said_everything(address):
    """What it asked is answered, then its connection ends."""
    with Tcp(address) as client:
        asked = [message() for _ in range(50)]
        client.send(b"".join(asked) + message()[:7])
        client.socket.shutdown(socket.SHUT_WR)
        assert_answers(client, asked)
        client.assert_ended()


def test_a_client_that_does_not_listen(server, address):
    """Its answers aren't kept, and nobody else waits."""
    with Tcp(address) as deaf:
        portion = b"".join(message() for _ in range(1000))
        # Its answers are more than all buffers on their way hold.
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                deaf.send(portion)
        with Tcp(address) as client, Udp(address) as other:
            assert client.ask(message()).mapped == client.address
            assert other.ask(message()).mapped == other.address
    assert server.status() == 200


def test_many_connections_are_enough(server, address):
    """Of those beyond, none is kept; whoever was there, and HTTP, goes on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * MOST)), hard))
    clients = []
    try:
        clients += (Tcp(address) for _ in range(MOST + 50))
        asked = message()
        kept = []
        for client in clients:
            try:
                client.send(asked)
                if client.receive() is not None:
                    kept.append(client)
            except BrokenPipeError:
                continue
        # Those that were open before this are of the number.
        assert MOST - 10 <= len(kept) <= MOST
        assert kept == clients[:len(kept)]
        assert server.status() == 200
        with Udp(address) as other:
            assert other.ask(message()).mapped == other.address
        kept[0].socket.close()
        until(lambda: is_served(address), "a connection that ended makes room")
    finally:
        for client in clients:
            client.socket.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    until(lambda: is_served(address), "connections that ended make room")


def is_served(address) -> bool:
    with Tcp(address) as client:
        try:
            client.send(message())
            return client.receive() is not None
        except BrokenPipeError:
            return False


def test_without_descriptors(new_server):
    """A server that may open no more files waits for some without haste, and goes on when it has them."""
    address = ("127.0.0.1", free_ports()[0])
    server = new_server("--stun", stun.text(address), "--threads", "1")
    allowed = len(os.listdir(f"/proc/{server.process.pid}/fd")) + 20
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (allowed, allowed))
    with ExitStack() as stack:
        # More wait to be accepted.
        clients = [stack.enter_context(Tcp(address)) for _ in range(40)]
        assert clients[0].ask(message()).mapped == clients[0].address
        before = processor_seconds(server)
        time.sleep(1)
        assert processor_seconds(server) - before < 0.5
        with Udp(address) as other:
            assert other.ask(message()).mapped == other.address
    until(lambda: server.status() == 200 and is_served(address), "it has some again")


def processor_seconds(server) -> float:
    """What a server has had of the processors so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def test_a_connection_without_a_message_ends(server, address, idlers):
    """After 30 seconds, most of which have passed; one that asks now and then goes on."""
    with Tcp(address) as busy:
        for client in idlers.values():
            client.socket.settimeout(0.5)
        left = dict(idlers)

        def none_left() -> bool:
            assert busy.ask(message()).mapped == busy.address
            for name, client in list(left.items()):
                try:
                    client.assert_ended()
                    del left[name]
                except TimeoutError:
                    pass
            return not left

        until(none_left, "connections end that send nothing", 60, pause=0.5)
        assert busy.ask(message()).mapped == busy.address
