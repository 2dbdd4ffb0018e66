"""havocctl integers: the sets that people keep, listed, shown and deleted."""

import csv
import io
import json
import re

import pytest

from support import formats
from support.api import assert_detail
from support.cluster import query
from support.integers import LEAST, MOST, SET, Owner, join, many, unit, units, units_text
from support.program import rows
from support.terminal import Terminal

COLUMNS = ["id", "username", "session", "set", "units", "created", "changed"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
EXTREMES = [unit(0, LEAST, MOST), unit(5, -1, 0), unit(2**53 + 1, 2**53 + 1, 3), unit(MOST, MOST, LEAST)]


@pytest.fixture
def owner(api) -> Owner:
    return join(api)


@pytest.fixture
def other(api) -> Owner:
    return join(api, "other")


def listed(ctl, owner: Owner, *options) -> list[dict]:
    return ctl.json("integers", "list", "--user", owner.account.username, *options)


def audited(ctl, what: str, owner: Owner) -> list[dict]:
    """The records of this that speak of somebody's sets."""
    return [row for row in ctl.json("audit", "list", "--what", what, "--wide", "--limit", 1_000)
            if owner.account.username in json.dumps(row)]


def only(ctl, owner: Owner):
    """The id of an owner's only set."""
    [row] = listed(ctl, owner)
    return row["id"]


def test_list(ctl, owner):
    assert listed(ctl, owner) == []
    made = owner.keep("a", units(3))
    [row] = listed(ctl, owner)
    assert list(row) == COLUMNS
    assert (row["username"], row["session"], row["set"], row["units"]) == (
        owner.account.username, made["session_id"], "a", 3)
    assert TIME.fullmatch(row["created"]) and TIME.fullmatch(row["changed"])
    owner.keep_session("é – session", {"a": [], "b": units(1_000)})
    found = {(row["session"], row["set"]): row["units"] for row in listed(ctl, owner)}
    assert found == {(made["session_id"], "a"): 3, ("é – session", "a"): 0, ("é – session", "b"): 1_000}


def test_a_replaced_set_is_the_same_one_changed(ctl, owner):
    owner.keep("a", units(3))
    [before] = listed(ctl, owner)
    owner.keep("a", units(4))
    [after] = listed(ctl, owner)
    assert after["units"] == 4 and after["changed"] > before["changed"]
    assert after["created"] <= after["changed"]


def test_only_those_of_one_user(ctl, owner, other):
    owner.keep_session("s", {"a": [], "b": []})
    other.keep_session("s", {"a": []})
    assert len(listed(ctl, owner)) == 2 and len(listed(ctl, other)) == 1
    by_user_id = ctl.json("integers", "list", "--user", other.user_id)
    assert by_user_id == listed(ctl, other)
    everybody = ctl.json("integers", "list", "--limit", 100_000)
    assert all(row in everybody for row in listed(ctl, owner) + listed(ctl, other))
    ctl.fails(3, "integers", "list", "--user", "nobody-of-this-name")


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_sorts_and_filters(ctl, owner, column):
    owner.keep_session("s", {"a": units(3)})
    owner.keep("a", units(12))
    owner.keep("b", [])
    whole = listed(ctl, owner, "--sort", f"{column},id")
    assert len(whole) == 3
    if column == "units":
        assert [row["units"] for row in whole] == [0, 3, 12]
    for row in whole:
        assert row in listed(ctl, owner, "--where", f"{column}={row[column]}")
        assert row not in listed(ctl, owner, "--where", f"{column}!={row[column]}")


def test_the_options_of_every_list(ctl, owner):
    owner.keep_session("s", {"a": units(3), "b": units(12), "c": units(3)})
    assert [row["set"] for row in listed(ctl, owner, "--sort=-set", "--limit", 2)] == ["c", "b"]
    assert listed(ctl, owner, "--columns", "set,units", "--where", "units>3") == [{"set": "b", "units": 12}]
    ctl.fails(2, "integers", "list", "--columns", "colour")
    ctl.fails(2, "integers", "list", "--where", "colour=red")


def test_every_format_of_the_list(ctl, owner):
    owner.keep_session("it's \"a\" \\ – session, {x}: # -", {"a": units(3), "b": []})
    expected = listed(ctl, owner)
    ids = [str(row["id"]) for row in expected]

    def text(form: str) -> str:
        return ctl.ok("integers", "list", "--user", owner.account.username, "-o", form).stdout

    assert formats.read_jsonl(text("jsonl")) == expected
    as_text = [{name: str(value) for name, value in row.items()} for row in expected]
    assert formats.read_csv(text("csv")) == as_text
    assert [str(row["id"]) for row in formats.read_yaml(text("yaml"))] == ids
    assert [row[0] for row in formats.read_plain(text("plain"))] == ids
    assert text("name").splitlines() == ids
    header, lines = formats.read_table(text("table"))
    assert [word.lower() for word in header] == COLUMNS and len(lines) == 2


# One of them

def test_show(ctl, owner):
    owner.keep("a", EXTREMES)
    found = ctl.json("integers", "show", only(ctl, owner))
    assert found == EXTREMES and [list(row) for row in found] == [["index", "X", "q"]] * 4


def test_an_empty_one_is_shown(ctl, owner):
    owner.keep("a", [])
    assert ctl.json("integers", "show", only(ctl, owner)) == []


def test_every_format_of_a_set(ctl, owner):
    owner.keep("a", EXTREMES)
    number = only(ctl, owner)

    def text(form: str) -> str:
        return ctl.ok("integers", "show", number, "-o", form).stdout

    as_text = [[str(value) for value in row.values()] for row in EXTREMES]
    assert formats.read_jsonl(text("jsonl")) == EXTREMES
    assert list(csv.reader(io.StringIO(text("csv")))) == [["index", "X", "q"], *as_text]
    assert formats.read_yaml(text("yaml")) == EXTREMES
    assert formats.read_plain(text("plain")) == as_text
    header, lines = formats.read_table(text("table"))
    assert [word.lower() for word in header] == ["index", "x", "q"]
    assert [line.split() for line in lines] == as_text


def test_the_options_of_a_set(ctl, owner):
    owner.keep("a", EXTREMES)
    number = only(ctl, owner)
    assert ctl.json("integers", "show", number, "--sort", "X", "--limit", 2) == EXTREMES[:2]
    assert ctl.json("integers", "show", number, "--where", "q>3", "--columns", "index") == [{"index": 0}]


def test_a_large_one_is_shown(ctl, owner):
    assert owner.post_text(units_text(50_000), set_id="a").status_code == 201
    assert ctl.json("integers", "show", only(ctl, owner)) == units(50_000)


def test_reading_is_audited(ctl, owner):
    owner.keep("a", [unit(0, 987654321987654321, 1)])
    number = only(ctl, owner)
    assert audited(ctl, "integers-read", owner) == [], "a list reads none"
    ctl.ok("integers", "show", number)
    [record] = audited(ctl, "integers-read", owner)
    assert record["actor"].startswith("cli:") and f'"{number}"' in json.dumps(record).replace("\\", "")
    assert "987654321987654321" not in json.dumps(record)
    assert "integers-read" in ctl.ok("help", "audit", "list").stdout


@pytest.mark.parametrize("number", ["x", "", "1.5", "-1", "9" * 20, "' OR '1'='1", "999999999", "0"])
def test_what_is_not_there(ctl, owner, number):
    owner.keep("a", [])
    for words in (["show", number], ["delete", number, "--yes"]):
        ctl.fails(3 if number in ("999999999", "0") else (2, 3), "integers", *words)
    ctl.fails(2, "integers", "show")
    assert owner.session() == {"a": []}


# Deleted

def test_delete_asks(ctl, owner):
    owner.keep_session("s", {"a": units(3), "b": units(3)})
    first, second = (row["id"] for row in listed(ctl, owner, "--sort", "set"))
    ctl.fails(5, "integers", "delete", first)
    ctl.ok("integers", "delete", first, "--dry-run")
    terminal = Terminal(ctl, "integers", "delete", first)
    terminal.asks(r"\?|\[y/N\]")
    terminal.types("n")
    assert terminal.ends() == 5
    assert len(owner.session(session_id="s")) == 2 and audited(ctl, "integers-delete", owner) == []
    assert rows(ctl.json("integers", "delete", first, "--yes")) == [{"id": first, "changed": True}]
    assert_detail(owner.get(SET, set_id="a", session_id="s"), 404)
    assert owner.session(session_id="s") == {"b": units(3)}
    assert [row["id"] for row in listed(ctl, owner)] == [second]
    ctl.fails(3, "integers", "delete", first, "--yes")
    [record] = audited(ctl, "integers-delete", owner)
    assert record["actor"].startswith("cli:") and record["result"] == "done"


def test_many_want_their_count(ctl, owner):
    owner.keep_session("s", many(3))
    ids = [row["id"] for row in listed(ctl, owner)]
    for answer in ([], ["--yes"], ["--confirm=2"]):
        ctl.fails(5, "integers", "delete", *ids, *answer)
    ctl.fails(3, "integers", "delete", *ids, 999_999_999, "--confirm=4")
    assert owner.session(session_id="s") == many(3)
    found = rows(ctl.json("integers", "delete", "-", "--confirm=3", input="\n".join(map(str, ids))))
    assert sorted(row["id"] for row in found) == sorted(ids)
    assert all(row["changed"] is True for row in found)
    assert listed(ctl, owner) == [] and owner.session(session_id="s") == {}


def test_purging_a_user_removes_them(api, ctl, database, other):
    other.keep("a", units(3))
    gone = join(api, "gone")
    gone.keep_session("s", many(20) | {"large": units(20_000)})
    gone.keep("a", units(3))
    ctl.ok("user", "delete", gone.account.username, "--purge", "--yes")
    names = {row["username"] for row in ctl.json("integers", "list", "--limit", 100_000)}
    assert other.account.username in names and gone.account.username not in names
    # Contents stay for whoever reads them just now, and are marked to go.
    assert query(database, "SELECT count(*) FROM integer_chunk WHERE content NOT IN ("
                           " SELECT content FROM integer_set UNION SELECT content FROM integer_garbage)") == [(0,)]
    assert query(database, "SELECT count(*) FROM integer_garbage")[0][0] >= 22
    assert other.session() == {"a": units(3)}


def test_a_restored_user_has_them_still(ctl, owner):
    made = owner.keep("a", units(3))
    ctl.ok("user", "delete", owner.account.username, "--yes")
    assert_detail(owner.get(SET, set_id="a"), 401)
    ctl.ok("user", "restore", owner.account.username, "--yes")
    assert owner.again().integers("a", session_id=made["session_id"]) == units(3)
