"""A server that reads a configuration file, which tests rewrite while it serves."""

import json
import re
import signal
from pathlib import Path

from support.api import Api
from support.program import until
from support.server import Server
from support.tls import TLSServer

_FIELD = re.compile(r'([a-z][a-z0-9_-]*)=("(?:[^"\\]|\\.)*"|\S*)')
DONE, REFUSED, RESTART = "reloaded", "not reloaded", "needs a restart"


def fields(line: str) -> dict[str, str]:
    """A line of logfmt by its names."""
    return {name: json.loads(value) if value.startswith('"') else value for name, value in _FIELD.findall(line)}


def settings_text(settings: dict[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


class _Configured:
    """Everything stands in the file but what is given as an option."""

    def __init__(self, program: Path, database: str, *options: str, settings: dict[str, str] | None = None, **more):
        super().__init__(program, None, *options, **more)
        self.path = self.log_path.parent / "havocctl.conf"
        self.path.parent.chmod(0o755)
        listen = self.command.index("--listen")
        self.base = {"listen": self.command[listen + 1], "database": database, "stun": "off", "attempt-limit": "0"}
        self.base |= settings or {}
        self.command[listen:listen + 2] = ["--config", str(self.path)]
        for name in ("HAVOCCTL_ATTEMPT_LIMIT", "HAVOCCTL_STUN"):
            if name not in more:
                del self.env[name]
        self.write()

    def write(self, **changes: str | None) -> None:
        """The first settings with these in their places, `max_body` for max-body; None takes one out."""
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        given = {name: value for name, value in (self.base | named).items() if value is not None}
        self.write_text(settings_text(given))

    def write_text(self, text: str | bytes) -> None:
        """In one go, as an editor does: half a file would be a mistake of the test's."""
        aside = self.path.with_suffix(".new")
        aside.write_bytes(text if isinstance(text, bytes) else text.encode())
        aside.replace(self.path)

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def lines(self, since: int = 0) -> list[dict[str, str]]:
        """What the log says from this character on."""
        text = self.log()[since:]
        return [fields(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def reload(self, **changes: str | None) -> list[dict[str, str]]:
        """Rewrites the file where something changes, and reloads; gives what the log says of it, the verdict last."""
        if changes:
            self.write(**changes)
        return self.reloaded()

    def reloaded(self) -> list[dict[str, str]]:
        since = len(self.log())
        self.hang_up()

        def verdict():
            told = [line for line in self.lines(since) if line.get("msg") in (DONE, REFUSED, RESTART)]
            return sorted(told, key=lambda line: line["msg"] != RESTART) \
                if [line for line in told if line["msg"] != RESTART] else None
        return until(verdict, f"the log tells of the reload\n{self.log()[-2000:]}")

    def takes(self, **changes: str | None) -> list[str]:
        """Reloads what is to be taken; gives the names of what changed."""
        told = self.reload(**changes)
        assert [line["msg"] for line in told] == [DONE] and told[0]["level"] == "info", told
        changed = told[0]["changed"]
        return [] if changed == "nothing" else changed.split(", ")

    def refuses(self) -> dict[str, str]:
        """Reloads what is not to be taken; gives the line that says so."""
        told = self.reloaded()
        assert [line["msg"] for line in told] == [REFUSED] and told[0]["level"] == "error", told
        return told[0]


class Configured(_Configured, Server):
    """One without TLS."""

    @property
    def api(self) -> Api:
        return Api(self.url)


class TLSConfigured(_Configured, TLSServer):
    """One whose certificate the file names."""
