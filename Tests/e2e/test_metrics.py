"""/metrics counts exactly what was done, by names that no client can make up."""

import pytest
import requests

from support import metrics, secrets
from support.api import Account, Api
from support.held import EDIT, Held
from support.metrics import FAMILIES, Scrape, assert_clean, scrape
from support.program import until
from support.wire import Wire, request

REQUESTS, DURATION = "havocctl_http_requests_total", "havocctl_http_request_duration_seconds"


@pytest.fixture
def server(new_server):
    """One that nobody else asks."""
    return new_server()


@pytest.fixture
def client(server) -> Api:
    return Api(server.url)


def grown(before: Scrape, after: Scrape, name: str, **labels: str) -> float:
    return after.value(name, **labels) - before.value(name, **labels)


def test_every_name_is_there_from_the_start(server, ctl):
    page = until(lambda: set(FAMILIES) <= set((page := scrape(server.url)).families) and page, "all are there")
    assert_clean(page)
    assert page.samples("havocctl_build_info")[0].labels["version"] in ctl.ok("version").stdout
    assert page.labels("havocctl_sockets", "kind") == {"chat", "stream", "watch"}
    assert page.labels("havocctl_mail_queue", "state") == {"waiting", "failing", "given_up"}
    assert page.value("havocctl_database_up") == page.value("havocctl_config_last_reload_successful") == 1
    assert metrics.CERTIFICATE not in page.families
    assert page.text.endswith("\n") and len(page.text) < 200_000


CALLS = [
    ("GET", "/status/", "/status/", 200), ("GET", "/status", "/status/", 200), ("GET", "/status/?a=b", "/status/", 200),
    ("HEAD", "/status/", "/status/", 200), ("POST", "/status/", "/status/", 405),
    ("GET", "/exercises/list/", "/exercises/list/", 401), ("GET", "/exercises/exercise/7/", "/exercises/exercise/{exercise_id}/", 401),
    ("GET", "/exercises/exercise/8", "/exercises/exercise/{exercise_id}/", 401), ("POST", "/user/login", "/user/login", 400),
    ("GET", "/api/tweets/12", "/api/tweets/{tweet_id}", 401), ("DELETE", "/api/tweets/12/", "/api/tweets/{tweet_id}", 401),
    ("GET", "/media/avatars/none.png", "/media/avatars/{name}", 404), ("GET", "/nothing/", "none", 404),
    ("GET", "/status/more/", "none", 404), ("PUT", "/%22%0a", "none", 404), ("GET", "/openapi.json", "/openapi.json", 200)]


@pytest.mark.parametrize("method, path, route, status", CALLS)
def test_a_request_is_counted_once_by_route_and_status(server, client, method, path, route, status):
    before = scrape(server.url)
    assert client.call(method, path).status_code == status
    labels = {"method": method, "route": route, "status": str(status)}
    after = until(lambda: (page := scrape(server.url)) and grown(before, page, REQUESTS, **labels) and page, str(labels))
    assert grown(before, after, REQUESTS, **labels) == 1
    others = {key: value for key, value in labels.items() if key != "status"}
    assert grown(before, after, f"{DURATION}_count", **others) == 1
    # Besides it only the pages of metrics themselves.
    assert {sample.labels["route"] for sample in after.samples(REQUESTS)
            if sample.value != before.value(REQUESTS, **sample.labels)} <= {route, "/metrics"}
    assert_clean(after)


def test_every_route_is_one_that_the_description_has(server, client):
    described = set(client.get("/openapi.json").json()["paths"])
    for path in ("/status/", "/exercises/exercise/1/", "/users/user_list/", "/admin/", "/admin/users/7/", "/assets/x"):
        client.get(path)
    routes = {route for route in scrape(server.url).labels(REQUESTS, "route")
              if not route.startswith(("/admin", "/assets"))}
    assert routes <= described | {"none"} and "/status/" in routes


def test_nobody_can_make_labels(server, client):
    """Paths, methods and versions of an attacker's choice leave as many lines as one of them."""
    client.get("/nothing/")
    client.call("BREW", "/status/")
    client.call("BREW", "/nothing/")
    before = scrape(server.url)
    for number in range(60):
        client.get(f"/nothing/{number}")
        client.get(f"/exercises/exercise/{number}/")
        client.call(f"BREW{number}", "/status/")
        client.call(f"BREW{number}", f"/nothing/{number}")
        client.get(f"/admin/users/{number}{'x' * number}/")
        with Wire(server.address) as wire:
            wire.send(b'G"%d\\ /a\nb HTTP/1.1\r\nHost: a\r\n\r\n' % number)
            wire.rest()
    after = scrape(server.url)
    assert len(after.text.splitlines()) < len(before.text.splitlines()) + 120
    assert "BREW1" not in after.text and "nothing" not in after.text
    assert grown(before, after, REQUESTS, route="none", method="GET", status="404") >= 60
    assert_clean(after)


