"""Interactive shells with havocctl's completion, and what a command typed into them would get."""

import io
import os
import shlex
from pathlib import Path

import pexpect

from support.program import Ctl, until
from support.terminal import kill

# Only a shell that hangs reaches it, or one that waits for a quote to end.
ANSWER_SECONDS = 60

# Writes its arguments where the test looks for them, all at once.
ARGUMENTS = """#!/bin/sh
printf '%s\\0' "$@" >"$ARGUMENTS_FILE.new" && mv "$ARGUMENTS_FILE.new" "$ARGUMENTS_FILE"
"""

TAB = "\t"
TO_THE_START = "\x01"
INTERRUPT = "\x03"


class Shell:
    """One on a terminal of its own, with a home and a current directory that nobody else uses."""

    name: str
    options: tuple[str, ...] = ()
    # Typed before anything else.
    setup: tuple[str, ...] = ()
    load: str
    # A key that puts all candidates on the line.
    insert_all = ""

    def __init__(self, ctl: Ctl, place: Path, load: str | None = None, setup: tuple[str, ...] = (),
                 **env: str):
        self.home, self.directory = place / "home", place / "directory"
        self.state, programs = place / "state", place / "programs"
        for made in (self.home, self.directory, self.state, programs):
            made.mkdir(parents=True)
        (programs / "havocctl").symlink_to(ctl.program)
        (programs / "args").write_text(ARGUMENTS)
        (programs / "args").chmod(0o755)
        self.program = programs / "havocctl"
        self.answer = place / "arguments"
        self.output = io.StringIO()
        self.child = pexpect.spawn(
            self.name, list(self.options), encoding="utf-8", timeout=ANSWER_SECONDS, dimensions=(40, 200),
            cwd=str(self.directory), env=ctl.env | {
                "HOME": str(self.home), "STATE_DIRECTORY": str(self.state), "TERM": "xterm",
                "PATH": f"{programs}:{os.environ['PATH']}", "ARGUMENTS_FILE": str(self.answer),
                "INPUTRC": "/dev/null", "ZDOTDIR": str(self.home)} | env)
        self.child.delaybeforesend = 0
        self.child.logfile_read = self.output
        for line in (*self.setup, load or self.load, *setup):
            self.child.sendline(line)
        self.types("args ready\r")
        assert self.arguments() == ["ready"]

    def types(self, keys: str) -> None:
        self.child.send(keys)

    def arguments(self) -> list[str]:
        """What `args` was called with, once it has been."""
        until(self._answered, f"{self.name} runs a command\n{self.output.getvalue()[-2000:]}", ANSWER_SECONDS, pause=0.005)
        text = self.answer.read_text()
        self.answer.unlink()
        return text.split("\0")[:-1]

    def _answered(self) -> bool:
        # Whoever doesn't read what it shows would have it wait.
        self._read()
        return self.answer.exists()

    def _read(self) -> bool:
        """Whether the terminal has shown something more."""
        try:
            return bool(self.child.read_nonblocking(100_000, timeout=0))
        except pexpect.TIMEOUT:
            return False

    def words(self, line: str, then: str = "") -> list[str]:
        """Types a line and TAB and what follows: the arguments that `havocctl` would have got."""
        return self._words(line + TAB + then)

    def _words(self, keys: str) -> list[str]:
        self.types(f"{keys}{TO_THE_START}args \r")
        try:
            return self.arguments()[1:]
        except AssertionError:
            self.types(INTERRUPT)
            raise

    def candidates(self, line: str) -> list[str]:
        """All that the last word of the line may become."""
        *given, word = shlex.split(line) if not line.endswith(" ") else [*shlex.split(line), ""]
        found = self._words(line + self.insert_all)[len(given) - 1:]
        return [] if found in ([], [word]) else found

    def shown(self, keys: str) -> str:
        """What the terminal is sent while these keys are typed."""
        before = self.output.tell()
        self._words(keys)
        # It was answered before the last of it was read.
        while self._read():
            pass
        self.output.seek(before)
        return self.output.read()

    def close(self) -> None:
        kill(self.child)


class Bash(Shell):
    name = "bash"
    options = ("--noprofile", "--norc", "-i")
    setup = ("bind 'set enable-bracketed-paste off'", "bind 'set bell-style none'",
             ". /usr/share/bash-completion/bash_completion")
    load = ". <(havocctl completion bash)"
    insert_all = "\x1b*"


class Zsh(Shell):
    name = "zsh"
    options = ("-f", "-i")
    setup = ("unsetopt beep auto_menu; unset zle_bracketed_paste; LISTMAX=100000",
             "autoload -Uz compinit && compinit -u -D", "zle -C all-matches complete-word _generic",
             "bindkey '^Xa' all-matches", "zstyle ':completion:all-matches:*' old-matches only",
             "zstyle ':completion:all-matches::::' completer _all_matches")
    load = ". <(havocctl completion zsh)"
    # What the second TAB lists.
    insert_all = TAB + TAB + "\x18a"


class Fish(Shell):
    name = "fish"
    options = ("--private",)
    load = "havocctl completion fish | source"

    def candidates(self, line: str) -> list[str]:
        """Fish tells them, each with what it is."""
        asked = self.home / "line"
        asked.write_text(line)
        self.types(f"args (complete --do-complete (cat {asked} | string collect --no-trim-newlines))\r")
        return [found.split("\t")[0] for found in self.arguments() if found]
