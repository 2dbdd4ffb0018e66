"""Completion in zsh: sourced, and as a function of its path."""

import pytest

from support.completion import Completion, last
from support.program import until
from support.shells import Zsh


class AutoloadedZsh(Zsh):
    """The script is a file `_havocctl` in fpath, as packages install it."""

    setup = ("mkdir -p ~/functions; havocctl completion zsh >~/functions/_havocctl; fpath=(~/functions $fpath)",
             *Zsh.setup)
    load = ":"


class StrangeZsh(Zsh):
    """With options that change how scripts are read."""

    setup = (*Zsh.setup, "setopt ksh_arrays sh_word_split no_unset err_return glob_subst")


class TestZsh(Completion):
    kind = Zsh


@pytest.mark.parametrize("kind", [AutoloadedZsh, StrangeZsh])
def test_however_it_is_loaded(ctl, tmp_path, kind):
    ctl.run("user", "create", "marie curie", "--no-password", "--if-not-exists")
    shell = kind(ctl, tmp_path / "shell")
    assert last(shell.words("havocctl user pass")) == "passwd"
    until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name")
    (shell.directory / "my file.csv").touch()
    assert last(shell.words("havocctl exercise import my")) == "my file.csv"
    shell.close()


def test_candidates_are_described(ctl, tmp_path):
    shell = Zsh(ctl, tmp_path / "shell")
    said = shell.shown("havocctl user \t\t")
    shell.close()
    assert "two-factor" in said and "Make an account" in said, said
