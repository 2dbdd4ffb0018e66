"""Equations at random, over sets of every shape, against their definition."""

import math
from itertools import pairwise
from random import Random

import pytest

from support.equations import (
    Binary, Literal, LiteralOverflow, Minus, Name, Sheet, Tree, Units, assert_overflow,
    assert_units, evaluate, in_order, read, refusal, written)
from support.integers import LEAST, MOST, Owner, join

# Around the powers of two at which a program may cut its sets in parts.
SIZES = [0, 1, 2, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1025, 2047, 2049,
         4095, 4096, 4097, 4609, 8191, 8192, 20_000]


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


# Shapes of sets

def places(random: Random, count: int) -> list[int]:
    """Ascending indexes, near or far from each other and from both ends."""
    gaps = random.choice(["none", "none", "even", "some", "wild", "clusters"])
    if gaps == "wild":
        found = sorted({random.randrange(2**63) for _ in range(count)})
        return found
    found, at, step = [], 0, random.choice([2, 3, 127, 128, 255, 256, 65_537, 2**40])
    for number in range(count):
        found.append(at)
        if gaps == "even":
            at += step
        elif gaps == "some":
            at += random.choice([1, 1, 1, 2, 5, 300])
        else:
            at += 2**35 if gaps == "clusters" and number % 1000 == 999 else 1
    begin = random.choice([0, 1, 255, 2**31 - 1, 2**32, 2**62, MOST - at])
    return [begin + index for index in found]


def part(random: Random, all_places: list[int]) -> list[int]:
    """Some of the indexes that the sets of a sheet share."""
    match random.choice(["all", "size", "size", "odd", "even", "sparse", "most"]):
        case "all":
            return all_places
        case "odd":
            return all_places[1::2]
        case "even":
            return all_places[::2]
        case "sparse":
            return [index for index in all_places if random.random() < 0.01]
        case "most":
            return [index for index in all_places if random.random() < 0.97]
        case _:
            size = random.choice([size for size in SIZES if size <= len(all_places)])
            begin = random.choice([0, len(all_places) - size, random.randint(0, len(all_places) - size)])
            return all_places[begin:begin + size]


EDGES = [LEAST, LEAST + 1, -2**32, -2**31, -1, 0, 1, 127, 128, 2**31, 2**32, MOST - 1, MOST]


def column(random: Random, count: int, wide: bool) -> list[int]:
    """Values of so many units: narrow ones leave room for an equation, wide ones rarely do."""
    kinds = ["edges", "64 bits", "32 bits", "one far off"] if wide else [
        "bits", "bits", "one", "zero", "rising", "falling", "one taller"]
    kind = random.choice(kinds)
    bound = 2 ** random.randint(0, 20)
    if kind == "edges":
        return [random.choice(EDGES) for _ in range(count)]
    if kind == "64 bits":
        return [random.randint(LEAST, MOST) for _ in range(count)]
    if kind == "32 bits":
        return [random.randint(-2**32, 2**32) for _ in range(count)]
    if kind == "one":
        return [random.randint(-bound, bound)] * count
    if kind in ("rising", "falling"):
        step = 1 if kind == "rising" else -1
        return [step * number for number in range(count)]
    found = [0] * count if kind == "zero" else [random.randint(-bound, bound) for _ in range(count)]
    if count and kind in ("one far off", "one taller"):
        found[random.randrange(count)] = random.choice(EDGES) if wide else 2**30
    return found


def random_set(random: Random, all_places: list[int], wide: bool) -> Units:
    indexes = part(random, all_places)
    pairs = zip(column(random, len(indexes), wide), column(random, len(indexes), wide))
    return dict(zip(indexes, pairs))


# Equations

def random_literal(random: Random, wide: bool) -> Literal:
    if wide and random.random() < 0.3:
        return Literal(random.choice([LEAST, MOST, 2**62, 2**32, 3_037_000_500]))
    return Literal(random.choice([0, 1, 2, 7, 10, 1000]))


def random_tree(random: Random, names: list[str], operations: int, wide: bool) -> Tree:
    if operations == 0:
        named = random.random() < 0.75
        return Name(random.choice(names)) if named else random_literal(random, wide)
    if random.random() < 0.2:
        return Minus(random_tree(random, names, operations - 1, wide))
    left = random.randint(0, operations - 1)
    return Binary(random.choice("++--*" if operations > 1 or not wide else "+-"),
                  random_tree(random, names, left, wide),
                  random_tree(random, names, operations - 1 - left, wide))


def check(sheet: Sheet, tree: Tree, sets: dict[str, Units], random: Random, what: str) -> Units | None:
    """The answer is what the definition says; gives the result where there is one."""
    equation = written(tree, random)
    what = f"{what}, {equation!r} of {({name: len(of) for name, of in sets.items()})}"
    beyond: set[int] = set()
    try:
        wanted = evaluate(tree, sets, beyond)
    except LiteralOverflow:
        assert "column" in refusal(sheet.operate(equation)), what
        return None
    if isinstance(wanted, int):
        assert refusal(sheet.operate(equation)), what
        return None
    if beyond:
        try:
            assert_overflow(sheet.operate(equation), min(beyond))
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from None
        return None
    made = sheet.made(equation)
    assert_units(made["integers"], in_order(wanted), what)
    if random.random() < 0.2:
        assert_units(read(sheet.get(made["set_id"]))["integers"], in_order(wanted), f"{what}, as stored")
    return wanted


