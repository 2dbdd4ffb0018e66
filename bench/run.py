"""The benchmark suite: havocctl, its peers and its limits on one PostgreSQL, in turns.

Prints tables, and writes the same as JSON. README.md says how to read them. Run it with the
Python of an environment made from requirements.txt.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH))

from support import (
    cases,
    chat,
    cli,
    commands,
    dashboard,
    integers,
    people,
    report,
    schemes,
    service,
    streaming,
    stun,
    timeline,
)
from support.arena import Arena
from support.contestants import Missing
from support.figures import Figure, of_case
from support.processes import Processes, ProcessFailed
from support.rounds import Clock, Pace

# Seconds, all in all. What doesn't fit loses rounds first.
BUDGET = 40 * 60
QUICK_BUDGET = 460
# Of it, what the parts behind the cases take.
RESERVE = 1730
QUICK_RESERVE = 310


def user_list(arena: Arena) -> Iterator[Figure]:
    yield commands.user_list(arena)


def import_exercises(arena: Arena) -> Iterator[Figure]:
    yield commands.import_exercises(arena)


FIGURES: dict[str, Callable[[Arena], Iterator[Figure]]] = {
    "schemes": schemes.compare,
    "start": service.start,
    "list": user_list,
    "import": import_exercises,
    "cli": cli.cli,
    "million": service.million,
    "people": people.people,
    "dashboard": dashboard.dashboard,
    "idle": chat.idle,
    "chat": chat.chat,
    "latency": chat.latency,
    "stream": streaming.stream,
    "timeline": timeline.timeline,
    "integers": integers.integers,
    "stun": stun.stun,
}
PARTS = [*cases.TITLES, *FIGURES]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument(
        "--only", metavar="PART,…", default=",".join(PARTS), help=f"of: {', '.join(PARTS)}"
    )
    parser.add_argument("--rounds", type=int, help="rounds (3; quick 1)")
    parser.add_argument("--seconds", type=int, help="seconds a round (3; quick 2)")
    parser.add_argument(
        "--binary",
        type=Path,
        default=BENCH.parent / ".build/release/havocctl",
        help="the program to measure",
    )
    parser.add_argument("--json", type=Path, default=BENCH / "results.json", help="where to write")
    parser.add_argument("--keep", action="store_true", help="keep the scratch directory")
    chosen = parser.parse_args()
    chosen.only = chosen.only.split(",")
    if unknown := set(chosen.only) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    chosen.binary = chosen.binary.resolve()
    if not os.access(chosen.binary, os.X_OK):
        parser.error(f"{chosen.binary} isn't there: build it first")
    if not shutil.which("wrk"):
        parser.error("wrk isn't installed")
    return chosen


def measure(chosen: argparse.Namespace, scratch: Path, processes: Processes) -> list[str]:
    """Measures what was chosen; returns what went wrong."""
    clock = Clock(QUICK_BUDGET if chosen.quick else BUDGET)
    pace = Pace(
        chosen.rounds or (1 if chosen.quick else 3),
        chosen.seconds or (2 if chosen.quick else 3),
        clock,
    )
    about = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": report.machine(),
        "rounds": pace.rounds,
        "seconds": pace.seconds,
    }
    print(
        f"{about['machine']['cpu']}, {about['machine']['cores']} cores; "
        f"{pace.rounds} rounds of {pace.seconds} s; load, servers and PostgreSQL share them\n",
        flush=True,
    )
    arena = Arena.make(chosen, scratch, processes, pace)
    measured: list[cases.Case] = []
    figures: list[Figure] = []
    problems: list[str] = []

    def attempt(what: str, action: Callable[..., None], *arguments) -> None:
        """One part's failure is told, and doesn't cost the others."""
        try:
            action(*arguments)
        except Missing as problem:
            print(f"left out: {what}: {problem}\n", flush=True)
        except ProcessFailed as problem:
            problems.append(f"{what}: {problem}")
            print(f"{what}: not measured: {problem}\n", flush=True)

    def measure_case(letter: str) -> None:
        case = cases.measure(arena, letter)
        measured.append(case)
        figures.extend(of_case(case))
        print(report.case_table(case), flush=True)

    def measure_figures(function: Callable[[Arena], Iterator[Figure]]) -> None:
        figures.extend(function(arena))

    if letters := [part for part in chosen.only if part in cases.TITLES]:
        if set(chosen.only) & set(FIGURES):
            pace.reserve = QUICK_RESERVE if chosen.quick else RESERVE
        arena.start_havocctl()
        arena.start_peers()
        for letter in sorted(letters):
            attempt(f"({letter})", measure_case, letter)
        arena.stop_servers()
    pace.reserve = 0
    for part, function in FIGURES.items():
        if part in chosen.only:
            attempt(part, measure_figures, function)
    about["took_seconds"] = round(clock.elapsed)
    print(report.figure_table(figures), flush=True)
    print(f"\n{clock.elapsed:.0f} s; the same as JSON: {chosen.json}", flush=True)
    report.write_json(chosen.json, about, measured, figures, problems)
    return problems


def main() -> int:
    chosen = arguments()

    def interrupted(number: int, _frame) -> None:
        raise SystemExit(128 + number)

    # Also where a shell started this in the background, and had it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, interrupted)
    # Whatever hangs, the run ends.
    signal.alarm((QUICK_BUDGET if chosen.quick else BUDGET) + 50)
    processes = Processes()
    scratch = Path(tempfile.mkdtemp(prefix="havocctl-bench-"))
    # PostgreSQL's own account goes through it.
    scratch.chmod(0o755)
    try:
        problems = measure(chosen, scratch, processes)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except ProcessFailed as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave anything running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        processes.stop_all()
        if chosen.keep:
            print(f"kept: {scratch}")
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
