"""Twenty thousand connections at once, and requests beside them."""

import statistics
import time

import pytest

from support.api import Api
from support.program import until
from trouble.many import SPARE, Many, most
from trouble.process import MEBIBYTE, assert_descriptors_come_back, descriptors, rss
from trouble.scale import scaled

WANTED = scaled(20_000, 1_500)
ANSWER_SECONDS = 10
REQUEST = b"GET /nothing/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


def asked(api: Api, account, count: int) -> list[float]:
    """Sign-ins and reads; how long each took."""
    found = []
    token = api.tokens(account)["access_token"]
    for _ in range(count):
        began = time.monotonic()
        assert api.get("/exercises/list/", token).status_code == 200
        found.append(time.monotonic() - began)
        assert found[-1] < ANSWER_SECONDS
    return found


@pytest.mark.parametrize("say", [b"", REQUEST[:20], REQUEST], ids=["silent", "begun", "idle after a request"])
def test_they_are_held_and_others_are_served(new_server, say, told):
    count = min(WANTED, most() - SPARE)
    server = new_server(f"--max-connections={count + 100}", "--keep-alive-timeout=10m", "--head-timeout=10m")
    api = Api(server.url)
    account = api.registered()
    asked(api, account, 5)
    pid = server.process.pid
    before, memory = descriptors(pid), rss(pid)
    began = time.monotonic()
    with Many(server.address, count, say) as many:
        assert many.opened == count
        until(lambda: descriptors(pid) >= before + count, "all are accepted")
        took = time.monotonic() - began
        seconds = asked(Api(server.url), account, 20)
        assert many.alive() == count
        told(f"{count} of {WANTED} connections (hard limit {most() + SPARE}) in {took:.1f} s,"
             f" {(rss(pid) - memory) // count} bytes each; requests {statistics.median(seconds) * 1000:.1f} ms,"
             f" {max(seconds) * 1000:.1f} at most")
        assert rss(pid) - memory < count * 64 * 1024
    assert_descriptors_come_back(pid, before)
    asked(Api(server.url), account, 5)
    server.stop()


def test_beyond_the_limit_they_are_turned_away_and_come_in_later(new_server):
    """Those who are in are served; as soon as some leave, others come in."""
    limit = scaled(2_000, 300)
    server = new_server(f"--max-connections={limit}", "--keep-alive-timeout=10m", "--head-timeout=10m")
    inside = Api(server.url)
    account = inside.registered()
    token = inside.tokens(account)["access_token"]
    pid = server.process.pid
    before = descriptors(pid)
    with Many(server.address, limit * 2) as many:
        until(lambda: many.alive() <= limit, "those beyond it are turned away")
        assert inside.get("/exercises/list/", token).status_code == 200
        assert descriptors(pid) <= before + limit
    until(lambda: server.status() == 200, "others come in")
    assert_descriptors_come_back(pid, before)
    assert Api(server.url).login(account).status_code == 200
    server.stop()


def test_memory_is_given_back_for_the_next_ones(new_server, told):
    """Three times the same: the third time costs no more than the first."""
    count = min(scaled(10_000, 800), most() - SPARE)
    server = new_server(f"--max-connections={count + 100}", "--keep-alive-timeout=10m", "--head-timeout=10m")
    pid = server.process.pid
    before = descriptors(pid)
    sizes = []
    for _ in range(3):
        with Many(server.address, count, REQUEST) as many:
            assert many.alive() == count
            sizes.append(rss(pid))
        assert_descriptors_come_back(pid, before)
    assert sizes[2] < sizes[0] * 1.2 + 16 * MEBIBYTE
    told("RSS with them " + ", ".join(f"{size // MEBIBYTE} MiB" for size in sizes))
    server.stop()
