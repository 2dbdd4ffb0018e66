"""What is no equation, where the fault is, and how far equations may go."""

import re
import secrets as random

import pytest

from support.api import assert_detail, assert_field_error, encoded
from support.equations import Sheet, assert_column, mapped, read, refusal
from support.integers import OPERATION, Owner, join

A = {0: (1, 10), 4: (-2, 20)}


@pytest.fixture(scope="module")
def owner(api) -> Owner:
    return join(api)


@pytest.fixture
def sheet(owner) -> Sheet:
    return Sheet(owner, f"sheet {random.token_hex(4)}").write(a=A, b={4: (1, 1)}, f={})


@pytest.fixture
def refuses(sheet):
    """Nothing may be stored by what is refused, nor anything be replaced."""
    before = sheet.stored()
    yield lambda equation, **more: sheet.operate(equation, **{"set_id": "a"} | more)
    assert sheet.stored() == before


# Columns count characters from 1. Where something begins that is wrong further on, both are named.
SYNTAX = {
    "()": (2,), "( )": (3,), "a+()": (4,),
    "a++b": (3,), "a b": (3,), "a  b": (4,), "a\tb": (3,), "a+b b": (5,),
    "+a": (1,), "*a": (1,), "a+*b": (3,), "a-*b": (3,), "a*+b": (3,), "a**b": (3,), "-*a": (2,),
    "a+": (3,), "a *": (4,), "-": (2,), "--": (3,), "a--": (4,), "(": (2, 1),
    "(a": (1, 3), "((a)": (1, 5), "a+(b*(f)": (3, 9), "(a+": (4,), "(a+)": (4,), "(a b)": (1, 4),
    "a)": (2,), ")": (1,), "(a))": (4,), "a)+(b": (2,), "a(": (2,),
    "a(b)": (2,), "(a)b": (4,), "(a)(b)": (4,), "2(a)": (2,), "(a)2": (4,), "2 a": (3,), "a 2": (3,),
    "1a": (1, 2), "a+1b": (3, 4), "0x10+a": (1, 2), "1e3*a": (1, 2), "1_000+a": (1, 2),
    "a*1.5": (4, 3), "a+.5": (3,), "a*1,5": (4,),
    "a/b": (2,), "a%b": (2,), "a^b": (2,), "a=b": (2,), "a;b": (2,), "a.b": (2,), "a,b": (2,),
    "a[0]": (2,), "a&b": (2,), "!a": (1,), "a+'b'": (3,), "a+\"b\"": (3,), "$a": (1,), "a'--": (2,),
    "a\\b": (2,), "{a}": (1,), "a#b": (2,), "a+%s": (3,), "a+b?": (4,),
    # What looks like it and isn't; a character may be several bytes, or two units of UTF-16.
    "a\u2212b": (2,), "a\u00d7b": (2,), "\u0430+b": (1,), "a+\u0662": (3,), "a+\uff12": (3,),
    "a\u00a0+b": (2,), "a+\u3000b": (3,), "a\nb": (2, 3), "a\x0b+b": (2,), "a\x7f": (2,),
    "aé+b": (2,), "😀": (1,), "a+😀b": (3,), "a+b é😀é": (5,),
}


@pytest.mark.parametrize("equation", SYNTAX)
def test_a_fault_names_its_column(refuses, equation):
    assert_column(refuses(equation), *SYNTAX[equation])


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_a_fault_in_a_form_does_too(sheet, kind):
    answer = sheet.owner.call("POST", OPERATION, **encoded(kind, {
        "equation": "a++b", "session_id": sheet.session_id}))
    assert_column(answer, 3)


@pytest.mark.parametrize("equation, column", [
    ("nope", 1), ("a+nope", 3), ("a+(nope-b)+neither", 4), ("a*nope*0", 3), ("f*nope", 3),
    ("A", 1), ("a+b+a_", 5), ("aa", 1), ("__proto__", 1), ("x" * 64, 1), ("a + \t x" + "1" * 63, 7)])
