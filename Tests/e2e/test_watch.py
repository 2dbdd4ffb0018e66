"""`--watch`: answers again and again, on a screen and through a pipe."""

import json
import re
import signal
import subprocess
from contextlib import contextmanager

import pytest

from support.api import new_account
from support.program import until
from support.repl import locked, waiting

READERS = [
    ("user", "list"), ("permission", "list"), ("session", "list"), ("token", "list"), ("ban", "list"),
    ("exercise", "list"), ("group", "list"), ("stream", "list"), ("conversation", "list"), ("tweet", "list"),
    ("integers", "list"), ("key", "list"), ("audit", "list"), ("db", "status"), ("config", "show"), ("status",),
    ("doctor",), ("user", "show", "{user}")]

CHANGERS = [
    ("user", "create", "x", "--no-password"), ("user", "ensure", "x", "--no-password"), ("user", "edit", "{user}"),
    ("user", "delete", "{user}", "--yes"), ("user", "lock", "{user}"), ("user", "passwd", "{user}", "--generate-password"),
    ("permission", "create", "9", "X"), ("session", "revoke", "--all"), ("session", "prune"), ("token", "issue", "{user}"),
    ("ban", "add", "192.0.2.1"), ("exercise", "seed"), ("exercise", "import", "-"), ("group", "create", "x"),
    ("key", "rotate"), ("db", "migrate"), ("db", "shell"), ("audit", "tail"), ("serve",), ("repl",)]


