"""The options that every listing takes, on every listing."""

import json

import pytest

from support import formats
from support.readers import LISTS, PARTS, RESTLESS, TELLING, words
from support.terminal import Terminal
from support.things import Things, settled

EVERY = LISTS + PARTS + RESTLESS
# Out of the database, by pages and at once; under one thing; and out of memory.
KINDS = ["user list", "session list", "audit list", "db status", "integers show", "config show"]


@pytest.fixture(scope="module")
def things(ctl, new_server) -> Things:
    made = settled(ctl, new_server)
    ctl.ok("key", "rotate")
    return made


@pytest.fixture(scope="module")
def listing(ctl, things):
    def run(command: str, *options, form: str = "json"):
        upto = ["--until", things.made] if command == "audit list" else []
        text = ctl.ok(*words(command, things), *upto, *options, "-o", form, env={"HAVOCCTL_STUN": "off"}).stdout
        return json.loads(text) if form == "json" else text
    return run


@pytest.mark.parametrize("command", EVERY)
def test_sort_limit_and_columns(listing, command):
    names = list(listing(command, "--wide")[0])
    chosen = names[::-1][:3]
    options = ("--sort", f"-{names[0]}", "--columns", ",".join([*chosen, names[0]]))
    rows = listing(command, *options)
    assert [list(row) for row in rows] == [list(dict.fromkeys([*chosen, names[0]]))] * len(rows)
    order = [row[names[0]] for row in rows]
    assert [row[names[0]] for row in listing(command, "--sort", names[0])] == order[::-1]
    assert command in RESTLESS or listing(command, *options, "--limit", "2") == rows[:2]


@pytest.mark.parametrize("command", [*KINDS, "doctor"])
def test_columns_come_as_asked(listing, command):
    names = list(listing(command, "--wide")[0])
    chosen = names[::-1][:3]
    found = listing(command, "--columns", ",".join(chosen))
    assert [list(row) for row in found] == [chosen] * len(found)
    header, *lines = listing(command, "--columns", chosen[0], form="csv").splitlines()
    assert header == chosen[0] and lines
    table = listing(command, "--columns", ",".join(chosen), form="table").splitlines()
    assert table[0].split() == chosen


@pytest.mark.parametrize("command", EVERY)
def test_a_column_that_isn_t_there_is_answered_with_the_nearest(ctl, things, command):
    name = list(ctl.run(*words(command, things), "-o", "json", env={"HAVOCCTL_STUN": "off"}).json()[0])[1]
    for option in (["--columns", f"{name}x"], ["--sort", f"-{name}x"], ["--where", f"{name}x=1"]):
        failed = ctl.fails(2, *words(command, things), *option)
        assert f"{name}x" in failed.stderr and name in failed.stderr.replace(f"{name}x", ""), failed.stderr


def comparable(value):
    """PostgreSQL's order has nothing last, and false before true."""
    return value is None, value


@pytest.mark.parametrize("command", KINDS)
def test_sort(listing, command):
    rows = listing(command)
    for column in {*list(rows[0])[:3], *list(rows[0])[-2:]}:
        up = [row[column] for row in listing(command, "--sort", column)]
        down = [row[column] for row in listing(command, "--sort", f"-{column}")]
        assert up == down[::-1] or None in up, column
        known = [value for value in up if value is not None]
        if not any(isinstance(value, str) for value in known):
            assert known == sorted(known), column
        assert sorted(up, key=comparable) == sorted((row[column] for row in rows), key=comparable)


@pytest.mark.parametrize("command", KINDS)
def test_sort_by_several(listing, command):
    names = list(listing(command)[0])
    many = listing(command, "--sort", f"{names[1]},-{names[0]}")
    again = listing(command, "--sort", f"{names[1]},{names[0]}")
    assert [row[names[1]] for row in many] == [row[names[1]] for row in again]
    for value in {row[names[1]] for row in many}:
        same, other = ([row[names[0]] for row in rows if row[names[1]] == value] for rows in (many, again))
        assert same == other[::-1]


