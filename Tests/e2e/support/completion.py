"""What completion owes its user in every shell."""

import re
import socket
import threading

import pytest

from support.cluster import free_port
from support.completion_cases import FILES, FREE, IDS, NAMES, PATHS, VERB, WORDS
from support.members import crowd
from support.program import Ctl, until
from support.shells import Shell
from support.things import USERS, Things, fill

# Words that only messages have.
COMPLAINTS = re.compile(r"havocctl: |hint:|[Ee]rror|refused|timed? ?out|[Ff]atal|could not|command not found")


def last(words: list[str]) -> str | None:
    return words[-1] if words else None


def listed_by_help(ctl: Ctl, *words: str) -> set[str]:
    """The words at the beginning of lines: nouns, verbs, or options with two dashes."""
    text = ctl.ok("help", *words).stdout
    if len(words) == 2:
        return set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", text, re.MULTILINE))
    noun = f"{words[0]} " if words else ""
    return set(re.findall(rf"^  {noun}([a-z-]+)(?= |$)", text, re.MULTILINE))


class Silence:
    """Accepts connections and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.visitors: list[socket.socket] = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                self.visitors.append(self.listener.accept()[0])
            except OSError:
                return

    def left(self) -> bool:
        """Whether whoever came has gone."""
        for visitor in self.visitors:
            visitor.setblocking(False)
            try:
                while visitor.recv(4096):
                    pass
            except BlockingIOError:
                return False
            except ConnectionError:
                pass
        return bool(self.visitors)

    def close(self) -> None:
        self.listener.close()
        for visitor in self.visitors:
            visitor.close()


class Completion:
    """The tests of every shell; who inherits them says which."""

    kind: type[Shell]

    @pytest.fixture(scope="class")
    @classmethod
    def things(cls, ctl, api) -> Things:
        return fill(ctl, api)

    @pytest.fixture(scope="class")
    @classmethod
    def new_shell(cls, tmp_path_factory):
        opened = []

        def open_shell(ctl: Ctl, **options) -> Shell:
            opened.append(cls.kind(ctl, tmp_path_factory.mktemp("shell"), **options))
            return opened[-1]

        yield open_shell
        for shell in opened:
            shell.close()

    @pytest.fixture(scope="class")
    @classmethod
    def shell(cls, ctl, things, new_shell) -> Shell:
        made = new_shell(ctl)
        (made.directory / "inner").mkdir()
        for name in FILES:
            (made.directory / name).touch()
        (made.home / "at-home.csv").touch()
        return made

    def completes(self, shell: Shell, typed: str, expected: str, then: str = "") -> None:
        """The last word becomes what is expected; who was too slow may try again."""
        seen: list[str | None] = []

        def done() -> bool:
            seen.append(last(shell.words(f"havocctl {typed}", then)))
            return seen[-1] == expected
        try:
            until(done, typed)
        except AssertionError:
            raise AssertionError(f"{typed!r} became {seen[-1]!r}, not {expected!r}") from None

    @pytest.mark.parametrize("typed, expected", WORDS)
    def test_words(self, shell, typed, expected):
        self.completes(shell, typed, expected)

    @pytest.mark.parametrize("typed, expected", PATHS)
    def test_files(self, shell, typed, expected):
        self.completes(shell, typed, expected)

    @pytest.mark.parametrize("typed, expected", NAMES)
    def test_live_names(self, shell, typed, expected):
        self.completes(shell, typed, expected)
        assert not (shell.directory / "pwned").exists()

    @pytest.mark.parametrize("noun", IDS)
    def test_live_ids(self, shell, things, noun):
        name = getattr(things, noun)
        typed = name[:12] if "-" in name else name
        self.completes(shell, f"{noun} {VERB.get(noun, 'show')} {typed}", name)
        until(lambda: name in shell.candidates(f"havocctl {noun} {VERB.get(noun, 'show')} "), f"{name} among all")

    def test_a_whole_word_is_followed_by_a_blank(self, shell):
        self.completes(shell, "user pass", "x", then="x")
        self.completes(shell, "user show gr", "x", then="x")
        self.completes(shell, "exercise import peo", "x", then="x")

    def test_a_directory_is_followed_by_none(self, shell):
        self.completes(shell, "exercise import inn", "inner/x", then="x")

    def test_a_home_directory(self, shell):
        self.completes(shell, "exercise import ~/at", str(shell.home / "at-home.csv"))

    def test_by_its_path(self, shell):
        words = shell.words(f"{shell.program} user pass")
        assert last(words) == "passwd", words

    @pytest.mark.parametrize("words", ["user create", "serve"])
    def test_options(self, ctl, shell, words):
        found = shell.candidates(f"havocctl {words} --")
        described = listed_by_help(ctl, *words.split()) if " " in words else {"--no-migrate", "--listen"}
        assert len(described) > 1 and described <= set(found), described - set(found)
        assert len(found) == len(set(found)), "some come twice"

    def test_enumerations_have_nothing_else(self, shell):
        assert set(shell.candidates("havocctl user list --output ")) == {
            "table", "plain", "json", "jsonl", "csv", "yaml", "name"}
        assert set(shell.candidates("havocctl completion ")) == {"bash", "zsh", "fish"}
        assert set(shell.candidates("havocctl user two-factor ada ")) == {"on", "off"}

    def test_options_end_at_two_dashes(self, shell):
        until(lambda: shell.words("havocctl user show -- -d") == ["user", "show", "--", "-dash"], "-dash")
        assert shell.words("havocctl user list -- --perm")[-1] == "--perm"

    @pytest.mark.parametrize("typed", FREE)
    def test_what_nobody_knows_isn_t_guessed(self, shell, typed):
        assert shell.candidates(f"havocctl {typed}") == []

    def test_the_database_of_the_line(self, ctl, new_shell, database, program):
        away = new_shell(Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x"))
        for option in (f"--database {database}", f"--database={database}"):
            self.completes(away, f"{option} user show gr", USERS[0])

    # Databases that don't answer.

    def is_quiet(self, shell: Shell) -> None:
        """Live names don't come, nothing is said or made, and what needs no database goes on."""
        for typed in ("user show gr", "exercise list --group ", "session revoke "):
            said = shell.shown(f"havocctl {typed}\t")
            assert not COMPLAINTS.search(said), said
        assert shell.words("havocctl user show gr") == ["user", "show", "gr"]
        self.completes(shell, "user pass", "passwd")
        assert list(shell.state.iterdir()) == []
        assert [found for found in shell.home.rglob("*") if re.search("havocctl|pg_control", found.name)] == []

    def test_a_database_that_is_down(self, program, new_shell):
        self.is_quiet(new_shell(Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x")))

    def test_a_database_that_hangs(self, program, new_shell):
        silence = Silence()
        self.is_quiet(new_shell(Ctl(program, f"postgresql://postgres@127.0.0.1:{silence.port}/x")))
        until(silence.left, "nobody waits for an answer any more")
        silence.close()

    def test_no_database_at_all(self, program, new_shell):
        self.is_quiet(new_shell(Ctl(program, None)))

    def test_twenty_thousand_users(self, shell, database):
        crowd(database, 20_000, "crowd-")
        eleven = {f"crowd-1999{digit}" for digit in range(10)} | {"crowd-1999"}
        until(lambda: set(shell.candidates("havocctl user show crowd-1999")) == eleven, "eleven of them")
        said = shell.shown("havocctl user show crowd-\t")
        assert not COMPLAINTS.search(said), said[-2000:]
        self.completes(shell, "user show gr", USERS[0])
