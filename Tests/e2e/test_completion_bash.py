"""Completion in bash: with Debian's bash-completion and without, and beside an embedded database."""

import psycopg
import pytest

from support.completion import COMPLAINTS, Completion, last, listed_by_help
from support.completion_cases import MORE_FREE, MORE_IDS, MORE_NAMES, MORE_PATHS, MORE_WORDS
from support.home import Home
from support.program import Ctl, until
from support.shells import Bash
from support.things import USERS


class PlainBash(Bash):
    """Without Debian's bash-completion, and strict about variables."""

    setup = (*Bash.setup[:2], "set -u", "IFS=:")


class LazyBash(Bash):
    """The script lies where bash-completion looks for it when it is first wanted."""

    load = ("mkdir -p ~/.local/share/bash-completion/completions;"
            " havocctl completion bash >~/.local/share/bash-completion/completions/havocctl")


class TestBash(Completion):
    """Also with what depends on the program alone."""

    kind = Bash

    @pytest.mark.parametrize("typed, expected", MORE_WORDS)
    def test_more_words(self, shell, typed, expected):
        self.completes(shell, typed, expected)

    @pytest.mark.parametrize("typed, expected", MORE_PATHS)
    def test_more_files(self, shell, typed, expected):
        self.completes(shell, typed, expected)

    @pytest.mark.parametrize("typed, expected", MORE_NAMES)
    def test_more_live_names(self, shell, typed, expected):
        self.completes(shell, typed, expected)

    @pytest.mark.parametrize("noun", MORE_IDS)
    def test_more_live_ids(self, shell, things, noun):
        self.test_live_ids(shell, things, noun)

    @pytest.mark.parametrize("typed", MORE_FREE)
    def test_more_that_nobody_knows(self, shell, typed):
        self.test_what_nobody_knows_isn_t_guessed(shell, typed)

    @pytest.mark.parametrize("words", ["session revoke", "exercise import", "audit list"])
    def test_more_options(self, ctl, shell, words):
        self.test_options(ctl, shell, words)

    def test_nouns_and_their_verbs(self, ctl, shell):
        nouns = listed_by_help(ctl)
        assert {"user", "doctor", "completion"} <= nouns
        assert set(shell.candidates("havocctl ")) == nouns
        assert set(shell.candidates("havocctl help ")) == nouns
        for noun in nouns:
            verbs = listed_by_help(ctl, noun)
            if len(verbs) > 1 and "usage:" not in ctl.ok("help", noun).stdout:
                assert set(shell.candidates(f"havocctl {noun} ")) == verbs, noun

    @pytest.mark.parametrize("url", ["nonsense", "postgresql://[::1/x", "postgresql://nobody@127.0.0.1:1/x y?sslmode=z"])
    def test_an_address_that_is_none(self, program, new_shell, url):
        self.is_quiet(new_shell(Ctl(program, url)))

    def test_a_database_without_a_schema(self, program, cluster, new_shell):
        url = cluster.create("bare")
        self.is_quiet(new_shell(Ctl(program, url)))
        cluster.drop("bare")

    def test_a_table_that_is_locked(self, ctl, shell, database):
        with psycopg.connect(database) as connection:
            connection.execute("LOCK TABLE account IN ACCESS EXCLUSIVE MODE")
            said = shell.shown("havocctl user show gr\t")
            assert not COMPLAINTS.search(said), said
        self.completes(shell, "user show gr", USERS[0])


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
    until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name")
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
        until(lambda: last(shell.words("havocctl user show mar")) == "marie curie", "a live name")
        server.stop()
        until(lambda: not home.masters(), "the cluster is down")
        assert shell.words("havocctl user show mar") == ["user", "show", "mar"]
        assert home.masters() == []
    finally:
        home.remove()
