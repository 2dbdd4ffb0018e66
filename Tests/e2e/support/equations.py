"""Sets of integers as a program keeps them, and what an equation of them is by definition."""

import json
import operator
import re
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import requests

from support.api import assert_field_error
from support.integers import LEAST, MOST, OPERATION, SESSION, SET, Owner, sets_of

# index -> (X, q)
Units = dict[int, tuple[int, int]]


# What is sent and answered

def in_order(of: Units) -> list[dict]:
    return [{"index": index, "X": x, "q": q} for index, (x, q) in sorted(of.items())]


def no_float(text: str):
    raise AssertionError(f"{text} is no integer")


def read(answer: requests.Response):
    """The JSON of an answer; a number that a double can't hold must not have been through one."""
    return json.loads(answer.content, parse_float=no_float, parse_constant=no_float)


def mapped(integers: list[dict]) -> Units:
    """The units of an answer by index, in whose order they must come."""
    assert all(set(unit) == {"index", "X", "q"} for unit in integers), integers[:5]
    assert all(type(value) is int for unit in integers for value in unit.values()), integers[:5]
    assert all(one["index"] < two["index"] for one, two in pairwise(integers)), integers[:5]
    return {unit["index"]: (unit["X"], unit["q"]) for unit in integers}


def assert_units(integers: list[dict], wanted: list[dict], what: str) -> None:
    """Tells where two long lists part; an `assert` of them would take minutes to show it."""
    if integers == wanted:
        return
    place = next((place for place, (one, two) in enumerate(zip(integers, wanted)) if one != two),
                 min(len(integers), len(wanted)))
    raise AssertionError(
        f"{what}: {len(integers)} units where {len(wanted)} are due; they part at {place}:"
        f" {integers[place:place + 2]} should be {wanted[place:place + 2]}")


@dataclass(frozen=True)
class Sheet:
    """One integer session; the current one where it has no name."""

    owner: Owner
    session_id: str | None = None

    def fields(self, more: dict) -> dict:
        return ({} if self.session_id is None else {"session_id": self.session_id}) | more

    def write(self, **sets: Units) -> "Sheet":
        answer = self.owner.call("POST", SESSION, self.fields({"integer_sets": [
            {"set_id": name, "integers": in_order(of)} for name, of in sets.items()]}))
        assert answer.status_code == 201, answer.text[:1000]
        return self

    def put(self, set_id: str, of: Units) -> None:
        """One set, where the session is too large to be shown as a whole."""
        answer = self.owner.call("POST", SET, self.fields({"set_id": set_id, "integers": in_order(of)}))
        assert answer.status_code == 201, answer.text[:1000]

    def operate(self, equation, **more) -> requests.Response:
        return self.owner.call("POST", OPERATION, self.fields({"equation": equation} | more))

    def made(self, equation: str, **more) -> dict:
        """The answer to an equation that is one."""
        answer = self.operate(equation, **more)
        assert answer.status_code == 201, f"{equation}: {answer.text[:1000]}"
        found = read(answer)
        assert set(found) == {"set_id", "session_id", "equation", "integers"}, set(found)
        return found

    def result(self, equation: str, **more) -> Units:
        return mapped(self.made(equation, **more)["integers"])

    def stored(self) -> dict[str, Units]:
        answer = self.owner.call("GET", SESSION, json=self.fields({}))
        assert answer.status_code == 200, answer.text[:1000]
        return {name: mapped(integers) for name, integers in sets_of(read(answer)).items()}

    def get(self, set_id: str) -> requests.Response:
        return self.owner.call("GET", SET, json=self.fields({"set_id": set_id}))


def refusal(answer: requests.Response) -> str:
    """Why the equation was refused."""
    assert_field_error(answer, 400, "equation")
    messages = answer.json()["equation"]
    assert len(messages) == 1, messages
    return messages[0]


def assert_overflow(answer: requests.Response, index: int) -> None:
    why = refusal(answer)
    assert re.findall(r"index (\d+)", why) == [str(index)], f"{why} should name index {index}"


def assert_column(answer: requests.Response, *columns: int) -> str:
    """A refusal that points at these columns and no other; they are several where each is as good."""
    why = refusal(answer)
    named = {int(column) for column in re.findall(r"column (\d+)", why)}
    assert named and named <= set(columns), f"{why} should name column {columns}"
    return why


# The definition

@dataclass(frozen=True)
class Literal:
    value: int


@dataclass(frozen=True)
class Name:
    set_id: str


@dataclass(frozen=True)
class Minus:
    of: "Tree"


@dataclass(frozen=True)
class Binary:
    sign: str
    left: "Tree"
    right: "Tree"


Tree = Literal | Name | Minus | Binary

SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


class LiteralOverflow(Exception):
    """Of literals among themselves, which is so whatever the sets are."""


def fits(value: int) -> bool:
    return LEAST <= value <= MOST


def evaluate(tree: Tree, sets: dict[str, Units], beyond: set[int]) -> int | Units:
    """What the equation comes to; `beyond` gathers the indexes at which something didn't fit."""
    match tree:
        case Literal(value):
            return value
        case Name(set_id):
            return sets[set_id]
        case Minus(of):
            return combine("-", 0, evaluate(of, sets, beyond), beyond)
        case Binary(sign, left, right):
            return combine(sign, evaluate(left, sets, beyond), evaluate(right, sets, beyond), beyond)


def combine(sign: str, left: int | Units, right: int | Units, beyond: set[int]) -> int | Units:
    apply = SIGNS[sign]
    if isinstance(left, int) and isinstance(right, int):
        if not fits(value := apply(left, right)):
            raise LiteralOverflow
        return value
    found = {}
    for index in {index for side in (left, right) if isinstance(side, dict) for index in side}:
        one = left.get(index, (0, 0)) if isinstance(left, dict) else (left, left)
        two = right.get(index, (0, 0)) if isinstance(right, dict) else (right, right)
        pair = (apply(one[0], two[0]), apply(one[1], two[1]))
        if not (fits(pair[0]) and fits(pair[1])):
            beyond.add(index)
            pair = (0, 0)  # Nobody asks any more, here or further up.
        found[index] = pair
    return found


def tightness(tree: Tree) -> int:
    match tree:
        case Binary("*"):
            return 2
        case Binary():
            return 1
        case _:
            return 3


def written(tree: Tree, random: Random) -> str:
    """The equation with the parentheses it needs, a few that it doesn't, and space here and there."""
    def within(inner: Tree, least: int) -> str:
        text = written(inner, random)
        needless = random.random() < 0.1
        return spaced("(", text, ")") if tightness(inner) < least or needless else text

    def spaced(*tokens: str) -> str:
        return "".join(token + random.choice(["", "", "", "", " ", "\t", "  "]) for token in tokens)

    match tree:
        case Literal(value):
            return spaced("-", str(-value)) if value < 0 else str(value)
        case Name(set_id):
            return set_id
        case Minus(of):
            return spaced("-", within(of, 3))
        case Binary(sign, left, right):
            # What has equal rank is read from the left.
            own = tightness(tree)
            return spaced(within(left, own), sign, within(right, own + 1))
