"""Lists of names of which some aren't there: all or nothing, or what is sound with --continue-on-error."""

import json

import pytest

from support.api import create_account
from support.cluster import contents

NOBODY = "nobody-of-this-name"


@pytest.fixture
def pair(ctl):
    return [create_account(ctl, 1).username for _ in range(2)]


def locked(ctl, names) -> list[bool]:
    return [ctl.json("user", "show", name)["locked"] for name in names]


def test_one_that_is_not_there_fails_all(ctl, pair):
    failed = ctl.fails(3, "user", "lock", *pair, NOBODY, "--confirm", "2")
    assert NOBODY in failed.stderr
    assert locked(ctl, pair) == [False, False]


def test_the_others_are_taken(ctl, pair):
    done = ctl.run("user", "lock", pair[0], NOBODY, pair[1], "--continue-on-error", "--confirm", "2")
    assert done.status == 7 and NOBODY in done.stderr and "1 was left out" in done.stderr
    assert locked(ctl, pair) == [True, True]


def test_on_standard_input(ctl, pair):
    text = "\n".join([pair[0], NOBODY, pair[1], pair[0]]) + "\n"
    done = ctl.run("-o", "json", "user", "lock", "-", "--continue-on-error", "--confirm", "2", input=text)
    assert done.status == 7
    assert [row["username"] for row in json.loads(done.stdout)] == pair
    error = json.loads(done.stderr)
    assert error["status"] == 7 and NOBODY in error["error"]


def test_where_none_is_there_it_fails(ctl):
    before = contents(ctl.database)
    ctl.fails(3, "user", "delete", NOBODY, f"{NOBODY}-2", "--continue-on-error", "--yes")
    assert contents(ctl.database) == before


def test_the_count_is_of_what_is_there(ctl, pair):
    ctl.fails(5, "user", "delete", *pair, NOBODY, "--continue-on-error", "--confirm", "3")
    assert [ctl.json("user", "show", name, "--wide")["deleted"] for name in pair] == [None, None]


@pytest.mark.parametrize("words", [
    ("permission", "assign", "2", "{one}", NOBODY), ("user", "delete", "{one}", NOBODY, "--yes"),
    ("user", "unlock", "{one}", NOBODY)])
def test_other_commands_too(ctl, pair, words):
    given = [word.format(one=pair[0]) for word in words]
    done = ctl.run(*given, "--continue-on-error")
    assert done.status == 7 and NOBODY in done.stderr


@pytest.mark.parametrize("noun", ["exercise", "tweet", "conversation", "integers", "stream", "session", "token"])
def test_nothing_of_a_kind_is_there(ctl, noun):
    verb = "revoke" if noun in ("session", "token") else "delete"
    ctl.fails(3, noun, verb, "999999999", "--continue-on-error", "--yes")


def test_it_is_for_lists_only(ctl, pair):
    ctl.fails(2, "user", "show", pair[0], "--continue-on-error")
