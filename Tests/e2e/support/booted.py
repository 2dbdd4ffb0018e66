"""A machine of a test's own with systemd running in it, as the first of its processes."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from support.machine import Machine
from support.program import SCRATCH, until

# Nothing of the host's is mounted or started: the units are those that basic.target wants.
BOOT = """
mount -t proc proc /proc
# As systemd does where it isn't in a container: credentials come into a service's mounts that way.
mount --make-rshared /
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
: >/etc/fstab
export container=test
exec /lib/systemd/systemd --system --unit=basic.target --log-target=journal
"""

NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup")
START_SECONDS = 60


class Booted(Machine):
    """Its init is a process of ours; its services are that one's children, and end with it."""

    def __init__(self):
        super().__init__()
        self.init: int | None = None
        self.console = Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "console"
        with open(self.console, "wb") as console:
            self.shell = subprocess.Popen(
                ["nsenter", f"--target={self.holder.pid}", "--mount", "--root", "--wd",
                 "unshare", *NAMESPACES, "--fork", "--kill-child", "bash", "-euc", BOOT],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True)

    def boot(self) -> "Booted":
        """Where control groups or namespaces can't be had, what this is for is skipped."""
        def is_up() -> bool:
            if self.shell.poll() is not None:
                pytest.skip("systemd can't be booted here: " + self.console.read_text()[-500:])
            children = Path(f"/proc/{self.shell.pid}/task/{self.shell.pid}/children").read_text().split()
            self.init = int(children[0]) if children else None
            return self.init is not None and self.state() in ("running", "degraded")
        until(is_up, "systemd is up", START_SECONDS)
        self.entered = NAMESPACES
        return self

    def state(self) -> str:
        """Asked in its namespaces, which a shell makes before systemd is there."""
        try:
            if Path(f"/proc/{self.init}/comm").read_text() != "systemd\n":
                return "starting"
        except OSError:
            return "starting"
        self.entered = NAMESPACES
        return self.run("systemctl", "is-system-running", check=False).stdout.strip()

    @property
    def pid(self) -> int:
        return self.init or self.holder.pid

    def systemctl(self, *words: str) -> str:
        done = self.run("systemctl", *words, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}\n{self.journal()}"
        return done.stdout.strip()

    def shows(self, unit: str, name: str) -> str:
        return self.systemctl("show", "--property", name, "--value", unit)

    def journal(self, *words: str) -> str:
        self.run("journalctl", "--sync")
        return self.says("journalctl", "--no-pager", "--unit", "havocctl.service", *words)

    def remove(self) -> None:
        self.shell.kill()
        self.shell.wait(60)
        self.init = None
        super().remove()
