"""Confirmation at a terminal, without one, and by option."""

import pytest

from support.api import new_account
from support.terminal import Terminal


@pytest.fixture
def trio(ctl) -> list[str]:
    names = [new_account().username for _ in range(3)]
    for name in names:
        ctl.ok("user", "create", name, "--no-password")
    return names


def present(ctl, names: list[str]) -> list[bool]:
    listed = ctl.ok("user", "list", "-o", "name").stdout.splitlines()
    return [name in listed for name in names]


@pytest.mark.parametrize("answer, status, left", [
    ("y", 0, False), ("yes", 0, False), ("n", 5, True), ("", 5, True), ("perhaps", 5, True)])
def test_a_single_deletion_asks(ctl, trio, answer, status, left):
    terminal = Terminal(ctl, "user", "delete", trio[0])
    terminal.asks(r"\?|\[y/N\]")
    assert trio[0] in terminal.seen, "the question doesn't say what it is about"
    terminal.types(answer)
    ended = terminal.ends()
    assert present(ctl, trio) == [left, True, True], terminal.seen
    assert ended == status, terminal.seen


@pytest.mark.parametrize("answer, status", [("3", 0), ("y", 5), ("yes", 5), ("2", 5), ("", 5)])
def test_a_mass_deletion_wants_its_count_typed(ctl, trio, answer, status):
    terminal = Terminal(ctl, "user", "delete", *trio)
    terminal.asks(r"3[^\r\n]*[:?>] ?")
    terminal.types(answer)
    ended = terminal.ends()
    assert present(ctl, trio) == [bool(status)] * 3, terminal.seen
    assert ended == status, terminal.seen


def test_the_end_of_input_is_no(ctl, trio):
    terminal = Terminal(ctl, "user", "delete", trio[0])
    terminal.asks(r"\?|\[y/N\]")
    terminal.child.sendeof()
    assert terminal.ends() == 5
    assert present(ctl, trio) == [True] * 3


def test_an_interrupt_is_130(ctl, trio):
    terminal = Terminal(ctl, "user", "delete", trio[0])
    terminal.asks(r"\?|\[y/N\]")
    terminal.child.sendintr()
    assert terminal.ends() == 130
    assert present(ctl, trio) == [True] * 3


def test_an_interrupt_at_a_password_is_130_and_restores_the_echo(ctl):
    terminal = Terminal(ctl, "user", "create", "interrupted")
    terminal.asks("(?i)password[^\r\n]*:")
    assert terminal.child.waitnoecho(60)
    terminal.child.sendintr()
    assert terminal.ends() == 130
    ctl.fails(3, "user", "show", "interrupted")


@pytest.mark.parametrize("options", [["--yes"], ["--confirm=1"]])
def test_options_answer_for_one(ctl, trio, options):
    ctl.ok("user", "delete", trio[0], *options)
    assert present(ctl, trio) == [False, True, True]


@pytest.mark.parametrize("options", [[], ["--yes"], ["--confirm=1"], ["--confirm=4"], ["--no-input"]])
def test_mass_without_its_count_is_refused(ctl, trio, options):
    failed = ctl.fails(5, "user", "delete", *trio, *options)
    assert "--confirm" in failed.stderr
    assert present(ctl, trio) == [True] * 3


@pytest.mark.parametrize("value", ["x", "-1", "", "1.5"])
def test_a_count_that_is_none_answers_nothing(ctl, trio, value):
    ctl.fails((2, 5), "user", "delete", *trio, f"--confirm={value}")
    assert present(ctl, trio) == [True] * 3


def test_mass_with_its_count(ctl, trio):
    ctl.ok("user", "delete", *trio, "--confirm=3")
    assert present(ctl, trio) == [False] * 3


def test_names_from_standard_input(ctl, trio):
    ctl.fails(5, "user", "delete", "-", "--yes", input="\n".join(trio))
    # Empty lines and a missing last newline are no names.
    ctl.ok("user", "delete", "-", "--confirm=3", input="\n\n".join(trio))
    assert present(ctl, trio) == [False] * 3


def test_standard_input_with_no_names(ctl):
    result = ctl("user", "delete", "-", "--yes", input="")
    assert result.status in (0, 2), str(result)


def test_the_same_name_twice_is_one(ctl, trio):
    ctl.ok("user", "delete", trio[0], trio[0].upper(), "--yes")
    assert present(ctl, trio) == [False, True, True]


def test_no_input_at_a_terminal_refuses_without_asking(ctl, trio):
    terminal = Terminal(ctl, "user", "delete", trio[0], "--no-input")
    assert terminal.ends() == 5
    assert present(ctl, trio) == [True] * 3


def test_lists_and_shows_never_ask(ctl, trio):
    terminal = Terminal(ctl, "user", "show", trio[0])
    assert terminal.ends() == 0