def sheet_of(owner: Owner, random: Random, count: int, wide: bool, name: str) -> tuple[Sheet, dict]:
    all_places = places(random, count)
    sets = {name: random_set(random, all_places, wide) for name in "abcd"}
    return Sheet(owner, name).write(**sets), sets


@pytest.mark.parametrize("seed", range(36))
def test_small_sets_at_random(owner, seed):
    random = Random(f"small {seed}")
    wide = seed % 3 == 2
    sheet, sets = sheet_of(owner, random, random.choice([0, 1, 2, 5, 33, 33, 300, 300]), wide, f"small {seed}")
    results = [check(sheet, random_tree(random, list(sets), random.randint(0, 14), wide), sets, random,
                     f"seed {seed}") for _ in range(12)]
    assert wide or any(result is not None for result in results), "no equation comes to anything"


@pytest.mark.parametrize("seed", range(32))
def test_large_sets_at_random(owner, seed):
    random = Random(f"large {seed}")
    wide = seed % 3 == 2
    sheet, sets = sheet_of(owner, random, random.choice(SIZES[-8:]), wide, f"large {seed}")
    for _ in range(5):
        check(sheet, random_tree(random, list(sets), random.randint(1, 6), wide), sets, random, f"seed {seed}")


# Sizes against each other

SIDES = [0, 1, 255, 256, 257, 512, 513, 4095, 4096, 4097, 8192]


@pytest.fixture(scope="module")
def sides(owner) -> tuple[Sheet, dict[str, Units]]:
    """Of each size one at every second index and one at every third, which share every sixth."""
    sets = {f"l{size}": {2 * at: (at, MOST - at) for at in range(size)} for size in SIDES} | {
        f"r{size}": {3 * at: (-at, 3 * at - 5) for at in range(size)} for size in SIDES}
    return Sheet(owner, "sides").write(**sets), sets


@pytest.mark.parametrize("left", SIDES)
def test_every_size_with_every_other(sides, left):
    sheet, sets = sides
    for right in SIDES:
        tree = Binary("-", Name(f"l{left}"), Binary("*", Name(f"r{right}"), Literal(right % 3)))
        check(sheet, tree, sets, Random(left), f"{left} with {right}")
        # One begins where the other ends.
        check(sheet, Binary("+", Name(f"r{right}"), Name(f"l{left}")), sets, Random(left), "turned")


def test_sets_that_only_touch(owner):
    """Each begins where the one before it ends, or one earlier: nothing, or one unit, is shared."""
    begins = [0, 255, 511, 4095, 4352, 8191, 12_288, 20_000]
    for overlap in (0, 1):
        sets = {f"p{at}": {index: (index, -1) for index in range(one, two + overlap)}
                for at, (one, two) in enumerate(pairwise(begins))}
        sheet = Sheet(owner, f"touching {overlap}").write(**sets)
        tree: Tree = Literal(0)
        for name in sets:
            tree = Binary("+", tree, Name(name))
        wanted = check(sheet, tree, sets, Random(overlap), f"overlap {overlap}")
        assert len(wanted) == 20_000 + overlap
        tree = Name("p0")
        for name in reversed(sets):
            tree = Binary("*", Minus(Name(name)), tree)
        check(sheet, tree, sets, Random(overlap), f"overlap {overlap}")


def test_many_sets_at_once(owner):
    """As many as an equation may name, each longer or shorter than what is read of it at a time."""
    random = Random("many")
    shared = places(random, 900)
    sets = {f"s{at}": random_set(random, shared, False) for at in range(256)}
    sheet = Sheet(owner, "many").write(**sets)
    for count in (3, 17, 33, 256):
        tree: Tree = Name("s0")
        for at in range(1, count):
            tree = Binary("+-"[at % 2], tree, Name(f"s{at}"))
        assert check(sheet, tree, sets, random, f"{count} sets") is not None


# What holds whatever the sets are

@pytest.mark.parametrize("seed", range(6))
def test_laws(owner, seed):
    random = Random(f"laws {seed}")
    sheet, sets = sheet_of(owner, random, random.choice([300, 4097, 9000]), False, f"laws {seed}")
    for one, other in [("a+b", "b+a"), ("a*b", "b*a"), ("a-b", "-(b-a)"), ("a-b", "a+-b"), ("--a", "a"),
                       ("a*3", "a+a+a"), ("(a+b)*2", "a*2+b*2"), ("(a+b)-b", "a+b*0"), ("a*0", "a-a"),
                       ("(a+b)+c", "a+(b+c)"), ("c-(a-b)", "c-a+b"), ("-(a+5)", "-a-5")]:
        assert_units(sheet.made(one)["integers"], sheet.made(other)["integers"],
                     f"seed {seed}, {one} and {other}")
    assert math.prod(len(of) + 1 for of in sets.values()) > 1, "nothing but empty sets"


@pytest.mark.parametrize("seed", range(4))
def test_results_are_operands(owner, seed):
    """Step by step, each step stored and read again, it comes to the same."""
    random = Random(f"steps {seed}")
    sheet, sets = sheet_of(owner, random, 5000, False, f"steps {seed}")
    for step in range(8):
        one, other = random.choices(list(sets), k=2)
        tree = Binary(random.choice("+-"), Name(one), Name(other))
        name = f"t{step}" if step % 2 else one
        made = sheet.made(written(tree, random), set_id=name)
        sets[name] = evaluate(tree, sets, set())
        assert_units(made["integers"], in_order(sets[name]), f"seed {seed}, step {step}")
    assert sheet.stored() == sets
