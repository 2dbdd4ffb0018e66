"""How often one address may ask the STUN server."""

import itertools
import time
from contextlib import ExitStack

import pytest

from support import stun
from support.ports import free_ports
from support.program import until
from support.server import Server
from support.stun import Client, Tcp, Udp
from support.stun_message import INDICATION, Address, attribute, message

# Requests a second, of which twice as many may come at once.
RATE = 5

# No two tests ask from the same.
SOURCES = (f"127.1.{high}.{low}" for high in itertools.count() for low in range(1, 255))


class Limited:
    """A server on one port of every local host, asked by one test at a time."""

    def __init__(self, server: Server, places: list[Address], rate: int):
        self.server = server
        self.place = places[0]
        self.place6 = places[1] if places[1:] else None
        self.rate = rate

    def count(self, *sent: tuple[Client, list[bytes]]) -> list[int]:
        """How many answers each client gets to so many requests, all sent before one is looked at."""
        before = stun.figures(self.server.url)
        for client, asked in sent:
            for data in asked:
                client.send(data)
        total = sum(len(asked) for _, asked in sent)

        def settled() -> dict[str, int] | None:
            more = {name: value - before[name] for name, value in stun.figures(self.server.url).items()}
            # Figures are read one after another, while the loops go on counting.
            counted = more["requests"], more["answers"] + more["limited"]
            return more if counted == (total, total) else None

        more = until(settled, f"each of {total} requests is answered or limited")
        heard = [0] * len(sent)

        def have_come() -> bool:
            for number, (client, _) in enumerate(sent):
                heard[number] += client.waiting()
            return sum(heard) == more["answers"]

        until(have_come, f"{more['answers']} answers come")
        return heard

    def assert_allowance(self, *sent: tuple[Client, list[bytes]]) -> None:
        """Together these clients get what an address may have at once, and what comes by meanwhile."""
        began = time.monotonic()
        heard = sum(self.count(*sent))
        meanwhile = (time.monotonic() - began) * self.rate
        assert 2 * self.rate <= heard <= 2 * self.rate + meanwhile + 1


def requests(count: int) -> list[bytes]:
    return [message() for _ in range(count)]


@pytest.fixture(scope="module")
def new_limited(new_server):
    def start(rate: int, *options: str) -> Limited:
        hosts = stun.local_hosts()
        port, = free_ports(1, hosts)
        places = [(host, port) for host in hosts]
        return Limited(new_server("--stun", stun.text(*places), *options), places, rate)
    return start


@pytest.fixture(scope="module", params=["1", "2"], ids=["one loop", "two loops"])
def limited(new_limited, request) -> Limited:
    return new_limited(RATE, "--stun-rate", str(RATE), "--threads", request.param)


@pytest.fixture
def client(limited):
    with Udp(limited.place, next(SOURCES)) as made:
        yield made


@pytest.fixture
def other(limited):
    with Udp(limited.place, next(SOURCES)) as made:
        yield made


def test_so_many_at_once_and_no_more(limited, client):
    limited.assert_allowance((client, requests(8 * RATE)))


def test_each_address_has_its_own(limited, client, other):
    limited.assert_allowance((client, requests(8 * RATE)))
    assert limited.count((client, requests(2 * RATE)), (other, requests(2 * RATE)))[1] == 2 * RATE


def test_all_ports_of_an_address_share_one(limited):
    source = next(SOURCES)
    with ExitStack() as stack:
        clients = [stack.enter_context(Udp(limited.place, source)) for _ in range(4 * RATE)]
        limited.assert_allowance(*((client, requests(3)) for client in clients))


def test_all_connections_of_an_address_share_it_too(limited):
    source = next(SOURCES)
    with ExitStack() as stack:
        clients = [stack.enter_context(Tcp(limited.place, source)) for _ in range(4 * RATE)]
        limited.assert_allowance(*((client, requests(3)) for client in clients))


def test_datagrams_and_connections_share_it(limited):
    source = next(SOURCES)
    with ExitStack() as stack:
        clients = [stack.enter_context(kind(limited.place, source)) for kind in (Udp, Tcp) * RATE]
        limited.assert_allowance(*((client, requests(8)) for client in clients))


def test_a_connection_outlives_its_allowance(limited):
    with Tcp(limited.place, next(SOURCES)) as client:
        limited.assert_allowance((client, requests(8 * RATE)))
        until(lambda: limited.count((client, [message()])) == [1], "it is answered again")


def test_an_address_is_answered_again(limited, client):
    limited.assert_allowance((client, requests(8 * RATE)))
    until(lambda: limited.count((client, [message()])) == [1], "it is answered again")


def test_errors_are_answers_too(limited, client):
    bad = [message(attribute(0x7FFF)), message(b"\x80\0\0\4")]
    limited.assert_allowance((client, bad * 4 * RATE))


def test_what_is_not_answered_costs_nothing(limited, client):
    for _ in range(10 * RATE):
        for data in (message(kind=INDICATION), b"", b"what?", message(kind=0x0003), message()[:-1]):
            client.send(data)
    assert limited.count((client, requests(2 * RATE))) == [2 * RATE]


def test_ipv6(limited, client):
    if limited.place6 is None:
        pytest.skip("this machine has no IPv6")
    with Udp(limited.place6) as one, Udp(limited.place6) as two:
        limited.assert_allowance((one, requests(4 * RATE)), (two, requests(4 * RATE)))
        assert limited.count((one, requests(RATE)), (client, requests(2 * RATE)))[1] == 2 * RATE


def test_thousands_of_addresses_do_not_touch_each_other(limited):
    exhausted = next(SOURCES)
    with Udp(limited.place, exhausted) as one:
        limited.assert_allowance((one, requests(8 * RATE)))
    for source in itertools.islice(SOURCES, 2000):
        with Udp(limited.place, source) as client:
            assert client.ask(message()).mapped == client.address


def test_what_is_installed(new_limited):
    """A hundred a second."""
    limited = new_limited(100)
    with Udp(limited.place) as client:
        client.room(1 << 20)
        limited.assert_allowance((client, requests(350)))
