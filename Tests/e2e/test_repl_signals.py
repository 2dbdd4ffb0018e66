"""havocctl repl: Ctrl-C wherever it may be, and Ctrl-Z."""

import re
import signal
import subprocess

import pexpect
import pytest

from support.api import new_account
from support.program import until
from support.repl import PROMPT, locked, plain, waiting


def create(name: str) -> str:
    return f"user create {name} --no-password"


def interrupt(repl) -> str:
    repl.child.sendintr()
    return repl.prompt()


@pytest.fixture
def name() -> str:
    return new_account().username


def held(repl, database: str, line: str) -> None:
    """Starts a command that has to wait."""
    repl.types(line)
    until(lambda: waiting(database), "the command waits")


def let_go(database: str) -> None:
    until(lambda: not waiting(database), "the query is cancelled")


def test_at_the_prompt_it_drops_the_line(ctl, repl, name):
    repl.child.send(create(name))
    repl.child.expect_exact("--no-password")
    assert "^C" in interrupt(repl)
    assert repl.mark == "="
    assert repl.run("").strip() == ""
    ctl.fails(3, "user", "show", name)


def test_many_at_the_prompt(repl):
    for _ in range(20):
        interrupt(repl)
    repl.runs("permission list")


def test_it_drops_every_line_of_a_quote(ctl, repl, name):
    for line in (f"user create {name} --no-password --first-name 'one", "two"):
        repl.run(line)
        assert repl.mark == "-"
    interrupt(repl)
    assert repl.mark == "="
    repl.runs("permission list")
    ctl.fails(3, "user", "show", name)


def test_at_the_prompt_of_a_transaction_nothing_is_lost(ctl, repl, name):
    repl.runs("begin", create(name))
    repl.child.send("user delete")
    interrupt(repl)
    assert repl.mark == "*="
    repl.runs("commit")
    ctl.ok("user", "show", name)


@pytest.mark.parametrize("line", ["user list", "user show {user}", "user edit {user} --first-name Ada"])
def test_during_a_command_it_cancels_the_query(ctl, database, repl, account, line):
    with locked(database):
        held(repl, database, line.format(user=account.username))
        assert "interrupted" in interrupt(repl)
        let_go(database)
    assert repl.mark == "="
    assert repl.json(f"user show {account.username}")["first_name"] == ""


def test_during_a_command_of_a_transaction_it_fails_it(ctl, database, repl, name):
    repl.runs("begin", "group create Interrupted")
    with locked(database):
        held(repl, database, create(name))
        assert "interrupted" in interrupt(repl)
        let_go(database)
    assert repl.mark == "!="
    repl.fails("user list", "transaction has failed")
    repl.runs("rollback", "user list")
    ctl.fails(3, "group", "edit", "Interrupted", "--name", "x")


def test_again_and_again(database, repl):
    with locked(database):
        for _ in range(5):
            held(repl, database, "user list")
            interrupt(repl)
            let_go(database)
    repl.runs("user list")


def test_in_a_file_of_commands_it_stops_all_of_it(ctl, database, repl, tmp_path, name):
    path = tmp_path / "commands"
    path.write_text(f"user list\n{create(name)}\n")
    with locked(database):
        held(repl, database, rf"\i {path}")
        assert "interrupted" in interrupt(repl)
        let_go(database)
    ctl.fails(3, "user", "show", name)


def test_at_a_question_it_is_no(ctl, repl, account):
    repl.types(f"user delete {account.username}")
    repl.asks(r"\[y/N\] ")
    interrupt(repl)
    assert repl.mark == "="
    ctl.ok("user", "show", account.username)
    repl.runs("permission list")


def test_at_a_question_of_a_transaction(ctl, repl, account, name):
    repl.runs("begin", create(name))
    repl.types(f"user delete {account.username}")
    repl.asks(r"\[y/N\] ")
    interrupt(repl)
    assert repl.mark in ("*=", "!=")
    repl.runs("rollback")
    ctl.ok("user", "show", account.username)


