"""Every reading command in every format: real readers take them, and all formats say the same."""

import json
import re

import pytest

from support import formats
from support.cluster import query
from support.program import Ctl
from support.readers import EVERY, LISTS, PARTS, RESTLESS, words
from support.things import Things, settled

FORMS = ["json", "jsonl", "csv", "yaml", "plain", "table", "name"]


@pytest.fixture(scope="module")
def things(ctl, new_server) -> Things:
    made = settled(ctl, new_server)
    ctl.ok("user", "edit", "grace hopper", "--first-name", "1:30", "--last-name", "=1+2")
    return made


@pytest.fixture(scope="module")
def answers(ctl, things):
    """A command's output in every format, asked for once."""
    known: dict[tuple[str, str, bool], str] = {}

    def answer(command: str, form: str, wide: bool = False) -> str:
        key = command, form, wide
        if key not in known:
            line = [*words(command, things), "-o", form, *(["--wide"] if wide else [])]
            # Reading a conversation or a set is audited: a list of that mustn't see it grow.
            line += ["--until", things.made] if command == "audit list" else []
            result = ctl.run(*line, env={"HAVOCCTL_STUN": "off"})
            assert result.status == 0, str(result)
            known[key] = result.stdout
        return known[key]
    return answer


def rows_of(text: str) -> list[dict]:
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("command", EVERY)
def test_json(answers, command):
    found = json.loads(answers(command, "json"))
    assert isinstance(found, list) == (command in LISTS + PARTS + RESTLESS)
    found = rows_of(answers(command, "json"))
    assert found and len({tuple(row) for row in found}) == 1, "rows have different keys"
    assert all(key for key in found[0])
    assert answers(command, "json").endswith(("]\n", "}\n"))


@pytest.mark.parametrize("command", EVERY)
def test_more_with_wide(answers, command):
    usual, wide = (rows_of(answers(command, "json", wide))[0] for wide in (False, True))
    assert list(wide)[:len(usual)] == list(usual)


def values(command: str, rows: list[dict]) -> list:
    """What can be compared: what changes by itself only by its names."""
    return [next(iter(row.values())) for row in rows] if command in RESTLESS else rows


@pytest.mark.parametrize("command", EVERY)
def test_jsonl(answers, command):
    lines = answers(command, "jsonl", True).splitlines()
    assert values(command, [json.loads(line) for line in lines]) == values(
        command, rows_of(answers(command, "json", True)))


@pytest.mark.parametrize("command", EVERY)
def test_yaml(answers, command):
    found = formats.load_yaml(answers(command, "yaml", True))
    expected = json.loads(answers(command, "json", True))
    assert isinstance(found, list) == isinstance(expected, list)
    if command in RESTLESS:
        found, expected = values(command, found), values(command, expected)
    assert found == expected


@pytest.mark.parametrize("command", EVERY)
def test_csv(answers, command):
    expected = rows_of(answers(command, "json", True))
    found = formats.read_csv(answers(command, "csv", True))
    assert values(command, found) == values(
        command, [{key: formats.as_text(value) for key, value in row.items()} for row in expected])


@pytest.mark.parametrize("command", EVERY)
def test_plain(answers, command):
    expected = rows_of(answers(command, "json", True))
    found = [[formats.unescaped(cell) for cell in row]
             for row in formats.read_plain(answers(command, "plain", True))]
    assert {len(row) for row in found} == {len(expected[0])}
    texts = [[formats.as_text(value) for value in row.values()] for row in expected]
    if command in RESTLESS:
        found, texts = ([row[0] for row in each] for each in (found, texts))
    assert found == texts


@pytest.mark.parametrize("command", EVERY)
def test_name_is_a_line_for_each(answers, command):
    lines = answers(command, "name").splitlines()
    assert all(lines) and len(lines) == len(rows_of(answers(command, "json")))
    first = rows_of(answers(command, "json"))[0]
    for key in ("id", "kid", "code", "key", "check"):
        if key in first and not command.startswith("user"):
            assert lines[0] == str(first[key])


