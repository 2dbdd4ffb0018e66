"""TLS with clients that don't keep to it: what isn't TLS, handshakes that never end, those who go away."""

import json
import random
import socket
import ssl
import time
from pathlib import Path

import pytest

from support.cluster import query
from support.community import PEOPLE
from support.integers import join as owner_of
from support.integers import units_text
from support.members import crowd, join
from support.pieces import post_head
from support.program import until
from support.tls import Door, TLSWire, greeted
from support.wire import Wire, request

# Far past the deadline, so that a busy machine passes and a server without it doesn't.
CUT_OFF_SECONDS = 40
RESET = b"\1\0\0\0\0\0\0\0"


@pytest.fixture(scope="module")
def hasty(new_secure):
    return new_secure("--head-timeout", "1s", "--body-idle-timeout", "1s")


def hello(door: Door) -> bytes:
    """The first words of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        door.context.wrap_bio(incoming, outgoing, server_hostname=door.address[0]).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def descriptors(server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def ends(wire: Wire) -> bytes:
    """All that is said until the server closes."""
    while wire._more():
        continue
    assert wire.eof, "the connection stays open"
    return wire.buffer


NOISE = {
    "HTTP": request("GET", "/status/"), "HTTP of some length": request("POST", "/user/login", b"x" * 20_000),
    "nothing but NUL": bytes(2_000), "noise": random.Random(4).randbytes(5_000),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "a record too long": b"\x16\x03\x01\xff\xff" + bytes(70_000),
    "an empty record": b"\x16\x03\x01\x00\x00" * 50, "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "data before the handshake": b"\x17\x03\x03\x00\x05GET /", "SSL 2": b"\x80\x2e\x01\x00\x02" + bytes(44),
    "a heartbeat": b"\x18\x03\x02\x00\x03\x01\x40\x00",
    "a hello cut short": b"\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03" + bytes(40)}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
def test_what_isn_t_tls_ends_quietly(hasty, noise):
    before = len(hasty.log())
    with Wire(hasty.address, CUT_OFF_SECONDS) as wire:
        wire.send(noise)
        answer = ends(wire)
    assert b"HTTP/1.1 2" not in answer and b'"status"' not in answer
    until(lambda: hasty.status() == 200, "others are served")
    assert "level=error" not in hasty.log()[before:]


def test_a_log_isn_t_filled_by_it(secure):
    before = len(secure.log().splitlines())
    for _ in range(300):
        with Wire(secure.address) as wire:
            wire.send(b"GET / HTTP/1.0\r\n\r\n")
            ends(wire)
    noisy = [line for line in secure.log().splitlines()[before:] if "level=warning" in line or "level=error" in line]
    assert len(noisy) < 10, noisy[:3]


@pytest.mark.slow
@pytest.mark.parametrize("length", [0, 1, 5, 100, None])
def test_a_handshake_that_never_ends_is_cut_off(hasty, length):
    with Wire(hasty.address, CUT_OFF_SECONDS) as wire:
        wire.send(hello(hasty.door)[:length])
        ends(wire)


@pytest.mark.slow
def test_one_that_drips_too(hasty):
    def is_over() -> bool:
        return not wire.send(b"\1") or not wire._more() and wire.eof
    with Wire(hasty.address, 0.1) as wire:
        wire.send(b"\x16\x03\x01\x40\x00")
        until(is_over, "it is cut off", CUT_OFF_SECONDS)


def shaken(hasty) -> TLSWire:
    """The handshake has a second too, and may be cut off on a machine that is busy."""
    def attempt() -> TLSWire | None:
        try:
            return TLSWire(hasty.door, CUT_OFF_SECONDS)
        except OSError:
            return None
    return until(attempt, "a handshake in time")


@pytest.mark.slow
def test_silence_after_the_handshake_is_cut_off(hasty):
    with shaken(hasty) as wire:
        ends(wire)


@pytest.mark.slow
@pytest.mark.parametrize("sent", [
    b"GET /status/ HTT", request("POST", "/user/login", b"", "Content-Type: application/json", "Content-Length: 9") + b"{"])
def test_a_request_that_never_ends_is_cut_off(hasty, sent):
    with shaken(hasty) as wire:
        wire.send(sent)
        answer = wire.response()
        assert answer is None or answer.status == 408
        ends(wire)


def test_those_who_wait_hold_nobody_up(secure):
    held = [Wire(secure.address) for _ in range(200)]
    for number, wire in enumerate(held):
        wire.send(hello(secure.door)[:number])
    assert secure.status() == 200
    for wire in held:
        wire.socket.close()


def gone_in_the_handshake(door: Door) -> socket.socket:
    connection = socket.create_connection(door.address, 30)
    connection.sendall(hello(door))
    return connection


def gone_after_it(door: Door) -> socket.socket:
    return greeted(door)


def gone_before_the_answer(door: Door) -> socket.socket:
    connection = greeted(door)
    connection.sendall(request("GET", "/status/") * 20)
    return connection


def gone_in_a_body(door: Door) -> socket.socket:
    connection = greeted(door)
    connection.sendall(post_head("/user/login", {}, "Content-Length: 90000") + b'{"username": "' + b"x" * 30_000)
    return connection


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("leaver", [
    gone_in_the_handshake, gone_after_it, gone_before_the_answer, gone_in_a_body])
def test_who_goes_away(secure, leaver, reset):
    assert secure.status() == 200
    before = descriptors(secure)
    for _ in range(30):
        connection = leaver(secure.door)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
    until(lambda: descriptors(secure) <= before, f"{descriptors(secure)} descriptors are {before} again")
    assert secure.status() == 200
    assert "level=error" not in secure.log()


def test_who_goes_away_in_an_upload_leaves_nothing(secure):
    owner = owner_of(secure.api)
    before = descriptors(secure)
    body = f'{{"set_id":"half","integers":{units_text(60_000)}}}'.encode()
    for cut in (100, 70_000, len(body) - 1):
        with TLSWire(secure.door) as wire:
            wire.send(post_head("/integers/set/", owner.headers, f"Content-Length: {len(body)}") + body[:cut])
    owner.api.session.close()
    until(lambda: descriptors(secure) <= before, f"{descriptors(secure)} descriptors are {before} again")
    assert owner.lacks("half")


@pytest.fixture(scope="module")
def many(new_database, new_secure):
    """5,000 people, whose list is longer than what fits between server and client."""
    url = new_database()
    server = new_secure(url=url)
    member = join(server.api)
    crowd(url, 5_000, "crowd" * 10)
    assert query(url, "SELECT count(*) FROM account")[0][0] == 5_001
    return server, member, url


def test_a_streamed_list_is_whole(many):
    _, member, _ = many
    names = [one["username"] for one in member.seen(PEOPLE)]
    assert names == [member.name] + ["crowd" * 10 + str(number) for number in range(1, 5_001)]


def narrow(server) -> TLSWire:
    """A client with little room."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.settimeout(60)
    plain.connect(server.address)
    wire = TLSWire.__new__(TLSWire)
    wire.socket = server.context.wrap_socket(plain, server_hostname="127.0.0.1")
    wire.buffer, wire.eof = b"", False
    return wire