def test_an_unknown_id_is_named(refuses, equation, column):
    why = assert_column(refuses(equation), column)
    assert re.match(r"\w+", equation[column - 1:])[0] in why


def test_an_id_of_65_characters_is_none(refuses):
    assert_column(refuses("a+" + "x" * 65), 3)


def test_what_is_elsewhere_is_unknown(api, sheet, refuses):
    """Neither another of one's sessions nor somebody else's lends its sets."""
    Sheet(sheet.owner, f"other {random.token_hex(4)}").write(mine=A)
    Sheet(sheet.owner).write(current=A)
    other = join(api)
    Sheet(other, sheet.session_id).write(hers=A)
    for name in ("mine", "current", "hers"):
        assert name in assert_column(refuses(f"a+{name}"), 3)


def test_a_current_session_that_nobody_has_used_is_empty(api):
    current = Sheet(join(api))
    assert_column(current.operate("a"), 1)
    assert current.stored() == {}


# Other fields

def test_the_equation_is_required(sheet, refuses):
    answer = sheet.owner.call("POST", OPERATION, {"session_id": sheet.session_id})
    assert refusal(answer) == "This field is required."
    assert refusal(refuses(None)) == "This field may not be null."
    for blank in ("", " ", " \t  "):
        assert refusal(refuses(blank))


@pytest.mark.parametrize("equation", [5, 1.5, True, [], ["a"], {}, {"a": "b"}])
def test_an_equation_is_text(refuses, equation):
    assert refusal(refuses(equation))


@pytest.mark.parametrize("set_id", ["1a", "a b", "a-b", "a.b", "é", "x" * 65, "a\nb", 5, [], True])
def test_the_name_of_the_result_is_one(refuses, set_id):
    assert_field_error(refuses("a+b", set_id=set_id), 400, "set_id")


def test_an_unknown_session_stays_unknown(sheet):
    nowhere = Sheet(sheet.owner, f"nowhere {random.token_hex(4)}")
    for equation in ("a", "1", "a++b"):
        assert nowhere.operate(equation).status_code in (404, 400)
    assert_detail(nowhere.operate("a"), 404)
    assert_detail(nowhere.get("a"), 404)


@pytest.mark.parametrize("session_id", ["x" * 256, "é" * 128, "a\nb", "a\x7f", 5, []])
def test_the_name_of_the_session_is_one(sheet, session_id):
    assert_field_error(sheet.operate("a", session_id=session_id), 400, "session_id")


def test_only_ones_own(api, sheet):
    assert sheet.result("a", user_id=sheet.owner.user_id) == A
    other = join(api)
    for user_id in (other.user_id, "0" * 40):
        assert_detail(sheet.operate("a", user_id=user_id), 404)
    # One's own id doesn't open somebody else's session.
    assert_detail(Sheet(other, sheet.session_id).operate("a", user_id=other.user_id), 404)


# Literals

@pytest.mark.parametrize("equation", [
    "1+2", "0", "-1", "(3)*2", "-(-(4))", "-9223372036854775808", "9223372036854775807"])
def test_a_number_is_no_set(refuses, equation):
    assert refusal(refuses(equation))


@pytest.mark.parametrize("equation, first, last", [
    ("a+9223372036854775808", 3, 3),
    ("9223372036854775808*f", 1, 1),
    ("a*99999999999999999999", 3, 3),
    ("a+18446744073709551617", 3, 3),
    ("a+-9223372036854775809", 3, 4),
    ("a+ -  9223372036854775809", 4, 7),
    ("a+-(9223372036854775808)", 3, 5),
    ("a+" + "9" * 4000, 3, 3),
    # Of literals among themselves, whether or not there is an index to stand at.
    ("a+--9223372036854775808", 3, 5),
    ("a+-(-9223372036854775808)", 3, 6),
    ("f+(9223372036854775807+1)", 4, 24),
    ("a*(4294967296*4294967296)", 4, 24),
    ("4294967296*-4294967296+a", 1, 22),
    ("a-(-9223372036854775807-2)", 4, 25),
    ("a*0*(3037000500*3037000500)", 6, 26),
    ("a+(9223372036854775807+1-1)", 4, 24),
], ids=lambda value: str(value)[:30])
def test_a_literal_that_does_not_fit_names_its_column(refuses, equation, first, last):
    assert_column(refuses(equation), *range(first, last + 1))


