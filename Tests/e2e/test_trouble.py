"""The database goes away in the middle of requests, freezes, and comes back."""

import signal
import subprocess

import psycopg
import pytest
import requests

from support.api import Api, create_account
from support.cluster import Cluster, query
from support.load import Load
from support.program import Ctl, until
from support.server import Server, end

# Past every deadline of the server: beyond it a request hangs.
LIMIT_SECONDS = 60


@pytest.fixture(scope="module")
def shaky():
    """A cluster that nobody else uses, to be broken."""
    with Cluster() as made:
        yield made


@pytest.fixture(scope="module")
def shaky_ctl(program, shaky):
    made = Ctl(program, shaky.create("shaky"))
    made.ok("db", "migrate")
    made.ok("exercise", "seed")
    return made


@pytest.fixture(scope="module")
def person(shaky_ctl):
    return create_account(shaky_ctl, 3)


@pytest.fixture
def serving(program, shaky_ctl):
    made = Server(program, shaky_ctl.database).start()
    yield made
    end([made])


def reading(access: str):
    return lambda api, _: api.get("/exercises/list/", access)


def test_the_database_stops_under_load_and_comes_back(shaky, serving, person):
    api = Api(serving.url)
    access = api.tokens(person)["access_token"]
    held = api.credential(person)
    process = serving.process.pid
    with Load(serving.url, reading(access)) as load:
        load.wait_for(50)
        shaky.stop("immediate")
        load.wait_for(20, 503)
        answer = api.get("/status/")
        assert answer.status_code == 500
        assert answer.json()["database"] != "ok" and answer.json()["status"] != "ok"
        for refused in (api.get("/exercises/exercise/1/", access), api.login(person),
                        api.get("/exercises/list/", access)):
            assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
            assert refused.json()["detail"]
        for path in ("/user/check_status", "/user_admin/get_all_users"):
            refused = api.post(path, held)
            assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
            assert refused.json()["status"] == 503 and refused.json()["data"]
        # What needs no database is answered all the same.
        assert api.get("/nothing/").status_code == 404
        shaky.start()
        serving.wait_for(200)
        load.wait_for(50)
    assert not load.faults, load.faults[:5]
    assert set(load.statuses) <= {200, 503}, load.statuses
    assert load.slowest < LIMIT_SECONDS
    assert serving.process.pid == process and serving.running
    assert api.connected(held) and api.get("/status/").json()["database"] == "ok"


def test_503_does_not_tell_how_to_reach_the_database(shaky, serving, person):
    api = Api(serving.url)
    access = api.tokens(person)["access_token"]
    shaky.stop("fast")
    try:
        texts = [until(lambda: (answer := api.get(path, access)).status_code >= 500 and answer.text, path)
                 for path in ("/exercises/list/", "/status/")]
    finally:
        shaky.start()
    assert str(shaky.port) not in texts[0] and "postgres" not in texts[0].lower()
    assert all("password" not in text for text in texts)
    serving.wait_for(200)


def test_connections_cut_one_by_one(shaky, serving, person):
    api = Api(serving.url)
    access = api.tokens(person)["access_token"]
    with Load(serving.url, reading(access)) as load:
        for _ in range(15):
            load.wait_for(10)
            query(shaky.url(), "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                               " WHERE datname = 'shaky'")
        load.wait_for(50)
    assert not load.faults, load.faults[:5]
    assert set(load.statuses) <= {200, 503}, load.statuses


@pytest.mark.slow
def test_a_frozen_database_is_answered_for(shaky, serving, person):
    """Frozen is worse than gone: no error comes, only silence."""
    api = Api(serving.url)
    access = api.tokens(person)["access_token"]
    # Less than the health check gives the database, and even so it says what is wrong.
    serving.restart_with("--request-timeout", "2s")
    shaky.signal_all(signal.SIGSTOP)
    try:
        for path, status in (("/exercises/list/", 503), ("/status/", 500)):
            try:
                answer = requests.get(serving.url + path, timeout=LIMIT_SECONDS,
                                      headers={"Authorization": f"Bearer {access}"})
            except requests.Timeout:
                pytest.fail(f"{path}: no answer within {LIMIT_SECONDS} s")
            assert answer.status_code == status, path
            assert status == 500 or answer.headers["Retry-After"]
    finally:
        shaky.signal_all(signal.SIGCONT)
    serving.wait_for(200)
    until(lambda: api.get("/exercises/list/", access).status_code == 200, "the database is back")


@pytest.mark.slow
def test_a_table_that_is_locked_costs_patience_and_nothing_else(shaky_ctl, serving, person):
    """What waits longer than the deadline is told to come again; then all is as before."""
    serving.restart_with("--request-timeout", "2s")
    api = Api(serving.url)
    access = api.tokens(person)["access_token"]
    wrong = {"username": "nobody", "password": "wrong-password"}
    with Load(serving.url, lambda client, _: client.post("/api/auth/login/", wrong), clients=3) as load:
        load.wait_for(3, 401)
        with psycopg.connect(shaky_ctl.database) as blocker:
            blocker.execute("LOCK TABLE audit IN ACCESS EXCLUSIVE MODE")
            load.wait_for(6, 503)
            assert api.get("/exercises/list/", access).status_code in (200, 503)
        load.wait_for(10, 401)
    assert not load.faults, load.faults[:5]
    assert set(load.statuses) == {401, 503}, load.statuses
    assert api.get("/exercises/list/", access).status_code == 200


def test_a_server_that_starts_before_its_database(program, shaky, shaky_ctl):
    """Either it waits, or it ends with the status for that; never half alive."""
    shaky.stop("fast")
    waiting = Server(program, shaky_ctl.database)
    with open(waiting.log_path, "ab") as log:
        waiting.process = subprocess.Popen(
            waiting.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=waiting.env)
    try:
        ended = until(lambda: waiting.process.poll() is not None or waiting.status() == 500,
                      "it ends or says that the database is away")
        assert ended
    finally:
        shaky.start()
    if waiting.process.poll() is None:
        waiting.wait_for(200)
        waiting.stop()
    else:
        assert waiting.process.returncode == 6 and "havocctl: " in waiting.log()


def test_the_command_line_while_the_database_starts(shaky, shaky_ctl):
    shaky.stop("immediate")
    failed = shaky_ctl.fails(6, "user", "list")
    assert str(shaky.port) in failed.stderr
    shaky.start()
    assert shaky_ctl.json("permission", "list")
