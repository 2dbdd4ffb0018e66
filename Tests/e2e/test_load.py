"""A server under load: administered, killed, ended, and asked for more hashes than it can make."""

import concurrent.futures
import signal
import threading

import pytest

from support.api import Api, create_account, new_account
from support.load import QUICK, Load, quick_ctl
from support.metrics import scrape
from support.program import Ctl, until

IN_FLIGHT = "havocctl_http_requests_in_flight"


def test_administration_under_load(program, new_database, new_server):
    url = new_database()
    ctl = quick_ctl(program, url)
    ctl.ok("exercise", "seed")
    server = new_server(*QUICK, url=url)
    other = new_server(*QUICK, url=url)
    api, second = Api(server.url), Api(other.url)
    people = [create_account(ctl, 1) for _ in range(6)]
    pairs = [api.tokens(person) for person in people]
    steady = create_account(ctl, 1)
    kept = api.tokens(steady)["access_token"]

    def work(client: Api, number: int):
        if number % 3 == 0:
            return client.get("/exercises/list/", kept)
        if number % 3 == 1:
            return client.get("/exercises/list/", pairs[number % len(pairs)]["access_token"])
        return client.login(steady)

    with Load(server.url, work) as one, Load(other.url, work, clients=3) as two:
        one.wait_for(30)
        two.wait_for(10)
        for number, (person, pair) in enumerate(zip(people, pairs, strict=True)):
            if number % 3 == 0:
                ctl.ok("session", "revoke", "--user", person.username, "--yes")
            elif number % 3 == 1:
                ctl.ok("user", "lock", person.username)
            else:
                ctl.ok("user", "delete", person.username, "--yes")
            # At once, on every server process.
            assert not api.alive(pair["access_token"]) and not second.alive(pair["access_token"])
            ctl.ok("user", "edit", steady.username, "--first-name", f"Edit {number}")
            number = ctl.json("exercise", "list", "--limit", 1)[0]["id"]
            ctl.ok("exercise", "delete", number, "--yes")
            ctl.ok("exercise", "seed")
            ctl.ok("key", "rotate")
        one.wait_for(30)
    for load in (one, two):
        assert not load.faults, load.faults[:5]
        assert set(load.statuses) <= {200, 401}, load.statuses
    for pair in pairs:
        assert not api.alive(pair["access_token"]) and not second.alive(pair["access_token"])
        assert api.refresh(pair["refresh_token"]).status_code == 401
    assert api.alive(kept)


def slow_account(program, url: str, iterations: int):
    """An account whose password takes long to check: the cost is in its hash."""
    slow = Ctl(program, url, HAVOCCTL_ARGON2_MEMORY="262144", HAVOCCTL_ARGON2_ITERATIONS=str(iterations))
    return create_account(slow, 1, "slow")


def test_sigterm_lets_what_runs_finish(program, database, new_server):
    for iterations in (10, 40, 100):
        account = slow_account(program, database, iterations)
        server = new_server()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(Api(server.url).login, account)
            # The page that tells is one of them.
            until(lambda: running.done() or scrape(server.url).value(IN_FLIGHT) >= 2, "it is signing in")
            inside = not running.done()
            server.terminate()
            answer = running.result()
        assert server.wait() == 0
        assert answer.status_code == 200, answer.text
        assert server.status() is None, "something still answers"
        if inside:
            return
    pytest.fail("no sign-in ran long enough to be interrupted")


def test_two_signals_at_once_and_sigint_alone(new_server):
    server = new_server()
    server.signal_at_once(signal.SIGTERM, signal.SIGINT)
    assert server.wait() == 0
    server = new_server()
    server.process.send_signal(2)
    assert server.wait() in (0, 130)


def test_a_full_queue_of_hashes_is_503_and_no_stall(program, database, new_server):
    account = slow_account(program, database, 4)
    server = new_server("--password-queue", "1")
    api = Api(server.url)
    # Rehashed to the installed parameters at the first sign-in, so keep the account slow.
    barrier = threading.Barrier(25)

    def sign_in(_: int):
        client = Api(server.url)
        barrier.wait()
        return client.login(account)

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        running = [pool.submit(sign_in, number) for number in range(24)]
        barrier.wait()
        assert api.get("/status/").status_code == 200
        while not all(future.done() for future in running):
            assert api.get("/status/").status_code == 200
        answers = [future.result() for future in running]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}, statuses
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 503)
    assert api.login(account).status_code == 200


def test_two_servers_start_at_once_on_an_empty_database(program, cluster, new_server):
    url = cluster.create("twins")
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        servers = list(pool.map(lambda _: new_server(url=url), range(3)))
    account = Api(servers[0].url).registered()
    tokens = [Api(server.url).tokens(account)["access_token"] for server in servers]
    for server in servers:
        assert all(Api(server.url).alive(token) for token in tokens)
    for server in servers:
        server.stop()
    cluster.drop("twins")


def test_sign_ups_of_one_name_at_once_make_one(new_server, database):
    server = new_server(*QUICK)
    account = new_account()
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: Api(server.url).register(account).status_code, range(12)))
    assert sorted(statuses) == [201] + [409] * 11


def test_refreshes_of_one_token_at_once_make_one_pair(new_server, database):
    server = new_server(*QUICK)
    api = Api(server.url)
    account = api.registered()
    refresh = api.tokens(account)["refresh_token"]
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: Api(server.url).refresh(refresh), range(10)))
    assert [answer.status_code for answer in answers] == [200] * 10
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert api.alive(answers[0].json()["access_token"])
