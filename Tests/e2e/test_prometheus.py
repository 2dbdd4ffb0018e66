"""A real Prometheus server scrapes /metrics, loads the packaged rules, and answers the dashboard's queries."""

import json
import subprocess

import pytest
import requests
import yaml

from support.api import Api, create_account
from support.held import Held
from support.metrics import FAMILIES, assert_clean, scrape
from support.ports import free_port
from support.program import ROOT, until

RULES = ROOT / "packaging/prometheus/havocctl.rules.yml"


@pytest.fixture(scope="module")
def server(new_server):
    return new_server("--threads", "2")


@pytest.fixture(scope="module")
def prometheus(server, tmp_path_factory):
    """Gives a function that asks its HTTP API."""
    home = tmp_path_factory.mktemp("prometheus")
    port = free_port()
    (home / "prometheus.yml").write_text(yaml.safe_dump({
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": "havocctl", "static_configs": [{"targets": [f"127.0.0.1:{server.port}"]}]}]}))
    with open(home / "log", "wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], stdout=log, stderr=log, cwd=home)

    def ask(path: str, **query):
        answer = requests.get(f"http://127.0.0.1:{port}/api/v1/{path}", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def ready() -> bool:
        assert process.poll() is None, (home / "log").read_text()
        try:
            return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=30).status_code == 200
        except requests.ConnectionError:
            return False

    until(ready, "Prometheus is ready")
    yield ask
    process.terminate()
    process.wait(60)


def test_the_target_is_up(prometheus, server):
    def scraped():
        return [target for target in prometheus("targets")["activeTargets"] if target["health"] == "up"]
    target, = until(scraped, "a scrape")
    assert target["lastError"] == "" and str(server.port) in target["scrapeUrl"], target


def test_every_figure_is_stored_as_what_it_is(prometheus, server):
    until(lambda: prometheus("query", query="havocctl_build_info")["result"], "a scrape")
    known = prometheus("targets/metadata")
    kinds = {entry["metric"]: entry["type"] for entry in known}
    for name, (kind, _) in FAMILIES.items():
        assert kinds[name] == kind, name
    assert all(entry["help"] for entry in known)


def test_the_rules_are_loaded_and_none_fires(prometheus):
    until(lambda: prometheus("query", query="havocctl_database_up")["result"], "a scrape")
    group, = prometheus("rules")["groups"]
    alerts = until(lambda: (rules := prometheus("rules")["groups"][0]["rules"]) and all(
        rule["health"] != "unknown" for rule in rules) and rules, "the rules were tried")
    assert len(alerts) == len(group["rules"]) and {rule["health"] for rule in alerts} == {"ok"}, alerts
    assert not [rule["name"] for rule in alerts if rule["state"] == "firing"]


def test_the_dashboard_shows_traffic(prometheus, server, ctl):
    api, account = Api(server.url), create_account(ctl, 1)
    api.tokens(account)
    dashboard = json.loads((ROOT / "packaging/grafana/havocctl.json").read_text())
    queries = {target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])}

    def empty() -> list[str]:
        for _ in range(3):
            api.get("/status/")
        return [query for query in queries if not prometheus("query", query=query.replace(
            "$__rate_interval", "5m").replace("$instance", ".*").replace("$job", "havocctl"))["result"]]
    # Nothing has failed, and there is no certificate.
    until(lambda: all("5.." in query or "certificate" in query for query in empty()), f"an answer to each: {empty()}")


def test_scrapes_beside_traffic_are_clean(server, ctl):
    with Held(ctl, server) as held:
        assert_clean(scrape(server.url))
        held.release()
    assert_clean(scrape(server.url))
