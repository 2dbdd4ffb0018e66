"""One measurement: so many requests, how fast, and what they cost whom."""

import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from support.cluster import Cluster
from support.processes import ProcessFailed, cpu_seconds, run
from support.program import HTTPPeer

_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass
class Sample:
    """What a contestant did in a round. None is what can't be told of it."""

    rate: float
    p50_us: float | None = None
    p99_us: float | None = None
    server_us: float | None = None
    postgres_us: float | None = None
    # Answers of 400 and more, and connections that failed.
    bad: int = 0

    def json(self) -> dict:
        return {name: value for name, value in asdict(self).items() if value is not None}


def median(samples: list[Sample]) -> Sample:
    """The medians, each figure's its own; of what went wrong, the sum."""
    result = Sample(rate=statistics.median(sample.rate for sample in samples))
    for field in fields(Sample)[1:]:
        values = [getattr(sample, field.name) for sample in samples]
        if all(value is not None for value in values):
            setattr(result, field.name, statistics.median(values))
    result.bad = sum(sample.bad for sample in samples)
    return result


@dataclass
class Request:
    """One HTTP request."""

    method: str
    path: str
    headers: dict[str, str]
    body: str | None = None

    @staticmethod
    def get(path: str, headers: dict[str, str] | None = None) -> "Request":
        return Request("GET", path, headers or {})

    @staticmethod
    def post(path: str, value: dict) -> "Request":
        return Request("POST", path, {"Content-Type": "application/json"}, json.dumps(value))

    def lua(self) -> str:
        headers = ", ".join(f"[{_lua(k)}] = {_lua(v)}" for k, v in self.headers.items())
        return (
            f"{{{_lua(self.method)}, {_lua(self.path)}, {{{headers}}}, "
            f"{_lua(self.body) if self.body is not None else 'nil'}}}"
        )


def _lua(text: str) -> str:
    # A JSON string of ASCII without control characters is a Lua string as well.
    return json.dumps(text)


def write_requests(file: Path, requests: list[Request]) -> Path:
    """The list in the form that load.lua reads."""
    lines = ",\n".join(request.lua() for request in requests)
    file.write_text(f"return {{\n{lines}\n}}\n")
    return file


class CPU:
    """The processor time that goes by on the server and on PostgreSQL."""

    def __init__(self, server: int | None, cluster: Cluster | None):
        self._server = server
        self._cluster = cluster
        self._start = self._now()

    def _now(self) -> tuple[float, float]:
        return (
            cpu_seconds(self._server) if self._server else 0.0,
            cpu_seconds(self._cluster.pid) if self._cluster else 0.0,
        )

    def charge(self, sample: Sample, requests: int) -> Sample:
        """Notes the cost of a request, in microseconds."""
        end = self._now()
        if requests:
            if self._server:
                sample.server_us = (end[0] - self._start[0]) / requests * 1e6
            if self._cluster:
                sample.postgres_us = (end[1] - self._start[1]) / requests * 1e6
        return sample


class HTTPLoad:
    """A server under requests from so many connections, each waiting for its answer."""

    def __init__(self, server: HTTPPeer, requests: Path, connections: int, cluster: Cluster):
        self.name = server.name
        self.level = connections
        self._server = server
        self._requests = requests
        self._cluster = cluster

    def measure(self, seconds: float) -> Sample:
        self._server.cut_log()
        cpu = CPU(self._server.pid, self._cluster)
        # wrk takes whole seconds.
        duration = max(1, round(seconds))
        output = run(
            ["wrk", "-t", min(2, self.level), "-c", self.level, "-d", f"{duration}s"]
            + ["--timeout", "10s", "-s", _SCRIPT, self._server.url, "--", self._requests],
            timeout=duration + 30,
        )
        line = next((line for line in output.splitlines() if line.startswith("result ")), None)
        if line is None:
            raise ProcessFailed(f"wrk on {self.name}: {output}")
        result = json.loads(line.removeprefix("result "))
        if not result["requests"]:
            raise ProcessFailed(f"{self.name} answered nothing in {duration} s")
        sample = Sample(
            rate=result["requests"] / (result["microseconds"] / 1e6),
            p50_us=result["p50"],
            p99_us=result["p99"],
            bad=result["refused"] + result["failed"],
        )
        return cpu.charge(sample, result["requests"])


def progress(text: str) -> None:
    """Says on standard error what goes on, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{time.strftime('%H:%M:%S')} {text}", end="", file=sys.stderr, flush=True)
