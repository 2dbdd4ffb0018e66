"""havocctl repl: help, output formats, expanded display, timing, history and the shell."""

import json
import re

import pytest

from support.program import until
from support.repl import script, stops

META = [r"\?", r"\h", r"\q", r"\o", r"\x", r"\timing", r"\watch", r"\i", r"\e", r"\!", r"\history"]


def test_help_names_every_one(repl):
    answer = repl.run(r"\?")
    for name in [*META, "begin", "commit", "rollback"]:
        assert name in answer, name


@pytest.mark.parametrize("line, words", [
    ("help", ["help"]), ("help user", ["help", "user"]), ("help user create", ["help", "user", "create"]),
    (r"\h", ["help"]), (r"\h user", ["help", "user"]), (r"\h user create", ["help", "user", "create"]),
    ("user create --help", ["help", "user", "create"])])
def test_help_is_the_shells(ctl, line, words):
    assert script(ctl, line).stdout == ctl.ok(*words).stdout


@pytest.mark.parametrize("line, nearest", [
    (r"\timng", r"\timing"), (r"\wach 2", r"\watch"), (r"\histroy", r"\history"), (r"\o jsn", "json"),
    (r"\o tabel", "table"), ("begn", "begin"), ("comit", "commit"), ("rolback", "rollback"), ("help usr", "user"),
    (r"\h user creat", "create"), ("exti", "exit")])
def test_the_misspelt_is_answered_with_the_nearest(ctl, repl, line, nearest):
    repl.fails(line, nearest)
    assert nearest in stops(ctl, 1, 2, line).stderr


@pytest.mark.parametrize("line", ["\\", r"\nonsense", r"\\", r"\o json csv", r"\x y z", r"\timing a b", r"\watch 1 2",
                                  r"\i", r"\i a b", "begin now", "commit now", "rollback now", r"\? x y z"])
def test_what_is_no_command_is_2(ctl, line):
    text = line + ("\n\n" if line.endswith("\\") else "\n")
    result = ctl.run("repl", input=text)
    assert result.status == 2 and result.stderr.startswith("havocctl: line 1: "), str(result)


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "csv", "yaml", "name"])
def test_the_format_of_what_follows(ctl, user, form):
    result = script(ctl, rf"\o {form}", f"user show {user.username}", "permission list")
    expected = [ctl.ok(*words, "-o", form).stdout
                for words in (("user", "show", user.username), ("permission", "list"))]
    assert result.status == 0 and result.stdout == "".join(expected)


def test_the_format_goes_back(ctl):
    result = script(ctl, r"\o json", r"\o", "permission list")
    assert result.stdout == ctl.ok("permission", "list").stdout


def test_an_unknown_format_leaves_the_last(repl):
    repl.runs(r"\o json")
    assert "did you mean json" in repl.run(r"\o jsn")
    assert json.loads(repl.run("permission list"))


def test_an_option_wins_for_one_command(ctl):
    result = script(ctl, r"\o json", "permission list -o csv", "permission list")
    assert result.stdout == ctl.ok("permission", "list", "-o", "csv").stdout + ctl.ok(
        "permission", "list", "-o", "json").stdout


def test_the_programs_own_option_is_the_first_format(ctl):
    result = ctl.ok("repl", "-o", "json", input="permission list\n")
    assert result.stdout == ctl.ok("permission", "list", "-o", "json").stdout


@pytest.mark.parametrize("option", ["--expanded", "-x"])
def test_expanded_is_a_block_for_each_row(ctl, option):
    listed = ctl.json("permission", "list")
    lines = ctl.ok("permission", "list", option).stdout.splitlines()
    for column in listed[0]:
        values = [line.split(maxsplit=1)[1] for line in lines if line.split()[:1] == [column]]
        assert len(values) == len(listed), lines
    assert [line.split()[1] for line in lines if line.startswith("level ")] == [row["level"] for row in listed]


def test_expanded_leaves_the_other_formats(ctl):
    for form in ("json", "csv", "plain", "name"):
        assert ctl.ok("permission", "list", "-x", "-o", form).stdout == ctl.ok(
            "permission", "list", "-o", form).stdout


def test_expanded_display_on_and_off(ctl):
    result = script(ctl, r"\x", "permission list", r"\x", "permission list")
    assert result.status == 0
    assert result.stdout == ctl.ok("permission", "list", "-x").stdout + ctl.ok("permission", "list").stdout


def test_expanded_and_of_no_rows(ctl):
    assert ctl.ok("ban", "list", "-x").stdout.strip() == ""


def test_timing_on_and_off(ctl):
    result = script(ctl, "version", r"\timing", "permission list", "version", r"\timing", "version")
    assert result.status == 0
    assert len(re.findall(r"^Time: \d+\.\d{3} ms$", result.stderr, re.MULTILINE)) in (2, 3), str(result)
    assert "Time" not in result.stdout


def test_timing_of_a_command_that_fails(repl):
    repl.runs(r"\timing")
    assert re.search(r"Time: \d+\.\d{3} ms", repl.run("user show nobody-here"))


def test_history_lists_what_was_typed(repl):
    repl.runs("permission list", "version")
    lines = repl.run(r"\history").splitlines()
    at = [next(at for at, line in enumerate(lines) if line.endswith(text)) for text in ("permission list", "version")]
    assert at == sorted(at)


@pytest.mark.parametrize("command, said", [
    ("echo one two | tr a-z A-Z", "ONE TWO"), ("echo 'a  b'", "a  b"), ('echo "it\'s"', "it's"),
    ("echo $((40 + 2))", "42"), ("echo a#b '# c'", "a#b # c"), ("printf 'x%.0s' 1 2 3", "xxx")])
def test_the_shell_gets_the_line_as_it_is(ctl, repl, command, said):
    shell = {"SHELL": "/bin/sh"}
    assert script(ctl, rf"\! {command}", env=shell).stdout.strip() == said
    assert repl.run(rf"\! {command}").strip() == said


def test_the_shell_is_the_users(ctl, tmp_path):
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\necho "mine: $1 $2"\n')
    shell.chmod(0o755)
    assert script(ctl, r"\! anything", env={"SHELL": str(shell)}).stdout == "mine: -c anything\n"


def test_a_shell_to_stay_in(new_repl):
    repl = new_repl(env={"SHELL": "/bin/sh", "PS1": "inside$ ", "ENV": ""})
    repl.types(r"\!")
    repl.child.expect_exact("inside$ ")
    repl.types("echo $((40 + 2))")
    repl.child.expect_exact("42")
    repl.types("exit")
    repl.prompt()
    repl.runs("permission list")


def test_the_shell_can_ask_at_the_terminal(repl):
    repl.types(r"\! read word; echo got:$word")
    repl.child.expect_exact("word\r\n")
    until(repl.is_busy, "the shell reads")
    repl.types("hello")
    assert "got:hello" in repl.prompt()
