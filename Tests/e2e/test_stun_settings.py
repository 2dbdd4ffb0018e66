"""What the STUN server is told: its settings, and ports that others have."""

import socket
import subprocess

import pytest

from support import stun
from support.ports import free_port, free_ports
from support.program import clean_environment
from support.stun_message import Address

HOST = "127.0.0.1"


@pytest.fixture
def place() -> Address:
    return HOST, free_ports()[0]


@pytest.fixture
def refused(program, database):
    """Starts a server that must refuse to serve; gives what it says."""
    def start(*options: str, status: int, listen: str = "") -> str:
        done = subprocess.run(
            [program, "serve", "--listen", listen or f"{HOST}:{free_port()}", "--database", database,
             *options],
            env=clean_environment(), capture_output=True, timeout=30, check=False, text=True)
        assert done.returncode == status and done.stdout == "", done
        assert done.stderr.startswith("havocctl: "), done
        return done.stderr
    return start


@pytest.mark.parametrize("value", [
    "x", HOST, ":", f"{HOST}:", f"{HOST}:99999", f"{HOST}:-1", f"{HOST}:abc", f"{HOST}:0", ":0",
    "unix:/tmp/stun", "[::1", "::1:3478", f"off,{HOST}:3478", f"{HOST}:3478,off", f"{HOST}:3478,x"])
def test_bad_addresses(refused, value):
    said = refused("--stun", value, status=2)
    assert "stun: " in said and "hint: " in said
    assert any(f"“{part}”" in said for part in value.split(",") if part != f"{HOST}:3478")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1000001", ""])
def test_bad_rates(refused, place, value):
    said = refused("--stun", stun.text(place), "--stun-rate", value, status=2)
    assert "stun-rate" in said and f"“{value}”" in said


@pytest.mark.parametrize("first, other", [
    ("127.0.0.1:{0}", "x"), ("127.0.0.1:{0}", "127.0.0.2"), ("127.0.0.1:{0}", "127.0.0.1:{1}"),
    ("127.0.0.1:{0}", "127.0.0.2:{0}"), ("127.0.0.1:{0}", "127.0.0.1:{0}"), ("127.0.0.1:{0}", ":{1}"),
    ("127.0.0.1:{0}", "0.0.0.0:{1}"), ("127.0.0.1:{0}", "[::]:{1}"), ("127.0.0.1:{0}", "[::1]:{1}"),
    ("127.0.0.1:{0}", "127.0.0.2:0"), ("127.0.0.1:{0}", "off"), ("127.0.0.1:{0}", "unix:/tmp/stun"),
    ("127.0.0.1:{0}", "127.0.0.2:{1},127.0.0.3:{1}"),
    (":{0}", "127.0.0.2:{1}"), ("0.0.0.0:{0}", "127.0.0.2:{1}"), ("[::]:{0}", "[::1]:{1}")])
def test_bad_other_addresses(refused, first, other):
    ports = free_ports(2)
    other = other.format(*ports)
    said = refused("--stun", first.format(*ports), "--stun-other-address", other, status=2)
    assert "stun-other-address" in said and other in said


def test_an_address_that_is_nobody_s(refused):
    # Of a network that is set aside for documentation (RFC 5737).
    said = refused("--stun", f"203.0.113.7:{free_ports()[0]}", status=1)
    assert "203.0.113.7" in said


def test_off(new_server, place):
    server = new_server(HAVOCCTL_STUN=stun.text(place))
    stun.assert_served(place)
    # An option is more than the environment.
    server.restart_with("--stun", "off")
    assert stun.is_closed(place)
    assert set(stun.figures(server.url).values()) == {0}


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["UDP", "TCP"])
@pytest.mark.parametrize("shared", [False, True], ids=["its own", "shared"])
@pytest.mark.parametrize("which", [0, 1], ids=["the first", "the second"])
def test_a_port_in_use(refused, kind, shared, which):
    """By another program, be it one that lets others have its port too."""
    places = [(HOST, port) for port in free_ports(2)]
    with socket.socket(socket.AF_INET, kind) as occupant:
        if shared:
            occupant.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        occupant.bind(places[which])
        if kind == socket.SOCK_STREAM:
            occupant.listen()
        said = refused("--stun", stun.text(*places), status=1)
    assert stun.text(places[which]) in said and "in use" in said
    assert "--stun" in said and "--listen" not in said, "the hint is about another setting"


def test_a_port_of_another_server(new_server, refused, place):
    new_server("--stun", stun.text(place))
    for listen in (stun.text(place), stun.text(("0.0.0.0", place[1])), f":{place[1]}"):
        assert "in use" in refused("--stun", listen, status=1)
    stun.assert_served(place)


def test_the_port_of_http(refused):
    place = (HOST, free_port())
    assert "in use" in refused("--stun", stun.text(place), status=1, listen=stun.text(place))


def test_an_address_that_is_named_twice(refused, place):
    assert stun.text(place) in refused("--stun", stun.text(place, place), status=1)
