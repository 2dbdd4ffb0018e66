"""`havocctl status`: what running servers have counted."""

import json

import pytest

from support import stun
from support.api import Api
from support.caught import Running
from support.formats import read_jsonl
from support.ports import free_port
from support.program import Ctl, until
from support.server import Server
from support.sockets import begin, opened
from support.stun_message import message

FIGURES = ["requests", "requests_per_second", "sockets", "stun_per_second"]


def figures(ctl) -> dict[str, str]:
    return {row["name"]: row["value"] for row in ctl.json("status")}


def number(ctl, name: str) -> float:
    return float(figures(ctl)[name])


def test_without_a_server_they_are_nought(program, new_database):
    found = figures(Ctl(program, new_database()))
    assert found["servers"] == "0" and [float(found[name]) for name in FIGURES] == [0] * 4


def test_rows_stand_once_and_in_order(ctl, server):
    names = [row["name"] for row in ctl.json("status")]
    assert len(set(names)) == len(names) and names[0] == "version" and set(FIGURES) < set(names)


def test_requests_are_counted(ctl, server):
    api = Api(server.url)
    before = number(ctl, "requests")
    for _ in range(30):
        api.get("/status/")
    until(lambda: number(ctl, "requests") >= before + 30, "30 requests are counted", pause=0.3)


def test_requests_a_second(ctl, server):
    api = Api(server.url)

    def busy() -> bool:
        for _ in range(20):
            api.get("/status/")
        return number(ctl, "requests_per_second") > 0
    until(busy, "some requests a second")
    until(lambda: number(ctl, "requests_per_second") <= 1, "none any more", pause=0.5)


def test_requests_of_two_servers_are_added(program, new_database):
    ctl = Ctl(program, new_database())
    two = [Server(program, ctl.database).start() for _ in range(2)]
    try:
        for server in two:
            for _ in range(20):
                Api(server.url).get("/status/")
        until(lambda: number(ctl, "requests") >= 40, "both are counted", pause=0.3)
        assert figures(ctl)["servers"] == "2"
        two[0].stop()
        until(lambda: figures(ctl)["servers"] == "1" and number(ctl, "requests") < 40, "one is left", pause=0.3)
    finally:
        for server in two:
            if server.running:
                server.stop()


def test_open_sockets(ctl, server):
    chats = opened([server] * 3, begin(ctl, server))
    until(lambda: number(ctl, "sockets") == 3, "3 open sockets", pause=0.3)
    for chat in chats:
        chat.connection.close()
    until(lambda: number(ctl, "sockets") == 0, "no open socket", pause=0.3)


def test_stun_a_second(program, new_database):
    ctl = Ctl(program, new_database())
    place = ("127.0.0.1", free_port())
    server = Server(program, ctl.database, "--stun", stun.text(place), "--stun-rate", "0").start()
    try:
        with stun.Udp(place) as client:
            def busy() -> bool:
                for _ in range(20):
                    client.ask(message())
                return number(ctl, "stun_per_second") > 0
            until(busy, "some STUN requests a second")
        assert number(ctl, "stun_requests") >= 20
    finally:
        server.stop()


@pytest.mark.parametrize("form", ["jsonl", "table"])
def test_watching_from_a_pipe(ctl, server, form):
    with Running(ctl, "status", "--watch", "0.1", "-o", form) as running:
        lines = [running.process.stdout.readline().decode() for _ in range(80)]
        running.send()
        assert running.ends().status == 130
    if form == "jsonl":
        assert sum(json.loads(line)["name"] == "requests" for line in lines) >= 2
        assert read_jsonl("".join(lines))
    else:
        assert "\n" in lines and "\x1b" not in "".join(lines)
        assert sum(line.startswith("requests ") for line in lines) >= 2
