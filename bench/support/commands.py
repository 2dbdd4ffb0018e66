"""The command line against psql doing the same."""

import csv
import json
import os
import shlex
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from support.arena import PEOPLE, Arena
from support.dataset import exercises, key, write_csv
from support.figures import Figure, at_most
from support.load import progress
from support.processes import ProcessFailed, run
from support.statements import learn_user_list

_IMPORTED = 100_000


def user_list(arena: Arena) -> Figure:
    """`user list --limit 20` and the same query through psql: wall time of the whole process."""
    program = arena.program()
    query = learn_user_list(arena.cluster, program)
    ours = program.command("user", "list", "--limit", "20")
    # Debian's psql on the path is a Perl script that looks for the real one.
    psql = [str(arena.cluster.bin / "psql"), "-X", *arena.cluster.options(arena.database)]
    theirs = [*psql, "-c", query]
    lines = run(ours, env=program.env).count("user-")
    if lines < 19 or run(theirs).count("user-") < 19:
        raise ProcessFailed(f"user list shows {lines} of the 20 that were asked for")
    batches = 2 if arena.quick else 5
    times: tuple[list[float], list[float]] = ([], [])
    for batch in range(batches):
        progress(f"user list, batch {batch + 1}")
        for command, taken in zip((ours, theirs), times):
            taken += timed(command, program.env, 10, arena.scratch)
    return at_most(
        f"user list --limit 20 of {PEOPLE:,}",
        statistics.median(times[0]) * 1e3,
        "ms",
        statistics.median(times[1]) * 1e3,
        "psql, the same query",
        1.5,
    )


def timed(command: list[str], env: dict[str, str], runs: int, scratch: Path) -> list[float]:
    """The wall times of so many runs, in seconds; hyperfine takes them where it is installed."""
    if shutil.which("hyperfine"):
        report = scratch / "hyperfine.json"
        run(
            ["hyperfine", "--shell=none", "--style=none", f"--runs={runs}", "--warmup=1"]
            + [f"--export-json={report}", shlex.join(command)],
            env=env,
        )
        return json.loads(report.read_text())["results"][0]["times"]
    times = []
    for number in range(runs + 1):
        start = time.perf_counter()
        # Without a time limit: Python waits for one by sleeping, up to 50 ms at a time.
        subprocess.run(
            command,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        if number > 0:
            times.append(time.perf_counter() - start)
    return times


def import_exercises(arena: Arena) -> Figure:
    """100,000 exercises from a CSV file, and psql's \\copy of the same rows into the same table."""
    rows = exercises(_IMPORTED)
    ours_file = arena.scratch / "import.csv"
    write_csv(ours_file, rows)
    arena.cluster.create("blank")
    arena.program("blank")("db", "migrate")
    # The rows for \copy have what the program finds out by itself: keys and groups.
    arena.cluster.create("grouped", "blank")
    with arena.cluster.connect("grouped") as connection:
        groups = {}
        for name in sorted({row.group for row in rows}):
            (groups[name],) = connection.execute(
                "INSERT INTO exercise_group (name, name_key) VALUES (%s, %s) RETURNING id",
                [name, key(name)],
            ).fetchone()
    theirs_file = arena.scratch / "copy.csv"
    with theirs_file.open("w", newline="") as output:
        csv.writer(output).writerows(
            [row.name, key(row.name), groups[row.group], row.targeted_muscles, row.instructions]
            for row in rows
        )
    copy = (
        "\\copy exercise (name, name_key, exercise_group, targeted_muscles, instructions) "
        f"FROM '{theirs_file}' CSV NULL '\\N'"
    )
    target = arena.program("imported")

    def ours() -> None:
        target.import_exercises(ours_file, _IMPORTED)

    def theirs() -> None:
        run(
            [arena.cluster.bin / "psql", "-X", "-q", *arena.cluster.options("imported")]
            + ["-c", copy]
        )

    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(1 if arena.quick else 3):
        for template, action, taken in (
            ("blank", ours, times[0]),
            ("grouped", theirs, times[1]),
        ):
            progress(f"import from {template}, round {turn + 1}")
            taken.append(_into_fresh_table(arena, template, action))
    return at_most(
        f"import of {_IMPORTED:,} exercises",
        statistics.median(times[0]),
        "s",
        statistics.median(times[1]),
        "psql \\copy, the same rows",
        2,
    )


def _into_fresh_table(arena: Arena, template: str, action: Callable[[], None]) -> float:
    """The seconds that it takes in a database that nobody has used."""
    arena.cluster.create("imported", template)
    with arena.cluster.connect("imported") as connection:
        connection.execute("CHECKPOINT")
    start = time.perf_counter()
    action()
    taken = time.perf_counter() - start
    with arena.cluster.connect("imported") as connection:
        (there,) = connection.execute("SELECT count(*) FROM exercise").fetchone()
    arena.cluster.drop("imported")
    if there != _IMPORTED:
        raise ProcessFailed(f"{there} exercises were imported instead of {_IMPORTED}")
    return taken
