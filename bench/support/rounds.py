"""Contestants take turns in short rounds, so that a slow minute of the machine hits all alike."""

import time
from dataclasses import dataclass
from typing import Protocol

from support.load import Sample, median, progress


class Contender(Protocol):
    """Something that can be measured for a while."""

    name: str
    # Connections, clients or threads.
    level: int

    def measure(self, seconds: float) -> Sample: ...


@dataclass
class Result:
    """A contestant's medians at one level."""

    name: str
    level: int
    sample: Sample
    rounds: int

    def json(self) -> dict:
        return {
            "contestant": self.name,
            "connections": self.level,
            "rounds": self.rounds,
            **self.sample.json(),
        }


class Clock:
    """The time that a run may take."""

    def __init__(self, budget: float):
        self._start = time.monotonic()
        self._end = self._start + budget

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    @property
    def left(self) -> float:
        return self._end - time.monotonic()


@dataclass
class Pace:
    """How often and how long everything is measured."""

    rounds: int
    seconds: float
    clock: Clock
    # Seconds that what comes afterwards needs.
    reserve: float = 0

    def interleave(self, groups: list[list[Contender]], what: str) -> list[Result]:
        """Measures each group's contenders in turn: A B C, A B C, A B C.

        Every contender gets one round; further ones are left out when the time is up.
        """
        self._warm(groups, what)
        results = []
        for group in groups:
            samples: list[list[Sample]] = [[] for _ in group]
            for turn in range(self.rounds):
                if turn > 0 and self._left < len(group) * (self.seconds + 1):
                    break
                for contender, taken in zip(group, samples):
                    progress(f"{what}: {contender.name}, {contender.level}, round {turn + 1}")
                    taken.append(contender.measure(self.seconds))
            results += [
                Result(contender.name, contender.level, median(taken), len(taken))
                for contender, taken in zip(group, samples)
            ]
        progress("")
        return results

    @property
    def _left(self) -> float:
        return self.clock.left - self.reserve

    def _warm(self, groups: list[list[Contender]], what: str) -> None:
        """Everybody's caches, plans and compilers are ready before it counts."""
        warm = set()
        for contender in (contender for group in groups[::-1] for contender in group):
            if contender.name not in warm and not contender.name.startswith(("pgbench", "argon2")):
                warm.add(contender.name)
                progress(f"{what}: {contender.name} warms up")
                contender.measure(1)


def best(results: list[Result], name: str) -> Result | None:
    """A contestant's result at the level where it is fastest."""
    own = [result for result in results if result.name == name]
    return max(own, key=lambda result: result.sample.rate, default=None)


def at(results: list[Result], name: str, level: int) -> Result | None:
    return next(
        (result for result in results if result.name == name and result.level == level), None
    )
