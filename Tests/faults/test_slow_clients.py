"""Thousands of clients that are slow on purpose (slowhttptest), and one that isn't."""

import shutil
import statistics
import subprocess
import threading
import time

import pytest

from support.api import Api
from support.server import Server
from trouble.many import most
from trouble.process import MEBIBYTE, Sampler, assert_descriptors_come_back, descriptors
from trouble.scale import scaled

pytestmark = pytest.mark.skipif(not shutil.which("slowhttptest"), reason="slowhttptest isn't installed")

CLIENTS = min(scaled(10_000, 500), most())
SECONDS = scaled(40, 10)
ANSWER_SECONDS = 15

# What slowhttptest calls its ways: head line by line, body byte by byte, answer hardly read.
WAYS = {
    "slow headers": ["-H", "-u", "{url}/status/"],
    "slow body": ["-B", "-u", "{url}/api/auth/login/", "-t", "POST", "-s", "8192", "-f", "application/json"],
    "slow read": ["-X", "-u", "{url}/openapi.json", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "3"]}


# One process of it is slow itself with more.
SLICE = 2_500


def attack(url: str, way: str) -> None:
    words = [word.format(url=url) for word in WAYS[way]]
    slices = [min(SLICE, CLIENTS - begun) for begun in range(0, CLIENTS, SLICE)]
    running = [subprocess.Popen(
        ["slowhttptest", *words, "-c", str(count), "-r", str(count // 3), "-i", "2", "-x", "20", "-p", "60",
         "-l", str(SECONDS)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for count in slices]
    for process in running:
        process.wait(SECONDS + 120)


class Ordinary(threading.Thread):
    """A client that asks for what needs the database, with a new connection each time, and signs in."""

    def __init__(self, server: Server):
        super().__init__(daemon=True)
        self.url = server.url
        self.account = Api(server.url).registered()
        self.token = Api(server.url).tokens(self.account)["access_token"]
        self.seconds: list[float] = []
        self.faults: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(0.05):
            began = time.monotonic()
            try:
                api = Api(self.url)
                answers = [api.get("/exercises/list/", self.token)]
                if len(self.seconds) % 20 == 0:
                    answers.append(api.login(self.account))
                self.faults += [f"{answer.status_code} {answer.text}" for answer in answers if answer.status_code != 200]
            except OSError as error:
                self.faults.append(repr(error))
            self.seconds.append(time.monotonic() - began)


@pytest.mark.parametrize("way", WAYS)
def test_an_ordinary_client_is_served(new_server, way, told):
    # They may take their time: that is what the limits are for, and they would be fewer at once.
    server = new_server(f"--max-connections={CLIENTS + 200}", "--head-timeout=5m", "--body-idle-timeout=5m",
                        "--body-timeout=5m")
    pid = server.process.pid
    ordinary = Ordinary(server)
    before = descriptors(pid)
    with Sampler(pid) as sampler:
        ordinary.start()
        attack(server.url, way)
        ordinary.stopping.set()
        ordinary.join()
    assert not ordinary.faults, ordinary.faults[:5]
    assert max(ordinary.seconds) < ANSWER_SECONDS
    assert max(sampler.files) - before > CLIENTS // 2, "the slow clients weren't there"
    assert max(sampler.memory) < sampler.memory[0] + CLIENTS * 64 * 1024 + 64 * MEBIBYTE
    told(f"{way}: {max(sampler.files) - before} slow clients at once, {len(ordinary.seconds)} ordinary requests,"
         f" {statistics.median(ordinary.seconds) * 1000:.0f} ms, {max(ordinary.seconds) * 1000:.0f} at most;"
         f" {sampler.told()}")
    assert_descriptors_come_back(pid, before, 60)
    assert Api(server.url).login(ordinary.account).status_code == 200
    server.stop()
