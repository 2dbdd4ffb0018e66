"""havocctl repl: commands from a pipe or a file."""

import subprocess

import pytest

from support.api import new_account
from support.cluster import contents, free_port
from support.program import Ctl
from support.repl import script, stops

VERSION = "version"


def create(name: str) -> str:
    return f"user create {name} --no-password"


@pytest.fixture
def names() -> list[str]:
    return [new_account().username for _ in range(3)]


def test_lines_run_in_order_without_a_prompt(ctl, names):
    result = script(ctl, create(names[0]), f"user edit {names[0]} --first-name Ada", f"user show {names[0]} -o json",
                    f"user edit {names[0]} --first-name Grace", f"user show {names[0]} -o json")
    assert result.status == 0 and result.stderr == "", str(result)
    assert result.stdout.index('"Ada"') < result.stdout.rindex('"Grace"')
    assert "=>" not in result.stdout and r"\?" not in result.stdout


def test_from_a_file(ctl, tmp_path, names):
    path = tmp_path / "script"
    path.write_text("\n".join(map(create, names)))
    with open(path, "rb") as lines:
        done = subprocess.run([str(ctl.program), "repl"], stdin=lines, capture_output=True, env=ctl.env,
                              timeout=120, check=False)
    assert done.returncode == 0 and b"=>" not in done.stdout
    assert all(ctl.ok("user", "show", name) for name in names)


