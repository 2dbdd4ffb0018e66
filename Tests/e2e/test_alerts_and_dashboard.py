"""What is packaged for Prometheus and Grafana: rules that fire, and queries of what /metrics gives."""

import json
import re
from pathlib import Path

import pytest
import yaml

from support.metrics import CERTIFICATE, FAMILIES, promtool
from support.program import ROOT
from support.stun import FIGURES

PROMETHEUS, GRAFANA = ROOT / "packaging/prometheus", ROOT / "packaging/grafana"
RULES = PROMETHEUS / "havocctl.rules.yml"
UNIT_TESTS = PROMETHEUS / "havocctl.rules.test.yml"
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}

DASHBOARD = json.loads((GRAFANA / "havocctl.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
QUERIES += [(one["name"], one["expr"]) for one in DASHBOARD["annotations"]["list"] if "expr" in one]

# Names by which series are found: a histogram's three, and what Prometheus adds itself.
SERIES = {"up", CERTIFICATE} | {f"havocctl_stun_{figure}_total" for figure in FIGURES}
for family, (kind, _) in FAMILIES.items():
    SERIES |= {f"{family}_{end}" for end in ("bucket", "sum", "count")} if kind == "histogram" else {family}

LABELS = {"instance", "job", "le", *(label for _, labels in FAMILIES.values() for label in labels)}


def plain(expression: str) -> str:
    """A query as Prometheus gets it, with Grafana's variables filled in."""
    expression = expression.replace("$__rate_interval", "5m")
    return re.sub(r"\$\w+", "x", expression)


def names(expression: str) -> set[str]:
    """The series that an expression asks for: words that are neither functions, labels, nor texts."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\b(?:by|without|on|ignoring)\s*\([^)]*\)|\[[^\]]*\]", "", bare)
    words = re.findall(r"\b[a-z_:][a-z0-9_:]*\b(?!\s*\()", bare)
    return set(words) - {"and", "or", "unless", "bool", "sum", "max", "min"} - {"x"}


def labels(expression: str) -> set[str]:
    grouped = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression)
    matched = re.findall(r"\{([^}]*)\}", expression)
    return {word for part in grouped for word in re.findall(r"\w+", part)} | {
        word for part in matched for word in re.findall(r"(\w+)\s*[=!]~?", part)}


def test_the_search_for_names_finds_them():
    assert names('a:b_c / on (x) sum by (le) (rate(foo_total{a="up"}[5m])) > 3 and time() - bar') == {
        "a:b_c", "foo_total", "bar"}
    assert labels('sum by (le, route) (foo{status=~"5..", a!="b"})') == {"le", "route", "status", "a"}


def test_promtool_takes_the_rules():
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0 and f"{len(ALERTS)} rules found" in done.stdout, done


def test_every_alert_fires_and_is_silent_where_it_should():
    done = promtool("test", "rules", UNIT_TESTS)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout + done.stderr
    tests = yaml.safe_load(UNIT_TESTS.read_text())["tests"]
    fires = [bool(each["exp_alerts"]) for test in tests for each in test["alert_rule_test"]]
    tested = [each["alertname"] for test in tests for each in test["alert_rule_test"]]
    for alert in ALERTS:
        assert {fired for name, fired in zip(tested, fires) if name == alert} == {True, False}, alert


@pytest.mark.parametrize("alert", ALERTS)
def test_its_tests_notice_an_alert_that_is_gone(alert, tmp_path):
    rules = yaml.safe_load(RULES.read_text())
    group, = rules["groups"]
    group["rules"] = [rule for rule in group["rules"] if rule["alert"] != alert]
    (tmp_path / RULES.name).write_text(yaml.safe_dump(rules))
    (tmp_path / UNIT_TESTS.name).write_text(UNIT_TESTS.read_text())
    done = promtool("test", "rules", tmp_path / UNIT_TESTS.name)
    assert done.returncode != 0 and alert in done.stdout + done.stderr


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_to_do(alert):
    rule = ALERTS[alert]
    assert rule["for"] and rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"]["summary"] and len(rule["annotations"]["description"]) > 60
    assert names(rule["expr"]) and names(rule["expr"]) <= SERIES, names(rule["expr"]) - SERIES
    assert labels(rule["expr"]) <= LABELS
    # Commands that it names are the program's own.
    for noun in re.findall(r"`havocctl (\w+)", rule["annotations"]["description"]):
        assert (ROOT / "man" / f"havocctl-{noun}.1").is_file() or noun in ("status", "doctor"), noun


# Grafana

def test_the_dashboard_is_one_of_grafana_9():
    assert DASHBOARD["schemaVersion"] >= 36 and DASHBOARD["id"] is None and DASHBOARD["uid"] and DASHBOARD["title"]
    identifiers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    kinds = {one["id"] for one in DASHBOARD["__requires"] if one["type"] == "panel"}
    assert {panel["type"] for panel in PANELS} == kinds


def test_where_data_comes_from_is_chosen_by_who_imports_it():
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    for panel in PANELS:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        assert all(target["datasource"] == panel["datasource"] for target in panel["targets"])
    used = set(re.findall(r"\$\{?(\w+)", json.dumps([panel.get("targets") for panel in PANELS])))
    assert used <= set(variables) | {"__rate_interval"} and {"datasource", "instance"} <= used


def test_panels_lie_beside_each_other():
    cells = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        covered = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & covered and place["x"] + place["w"] <= 24, panel["title"]
        cells |= covered


def test_it_shows_everything_that_metrics_give():
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Overview", "HTTP by route", "Latency", "Database", "Passwords and sign-in", "Sockets and streams", "STUN",
                    "Mail", "Sessions", "Process and loops"]
    shown = {name for _, expression in QUERIES for name in names(plain(expression))}
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in SERIES - shown} <= {
        re.sub("_(bucket|sum|count)$", "", name) for name in shown}


@pytest.mark.parametrize("title, expression", QUERIES, ids=[f"{title} {n}" for n, (title, _) in enumerate(QUERIES)])
def test_a_query_asks_for_what_there_is(title, expression):
    assert names(plain(expression)) and names(plain(expression)) <= SERIES, expression
    assert labels(plain(expression)) <= LABELS, expression


def test_prometheus_takes_every_query(tmp_path: Path):
    rules = {"groups": [{"name": "x", "rules": [
        {"record": f"q:{number}", "expr": plain(expression)} for number, (_, expression) in enumerate(QUERIES)]}]}
    (path := tmp_path / "queries.yml").write_text(yaml.safe_dump(rules))
    done = promtool("check", "rules", path)
    assert done.returncode == 0 and f"{len(QUERIES)} rules found" in done.stdout, done


def test_a_panel_says_what_it_is():
    for panel in PANELS:
        assert panel["title"] and panel["description"] and panel["targets"] and panel["fieldConfig"]["defaults"]["unit"], panel
        for target in panel["targets"]:
            assert len({one["refId"] for one in panel["targets"]}) == len(panel["targets"]) and target["expr"]
