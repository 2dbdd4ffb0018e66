"""The installed unit, started as systemd would: its command, user, directories, limits and notify socket."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.machine import Machine
from support.ports import free_port
from support.program import ROOT, SCRATCH, until
from support.server import STOP_SECONDS
from support.signals import statuses
from support.unit_file import Section

CONFINE = (sys.executable, str(ROOT / "Tests/e2e/support/confine.py"))
UNIT = "/lib/systemd/system/havocctl.service"
CONFIGURATION = "/etc/havocctl/havocctl.conf"
START_SECONDS = 120


def unit_copy(machine: Machine) -> Path:
    """The unit where it can be read whatever is mounted."""
    copy = Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "havocctl.service"
    copy.write_bytes(machine.path(UNIT).read_bytes())
    return copy


def configure(machine: Machine, **settings: str) -> None:
    """Adds to the configuration, as an administrator would."""
    with machine.path(CONFIGURATION).open("a") as file:
        file.writelines(f"{name.replace('_', '-')} = {value}\n" for name, value in settings.items())


class Service:
    """On ports of its own, in a machine where the package is installed."""

    def __init__(self, machine: Machine, **settings: str):
        self.machine = machine
        self.unit = unit_copy(machine)
        self.section = Section.read(self.unit)
        self.stun = ("127.0.0.1", free_port())
        self.address = ("127.0.0.1", free_port())
        self.url = "http://{}:{}".format(*self.address)
        self.log_path = self.unit.with_name("log")
        self.told: list[str] = []
        self.before = machine.path(CONFIGURATION).read_bytes()
        configure(machine, listen="{}:{}".format(*self.address), stun="{}:{}".format(*self.stun),
                  attempt_limit="0", **settings)

    def start(self) -> "Service":
        self.notices = self.notify_socket()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*CONFINE, str(self.machine.pid), str(self.unit), *shlex.split(self.section.one("ExecStart"))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env=os.environ | {"NOTIFY_SOCKET": "/run/notify"})
        self.wait_for("READY=1")
        return self

    def notify_socket(self) -> socket.socket:
        path = self.machine.path("/run/notify")
        path.unlink(missing_ok=True)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        made.bind(str(path))
        path.chmod(0o777)
        made.settimeout(1)
        return made

    def wait_for(self, word: str, seconds: float = START_SECONDS) -> None:
        """Reads what the service manager is told until this line comes."""
        deadline = time.monotonic() + seconds
        while True:
            assert time.monotonic() < deadline, f"{word} wasn't told, but {self.told}\n{self.log()}"
            assert self.process.poll() is None, f"ended with {self.process.returncode}\n{self.log()}"
            try:
                lines = self.notices.recv(4096).decode().splitlines()
            except TimeoutError:
                continue
            self.told += lines
            if word in lines:
                return

    def signal(self, name: str) -> None:
        self.process.send_signal(getattr(signal, name))

    def stop(self) -> None:
        """As systemd does; by the time it has ended, so has its database."""
        self.signal("SIGTERM")
        try:
            assert self.process.wait(STOP_SECONDS) == 0, self.log()
        finally:
            self.close()
        left = [one["Name"] for one in statuses(self.machine.processes())]
        assert not {"havocctl", "postgres"} & set(left), left
        # Where it was stopped as soon as it was ready: pg_ctl looks ten times a second whether it is.
        until(lambda: not self.machine.processes(), "nothing is left running")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.notices.close()
        self.restore()

    def restore(self) -> None:
        """The configuration as it was."""
        self.machine.path(CONFIGURATION).write_bytes(self.before)

    def processes(self) -> list[int]:
        """The server, and the embedded database's."""
        return self.machine.processes()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")[-3000:]
