"""Sessions posted with a fault in them: what is refused is named, and leaves nothing."""

import pytest

from support.api import assert_field_error
from support.integers import (
    NOT_NULL, OPERATION, REQUIRED, SESSION, SET, Owner, join, listed, many, unit, units)

MOST_SETS_IN_A_POST = 1_000
GOOD = {"set_id": "good", "integers": units(2)}


@pytest.fixture
def owner(api) -> Owner:
    return join(api)


@pytest.fixture(scope="module")
def regular(api) -> Owner:
    """For the many tests that leave nothing behind."""
    return join(api)


@pytest.mark.parametrize("name", ["x" * 256, "é" * 128, "a\nb", "a\x7f", "a\x85b", "\x1b[2J", 5, True,
                                  ["a"], {"a": 1}], ids=ascii)
def test_what_is_no_name(regular, name):
    fields = {"session_id": name}
    for method, path, more in (
            ("GET", SET, {"set_id": "a"}), ("POST", SET, {"integers": []}),
            ("DELETE", SET, {"set_id": "a"}), ("POST", OPERATION, {"equation": "a"}),
            ("GET", SESSION, {}), ("POST", SESSION, {"integer_sets": []}), ("DELETE", SESSION, {})):
        assert_field_error(regular.call(method, path, fields | more), 400, "session_id")
    assert regular.session() == {}


def refused(owner: Owner, integer_sets, *words: str) -> None:
    """Neither a new session nor an old one keeps anything of it."""
    before = owner.keep_session("old", {"good": units(2)})
    for name in ("old", "new"):
        answer = owner.post_session(integer_sets, session_id=name)
        assert_field_error(answer, 400, "integer_sets")
        for word in words:
            assert word in answer.text, answer.text
    assert owner.lacks_session("new") and owner.session(session_id="old") == before


@pytest.mark.parametrize("integer_sets", [
    "x", 5, True, {}, {"set_id": "a", "integers": []}, [5], [None], ["a"], [[]], [True]], ids=str)
def test_what_is_no_list_of_sets(regular, integer_sets):
    refused(regular, integer_sets)


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("bad", [5, None, "x", [], [{"set_id": "bad", "integers": []}]], ids=str)
def test_what_is_no_set_among_others(regular, bad, place):
    sets = [GOOD | {"set_id": f"good{at}"} for at in range(4)]
    sets[place] = bad
    refused(regular, sets, f"Set {place}")


def test_the_list_is_needed(owner):
    for body, message in (({}, REQUIRED), ({"integer_sets": None}, NOT_NULL)):
        answer = owner.call("POST", SESSION, {"session_id": "new"} | body)
        assert_field_error(answer, 400, "integer_sets")
        assert answer.json()["integer_sets"] == message
    assert owner.lacks_session("new")


@pytest.mark.parametrize("change, words", [
    ({"set_id": ...}, ["set_id"]), ({"set_id": None}, []), ({"set_id": 5}, []), ({"set_id": ""}, []),
    ({"set_id": "1a"}, []), ({"set_id": "A" * 65}, []), ({"set_id": "é"}, []), ({"set_id": ["a"]}, []),
    ({"integers": ...}, ["integers", "bad"]), ({"integers": None}, ["bad"]), ({"integers": "[]"}, ["bad"]),
    ({"integers": {}}, ["bad"]), ({"integers": [5]}, ["bad", "Unit 0"]),
    ({"integers": [*units(5), unit(5, 2**63, 0)]}, ["bad", "Unit 5"]),
    ({"integers": [*units(5), unit(5, 0, "1")]}, ["bad", "Unit 5"]),
    ({"integers": [*units(5), {"index": 5, "X": 1}]}, ["bad", "Unit 5"]),
    ({"integers": [*units(5), unit(-1, 0, 0)]}, ["bad", "Unit 5"]),
    ({"integers": [unit(77, 0, 0), unit(77, 0, 0)]}, ["bad", "77"])], ids=str)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_one_bad_set(regular, change, words, place):
    bad = {name: value for name, value in (
        {"set_id": "bad", "integers": units(2)} | change).items() if value is not ...}
    sets = [GOOD | {"set_id": f"good{at}"} for at in range(4)]
    sets[place] = bad
    refused(regular, sets, f"Set {place}", *words)


@pytest.mark.parametrize("place", [0, 50, 99])
def test_one_bad_set_among_a_hundred(regular, place):
    sets = listed(many(100))
    sets[place]["integers"] = [*units(200), unit(200, 0, 1.5)]
    refused(regular, sets, f"Set {place}", f"s{place:05}", "Unit 200")


@pytest.mark.parametrize("first, second", [(0, 1), (0, 49), (48, 49)])
def test_a_name_twice_in_one_post(regular, first, second):
    sets = listed(many(50))
    sets[second]["set_id"] = sets[first]["set_id"]
    refused(regular, sets, f"s{first:05}")


def test_other_members_are_left_out(owner):
    sets = [GOOD | {"session_id": "elsewhere", "user_id": "x", "note": [{"set_id": "a"}]}]
    answer = owner.post_session(sets, session_id="s", note={"integer_sets": 5})
    assert answer.status_code == 201, answer.text
    assert owner.session(session_id="s") == {"good": units(2)} and owner.lacks_session("elsewhere")


def test_a_session_has_as_many_sets_as_come(owner):
    refused(owner, listed(many(MOST_SETS_IN_A_POST + 1)))
    # More than are looked up at once.
    for at in range(11):
        owner.keep_session("full", many(MOST_SETS_IN_A_POST, prefix=f"p{at:02}_"))
    whole = owner.session(session_id="full")
    assert len(whole) == 11 * MOST_SETS_IN_A_POST and list(whole) == sorted(whole)
    first = "p00_00000"
    owner.keep(first, units(9), session_id="full")
    assert owner.session(session_id="full") == whole | {first: units(9)}
