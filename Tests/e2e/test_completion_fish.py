"""Completion in fish: sourced, and as a file of its path."""

from support.completion import Completion, last
from support.program import until
from support.shells import Fish


class LazyFish(Fish):
    """The script lies where fish looks for it when it is first wanted."""

    load = "mkdir -p ~/.config/fish/completions; havocctl completion fish >~/.config/fish/completions/havocctl.fish"


class TestFish(Completion):
    kind = Fish


def test_from_a_file(ctl, tmp_path):
    ctl.run("user", "create", "marie curie", "--no-password", "--if-not-exists")
    shell = LazyFish(ctl, tmp_path / "shell")
    assert last(shell.words("havocctl user pass")) == "passwd"
    until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name")
    shell.close()


def test_candidates_are_described(ctl, tmp_path):
    shell = Fish(ctl, tmp_path / "shell")
    shell.types("args (complete --do-complete 'havocctl user ')\r")
    described = dict(line.split("\t") for line in shell.arguments())
    shell.close()
    assert described["create"] == "Make an account" and "second factor" in described["two-factor"]
