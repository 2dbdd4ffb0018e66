"""havocctl repl: the history file."""

import os
import stat
import subprocess

import pytest

from support import secrets
from support.api import new_account


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "havocctl" / "history"


def kept(path) -> list[str]:
    return path.read_text().splitlines()


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_lines_are_kept_in_order(repl, path):
    lines = ["permission list", r"\o json", "user show nobody-here", "usr list", "version"]
    for line in lines:
        repl.run(line)
    repl.leaves()
    assert [line for line in kept(path) if line in lines] == lines


def test_only_its_owner_may_read_it(new_repl, path):
    before = os.umask(0)
    try:
        repl = new_repl()
    finally:
        os.umask(before)
    repl.runs("version")
    repl.leaves()
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_without_a_state_home_it_is_in_the_home(new_repl, tmp_path):
    repl = new_repl(env={"XDG_STATE_HOME": ""})
    repl.runs("version")
    repl.leaves()
    assert "version" in kept(tmp_path / ".local/state/havocctl/history")


def test_the_next_session_goes_back_to_it(new_repl):
    first = new_repl()
    first.runs("permission list", "version")
    first.leaves()
    second = new_repl()
    second.child.send("\x1b[A")
    second.child.expect_exact("version")
    second.child.send("\x1b[A")
    second.child.expect_exact("permission list")
    assert "ADMIN" in second.run("")
    assert "permission list" in second.run(r"\history")


def test_a_terminal_that_goes_away_loses_nothing(repl, path):
    repl.runs("permission list")
    repl.hang_up()
    assert "permission list" in kept(path)


@pytest.mark.parametrize("line", [
    "user create nobody --password={}", "user create nobody --password {}", "user create nobody '--password={}'",
    "user list --smtp-password {}", "user list --smtp-password={}", "serve --oauth-client-secret {}",
    "havocctl user list --oauth-client-secret={}", " user show {}",
    "user list --database postgresql://admin:{}@127.0.0.1/x", "user list --smtp-password \\\n{}",
    "user create nobody --password '{}\nmore'", "usr list --pasword {} --password {}"])
def test_a_line_with_a_secret_is_left_out(repl, path, line):
    secret = secrets.password()
    # The terminal's own echo shows what was typed; what is kept is the matter here.
    secrets.forget(secret)
    repl.runs("permission list")
    for part in line.replace("{}", secret).split("\n"):
        repl.run(part)
    assert secret not in repl.run(r"\history")
    repl.runs("version")
    repl.leaves()
    assert secret not in path.read_text()
    assert {"permission list", "version"} <= set(kept(path))


def test_a_password_that_was_asked_for_is_left_out(ctl, repl, path):
    account = new_account()
    repl.types(f"user create {account.username}")
    repl.password(account.password)
    repl.password(account.password)
    assert "havocctl: " not in repl.prompt()
    repl.leaves()
    assert account.password not in path.read_text()
    assert f"user create {account.username}" in kept(path)


def test_an_answer_is_no_line_of_it(repl, account, path):
    repl.types(f"user delete {account.username}")
    repl.asks(r"\[y/N\] ")
    repl.types("never-an-answer")
    repl.prompt()
    repl.leaves()
    assert "never-an-answer" not in path.read_text()


def test_two_thousand_lines_are_enough(new_repl, path):
    path.parent.mkdir(parents=True, mode=0o700)
    path.write_text("".join(f"user show old-{number}\n" for number in range(2_500)))
    path.chmod(0o600)
    repl = new_repl()
    repl.runs("version")
    repl.leaves()
    lines = kept(path)
    assert len(lines) <= 2_000 and lines[-1] == "version"
    assert "user show old-2499" in lines and "user show old-400" not in lines
    assert mode(path) == 0o600


def test_two_at_once_lose_nothing(new_repl, path):
    pair = new_repl(), new_repl()
    for number in range(10):
        for at, repl in enumerate(pair):
            repl.run(f"# line {number} of {at}")
    for repl in pair:
        repl.leaves()
    expected = {f"# line {number} of {at}" for number in range(10) for at in range(2)}
    assert expected <= set(kept(path))


def test_one_that_ends_while_another_goes_on_loses_nothing(new_repl, path):
    long = new_repl()
    long.runs("permission list")
    short = new_repl()
    short.runs("version")
    short.leaves()
    long.runs("group list")
    long.leaves()
    assert {"permission list", "version", "group list"} <= set(kept(path))


def test_a_history_of_others_bytes_is_no_harm(new_repl, path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\0 not text\nversion\n" + b"x" * 100_000 + b"\n")
    repl = new_repl()
    repl.runs("permission list")
    repl.leaves()
    assert "permission list" in path.read_text(errors="replace")


def works(repl) -> None:
    """Whatever the disk is like, with one warning at the most."""
    for _ in range(3):
        assert "ADMIN" in repl.run("permission list")
    assert "permission list" in repl.run(r"\history")
    assert repl.leaves() == 0
    warnings = [line for line in repl.seen.splitlines() if "history" in line.lower() and r"\history" not in line]
    assert len(warnings) <= 1, repl.seen


@pytest.mark.parametrize("kind", ["directory", "file above", "device", "dangling link", "link to itself"])
def test_a_place_that_takes_no_history(new_repl, path, kind):
    path.parent.parent.mkdir(parents=True)
    if kind == "file above":
        path.parent.write_text("")
    else:
        path.parent.mkdir()
    if kind == "directory":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/null")
    elif kind == "dangling link":
        path.symlink_to("/no/such/directory/history")
    elif kind == "link to itself":
        path.symlink_to(path)
    works(new_repl())


@pytest.fixture
def disk(tmp_path):
    """A small file system for the state; gives what changes its options."""
    place = tmp_path / "state"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "hv-e2e", place], check=False,
                             capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mount is not permitted here: " + mounted.stderr.decode().strip())
    yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)
    subprocess.run(["umount", "-l", place], check=True)


def fill(place) -> None:
    with open(place / "filler", "wb", buffering=0) as filler:
        try:
            while filler.write(b"x" * 4096):
                pass
        except OSError:
            return


def test_a_full_disk(disk, tmp_path, new_repl):
    fill(tmp_path / "state")
    works(new_repl())


def test_a_disk_that_fills_up_keeps_what_was_there(disk, tmp_path, new_repl, path):
    first = new_repl()
    first.runs("permission list")
    first.leaves()
    fill(tmp_path / "state")
    works(new_repl())
    assert "permission list" in kept(path)


def test_a_disk_that_may_not_be_written(disk, new_repl):
    disk("ro")
    works(new_repl())
