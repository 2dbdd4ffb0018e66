"""A mixed load for a long time: memory and descriptors stay flat, in the server and in PostgreSQL."""

import statistics
import time
from contextlib import ExitStack

from support.api import Api, create_account
from support.avatars import upload
from support.cluster import query
from support.crowd import Crowd
from support.load import Load
from support.members import join
from support.pictures import picture
from support.sockets import begin
from trouble.ledger import Counting, Ledger, Permitter, Tweeter
from trouble.process import MEBIBYTE, Sampler, assert_descriptors_come_back, descriptors
from trouble.scale import SOAK_SECONDS

# What grows for a reason: allocators' arenas, and caches with a limit.
SLACK = 32 * MEBIBYTE


class Visitor:
    """Signs in, looks around, changes a thing or two and signs out; somebody else's mistakes in between."""

    def __init__(self, ctl, server):
        self.accounts = [create_account(ctl, 1) for _ in range(8)]
        self.picture = picture("png", (64, 64))
        self.load = Load(server.url, self.visit, clients=3)

    def visit(self, api: Api, number: int):
        account = self.accounts[number]
        pair = api.login(account)
        if pair.status_code != 200:
            return pair
        token = pair.json()["access_token"]
        for path in ("/exercises/list/", "/users/user_list/", "/api/tweets/", "/status/", "/admin/", "/openapi.json"):
            answer = api.get(path, token)
            if answer.status_code not in (200, 302, 303):
                return answer
        assert api.post("/api/tweets/", {"content": ""}, token).status_code == 400
        assert api.get("/api/tweets/999999999/", token).status_code == 404
        assert api.post("/api/auth/login/", {"username": "nobody", "password": "wrong-password"}).status_code in (401, 503)
        ended = api.post("/api/auth/logout/", {"refresh": pair.json()["refresh_token"]})
        return ended


def backends(database: str) -> int:
    return query(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")[0][0]


def test_memory_and_descriptors_stay_flat(new_server, ctl, database, told):
    server = new_server("--chat-rate=0")
    ctl.ok("exercise", "seed")
    visitor = Visitor(ctl, server)
    talk = begin(ctl, server)
    member = join(Api(server.url))
    before, connections = descriptors(server.process.pid), backends(database)
    with ExitStack() as stack:
        crowd = stack.enter_context(Crowd(talk, [server], restless=True))
        ledger = stack.enter_context(Ledger(Tweeter([server]), Counting([server]), Permitter(ctl)))
        load = stack.enter_context(visitor.load)
        # The first tenth is for what is made once.
        deadline = time.monotonic() + SOAK_SECONDS / 10
        while time.monotonic() < deadline:
            assert upload(member.elsewhere(), visitor.picture).status_code == 200
            time.sleep(0.2)
        sampler = stack.enter_context(Sampler(server.process.pid))
        deadline = time.monotonic() + SOAK_SECONDS
        while time.monotonic() < deadline:
            assert upload(member.elsewhere(), visitor.picture).status_code == 200
            assert not load.faults, load.faults[:5]
            ledger.assert_sound()
            time.sleep(0.5)
    tenth = max(1, len(sampler.memory) // 10)
    early, late = (statistics.median(part) for part in (sampler.memory[:tenth], sampler.memory[-tenth:]))
    told(f"{SOAK_SECONDS:.0f} s: {dict(load.statuses)}; {sampler.told()}; medians {early // MEBIBYTE:.0f} and"
         f" {late // MEBIBYTE:.0f} MiB; {ledger.told()}")
    assert late < early + SLACK
    assert max(sampler.files[-tenth:]) <= max(sampler.files[:tenth]) + 16
    assert set(load.statuses) <= {200, 204}, load.statuses
    ledger.check(database)
    crowd.check(server)
    assert_descriptors_come_back(server.process.pid, before)
    assert backends(database) <= connections + 12
    assert server.running and server.status() == 200
