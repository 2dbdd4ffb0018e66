"""One thread of a process stopped by ptrace(2), while its others run on."""

import ctypes
import os
from pathlib import Path

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000

_ptrace = ctypes.CDLL(None, use_errno=True).ptrace
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_ptrace.restype = ctypes.c_long


def threads(pid: int, name: str) -> list[int]:
    """The process' threads of this name, the first one apart."""
    return sorted(int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()
                  if int(path.name) != pid and (path / "comm").read_text().strip() == name)


def _call(request: int, thread: int) -> None:
    if _ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace({request:#x}, {thread})")


class Halted:
    """Stops the thread until the end of the block; begin and end belong into one thread of the test."""

    def __init__(self, thread: int):
        self.thread = thread

    def __enter__(self) -> "Halted":
        _call(SEIZE, self.thread)
        _call(INTERRUPT, self.thread)
        _, status = os.waitpid(self.thread, WALL)
        assert os.WIFSTOPPED(status), status
        return self

    def __exit__(self, *_) -> None:
        _call(DETACH, self.thread)
