"""`kill -9` of any process at random under load, and an immediate stop: what was acknowledged is there, once."""

import os
import random
import signal
import time
from contextlib import ExitStack

import pytest

from support.cluster import Cluster, query
from support.crowd import Crowd, terminate
from support.load import QUICK, quick_ctl
from support.program import until
from support.server import Server, end
from support.signals import signal_all
from support.sockets import begin
from trouble.ledger import Counting, Ledger, Mover, Permitter, Tweeter
from trouble.scale import FAULT_SECONDS

RECOVERY_SECONDS = 60


class Scene:
    """Two servers and a cluster of their own."""

    def __init__(self, program):
        self.cluster = Cluster()
        self.database = self.cluster.create("mortal")
        self.ctl = quick_ctl(program, self.database)
        self.servers = [Server(program, self.database, *QUICK, "--chat-rate=0").start() for _ in range(2)]

    def remove(self) -> None:
        end(self.servers)
        self.cluster.remove()

    # What can befall it.

    def kill_a_server(self) -> None:
        server = random.choice(self.servers)
        server.kill9()
        server.start()

    def kill_the_postmaster(self) -> None:
        """First it alone, then its children: only when they are gone another can start."""
        family = self.cluster.processes()
        os.kill(family[0], signal.SIGKILL)
        self.cluster.process.wait()
        signal_all(family[1:], signal.SIGKILL)
        until(lambda: not [pid for pid in family[1:] if os.path.exists(f"/proc/{pid}")], "all of it has ended")
        self.cluster.start()

    def kill_a_backend(self) -> None:
        """PostgreSQL ends all others and recovers, for this one may have left shared memory broken."""
        until(self.a_backend_was_killed, "a backend that was there is killed")
        until(self.cluster.answers, "PostgreSQL has recovered", RECOVERY_SECONDS)

    def a_backend_was_killed(self) -> bool:
        """Whether it was still there: a command's is gone as soon as the command is."""
        backends = query(self.database, """
            SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()""")
        return bool(backends) and signal_all(random.choice(backends), signal.SIGKILL) == 1

    def stop_at_once(self) -> None:
        self.cluster.stop("immediate")
        self.cluster.start()

    def end_connections(self) -> None:
        terminate(self.database)

    def all_at_once(self) -> None:
        self.cluster.kill9()
        for server in self.servers:
            server.kill9()
        self.cluster.start()
        for server in self.servers:
            server.start()


BLOWS = [Scene.kill_a_server, Scene.kill_the_postmaster, Scene.kill_a_backend, Scene.stop_at_once,
         Scene.end_connections, Scene.all_at_once]


@pytest.fixture
def scene(program):
    made = Scene(program)
    yield made
    made.remove()


def test_every_acknowledged_write_is_there_once(scene, told):
    """In random order, each at least once; the seed is said, and HAVOC_SEED repeats it."""
    seed = int(os.environ.get("HAVOC_SEED", random.randrange(1_000_000)))
    random.seed(seed)
    told(f"HAVOC_SEED={seed}")
    talk = begin(scene.ctl, scene.servers[0])
    ledger = Ledger(Tweeter(scene.servers), Tweeter(scene.servers), Counting(scene.servers), Mover(scene.servers),
                    Permitter(scene.ctl))
    recoveries: dict[str, float] = {}
    with ExitStack() as stack:
        crowd = stack.enter_context(Crowd(talk, scene.servers[:1], refuge=scene.servers[1]))
        stack.enter_context(ledger)
        ledger.wait_for(3)
        deadline = time.monotonic() + FAULT_SECONDS
        blows = random.sample(BLOWS, len(BLOWS))
        while blows or time.monotonic() < deadline:
            blow = blows.pop() if blows else random.choice(BLOWS)
            blow(scene)
            began = time.monotonic()
            ledger.wait_for(2, RECOVERY_SECONDS)
            crowd.wait_for(2, RECOVERY_SECONDS)
            recoveries[blow.__name__] = max(recoveries.get(blow.__name__, 0), time.monotonic() - began)
    for server in scene.servers:
        assert server.running
        server.wait_for(200)
    ledger.check(scene.database)
    crowd.check(scene.servers[0])
    told("all write again after " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in recoveries.items()))
    told(ledger.told())
