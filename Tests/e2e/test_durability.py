"""Every acknowledged write survives `kill -9` of the server and of the database."""

import threading

import pytest

from support.api import Api, new_account
from support.cluster import Cluster
from support.load import QUICK, Load, quick_ctl
from support.program import Ctl, until
from support.server import Server, end


class Ledger:
    """What was acknowledged, to be asked for after a crash."""

    def __init__(self, url: str):
        self.lock = threading.Lock()
        self.accounts, self.pairs, self.ended = [], [], []
        self.load = Load(url, self.work)

    def work(self, api: Api, number: int):
        account = new_account(f"ledger{number}")
        answer = api.register(account)
        if answer.status_code != 201:
            return answer
        with self.lock:
            self.accounts.append(account)
        answer = api.login(account)
        if answer.status_code != 200:
            return answer
        pair = answer.json()
        if len(self.pairs) % 3 == 0:
            left = api.post("/api/auth/logout/", {"refresh": pair["refresh_token"]})
            if left.status_code == 204:
                with self.lock:
                    self.ended.append(pair["access_token"])
            else:
                return left
        with self.lock:
            self.pairs.append(pair["access_token"])
        return answer

    def check(self, api: Api, ctl: Ctl) -> None:
        there = set(ctl.ok("user", "list", "-o", "name").stdout.splitlines())
        lost = [account.username for account in self.accounts if account.username not in there]
        assert self.accounts and not lost, f"{len(lost)} of {len(self.accounts)} acknowledged are lost"
        ended = set(self.ended)
        for token in self.pairs:
            assert api.alive(token) is (token not in ended)


@pytest.fixture
def mortal(program):
    """A cluster and a server of their own, to be killed."""
    with Cluster() as cluster:
        ctl = quick_ctl(program, cluster.create("mortal"))
        server = Server(program, ctl.database, *QUICK).start()
        yield cluster, ctl, server
        end([server])


def test_acknowledged_writes_survive_kill_9_of_the_server(mortal):
    _, ctl, server = mortal
    ledger = Ledger(server.url)
    with ledger.load as load:
        for _ in range(3):
            load.wait_for(15)
            server.kill9()
            server.start()
        load.wait_for(5)
    assert not load.faults, load.faults[:5]
    ledger.check(Api(server.url), ctl)


def test_acknowledged_writes_survive_kill_9_of_the_database(mortal):
    cluster, ctl, server = mortal
    ledger = Ledger(server.url)
    with ledger.load as load:
        for _ in range(2):
            load.wait_for(15)
            cluster.kill9()
            until(lambda: server.status() == 500, "the loss is noticed")
            cluster.start()
            server.wait_for(200)
        load.wait_for(15)
    assert not load.faults, load.faults[:5]
    assert set(load.statuses) <= {200, 503}, load.statuses
    ledger.check(Api(server.url), ctl)


def test_both_killed_at_once(mortal):
    cluster, ctl, server = mortal
    ledger = Ledger(server.url)
    with ledger.load as load:
        load.wait_for(20)
        cluster.kill9()
        server.kill9()
    cluster.start()
    server.start()
    assert not load.faults, load.faults[:5]
    ledger.check(Api(server.url), ctl)
