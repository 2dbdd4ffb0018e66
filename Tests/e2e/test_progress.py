"""Progress bars: on a terminal's standard error, from the first half second on, and gone in the end."""

import os
import re
import signal
import time
from pathlib import Path

import pexpect
import pytest

from support.caught import Holder, Running
from support.program import until
from support.screen import Screen
from support.terminal import Terminal

COUNT = 300_000
BAR = "[█▏▎▍▌▋▊▉░]"


class Pipe:
    """Accounts that come as long as they are wanted."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = path
        # For reading too, so that it needn't wait for a reader.
        self.descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.rows = 0
        self.write("username,email,first_name\n")

    def write(self, text: str) -> None:
        """All of it or nothing, as a pipe takes less than a page."""
        os.write(self.descriptor, text.encode())

    def feed(self) -> None:
        try:
            self.write("".join(f"piped{n},,Somebody\n" for n in range(self.rows, self.rows + 50)))
            self.rows += 50
        except BlockingIOError:
            pass  # It is full.

    def feed_until(self, condition) -> None:
        def there():
            self.feed()
            return condition()
        until(there, "a bar", 20, pause=0.01)

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor = -1


def readers(path) -> list[int]:
    """Who has the file open."""
    found = []
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == str(path):
                found.append(int(link.parts[2]))
        except OSError:
            continue  # It was closed meanwhile.
    return found


def hold_up(path) -> None:
    """Makes who reads this file take longer than the half second before a bar."""
    reader, = until(lambda: readers(path), "the file is read", 20, pause=0)
    os.kill(reader, signal.SIGSTOP)
    time.sleep(0.6)
    os.kill(reader, signal.SIGCONT)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "large.csv"
    path.write_text("username,email,first_name\n" + "".join(
        f"person{n},person{n}@example.org,Somebody\n" for n in range(COUNT)))
    return path


@pytest.fixture
def pipe(tmp_path):
    made = Pipe(tmp_path / "people")
    yield made
    made.close()


@pytest.fixture
def importing(ctl, new_screen, pipe):
    """A screen with an import under way, and its bar on it."""
    def start(*options, **more) -> Screen:
        screen = new_screen("user", "import", pipe.path, "--format", "csv", *options, **more)
        pipe.feed_until(lambda: "importing" in screen.text())
        return screen
    return start


def assert_gone(screen: Screen, status: int, wanted: str) -> None:
    """Ends with nothing of the bar left, but what is wanted."""
    assert screen.ends() == status, screen.text()
    left = screen.shows(wanted)
    assert not re.search(BAR, left) and "importing" not in left, left
    assert screen.scrolled() == 0, "it has pushed lines off the screen"


def test_what_a_bar_says(ctl, large):
    terminal = Terminal(ctl, "user", "import", large, "--dry-run")
    hold_up(large)
    terminal.asks("importing users")
    assert terminal.ends() == 0, terminal.seen
    drawn = [line for line in re.split(r"\r\n|\r|\x1b\[[0-9]*[A-Z]", terminal.seen) if "importing" in line]
    shares = [int(found[1]) for line in drawn if (found := re.search(r"(\d+) %", line))]
    assert shares and shares == sorted(shares) and 0 <= shares[0] and shares[-1] <= 100, shares
    assert [line for line in drawn if re.fullmatch(
        rf"importing users +\d+ % +{BAR}+ +[\d,]+ +[\d,]+/s +\d+ s left *", line)], drawn
    assert all(len(line) < 120 for line in drawn), drawn


def test_in_a_pipe_there_is_none(ctl, large):
    with Running(ctl, "user", "import", large, "--dry-run", "-o", "plain") as running:
        hold_up(large)
        done = running.ends()
    assert done.stdout == f"{COUNT}\t0\t0\n"
    assert not re.search(BAR, done.stderr) and "\r" not in done.stderr and "\x1b" not in done.stderr
    assert "importing" not in done.stderr


@pytest.mark.parametrize("columns", [120, 40, 20])
def test_it_is_one_line_while_it_lasts(importing, pipe, columns):
    screen = importing("--dry-run", columns=columns)
    for _ in range(20):
        pipe.feed()
        assert sum(bool(line) for line in screen.lines()) == 1, screen.text()
    pipe.close()
    assert_gone(screen, 0, str(pipe.rows))


def test_it_fits_a_narrow_terminal(new_screen, large):
    screen = new_screen("user", "import", large, "--dry-run", columns=50)
    hold_up(large)
    assert_gone(screen, 0, str(COUNT))


def test_it_goes_when_the_import_fails(importing, pipe):
    screen = importing(columns=120)
    pipe.write("x;y,nope,z\n")
    pipe.close()
    assert_gone(screen, 1, f"line {pipe.rows + 2}, column 1:")


def test_it_goes_with_ctrl_c(importing):
    screen = importing(columns=120)
    screen.keys("C-c")
    assert_gone(screen, 130, "interrupted")


def test_it_is_standard_errors_terminal_that_counts(ctl, pipe):
    child = pexpect.spawn("bash", ["-c", '"$0" user import "$1" --format csv --dry-run >/dev/null', str(ctl.program),
                                   str(pipe.path)], env=ctl.env | {"TERM": "xterm"}, encoding="utf-8", timeout=60)
    pipe.feed_until(lambda: child.expect(["importing users", pexpect.TIMEOUT], timeout=0.01) == 0)
    pipe.close()
    child.expect(pexpect.EOF)


@pytest.mark.parametrize("command", [("user", "list"), ("exercise", "seed", "--dry-run"), ("user", "export")])
def test_what_is_quick_has_none(ctl, command):
    terminal = Terminal(ctl, *command)
    assert terminal.ends() == 0
    assert not re.search(BAR, terminal.seen), terminal.seen


def test_a_dumb_terminal_gets_no_escapes(ctl, large):
    terminal = Terminal(ctl, "user", "import", large, "--dry-run", env={"TERM": "dumb"})
    hold_up(large)
    assert terminal.ends() == 0
    assert "\x1b" not in terminal.seen, terminal.seen[-300:]


def test_nothing_of_a_backups_stays(ctl, database, new_screen, tmp_path):
    with Holder(database, "LOCK TABLE account") as holder:
        screen = new_screen("db", "backup", tmp_path / "out.dump", columns=120)
        holder.catch()
        holder.release()
    assert_gone(screen, 0, "out.dump")
