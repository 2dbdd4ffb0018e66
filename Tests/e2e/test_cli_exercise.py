"""havocctl exercise and group: one by one, the seed, and whole files."""

import csv
import json

import pytest

from support.catalogue import WHOLE, entry, free_exercise_db
from support.cluster import contents
from support.program import Ctl, rows

COLUMNS = {"id", "name", "group", "targeted_muscles"}
WIDE = COLUMNS | {"instructions"}


@pytest.fixture
def fresh(program, new_database) -> Ctl:
    """A database of its own for what is about the whole catalogue."""
    return Ctl(program, new_database())


def content(ctl) -> list[tuple]:
    """The catalogue without its ids."""
    return sorted((row["name"], row["group"], row["targeted_muscles"], row["instructions"])
                  for row in ctl.json("exercise", "list", "--wide"))


def tables(ctl) -> dict:
    """Everything but the record of what was done."""
    return {name: lines for name, lines in contents(ctl.database).items() if "audit" not in name}


def test_create_show_edit_delete(ctl):
    group = ctl.json("group", "create", "Core")
    assert group["name"] == "Core" and group["exercises"] == 0 and group["changed"] is True
    made = ctl.json("exercise", "create", "Plank", "--group", "Core", "--instructions", "Hold.\nBreathe.",
                    "--targeted-muscles", "abdominals, glutes")
    assert made["changed"] is True and COLUMNS <= set(made)
    shown = ctl.json("exercise", "show", made["id"], "--wide")
    assert shown == {"id": made["id"], "name": "Plank", "group": "Core", "instructions": "Hold.\nBreathe.",
                     "targeted_muscles": "abdominals, glutes"}
    assert ctl.json("group", "list")[0]["exercises"] >= 0
    ctl.ok("group", "create", "Floor")
    for option, value in (("--name", "Side plank"), ("--group", "Floor"), ("--instructions", "Turn."),
                          ("--targeted-muscles", "obliques")):
        edited = ctl.json("exercise", "edit", made["id"], option, value, "--wide")
        assert edited["changed"] is True and edited[option[2:].replace("-", "_")] == value
        assert ctl.json("exercise", "edit", made["id"], option, value)["changed"] is False
    ctl.fails(5, "exercise", "delete", made["id"])
    ctl.ok("exercise", "delete", made["id"], "--yes")
    ctl.fails(3, "exercise", "show", made["id"])
    ctl.fails(3, "exercise", "delete", made["id"], "--yes")


@pytest.mark.parametrize("command, status", [
    (("exercise", "create", "Nowhere", "--group", "No such group"), 3), (("exercise", "create"), 2),
    (("exercise", "create", "", "--group", "Arms"), (1, 2)), (("exercise", "show", "x"), (2, 3)),
    (("exercise", "show", -1), (2, 3)), (("exercise", "show", 2**64), (2, 3)),
    (("exercise", "edit", 2**31 - 1, "--name", "x"), 3), (("exercise", "delete", 2**31 - 1, "--yes"), 3),
    (("group", "create", "Arms"), 4), (("group", "create", "ARMS"), (0, 4)), (("group", "create", ""), (1, 2)),
    (("group", "edit", 2**31 - 1, "--name", "x"), 3), (("group", "delete", 2**31 - 1, "--yes"), 3),
    (("exercise", "import", "/nonexistent/file.csv"), (1, 3)), (("exercise", "import"), 2)])
def test_what_fails_changes_nothing(ctl, command, status):
    if "Arms" not in ctl.ok("group", "list", "-o", "csv").stdout:
        ctl.ok("group", "create", "Arms")
    before = tables(ctl)
    result = ctl(*command)
    assert result.status in (status if isinstance(status, tuple) else (status,)), str(result)
    if result.status:
        assert tables(ctl) == before


def test_a_group_that_is_used_cannot_be_deleted(ctl):
    group = ctl.json("group", "create", "Used")["id"]
    held = ctl.json("exercise", "create", "Holds the group", "--group", "Used", "--instructions", "x",
                    "--targeted-muscles", "y")["id"]
    assert [row["exercises"] for row in ctl.json("group", "list") if row["id"] == group] == [1]
    ctl.fails(5, "group", "delete", group, "--yes")
    assert ctl.json("exercise", "show", held)["group"] == "Used"
    ctl.ok("exercise", "delete", held, "--yes")
    assert ctl.json("group", "edit", group, "--name", "Unused")["name"] == "Unused"
    ctl.ok("group", "delete", group, "--yes")
    assert group not in [row["id"] for row in ctl.json("group", "list")]


