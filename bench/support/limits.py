"""What nothing can beat: the same statement without a server, the same hash without anything."""

import os
import re
from pathlib import Path

from support.cluster import Cluster
from support.contestants import Missing
from support.load import CPU, Sample
from support.processes import ProcessFailed, run
from support.statements import filled

_RATE = Path(__file__).resolve().parents[1] / "peers/argon2/rate.c"
PIPELINE = 8
_HASHES = 2
# The plan that a statement has after five executions, from the first one on.
_ENVIRONMENT = {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"}


class PGBench:
    """pgbench with the very statement of a request, prepared, from so many connections.

    A hash comes in as a variable and goes out as a parameter. They are few, because each line of
    each script is planned anew on each connection.
    """

    def __init__(
        self,
        cluster: Cluster,
        database: str,
        statement: str,
        hashes: list[str],
        connections: int,
        scratch: Path,
        *,
        pipelined: bool = False,
        ids: int | None = None,
    ):
        self.name = f"pgbench, {PIPELINE} a pipeline" if pipelined else "pgbench"
        self.level = connections
        self._cluster = cluster
        self._database = database
        self._each = PIPELINE if pipelined else 1
        # A pipeline's lines have different hashes; else each has a script.
        scripts = 1 if pipelined else _HASHES
        self._options: list[str | Path] = []
        for number, hash_ in enumerate(hashes[:_HASHES]):
            self._options += ["-D", f"hash{number}={hash_}"]
        for number in range(scripts):
            script = scratch / f"pgbench-{self._each}-{number}.sql"
            script.write_text(self._script(statement, number, ids))
            self._options += ["-f", script]

    def _script(self, statement: str, first: int, ids: int | None) -> str:
        lines = []
        for number in range(self._each):
            if ids:
                lines.append(f"\\set id random(1, {ids})")
            hash_ = f":hash{(first + number) % _HASHES}"
            lines.append(filled(statement, [hash_, ":id"]) + ";")
        if self._each > 1:
            lines = ["\\startpipeline", *lines, "\\endpipeline"]
        return "\n".join(lines) + "\n"

    def measure(self, seconds: float) -> Sample:
        cpu = CPU(None, self._cluster)
        output = run(
            [self._cluster.bin / "pgbench", "-n", "-M", "prepared"]
            + ["-c", self.level, "-j", min(self.level, 2), "-T", max(1, round(seconds))]
            + self._options
            + self._cluster.options(self._database),
            env=_ENVIRONMENT,
            timeout=seconds + 30,
        )
        rate = re.search(r"tps = ([\d.]+)", output)
        done = re.search(r"transactions actually processed: (\d+)", output)
        failed = re.search(r"failed transactions: (\d+)", output)
        if not rate or not done:
            raise ProcessFailed(f"pgbench: {output}")
        sample = Sample(rate=float(rate[1]) * self._each, bad=int(failed[1]) if failed else 0)
        return cpu.charge(sample, int(done[1]) * self._each)


class PGBenchScript(PGBench):
    """pgbench running one script, from so many connections."""

    def __init__(self, cluster: Cluster, database: str, script: Path, connections: int):
        self.name = "pgbench"
        self.level = connections
        self._cluster = cluster
        self._database = database
        self._each = 1
        self._options = ["-f", script]


class RawArgon2:
    """argon2id verifications on all cores."""

    name = "argon2 alone"

    def __init__(self, binary: Path, hash_: str, password: str):
        self.level = os.cpu_count() or 1
        self._command = [binary, hash_, password, self.level]

    def measure(self, seconds: float) -> Sample:
        before = os.times()
        done, taken = run([*self._command, seconds], timeout=seconds + 30).split()
        after = os.times()
        used = after.children_user + after.children_system
        used -= before.children_user + before.children_system
        return Sample(rate=int(done) / float(taken), server_us=used / int(done) * 1e6)


def build_argon2(scratch: Path) -> Path:
    """Compiles the program that only hashes."""
    binary = scratch / "argon2-rate"
    try:
        run(["cc", "-O2", "-o", binary, _RATE, "-largon2", "-lpthread"])
    except (FileNotFoundError, ProcessFailed) as problem:
        raise Missing(f"the argon2 limit can't be built (cc, libargon2-dev): {problem}") from None
    return binary
