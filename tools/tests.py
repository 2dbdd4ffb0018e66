#!/usr/bin/env python3
"""Runs pytest on a directory, and the few tests that fail beside others once more, by themselves.

    tools/tests.py DIRECTORY [OPTION…]

Many thousands of tests that share a busy machine with browsers and databases trip over each other
now and then. One that passes by itself doesn't fail the run, but is named at its end: whether the
test or the program is at fault, it is to be mended. What is found wrong when tests are over, such
as a secret in the database, has no second try.
"""

import subprocess
import sys

import pytest

# Tests of more files than these don't fail by chance.
MOST_FILES = 3


class Failures:
    """What pytest reports as failed."""

    def __init__(self):
        self.tests: list[str] = []
        self.endings: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            (self.endings if report.when == "teardown" else self.tests).append(report.nodeid)


def main(directory: str, *options: str) -> int:
    failures = Failures()
    status = pytest.main([directory, "-q", *options], plugins=[failures])
    files = {name.partition("::")[0] for name in failures.tests}
    if status != pytest.ExitCode.TESTS_FAILED or failures.endings or len(files) > MOST_FILES:
        return status
    names = "".join(f"\n    {name}" for name in failures.tests)
    print(f"\nOnce more, by themselves:{names}", flush=True)
    # A process of its own, that keeps nothing of the first run.
    status = subprocess.run([sys.executable, "-m", "pytest", directory, "-q", "--last-failed"], check=False).returncode
    if status == pytest.ExitCode.OK:
        print(f"\nUNSTEADY: failed beside others, and passed by themselves:{names}")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
