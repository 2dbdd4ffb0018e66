"""Two servers behind HAProxy, PostgreSQL under Patroni: the primary is killed, moved and comes back under load."""

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from support.cluster import query
from support.crowd import Crowd
from support.load import QUICK, quick_ctl
from support.program import until
from support.server import Server, end
from support.sockets import begin
from trouble.ledger import Counting, Ledger, Permitter, Tweeter
from trouble.patroni import Group
from trouble.scale import SHORT, scaled

TOOLS = ("patroni", "patronictl", "etcd", "haproxy")
pytestmark = pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"not all are installed: {', '.join(TOOLS)}")

# What Patroni takes to be sure, and to promote; and then what we take.
FAILOVER_SECONDS = 60

# How each of the two servers reaches the primary.
WAYS = {"by several hosts and by HAProxy": ("hosts", "haproxy"), "by several hosts": ("hosts", "hosts"),
        "by HAProxy": ("haproxy", "haproxy")}


@dataclass(frozen=True)
class Front:
    """HAProxy's port, as if it were a server."""

    port: int

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def group():
    made = Group()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest.fixture(params=list(WAYS)[:1] if SHORT else WAYS)
def service(request, group, program):
    """HAProxy, the two servers behind it, and the command line."""
    group.wait_for_standby()
    group.create("havoc")
    urls = {"hosts": group.url("havoc"), "haproxy": group.url("havoc", group.primary_port)}
    ctl = quick_ctl(program, group.primary_url("havoc"))
    ctl.ok("db", "migrate")
    servers = [Server(program, urls[way], *QUICK, "--chat-rate=0") for way in WAYS[request.param]]
    group.balance({f"havocctl{at}": server.address for at, server in enumerate(servers)})
    # It leads to either of them until it has looked at both.
    until(lambda: all(leads_to_primary(urls["haproxy"]) for _ in range(6)), "HAProxy has found the primary")
    try:
        for server in servers:
            server.start()
        front = Front(group.front_port)
        until(lambda: Server.status(front) == 200, "HAProxy has found the servers")
        yield front, servers, ctl
    finally:
        end(servers)


def leads_to_primary(url: str) -> bool:
    try:
        return query(url, "SELECT pg_is_in_recovery()") == [(False,)]
    except Exception:  # noqa: BLE001 - whatever it is, it isn't there yet.
        return False


def test_failover_rejoin_and_switchover(group, service, told):
    front, servers, ctl = service
    database = group.primary_url("havoc")
    talk = begin(ctl, front)
    ledger = Ledger(*(Tweeter([front]) for _ in range(scaled(4, 2))), Counting([front]), Permitter(ctl),
                    *(Tweeter([server]) for server in servers))
    quiet = [talk.open(server, talk.other) for server in servers]
    with ExitStack() as stack:
        crowd = stack.enter_context(Crowd(talk, [front]))
        stack.enter_context(ledger)

        def go_on(what: str) -> None:
            """Everybody, on both servers, is acknowledged again; nobody was asked to help."""
            began = time.monotonic()
            ledger.wait_for(3, FAILOVER_SECONDS)
            crowd.wait_for(3, FAILOVER_SECONDS)
            told(f"{what}: all write again after {time.monotonic() - began:.1f} s")

        go_on("at first")
        old = until(group.primary, "one of them is the primary")
        old.kill9()
        go_on("the primary was killed")
        until(lambda: (new := group.primary()) and new is not old, "another is the primary")
        ledger.check_so_far(database)
        old.patroni.start()
        group.wait_for_standby()
        go_on("the old primary is a standby")
        if not SHORT:
            group.switchover()
            go_on("a planned switchover")
            until(lambda: group.primary() is old, "the old one is the primary")
            group.wait_for_standby()
            go_on("and all is as before")
    ledger.check(database)
    crowd.check(front)
    last = talk.stored()[-1][0]
    for chat in quiet:
        assert chat.read_to(last) == [number for number, _, _ in talk.stored()], "a socket missed something"
        chat.connection.close()
    for server in servers:
        assert server.running and server.status() == 200
    group.wait_for_standby()
    told(ledger.told())
