"""The service manager's end of sd_notify(3): a datagram socket, and servers that tell it how they are."""

import itertools
import os
import secrets as random
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.program import SCRATCH
from support.server import Server

# Only a hang reaches it.
PATIENCE_SECONDS = 45

_numbers = itertools.count()
_CREDENTIALS = struct.Struct("iii")
_TIME = struct.Struct("qq")
# Linux's number of it, which Python has no name for: when the datagram was sent, however late it is read.
_SO_TIMESTAMPNS = 35


@dataclass(frozen=True)
class Note:
    """One datagram: its assignments, the process that sent it, and when, by the kernel's clock."""

    fields: dict[str, str]
    pid: int
    at: float

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def __getitem__(self, name: str) -> str:
        return self.fields[name]


class Manager:
    """A notify socket, by a path or in the abstract namespace."""

    def __init__(self, abstract: bool = False):
        name = f"hv-notify-{os.getpid()}-{next(_numbers)}-{random.token_hex(4)}"
        self.path = None if abstract else Path(SCRATCH.name) / name
        self.address = f"@{name}" if abstract else str(self.path)
        self.notes: list[Note] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        for option in (socket.SO_PASSCRED, _SO_TIMESTAMPNS):
            self.socket.setsockopt(socket.SOL_SOCKET, option, 1)
        self.socket.bind(f"\0{name}" if abstract else self.address)
        if self.path:
            self.path.chmod(0o777)

    def close(self) -> None:
        self.socket.close()
        if self.path:
            self.path.unlink(missing_ok=True)

    def next(self, seconds: float = PATIENCE_SECONDS) -> Note:
        """The next datagram; TimeoutError where none comes."""
        self.socket.settimeout(seconds)
        data, ancillary, _, _ = self.socket.recvmsg(
            65536, socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(_TIME.size))
        told = {kind: value for _, kind, value in ancillary}
        pid = _CREDENTIALS.unpack(told[socket.SCM_CREDENTIALS])[0]
        seconds, nanoseconds = _TIME.unpack(told[_SO_TIMESTAMPNS])
        lines = data.decode().removesuffix("\n").split("\n")
        assert all("=" in line for line in lines), f"not assignments: {data}"
        note = Note(dict(line.split("=", 1) for line in lines), pid, seconds + nanoseconds / 1e9)
        assert len(note.fields) == len(lines), f"a name stands there twice: {data}"
        self.notes.append(note)
        return note

    def until(self, condition: Callable[[Note], bool], what: str, seconds: float = PATIENCE_SECONDS) -> Note:
        """Reads up to the first one of which it is true."""
        deadline = time.monotonic() + seconds
        try:
            while not condition(note := self.next(max(0.001, deadline - time.monotonic()))):
                continue
        except TimeoutError:
            raise AssertionError(f"never said: {what}; but {[note.fields for note in self.notes[-10:]]}") from None
        return note

    def said(self, name: str, value: str | None = None) -> Note:
        """Waits for this assignment, of whatever value where none is given."""
        return self.until(lambda note: name in note and value in (None, note[name]), f"{name}={value or '…'}")

    def status(self, *words: str, but: str | None = None) -> str:
        """Waits for a STATUS with all these words, and without that one; gives it."""
        return self.until(lambda note: "STATUS" in note and all(word in note["STATUS"] for word in words)
                          and (but is None or but not in note["STATUS"]), f"STATUS=…{words}")["STATUS"]

    def silence(self, seconds: float) -> None:
        """Waits until nothing has been said for so long."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                self.next(seconds)
            except TimeoutError:
                return
        raise AssertionError(f"it goes on: {[note.fields for note in self.notes[-3:]]}")

    def waiting(self) -> list[Note]:
        """What has come already and wasn't read."""
        found = []
        try:
            while True:
                found.append(self.next(0.001))
        except TimeoutError:
            return found


class Service(Server):
    """A server of a service manager, which is started once it says so itself.

    `watchdog` is in milliseconds; `watched` is who WATCHDOG_PID says it is for.
    """

    def __init__(self, program, database, *options: str, abstract: bool = False, watchdog: int | None = None,
                 watched: str | None = None, prefix: tuple[str, ...] = (), **env: str):
        self.manager = Manager(abstract)
        env["NOTIFY_SOCKET"] = self.manager.address
        if watchdog:
            env["WATCHDOG_USEC"] = str(watchdog * 1000)
        if watched:
            # As a shell expands it: $$ is the server's own number, for exec keeps it.
            prefix = ("sh", "-c", f'WATCHDOG_PID={watched} exec "$0" "$@"', *prefix)
        super().__init__(program, database, *options, prefix=prefix, **env)

    def start(self) -> "Service":
        self.launch()
        self.ready()
        return self

    def ready(self) -> Note:
        return self.manager.said("READY", "1")

    def beats(self, count: int) -> list[Note]:
        """The next so many signs of life."""
        return [self.manager.said("WATCHDOG", "1") for _ in range(count)]
