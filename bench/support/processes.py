"""Processes that a run starts: every one ends with it, and what each costs can be told."""

import os
import pwd
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ProcessFailed(Exception):
    """A process that a run needs ended early, or never answered."""


@dataclass
class Processes:
    """The long-running processes of a run, each the head of a process group of its own."""

    running: list[subprocess.Popen] = field(default_factory=list)
    _farewells: dict[int, int] = field(default_factory=dict)

    def start(
        self,
        argv: list[str | Path],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        cwd: Path | str = "/",
        user: str | None = None,
        farewell: int = signal.SIGTERM,
    ) -> subprocess.Popen:
        """Starts a process whose output goes to a log that may be cut short while it runs.

        The farewell is the signal that ends it.
        """
        account = pwd.getpwnam(user) if user else None
        identity = (
            {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        )
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                start_new_session=True,
                **identity,
            )
        self.running.append(process)
        self._farewells[process.pid] = farewell
        return process

    def stop(self, process: subprocess.Popen, patience: float = 10) -> None:
        """Ends a process, and whatever is left of its group."""
        if process.poll() is None:
            process.send_signal(self._farewells[process.pid])
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        if process in self.running:
            self.running.remove(process)

    def stop_all(self) -> None:
        """Ends everything, the latest first."""
        for process in reversed(list(self.running)):
            self.stop(process, patience=5)


def run(
    argv: list[str | Path],
    *,
    timeout: float = 120,
    text: str | None = None,
    env: dict[str, str] | None = None,
    user: str | None = None,
    cwd: Path | str = "/",
) -> str:
    """Runs a command to its end and returns its standard output.

    Raises ProcessFailed with what it said when it fails or takes too long. Its whole group ends
    with it, also when this process is interrupted.
    """
    words = [str(word) for word in argv]
    account = pwd.getpwnam(user) if user else None
    identity = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    )
    process = subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        start_new_session=True,
        **identity,
    )
    try:
        output, errors = process.communicate(text, timeout)
    except BaseException as problem:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        if isinstance(problem, subprocess.TimeoutExpired):
            raise ProcessFailed(f"{' '.join(words)}: no end after {timeout:g} s") from None
        raise
    if process.returncode != 0:
        raise ProcessFailed(
            f"{' '.join(words)[:300]}: status {process.returncode}: {errors.strip()[-2000:]}"
        )
    return output


@dataclass
class Course:
    """What became of a command that ran to its end."""

    output: str
    seconds: float
    # The most memory that was resident.
    peak: int


def run_watched(
    argv: list[str | Path], *, timeout: float = 300, env: dict[str, str] | None = None
) -> Course:
    """Runs a command as `run` does, and looks at its memory all the while.

    Not at ru_maxrss, in which a child begins with what its parent has.
    """
    words = [str(word) for word in argv]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env={**os.environ, **(env or {})},
            cwd="/",
            start_new_session=True,
        )
        peak = 0
        handle = os.pidfd_open(process.pid)
        try:
            while not select.select([handle], [], [], 0.01)[0]:
                try:
                    peak = max(peak, peak_bytes(process.pid))
                except (IndexError, OSError):
                    # It is ending: its memory has gone before it has.
                    continue
                if time.perf_counter() - start > timeout:
                    raise ProcessFailed(f"{' '.join(words)[:300]}: no end after {timeout:g} s")
            seconds = time.perf_counter() - start
        finally:
            os.close(handle)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            said = errors.read().decode(errors="replace").strip()[-2000:]
            raise ProcessFailed(f"{' '.join(words)[:300]}: status {process.returncode}: {said}")
        return Course(output.read().decode(), seconds, peak)


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(int(entry))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def cpu_seconds(root: int) -> float:
    """The processor time that a process tree has used, that of its reaped children included."""
    ticks = 0
    for pid in tree(root):
        fields = _stat(pid)
        if fields:
            # utime, stime, cutime, cstime: fields 14 to 17 of proc(5).
            ticks += sum(int(value) for value in fields[11:15])
    return ticks / _TICKS


def resident_bytes(pid: int) -> int:
    """The memory of one process that is in use and not swapped out."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


def peak_bytes(pid: int) -> int:
    """The most that it has been since "5" was last written to its clear_refs; see proc(5)."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on; None for a process that has gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may hold anything, spaces included.
    return text[text.rindex(")") + 2 :].split()


def wait_until(ready, what: str, patience: float = 20, pause: float = 0.02):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + patience
    while True:
        answer = ready()
        if answer:
            return answer
        if time.monotonic() > end:
            raise ProcessFailed(f"{what}: not ready after {patience:g} s")
        time.sleep(pause)
