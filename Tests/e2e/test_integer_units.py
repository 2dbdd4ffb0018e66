"""Units of a set: what an index, an X and a q may be, and where a bad one stands."""

import random
import re

import pytest

from support.api import assert_detail, assert_field_error
from support.integers import (
    LEAST, MOST, NOT_NULL, REQUIRED, SET, Owner, join, unit, units)

JSON = {"Content-Type": "application/json"}
MEMBERS = ["index", "X", "q"]


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    """All sets here have names of their own, and nothing that is refused leaves one."""
    return join(api)


def text(**changed: str | None) -> str:
    """One unit as JSON, with members as they are given; None takes one away."""
    members = {"index": "7", "X": "1", "q": "1"} | changed
    return "{" + ",".join(f'"{name}":{value}' for name, value in members.items() if value is not None) + "}"


# Sound ones

@pytest.mark.parametrize("index", [0, 1, 2**31 - 1, 2**31, 2**32, 2**53 + 1, MOST - 1, MOST])
def test_every_index(owner, index):
    assert owner.keep("a", [unit(index, 1, -1)])["integers"] == [unit(index, 1, -1)]
    assert owner.integers("a") == [unit(index, 1, -1)]


@pytest.mark.parametrize("value", [
    0, 1, -1, 127, -128, 2**15, 2**31 - 1, -2**31, 2**31, 2**32, 2**53, 2**53 + 1, -2**53 - 1,
    10**18, -10**18, MOST - 1, MOST, LEAST + 1, LEAST])
def test_every_value(owner, value):
    expected = [unit(0, value, 0), unit(1, 0, value), unit(2, value, value)]
    assert owner.keep("a", expected)["integers"] == expected
    assert owner.integers("a") == expected


def test_values_at_random(owner):
    dice = random.Random(5)

    def number() -> int:
        """Of any length: as many short ones as long ones."""
        return dice.randint(LEAST, MOST) >> dice.randrange(64)

    indexes = {dice.randint(0, MOST) >> dice.randrange(63) for _ in range(5_000)}
    given = [unit(index, number(), number()) for index in indexes]
    expected = sorted(given, key=lambda one: one["index"])
    assert owner.keep("a", given)["integers"] == expected
    assert owner.integers("a") == expected
    assert [one for page in owner.pages(set_id="a", limit=777) for one in page] == expected


@pytest.mark.parametrize("written", [
    '{"q":3,"index":1,"X":2}', '{"X":2,"q":3,"index":1}', ' {\n"index" :\t1 , "X":2,\r\n"q":3 } ',
    '{"\\u0069ndex":1,"\\u0058":2,"\\u0071":3}', '{"index":1,"X":2,"q":3,"x":9,"Q":9,"Index":9,"":9}',
    '{"more":[[[{"index":"a"}]],1.5e300,null,"]}"],"index":1,"X":2,"q":3}'])
def test_however_it_is_written(owner, written):
    answer = owner.post_text(f"[{written}]", set_id="a")
    assert owner.made(answer)["integers"] == owner.integers("a") == [unit(1, 2, 3)]


def test_minus_zero_is_zero(owner):
    answer = owner.post_text('[{"index":1,"X":-0,"q":-0}]', set_id="a")
    assert owner.made(answer)["integers"] == owner.integers("a") == [unit(1, 0, 0)]


# Bad ones

BAD = {
    "null": "null", "true": "true", "false": "false", "a string": '"1"', "an empty string": '""',
    "a list": "[1]", "an empty list": "[]", "an object": '{"X":1}', "a fraction": "1.5",
    "a whole fraction": "1.0", "a negative fraction": "-0.5", "an exponent": "1e3",
    "an upper exponent": "1E3", "zero with an exponent": "0e0", "a signed exponent": "10e-1",
    "2^63": str(2**63), "-2^63-1": str(-2**63 - 1), "2^64": str(2**64), "-2^64": str(-2**64),
    "2^64+1": str(2**64 + 1), "2^128": str(2**128), "a huge fraction": "9" * 30 + ".5",
    "an exponent beyond all": "1e400", "many digits": "1" + "0" * 5_000, "minus many": "-" + "9" * 400}
BAD_INDEX = {"-1": "-1", "-2^63": str(LEAST), "-2": "-2"}


def refused(owner: Owner, integers: str, *positions: int) -> None:
    """Says where, and keeps nothing, neither under a new name nor under an old one."""
    before = owner.keep("old", units(3))["integers"]
    for set_id in ("old", "new"):
        answer = owner.post_text(integers, set_id=set_id)
        assert_field_error(answer, 400, "integers")
        for position in positions:
            assert re.search(rf"(?<!\d){position}(?!\d)", answer.json()["integers"][0]), answer.text
    assert owner.lacks("new") and owner.integers("old") == before


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("member", MEMBERS)
def test_a_bad_value(owner, member, what):
    refused(owner, f"[{text(**{member: BAD[what]})}]", 0)


