r"""havocctl repl: \i, \e and \watch."""

import stat
from pathlib import Path

import pytest

from support.api import new_account
from support.repl import script, stops


@pytest.fixture
def write(tmp_path):
    """Writes a file of commands; gives its path."""
    def to(name: str, *lines: str):
        path = tmp_path / name
        path.write_text("".join(line + "\n" for line in lines))
        return path
    return to


@pytest.fixture
def editor(tmp_path):
    """An editor that runs a line of shell on the file, which is its $1."""
    def make(line: str, name: str = "editor") -> str:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
        return str(path)
    return make


def create(name: str) -> str:
    return f"user create {name} --no-password"


def there(ctl, name: str) -> bool:
    return ctl.run("user", "show", name).status == 0


def test_a_file_is_run(ctl, repl, write):
    names = [new_account().username for _ in range(3)]
    path = write("three", "# three of them", *map(create, names), "", "version")
    assert ctl.ok("version").stdout.strip() in repl.run(rf"\i {path}")
    assert all(there(ctl, name) for name in names)


def test_its_name_may_hold_a_blank(ctl, write):
    path = write("two words", "version")
    for line in (rf"\i '{path}'", rf'\i "{path}"', rf"\i {path}".replace("two ", r"two\ ")):
        assert script(ctl, line).stdout == ctl.ok("version").stdout


def test_it_stops_at_the_first_failure(ctl, repl, write):
    before, after = new_account().username, new_account().username
    path = write("broken", create(before), "user show nobody-here", create(after))
    assert f"{path}:2: " in repl.run(rf"\i {path}")
    assert (there(ctl, before), there(ctl, after)) == (True, False)
    repl.runs("permission list")


@pytest.mark.parametrize("line, status", [("user show nobody-here", 3), ("usr list", 2), ("user delete {} --no-input", 5)])
def test_its_failure_is_the_scripts(ctl, user, write, line, status):
    path = write("broken", "version", "", line.format(user.username))
    failed = stops(ctl, 2, status, "version", rf"\i {path}", "version")
    assert f"{path}:3: " in failed.stderr
    assert failed.stdout == ctl.ok("version").stdout * 2


def test_files_in_files(ctl, write):
    inner = write("inner", "version", "user show nobody-here")
    outer = write("outer", "version", rf"\i {inner}")
    failed = stops(ctl, 1, 3, rf"\i {outer}")
    assert f"{inner}:2: " in failed.stderr
    assert failed.stdout == ctl.ok("version").stdout * 2


def test_sixteen_deep_and_no_deeper(ctl, write):
    previous = write("level1", "version")
    for level in range(2, 18):
        previous = write(f"level{level}", rf"\i {previous}")
    deepest = write("sixteen", rf"\i {previous.with_name('level15')}")
    assert script(ctl, rf"\i {deepest}").stdout == ctl.ok("version").stdout
    failed = stops(ctl, 1, (1, 2, 5), rf"\i {previous}")
    assert "16" in failed.stderr and failed.stdout == ""


def test_a_file_that_runs_itself_ends(ctl, tmp_path, write):
    path = write("loop", "version", rf"\i {tmp_path / 'loop'}")
    failed = stops(ctl, 1, (1, 2, 5), rf"\i {path}")
    assert "16" in failed.stderr


@pytest.mark.parametrize("name", ["absent", "."])
def test_what_is_no_file(ctl, repl, tmp_path, name):
    repl.fails(rf"\i {tmp_path / name}", str(tmp_path))
    stops(ctl, 1, (1, 3), rf"\i {tmp_path / name}")


def test_a_transaction_begun_in_a_file_goes_on(ctl, repl, write):
    name = new_account().username
    repl.run(rf"\i {write('begins', 'begin', create(name))}")
    assert repl.mark == "*=" and not there(ctl, name)
    repl.runs("commit")
    assert there(ctl, name)