def test_sign_ins_and_passwords(server, client, account):
    before = scrape(server.url)
    for _ in range(3):
        assert client.login(account).status_code == 200
    wrong = Account(account.username, secrets.password(), "")
    for call in (client.login, client.havoc_login):
        assert call(wrong).status_code == 401
    assert client.login(Account("nobody-at-all", secrets.password(), "")).status_code == 401
    after = scrape(server.url)
    assert grown(before, after, "havocctl_sign_ins_total") == 3
    assert grown(before, after, "havocctl_sign_in_failures_total") == 3
    # Who doesn't exist takes as long as who does.
    assert grown(before, after, "havocctl_password_hashes_total") >= 5
    assert grown(before, after, "havocctl_database_statements_total") > 6
    assert after.value("havocctl_password_hashes_refused_total") == 0


def test_what_is_under_way(server, ctl):
    with Held(ctl, server) as held:
        page = scrape(server.url)
        # The page itself is under way as well.
        assert page.value("havocctl_http_requests_in_flight") == 2
        assert page.value("havocctl_http_connections") >= 2
        depth = page.value("havocctl_database_pipeline_depth") + page.value("havocctl_database_transactions")
        assert depth >= 1
        held.release()
    page = until(lambda: (found := scrape(server.url)).value(REQUESTS, route=EDIT, status="200") and found, "its count")
    assert page.value("havocctl_http_requests_in_flight") == 1
    assert page.value("havocctl_database_transactions") == page.value("havocctl_database_transactions_waiting") == 0


def test_a_slow_request_is_in_a_higher_bucket(server, ctl):
    with Held(ctl, server) as held:
        held.holder.connection.execute("SELECT pg_sleep(0.3)")
        assert held.release().status_code == 200
    page = scrape(server.url)
    labels = {"method": "PUT", "route": EDIT}
    assert page.value(f"{DURATION}_sum", **labels) >= 0.3 * page.value(f"{DURATION}_count", **labels) == 0.3
    quick = [sample.value for sample in page.samples(f"{DURATION}_bucket")
             if labels.items() <= sample.labels.items() and float(sample.labels["le"]) < 0.3]
    assert quick and set(quick) == {0}


def test_connections_and_refusals(new_server):
    server = new_server("--max-connections", "3")
    with Wire(server.address) as one, Wire(server.address) as two:
        for wire in (one, two):
            wire.send(request("GET", "/metrics"))
            page = Scrape(wire.response().body.decode())
        def open_now() -> float:
            two.send(request("GET", "/metrics"))
            return Scrape(two.response().body.decode()).value("havocctl_http_connections")
        until(lambda: open_now() == 2, "those who asked before have gone")
        refused = page.value("havocctl_http_connections_refused_total")
        with Wire(server.address) as three, Wire(server.address, 5) as four:
            three.send(request("GET", "/metrics"))
            assert Scrape(three.response().body.decode()).value("havocctl_http_connections") == 3
            four.send(request("GET", "/metrics"))
            answer = four.response()
            assert answer is None or answer.status == 503
            one.send(request("GET", "/metrics"))
            after = Scrape(one.response().body.decode())
    assert after.value("havocctl_http_connections_refused_total") == refused + 1


def test_of_the_process(server, client):
    page = scrape(server.url)
    status = open(f"/proc/{server.process.pid}/status", encoding="ascii").read()
    resident = int(status.partition("VmRSS:")[2].split()[0]) * 1024
    assert resident / 3 < page.value("process_resident_memory_bytes") < resident * 3
    limits = open(f"/proc/{server.process.pid}/limits", encoding="ascii").read()
    assert page.value("process_max_fds") == int(limits.partition("Max open files")[2].split()[0])
    assert 5 < page.value("process_open_fds") < 200
    with Wire(server.address), Wire(server.address), Wire(server.address):
        until(lambda: scrape(server.url).value("process_open_fds") >= page.value("process_open_fds") + 3, "more open")
    for _ in range(3):
        client.login(create_nobody())
    later = scrape(server.url)
    assert later.value("process_cpu_seconds_total") >= page.value("process_cpu_seconds_total") > 0
    assert later.value("process_start_time_seconds") == page.value("process_start_time_seconds")


def create_nobody() -> Account:
    return Account("nobody-at-all", secrets.password(), "")


@pytest.mark.parametrize("networks, status", [("127.0.0.0/8", 200), ("10.0.0.0/8", 403), ("unix", 403), ("", 200)])
def test_metrics_allow(new_server, networks, status):
    server = new_server(f"--metrics-allow={networks}")
    answer = requests.get(server.url + "/metrics", timeout=60)
    assert answer.status_code == status
    assert status == 200 or "havocctl_" not in answer.text


def test_loops_have_their_own_lines(new_server):
    page = scrape(new_server("--threads", "3").url)
    for name in ("havocctl_loop_lag_seconds_count", "havocctl_database_pipeline_depth"):
        assert page.labels(name, "loop") == {"0", "1", "2"}, name
    assert page.samples(f"{DURATION}_bucket"), "no buckets"
