"""Errors: a line for people, an object with -o json, for each exit status."""

import json
import re
import subprocess

import pytest

from support.cluster import free_port
from support.program import Ctl

# What fails, with its status and a word that tells what about.
FAILURES = [
    (1, ["group", "create", " "], "name"),
    (1, ["user", "list", "--config", "/nonexistent/file"], "/nonexistent/file"),
    (2, ["usr", "list"], "usr"), (2, ["user", "lsit"], "lsit"), (2, ["user", "list", "--nonsense"], "--nonsense"),
    (2, ["user", "show"], "USER"), (2, ["user", "list", "--limit", "x"], "limit"),
    (2, ["user", "list", "--where", "colour=red"], "colour"), (2, ["user", "list", "--columns", "colour"], "colour"),
    (2, ["user", "list", "--color", "red"], "red"),
    (3, ["user", "show", "nobody at all"], "nobody at all"), (3, ["exercise", "show", "99999"], "99999"),
    (3, ["session", "show", "00000000"], "00000000"), (3, ["permission", "edit", "77", "--level", "X"], "77"),
    (3, ["exercise", "import", "/nonexistent/file.csv"], "/nonexistent/file.csv"),
    (4, ["user", "create", "taken", "--no-password"], "username"), (4, ["permission", "create", "1", "X"], "1"),
    (4, ["group", "create", "Taken"], "Taken"),
    (5, ["user", "delete", "taken"], "--yes"), (5, ["user", "delete", "taken", "other", "--yes"], "--confirm"),
    (5, ["permission", "delete", "1"], "1"), (5, ["user", "delete", "taken", "--no-input"], "--yes")]


@pytest.fixture(scope="module")
def filled(ctl) -> Ctl:
    for name in ("taken", "other"):
        ctl.ok("user", "create", name, "--no-password")
    ctl.ok("group", "create", "Taken")
    return ctl


def is_complaint(text: str, word: str) -> None:
    """A line that says what, with each place of a file beneath it, and perhaps a hint."""
    lines = text.splitlines()
    assert text.endswith("\n") and lines[0].startswith("havocctl: "), text
    assert all(line.startswith(("  line ", "hint: ")) for line in lines[1:]), text
    assert sum(line.startswith("hint: ") for line in lines) <= 1, text
    assert word in text, text
    assert not re.search(r"Optional\(|nil\b|Swift|0x[0-9a-f]{6}|\.swift|fatal error", text), text


@pytest.mark.parametrize("status, words, word", FAILURES)
def test_a_person_is_told_in_a_line(filled, status, words, word):
    is_complaint(filled.fails(status, *words).stderr, word)


@pytest.mark.parametrize("status, words, word", FAILURES)
def test_a_program_is_told_in_an_object(filled, status, words, word):
    person = filled.fails(status, *words).stderr
    text = filled.fails(status, *words, "-o", "json").stderr
    told = json.loads(text)
    assert text.count("\n") == 1 and text.endswith("\n")
    assert set(told) <= {"error", "hint", "status"} and {"error", "status"} <= set(told)
    assert told["status"] == status and word in text
    assert told["error"].splitlines()[0] in person
    assert ("hint" in told) == ("\nhint: " in person)


@pytest.mark.parametrize("place", [["-o", "json"], ["--output=json"], ["-ojson"], ["--output", "json"]])
def test_wherever_the_format_stands(filled, place):
    for words in (["usr", "list"], ["user", "show", "nobody"], ["user", "list", "--nonsense"]):
        for line in ([*place, *words], [words[0], *place, *words[1:]], [*words, *place]):
            result = filled.run(*line)
            assert result.status in (2, 3) and json.loads(result.stderr)["status"] == result.status, line


@pytest.mark.parametrize("form", ["csv", "yaml", "plain", "table", "name"])
def test_other_formats_have_the_line(filled, form):
    assert filled.fails(3, "user", "show", "nobody", "-o", form).stderr.startswith("havocctl: ")


def test_a_database_that_is_away_is_6(program):
    away = Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x")
    is_complaint(away.fails(6, "user", "list").stderr, "database")
    told = json.loads(away.fails(6, "user", "list", "-o", "json").stderr)
    assert told["status"] == 6 and told["hint"]


def test_what_is_wrong_in_a_file_is_1_with_its_places(filled, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("name,group\nGood one,Taken\n,Taken\n")
    is_complaint(filled.fails(1, "exercise", "import", file).stderr, "line 3")
    told = json.loads(filled.fails(1, "exercise", "import", file, "-o", "json").stderr)
    assert told["status"] == 1 and "line 3" in told["error"] and told["hint"]


def test_what_is_partly_done_is_7(filled, tmp_path):
    file = tmp_path / "half.csv"
    file.write_text("name,group\nGood one,Taken\n,Taken\n")
    line = ["exercise", "import", file, "--continue-on-error"]
    person = filled.run(*line)
    assert person.status == 7 and "line 3" in person.stderr, str(person)
    program = filled.run(*line, "-o", "json")
    assert program.status == 7 and program.json()["unchanged"] == 1, str(program)
    assert "line 3" in json.dumps(json.loads(program.stderr)) and json.loads(program.stderr)["status"] == 7


@pytest.mark.parametrize("name", ["line\nbreak", "\x1b[31mred", "bell\a", "quote\"d", "back\\slash", "日本", "x" * 3_000])
def test_what_was_given_is_said_harmlessly(filled, name):
    failed = filled.run("user", "show", "--", name)
    assert failed.status in (1, 2, 3) and len(failed.stderr.splitlines()) <= 2, failed.stderr
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", failed.stderr)
    told = json.loads(filled.run("user", "show", "-o", "json", "--", name).stderr)
    assert told["status"] == failed.status


def test_bytes_that_are_no_utf_8(filled):
    done = subprocess.run([str(filled.program), "user", "show", b"\xff\xfe", "-o", "json"], env=filled.env,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert done.returncode in (2, 3) and json.loads(done.stderr)["status"] == done.returncode


def test_help_and_version_are_answers_not_errors(program):
    away = Ctl(program, None)
    for words in (["help"], ["--help"], ["user", "--help"], ["user", "list", "-h"], ["version"], ["--version"]):
        result = away.ok(*words)
        assert result.stdout and result.stderr == "", words
