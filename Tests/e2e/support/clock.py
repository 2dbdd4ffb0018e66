"""A server whose clock the test moves: libfaketime, which reads how far from a file."""

import ctypes
import os
import secrets as random
import struct
from pathlib import Path

from support.server import Server

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))

# Two counters, and three times that aren't known yet: what libfaketime shares among processes.
_SHARED = struct.pack("=QQ" + "qq" * 3, 0, 0, *(0, -1) * 3).ljust(256, b"\0")
_libc = ctypes.CDLL(None, use_errno=True)


class Shared:
    """The semaphore and the memory that libfaketime otherwise makes itself, and for which it changes the environment."""

    def __init__(self):
        self.name = f"/hv-clock-{os.getpid()}-{random.token_hex(4)}"
        _libc.sem_open.restype = ctypes.c_void_p
        made = _libc.sem_open(self.name.encode(), os.O_CREAT | os.O_EXCL, 0o600, 1)
        assert made, os.strerror(ctypes.get_errno())
        Path("/dev/shm" + self.name).write_bytes(_SHARED)

    def remove(self) -> None:
        _libc.sem_unlink(self.name.encode())
        Path("/dev/shm" + self.name).unlink()


class Shifted(Server):
    """The wall clock is moved, and the monotonic one isn't, as when an administrator sets the date."""

    def __init__(self, program, database, *options: str, directory: Path, **more):
        self.offset = directory / "offset"
        self.shared = Shared()
        self.move(0)
        super().__init__(program, database, *options, LD_PRELOAD=str(LIBRARIES[0]),
                         FAKETIME_SHARED=f"{self.shared.name} {self.shared.name}",
                         FAKETIME_TIMESTAMP_FILE=str(self.offset), FAKETIME_DONT_FAKE_MONOTONIC="1",
                         FAKETIME_NO_CACHE="1", **more)

    def move(self, seconds: int) -> None:
        """How far from the real time it is, from now on."""
        # In place of the old at once: a file that is empty for a moment would be no time at all.
        new = self.offset.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.rename(self.offset)

    def wait(self) -> int:
        try:
            return super().wait()
        finally:
            self.shared.remove()