@pytest.mark.parametrize("command", EVERY)
def test_a_table_has_a_line_for_each(answers, command):
    expected = rows_of(answers(command, "json"))
    lines = answers(command, "table").splitlines()
    if command in LISTS + PARTS + RESTLESS:
        header, *lines = lines
        assert header.split() == list(expected[0])
        assert len(lines) == len(expected)
    else:
        assert [line.split()[0] for line in lines] == list(expected[0])
        assert len({len(line) - len(line.split(maxsplit=1)[1]) for line in lines if len(line.split()) > 1}) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", ["user list", "audit list", "tweet list", "session list"])
def test_no_rows_are_no_error(ctl, things, command, form):
    text = ctl.ok(*command.split(), "--limit", "0", "-o", form).stdout
    match form:
        case "json":
            assert json.loads(text) == []
        case "yaml":
            assert formats.load_yaml(text) == []
        case "csv" | "table":
            assert len(text.splitlines()) == 1
        case _:
            assert text == ""


@pytest.mark.parametrize("form", FORMS)
def test_chosen_columns_of_one_thing(ctl, things, form):
    text = ctl.ok("user", "show", "grace hopper", "--columns", "last_name,first_name", "-o", form).stdout
    match form:
        case "json" | "jsonl":
            assert list(json.loads(text).items()) == [("last_name", "=1+2"), ("first_name", "1:30")]
        case "yaml":
            assert list(formats.load_yaml(text).items()) == [("last_name", "=1+2"), ("first_name", "1:30")]
        case "csv":
            assert formats.read_csv(text) == [{"last_name": "=1+2", "first_name": "1:30"}]
        case "plain":
            assert text == "=1+2\t1:30\n"
        case "table":
            assert [line.split() for line in text.splitlines()] == [["last_name", "=1+2"], ["first_name", "1:30"]]


# What a reader of YAML, CSV or JSON might take for a number, a date, a sign or nothing at all.
STRANGE = [
    "~", "null", "Yes", "off", "017", "0o17", "0x1F", "1_000", "1e3", ".5", "-1", "1:30", "2001-01-01", "<<", "=", "- a",
    "a: b", "a:", "a #b", "#", "[x]", "{x}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "?", "? a", " a", "a ", "'a'",
    '"a"', "a\\nb", "\\", "NaN", ".inf", "é", "\u3000", "a\u00a0", "\u2028", "\u0085", "\u200f", "\ufeffa", "a,b",
    "a;b", "a\tb", "a\nb", "a\r\nb", "\r", "\n", "\x1b[2J", "\x7f", "\u202e", "\U0001F469\u200d\U0001F680", "---", "...",
    "-", "--- a", "", "x" * 5_000]


@pytest.fixture(scope="module")
def strange(new_database, program) -> Ctl:
    """A database whose groups have such names."""
    ctl = Ctl(program, new_database())
    query(ctl.database, """
        INSERT INTO exercise_group (name, name_key)
        SELECT name, place::text FROM unnest(%s::text[]) WITH ORDINALITY AS one(name, place) RETURNING id""", STRANGE)
    return ctl


@pytest.mark.parametrize("form, read", [
    ("yaml", formats.load_yaml), ("csv", formats.read_csv), ("jsonl", formats.read_jsonl), ("json", json.loads)])
def test_texts_that_look_like_something_else(strange, form, read):
    found = read(strange.ok("group", "list", "--columns", "name,id", "--sort", "id", "-o", form).stdout)
    assert [row["name"] for row in found] == STRANGE


def test_the_plain_format_can_be_undone(strange):
    lines = strange.ok("group", "list", "--columns", "id,name", "--sort", "id", "-o", "plain").stdout.split("\n")
    assert lines.pop() == ""
    assert [formats.unescaped(line.split("\t")[1]) for line in lines] == STRANGE


def test_a_table_shows_each_in_one_harmless_line(strange):
    text = strange.ok("group", "list", "--columns", "id,name", "--sort", "id", "--wide").stdout
    assert len(text.splitlines()) == len(text.split("\n")) - 1 == len(STRANGE) + 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)
