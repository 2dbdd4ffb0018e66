"""SIGHUP while there is much to do: no request fails, no connection is dropped, no socket closes."""

import concurrent.futures
import signal
from pathlib import Path

import pytest
import requests

from support.api import Api, create_account
from support.configured import Configured, TLSConfigured
from support.crowd import Crowd
from support.integers import join, units
from support.load import Load, quick_ctl
from support.locks import locked, until_somebody_waits
from support.program import until
from support.sockets import begin
from support.streams import Stage, joined
from support.tls import TLSStage, TLSWire
from support.wire import Wire, request

QUICK = {"argon2-memory": "8192", "argon2-iterations": "1"}


@pytest.fixture(scope="module")
def plain(new_server) -> Configured:
    return new_server(kind=Configured, settings=QUICK)


@pytest.fixture(scope="module")
def within_tls(new_server, certificates) -> TLSConfigured:
    return new_server(
        kind=TLSConfigured, trust=certificates.trust, settings=QUICK | certificates.pair().settings)


@pytest.fixture(params=["plain", "within_tls"], ids=["without TLS", "within TLS"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(autouse=True)
def always_serving(request):
    """What each test leaves behind."""
    yield
    for name in ("plain", "within_tls"):
        if name in request.fixturenames:
            assert request.getfixturevalue(name).status() == 200


def open_wire(server) -> Wire:
    return TLSWire(server.door) if isinstance(server, TLSConfigured) else Wire(server.address)


# What alternates while requests run; none of it may be felt by them.
TURNS = [{"max_body": "2M"}, {"chat_rate": "30", "log_level": "debug"}, {"argon2_memory": "9000"}, {"docs": "off"}, {}]


class Steady(Load):
    """Requests on connections that are kept, and on new ones; a connection that breaks is a fault."""

    def __init__(self, server, work, **more):
        self.server = server
        super().__init__(server.url, work, **more)

    def _run(self, number: int) -> None:
        kept = self.server.api
        while not self.stopping.is_set():
            api = kept if number % 2 else self.server.api
            try:
                answer = self.work(api, number)
                self.answers.append((answer.status_code, 0))
            except requests.RequestException as error:
                self.faults.append(repr(error))
            finally:
                if api is not kept:
                    api.session.close()


def test_no_request_fails(server, program, database):
    account = create_account(quick_ctl(program, database), 1)
    access = server.api.tokens(account)["access_token"]

    def work(api: Api, number: int) -> requests.Response:
        if number % 3 == 0:
            return api.get("/exercises/list/", access)
        return api.login(account) if number % 3 == 1 else api.get("/status/")

    with Steady(server, work) as load:
        for number in range(20):
            server.write(**TURNS[number % len(TURNS)])
            server.hang_up()
            load.wait_for(15)
    server.write()
    server.takes()
    assert not load.faults, load.faults[:5]
    assert set(load.statuses) == {200}, load.statuses


def test_connections_stay_open(server):
    wires = [open_wire(server) for _ in range(50)]
    for turn in TURNS * 2:
        server.takes(**turn)
        for wire in wires:
            wire.send(request("GET", "/status/"))
        assert {wire.response().status for wire in wires} == {200}
    for wire in wires:
        wire.socket.close()


def test_half_a_request_is_read_to_its_end(server):
    """In the head, in the body, and between two requests."""
    body = b'{"username":"nobody","password":"wrong"}'
    whole = request("POST", "/api/auth/login/", body, "Content-Type: application/json")
    for cut in (5, whole.index(b"\r\n\r\n") + 2, len(whole) - 10):
        with open_wire(server) as wire:
            wire.send(request("GET", "/status/") + whole[:cut])
            assert wire.response().status == 200
            server.takes(**TURNS[0])
            wire.send(whole[cut:])
            assert wire.response().status == 401
    server.write()
    server.takes()


def test_a_chat_loses_nothing(plain, ctl):
    talk = begin(ctl, plain)
    with Crowd(talk, [plain], each=2) as crowd:
        for number in range(20):
            plain.write(**TURNS[number % 3])
            plain.hang_up()
            crowd.wait_for(2)
    crowd.check(plain)
    assert [(speaker.visits, speaker.errors) for speaker in crowd.speakers] == [(1, 0)] * 4, "a socket was closed"


def test_a_stream_loses_nothing(server, ctl):
    token = server.api.tokens(create_account(ctl, 1))["access_token"]
    kind = TLSStage if isinstance(server, TLSConfigured) else Stage
    with kind(server.api, token) as stage:
        publisher, watcher = stage.publish(), stage.watch()
        joined(publisher, watcher)
        for number in range(200):
            publisher.send(bytes([number]) * 50_000)
            if number % 10 == 0:
                server.hang_up()
            assert watcher.recv(timeout=60) == bytes([number]) * 50_000


def posted(server, size: int) -> int:
    with open_wire(server) as wire:
        wire.send(request("POST", "/user/login", b"", "Content-Type: application/json", f"Content-Length: {size}",
                          "Expect: 100-continue"))
        return wire.response().status


def test_the_last_file_holds(server):
    """Signals that come while one is worked on aren't lost."""
    for size in range(2_000, 2_050):
        server.write(max_body=str(size))
        server.hang_up()
    until(lambda: [posted(server, size) for size in (2_049, 2_050)] == [100, 413], "the last size")
    server.write()
    server.hang_up()
    until(lambda: posted(server, 2_050) == 100, "the first one again")


def settle(server) -> None:
    """Each connection is accepted in another turn of the loop that also reloads, and that needs three at the most."""
    for _ in range(4):
        assert server.status() == 200


def test_a_storm(server):
    descriptors = Path(f"/proc/{server.process.pid}/fd")
    server.takes()
    before = len(list(descriptors.iterdir()))
    for _ in range(2_000):
        server.hang_up()
    settle(server)
    server.takes()
    until(lambda: len(list(descriptors.iterdir())) <= before, "it holds no more descriptors than before")


def test_a_storm_of_mistakes(server):
    server.write_text(server.path.read_text() + "foo = 1\n")
    for _ in range(500):
        server.hang_up()
    settle(server)
    server.refuses()
    settle(server)
    server.write()
    server.takes()


def test_while_it_stops(new_server, database):
    """What runs is finished, and the end comes all the same."""
    server = new_server(kind=Configured)
    owner = join(server.api)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with locked(database, "integer_set"):
            running = pool.submit(owner.keep, "late", units(3))
            until_somebody_waits(database)
            server.terminate()
            until(lambda: "msg=stopping" in server.log(), "it stops")
            for _ in range(50):
                server.hang_up()
        assert running.result()["integers"] == units(3)
    assert server.wait() == 0


def knows_the_signal(server) -> bool:
    """Whether SIGHUP no longer ends the process: it is caught, blocked or ignored."""
    masks = [line.split()[1] for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
             if line.startswith(("SigCgt", "SigBlk", "SigIgn"))]
    return any(int(mask, 16) & 1 << signal.SIGHUP - 1 for mask in masks)


def test_before_it_is_ready(program, new_database):
    """While the database keeps it waiting; the file as it was at the signal holds in the end."""
    url = new_database()
    server = Configured(program, url)
    with locked(url, "schema_migration"):
        server.launch()
        until(lambda: knows_the_signal(server), "it knows the signal")
        until_somebody_waits(url)
        server.write(max_body="4K")
        for _ in range(10):
            server.hang_up()
        assert server.running
    server.wait_for(200)
    until(lambda: posted(server, 5_000) == 413, "the reload")
    server.stop()