@pytest.mark.parametrize("what", BAD_INDEX)
def test_a_negative_index(owner, what):
    refused(owner, f"[{text(index=BAD_INDEX[what])}]", 0)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_missing_member(owner, member):
    refused(owner, f"[{text(**{member: None})}]", 0)
    # One of another case is another one.
    refused(owner, f'[{text(**{member: None, member.swapcase(): "1"})}]', 0)


@pytest.mark.parametrize("what", ["null", "5", "true", '"x"', "[]", "{}", "[1,2,3]", "1.5", '[{"index":0}]'])
def test_what_is_no_unit(owner, what):
    refused(owner, f"[{what}]", 0)


@pytest.mark.parametrize("member, value", [
    ("index", "-1"), ("index", str(2**63)), ("X", "1.5"), ("X", '"1"'), ("q", str(-2**63 - 1)),
    ("q", "null"), ("X", None), ("index", "true"), ("q", "1e3")])
@pytest.mark.parametrize("position", [0, 1, 500, 1_000])
def test_the_position_of_a_bad_one(owner, member, value, position):
    good = [text(index=str(index * 7 + 10)) for index in range(1_001)]
    good[position] = text(**{"index": str(position * 7 + 10), member: value})
    refused(owner, "[" + ",".join(good) + "]", position)


@pytest.mark.parametrize("position", [0, 20_000, 39_999])
def test_the_position_in_a_large_set(owner, position):
    good = [text(index=str(index), X=str(MOST - index)) for index in range(40_000)]
    good[position] = text(X="1.5")
    assert len(whole := "[" + ",".join(good) + "]") > 2**20
    refused(owner, whole, position)


def test_the_first_of_two(owner):
    good = [text(index=str(index)) for index in range(1_000)]
    good[300] = good[700] = text(q="false")
    refused(owner, "[" + ",".join(good) + "]", 300)


@pytest.mark.parametrize("indexes", [
    [5, 5], [5, 6, 5], [0, 1, 2, 0], [9, 8, 7, 7], [MOST, MOST], [*range(1_000), 500],
    [*range(1_000, 0, -1), 500], [500, *range(1_000)]], ids=lambda value: f"{len(value)}, {value[-1]}")
def test_an_index_twice(owner, indexes):
    """Also where the two units agree in everything."""
    twice = next(index for index in indexes if indexes.count(index) == 2)
    refused(owner, "[" + ",".join(text(index=str(index)) for index in indexes) + "]", twice)
    differing = ",".join(text(index=str(index), X=str(at)) for at, index in enumerate(indexes))
    refused(owner, f"[{differing}]", twice)


def test_an_index_twice_far_apart(owner):
    indexes = [*range(40_000), 17]
    refused(owner, "[" + ",".join(text(index=str(index)) for index in indexes) + "]", 17)


# The list itself

@pytest.mark.parametrize("value", ["{}", "5", "true", "false", "1.5", '"x"', '"[]"', '{"0":{"X":1,"q":1}}'])
def test_what_is_no_list(owner, value):
    refused(owner, value)


def test_the_list_is_needed(owner):
    for body, message in (({}, REQUIRED), ({"integers": None}, NOT_NULL)):
        answer = owner.call("POST", SET, {"set_id": "new"} | body)
        assert_field_error(answer, 400, "integers")
        assert answer.json()["integers"] == message
    assert owner.lacks("new")


@pytest.mark.parametrize("kind", ["data", "files"])
@pytest.mark.parametrize("value", [
    "{}", "5", '"x"', "[5]", "[null]", "[" + text(X="1.5") + "]", "[" + text(q='"1"') + "]",
    "[" + text(index="-1") + "]", f"[{text()},{text()}]", f"[{text(index=str(2**63))}]",
    # Not even JSON.
    "", "x", "[", "[]x", "[],[]", "[]\ufeff", f"[{text()},]", text(), f"[{text(X='01')}]", "[NaN]",
    '[{"index":0,"X":1,"q":1,"q":1}]', '["\\u0000"]', "[" * 70 + "]" * 70, "(0,1,1)"])
def test_bad_ones_in_a_form(owner, kind, value):
    fields = {"set_id": "new", "integers": value}
    sent = fields if kind == "data" else {name: (None, part) for name, part in fields.items()}
    assert_field_error(owner.call("POST", SET, **{kind: sent}), 400, "integers")
    assert owner.lacks("new")


@pytest.mark.parametrize("written", [
    "01", "+1", "1.", ".5", "0x1", "1_000", "--1", "-", "NaN", "Infinity", "1e", "1e+", "'1'", "١", "1 2",
    "True", "nul", "\\u0031"])
@pytest.mark.parametrize("member", MEMBERS)
def test_what_is_no_json(owner, member, written):
    answer = owner.post_text(f"[{text(index='0')},{text(**{member: written})}]", set_id="new")
    assert answer.status_code == 400 and answer.json(), answer.text
    assert REQUIRED[0] not in answer.text
    assert owner.lacks("new")


def test_an_unknown_caller_hears_nothing_of_units(api):
    answer = api.call("POST", SET, data=b'{"integers":[{"index":-1}]}', headers=JSON)
    assert_detail(answer, 401)
