"""What a service's restrictions forbid, tried; each answer is a word for what came of it.

System calls get arguments that no kernel takes, so that nothing happens even where they are allowed:
the kernel's own answer differs from a filter's.
"""

import ctypes
import errno
import mmap
import os
import platform
import signal
import socket
import tempfile
from pathlib import Path

from support import syscalls

libc = ctypes.CDLL(None, use_errno=True)
NOWHERE = ctypes.c_void_p(1)

# getpid by way of i386's gate: mov eax, 20; int 0x80; ret.
I386_CALL = bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3])


def word(call) -> str:
    """The errno of what a call says, or `done`."""
    try:
        result = call()
    except OSError as error:
        return errno.errorcode[error.errno]
    if isinstance(result, int) and result < 0:
        return errno.errorcode[ctypes.get_errno()]
    return "done"


def refused(name: str, *arguments) -> str:
    """By its number: the library's function may look at what it is given."""
    number = syscalls.library.seccomp_syscall_resolve_name(name.encode())
    return word(lambda: libc.syscall(number, *arguments))


def written(path: str) -> str:
    def write() -> None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
        os.unlink(path)
    return word(write)


def writable(path: str) -> str:
    """Whether it may be, not whether anybody would."""
    return word(lambda: libc.access(path.encode(), os.W_OK))


def set_user_id() -> None:
    with tempfile.TemporaryFile(dir="/dev/shm") as file:
        os.fchmod(file.fileno(), 0o4755)


def opened(family: int) -> str:
    def opening() -> None:
        socket.socket(family, socket.SOCK_RAW if family == socket.AF_PACKET else socket.SOCK_DGRAM).close()
    return word(opening)


def writable_code() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def executable_memory() -> int:
    """What a just-in-time compiler does: written first, and then made executable."""
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return libc.mprotect(ctypes.c_void_p(address), mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC)


def other_architecture() -> str:
    """A call of i386, from a process that may be killed for it."""
    if platform.machine() != "x86_64":
        return "killed"
    child = os.fork()
    if child == 0:
        with tempfile.TemporaryFile(dir="/dev/shm") as file:
            file.write(I386_CALL.ljust(mmap.PAGESIZE, b"\0"))
            file.flush()
            code = mmap.mmap(file.fileno(), mmap.PAGESIZE, flags=mmap.MAP_PRIVATE,
                             prot=mmap.PROT_READ | mmap.PROT_EXEC)
            libc.mmap.restype = ctypes.c_void_p
            address = libc.mmap(None, ctypes.c_size_t(mmap.PAGESIZE), 5, 2, file.fileno(), ctypes.c_long(0))
            code.close()
            ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS else "done"


def field(name: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(name + ":"))


def devices() -> str:
    return "few" if set(os.listdir("/dev")) <= {
        "null", "zero", "full", "random", "urandom", "tty", "shm", "pts", "mqueue", "fd", "stdin", "stdout",
        "stderr"} else "all"


def listed(path: str) -> str:
    try:
        return "some" if os.listdir(path) else "none"
    except OSError as error:
        return errno.errorcode[error.errno]


def all_of_them() -> dict[str, str]:
    """A probe that needs /proc comes before none: they change nothing."""
    return {
        "no new privileges": field("NoNewPrivs"),
        "capabilities to gain": field("CapBnd").strip("0") or "none",
        "ambient capabilities": field("CapAmb").strip("0") or "none",
        "mount": refused("mount", None, NOWHERE, None, 0, None),
        "swapon": refused("swapon", NOWHERE, 0),
        "ptrace": refused("ptrace", 16, -1, None, None),
        "setpriority": refused("setpriority", 99, 0, 0),
        "chown": refused("fchownat", -1, NOWHERE, 0, 0, 0),
        "keyctl": refused("keyctl", 99, 0, 0, 0, 0),
        "set the clock": refused("clock_settime", 0, NOWHERE),
        "load a module": refused("finit_module", -1, NOWHERE, 0),
        "raw input and output": refused("iopl", 99),
        "the kernel's log": refused("syslog", 99, None, 0),
        "name the host": refused("sethostname", NOWHERE, 4),
        "unshare": refused("unshare", 0x10000000 | 0x1),
        "personality": refused("personality", 0x0040000),
        "real time": refused("sched_setscheduler", 0, 1, NOWHERE),
        "set-user-id": word(set_user_id),
        "writable code": word(writable_code),
        "executable memory": word(executable_memory),
        "i386": other_architecture(),
        "AF_PACKET": opened(socket.AF_PACKET),
        "AF_NETLINK": opened(socket.AF_NETLINK),
        "AF_UNIX": opened(socket.AF_UNIX),
        "AF_INET": opened(socket.AF_INET),
        "AF_INET6": opened(socket.AF_INET6),
        "write /usr": written("/usr/probed"),
        "write /etc": written("/etc/probed"),
        "write the state": written("/var/lib/havocctl/probed"),
        "write the log": written("/var/log/havocctl/probed"),
        "write /run/havocctl": written("/run/havocctl/probed"),
        "/root": listed("/root"),
        "/home": listed("/home"),
        "/tmp": listed("/tmp"),
        "devices": devices(),
        "modules": listed("/usr/lib/modules"),
        "/proc/1": "seen" if os.path.exists("/proc/1") else "hidden",
        "/proc/meminfo": "seen" if os.path.exists("/proc/meminfo") else "hidden",
        "/proc/sys": writable("/proc/sys/kernel/printk"),
        "/sys": writable("/sys/kernel"),
        "control groups": writable("/sys/fs/cgroup"),
        "users": str(len(Path("/proc/self/uid_map").read_text().splitlines()))
                 + " " + Path("/proc/self/uid_map").read_text().split()[2],
        "mask": f"{os.umask(0):04o}",
    }
