"""Every descriptor that the server may have is used up, and freed again."""

import re
import time

import pytest

from support.api import Api
from support.crowd import terminate
from support.members import join
from support.program import until
from support.server import Server
from support.sockets import begin
from trouble.ledger import Ledger, Tweeter
from trouble.many import Many
from trouble.process import assert_descriptors_come_back, descriptors

LIMIT = 120
CPU_SECONDS_IDLE = 1.5


class Poor(Server):
    """One that may open few files, fewer than it would take connections."""

    def __init__(self, program, database, *options: str, **env: str):
        super().__init__(program, database, "--max-connections=5000", *options,
                         prefix=("prlimit", f"--nofile={LIMIT}:{LIMIT}", "--"), **env)


@pytest.fixture
def server(new_server) -> Server:
    return new_server(kind=Poor)


def lost(api: Api) -> int:
    return int(re.search(r"^havocctl_database_connections_lost_total (\d+)$", api.get("/metrics").text, re.M)[1])


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_clients_use_them_up(server, database, told):
    """Who is in is served, also with what needs the database; others wait, and come in when there is room."""
    inside = Api(server.url)
    account = inside.registered()
    token = inside.tokens(account)["access_token"]
    before, lost_before = descriptors(server.process.pid), lost(inside)
    with Many(server.address, 400) as many:
        assert many.opened > 0
        until(lambda: descriptors(server.process.pid) >= LIMIT - 40, "many are accepted")
        for _ in range(20):
            answer = inside.get("/exercises/list/", token)
            assert answer.status_code == 200, answer.text
        assert inside.login(account).status_code == 200
        # Nor does it turn in circles for those that it can't accept.
        began = cpu_seconds(server.process.pid)
        time.sleep(2)
        assert cpu_seconds(server.process.pid) - began < CPU_SECONDS_IDLE
        told(f"{descriptors(server.process.pid)} of {LIMIT} descriptors in use, {before} before")
    assert lost(inside) == lost_before
    assert_descriptors_come_back(server.process.pid, before)
    outside = Api(server.url)
    assert outside.login(account).status_code == 200
    assert server.running


def test_the_database_connection_is_lost_meanwhile(server, database):
    """The clients don't take what the way to the database needs."""
    inside = Api(server.url)
    member = join(inside, connected=False)
    with Many(server.address, 400):
        until(lambda: descriptors(server.process.pid) >= LIMIT - 40, "many are accepted")
        terminate(database)
        until(lambda: inside.get("/api/tweets/", headers=member.headers).status_code == 200, "it connects again", 20)


def test_sockets_use_them_up(server, ctl, database):
    """Chat sockets that are open go on, and a new one is served once there is room."""
    talk = begin(ctl, server)
    with talk.open(server) as chat, talk.open(server, talk.other) as other:
        with Many(server.address, 400):
            until(lambda: descriptors(server.process.pid) >= LIMIT - 40, "many are accepted")
            for number in range(5):
                other.read_to(chat.say(f"{number}")["id"])
        with talk.open(server) as late:
            late.read_to(chat.say("last")["id"])


def test_writes_go_on_throughout(server, database):
    writers = [Tweeter([server]) for _ in range(3)]
    with Ledger(*writers) as ledger:
        ledger.wait_for(3)
        for _ in range(3):
            with Many(server.address, 400):
                ledger.wait_for(5)
        ledger.wait_for(3)
    ledger.check(database)
