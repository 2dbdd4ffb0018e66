"""Processes that nobody here has started, and that may end at any moment: signals, and how they are."""

import os
from collections.abc import Iterable
from pathlib import Path


def statuses(pids: Iterable[int | str]) -> list[dict[str, str]]:
    """What /proc says of those that are still there."""
    found = []
    for pid in pids:
        try:
            told = Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.append(dict(line.split(":\t", 1) for line in told.splitlines()))
    return found


def signal_all(pids: Iterable[int], number: int) -> int:
    """How many of them were still there."""
    reached = 0
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
        reached += 1
    return reached
