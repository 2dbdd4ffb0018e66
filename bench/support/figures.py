"""The figures aimed at, and what became of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from support.cases import Case
from support.rounds import at, best


@dataclass
class Figure:
    """A measured value, beside what it is compared with and what it should be."""

    name: str
    value: float
    unit: str
    # Empty for a figure that only tells.
    aim: str
    met: bool
    # The limit's or the peer's value, and who that is.
    against: float | None = None
    who: str = ""
    # value / against.
    ratio: float | None = None

    def json(self) -> dict:
        return {key: value for key, value in vars(self).items() if value not in (None, "")}


def at_least(name: str, value: float, unit: str, against: float, who: str, aim: float) -> Figure:
    """A ratio that should not be smaller."""
    ratio = value / against
    return Figure(name, value, unit, f">= {aim:g} x", ratio >= aim, against, who, ratio)


def at_most(name: str, value: float, unit: str, against: float, who: str, aim: float) -> Figure:
    """A ratio that should not be larger."""
    ratio = value / against
    return Figure(name, value, unit, f"<= {aim:g} x", ratio <= aim, against, who, ratio)


def beside(name: str, value: float, unit: str, against: float, who: str) -> Figure:
    """A ratio that nothing was aimed at for."""
    return Figure(name, value, unit, "", True, against, who, value / against)


def below(name: str, value: float, unit: str, aim: float) -> Figure:
    """A value that should not be larger."""
    return Figure(name, value, unit, f"<= {aim:g} {unit}", value <= aim)


def of_case(case: Case) -> Iterator[Figure]:
    """The figures that follow from a case's table."""
    results = case.results
    ours = best(results, "havocctl")
    if ours is None:
        return
    name = f"({case.letter}) rate"
    rate = ours.sample.rate
    if limit := best(results, "pgbench"):
        yield at_least(name, rate, "/s", limit.sample.rate, "pgbench, best unpipelined", 0.7)
    if case.letter in "bc":
        cost = ours.sample.server_us
        if cost is not None:
            yield below(f"({case.letter}) server CPU a request", cost, "us", 18)
        if django := best(results, "Django"):
            yield at_least(name, rate, "/s", django.sample.rate, "Django", 20)
        crowd = at(results, "havocctl", 64)
        if crowd and crowd.sample.p50_us and crowd.sample.p99_us:
            median, p99 = crowd.sample.p50_us, crowd.sample.p99_us
            name_p99 = f"({case.letter}) p99, 64 connections"
            yield at_most(name_p99, p99, "us", median, "their median", 4)
    if limit := best(results, "nginx"):
        yield beside(name, rate, "/s", limit.sample.rate, "nginx, the same bytes")
    if case.letter == "d" and (go := best(results, "Go")):
        yield at_least(name, rate, "/s", go.sample.rate, "Go", 3)
    if limit := best(results, "argon2 alone"):
        yield at_least(name, rate, "/s", limit.sample.rate, "argon2 alone, all cores", 0.95)
