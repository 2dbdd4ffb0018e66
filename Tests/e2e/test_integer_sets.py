"""Sets of integers one by one: stored, replaced, read as a whole and in parts, and deleted."""

import re

import pytest

from support.api import BODY_KINDS, assert_detail, assert_field_error, encoded
from support.integers import (
    MOST, REQUIRED, SESSION_ID, SET, SET_ID, Owner, join, unit, units, units_text)
from support.members import NEXT

# As the reference shows it.
SAMPLE = [unit(0, 1, 1), unit(1, 2, 2), unit(2, 3, 3)]
TEXT = '[{"index":0,"X":1,"q":1},{"index":1,"X":2,"q":2},{"index":2,"X":3,"q":3}]'

MOST_UNITS = 1_000_000


@pytest.fixture
def owner(api) -> Owner:
    return join(api)


@pytest.fixture(scope="module")
def regular(api) -> Owner:
    """For the many tests whose sets have names of their own."""
    return join(api)


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_set(owner, kind, slash):
    path = SET.rstrip("/") + slash
    answer = owner.call("POST", path, **encoded(kind, {
        "integers": SAMPLE if kind == "json" else TEXT}))
    made = owner.made(answer)
    assert made["integers"] == SAMPLE
    assert SET_ID.fullmatch(made["set_id"]) and SESSION_ID.fullmatch(made["session_id"])
    answer = owner.call("GET", path, **encoded(kind, {"set_id": made["set_id"]}))
    assert (answer.status_code, answer.json()) == (200, made)
    answer = owner.get(path, set_id=made["set_id"])
    assert (answer.status_code, answer.json()) == (200, made)
    assert list(answer.json()["integers"][0]) == ["index", "X", "q"]


def test_names_that_the_server_makes_differ(owner):
    made = [owner.made(owner.post_set([unit(0, at, at)])) for at in range(20)]
    names = [one["set_id"] for one in made]
    assert len(set(names)) == 20 and all(SET_ID.fullmatch(name) for name in names)
    assert len({one["session_id"] for one in made}) == 1
    assert owner.session() == {name: [unit(0, at, at)] for at, name in enumerate(names)}


@pytest.mark.parametrize("set_id", [
    "a", "Z", "_", "_9", "A" * 64, "first_set", "null", "true", "index", "__proto__", "x0X_"])
def test_a_given_name(regular, set_id):
    assert regular.keep(set_id, SAMPLE)["set_id"] == set_id
    assert regular.integers(set_id) == SAMPLE


def test_names_tell_cases_apart(owner):
    for value, name in enumerate(["a", "A", "aa", "_a"]):
        owner.keep(name, [unit(0, value, value)])
    assert [owner.integers(name)[0]["X"] for name in ("a", "A", "aa", "_a")] == [0, 1, 2, 3]


BAD_NAMES = ["1", "1a", "-", "a-b", "a b", "a\nb", "A" * 65, "é", "a\u0301", "ａ", "a.b",
             "a+b", "a'b", "%61", "a/b", "..", "${x}", "𝒂"]
NO_NAMES = [5, 1.5, True, ["a"], {"a": 1}]


@pytest.mark.parametrize("set_id", BAD_NAMES + NO_NAMES, ids=repr)
def test_what_is_no_name(regular, set_id):
    before = regular.session()
    assert_field_error(regular.post_set(SAMPLE, set_id=set_id), 400, "set_id")
    assert regular.session() == before


@pytest.mark.parametrize("set_id", BAD_NAMES, ids=repr)
@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_nor_in_a_form(regular, kind, set_id):
    before = regular.session()
    answer = regular.call("POST", SET, **encoded(kind, {"integers": TEXT, "set_id": set_id}))
    assert_field_error(answer, 400, "set_id")
    assert regular.session() == before


@pytest.mark.parametrize("kind", BODY_KINDS)
@pytest.mark.parametrize("space", [" ", "\n", "\t \r\n", "\u3000"], ids=ascii)
def test_space_around_a_name_is_taken_away(owner, kind, space):
    answer = owner.call("POST", SET, **encoded(kind, {
        "integers": SAMPLE if kind == "json" else TEXT, "set_id": f"{space}a{space}",
        "session_id": f"{space}the other{space}"}))
    made = owner.made(answer)
    assert (made["set_id"], made["session_id"]) == ("a", "the other")
    assert owner.session(session_id="the other") == {"a": SAMPLE}


@pytest.mark.parametrize("set_id", BAD_NAMES, ids=repr)
def test_what_is_no_name_is_not_found_either(regular, set_id):
    for method in ("GET", "DELETE"):
        answer = regular.call(method, SET, {"set_id": set_id})
        assert answer.status_code in (400, 404) and answer.json(), answer.text


# What it holds

def test_an_empty_set(owner):
    assert owner.keep("nothing", [])["integers"] == owner.integers("nothing") == []


def test_gaps_stay_gaps(owner):
    sparse = [unit(3, 1, 2), unit(4, 5, 6), unit(1_000_000_007, 0, 0), unit(MOST, -1, -1)]
    assert owner.keep("sparse", sparse)["integers"] == owner.integers("sparse") == sparse


@pytest.mark.parametrize("order", [
    [2, 1, 0], [1, 0, 2], [0, 2, 1], [5, 300, 4, 70_000, 0, 2**40, 255, 256]], ids=str)
def test_it_is_sorted_by_index(owner, order):
    expected = [unit(index, index * 3, -index) for index in sorted(order)]
    made = owner.keep("a", [unit(index, index * 3, -index) for index in order])
    assert made["integers"] == owner.integers("a") == expected


def test_many_backwards(owner):
    expected = units(20_000)
    assert owner.keep("a", expected[::-1])["integers"] == expected
    assert owner.integers("a") == expected


