"""A program on a screen that can be read: what a person would see, not what was written."""

import re
import subprocess
import tempfile
from pathlib import Path

from support.program import SCRATCH, Ctl, until

SETTINGS = """
set -g status off
set -g default-terminal screen
set -g history-limit 5000
set -g default-shell /bin/sh
set -s escape-time 0
"""

# Writes down the exit status, and leaves the screen as the program did.
KEEPER = 'trap : INT QUIT; status=$1; shift; "$@"; echo $? > "$status"; exec tail -f /dev/null'


class Screen:
    """A terminal of tmux, with a server of its own; the program's end leaves the screen to be read."""

    def __init__(self, ctl: Ctl, *args, columns: int = 80, rows: int = 24, env: dict | None = None,
                 command: list[str] | None = None):
        place = Path(tempfile.mkdtemp(dir=SCRATCH.name))
        self.socket = place / "tmux"
        self.status = place / "status"
        self.env = {name: value for name, value in ctl.env.items() if name not in ("TMUX", "TMUX_PANE")}
        self.env |= {"NO_COLOR": "1", "SHELL": "/bin/sh", "HOME": str(place),
                     "XDG_STATE_HOME": str(place)} | (env or {})
        (place / "conf").write_text(SETTINGS, encoding="utf-8")
        words = command or [str(ctl.program), *map(str, args)]
        self.tmux("-f", str(place / "conf"), "new-session", "-d", "-x", str(columns), "-y", str(rows),
                  "/bin/sh", "-c", KEEPER, "sh", str(self.status), *words)

    def tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-u", "-S", str(self.socket), *words], env=self.env, timeout=30,
                              capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def value(self, name: str) -> str:
        """One of tmux's own variables."""
        return self.tmux("display-message", "-p", f"#{{{name}}}").strip()

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.tmux("capture-pane", "-p").split("\n")]

    def text(self) -> str:
        return "\n".join(self.lines()).rstrip("\n")

    def shows(self, pattern: str) -> str:
        """Waits until the screen matches; gives what it shows then."""
        seen = ""

        def there() -> bool:
            nonlocal seen
            seen = self.text()
            return re.search(pattern, seen, re.MULTILINE) is not None
        try:
            until(there, pattern, pause=0.02)
        except AssertionError:
            raise AssertionError(f"never shown: {pattern}\n{seen}") from None
        return seen

    def keys(self, *names: str) -> None:
        """By tmux's names: Enter, C-c, Tab, Up."""
        self.tmux("send-keys", *names)

    def types(self, line: str) -> None:
        self.tmux("send-keys", "-l", line)
        self.keys("Enter")

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def scrolled(self) -> int:
        """How many lines have left the screen at its top."""
        return int(self.value("history_size"))

    def ends(self) -> int:
        """Waits for the end; gives the exit status."""
        def status() -> str:
            return self.status.read_text() if self.status.exists() else ""
        return int(until(status, f"the program ends\n{self.text()}", pause=0.02))

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self.socket), "kill-server"], capture_output=True, check=False)
