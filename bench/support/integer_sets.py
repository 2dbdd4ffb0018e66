"""Three sets of integers of one size: the bodies that are posted, and what must come back."""

import json
import random
from dataclasses import dataclass

_LEAST, _MOST = -(2**63), 2**63 - 1
# What a set holds in ordinary use.
_USUAL = 10**6

# Index, X and q.
Row = tuple[int, int, int]


@dataclass
class Trio:
    """Sets, each as the JSON array of its units, and what the equation makes of them."""

    names: tuple[str, str, str]
    units: dict[str, str]
    result: str

    @property
    def equation(self) -> str:
        first, second, third = self.names
        return f"{first}+{second}*{third}"

    def body(self, name: str, set_id: str | None = None) -> str:
        """What is posted: a set under its own name, or another one."""
        return f'{{"set_id":"{set_id or name}","integers":{self.units[name]}}}'

    def operation(self, set_id: str) -> str:
        return json.dumps({"equation": self.equation, "set_id": set_id})


def usual(count: int) -> Trio:
    """Values of up to a million."""
    chance = random.Random(1)
    sets = [
        [(index, chance.randint(0, _USUAL), chance.randint(0, _USUAL)) for index in range(count)]
        for _ in range(3)
    ]
    return _trio(("a", "b", "c"), sets)


def wide(count: int) -> Trio:
    """Values of 64 bits, whose product and sum are of 64 bits too."""
    chance = random.Random(2)
    first, second, third = [], [], []
    for index in range(count):
        columns = [_wide(chance) for _ in range(2)]
        for rows, (x, q) in zip((first, second, third), zip(*columns)):
            rows.append((index, x, q))
    return _trio(("wa", "wb", "wc"), [first, second, third])


def _wide(chance: random.Random) -> tuple[int, int, int]:
    """Any number; one that, times the last, has the other sign; 1 or -1."""
    value = chance.randint(_LEAST, _MOST)
    sign = chance.choice((1, -1))
    other = chance.randint(0, _MOST) * (-1 if value >= 0 else 1)
    return value, other * sign, sign


def _trio(names: tuple[str, str, str], sets: list[list[Row]]) -> Trio:
    result = [(i, x + y * z, q + r * s) for (i, x, q), (_, y, r), (_, z, s) in zip(*sets)]
    return Trio(names, {name: _text(rows) for name, rows in zip(names, sets)}, _text(result))


def _text(rows: list[Row]) -> str:
    return "[" + ",".join(f'{{"index":{i},"X":{x},"q":{q}}}' for i, x, q in rows) + "]"


def units_of(answer: bytes) -> str:
    """The only array in an answer, without the white space that JSON allows between its tokens."""
    array = answer[answer.find(b"[") : answer.rfind(b"]") + 1]
    return array.translate(None, b" \n").decode()