@pytest.mark.parametrize("command", [*KINDS, "doctor"])
def test_limit(listing, command):
    whole = len(listing(command))
    for limit in (0, 1, 2, 10_000):
        assert len(listing(command, "--limit", str(limit))) == min(limit, whole)
    first = next(iter(listing(command)[0]))
    last = listing(command, "--sort", f"-{first}")
    assert listing(command, "--sort", f"-{first}", "--limit", "1") == last[:1]


@pytest.mark.parametrize("command, condition", TELLING.items())
def test_where(listing, command, condition):
    whole, key = listing(command, "--wide"), condition.partition("=")[0]
    value = condition.partition("=")[2]
    expected = [row for row in whole if str(row[key]) == value]
    assert expected
    assert listing(command, "--wide", "--where", condition) == expected
    assert listing(command, "--wide", "--where", condition.replace("=", "!=", 1)) == [
        row for row in whole if str(row[key]) != value]


@pytest.mark.parametrize("command", EVERY)
def test_where_matches_a_pattern(listing, command):
    rows = listing(command)
    key = next((key for key, value in rows[0].items() if isinstance(value, str)), next(iter(rows[0])))
    assert listing(command, "--where", f"{key}~^nothing is like this$") == []
    assert listing(command, "--columns", key, "--where", f"{key}~.") == [
        {key: row[key]} for row in rows if row[key] not in (None, "")]


@pytest.mark.parametrize("command", EVERY)
def test_all_of_them_at_once(listing, command):
    rows = listing(command)
    first, second, *_ = rows[0]
    found = listing(command, "--sort", f"-{first}", "--limit", "1", "--columns", f"{second},{first}",
                    "--where", f"{first}!={rows[0][first]}")
    others = listing(command, "--sort", f"-{first}", "--where", f"{first}!={rows[0][first]}")
    assert found == [{second: row[second], first: row[first]} for row in others[:1]]
    assert len(others) == len([row for row in rows if row[first] != rows[0][first]])


@pytest.mark.parametrize("command", EVERY)
def test_expanded(listing, command):
    """A block for each row, a line for each column."""
    rows, text = listing(command, "--wide"), listing(command, "--expanded", "--wide", form="table")
    assert listing(command, "-x", "--wide", form="table").split("\n")[0] == text.split("\n")[0]
    names = [line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip()]
    if command in RESTLESS:
        return
    keys = [name for name in names if name in rows[0]]
    assert keys == list(rows[0]) * len(rows)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "yaml", "plain", "name"])
def test_expanded_is_of_tables_alone(listing, form):
    for command in ("user list", "permission list"):
        assert listing(command, "-x", form=form) == listing(command, form=form)


def test_wide_isn_t_cut_at_a_terminal(ctl, things):
    terminal = Terminal(ctl, "exercise", "list", "--wide", "--color=never", "--no-pager", columns=40)
    assert terminal.ends() == 0
    lines = terminal.seen.replace("\r", "").splitlines()
    assert max(map(len, lines)) > 80 and "Bench \"press\" $HOME" in terminal.seen


def test_expanded_shows_everything_at_a_narrow_terminal(ctl, things):
    terminal = Terminal(ctl, "user", "list", "-x", "--color=never", "--no-pager", columns=40)
    assert terminal.ends() == 0
    for name in ("grace hopper", "last_login", "Night shift – Ünïcode"):
        assert name in terminal.seen


@pytest.mark.parametrize("option", ["--expanded=yes", "--wide=no", "--limit=", "--sort=", "--columns=", "--where="])
def test_options_that_make_no_sense(ctl, option):
    ctl.fails(2, "user", "list", option)


def test_the_rows_that_a_change_answers_have_columns_too(ctl, things):
    names = [f"change-{number}" for number in range(3)]
    for name in names:
        ctl.ok("user", "create", name, "--no-password")
    text = ctl.ok("user", "lock", *names, "--confirm=3", "--columns", "changed,username", "-o", "csv").stdout
    assert [list(row.items()) for row in formats.read_csv(text)] == [
        [("changed", "true"), ("username", name)] for name in names]
    assert all(row["locked"] for row in ctl.json("user", "list", "--where", "username~^change-"))
