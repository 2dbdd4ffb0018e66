"""Runs a command as systemd would run a service, with the unit's own restrictions, where no systemd is.

    confine.py PID UNIT COMMAND…    in the mounts of that process (0: ours)

Without a command it probes what it may do, and prints that. A setting that it doesn't know is an
error, lest one go unproved.
"""

import errno
import grp
import json
import os
import pwd
import resource
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import probes, syscalls
from support.mounts import DIRECTORIES, PRIVATE, RECURSIVE, arrange_mounts, libc, mount, ok
from support.unit_file import Section

NEW_MOUNTS, NEW_NAMES, NEW_USERS = 0x00020000, 0x04000000, 0x10000000
SET_NO_NEW_PRIVILEGES, DROP_BOUND = 38, 24
LAST_CAPABILITY = 40

# What the manager does itself, and what its control groups do, which is as good as nothing here.
NOT_OURS = {
    "Type", "NotifyAccess", "ExecStart", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus",
    "WatchdogSec", "TimeoutStartSec", "KillMode", "TimeoutStopSec", "KeyringMode", "DevicePolicy",
    "StateDirectoryMode", "LogsDirectoryMode", "RuntimeDirectoryMode", "SystemCallErrorNumber", "PrivateMounts",
}


def enter(pid: int) -> None:
    """The mounts and the root of another process."""
    mounts = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    ok(libc.setns(mounts, NEW_MOUNTS), "setns")
    os.close(mounts)
    os.chdir("/")


def make_directories(unit: Section, uid: int, gid: int) -> None:
    for setting, place in DIRECTORIES.items():
        for name in unit.words(setting):
            path = f"{place}/{name}"
            os.makedirs(path, exist_ok=True)
            os.chown(path, uid, gid)
            os.chmod(path, int(unit.one(setting + "Mode", "0755"), 8))


def load_credentials(unit: Section, uid: int, gid: int) -> str | None:
    """Those for which there is a file; LoadCredential= with a name looks in the credential stores."""
    place = "/run/credentials/havocctl.service"
    shutil.rmtree(place, ignore_errors=True)
    for given in unit.all("LoadCredential"):
        name, _, source = given.partition(":")
        found = Path("/etc/credstore") / (source or name)
        if source.startswith("/") or not found.is_file():
            assert not source.startswith("/"), f"the unit fails where there is no {source}"
            continue
        os.makedirs(place, exist_ok=True)
        shutil.copyfile(found, f"{place}/{name}")
        os.chown(f"{place}/{name}", uid, gid)
        os.chmod(f"{place}/{name}", 0o400)
    if not os.path.isdir(place):
        return None
    os.chown(place, uid, gid)
    os.chmod(place, 0o500)
    return place


def own_users(uid: int, gid: int) -> None:
    """Root, and the service's user: the others are nobody. Only from outside can both be mapped."""
    (asked, ask), target = os.pipe(), os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(ask)
        os.read(asked, 1)
        try:
            for kind, number in (("uid", uid), ("gid", gid)):
                Path(f"/proc/{target}/{kind}_map").write_text("".join(f"{one} {one} 1\n" for one in {0, number}))
        except OSError as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    ok(libc.unshare(NEW_USERS), "unshare")
    os.write(ask, b"!")
    assert os.waitpid(helper, 0)[1] == 0, "the users aren't mapped"
    os.close(asked)
    os.close(ask)


