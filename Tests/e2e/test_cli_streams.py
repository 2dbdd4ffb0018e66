"""Standard input, output and error that are closed, full, or somebody else's who leaves early."""

import json
import os
import signal
import subprocess

import pytest

from support.members import crowd
from support.program import Ctl
from support.readers import EVERY, words
from support.things import Things, fill


@pytest.fixture(scope="module")
def things(ctl, api, database) -> Things:
    made = fill(ctl, api)
    crowd(database, 20_000, "crowd-")
    return made


def shell(ctl: Ctl, script: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    """What bash says to a script; `$0` is the program."""
    return subprocess.run(
        ["bash", "-c", script, str(ctl.program), *arguments], capture_output=True, timeout=20, check=False,
        env=ctl.env | {"HAVOCCTL_STUN": "off"} | env, stdin=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "csv", "yaml", "name"])
def test_whoever_reads_the_first_line_alone_ends_it_quietly(ctl, things, form):
    done = shell(ctl, 'set -o pipefail; "$0" user list --wide -o "$1" | head -n 1', form)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize("command", ["user export", "exercise export", "audit list", "completion bash", "help user create"])
def test_whoever_reads_nothing_ends_it_quietly(ctl, things, command):
    done = shell(ctl, f'set -o pipefail; "$0" {command} | true')
    assert (done.returncode, done.stderr) == (0, b"")


def test_whoever_stops_reading_a_tail_ends_it(ctl, things):
    done = shell(ctl, 'set -o pipefail; "$0" audit tail -o jsonl | head -n 1')
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)


@pytest.mark.parametrize("command", EVERY)
def test_a_closed_standard_output_is_told(ctl, things, command):
    """As cp and cat do: what was asked for can't be given."""
    done = shell(ctl, '"$0" "$@" >&-', *words(command, things))
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.splitlines()[-1].startswith(b"havocctl: "), done.stderr


@pytest.mark.parametrize("command", [*EVERY, "user export", "exercise export", "help", "completion zsh"])
def test_a_full_device_is_told(ctl, things, command):
    done = shell(ctl, '"$0" "$@" >/dev/full', *words(command, things))
    assert done.returncode == 1
    assert b"No space left" in done.stderr and done.stderr.count(b"havocctl: ") == 1, done.stderr


def test_a_full_device_for_an_object(ctl, things):
    done = shell(ctl, '"$0" user list -o json >/dev/full')
    assert done.returncode == 1 and json.loads(done.stderr)["status"] == 1


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_errors_that_nobody_can_read_change_nothing(ctl, things, redirection):
    assert shell(ctl, f'"$0" user show nobody {redirection}').returncode == 3
    assert shell(ctl, f'"$0" usr list {redirection}').returncode == 2
    done = shell(ctl, f'"$0" config check -o json {redirection}')
    assert done.returncode == 0 and json.loads(done.stdout)


def test_files_that_are_opened_never_take_a_closed_stream_s_place(ctl, things):
    """A connection that got number 1 or 2 would have answers or errors written to it."""
    for closed in ("<&-", "<&- 2>&-", "<&- >/dev/null 2>&-"):
        done = shell(ctl, f'"$0" user show "grace hopper" -o name {closed}')
        assert done.returncode == 0, (closed, done)
        assert done.stdout in (b"grace hopper\n", b"")
    done = shell(ctl, '"$0" user list --limit 2 -o json <&- >&- 2>&-')
    assert done.returncode == 1
    assert shell(ctl, '"$0" user lock "o\'neil" <&- >&-').returncode in (0, 1)
    assert ctl.json("user", "show", "o'neil")["username"] == "o'neil"


@pytest.mark.parametrize("command", EVERY)
def test_reading_needs_no_standard_input(ctl, things, command):
    done = shell(ctl, '"$0" "$@" <&-', *words(command, things))
    assert done.returncode == 0 and done.stdout, done.stderr


@pytest.mark.parametrize("script, status", [
    ('"$0" user delete "émile @ home" <&-', 5), ('"$0" user delete - --yes <&-', (0, 1, 2)),
    ('"$0" user create closed --password-stdin <&-', (1, 2)), ('"$0" exercise import - --format csv <&-', 1),
    ('"$0" repl <&-', (0, 1))])
def test_what_wants_standard_input_says_that_it_has_none(ctl, things, script, status):
    done = shell(ctl, script)
    assert done.returncode in (status if isinstance(status, tuple) else (status,)), done
    assert done.returncode == 0 or done.stderr.startswith(b"havocctl: "), done.stderr
    assert ctl.run("user", "show", "closed").status == 3
    ctl.ok("user", "show", "émile @ home")


@pytest.mark.parametrize("script", [
    '"$0" user delete "émile @ home"', '"$0" user create alone', '"$0" user passwd "grace hopper"',
    '"$0" session revoke --all'])
def test_without_a_controlling_terminal_nothing_is_asked(ctl, things, script):
    done = shell(ctl, f"setsid -w {script.replace('$0', '$1')}", str(ctl.program))
    assert done.returncode in (2, 5) and done.stderr.startswith(b"havocctl: "), done
    assert b"hint: " in done.stderr
    ctl.ok("user", "show", "émile @ home")


def test_without_a_controlling_terminal_reading_goes_on(ctl, things):
    done = shell(ctl, 'setsid -w "$1" user list --limit 3 -o name', str(ctl.program), TERM="", HOME="/nonexistent")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 3


def test_an_interrupt_in_the_middle_of_output_is_130(ctl, things):
    with subprocess.Popen([str(ctl.program), "audit", "tail"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=ctl.env, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() in (b"", b"havocctl: interrupted\n")


def test_a_signal_that_whoever_started_it_ignores_stays_ignored(ctl, things):
    """nohup and background jobs of a shell do so; SIGPIPE ignored makes a write fail instead."""
    done = shell(ctl, "trap '' PIPE; set -o pipefail; \"$0\" user list --wide | head -n 1")
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_that_doesn_t_block_is_written_whole(ctl, things):
    """As when a terminal or a pipe is shared with somebody who made it so."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen([str(ctl.program), "user", "list", "-o", "name"], stdout=writing,
                          stderr=subprocess.PIPE, env=ctl.env, stdin=subprocess.DEVNULL) as process:
        os.close(writing)
        with open(reading, "rb") as pipe:
            text = pipe.read()
        assert process.wait(30) == 0, process.stderr.read()
    assert text.decode() == ctl.ok("user", "list", "-o", "name").stdout
