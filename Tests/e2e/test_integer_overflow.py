"""Equations whose numbers leave 64 bits, and those that just stay within."""

import secrets as random

import pytest

from support.equations import Sheet, assert_overflow
from support.integers import LEAST, MOST, Owner, join


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


@pytest.fixture
def sheet(owner) -> Sheet:
    return Sheet(owner, f"sheet {random.token_hex(4)}")


# (equation, sets, the smallest index at which something doesn't fit)
OVERFLOWS = [
    ("a+1", {"a": {3: (1, 1), 7: (MOST, 0), 9: (MOST, 0)}}, 7),
    ("a+1", {"a": {3: (1, 1), 7: (0, MOST)}}, 7),
    ("a-1", {"a": {0: (LEAST, 0)}}, 0),
    ("-a", {"a": {MOST: (LEAST, 0)}}, MOST),
    ("-a", {"a": {4: (0, LEAST)}}, 4),
    ("a*-1", {"a": {4: (LEAST, 1)}}, 4),
    ("-1*a", {"a": {4: (1, LEAST)}}, 4),
    ("0-a", {"a": {4: (1, LEAST)}}, 4),
    ("-a*0", {"a": {4: (LEAST, 0)}}, 4),
    ("a*b", {"a": {4: (2**32, 1)}, "b": {4: (2**31, 1)}}, 4),
    ("a*a", {"a": {4: (3037000500, 1)}}, 4),
    ("a*a", {"a": {4: (1, LEAST)}}, 4),
    ("a+b", {"a": {1: (1, 1), 4: (MOST, 1)}, "b": {2: (1, 1), 4: (1, 1)}}, 4),
    ("a-b", {"a": {4: (-2, 0)}, "b": {4: (MOST, 0)}}, 4),
    # A side that isn't there is 0, and 0 less the lowest is too much.
    ("a-b", {"a": {1: (1, 1)}, "b": {2: (LEAST, 0)}}, 2),
    # In between.
    ("a+1-1", {"a": {4: (MOST, 1)}}, 4),
    ("a*b-a*b", {"a": {4: (2**62, 1)}, "b": {4: (2, 1)}}, 4),
    ("(a*b)*0", {"a": {4: (2**62, 1)}, "b": {4: (-4, 1)}}, 4),
    ("a+(b+b)-b-b", {"a": {1: (1, 1)}, "b": {4: (MOST, 1)}}, 4),
    # The smallest, wherever in the equation it is.
    ("(a+1)*b", {"a": {30: (MOST, 1), 10: (2**40, 1)}, "b": {10: (2**40, 1)}}, 10),
    ("(a+1)*b", {"a": {10: (MOST, 1), 30: (2**40, 1)}, "b": {30: (2**40, 1)}}, 10),
    ("a*a+b*b", {"a": {20: (MOST, 1)}, "b": {15: (1, MOST)}}, 15),
]


@pytest.mark.parametrize("equation, sets, index", OVERFLOWS)
def test_overflow_names_the_index_and_stores_nothing(sheet, equation, sets, index):
    sheet.write(made={3: (3, 3)}, **sets)
    before = sheet.stored()
    assert_overflow(sheet.operate(equation, set_id="made"), index)
    assert_overflow(sheet.operate(equation), index)
    assert sheet.stored() == before


@pytest.mark.parametrize("equation, a, wanted", [
    ("a+1", (MOST - 1, LEAST), (MOST, LEAST + 1)),
    ("a-1", (LEAST + 1, MOST), (LEAST, MOST - 1)),
    ("-1-a", (MOST, LEAST), (LEAST, MOST)),
    ("a*0", (LEAST, MOST), (0, 0)),
    ("a*1", (LEAST, MOST), (LEAST, MOST)),
    ("a*-1", (LEAST + 1, MOST), (MOST, -MOST)),
    ("a*a", (3037000499, -3037000499), (9223372030926249001,) * 2),
    ("a*4294967296", (-2**31, 2**31 - 1), (LEAST, 2**63 - 2**32)),
    ("a*-2147483648", (2**32, -2**32 + 1), (LEAST, 2**63 - 2**31)),
    ("a*-9223372036854775808", (1, 0), (LEAST, 0)),
    ("a+-9223372036854775808", (MOST, 0), (-1, LEAST)),
    ("a+ -\t9223372036854775808", (MOST, 0), (-1, LEAST)),
    ("a*9223372036854775807", (-1, 1), (-MOST, MOST)),
])
def test_what_just_fits(sheet, equation, a, wanted):
    sheet.write(a={MOST: a})
    assert sheet.result(equation) == {MOST: wanted}


@pytest.mark.parametrize("place", [0, 1, 255, 511, 512, 4095, 4096, 5000, 8192, 9999])
def test_overflow_in_the_midst_of_many(sheet, place):
    many = {11 + 3 * at: (at + 1, -at - 1) for at in range(10_000)}
    spoilt = 11 + 3 * place
    sheet.write(many=many, made={3: (3, 3)}, x={spoilt: (MOST - place, 0)},
                q={spoilt: (0, LEAST + place)})
    before = sheet.stored()
    for equation in ("many+x", "many+q", "(many+x)*0", "many-(many+q)"):
        assert_overflow(sheet.operate(equation, set_id="made"), spoilt)
    assert sheet.stored() == before
    assert sheet.result("many+(x-1)") == many | {spoilt: (MOST, -place - 2)}
