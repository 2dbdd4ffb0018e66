"""The STUN server's addresses, its loops, its figures, and its end."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import requests

from support import stun
from support.ports import free_ports
from support.program import Ctl, until
from support.stun import Tcp, Udp
from support.stun_message import INDICATION, Address, attribute, message, signed

HOST = "127.0.0.1"


@pytest.fixture
def place() -> Address:
    return HOST, free_ports()[0]


@pytest.fixture(scope="module", params=["1", "2"], ids=["one loop", "two loops"])
def wildcard(new_server, request) -> int:
    """A port on every address of the machine."""
    port, = free_ports(1, ["0.0.0.0", *(["::"] if "::1" in stun.local_hosts() else [])])
    listen = f":{port}" if "::1" in stun.local_hosts() else f"0.0.0.0:{port}"
    new_server("--stun", listen, "--threads", request.param, "--stun-rate", "0")
    return port


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.7", "127.0.3.3"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "127.200.0.9"])
def test_it_answers_from_the_address_that_was_asked(wildcard, host, source):
    with Udp((host, wildcard), source) as client:
        for data in (message(), signed(message()), message(attribute(0x7FFF))):
            assert client.ask(data).origin == (host, wildcard)
    stun.assert_served((host, wildcard), source)


def test_also_where_one_socket_asks_them_all(wildcard):
    with Udp((HOST, wildcard), "0.0.0.0") as client:
        places = [(f"127.0.0.{number}", wildcard) for number in range(1, 100)]
        asked = {place: message() for place in places}
        for place, data in asked.items():
            client.send(data, place)
        answers = [client.receive() for _ in asked]
    assert {answer.origin: answer.transaction for answer in answers} == \
        {place: data[4:20] for place, data in asked.items()}


def test_and_on_addresses_of_an_interface(wildcard):
    places = [(host, wildcard) for host in stun.interface_hosts()]
    if not places:
        pytest.skip("this machine has no address but loopback's")
    for place in places:
        stun.assert_served(place)
        with Udp(place) as client:
            assert client.ask(message()).origin == place


def test_and_with_ipv6(wildcard):
    if "::1" not in stun.local_hosts():
        pytest.skip("this machine has no IPv6")
    stun.assert_served(("::1", wildcard))


def test_two_loops_answer_everybody(new_server, place):
    """From hundreds of addresses and ports, at once."""
    server = new_server("--stun", stun.text(place), "--threads", "2")

    def ask(number: int) -> int:
        with ExitStack() as stack:
            clients = [stack.enter_context(Udp(place, f"127.3.{number}.{low}")) for low in range(1, 60)]
            clients += [stack.enter_context(Tcp(place, f"127.3.{number}.{low}")) for low in range(1, 20)]
            for _ in range(10):
                asked = [(client, message()) for client in clients]
                for client, data in asked:
                    client.send(data)
                for client, data in asked:
                    answer = client.receive()
                    assert answer.transaction == data[4:20] and answer.mapped == client.address
            return 10 * len(clients)

    with ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(ask, range(8)))
    figures = stun.figures(server.url)
    assert figures["requests"] == figures["answers"] == total
    assert figures["limited"] == figures["ignored"] == 0


def test_metrics_are_prometheus_text(new_server, place):
    server = new_server("--stun", stun.text(place))
    answer = requests.get(server.url + "/metrics", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert answer.text.endswith("\n")
    for name in (f"havocctl_stun_{figure}_total" for figure in stun.FIGURES):
        at = lines.index(f"# TYPE {name} counter")
        assert lines[at - 1].startswith(f"# HELP {name} ") and lines[at + 1] == f"{name} 0"
    assert requests.post(server.url + "/metrics", timeout=60).status_code == 405


def test_what_is_counted(new_server, new_database, program, place):
    """Of each kind of message another number, over UDP and TCP; on /metrics, and soon in `status`."""
    url = new_database()
    server = new_server("--stun", stun.text(place), "--stun-rate", "50", "--threads", "2", url=url)
    with Udp(place, "127.0.0.9") as client, Tcp(place, "127.0.0.8") as other:
        for one in (client, other):
            for data in [message()] * 5 + [message(attribute(0x7FFF))] * 3 + [message(b"\x80\0\0\4")] * 2:
                one.ask(data)
        client.assert_silence(*[message(kind=INDICATION)] * 4, b"", b"?" * 40)
        other.send(message(kind=INDICATION))
        other.ask(message())
    expected = {"requests": 22, "answers": 22, "bad_requests": 4, "unknown_attributes": 6, "limited": 0,
                "ignored": 7, "connections": 1}
    # A datagram's answer is there before it is counted.
    until(lambda: stun.figures(server.url) == expected, f"{expected}, not {stun.figures(server.url)}")
    with Udp(place, "127.0.0.7") as client:
        client.room(1 << 20)
        for _ in range(400):
            client.send(message())
        figures = until(lambda: settled(stun.figures(server.url), 422), "each is answered or limited")
    assert 0 < figures["limited"] <= 300
    # Another one on the same database.
    second = (HOST, free_ports()[0])
    servers = [server, new_server("--stun", stun.text(second), url=url)]
    with Udp(second) as client:
        for _ in range(3):
            client.ask(message())
    figures = {"requests": 425, "answers": figures["answers"] + 3, "limited": figures["limited"]}
    ctl = Ctl(program, url)

    def status() -> dict[str, str]:
        rows = {row["name"]: row["value"] for row in ctl.json("status")}
        return {name: rows[name] for name in ("servers", *(f"stun_{figure}" for figure in figures))}

    shown = {"servers": "2"} | {f"stun_{name}": str(value) for name, value in figures.items()}
    until(lambda: status() == shown, f"{shown}, not {status()}", pause=0.5)
    for one in servers:
        one.stop()
    assert set(status().values()) == {"0"}


def settled(figures: dict[str, int], requests: int) -> dict[str, int] | None:
    """The figures once so many requests are answered or limited."""
    return figures if figures["answers"] + figures["limited"] == figures["requests"] == requests else None


def test_sigterm_while_it_is_asked(new_server, place):
    """Every answer is a good one to the end, and connections don't keep it from ending."""
    server = new_server("--stun", stun.text(place), "--stun-rate", "0", "--threads", "2")
    ended = threading.Event()
    heard = [0] * 4

    def ask(number: int) -> None:
        asked = set()
        with Udp(place, f"127.0.5.{number + 1}") as client:
            client.socket.connect(place)
            # What waits in the server's buffer when it ends is lost, as datagrams may be.
            client.socket.settimeout(0.1)
            while not ended.is_set():
                data = message()
                asked.add(data[4:20])
                try:
                    client.socket.send(data)
                    answer = client.receive()
                except (ConnectionRefusedError, TimeoutError):
                    continue
                asked.remove(answer.transaction)
                assert answer.mapped == client.address and answer.origin == place
                heard[number] += 1

    with ThreadPoolExecutor(4) as pool, Tcp(place) as idle, Tcp(place) as halting:
        asking = [pool.submit(ask, number) for number in range(4)]
        idle.ask(message())
        halting.send(message()[:10])
        try:
            until(lambda: min(heard) > 100, "all are answered")
            server.stop()
            idle.assert_ended()
            halting.assert_ended()
            assert stun.is_closed(place)
            server.start()
            before = list(heard)
            until(lambda: all(now > then for now, then in zip(heard, before)), "all are answered again")
        finally:
            ended.set()
        for one in asking:
            one.result()


@pytest.mark.parametrize("end", ["stop", "kill9"])
def test_restarted_at_once_on_its_port(new_server, place, end):
    server = new_server("--stun", stun.text(place))
    for _ in range(3):
        with Tcp(place) as client, Udp(place) as other:
            assert client.ask(message()).mapped == client.address
            assert other.ask(message()).mapped == other.address
            # The connection is open when the server ends.
            getattr(server, end)()
            client.assert_ended()
            assert stun.is_closed(place)
            server.start()
            assert other.ask(message()).mapped == other.address
            stun.assert_served(place)
