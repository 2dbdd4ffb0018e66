"""The embedded default: a private cluster that the program makes, starts, mends and stops by itself."""

import concurrent.futures
import os
import pwd
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from support import secrets
from support.api import Api, new_account
from support.home import Home
from support.program import until
from support.signals import signal_all

ROOT_ONLY = "needs root, to be somebody else"


@pytest.fixture(scope="module")
def new_home(program):
    made = []

    def create(kind: str = "user") -> Home:
        if kind == "root" and os.geteuid() != 0:
            pytest.skip(ROOT_ONLY)
        made.append(Home(program, kind))
        return made[-1]

    yield create
    for home in made:
        home.remove()


@pytest.fixture(scope="module", params=["user", "root"])
def home(request, new_home) -> Home:
    """One for all tests that leave it whole."""
    return new_home(request.param)


@pytest.fixture
def serving(home):
    server = home.serve()
    yield server
    if server.running:
        server.stop()
    assert not secrets.leaked(server.log())


def test_the_first_command_makes_it_and_the_next_finds_it(home):
    made = home.create()
    assert home.json("user", "show", made.username)["username"] == made.username
    assert len(home.data()) == 1
    until(lambda: not home.masters(), "it stops when nobody needs it")


def test_its_files_are_the_owners_alone(home):
    home.run("permission", "list")
    found = os.stat(home.data()[0])
    assert stat.S_IMODE(found.st_mode) & 0o077 == 0 or stat.S_IMODE(found.st_mode) == 0o750
    assert pwd.getpwuid(found.st_uid).pw_name == home.owner


def test_a_running_server_and_commands_share_it(home, serving):
    made = home.create()
    api = Api(serving.url)
    access = api.tokens(made)["access_token"]
    assert api.alive(access)
    home.run("session", "revoke", "--user", made.username, "--yes")
    assert not api.alive(access)
    registered = api.registered()
    assert home.json("user", "show", registered.username)
    assert len(home.masters()) == 1
    # The command ended; what it shares with the server didn't.
    assert serving.status() == 200


def test_it_listens_on_a_unix_socket_only(home, serving):
    lines = next(home.path.rglob("postmaster.pid")).read_text().split("\n")
    assert lines[5].strip() == "", "it listens on the network"
    sockets = list(Path(lines[4]).glob(".s.PGSQL.*"))
    assert sockets


def test_the_server_stops_it(home, serving):
    assert home.masters()
    serving.stop()
    until(lambda: not home.masters(), "the cluster ends with its server")


def test_commands_at_once(home):
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        accounts = list(pool.map(lambda _: home.create(), range(6)))
    listed = home.run("user", "list", "-o", "name").stdout.splitlines()
    assert all(account.username in listed for account in accounts)
    assert len(home.data()) == 1


def test_kill_9_of_the_server(home, serving):
    api = Api(serving.url)
    made = api.registered()
    serving.kill9()
    assert home.json("user", "show", made.username)
    serving.start()
    assert api.tokens(made)


def test_kill_9_of_the_cluster_while_serving(home, serving):
    api = Api(serving.url)
    made = api.registered()
    access = api.tokens(made)["access_token"]
    assert signal_all(home.masters(), signal.SIGKILL)
    # A command may still meet what is dying; a later one finds it mended.
    until(lambda: home.ctl.run("user", "show", made.username, prefix=home.prefix).status == 0, "a command works")
    serving.wait_for(200)
    assert api.alive(access)


def test_kill_9_of_both(home, serving):
    made = Api(serving.url).registered()
    masters = home.masters()
    serving.kill9()
    signal_all(masters, signal.SIGKILL)
    assert home.json("user", "show", made.username)


def test_a_stale_pid_file_of_somebody_elses_process(home):
    home.run("permission", "list")
    until(lambda: not home.masters(), "it stops")
    data = home.data()[0]
    pid_file = data / "postmaster.pid"
    # The number of a process that is no PostgreSQL, and alive as long as this machine.
    pid_file.write_text(f"1\n{data}\n1\n5432\n{data}\n\n  0 0\nready\n")
    os.chown(pid_file, data.stat().st_uid, data.stat().st_gid)
    pid_file.chmod(0o600)
    assert home.json("permission", "list")


def test_another_version_is_refused_with_a_message(home):
    home.run("permission", "list")
    until(lambda: not home.masters(), "it stops")
    version = home.data()[0] / "PG_VERSION"
    right = version.read_text()
    version.write_text("9\n")
    try:
        failed = home.fails((1, 5, 6), "user", "list")
        assert "version" in failed.stderr.lower() and "9" in failed.stderr
        assert right.strip() in failed.stderr
        assert not home.masters()
    finally:
        version.write_text(right)
    assert home.json("permission", "list")


@pytest.mark.parametrize("kind", ["user", "root"])
def test_many_first_commands_at_once(new_home, kind):
    home = new_home(kind)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(lambda _: home.json("permission", "list"), range(4)))
    assert all(len(one) == 3 for one in lists)
    assert len(home.data()) == 1


def test_killed_while_it_was_being_made(new_home):
    home = new_home("user")
    started = subprocess.Popen(
        [*home.prefix, str(home.program), "permission", "list"], env=home.ctl.env, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: list(home.path.rglob("PG_VERSION")), "initdb has begun", pause=0.001)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert len(home.json("permission", "list")) == 3


def test_xdg_data_home(new_home):
    home = new_home("user")
    elsewhere = home.path / "data"
    home.run("permission", "list", env={"XDG_DATA_HOME": str(elsewhere)})
    assert [path.is_relative_to(elsewhere / "havocctl") for path in home.data()] == [True]


def test_a_directory_that_cannot_be_written(new_home):
    if os.geteuid() != 0:
        pytest.skip(ROOT_ONLY)
    home = new_home("user")
    os.chown(home.path, 0, 0)
    failed = home.fails((1, 5, 6), "user", "list")
    assert str(home.path) in failed.stderr


@pytest.fixture
def small_disk(new_home):
    """A home on a file system of its own, too small for a cluster until it is made larger."""
    home = new_home("user")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0777", "hv-e2e", home.path],
                             check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mount is not permitted here: " + mounted.stderr.decode().strip())
    yield home
    home.stop()
    subprocess.run(["umount", "-l", home.path], check=True)


def resize(home: Home, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", home.path], check=True)


def test_a_disk_too_small_for_a_cluster(small_disk):
    failed = small_disk.fails((1, 6), "user", "list")
    assert "space" in failed.stderr.lower(), failed.stderr
    # What was begun is cleared away, or taken up where it stopped.
    resize(small_disk, "400m")
    assert len(small_disk.json("permission", "list")) == 3


def test_a_disk_that_fills_up(small_disk):
    resize(small_disk, "150m")
    first = small_disk.create()
    server = small_disk.serve()
    api = Api(server.url)
    filler = small_disk.path / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            pass
    acknowledged = []
    for _ in range(300):
        account = new_account()
        answer = api.register(account)
        assert answer.status_code in (201, 500, 503), answer.text
        if answer.status_code != 201:
            break
        acknowledged.append(account)
    result = small_disk.ctl.run("exercise", "seed", prefix=small_disk.prefix)
    assert result.status in (0, 1, 6), str(result)
    assert result.status == 0 or result.stderr.startswith("havocctl: "), str(result)
    filler.unlink()
    until(lambda: api.login(first).status_code == 200, "it recovers by itself once there is room", 120)
    for account in acknowledged:
        assert api.tokens(account)
    assert small_disk.json("exercise", "seed")
    server.stop()