def asked(wire: TLSWire, member) -> None:
    wire.send(request("GET", PEOPLE, b"", *(f"{name}: {value}" for name, value in member.headers.items())))


def test_who_reads_slowly_gets_all_of_it(many):
    server, member, _ = many
    with narrow(server) as wire:
        asked(wire, member)
        for _ in range(20):
            wire.buffer += wire.socket.recv(1000)
            time.sleep(0.005)
        assert server.status() == 200
        assert len(json.loads(wire.response().body)) == 5_001


def test_who_goes_away_in_a_streamed_list(many):
    server, member, _ = many
    member.api.session.close()
    before = descriptors(server)
    for _ in range(20):
        with narrow(server) as wire:
            asked(wire, member)
            assert wire.socket.recv(500)
    until(lambda: descriptors(server) <= before, f"{descriptors(server)} descriptors are {before} again")
    assert len(member.seen(PEOPLE)) == 5_001


def test_sigterm_lets_a_streamed_list_end(new_secure, many):
    _, member, url = many
    server = new_secure(url=url)
    with narrow(server) as wire, TLSWire(server.door) as idle:
        asked(wire, member)
        assert (first := wire.socket.recv(500))
        server.terminate()
        ends(idle)
        wire.buffer = first + wire.buffer
        assert len(json.loads(wire.response().body)) == 5_001
    assert server.wait() == 0


def test_a_thousand_handshakes_leave_nothing_behind(secure):
    assert secure.status() == 200
    before = descriptors(secure)
    for number in range(1_000):
        with greeted(secure.door) as connection:
            if number % 2:
                connection.sendall(request("GET", "/nothing/"))
            if number % 4 == 1:
                assert connection.recv(100).startswith(b"HTTP/1.1 404")
    until(lambda: descriptors(secure) <= before, f"{descriptors(secure)} descriptors are {before} again")
    assert secure.status() == 200