def test_seed_twice_changes_nothing(fresh):
    first = fresh.json("exercise", "seed")
    assert first["added"] >= 120 and (first["changed"], first["unchanged"]) == (0, 0)
    found = fresh.json("exercise", "list", "--wide")
    assert len(found) == first["added"] and all(set(row) == WIDE for row in found)
    assert len({row["group"] for row in found}) >= 12
    assert len({row["name"].casefold() for row in found}) == len(found)
    for row in found:
        assert len(row["instructions"]) >= 80, f"instructions worth following: {row}"
        assert row["targeted_muscles"]
    assert len({row["instructions"] for row in found}) == len(found)
    before = tables(fresh)
    assert fresh.json("exercise", "seed") == {"added": 0, "changed": 0, "unchanged": first["added"]}
    assert tables(fresh) == before


def test_seed_mends_what_is_missing(fresh):
    whole = fresh.json("exercise", "seed")["added"]
    number = fresh.json("exercise", "list", "--limit", 1)[0]["id"]
    fresh.ok("exercise", "delete", number, "--yes")
    again = fresh.json("exercise", "seed")
    assert again["added"] == 1 and again["added"] + again["changed"] + again["unchanged"] == whole


def test_the_free_exercise_db(fresh, tmp_path):
    source = free_exercise_db(tmp_path)
    entries = json.loads(source.read_text(encoding="utf-8"))
    assert len(entries) == WHOLE
    assert fresh.json("exercise", "import", source) == {"added": WHOLE, "changed": 0, "unchanged": 0}
    found = {row["name"]: row for row in fresh.json("exercise", "list", "--wide")}
    assert set(found) == {one["name"] for one in entries}
    for one in entries:
        row = found[one["name"]]
        assert row["group"].casefold() == one["category"].casefold()
        for muscle in one["primaryMuscles"]:
            assert muscle in row["targeted_muscles"].casefold()
        for step in one["instructions"]:
            assert step.strip() in row["instructions"]
    before = tables(fresh)
    assert fresh.json("exercise", "import", source) == {"added": 0, "changed": 0, "unchanged": WHOLE}
    assert tables(fresh) == before


def test_a_changed_entry_is_changed(fresh, tmp_path):
    path = tmp_path / "some.json"
    path.write_text(json.dumps([entry(number) for number in range(5)]))
    assert fresh.json("exercise", "import", path)["added"] == 5
    path.write_text(json.dumps([entry(0), entry(1, instructions=["Another way."]), entry(9)]))
    assert fresh.json("exercise", "import", path) == {"added": 1, "changed": 1, "unchanged": 1}
    assert len(content(fresh)) == 6, "an import takes nothing away"


BAD_ENTRIES = {
    "no name": {"name": None}, "a name of another type": {"name": 5}, "an empty name": {"name": ""},
    "no category": {"category": None}, "instructions of another type": {"instructions": 5},
    "an instruction of another type": {"instructions": [["nested"]]},
    "muscles of another type": {"primaryMuscles": {"a": 1}}}


@pytest.mark.parametrize("what", BAD_ENTRIES)
def test_one_bad_entry_and_nothing_is_imported(fresh, tmp_path, what):
    path = tmp_path / "bad.json"
    lines = [json.dumps(entry(number)) for number in range(4)]
    lines[2] = json.dumps(entry(2, **BAD_ENTRIES[what]))
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    before = tables(fresh)
    failed = fresh.fails(1, "exercise", "import", path)
    # The third entry stands on the fourth line of the file.
    assert "4" in failed.stderr.replace(str(path), ""), failed.stderr
    assert tables(fresh) == before


def write_csv(path, lines: list[list[str]]) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["name", "group", "targeted_muscles", "instructions"], *lines])


def test_csv_errors_by_line(fresh, tmp_path):
    path = tmp_path / "bad.csv"
    good = [[f"Good {number}", "Group", "muscle", "two\nlines, and a comma"] for number in range(3)]
    # Each good record takes two lines, so that a count of records isn't the line.
    write_csv(path, [good[0], good[1], ["", "Group", "m", "i"], good[2], ["Lonely", "", "m", "i"]])
    before = tables(fresh)
    failed = fresh.fails(1, "exercise", "import", path)
    assert "6" in failed.stderr.replace(str(path), "") and "9" in failed.stderr.replace(str(path), "")
    assert tables(fresh) == before
    partly = fresh("exercise", "import", path, "--continue-on-error", "-o", "json")
    assert partly.status == 7, str(partly)
    assert partly.json()["added"] == 3
    assert len(content(fresh)) == 3


