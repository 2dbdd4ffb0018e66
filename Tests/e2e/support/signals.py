"""Signals to processes that nobody here has started, and that may end at any moment."""

import os
from collections.abc import Iterable


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
