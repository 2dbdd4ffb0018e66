"""The page /metrics, read by Prometheus' own Python library and judged by its promtool."""

import subprocess
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

PATIENCE_SECONDS = 60

HTTP = ("method", "route", "status")

# Every name but those of STUN and of TLS: the type, and the labels.
FAMILIES = {
    "havocctl_build_info": ("gauge", ("version",)),
    "havocctl_http_requests_total": ("counter", HTTP),
    "havocctl_http_request_duration_seconds": ("histogram", ("method", "route")),
    "havocctl_http_requests_in_flight": ("gauge", ()),
    "havocctl_http_connections": ("gauge", ()),
    "havocctl_http_connections_refused_total": ("counter", ()),
    "havocctl_database_up": ("gauge", ()),
    "havocctl_database_pipeline_depth": ("gauge", ("loop",)),
    "havocctl_database_transactions": ("gauge", ()),
    "havocctl_database_transactions_waiting": ("gauge", ()),
    "havocctl_database_statements_total": ("counter", ()),
    "havocctl_database_connections_lost_total": ("counter", ()),
    "havocctl_password_hash_queue": ("gauge", ()),
    "havocctl_password_hashes_total": ("counter", ()),
    "havocctl_password_hashes_refused_total": ("counter", ()),
    "havocctl_sockets": ("gauge", ("kind",)),
    "havocctl_mail_queue": ("gauge", ("state",)),
    "havocctl_sessions": ("gauge", ("dialect",)),
    "havocctl_sign_ins_total": ("counter", ()),
    "havocctl_sign_in_failures_total": ("counter", ()),
    "havocctl_loop_lag_seconds": ("histogram", ("loop",)),
    "havocctl_log_lines_lost_total": ("counter", ()),
    "havocctl_config_last_reload_successful": ("gauge", ()),
    "havocctl_config_last_reload_success_timestamp_seconds": ("gauge", ()),
    "process_resident_memory_bytes": ("gauge", ()),
    "process_cpu_seconds_total": ("counter", ()),
    "process_open_fds": ("gauge", ()),
    "process_max_fds": ("gauge", ()),
    "process_start_time_seconds": ("gauge", ())}

# Those of which the database tells.
STORED = {"havocctl_mail_queue", "havocctl_sessions"}
CERTIFICATE = "havocctl_tls_certificate_expiry_timestamp_seconds"


@dataclass(frozen=True)
class Scrape:
    """One page."""

    text: str

    def __post_init__(self):
        families = {}
        for family in text_string_to_metric_families(self.text):
            # The library takes the ending off a counter, and so wouldn't tell two such names apart.
            name = family.name + ("_total" if family.type == "counter" else "")
            assert name not in families, f"{name} stands there twice"
            families[name] = family
        object.__setattr__(self, "families", families)

    def samples(self, name: str) -> list:
        """Of this name as it stands there, a histogram's with its ending."""
        return [sample for family in self.families.values() for sample in family.samples if sample.name == name]

    def value(self, name: str, **labels: str) -> float:
        """The sum of all that have these labels."""
        return sum(sample.value for sample in self.samples(name) if labels.items() <= sample.labels.items())

    def labels(self, name: str, label: str) -> set[str]:
        return {sample.labels[label] for sample in self.samples(name)}


def scrape(url: str, **options) -> Scrape:
    answer = requests.get(url + "/metrics", timeout=PATIENCE_SECONDS, **options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", answer.headers
    return Scrape(answer.content.decode())


def promtool(*words, input: str | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(["promtool", *map(str, words)], input=input, capture_output=True, text=True, timeout=60,
                          check=False)


def assert_clean(page: Scrape) -> None:
    """promtool has nothing against it, and every name is one of ours."""
    done = promtool("check", "metrics", input=page.text)
    assert done.returncode == 0 and not done.stdout + done.stderr, done
    for name, family in page.families.items():
        if not name.startswith("havocctl_stun_") and name != CERTIFICATE:
            kind, labels = FAMILIES[name]
            assert family.type == kind, name
            assert all(set(sample.labels) - {"le"} == set(labels) for sample in family.samples), name
        assert family.documentation, name
    assert_histograms(page)


def assert_histograms(page: Scrape) -> None:
    """Buckets rise, the last one is the count, and the sum is one that such values can have."""
    for name, family in page.families.items():
        if family.type != "histogram":
            continue
        series: dict[frozenset, list] = {}
        for sample in family.samples:
            if sample.name.endswith("_bucket"):
                key = frozenset((label, value) for label, value in sample.labels.items() if label != "le")
                series.setdefault(key, []).append((float(sample.labels["le"]), sample.value))
        for key, buckets in series.items():
            bounds, counts = zip(*buckets)
            labels = dict(key)
            count, total = (page.value(f"{name}_{end}", **labels) for end in ("count", "sum"))
            assert list(bounds) == sorted(set(bounds)) and bounds[-1] == float("inf"), name
            assert list(counts) == sorted(counts) and counts[-1] == count, name
            assert total >= 0 and (count > 0 or total == 0)
            least = sum((here - before) * low for here, before, low in zip(counts, (0, *counts), (0, *bounds)))
            assert total >= least * 0.999, f"{name}: {total} is less than {least}"
            if counts[-1] == counts[-2]:
                most = sum((here - before) * high for here, before, high in zip(counts[:-1], (0, *counts), bounds))
                assert total <= most * 1.001, f"{name}: {total} is more than {most}"
