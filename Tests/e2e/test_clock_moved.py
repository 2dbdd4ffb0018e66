"""Somebody sets the clock an hour forward or back while the server runs."""

import time

import pytest

from support import forge, logs
from support.api import Api, create_account
from support.clock import LIBRARIES, Shifted
from support.load import Load
from support.notify import Service
from support.program import until
from support.schemes import prove
from support.server import starting
from support.wire import Wire, request

HOUR = 3600
MOVES = [HOUR, -HOUR]

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="libfaketime isn't installed")


class Watched(Shifted, Service):
    """One that a service manager watches, too."""


@pytest.fixture
def watched(program, database, tmp_path):
    """Starts them, and ends them with the test: who isn't listened to any more can't say that it ends."""
    with starting(program, database) as start:
        yield lambda *options: start(*options, directory=tmp_path, kind=Watched, watchdog=400)


@pytest.fixture
def server(watched) -> Watched:
    return watched("--log-level", "debug")


def now(server) -> float:
    """The server's time of day, as its own log has it."""
    number = Api(server.url).get("/nothing/").headers["X-Request-ID"]
    line = until(lambda: [line for line in server.log().splitlines() if number in line], "the line")[0]
    stamp = logs.read_logfmt(line)["time"]
    return time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone


def is_moved(server, seconds: int) -> bool:
    return abs(now(server) - time.time() - seconds) < 60


@pytest.mark.parametrize("seconds", MOVES)
def test_requests_and_signs_of_life_go_on(server, ctl, seconds):
    account = create_account(ctl, 1)
    # Opaque: a JWT that was made later than now is refused.
    proof = prove(Api(server.url), account, "Token")
    with Load(server.url, lambda api, _: proof.call(api, "POST", "/api/jwt/"), clients=3) as load:
        for offset in (seconds, 0, seconds):
            load.wait_for(50)
            server.move(offset)
            server.beats(4)
            load.wait_for(50)
    assert set(load.statuses) == {200} and not load.faults
    assert is_moved(server, seconds)


@pytest.mark.parametrize("seconds", MOVES)
def test_timers_neither_stall_nor_storm(watched, seconds):
    """Deadlines are of durations, not of times of day."""
    server = watched("--head-timeout", "2s", "--keep-alive-timeout", "2s")
    with Wire(server.address, 30) as halting, Wire(server.address, 30) as idle:
        halting.send(b"GET /status/ HTT")
        idle.send(request("GET", "/status/"))
        assert idle.response().status == 200
        server.move(seconds)
        assert is_moved(server, seconds)
        # A jump ahead must not have ended them: there is still time to go on.
        idle.send(request("GET", "/nothing/"))
        again = idle.response()
        assert again is None or again.status == 404
        # And a jump back must not keep them forever.
        assert not [answer for answer in idle.rest() if answer.status != 408] and idle.eof
        halting.rest()
        assert halting.eof
    server.manager.waiting()
    beats = server.beats(8)
    assert beats[-1].at - beats[0].at > 7 * 0.2 * 0.8


@pytest.mark.parametrize("seconds", MOVES)
def test_tokens_stay_sensible(server, ctl, seconds):
    api = Api(server.url)
    account = create_account(ctl, 1)
    early = api.tokens(account)
    server.move(seconds)
    assert is_moved(server, seconds)
    late = api.tokens(account)
    for pair in (early, late):
        claims = forge.claims_of(pair["access_token"])
        assert 0 < claims["exp"] - claims["iat"] <= 7 * 86400
        assert abs(claims["iat"] - time.time() - (0 if pair is early else seconds)) < 60
    # Good for as long as it says, but for one that was made an hour ahead of now.
    assert api.alive(late["access_token"]) and api.alive(early["access_token"]) == (seconds > 0)
    server.move(0)
    assert api.alive(early["access_token"]) and api.alive(late["access_token"]) == (seconds < 0)
    server.move(HOUR + 1)
    assert api.alive(early["access_token"]) and api.alive(late["access_token"])
    assert api.refresh(late["refresh_token"]).status_code == 200


@pytest.mark.parametrize("seconds", MOVES)
def test_it_ends_well(server, seconds):
    server.move(seconds)
    assert is_moved(server, seconds)
    server.stop()
    found = [logs.read_logfmt(line) for line in server.log().splitlines()]
    assert not [record for record in found if record["level"] == "error"]
    assert all("-" not in record["us"] for record in found if "us" in record)


def test_two_servers_whose_clocks_differ_know_each_other_s_sessions(new_server, ctl, tmp_path):
    """By an hour either way, on one database."""
    ahead, behind = (new_server(directory=(tmp_path / str(offset)), kind=Moved, offset=offset) for offset in MOVES)
    account = create_account(ctl, 1)
    proofs = [prove(Api(server.url), account, "Token") for server in (ahead, behind)]
    for server in (ahead, behind):
        for proof in proofs:
            assert proof.probe(Api(server.url), "integers") == 200


class Moved(Shifted):
    """One whose clock is wrong from the beginning."""

    def __init__(self, program, database, *options: str, directory, offset: int, **env: str):
        directory.mkdir()
        super().__init__(program, database, *options, directory=directory, **env)
        self.move(offset)
