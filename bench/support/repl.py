"""`havocctl repl` on a terminal, as fast as a program can type."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from support.processes import ProcessFailed
from support.program import Havocctl

_ROWS, _COLUMNS = 40, 120
_PROMPT = "havocctl=> "
_KILL_LINE = b"\x15"
_END_OF_FILE = b"\x04"


class Repl:
    """One session; leaving it ends the program."""

    def __init__(self, program: Havocctl):
        self._program = program
        self._seen = ""

    def __enter__(self) -> "Repl":
        words = self._program.command("repl")
        environment = {**os.environ, **self._program.env, "TERM": "xterm"}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            try:
                os.execve(words[0], words, environment)
            finally:
                os._exit(127)
        fcntl.ioctl(
            self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0)
        )
        try:
            self._until(_PROMPT)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        try:
            os.write(self._terminal, _KILL_LINE + _END_OF_FILE)
            self._drain(patience=2)
        except OSError:
            pass
        if os.waitpid(self._pid, os.WNOHANG) == (0, 0):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def complete(self, typed: str, rest: str) -> float:
        """Seconds from TAB to the whole of what completes a line, which is then forgotten."""
        os.write(self._terminal, typed.encode())
        self._until(typed)
        start = time.perf_counter()
        os.write(self._terminal, b"\t")
        self._until(rest)
        taken = time.perf_counter() - start
        os.write(self._terminal, _KILL_LINE)
        return taken

    def _until(self, wanted: str, patience: float = 10) -> None:
        """Reads until that has come, and forgets what came."""
        end = time.monotonic() + patience
        while wanted not in self._seen:
            ready, _, _ = select.select([self._terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise ProcessFailed(f"repl: no {wanted!r} within {patience:g} s: {self._seen!r}")
            try:
                self._seen += os.read(self._terminal, 2**16).decode(errors="replace")
            except OSError:
                raise ProcessFailed(f"repl ended: {self._seen!r}") from None
        self._seen = ""

    def _drain(self, patience: float) -> None:
        """Returns when the program has closed its terminal, or soon after it is due."""
        end = time.monotonic() + patience
        while select.select([self._terminal], [], [], max(0, end - time.monotonic()))[0]:
            os.read(self._terminal, 2**16)
