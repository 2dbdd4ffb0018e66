"""The program under test and how its commands are run."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from support import secrets

ROOT = Path(__file__).resolve().parents[3]

# Logs and the like; it goes when the interpreter does. Others may look in, for the program runs as them too.
SCRATCH = tempfile.TemporaryDirectory(prefix="hv-e2e-", dir="/tmp")
os.chmod(SCRATCH.name, 0o755)

# Long enough for a debug build on a busy machine; only a hang reaches it.
PATIENCE_SECONDS = 120


def binary() -> Path:
    """HAVOCCTL_BIN, else the release build, else the debug build."""
    named = os.environ.get("HAVOCCTL_BIN")
    places = [Path(named)] if named else [
        ROOT / ".build/release/havocctl", ROOT / ".build/debug/havocctl"]
    for place in places:
        if place.is_file():
            return place.resolve()
    raise FileNotFoundError("no havocctl at " + " or ".join(map(str, places)))


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without anything that configures havocctl or libpq."""
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("HAVOCCTL_", "PG", "XDG_", "STATE_DIRECTORY", "NOTIFY_", "LISTEN_", "WATCHDOG_",
                                "JOURNAL_STREAM", "CREDENTIALS_DIRECTORY"))
    }
    return kept | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"} | more


def until(condition, what: str, seconds: float = 60, pause: float = 0.05):
    """Polls until the condition is true, and gives its value back."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"still not so after {seconds} s: {what}"
        time.sleep(pause)


def rows(answer) -> list[dict]:
    """One thing is an object and a list an array; where a verb takes one or many, either."""
    return answer if isinstance(answer, list) else [answer]


@dataclass(frozen=True)
class Result:
    """What one command left behind."""

    command: tuple[str, ...]
    status: int
    stdout: str
    stderr: str

    def json(self):
        return json.loads(self.stdout)

    def __str__(self) -> str:
        return (f"havocctl {' '.join(self.command)}\nexit status {self.status}\n"
                f"stdout: {self.stdout[-2000:]}\nstderr: {self.stderr[-2000:]}")


class Ctl:
    """havocctl's command line on one database."""

    def __init__(self, program: Path, database: str | None, **env: str):
        self.program = program
        self.database = database
        self.env = clean_environment(**env)
        if database is not None:
            self.env["HAVOCCTL_DATABASE"] = database

    def run(self, *args, input: str | bytes | None = None, env: dict | None = None,
            prefix: tuple[str, ...] = (), timeout: float = PATIENCE_SECONDS) -> Result:
        """Runs one command without a controlling terminal."""
        words = tuple(str(word) for word in args)
        given = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [*prefix, str(self.program), *words], input=given if given is not None else b"",
            capture_output=True, timeout=timeout, env=self.env | (env or {}),
            # Away from the terminal of whoever runs the tests: a prompt must not reach it.
            start_new_session=True, check=False)
        result = Result(words, done.returncode, done.stdout.decode(), done.stderr.decode())
        assert not secrets.leaked(result.stderr), f"a secret on standard error\n{result}"
        return result

    __call__ = run

    def ok(self, *args, **options) -> Result:
        result = self.run(*args, **options)
        assert result.status == 0, str(result)
        return result

    def json(self, *args, **options):
        """The answer of a command that succeeds, read as JSON."""
        result = self.ok("-o", "json", *args, **options)
        try:
            return result.json()
        except ValueError:
            raise AssertionError(f"not JSON\n{result}") from None

    def fails(self, status: int | tuple[int, ...], *args, **options) -> Result:
        """A command that fails with this status, saying so on standard error alone."""
        result = self.run(*args, **options)
        expected = status if isinstance(status, tuple) else (status,)
        assert result.status in expected, f"expected exit status {status}\n{result}"
        assert result.stdout == "", f"a failure wrote to standard output\n{result}"
        if "json" in args:
            assert isinstance(json.loads(result.stderr), dict), str(result)
        else:
            assert result.stderr.startswith("havocctl: "), str(result)
        return result