def test_other_members_are_left_out(owner):
    answer = owner.post_set([unit(0, 1, 2) | {"x": 9, "Q": [1, {"index": 7}], "note": "é"}],
                            set_id="a", equation="a+a", note={"integers": []})
    assert owner.made(answer) == {"set_id": "a", "session_id": owner.current(),
                                  "integers": [unit(0, 1, 2)]}


def test_a_set_is_replaced_whole(owner):
    owner.keep("a", units(100))
    owner.keep("b", units(3))
    for integers in (units(5, 7), [unit(1_000, 1, 1)], [], units(100)):
        assert owner.keep("a", integers)["integers"] == integers
        assert owner.session() == {"a": integers, "b": units(3)}


def test_the_largest_set_and_one_more(owner):
    answer = owner.post_text(units_text(MOST_UNITS), set_id="most")
    assert answer.status_code == 201, answer.text[:2000]
    # Read as text: a million objects would take their time.
    assert answer.content.count(b'"index"') == MOST_UNITS
    answer = owner.get(SET, set_id="most", after=MOST_UNITS - 3)
    assert answer.json()["integers"] == [unit(at, at + 1, -1) for at in (MOST_UNITS - 2, MOST_UNITS - 1)]
    answer = owner.post_text(units_text(MOST_UNITS + 1), set_id="more")
    assert_field_error(answer, 400, "integers")
    assert re.search(r"1[,. ]?000[,. ]?000", answer.text), answer.text
    assert owner.lacks("more")


# Part by part

@pytest.mark.parametrize("limit", [1, 2, 3, 7, 9, 10, 11, 10_000])
def test_part_by_part(owner, limit):
    expected = [unit(index * index, index, -index) for index in range(10)]
    owner.keep("a", expected)
    pages = owner.pages(set_id="a", limit=limit)
    assert [one for page in pages for one in page] == expected
    assert [len(page) for page in pages] == [
        min(limit, 10 - start) for start in range(0, 10, limit)]


def test_parts_of_a_set_of_another_session(owner):
    owner.keep("a", units(5))
    owner.keep("a", units(7, 2), session_id="é & =+%/ 😀")
    pages = owner.pages(set_id="a", session_id="é & =+%/ 😀", limit=3)
    assert [one for page in pages for one in page] == units(7, 2)


def test_a_part_begins_behind_an_index(owner):
    expected = [unit(index, 0, 0) for index in (0, 5, 6, 1_000, MOST)]
    owner.keep("a", expected)
    for after, left in ((0, 4), (1, 4), (4, 4), (5, 3), (999, 2), (1_000, 1), (MOST - 1, 1), (MOST, 0)):
        answer = owner.get(SET, set_id="a", after=after)
        assert answer.json()["integers"] == expected[5 - left:], after
        assert "Link" not in answer.headers
    answer = owner.get(SET, set_id="a", after=5, limit=2)
    assert answer.json()["integers"] == expected[2:4] and NEXT.search(answer.headers["Link"])
    assert owner.pages(set_id="a", after=5, limit=2) == [expected[2:4], expected[4:]]


def test_no_part_of_an_empty_set(owner):
    owner.keep("a", [])
    assert owner.pages(set_id="a", limit=5) == [[]]


@pytest.mark.parametrize("part, field", [
    ("limit=0", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"), ("limit=", "limit"),
    ("limit=1.5", "limit"), (f"limit={2**64}", "limit"), ("after=-1", "after"), ("after=x", "after"),
    ("after=1.5", "after"), (f"after={2**63}", "after"), ("after=" + "9" * 400, "after")])
def test_a_part_that_makes_no_sense(regular, part, field):
    regular.keep("parts", SAMPLE)
    assert_field_error(regular.call("GET", f"{SET}?set_id=parts&{part}"), 400, field)


# Gone, or never there

@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_name_is_needed(owner, method):
    for body in (None, {}, {"session_id": owner.current()}):
        answer = owner.call(method, SET, body)
        assert_field_error(answer, 400, "set_id")
        assert answer.json()["set_id"] == REQUIRED


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("fields", [
    {"set_id": "b"}, {"set_id": "A"}, {"set_id": "a", "session_id": "elsewhere"}], ids=str)
def test_an_unknown_one_is_404(owner, method, fields):
    owner.keep("a", SAMPLE)
    assert_detail(owner.call(method, SET, fields), 404)
    assert_detail(owner.call(method, SET, params=fields), 404)
    assert owner.session() == {"a": SAMPLE}


@pytest.mark.parametrize("kind", [*BODY_KINDS, "query"])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("session", [{}, {"session_id": "other"}], ids=["current", "named"])
def test_deleted(owner, kind, slash, session):
    for place in ({}, {"session_id": "other"}):
        owner.keep("a", SAMPLE, **place)
        owner.keep("b", units(2), **place)
    fields = {"set_id": "a"} | session
    sent = {"params": fields} if kind == "query" else encoded(kind, fields)
    answer = owner.call("DELETE", SET.rstrip("/") + slash, **sent)
    assert answer.status_code == 204 and answer.content == b"", answer.text
    assert owner.lacks("a", **session) and owner.session(**session) == {"b": units(2)}
    elsewhere = {} if session else {"session_id": "other"}
    assert owner.session(**elsewhere) == {"a": SAMPLE, "b": units(2)}
    assert_detail(owner.call("DELETE", SET, **sent), 404)
    assert owner.keep("a", units(9), **session)["integers"] == units(9)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_other_methods_are_405(regular, method):
    answer = regular.call(method, SET, {"set_id": "a", "integers": SAMPLE})
    assert_detail(answer, 405)
    assert {"GET", "POST", "DELETE"} <= set(re.split(r",\s*", answer.headers["Allow"]))
