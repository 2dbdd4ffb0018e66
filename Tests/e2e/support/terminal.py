"""havocctl at a terminal, where it may ask."""

import signal

import pexpect

from support.program import Ctl

# Only a prompt that never comes reaches it.
PROMPT_SECONDS = 60


def kill(child: pexpect.spawn) -> None:
    """Ends it, and waits for that, where pexpect itself would give up after a moment."""
    if child.isalive():
        child.kill(signal.SIGKILL)
        child.wait()
    child.close()


class Terminal:
    """One command on a pseudo-terminal of its own."""

    def __init__(self, ctl: Ctl, *args, columns: int = 120, rows: int = 40,
                 env: dict | None = None):
        self.child = pexpect.spawn(
            str(ctl.program), [str(word) for word in args], encoding="utf-8",
            env=ctl.env | {"TERM": "xterm"} | (env or {}), timeout=PROMPT_SECONDS,
            dimensions=(rows, columns))
        # As fast as a program, no need of pexpect's pause for a person.
        self.child.delaybeforesend = 0.02
        self.seen = ""

    def asks(self, pattern: str) -> None:
        """Waits for a prompt."""
        self.child.expect(pattern)
        self.seen += self.child.before + self.child.after

    def password(self, value: str) -> None:
        """Waits for a password prompt, and for the echo to be off, before it types."""
        self.asks(r"(?i)(password|again|repeat|retype)[^\r\n]*:")
        assert self.child.waitnoecho(PROMPT_SECONDS), "the terminal would show the password"
        self.types(value)

    def types(self, line: str) -> None:
        self.child.sendline(line)

    def ends(self) -> int:
        """Waits for the end; gives the exit status."""
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before
        self.child.close()
        if self.child.exitstatus is None:
            return 128 + self.child.signalstatus
        return self.child.exitstatus
