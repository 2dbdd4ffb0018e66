"""A running `havocctl serve`."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from support import secrets
from support.ports import free_port
from support.program import SCRATCH, clean_environment, until

# SIGTERM lets what runs finish for 30 seconds.
STOP_SECONDS = 60


class Server:
    """Starts, stops and watches one server process; a restart keeps its address and its log."""

    def __init__(self, program: Path, database: str | None, *options: str,
                 prefix: tuple[str, ...] = (), also: str = "", **env: str):
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "serve.log"
        self.command = [*prefix, str(program), "serve", "--listen", f"127.0.0.1:{self.port}{also and ','}{also}"]
        if database is not None:
            self.command += ["--database", database]
        self.command += options
        # Tests fail sign-ins on purpose, all from one address; those of the limits set one. STUN's
        # port is the same for all unless one is chosen.
        self.env = clean_environment(
            **{"HAVOCCTL_ATTEMPT_LIMIT": "0", "HAVOCCTL_STUN": "off", **env})
        # What Popen is given in place of, or besides, what every server is started with.
        self.popen: dict = {}
        self.process: subprocess.Popen | None = None

    def launch(self) -> None:
        """Starts it without waiting for an answer."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, **({
                "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "env": self.env,
                "start_new_session": True} | self.popen))

    def start(self) -> "Server":
        self.launch()
        self.wait_for(200)
        return self

    def status(self) -> int | None:
        """What /status/ answers, or None where nobody does."""
        try:
            return requests.get(self.url + "/status/", timeout=30).status_code
        except requests.RequestException:
            return None

    def wait_for(self, status: int, seconds: float = 90) -> None:
        def there() -> bool:
            code = self.process.poll()
            assert code is None, f"the server ended with {code}:\n{self.log()[-3000:]}"
            # Each loop has connections to the database of its own, and is asked in its turn.
            return all(self.status() == status for _ in range(os.cpu_count()))
        until(there, f"/status/ answers {status}\n{self.log()[-3000:]}", seconds)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def signal_at_once(self, *numbers: int) -> None:
        """It finds all of them there, however long whoever sends them is held up in between."""
        for number in (signal.SIGSTOP, *numbers, signal.SIGCONT):
            self.process.send_signal(number)

    def wait(self) -> int:
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM was not heeded:\n{self.log()[-3000:]}") from None

    def stop(self) -> None:
        """SIGTERM, which must end in exit status 0."""
        self.terminate()
        status = self.wait()
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.log()[-3000:]}"

    def kill9(self) -> None:
        self.process.kill()
        self.process.wait()

    def restart_with(self, *options: str) -> None:
        self.stop()
        self.command += options
        self.start()

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def end(servers: Iterable[Server]) -> None:
    """Each that runs still must end well, and none may leave a secret in its log."""
    servers = [server for server in servers if server.process]
    for server in servers:
        if server.running:
            server.stop()
    for server in servers:
        assert not (found := secrets.leaked(server.log())), f"secrets in a log: {found}"


@contextmanager
def starting(program: Path, database: str | None, *always: str) -> Iterator[Callable[..., Server]]:
    """Starts servers, with these options and others, and ends them with the block."""
    started: list[Server] = []

    def start(*options: str, url: str | None = None, kind: type[Server] = Server, **more) -> Server:
        made = kind(program, url or database, *always, *options, **more)
        started.append(made)
        return made.start()

    try:
        yield start
    finally:
        end(started)
