"""What a process holds: memory and descriptors, now or all the time."""

import os
import threading
from pathlib import Path

from support.program import until

MEBIBYTE = 1 << 20


def rss(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def assert_descriptors_come_back(pid: int, before: int, seconds: float = 30) -> None:
    # The connections to the database are as many as are needed, up to four more a loop.
    until(lambda: descriptors(pid) <= before + 8, f"as few descriptors as before, {before}", seconds)


class Sampler(threading.Thread):
    """Looks four times a second; `memory` and `files` are what it saw."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid = pid
        self.memory: list[int] = []
        self.files: list[int] = []
        self.stopping = threading.Event()

    def __enter__(self) -> "Sampler":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        self.join()

    def run(self) -> None:
        while True:
            self.memory.append(rss(self.pid))
            self.files.append(descriptors(self.pid))
            if self.stopping.wait(0.25):
                return

    def told(self) -> str:
        """For whoever reads the tests' output."""
        return (f"RSS {self.memory[0] // MEBIBYTE} MiB at first, {max(self.memory) // MEBIBYTE} at most, "
                f"{self.memory[-1] // MEBIBYTE} in the end; descriptors {self.files[0]}, {max(self.files)},"
                f" {self.files[-1]}")
