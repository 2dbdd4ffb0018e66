"""What systemd refuses a service by seccomp, said to libseccomp in the same words."""

import ctypes
import errno
import socket
import subprocess
from collections.abc import Iterable
from functools import cache

ALLOW = 0x7FFF0000
REFUSE = 0x00050000  # With an errno.
NOT_EQUAL, EQUAL, GREATER, MASKED_EQUAL = 1, 4, 6, 7

NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00000080)
WRITABLE_AND_EXECUTABLE = 2 | 4
EXECUTABLE = 4
SHARED_EXECUTABLE = 0o100000
CREATES = 0o100
IDS = (0o4000, 0o2000)
HARMLESS_POLICIES = (0, 3, 5)
FAMILIES = 46


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
library.seccomp_init.restype = ctypes.c_void_p
library.seccomp_init.argtypes = [ctypes.c_uint32]
library.seccomp_rule_add_array.argtypes = [
    ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Comparison)]
library.seccomp_load.argtypes = library.seccomp_release.argtypes = [ctypes.c_void_p]


@cache
def members(group: str) -> frozenset[str]:
    """Every system call of a group, also of those inside."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True,
                          text=True, timeout=60).stdout
    found: set[str] = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= members(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return frozenset(found)


def expanded(words: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for word in words:
        found |= members(word) if word.startswith("@") else {word}
    return found


def allowed(lines: list[str]) -> set[str]:
    """What is left by SystemCallFilter=, whose first line lists what is allowed."""
    assert lines and not lines[0].startswith("~"), "a list of what is refused isn't what is used here"
    left = expanded(["@default"])
    for line in lines:
        words = line.removeprefix("~").split()
        left = left - expanded(words) if line.startswith("~") else left | expanded(words)
    return left


class Filter:
    """One that is put on top of those there are; the strictest answer counts."""

    def __init__(self, default: int = ALLOW):
        self.default = default
        self.context = library.seccomp_init(default)

    def rule(self, action: int, name: str, *comparisons: tuple[int, int, int, int]) -> None:
        number = library.seccomp_syscall_resolve_name(name.encode())
        # Negative is one of another processor's, or newer than the library.
        if number < 0 or action == self.default:
            return
        listed = (Comparison * len(comparisons))(*(Comparison(*one) for one in comparisons))
        done = library.seccomp_rule_add_array(self.context, action, number, len(comparisons), listed)
        assert done == 0, (name, done)

    def refuse(self, name: str, *comparisons: tuple[int, int, int, int], error: int = errno.EPERM) -> None:
        self.rule(REFUSE | error, name, *comparisons)

    def load(self) -> None:
        assert library.seccomp_load(self.context) == 0
        library.seccomp_release(self.context)


def refuse(names: Iterable[str]) -> None:
    made = Filter()
    for name in names:
        made.refuse(name)
    made.load()


def system_calls(lines: list[str], error: int) -> None:
    """A call that systemd doesn't know isn't there; one that it knows and doesn't allow is refused."""
    left = allowed(lines)
    made = Filter(REFUSE | errno.ENOSYS)
    for name in members("@known") | left:
        made.rule(ALLOW if name in left else REFUSE | error, name)
    made.load()


def architectures() -> None:
    """A filter answers calls of another architecture by killing; systemd's is the same."""
    Filter().load()


def address_families(names: Iterable[str]) -> None:
    kept = {int(getattr(socket, name)) for name in names}
    made = Filter()
    for family in set(range(FAMILIES)) - kept:
        made.refuse("socket", (0, EQUAL, family, 0), error=errno.EAFNOSUPPORT)
    made.refuse("socket", (0, GREATER, FAMILIES - 1, 0), error=errno.EAFNOSUPPORT)
    made.load()


def namespaces() -> None:
    made = Filter()
    made.refuse("clone3", error=errno.ENOSYS)
    made.refuse("setns", (1, EQUAL, 0, 0))
    for flag in NAMESPACES:
        made.refuse("unshare", (0, MASKED_EQUAL, flag, flag))
        made.refuse("clone", (0, MASKED_EQUAL, flag, flag))
        made.refuse("setns", (1, MASKED_EQUAL, flag, flag))
    made.load()


def realtime() -> None:
    made = Filter()
    for policy in range(7):
        if policy not in HARMLESS_POLICIES:
            made.refuse("sched_setscheduler", (1, EQUAL, policy, 0))
    made.refuse("sched_setscheduler", (1, GREATER, 6, 0))
    made.load()


def set_ids() -> None:
    made = Filter()
    made.refuse("openat2", error=errno.ENOSYS)
    for bit in IDS:
        for name, mode in {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2, "mknod": 1,
                           "mknodat": 2, "creat": 1}.items():
            made.refuse(name, (mode, MASKED_EQUAL, bit, bit))
        made.refuse("open", (1, MASKED_EQUAL, CREATES, CREATES), (2, MASKED_EQUAL, bit, bit))
        made.refuse("openat", (2, MASKED_EQUAL, CREATES, CREATES), (3, MASKED_EQUAL, bit, bit))
    made.load()


def personality() -> None:
    made = Filter()
    made.refuse("personality", (0, NOT_EQUAL, 0, 0))
    made.load()


def writable_code() -> None:
    made = Filter()
    made.refuse("mmap", (2, MASKED_EQUAL, WRITABLE_AND_EXECUTABLE, WRITABLE_AND_EXECUTABLE))
    made.refuse("mprotect", (2, MASKED_EQUAL, EXECUTABLE, EXECUTABLE))
    made.refuse("pkey_mprotect", (2, MASKED_EQUAL, EXECUTABLE, EXECUTABLE))
    made.refuse("shmat", (2, MASKED_EQUAL, SHARED_EXECUTABLE, SHARED_EXECUTABLE))
    made.load()
