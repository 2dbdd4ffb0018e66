"""The clock steps back and forth under load: no request fails, nothing is lost, and no timer storms."""

import random
import time

import pytest

from support.api import Api, create_account
from support.clock import LIBRARIES, Shifted
from support.crowd import Crowd
from support.load import Load
from support.members import join
from support.schemes import prove
from support.sockets import begin
from trouble.ledger import Counting, Ledger, Tweeter
from trouble.process import MEBIBYTE, Sampler
from trouble.scale import scaled

pytestmark = pytest.mark.skipif(not LIBRARIES, reason="libfaketime isn't installed")

# Within what a token lives: of days, of hours, of the seconds by which a clock is set, and none.
STEPS = [-2 * 86400, -3600, -30, -1, 0, 1, 30, 3600, 2 * 86400]


@pytest.fixture
def server(new_server, tmp_path) -> Shifted:
    return new_server("--chat-rate=0", kind=Shifted, directory=tmp_path)


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_steps_under_load(server, ctl, database, told):
    talk = begin(ctl, server)
    # Opaque tokens: a JWT that was made later than now is refused.
    proof = prove(Api(server.url), create_account(ctl, 1), "Token")
    reading = Load(server.url, lambda api, _: proof.call(api, "POST", "/api/jwt/"), clients=2)
    counting = Counting([server])
    with Sampler(server.process.pid) as sampler, Crowd(talk, [server]) as crowd, reading, \
            Ledger(counting) as ledger:
        for _ in range(scaled(40, 4)):
            server.move(random.choice(STEPS))
            reading.wait_for(5)
            ledger.wait_for(1)
            crowd.wait_for(2)
        server.move(0)
        reading.wait_for(5)
    assert set(reading.statuses) == {200} and not reading.faults
    assert set(counting.statuses) == {201}
    ledger.check(database)
    crowd.check(server)
    assert sampler.memory[-1] < sampler.memory[0] + 64 * MEBIBYTE
    told(sampler.told())


@pytest.mark.parametrize("seconds", [86400 * 365, -86400 * 365])
def test_a_year_s_step_starts_no_storm(server, seconds):
    """Timers fire when their time has passed, not as often as they would have meanwhile."""
    began = cpu_seconds(server.process.pid)
    server.move(seconds)
    started = time.monotonic()
    answers = 0
    while time.monotonic() - started < 2:
        answers += Api(server.url).get("/nothing/").status_code == 404
        time.sleep(0.05)
    assert answers > 0 and cpu_seconds(server.process.pid) - began < 1.5
    server.move(0)
    assert server.status() == 200


def test_tweets_keep_their_order(server, database):
    """A timeline is in the order in which it was written, whatever the clock said."""
    # By a token that is no JWT: one of those isn't good before it was made.
    writer = Tweeter([server], join(Api(server.url)))
    with Ledger(writer) as ledger:
        for seconds in (0, -3600, 0):
            server.move(seconds)
            ledger.wait_for(3)
    ledger.check(database)
    pages = writer.member.elsewhere().pages("/api/tweets/?limit=200")
    seen = [tweet["content"] for page in pages for tweet in page]
    assert [key for key in seen if key in set(writer.acknowledged)] == writer.acknowledged[::-1]
