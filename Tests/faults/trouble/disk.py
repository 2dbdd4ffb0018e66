"""A small file system in memory, which can be filled and given room again."""

import errno
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a file system needs root")


class Disk:
    def __init__(self, mebibytes: int, path: Path | None = None, owner: str | None = None):
        self.is_ours = path is None
        self.path = path or Path(tempfile.mkdtemp(prefix="hv-disk-", dir="/tmp"))
        status = self.path.stat()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0755", "tmpfs", self.path],
                       check=True, timeout=30)
        if owner:
            shutil.chown(self.path, owner, owner)
        else:
            os.chown(self.path, status.st_uid, status.st_gid)
        self.ballast = self.path / "ballast"

    def __enter__(self) -> "Disk":
        return self

    def __exit__(self, *_) -> None:
        subprocess.run(["umount", "--lazy", self.path], check=True, timeout=30)
        if self.is_ours:
            self.path.rmdir()

    def fill(self) -> None:
        """To the last byte."""
        with open(self.ballast, "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    assert error.errno == errno.ENOSPC, error

    def make_room(self) -> None:
        self.ballast.unlink()
