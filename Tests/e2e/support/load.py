"""Many clients at once, and what they were answered."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from support.api import Api
from support.program import Ctl

# Sign-ins are many here, and what they cost is not the point.
QUICK = ["--argon2-memory", "8192", "--argon2-iterations", "1"]


def quick_ctl(program, url: str) -> Ctl:
    return Ctl(program, url, HAVOCCTL_ARGON2_MEMORY="8192", HAVOCCTL_ARGON2_ITERATIONS="1")


@dataclass
class Load:
    """Threads that repeat a request until told to stop.

    A connection that broke counts as None: that is what a killed server looks like.
    """

    url: str
    work: Callable[[Api, int], requests.Response]
    clients: int = 6
    answers: list[tuple[int | None, float]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(number,)) for number in range(self.clients)]

    def _run(self, number: int) -> None:
        api = Api(self.url)
        while not self.stopping.is_set():
            began = time.monotonic()
            status = None
            try:
                answer = self.work(api, number)
                status = answer.status_code
                if status == 503 and "Retry-After" not in answer.headers:
                    self.faults.append(f"503 without Retry-After: {answer.text}")
                if status >= 500 and status != 503:
                    self.faults.append(f"{status}: {answer.text}")
            except requests.RequestException:
                api = Api(self.url)
                time.sleep(0.05)
            except Exception as error:  # noqa: BLE001 - a thread's failure must reach the test.
                self.faults.append(repr(error))
            self.answers.append((status, time.monotonic() - began))

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    @property
    def statuses(self) -> Counter:
        return Counter(status for status, _ in self.answers)

    @property
    def slowest(self) -> float:
        return max(seconds for _, seconds in self.answers)

    def wait_for(self, count: int, status: int = 200, seconds: float = 120) -> None:
        """Until so many more requests were answered so."""
        goal = self.statuses[status] + count
        deadline = time.monotonic() + seconds
        while self.statuses[status] < goal:
            assert time.monotonic() < deadline, f"{self.statuses} {self.faults[:5]}"
            assert len(self.faults) < 10, self.faults[:5]
            time.sleep(0.05)