def test_the_end_of_input_at_a_question_is_no(ctl, repl, account):
    repl.types(f"user delete {account.username}")
    repl.asks(r"\[y/N\] ")
    repl.child.sendeof()
    repl.prompt()
    ctl.ok("user", "show", account.username)
    repl.runs("permission list")


@pytest.mark.parametrize("times", [1, 2])
def test_at_a_password_it_is_no_and_brings_the_echo_back(ctl, repl, name, times):
    account = new_account()
    repl.types(f"user create {name}")
    for _ in range(times - 1):
        repl.password(account.password)
    repl.asks(r"(?i)(password|again)[^\r\n]*:")
    assert repl.child.waitnoecho(60)
    interrupt(repl)
    ctl.fails(3, "user", "show", name)
    repl.types(r"\! read seen; echo got:$seen")
    repl.child.expect_exact("\n")
    until(repl.is_busy, "the shell reads")
    repl.types("it-is-shown")
    assert repl.prompt().count("it-is-shown") == 2


def test_in_the_shell_it_ends_what_runs_there(repl):
    repl.types(r"\! echo started; exec sleep 600")
    repl.child.expect_exact("started\r\n")
    interrupt(repl)
    repl.runs("permission list")


def test_while_watching_it_ends_that_alone(repl):
    repl.runs("permission list")
    repl.types(r"\watch 0.1")
    for _ in range(2):
        repl.child.expect_exact("ADMIN")
    interrupt(repl)
    assert repl.mark == "="
    repl.runs("permission list")


def test_a_script_is_interrupted_as_a_command_is(ctl, database, name):
    with subprocess.Popen([str(ctl.program), "repl"], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, env=ctl.env, start_new_session=True) as process:
        with locked(database):
            process.stdin.write(f"user list\n{create(name)}\n".encode())
            process.stdin.flush()
            until(lambda: waiting(database), "the command waits")
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
            let_go(database)
    ctl.fails(3, "user", "show", name)


@pytest.fixture
def shell(ctl, tmp_path):
    """A shell with jobs, and the REPL in it."""
    child = pexpect.spawn("/bin/bash", ["--norc", "--noprofile", "-i"], encoding="utf-8", timeout=60, env=ctl.env | {
        "TERM": "xterm", "PS1": "shell$ ", "HOME": str(tmp_path), "HISTFILE": "/dev/null", "NO_COLOR": "1"})
    child.delaybeforesend = 0.02
    child.expect_exact("shell$ ")
    child.sendline(f"{ctl.program} repl")
    child.expect(PROMPT)
    yield child
    child.kill(signal.SIGKILL)
    child.close()


def test_stopped_and_brought_back(shell):
    shell.send("\x1a")
    shell.expect("Stopped")
    shell.expect_exact("shell$ ")
    shell.sendline("echo $((40 + 2)); jobs %1")
    shell.expect_exact("42\r\n")
    shell.expect_exact("shell$ ")
    shell.sendline("fg")
    shell.sendline("permission list")
    shell.expect_exact("ADMIN")
    shell.expect(PROMPT)
    shell.sendeof()
    shell.expect_exact("shell$ ")
    shell.sendline("echo status $?")
    shell.expect(r"status (\d+)\r\n")
    assert shell.match[1] == "0"


def test_stopped_amid_a_command_and_brought_back(shell, database):
    with locked(database):
        shell.sendline("user list")
        until(lambda: waiting(database), "the command waits")
        shell.send("\x1a")
        shell.expect("Stopped")
        shell.expect_exact("shell$ ")
    shell.sendline("fg")
    shell.expect(r"id +username")
    shell.expect(PROMPT)


def test_a_shell_has_its_terminal_back_as_it_was(shell):
    shell.sendline("exit")
    shell.expect_exact("shell$ ")
    shell.sendline("stty -a")
    shell.expect_exact("shell$ ")
    assert re.search(r"(?<!-)\becho\b", plain(shell.before)) and re.search(r"(?<!-)\bicanon\b", shell.before)
    assert "intr = ^C" in shell.before
