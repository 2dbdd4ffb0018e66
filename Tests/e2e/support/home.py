"""A directory for an embedded cluster, and the program run as its owner."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support.api import Account, new_account
from support.program import SCRATCH, Ctl, until
from support.server import Server
from support.signals import signal_all

AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")

class Home:
    """One of an ordinary user, or root's, whose cluster user postgres runs."""

    def __init__(self, program: Path, kind: str):
        self.kind = kind
        # Short: a socket's path has room for 107 bytes.
        self.path = Path(tempfile.mkdtemp(prefix="hv-", dir="/tmp"))
        self.path.chmod(0o755)
        self.prefix: tuple[str, ...] = ()
        self.owner = pwd.getpwuid(os.geteuid()).pw_name
        self.env = {"HOME": str(self.path)}
        if kind == "root":
            self.owner = "postgres"
            self.env["STATE_DIRECTORY"] = str(self.path)
        elif os.geteuid() == 0:
            self.owner = "nobody"
            self.prefix = AS_NOBODY
            os.chown(self.path, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        self.program = self.reachable(program)
        self.ctl = Ctl(self.program, None, **self.env)

    def reachable(self, program: Path) -> Path:
        """The program where this user may run it: a checkout may lie where only its owner may go."""
        if not self.prefix or subprocess.run([*self.prefix, "test", "-x", program], check=False).returncode == 0:
            return program
        copied = Path(tempfile.mkdtemp(dir=SCRATCH.name))
        copied.chmod(0o755)
        return Path(shutil.copy(program, copied / "havocctl"))

    def run(self, *words, **options):
        return self.ctl.ok(*words, prefix=self.prefix, **options)

    def json(self, *words, **options):
        return self.ctl.json(*words, prefix=self.prefix, **options)

    def fails(self, status, *words, **options):
        return self.ctl.fails(status, *words, prefix=self.prefix, **options)

    def serve(self) -> Server:
        return Server(self.program, None, prefix=self.prefix, **self.env).start()

    def create(self) -> Account:
        made = new_account()
        self.run("user", "create", made.username, "--password-stdin", input=made.password)
        return made

    def data(self) -> list[Path]:
        """Every cluster under this directory."""
        return [path.parent.parent for path in self.path.rglob("global/pg_control")]

    def masters(self) -> list[int]:
        """The postmasters that run; one that was killed and not yet collected doesn't."""
        found = []
        for path in self.path.rglob("postmaster.pid"):
            try:
                pid = int(path.read_text().split("\n")[0])
                state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
                command = Path(f"/proc/{pid}/cmdline").read_text()
            except (ValueError, OSError):
                continue
            if state != "Z" and "postgres" in command:
                found.append(pid)
        return found

    def stop(self) -> None:
        """Ends its cluster, whoever uses it."""
        signal_all(self.masters(), signal.SIGQUIT)
        until(lambda: not self.masters(), "the cluster is down")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.path, ignore_errors=True)
