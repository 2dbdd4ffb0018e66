"""The Debian package of the program under test, and later versions of it."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.program import ROOT, SCRATCH

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: namespaces, users, dpkg")


def built(program: Path, temporary: pytest.TempPathFactory) -> Path:
    """Packed once for the run, whichever of its workers is the first."""
    shared = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    directory = shared / "deb"
    directory.mkdir(exist_ok=True)
    with open(shared / "deb.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(directory.glob("*.changes")):
            done = subprocess.run([ROOT / "tools/deb.sh", program, directory], capture_output=True, check=False,
                                  timeout=300)
            assert done.returncode == 0, done.stderr.decode()[-4000:]
    return next(directory.glob("*.deb"))


def field(package: Path, name: str) -> str:
    return subprocess.check_output(["dpkg-deb", "--field", package, name], text=True).strip()


def later(package: Path, version: str, **files: str) -> Path:
    """The same with a higher version, and these files changed."""
    place = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    tree = place / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub("(?m)^Version: .*", f"Version: {version}", control.read_text()))
    for path, text in files.items():
        (tree / path).write_text(text)
    made = place / f"havocctl_{version}.deb"
    subprocess.run(["dpkg-deb", "-Znone", "--build", tree, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return made