@pytest.mark.parametrize("text", [b"", b"\n", b"\n\n\n", b"# nothing", b"\r\n", b" ", b"\xef\xbb\xbf", b"\xef\xbb\xbf# x\n"])
def test_nothing_to_do(ctl, text):
    result = ctl.run("repl", input=text)
    assert (result.status, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("line, status", [
    ("user show nobody-here", 3), ("usr list", 2), ("user create", 2), ("user delete {user} --no-input", 5),
    ("user create {user} --no-password", 4), ("user delete {user}", 5), ("commit", (1, 2, 5)), ("rollback", (1, 2, 5))])
def test_it_stops_at_the_first_failure_with_its_status(ctl, user, names, line, status):
    before = ["", "# a remark", create(names[0])]
    failed = stops(ctl, 4, status, *before, line.format(user=user.username), create(names[1]))
    assert failed.stderr.count("havocctl: ") == 1
    ctl.ok("user", "show", names[0])
    ctl.ok("user", "show", user.username)
    ctl.fails(3, "user", "show", names[1])


def test_lines_of_a_quote_are_counted(ctl):
    ctl.ok("group", "create", "Counting")
    stops(ctl, 5, 3, "exercise create Counted --group Counting --instructions 'one", "two", "", "three'",
          "user show nobody-here")


def test_a_failing_command_of_several_lines_is_named_by_its_first(ctl):
    stops(ctl, 2, 3, VERSION, "user show 'nobody", "here'", VERSION)


@pytest.mark.parametrize("text", ["version", "version\n", "version\r\n", "\r\nversion\r\n\r\n", "\ufeffversion\n"])
def test_line_ends(ctl, text):
    assert ctl.ok("repl", input=text).stdout == ctl.ok("version").stdout


def test_windows_line_ends_are_no_part_of_a_word(ctl, names):
    text = "".join(line + "\r\n" for line in [*map(create, names), f"user edit {names[0]} --first-name Ada", "exit"])
    ctl.ok("repl", input=text)
    assert ctl.json("user", "show", names[0])["first_name"] == "Ada"
    assert ctl.json("user", "show", names[1])["username"] == names[1]


def test_windows_line_ends_after_a_backslash(ctl):
    assert ctl.ok("repl", input="permission \\\r\nlist\r\n").stdout == ctl.ok("permission", "list").stdout


@pytest.mark.parametrize("bad", [b"\0", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"])
@pytest.mark.parametrize("line", [b"user show a%sb", b"%s", b"user create a%sb --no-password",
                                  b"exercise create x --group y --instructions 'a%sb'"])
def test_bytes_that_are_no_text(ctl, database, line, bad):
    before = contents(database)
    result = ctl.run("repl", input=b"version\n" + line % bad + b"\nversion\n")
    assert result.status in (1, 2, 3), str(result)
    assert "havocctl: line 2: " in result.stderr and result.stdout == ctl.ok("version").stdout
    assert "\0" not in result.stderr
    assert contents(database) == before


def test_what_a_message_repeats_cannot_steer_a_terminal(ctl):
    result = ctl.run("repl", input=b"user show '\x1b[31mred\x07'\n")
    assert result.status == 3 and "\x1b" not in result.stderr and "\x07" not in result.stderr, str(result)


@pytest.mark.parametrize("line", ["version # " + "x" * 1_000_000, "version" + " " * 1_000_000,
                                  "permission list --where level!='" + "x" * 1_000_000 + "'"])
def test_a_line_of_a_megabyte(ctl, line):
    result = ctl.ok("repl", input=line + "\nversion\n")
    assert result.stdout.endswith(ctl.ok("version").stdout)


def test_a_word_of_a_megabyte_is_refused_as_any(ctl):
    failed = stops(ctl, 1, (2, 3), "user show " + "x" * 1_000_000, VERSION)
    assert failed.stdout == ""


def test_a_quote_of_fifty_thousand_lines(ctl):
    stops(ctl, 1, 2, "usr 'list", *["more"] * 50_000, "'", VERSION)


def test_a_thousand_lines(ctl, database, new_database, program):
    alone = Ctl(program, new_database())
    script_lines = [f"permission create {code} L{code}" for code in range(100, 1_100)]
    result = script(alone, "begin", *script_lines, "commit")
    assert result.status == 0, str(result)
    assert [row["code"] for row in alone.json("permission", "list", "--sort", "code", "--where", "code>3")] == list(
        range(100, 1_100))


@pytest.mark.parametrize("word", [r"\q", "quit", "exit"])
def test_leaving_ends_the_script(ctl, word):
    assert script(ctl, VERSION, word, "usr list").stdout == ctl.ok("version").stdout


def test_nothing_of_a_script_is_history(ctl, tmp_path):
    result = script(ctl, VERSION, env={"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")})
    assert result.status == 0 and not list(tmp_path.rglob("history"))


@pytest.mark.parametrize("line", ["user delete -", "user delete - --yes", "user delete - --confirm=1"])
def test_no_command_swallows_the_rest_of_the_script(ctl, user, names, line):
    """What would read standard input has none of its own there."""
    result = script(ctl, line, user.username, create(names[1]))
    assert result.status != 0, str(result)
    assert user.username in ctl.ok("user", "list", "-o", "name").stdout.splitlines()


def test_an_absent_database_is_6(program):
    away = Ctl(program, f"postgresql://postgres@127.0.0.1:{free_port()}/x")
    result = script(away, "user list", "permission list")
    assert result.status == 6 and result.stdout == "", str(result)


def test_a_database_that_is_not_migrated(cluster, program):
    name = f"bare_{free_port()}"
    try:
        failed = script(Ctl(program, cluster.create(name)), "user list", VERSION)
        assert failed.status in (1, 5) and failed.stdout == "", str(failed)
        assert "hint: " in failed.stderr and "db migrate" in failed.stderr
    finally:
        cluster.drop(name)


def test_a_closed_pipe_ends_it_quietly(ctl):
    done = subprocess.run(
        ["bash", "-c", 'yes "permission list" | head -n 500 | "$0" repl | head -n 1; echo "${PIPESTATUS[2]}"',
         str(ctl.program)], capture_output=True, env=ctl.env, timeout=120, check=True)
    assert done.stderr == b""
    assert int(done.stdout.splitlines()[-1]) in (0, 141)


def test_answers_come_while_the_script_is_still_being_written(ctl):
    with subprocess.Popen([str(ctl.program), "repl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ctl.env,
                          start_new_session=True) as process:
        process.stdin.write(b"version\n")
        process.stdin.flush()
        assert process.stdout.readline() == ctl.ok("version").stdout.encode()
        process.stdin.close()
        assert process.wait(60) == 0
