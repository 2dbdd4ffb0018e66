"""havocctl repl: its greeting and prompts, the commands inside, and the ways to leave."""

import re
import signal

import pexpect
import pytest

from support.api import new_account
from support.cluster import contents, query
from support.program import until
from support.repl import script, stops


def number(ctl) -> str:
    return re.search(r"\d+\.\d+\.\d+", ctl.ok("version").stdout)[0]


def test_it_greets_and_prompts(ctl, repl):
    assert number(ctl) in repl.banner
    assert r"\? for help, Ctrl-D to leave." in repl.banner
    assert repl.mark == "="


def test_an_empty_line_does_nothing(repl):
    for line in ("", "   ", "# a remark"):
        assert repl.run(line).strip() == ""
        assert repl.mark == "="


def test_a_command_answers_as_on_the_shell(ctl, repl, user):
    assert repl.json(f"user show {user.username}") == ctl.json("user", "show", user.username)
    assert repl.json("permission list --sort -code") == ctl.json("permission", "list", "--sort", "-code")


@pytest.mark.parametrize("words", [
    "permission list", "permission list -o json", "user list -o csv", "audit list --limit 3 -o jsonl", "help",
    "help user", "help user create", "version", "db status", "group list --columns name", "config show -o yaml"])
def test_a_script_writes_what_the_shell_does(ctl, user, words):
    assert script(ctl, words).stdout == ctl.ok(*words.split()).stdout


@pytest.mark.parametrize("words", [
    "user show nobody-here", "usr list", "user lsit", "user list --permision 1", "user create", "group create",
    "user delete nobody-here --yes", "exercise create x --group none-such", "user list extra"])
def test_an_error_is_what_it_is_on_the_shell(ctl, repl, words):
    told = ctl.run(*words.split())
    stopped = stops(ctl, 1, told.status, words)
    assert stopped.stderr.strip() == told.stderr.strip().replace("havocctl: ", "havocctl: line 1: ", 1)
    answer = repl.fails(words)
    assert answer.strip() == told.stderr.strip()
    repl.runs("permission list")


@pytest.mark.parametrize("line", ["havocctl permission list", "  havocctl   permission list"])
def test_a_pasted_command_line_works(ctl, line):
    assert script(ctl, line).stdout == ctl.ok("permission", "list").stdout


@pytest.mark.parametrize("line, name", [
    ("serve", "serve"), ("repl", "repl"), ("havocctl repl", "repl"),
    ("user list --database postgresql:///x", "--database"), ("--database=postgresql:///x user list", "--database"),
    ("user list --config /dev/null", "--config"), ("user list --config=/dev/null", "--config"),
    ("user list --max-body 1M", "--max-body"), ("user list --log-level=debug", "--log-level")])
def test_what_is_fixed_for_the_session_is_refused(ctl, repl, line, name):
    repl.fails(line, name)
    stops(ctl, 1, (2, 5), line)
    repl.runs("permission list")


def test_it_takes_no_arguments(ctl):
    ctl.fails(2, "repl", "extra")


@pytest.mark.parametrize("word", [r"\q", "quit", "exit"])
def test_words_that_leave(repl, word):
    repl.types(word)
    assert repl.ends() == 0


def test_the_end_of_input_leaves(repl):
    assert repl.leaves() == 0


def test_an_error_before_is_no_error_of_leaving(repl):
    repl.fails("user show nobody-here")
    assert repl.leaves() == 0


def test_the_end_of_input_amid_a_line_leaves_the_line(repl):
    repl.child.send("permission list")
    repl.child.expect_exact("list")
    repl.child.sendeof()
    assert "ADMIN" in repl.run("")


def test_the_end_of_input_in_a_quote_runs_nothing(ctl, repl):
    name = new_account().username
    repl.run(f"user create {name} --no-password --first-name 'Ada")
    assert repl.mark == "-"
    repl.child.sendeof()
    if repl.child.expect([r"havocctl=> ", r"$"]) == 0:
        repl.leaves()
    ctl.fails(3, "user", "show", name)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_it_and_its_connection(ctl, database, repl, number):
    name = new_account().username
    repl.runs("begin", f"user create {name} --no-password")
    repl.child.kill(number)
    assert repl.ends() != 0
    until(lambda: query(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                  " AND state LIKE 'idle in transaction%%'")[0][0] == 0, "the transaction is gone")
    ctl.fails(3, "user", "show", name)


def test_a_terminal_that_goes_away_ends_it(repl):
    repl.hang_up()


def test_no_prompt_where_the_answers_go_through_a_pipe(ctl, tmp_path):
    child = pexpect.spawn("/bin/sh", ["-c", '"$0" repl | cat', str(ctl.program)], encoding="utf-8",
                          env=ctl.env | {"TERM": "xterm", "HOME": str(tmp_path)}, timeout=60)
    child.sendline("permission list")
    child.expect_exact("ADMIN")
    seen = child.before
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert "=>" not in seen + child.before and child.exitstatus == 0


def test_a_change_in_a_session_is_a_change(ctl, database, repl):
    name = new_account().username
    before = contents(database)["public.account"]
    repl.runs(f"user create {name} --no-password --first-name Ada", f"user edit {name} --first-name Grace")
    assert ctl.json("user", "show", name)["first_name"] == "Grace"
    assert len(contents(database)["public.account"]) == len(before) + 1
