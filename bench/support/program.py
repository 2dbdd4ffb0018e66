"""The program under test: its commands and its server."""

import http.client
import json
from pathlib import Path

from support.cluster import free_port
from support.processes import Processes, ProcessFailed, run, wait_until


class Havocctl:
    """The binary, working on one database."""

    def __init__(self, binary: Path, url: str, home: Path):
        self.binary = binary
        self.url = url
        # A configuration of the machine's must not change what is measured.
        home.mkdir(parents=True, exist_ok=True)
        self.env = {
            "HAVOCCTL_DATABASE": url,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_STATE_HOME": str(home),
            "NO_COLOR": "1",
            # Several servers of one run can't have the same STUN port.
            "HAVOCCTL_STUN": "off",
        }

    def __call__(
        self, *arguments: str | Path, text: str | None = None, timeout: float = 120
    ) -> str:
        """Runs a command and returns what it prints."""
        return run([self.binary, *arguments], text=text, timeout=timeout, env=self.env)

    def command(self, *arguments: str | Path) -> list[str]:
        """A whole command line, for whoever measures it from outside."""
        return [str(self.binary), *map(str, arguments), "--database", self.url]

    def import_exercises(self, file: Path, count: int) -> None:
        """Imports, with whatever word the program wants to be sure that it may."""
        try:
            self("exercise", "import", file, "--yes", timeout=300)
        except ProcessFailed as refusal:
            if "--confirm" not in str(refusal):
                raise
            self("exercise", "import", file, f"--confirm={count}", timeout=300)

    def serve(
        self, processes: Processes, log: Path, *options: str, name: str = "havocctl"
    ) -> "HTTPPeer":
        """Starts a server, and returns when it answers."""
        port = free_port()
        process = processes.start([*self.serve_command(port), *options], log=log, env=self.env)
        return HTTPPeer(name, port, process, log).wait("/status/")

    def serve_command(self, port: int) -> list[str]:
        return self.command("serve", "--listen", f"127.0.0.1:{port}")


class HTTPPeer:
    """A server that answers on loopback."""

    def __init__(self, name: str, port: int, process, log: Path):
        self.name = name
        self.port = port
        self.process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fetch(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: str | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """One request on a connection of its own: status, body, headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()}
        finally:
            connection.close()

    def post_json(self, path: str, value: dict) -> dict:
        """Raises ProcessFailed unless the answer is 200."""
        status, body, _ = self.fetch(
            "POST", path, {"Content-Type": "application/json"}, json.dumps(value)
        )
        if status != 200:
            raise ProcessFailed(f"{self.name}: POST {path}: {status} {body[:300]!r}")
        return json.loads(body)

    def wait(self, path: str, patience: float = 30) -> "HTTPPeer":
        """Returns when the server answers the path at all."""

        def answers() -> bool:
            if self.process.poll() is not None:
                raise ProcessFailed(f"{self.name} ended: {self.tail()}")
            try:
                return self.fetch("GET", path)[0] < 500
            except OSError:
                return False

        wait_until(answers, self.name, patience)
        return self

    def tail(self) -> str:
        """The last words of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def cut_log(self) -> None:
        """Forgets the log, which would fill the disk; it is written in append mode."""
        if self.log.exists():
            self.log.open("r+b").truncate(0)