def test_zeros_before_a_number(sheet):
    zeros = "0" * 4000
    assert sheet.result(f"a+{zeros}1") == {0: (2, 11), 4: (-1, 21)}
    assert sheet.result(f"f-{zeros}9223372036854775807") == {}


# How far

NESTS = {
    "parentheses": lambda depth: "(" * depth + "a" + ")" * depth,
    "minuses": lambda depth: "-" * depth + "a",
    "both": lambda depth: "-(" * (depth // 2) + "-" * (depth % 2) + "a" + ")" * (depth // 2),
    "to the right": lambda depth: "a+(" * depth + "f" + ")" * depth,
    "to the left": lambda depth: "(" * depth + "a" + "*1)" * depth,
    "with space": lambda depth: " ( \t" * depth + "a" + " )" * depth,
    "around a number": lambda depth: "a+" + "(" * depth + "1" + ")" * depth,
}


@pytest.mark.parametrize("nest", NESTS)
def test_depth_64_and_no_deeper(sheet, nest):
    times, more = {"to the right": (64, 0), "around a number": (1, 1)}.get(nest, (1, 0))
    wanted = {index: (x * times + more, q * times + more) for index, (x, q) in A.items()}
    assert sheet.result(NESTS[nest](64), set_id="deep") == wanted
    assert refusal(sheet.operate(NESTS[nest](65), set_id="deep"))
    assert mapped(read(sheet.get("deep"))["integers"]) == wanted


@pytest.mark.parametrize("equation", [
    "(" * 10_000 + "a" + ")" * 10_000, "(" * 10_000, ")" * 10_000, "-" * 10_000 + "a",
    "(" * 2047 + "aa" + ")" * 2047, "(" * 4096, ")" * 4096, "-" * 4095 + "a", "-(" * 2048,
    "a" * 4096, "1" * 4096, " " * 4096, "a+" * 2048, "()" * 2048, "\u00e9" * 2048],
    ids=lambda equation: f"{equation[:3]} {len(equation)}")
def test_ever_so_deep_or_long_is_400(refuses, equation):
    assert refusal(refuses(equation))


def test_side_by_side_is_not_deep(sheet):
    assert sheet.result("+".join(["(-(a))"] * 500)) == {0: (-500, -5000), 4: (1000, -10000)}
    assert sheet.result("-a" + "+-a" * 1000) == {0: (-1001, -10010), 4: (2002, -20020)}


def test_4096_bytes_and_no_more(sheet):
    longest = "-a" + "+a" * 2047
    wanted = {0: (2046, 20460), 4: (-4092, 40920)}
    assert len(longest) == 4096 and sheet.result(longest, set_id="long") == wanted
    for longer in (longest.replace("+", " +", 1), longest.replace("-a", "- a"), longest + "+a"):
        assert refusal(sheet.operate(longer, set_id="long"))
    assert mapped(read(sheet.get("long"))["integers"]) == wanted


def test_256_different_sets_and_no_more(owner):
    sheet = Sheet(owner, f"many {random.token_hex(4)}")
    sheet.write(**{f"s{at}": {at: (at, 1), 1000: (1, at)} for at in range(257)})
    names = [f"s{at}" for at in range(256)]
    wanted = {at: (at, 1) for at in range(256)} | {1000: (256, 255 * 128)}
    # One that comes again is no other.
    assert sheet.result("+".join([*names, "s0", "s255"]) + "-s0-s255", set_id="sum") == wanted
    assert refusal(sheet.operate("+".join([*names, "s256"]), set_id="sum"))
    assert mapped(read(sheet.get("sum"))["integers"]) == wanted
