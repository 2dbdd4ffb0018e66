"""Which files a service sees and may write, as its unit says; the mounts are the caller's own already."""

import ctypes
import os

from support.unit_file import Section

libc = ctypes.CDLL(None, use_errno=True)

NOSUID, NODEV, NOEXEC, BIND, RECURSIVE, PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x40000
MOUNT_SETATTR, HERE, RECURSIVELY = 442, -100, 0x8000

DIRECTORIES = {"StateDirectory": "/var/lib", "LogsDirectory": "/var/log", "RuntimeDirectory": "/run"}
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
KEPT_IN_DEV = ("shm", "pts", "mqueue")


def ok(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    words = [word.encode() if word is not None else None for word in (source, target, kind)]
    ok(libc.mount(*words, ctypes.c_ulong(flags), data.encode() if data else None), f"mount {target}")


def read_only(path: str, on: bool) -> None:
    """A mount with all that is mounted below it."""
    given = (ctypes.c_uint64 * 4)(1 if on else 0, 0 if on else 1, 0, 0)
    ok(libc.syscall(MOUNT_SETATTR, HERE, path.encode(), RECURSIVELY, given, ctypes.sizeof(given)),
       f"mount_setattr {path}")


def own_devices() -> None:
    old, new = "/run/devices-of-all", "/dev"
    os.makedirs(old, exist_ok=True)
    mount(new, old, None, BIND | RECURSIVE)
    mount("dev", new, "tmpfs", NOSUID | NOEXEC, "mode=0755")
    for name in DEVICES:
        os.mknod(f"{new}/{name}", 0o020666, os.stat(f"{old}/{name}").st_rdev)
        os.chmod(f"{new}/{name}", 0o666)
    for name in filter(lambda name: os.path.isdir(f"{old}/{name}"), KEPT_IN_DEV):
        os.mkdir(f"{new}/{name}")
        mount(f"{old}/{name}", f"{new}/{name}", None, BIND | RECURSIVE)
    os.symlink("/proc/self/fd", f"{new}/fd")
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{new}/{name}")
    ok(libc.umount2(old.encode(), 2), "umount")
    os.rmdir(old)


def hide(*places: str) -> None:
    for place in places:
        if os.path.isdir(place) and not os.path.islink(place):
            mount("hidden", place, "tmpfs", NOSUID | NODEV | NOEXEC | 1, "mode=0")
        elif os.path.exists(place) and not os.path.islink(place):
            mount("/dev/null", place, None, BIND)


def arrange_mounts(unit: Section) -> None:
    """One after another, as later ones lie on top of earlier ones."""
    if unit.is_on("PrivateDevices"):
        own_devices()
    if unit.one("ProtectSystem") == "strict":
        kept = [f"{place}/{name}" for setting, place in DIRECTORIES.items() for name in unit.words(setting)]
        for path in kept:
            mount(path, path, None, BIND)
        read_only("/", True)
        for path in (*kept, "/dev", "/proc", "/sys"):
            read_only(path, False)
    if unit.is_on("PrivateTmp"):
        for path in ("/tmp", "/var/tmp"):
            mount("tmp", path, "tmpfs", NOSUID | NODEV, "mode=1777")
    if unit.is_on("ProtectHome"):
        hide("/home", "/root", "/run/user")
    if unit.is_on("ProtectKernelModules"):
        hide("/usr/lib/modules", "/lib/modules")
    if unit.has("ProtectProc") or unit.has("ProcSubset"):
        mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC,
              f"hidepid={unit.one('ProtectProc', 'off').replace('default', 'off')}"
              + (",subset=pid" if unit.one("ProcSubset") == "pid" else ""))
    if unit.is_on("ProtectKernelLogs"):
        hide("/dev/kmsg", "/proc/kmsg")
    if unit.is_on("ProtectKernelTunables"):
        for path in filter(os.path.isdir, ("/proc/sys", "/sys")):
            mount(path, path, None, BIND | RECURSIVE)
            read_only(path, True)
    if unit.is_on("ProtectControlGroups"):
        mount("/sys/fs/cgroup", "/sys/fs/cgroup", None, BIND | RECURSIVE)
        read_only("/sys/fs/cgroup", True)