@contextmanager
def watching(ctl, *words):
    """Runs it into a pipe."""
    with subprocess.Popen([str(ctl.program), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=ctl.env, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def interrupted(process) -> str:
    """Ends it; gives what it said on standard error."""
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    return said.decode()


@pytest.mark.parametrize("words", CHANGERS)
def test_a_change_is_not_watched(ctl, user, words):
    failed = ctl.fails(2, *(word.format(user=user.username) for word in words), "--watch", "1", timeout=20)
    assert "--watch" in failed.stderr


@pytest.mark.parametrize("seconds", ["0", "0.05", "-1", "86401", "1e9", "abc", "", "nan", "inf", "1s2", "0x1"])
def test_a_pause_that_is_none(ctl, seconds):
    ctl.fails(2, "permission", "list", f"--watch={seconds}", timeout=20)


def test_a_pause_is_wanted(ctl):
    ctl.fails(2, "permission", "list", "--watch")


@pytest.mark.parametrize("words", READERS)
def test_what_reads_is_watched(ctl, user, words):
    words = [word.format(user=user.username) for word in words]
    header = ctl.run(*words, "-o", "csv").stdout.partition("\n")[0]
    with watching(ctl, *words, "--watch", "0.1", "-o", "csv") as process:
        assert header and process.stdout.readline().decode().rstrip("\n") == header
        interrupted(process)


def test_lines_of_json_just_go_on(ctl):
    with watching(ctl, "permission", "list", "--watch", "0.1", "-o", "jsonl") as process:
        codes = [json.loads(process.stdout.readline())["code"] for _ in range(9)]
        assert codes == [1, 2, 3] * 3
        assert "interrupted" in interrupted(process)


def test_an_empty_line_stands_between_tables(ctl):
    once = ctl.ok("permission", "list").stdout
    expected = "\n".join([once] * 3)
    with watching(ctl, "permission", "list", "--watch", "0.1") as process:
        assert process.stdout.read(len(expected)).decode() == expected
        interrupted(process)


def test_it_sees_what_changes(ctl):
    name = new_account().username
    with watching(ctl, "user", "list", "--watch", "0.1", "-o", "name") as process:
        process.stdout.readline()
        ctl.ok("user", "create", name, "--no-password")
        for line in process.stdout:
            if line.decode().strip() == name:
                break
        interrupted(process)


def test_a_closed_pipe_ends_it_quietly(ctl):
    done = subprocess.run(
        ["bash", "-c", '"$0" permission list --watch 0.1 | head -n 2; echo "${PIPESTATUS[0]}"', str(ctl.program)],
        capture_output=True, env=ctl.env, timeout=120, check=True)
    assert done.stderr == b"" and int(done.stdout.splitlines()[-1]) in (0, 141)


def test_an_interrupt_amid_a_query_cancels_it(ctl, database):
    with locked(database), watching(ctl, "user", "list", "--watch", "1") as process:
        until(lambda: waiting(database), "the query waits")
        interrupted(process)
        until(lambda: not waiting(database), "the query is cancelled")


def test_an_error_at_the_first_answer_ends_it(ctl):
    ctl.fails(3, "user", "show", "nobody-here", "--watch", "0.1")


@pytest.fixture(scope="module")
def catalogue(ctl) -> list[str]:
    """The names of many exercises in their order."""
    ctl.ok("exercise", "seed")
    return [str(row["id"]) for row in ctl.json("exercise", "list", "--sort", "id")]


HEADER = r"\Aevery 0.1 s: permission list +\S*\d\d:\d\d:\d\d"


@pytest.fixture
def watched(new_screen):
    def start(*words, seconds: str = "0.1", **options):
        screen = new_screen(*words, "--watch", seconds, **options)
        screen.shows(rf"^every {re.escape(seconds)} s: ")
        return screen
    return start


def test_a_screen_is_redrawn_in_place(ctl, watched):
    screen = watched("group", "list")
    screen.shows(r"(?s)\Aevery 0.1 s: group list +.*\d\d:\d\d:\d\d.*^id +name")
    ctl.ok("group", "create", "Redrawn")
    screen.shows("Redrawn")
    ctl.ok("group", "delete", "Redrawn", "--yes")
    until(lambda: "Redrawn" not in screen.text(), "its row goes")
    assert screen.text().count("every 0.1 s") == 1 and screen.scrolled() == 0


def test_the_time_goes_on(watched):
    screen = watched("permission", "list")
    first = screen.lines()[0]
    until(lambda: screen.lines()[0] != first, "the header changes", pause=0.1)
    assert re.search(HEADER, screen.text())


def test_an_interrupt_is_130(watched):
    screen = watched("permission", "list")
    screen.keys("C-c")
    assert screen.ends() == 130


EXERCISES = ("exercise", "list", "--sort", "id", "--columns", "id,name,group")


def ids(screen) -> list[str]:
    return [line.split()[0] for line in screen.lines() if line.split()[:1] and line.split()[0].isdigit()]


@pytest.mark.parametrize("columns, rows", [(40, 8), (80, 24), (20, 5)])
def test_it_is_cut_to_the_screen(watched, catalogue, columns, rows):
    screen = watched(*EXERCISES, columns=columns, rows=rows)
    until(lambda: len(ids(screen)) >= rows - 3, "the rows are there")
    assert screen.lines()[0].startswith("every 0.1 s: exercise"[:columns - 1])
    found = ids(screen)
    assert found == catalogue[:len(found)] and screen.scrolled() == 0


def test_a_resize_is_followed(watched, catalogue):
    screen = watched(*EXERCISES, columns=120, rows=10)
    for columns, rows in ((120, 10), (40, 30), (40, 6), (100, 30)):
        screen.resize(columns, rows)
        until(lambda: rows - 3 <= len(ids(screen)) <= rows - 2 and screen.lines()[0].startswith("every"),
              f"{rows} rows are filled")
        found = ids(screen)
        assert found == catalogue[:len(found)]
        assert screen.text().count("every 0.1 s") == 1


def test_one_row_is_enough(watched):
    screen = watched("permission", "list", rows=2)
    assert screen.lines()[0].startswith("every")


@pytest.mark.parametrize("seconds, said", [("2", "every 2 s: "), ("2.0", "every 2(.0)? s: "), ("0.5", "every 0.5 s: ")])
def test_the_header_says_the_pause(new_screen, seconds, said):
    new_screen("permission", "list", "--watch", seconds).shows(rf"^{said}permission list ")


def test_the_screen_is_left_as_it_was(new_screen, ctl):
    screen = new_screen(env={"PS1": "shell$ ", "ENV": ""}, command=["/bin/sh"])
    screen.types(f"{ctl.program} permission list --watch 0.1")
    screen.shows("^every 0.1 s")
    screen.keys("C-c")
    until(lambda: screen.lines()[:23][-1].startswith("shell$") or re.search(r"shell\$ ?$", screen.text()), "the shell is back")
    assert screen.value("cursor_flag") == "1"
    screen.types("stty -a | grep -ow -e -echo -e -icanon; echo status $((40 + 2))")
    seen = screen.shows("^status 42$")
    assert "\n-echo" not in seen and "\n-icanon" not in seen


def test_status_counts_requests(server, api, watched):
    screen = watched("status", rows=60, columns=100)
    for name in ("requests", "requests_per_second", "sockets", "stun_per_second"):
        screen.shows(rf"^{name} +\d")
