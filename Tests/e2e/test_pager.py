"""The pager: which one, when, and what its end does."""

import pytest

from support.program import until
from support.terminal import Terminal


@pytest.fixture
def pager(tmp_path):
    """A pager that keeps what it gets; gives its command and what it got."""
    kept = tmp_path / "paged"
    path = tmp_path / "pager"
    path.write_text(f'#!/bin/sh\nname=$1\n{{ echo "$name LESS=$LESS"; cat; }} > {kept}\n')
    path.chmod(0o755)
    return path, lambda: kept.read_text() if kept.exists() else None


def shown(ctl, *words, rows: int = 10, **env: str) -> str:
    """What is on the terminal in the end."""
    terminal = Terminal(ctl, *words, rows=rows, env={"NO_COLOR": "1"} | env)
    assert terminal.ends() == 0, terminal.seen
    return terminal.seen


LONG, SHORT = ("config", "show"), ("config", "show", "--limit", "3")


def test_a_long_answer_goes_through_it(ctl, pager):
    path, got = pager
    assert "listen" not in shown(ctl, *LONG, HAVOCCTL_PAGER=f"{path} mine")
    first, _, rest = got().partition("\n")
    assert first.startswith("mine ") and rest == ctl.ok(*LONG).stdout


def test_a_short_answer_does_not(ctl, pager):
    path, got = pager
    assert "database-replica-lag" in shown(ctl, *SHORT, HAVOCCTL_PAGER=str(path))
    assert got() is None


@pytest.mark.parametrize("rows, paged", [(62, False), (5, True)])
def test_the_screen_decides(ctl, pager, rows, paged):
    path, got = pager
    shown(ctl, "config", "show", "--limit", "30", rows=rows, HAVOCCTL_PAGER=str(path))
    assert (got() is not None) == paged


@pytest.mark.parametrize("env, expected", [
    ({"HAVOCCTL_PAGER": "{} own", "PAGER": "{} common"}, "own"), ({"PAGER": "{} common"}, "common"),
    ({"HAVOCCTL_PAGER": "", "PAGER": "{} common"}, None), ({"HAVOCCTL_PAGER": "cat", "PAGER": "{} common"}, None),
    ({"PAGER": ""}, None), ({"PAGER": "cat"}, None)])
def test_which_one(ctl, pager, env, expected):
    path, got = pager
    seen = shown(ctl, *LONG, **{name: value.format(path) for name, value in env.items()})
    assert ("listen" in seen) == (expected is None)
    assert (got() or "").partition(" ")[0] == (expected or "")


def test_less_is_told_to_stay_out_of_the_way(ctl, pager, tmp_path):
    path, got = pager
    (tmp_path / "less").symlink_to(path)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    shown(ctl, *LONG, **env)
    assert got().split("\n")[0].split("LESS=")[1] == "FRSX"
    shown(ctl, *LONG, LESS="M", **env)
    assert got().split("\n")[0].split("LESS=")[1] == "M"


def test_not_when_it_is_not_wanted(ctl, pager):
    path, got = pager
    assert "listen" in shown(ctl, *LONG, "--no-pager", HAVOCCTL_PAGER=str(path))
    assert got() is None


def test_never_without_a_terminal(ctl, pager):
    path, got = pager
    assert "listen" in ctl.ok(*LONG, env={"HAVOCCTL_PAGER": str(path)}).stdout
    assert got() is None


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "yaml", "plain"])
def test_every_format_pages(ctl, pager, form):
    path, got = pager
    shown(ctl, *LONG, "-o", form, rows=5, HAVOCCTL_PAGER=str(path))
    assert got().partition("\n")[2] == ctl.ok(*LONG, "-o", form).stdout


def test_an_error_is_not_paged(ctl, pager):
    path, got = pager
    terminal = Terminal(ctl, "user", "show", "nobody-here", rows=2, env={"HAVOCCTL_PAGER": str(path)})
    assert terminal.ends() == 3 and "nobody-here" in terminal.seen
    assert got() is None


@pytest.mark.parametrize("command", ["true", "head -n 1", "sed 3q", "exec cat >/dev/null"])
def test_one_that_ends_early_is_no_error(ctl, command):
    seen = shown(ctl, "config", "show", HAVOCCTL_PAGER=command)
    assert "havocctl: " not in seen


@pytest.mark.parametrize("command", ["/no/such/pager", "'unclosed"])
def test_one_that_is_not_there_loses_nothing(ctl, command):
    assert "oauth-timeout" in shown(ctl, *LONG, HAVOCCTL_PAGER=command)


@pytest.fixture
def less(new_screen):
    screen = new_screen("config", "show", rows=10, env={"HAVOCCTL_PAGER": "less"})
    screen.shows(r"^:$")
    return screen


def test_a_screen_of_it_at_a_time(less):
    assert less.lines()[0].startswith("key ")
    less.keys("Space")
    less.shows(r"^max-connections ")
    assert not less.lines()[0].startswith("key ")


def test_quitting_it_is_no_error(less):
    less.keys("q")
    assert less.ends() == 0


def test_an_interrupt_is_the_pagers(less):
    less.keys("C-c")
    less.shows(r"(?m)^(:|.*\(interrupt\).*|.*END.*)$")
    less.keys("q")
    assert less.ends() in (0, 130)


def test_a_terminal_is_left_as_it_was(new_screen, ctl):
    screen = new_screen(rows=10, env={"PS1": "shell$ ", "ENV": "", "HAVOCCTL_PAGER": "less"}, command=["/bin/sh"])
    screen.types(f"{ctl.program} config show")
    screen.shows(r"^:$")
    screen.keys("q")
    screen.shows(r"shell\$ $|shell\$$")
    screen.keys("C-l")
    screen.types("stty -a | grep -ow -e -echo -e -icanon; echo $((40 + 2))")
    seen = screen.shows("^42$")
    assert "\n-echo" not in seen and "\n-icanon" not in seen


def test_colours_go_through(ctl, pager):
    path, got = pager
    terminal = Terminal(ctl, *LONG, "--color=always", env={"HAVOCCTL_PAGER": str(path)})
    assert terminal.ends() == 0
    until(lambda: got() is not None, "it was paged")
    assert "\x1b[" in got()


def test_watching_is_not_paged(new_screen, pager):
    path, got = pager
    screen = new_screen("permission", "list", "--watch", "0.1", rows=3, env={"HAVOCCTL_PAGER": str(path)})
    screen.shows("^every 0.1 s: permission list ")
    screen.keys("C-c")
    assert screen.ends() == 130
    assert got() is None