def lower(unit: Section, user: pwd.struct_passwd) -> None:
    if unit.is_on("PrivateUsers"):
        own_users(user.pw_uid, user.pw_gid)
    if unit.has("CapabilityBoundingSet"):
        assert not unit.words("CapabilityBoundingSet")
        for number in range(LAST_CAPABILITY + 1):
            ok(libc.prctl(DROP_BOUND, number, 0, 0, 0), "prctl")
    if user.pw_uid != 0:
        os.setgroups([user.pw_gid])
        os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
        os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    if unit.is_on("NoNewPrivileges"):
        ok(libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


# In the order in which systemd does it. The last may forbid what the others need.
FILTERS = {
    "RestrictAddressFamilies": lambda unit: syscalls.address_families(unit.words("RestrictAddressFamilies")),
    "MemoryDenyWriteExecute": lambda _: syscalls.writable_code(),
    "RestrictRealtime": lambda _: syscalls.realtime(),
    "RestrictSUIDSGID": lambda _: syscalls.set_ids(),
    "RestrictNamespaces": lambda _: syscalls.namespaces(),
    "ProtectHostname": lambda _: syscalls.refuse(["sethostname", "setdomainname"]),
    "ProtectKernelTunables": lambda _: syscalls.refuse(["_sysctl"]),
    "ProtectKernelModules": lambda _: syscalls.refuse(syscalls.members("@module")),
    "ProtectKernelLogs": lambda _: syscalls.refuse(["syslog"]),
    "ProtectClock": lambda _: syscalls.refuse(syscalls.members("@clock")),
    "PrivateDevices": lambda _: syscalls.refuse(syscalls.members("@raw-io")),
    "SystemCallArchitectures": lambda _: syscalls.architectures(),
    "LockPersonality": lambda _: syscalls.personality(),
    "SystemCallFilter": lambda unit: syscalls.system_calls(
        unit.all("SystemCallFilter"), getattr(errno, unit.one("SystemCallErrorNumber", "EPERM"))),
}
DONE = NOT_OURS | set(FILTERS) | set(DIRECTORIES) | {
    "User", "Group", "LoadCredential", "UMask", "LimitNOFILE", "CapabilityBoundingSet", "AmbientCapabilities",
    "NoNewPrivileges", "PrivateUsers", "ProtectSystem", "ProtectHome", "PrivateTmp", "ProtectProc", "ProcSubset",
    "ProtectControlGroups"}


def environment(unit: Section, user: pwd.struct_passwd, credentials: str | None) -> dict[str, str]:
    """What systemd gives to a service, and what the caller gives in its place."""
    made = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "HOME": user.pw_dir,
            "USER": user.pw_name, "LOGNAME": user.pw_name, "SHELL": user.pw_shell}
    for setting, place in DIRECTORIES.items():
        if unit.words(setting):
            name = setting.removesuffix("Directory").upper() + "_DIRECTORY"
            made[name] = ":".join(f"{place}/{word}" for word in unit.words(setting))
    if credentials:
        made["CREDENTIALS_DIRECTORY"] = credentials
    if unit.has("WatchdogSec"):
        made |= {"WATCHDOG_USEC": str(int(unit.seconds("WatchdogSec") * 1e6)), "WATCHDOG_PID": str(os.getpid())}
    return made | {name: os.environ[name] for name in ("NOTIFY_SOCKET", "JOURNAL_STREAM") if name in os.environ}


def confine(unit: Section) -> dict[str, str]:
    """Restricts this process, for good; gives the environment of what runs in it."""
    assert not (unknown := set(unit.values) - DONE), f"not proved: {unknown}"
    user = pwd.getpwnam(unit.one("User", "root"))
    assert grp.getgrgid(user.pw_gid).gr_name == unit.one("Group", "root")
    # They read files that may be out of reach afterwards.
    syscalls.allowed(unit.all("SystemCallFilter") or ["@default"])
    for group in ("@known", "@module", "@clock", "@raw-io"):
        syscalls.members(group)
    make_directories(unit, user.pw_uid, user.pw_gid)
    variables = environment(unit, user, load_credentials(unit, user.pw_uid, user.pw_gid))
    ok(libc.unshare(NEW_MOUNTS | (NEW_NAMES if unit.is_on("ProtectHostname") else 0)), "unshare")
    mount(None, "/", None, RECURSIVE | PRIVATE)
    arrange_mounts(unit)
    os.chdir("/")
    if unit.has("LimitNOFILE"):
        # A container's root may not raise it.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(int(unit.one("LimitNOFILE")), most),) * 2)
    os.umask(int(unit.one("UMask", "0022"), 8))
    lower(unit, user)
    for setting, load in FILTERS.items():
        if unit.has(setting):
            load(unit)
    return variables


def main(pid: int, path: str, *command: str) -> None:
    unit = Section.read(Path(path))
    if pid:
        enter(pid)
    variables = confine(unit)
    if command:
        os.execvpe(command[0], command, variables)
    json.dump(probes.all_of_them(), sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