def test_at_most_20_errors_are_told(fresh, tmp_path):
    path = tmp_path / "bad.csv"
    write_csv(path, [["", "Group", "m", "i"] for _ in range(500)])
    failed = fresh.fails(1, "exercise", "import", path)
    assert 3 < len(failed.stderr.splitlines()) <= 24, failed.stderr


@pytest.mark.parametrize("name, text", [
    ("empty.csv", ""), ("header.csv", "colour,weight\nred,5\n"), ("columns.csv", "name,group,targeted_muscles,instructions\na,b\n"),
    ("quote.csv", 'name,group,targeted_muscles,instructions\n"open,b,c,d\n'), ("latin.csv", b"name,group,targeted_muscles,instructions\n\xe9,b,c,d\n"),
    ("nul.csv", "name,group,targeted_muscles,instructions\na\0,b,c,d\n"), ("object.json", "{"), ("scalar.json", "5"),
    ("cut.json", '[{"name":"a"'), ("lines.jsonl", '{"name":"a","group":"b"}\nnonsense\n'),
    ("unknown.xyz", "name,group\na,b\n"), ("empty.json", ""),
    ("dup.json", '[{"name":"a","name":"b","group":"g","instructions":"i","targeted_muscles":"m"}]')])
def test_files_that_are_not_what_they_say(fresh, tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = tables(fresh)
    fresh.fails((1, 2), "exercise", "import", path)
    assert tables(fresh) == before


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
def test_export_and_import_are_inverse(program, new_database, fresh, tmp_path, ending):
    fresh.ok("exercise", "seed")
    fresh.ok("exercise", "create", 'Quotes "and", commas\tand – Ünicode', "--group",
             fresh.json("group", "list")[0]["name"], "--instructions", "  spaces \n\n and lines\n",
             "--targeted-muscles", "a,b;c|d")
    path = tmp_path / f"out.{ending}"
    fresh.ok("exercise", "export", path)
    other = Ctl(program, new_database())
    assert other.json("exercise", "import", path)["added"] == len(content(fresh))
    assert content(other) == content(fresh)
    printed = fresh.ok("exercise", "export", "--format", ending).stdout
    assert printed == path.read_text(encoding="utf-8")


def test_filters(ctl):
    for name, group in (("Curl", "Upper"), ("Press", "Upper"), ("Jump", "Lower")):
        ctl("group", "create", group)
        ctl.ok("exercise", "create", name, "--group", group, "--instructions", "x", "--targeted-muscles", "y")
    assert {row["name"] for row in ctl.json("exercise", "list", "--group", "Upper")} == {"Curl", "Press"}
    ctl.fails(3, "exercise", "list", "--group", "No such group")


def test_mass_deletion_wants_the_count(ctl):
    ctl("group", "create", "Short")
    made = [ctl.json("exercise", "create", f"Short-lived {number}", "--group", "Short", "--instructions", "x",
                     "--targeted-muscles", "y")["id"] for number in range(2)]
    ctl.fails(5, "exercise", "delete", *made, "--yes")
    ctl.fails(3, "exercise", "delete", *made, 2**31 - 1, "--confirm=3")
    shown = rows(ctl.json("exercise", "delete", *made, "--confirm=2"))
    assert [row["changed"] for row in shown] == [True, True]


@pytest.mark.parametrize("command", [
    ("exercise", "seed"), ("group", "create", "Dry"), ("exercise", "delete", "{id}"),
    ("exercise", "edit", "{id}", "--name", "Dry"), ("group", "edit", "{group}", "--name", "Dry"),
    ("exercise", "create", "Dry", "--group", "Kept"), ("exercise", "import", "{file}")])
def test_dry_run_changes_nothing(ctl, tmp_path, command):
    (tmp_path / "dry.json").write_text(json.dumps([entry(number) for number in range(3)]))
    ctl("group", "create", "Kept")
    group = next(row["id"] for row in ctl.json("group", "list") if row["name"] == "Kept")
    made = ctl.json("exercise", "create", f"Kept {command}", "--group", "Kept", "--instructions", "x",
                    "--targeted-muscles", "y")["id"]
    before = contents(ctl.database)
    ctl.ok(*(word.format(id=made, group=group, file=tmp_path / "dry.json") for word in command), "--dry-run")
    assert contents(ctl.database) == before