def test_a_failure_in_a_file_fails_the_transaction(ctl, repl, write):
    name = new_account().username
    repl.runs("begin")
    repl.run(rf"\i {write('fails', create(name), 'user show nobody-here')}")
    assert repl.mark == "!="
    repl.run("rollback")
    assert not there(ctl, name)


def test_windows_line_ends_in_a_file(ctl, tmp_path):
    path = tmp_path / "dos"
    path.write_bytes(b"version\r\n\r\nversion")
    assert script(ctl, rf"\i {path}").stdout == ctl.ok("version").stdout * 2


def test_the_last_command_is_edited_and_run(ctl, new_repl, editor):
    names = [new_account().username for _ in range(2)]
    repl = new_repl(env={"EDITOR": editor(f"sed -i 's/{names[0]}/{names[1]}/' \"$1\"")})
    repl.runs(create(names[0]))
    assert "havocctl: " not in repl.run(r"\e")
    assert all(there(ctl, name) for name in names)


def test_several_lines_of_an_editor_run_in_order(ctl, new_repl, editor):
    name = new_account().username
    repl = new_repl(env={"EDITOR": editor(f"printf '{create(name)}\\nuser edit {name} --first-name Ada\\n' > \"$1\"")})
    repl.runs("version", r"\e")
    assert ctl.json("user", "show", name)["first_name"] == "Ada"


@pytest.mark.parametrize("line", [":", ': > "$1"', 'printf "\\n" > "$1"'])
def test_what_was_not_changed_or_emptied_is_not_run(ctl, new_repl, editor, line):
    name = new_account().username
    repl = new_repl(env={"EDITOR": editor(line)})
    repl.run(f"group create {name}")
    assert "havocctl: " not in repl.run(r"\e"), "it ran again"
    assert repl.mark == "="


def test_an_editor_that_fails_runs_nothing(ctl, new_repl, editor):
    name = new_account().username
    repl = new_repl(env={"EDITOR": editor(f"echo '{create(name)}' > \"$1\"; exit 3")})
    repl.runs("version")
    repl.fails(r"\e")
    assert not there(ctl, name)


def test_an_editor_that_is_not_there(new_repl):
    repl = new_repl(env={"EDITOR": "/no/such/editor"})
    repl.runs("version")
    assert "/no/such/editor" in repl.run(r"\e")
    repl.runs("version")


def test_the_visual_editor_comes_first(ctl, new_repl, editor):
    name = new_account().username
    visual = editor(f"echo '{create(name)}' > \"$1\"", "visual")
    repl = new_repl(env={"VISUAL": visual, "EDITOR": editor("exit 1", "other")})
    repl.runs("version", r"\e")
    assert there(ctl, name)


def test_an_editor_with_options(ctl, new_repl, editor):
    name = new_account().username
    repl = new_repl(env={"EDITOR": editor(f"[ \"$1\" = -w ] && echo '{create(name)}' > \"$2\"") + " -w"})
    repl.runs("version", r"\e")
    assert there(ctl, name)


def test_nobody_else_reads_what_is_edited(new_repl, editor, tmp_path):
    repl = new_repl(env={"EDITOR": editor(f"cp -p \"$1\" {tmp_path}/copy; echo \"$1\" > {tmp_path}/name")})
    repl.runs("version", r"\e")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert (tmp_path / "copy").read_text().strip() == "version"
    assert not Path((tmp_path / "name").read_text().strip()).exists()


@pytest.mark.parametrize("seconds", ["0", "-1", "abc", "nan", "1e99", "0.05", "86401"])
def test_a_pause_that_is_none(repl, seconds):
    repl.runs("permission list")
    repl.fails(rf"\watch {seconds}")


def test_nothing_to_watch(repl):
    repl.fails(r"\watch 1")


def test_a_change_is_not_watched(ctl, repl):
    name = new_account().username
    repl.runs(create(name))
    repl.fails(r"\watch 0.1")
    repl.runs("permission list")
