"""Completion in bash: with Debian's bash-completion and without, and beside an embedded database."""

import pytest

from support.completion import COMPLAINTS, Completion, last
from support.home import Home
from support.program import Ctl, until
from support.shells import Bash


class PlainBash(Bash):
    """Without Debian's bash-completion, and strict about variables."""

    setup = (*Bash.setup[:2], "set -u", "IFS=:")


class LazyBash(Bash):
    """The script lies where bash-completion looks for it when it is first wanted."""

    load = ("mkdir -p ~/.local/share/bash-completion/completions;"
            " havocctl completion bash >~/.local/share/bash-completion/completions/havocctl")


class TestBash(Completion):
    kind = Bash


@pytest.fixture
def opened(tmp_path):
    made = []

    def open_shell(kind: type[Bash], ctl: Ctl, **env: str) -> Bash:
        made.append(kind(ctl, tmp_path / str(len(made)), **env))
        return made[-1]

    yield open_shell
    for shell in made:
        shell.close()


@pytest.mark.parametrize("kind", [PlainBash, LazyBash])
def test_however_it_is_loaded(ctl, opened, kind):
    ctl.run("user", "create", "marie curie", "--no-password", "--if-not-exists")
    shell = opened(kind, ctl)
    assert last(shell.words("havocctl user pass")) == "passwd"
    assert set(shell.candidates("havocctl completion ")) == {"bash", "zsh", "fish"}
    until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name", 10)
    (shell.directory / "my file.csv").touch()
    assert last(shell.words("havocctl exercise import my")) == "my file.csv"
    said = shell.shown("havocctl user list --output=ya\t")
    assert not COMPLAINTS.search(said) and "unbound" not in said, said


def test_variables_and_functions_of_the_shell_stay(ctl, opened):
    shell = opened(Bash, ctl)
    left = "args \"$(compgen -v | LC_ALL=C sort | tr '\\n' ' ')\"\r"
    shell.words("havocctl user pass")
    shell.types(left)
    before = shell.arguments()[0].split()
    shell.words("havocctl user show q")
    shell.words("havocctl exercise import --format cs")
    shell.types(left)
    assert set(shell.arguments()[0].split()) == set(before)


def test_an_embedded_database_is_asked_but_never_started(program, opened):
    home = Home(program, "root")
    try:
        home.run("user", "create", "marie curie", "--no-password")
        until(lambda: not home.masters(), "the cluster is down")
        shell = opened(Bash, Ctl(program, None), STATE_DIRECTORY=str(home.path))
        for _ in range(3):
            assert shell.words("havocctl user show mar") == ["user", "show", "mar"]
            assert home.masters() == []
        server = home.serve()
        until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name", 10)
        server.stop()
        until(lambda: not home.masters(), "the cluster is down")
        assert shell.words("havocctl user show mar") == ["user", "show", "mar"]
        assert home.masters() == []
    finally:
        home.remove()
