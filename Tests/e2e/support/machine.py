"""A Debian of a test's own: this one's files with a layer on top that takes every change, or a fresh one.

Its mounts are in a namespace that goes with the process that holds it, so nothing is left behind
whichever way the tests end.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from support.signals import signal_all

# On top of the machine's own files, which are only read.
LAYERED = """
mount -t tmpfs -o mode=0755 machine "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" machine "$1/root"
"""

# Where a file system is that takes no layer.
FRESH = """
mount -t tmpfs -o mode=0755 machine "$1"
mkdir -p "$1/root" /var/cache/apt/archives
debootstrap --variant=minbase --cache-dir=/var/cache/apt/archives --include=man-db,systemd,ca-certificates \\
  bookworm "$1/root" >&2
rm "$1/root/etc/apt/sources.list"
cp -a /etc/apt/. "$1/root/etc/apt/"
cp -L /etc/resolv.conf "$1/root/etc/resolv.conf"
mount --bind /proc "$1/root/proc"
printf '#!/bin/sh\\nexit 101\\n' >"$1/root/usr/sbin/policy-rc.d"
chmod +x "$1/root/usr/sbin/policy-rc.d"
chroot "$1/root" sh -ec 'apt-get update -qq; apt-get install -qq --no-install-recommends postgresql' >&2
umount "$1/root/proc"
mount --bind "$1/root" "$1/root"
"""

HOLD = """
for place in proc sys dev; do mount --rbind "/$place" "$1/root/$place"; done
mount -t tmpfs -o mode=1777 machine "$1/root/tmp"
mount -t tmpfs -o mode=0755 machine "$1/root/run"
mkdir "$1/root/run/lock"
# An image's way to keep packages from starting anything.
rm -f "$1/root/usr/sbin/policy-rc.d"
cd "$1/root"
# A process with another root than that of its mounts may make no namespace of users.
pivot_root . .
umount -l .
echo held
exec cat
"""

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root",
               "DEBIAN_FRONTEND": "noninteractive"}

# Images without a manual tell dpkg to leave these out.
KEEP_ALL = ("--path-include=/usr/share/man/*", "--path-include=/usr/share/doc/*")


def can_layer() -> bool:
    """Whether the kernel and whoever runs this let a layer be put on the root."""
    with tempfile.TemporaryDirectory(prefix="hv-m-", dir="/tmp") as place:
        tried = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec", LAYERED, "sh", place],
                               check=False, capture_output=True, timeout=60)
        return tried.returncode == 0


class Machine:
    """Nothing runs in it but what a test starts; the network is the host's."""

    entered: tuple[str, ...] = ("--mount",)

    def __init__(self, layered: bool | None = None):
        self.layered = can_layer() if layered is None else layered
        self.place = tempfile.mkdtemp(prefix="hv-m-", dir="/tmp")
        script = (LAYERED if self.layered else FRESH) + HOLD
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "bash", "-euc", script, "bash", self.place],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ENVIRONMENT)
        if self.holder.stdout.readline() != b"held\n":
            self.holder.wait(60)
            os.rmdir(self.place)
            raise AssertionError("the machine can't be made; see standard error")

    @property
    def pid(self) -> int:
        """Of the process whose root and mounts are the machine's."""
        return self.holder.pid

    def path(self, path: str) -> Path:
        return Path(f"/proc/{self.pid}/root{path}")

    def run(self, *words: str, check: bool = True, input: str = "") -> subprocess.CompletedProcess:
        done = subprocess.run(
            ["nsenter", f"--target={self.pid}", *self.entered, "--root", "--wd", *words], input=input,
            capture_output=True, text=True, check=False, timeout=300, env=ENVIRONMENT)
        assert done.returncode == 0 or not check, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def says(self, *words: str) -> str:
        return self.run(*words).stdout.strip()

    def install(self, package: Path, *options: str) -> str:
        """What dpkg says while it installs or upgrades; what the package needs is there."""
        shutil.copy(package, self.path("/run") / package.name)
        if not self.layered:
            needs = subprocess.check_output(["dpkg-deb", "--field", package, "Depends"], text=True)
            self.run("apt-get", "satisfy", "-qq", "--no-install-recommends", needs)
        done = self.run("dpkg", "--force-unsafe-io", *KEEP_ALL, *options, "--install", f"/run/{package.name}")
        self.path(f"/run/{package.name}").unlink()
        return done.stdout + done.stderr

    def files(self, *places: str) -> set[str]:
        """Every path below these, hidden mounts left out."""
        there = [place for place in places if self.path(place).exists()]
        return set(self.says("find", *there, "-xdev").splitlines()) if there else set()

    def processes(self) -> list[int]:
        """Whose root is this one, however they were started; all but whoever holds it."""
        root = self.path("/").stat()
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                where = os.stat(f"/proc/{name}/root/")
            except OSError:
                continue  # It has ended.
            is_here = (where.st_dev, where.st_ino) == (root.st_dev, root.st_ino)
            if is_here and int(name) not in (self.pid, self.holder.pid):
                found.append(int(name))
        return found

    def remove(self) -> None:
        signal_all(self.processes(), signal.SIGKILL)
        self.holder.stdin.close()
        self.holder.wait(60)
        os.rmdir(self.place)
