"""Commands caught in the middle: a transaction that they must wait for, and signals."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg

from support.cluster import query
from support.program import Ctl, Result, until

# Only a command that never ends reaches it.
ENDING_SECONDS = 45


class Holder:
    """Holds locks until it is released."""

    def __init__(self, url: str, statement: str):
        self.url = url
        self.connection = psycopg.connect(url)
        self.connection.execute(statement)

    def __enter__(self) -> "Holder":
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()

    def waiting(self) -> list[int]:
        """The backends that wait for this transaction."""
        return [row[0] for row in query(
            self.url, "SELECT pid FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
            self.connection.info.backend_pid)]

    def catch(self, running: "Running | None" = None) -> list[int]:
        """Waits until somebody waits."""
        def caught() -> list[int]:
            assert running is None or running.process.poll() is None, str(running.ends())
            return self.waiting()
        return until(caught, "a command waits for this transaction")

    def alone(self) -> None:
        """Waits until nobody waits any more, although the locks are still held."""
        until(lambda: not self.waiting(), "no query goes on in the server")

    def release(self) -> None:
        self.connection.commit()
        self.connection.close()


class Running:
    """A command in the background, in a process group of its own."""

    def __init__(self, ctl: Ctl, *words, env: dict | None = None, input: Path | None = None):
        self.words = tuple(str(word) for word in words)
        with open(input or os.devnull, "rb") as given:
            self.process = subprocess.Popen(
                [ctl.program, *self.words], env=ctl.env | (env or {}), stdin=given, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.send_group(signal.SIGKILL)
        self.process.communicate()

    def send(self, number: int = signal.SIGINT) -> None:
        """To the program alone, as `kill` does."""
        self.process.send_signal(number)

    def send_group(self, number: int = signal.SIGINT) -> None:
        """To all that it has started too, as a terminal does."""
        os.killpg(self.process.pid, number)

    def ends(self) -> Result:
        out, err = self.process.communicate(timeout=ENDING_SECONDS)
        return Result(self.words, self.process.returncode, out.decode(), err.decode())


def command_lines() -> dict[int, str]:
    """What every process was started with."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[int(path.parent.name)] = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # It ended meanwhile.
    return found
