"""The REPL at a terminal of its own, and what stands in its way."""

import json
import os
import re
import termios
from contextlib import contextmanager
from pathlib import Path

import psycopg

from support import secrets
from support.cluster import query
from support.program import Ctl, Result, until
from support.terminal import Terminal, kill

# The name, then what the transaction is like and whether the line goes on.
PROMPT = r"havocctl([*!]?[-=])> "
SEQUENCE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9AB]?)|[\r\x07]")


def plain(text: str) -> str:
    """What a terminal shows, without what moves its cursor."""
    return SEQUENCE.sub("", text)


class Repl(Terminal):
    """A session: every answer is read up to the next prompt."""

    def __init__(self, ctl: Ctl, home: Path, *options, columns: int = 200, env: dict | None = None):
        super().__init__(ctl, "repl", *options, columns=columns, env={
            "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "NO_COLOR": "1",
            "HAVOCCTL_PAGER": ""} | (env or {}))
        self.child.ptyproc.delayafterclose = 0
        self.mark = ""
        self.banner = self.prompt()

    def types(self, line: str) -> None:
        """Ends the line as the Enter key does."""
        self.child.send(line + "\r")

    def prompt(self) -> str:
        """Waits for a prompt and keeps its mark; gives what came before it."""
        self.asks(PROMPT)
        self.mark = self.child.match[1]
        return plain(self.child.before)

    def run(self, line: str) -> str:
        """Gives the answer without the line's echo."""
        self.types(line)
        return self.prompt().partition("\n")[2]

    def runs(self, *lines: str) -> None:
        """Commands that succeed."""
        for line in lines:
            answer = self.run(line)
            assert "havocctl: " not in answer, f"{line}\n{answer}"

    def json(self, line: str):
        answer = self.run(f"{line} -o json")
        try:
            return json.loads(answer)
        except ValueError:
            raise AssertionError(f"not JSON after {line}\n{answer}") from None

    def fails(self, line: str, *words: str) -> str:
        """A command that fails, saying why in these words."""
        answer = self.run(line)
        assert answer.startswith("havocctl: "), f"{line}\n{answer}"
        for word in words:
            assert word in answer, f"no {word!r} after {line}\n{answer}"
        return answer

    def is_busy(self) -> bool:
        """Whether a command runs: a line that is edited is read key by key."""
        return bool(termios.tcgetattr(self.child.child_fd)[3] & termios.ICANON)

    def leaves(self) -> int:
        self.child.sendeof()
        return self.ends()

    def hang_up(self) -> None:
        """Its terminal goes away, and it ends by that."""
        self.child.ptyproc.fileobj.close()
        self.child.closed = True
        until(lambda: os.waitpid(self.child.pid, os.WNOHANG)[0], "it ends")
        self.child.terminated = self.child.ptyproc.terminated = True

    def close(self) -> None:
        kill(self.child)
        assert not (found := secrets.leaked(self.seen)), f"secrets on the screen: {found}"


def script(ctl: Ctl, *lines: str, **options) -> Result:
    """The lines from a pipe."""
    return ctl.run("repl", input="".join(line + "\n" for line in lines), **options)


def stops(ctl: Ctl, number: int, status: int | tuple[int, ...], *lines: str, **options) -> Result:
    """A script that stops at this line with this status."""
    result = script(ctl, *lines, **options)
    expected = status if isinstance(status, tuple) else (status,)
    assert result.status in expected, f"expected exit status {status}\n{result}"
    assert re.search(rf"^havocctl: line {number}: ", result.stderr, re.MULTILINE), str(result)
    return result


def waiting(url: str) -> list[str]:
    """The database's queries that wait for a lock."""
    return [row[0] for row in query(
        url, "SELECT query FROM pg_stat_activity"
             " WHERE datname = current_database() AND wait_event_type = 'Lock'")]


@contextmanager
def locked(url: str, table: str = "account"):
    """Nobody reads the table meanwhile."""
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {table}")
        yield
        connection.rollback()


def disconnect(url: str) -> int:
    """Ends the program's connections to the database, as an administrator might, and waits for that; gives how many."""
    return query(url, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                      " WHERE datname = current_database() AND application_name LIKE 'havocctl%%'")[0][0]
