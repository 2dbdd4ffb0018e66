"""Sets outlive `kill -9` of the server and of the database: what was acknowledged is whole, the rest is
whole or not there."""

import threading

import pytest

from support.api import Api
from support.cluster import Cluster
from support.integers import SET, Owner, join, listed, many, units, units_text
from support.load import QUICK, Load, quick_ctl
from support.server import Server, end

LARGE = 100_000


@pytest.fixture
def mortal(program):
    """A cluster and a server of their own, to be killed."""
    with Cluster() as cluster:
        ctl = quick_ctl(program, cluster.create("mortal"))
        server = Server(program, ctl.database, *QUICK).start()
        yield cluster, server
        end([server])


def test_acknowledged_sets_survive(mortal):
    cluster, server = mortal
    owner = join(Api(server.url))
    owner.keep("a", units(3))
    owner.keep_session("s", many(100))
    assert owner.post_text(units_text(LARGE), set_id="large", session_id="s").status_code == 201
    server.kill9()
    server.start()
    assert owner.elsewhere().session() == {"a": units(3)}
    assert owner.elsewhere().session(session_id="s") == {"large": units(LARGE)} | many(100)
    assert owner.elsewhere().delete(SET, set_id="large", session_id="s").status_code == 204
    owner.elsewhere().keep("a", units(7))
    cluster.kill9()
    server.kill9()
    cluster.start()
    server.start()
    assert owner.elsewhere().session() == {"a": units(7)}
    assert owner.elsewhere().session(session_id="s") == many(100)


class Writers:
    """They post a session after the other, each of one value throughout, and a session that they all share."""

    def __init__(self, owner: Owner):
        self.owner = owner
        self.lock = threading.Lock()
        self.value = 0
        self.tried: dict[int, bool] = {}
        self.load = Load(owner.api.url, self.work, clients=3)

    @staticmethod
    def sets(value: int) -> dict:
        return many(20, value=value) | {"larger": units(2_000, value)}

    def work(self, api: Api, number: int):
        with self.lock:
            self.value += 1
            value = self.value
            self.tried[value] = False
        owner = Owner(api, self.owner.account, self.owner.user_id, self.owner.token)
        name = "shared" if value % 3 == 0 else f"session {value}"
        answer = owner.post_session(listed(self.sets(value)), session_id=name)
        self.tried[value] = answer.status_code == 201
        return answer

    def check(self) -> None:
        owner = self.owner.elsewhere()
        assert owner.session(session_id="shared") in [
            self.sets(value) for value in self.tried if value % 3 == 0]
        for value, acknowledged in self.tried.items():
            if value % 3 == 0:
                continue
            if acknowledged or not owner.lacks_session(f"session {value}"):
                assert owner.session(session_id=f"session {value}") == self.sets(value)


def test_a_post_is_whole_or_not_there(mortal):
    cluster, server = mortal
    writers = Writers(join(Api(server.url)))
    with writers.load as load:
        for _ in range(3):
            load.wait_for(10, 201)
            server.kill9()
            server.start()
        load.wait_for(10, 201)
        cluster.kill9()
        server.kill9()
    cluster.start()
    server.start()
    assert not load.faults, load.faults[:5]
    writers.check()
