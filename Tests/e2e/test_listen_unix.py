"""A Unix socket to listen on: its file, what lies in its place, and its end."""

import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support.home import AS_NOBODY
from support.program import SCRATCH
from support.server import Server
from support.wire import UnixWire, request

QUICKLY = 60


@pytest.fixture
def place() -> Path:
    """Where the socket is to be; a socket's path has room for 107 bytes."""
    directory = Path(tempfile.mkdtemp(dir=SCRATCH.name))
    directory.chmod(0o755)
    return directory / "http.sock"


@pytest.fixture
def serving(new_server, place) -> Server:
    return new_server(also=f"unix:{place}")


def status(place: Path, path: str = "/status/") -> int:
    with UnixWire(place) as wire:
        wire.send(request("GET", path))
        return wire.response().status


def test_it_answers(serving, place):
    assert [status(place), status(place, "/nothing/")] == [200, 404]


def test_everybody_may_knock_and_the_directory_decides(serving, place):
    """As systemd makes them by default (SocketMode=0666); a proxy is another user."""
    assert stat.S_ISSOCK(place.stat().st_mode) and stat.S_IMODE(place.stat().st_mode) == 0o666
    if os.geteuid() == 0:
        done = subprocess.run([*AS_NOBODY, sys.executable, "-c", "import socket, sys;"
                               "socket.socket(socket.AF_UNIX).connect(sys.argv[1])", place], check=False)
        assert done.returncode == 0


def test_it_goes_with_the_server(serving, place):
    serving.stop()
    assert not place.exists()


def test_one_of_a_killed_server_is_replaced(serving, place):
    serving.kill9()
    assert place.exists()
    serving.start()
    assert status(place) == 200


def test_one_that_somebody_answers_on_is_left_alone(serving, ctl, place):
    failed = ctl.fails(1, "serve", "--listen", f"unix:{place}", timeout=QUICKLY)
    assert str(place) in failed.stderr and "in use" in failed.stderr.lower()
    assert status(place) == 200


def test_another_program_s_is_left_alone_too(ctl, place):
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(place))
        other.listen()
        failed = ctl.fails(1, "serve", "--listen", f"unix:{place}", timeout=QUICKLY)
        assert str(place) in failed.stderr
        assert place.exists()


@pytest.mark.parametrize("kind", ["file", "directory", "link to a file"])
def test_what_is_no_socket_is_never_removed(ctl, place, kind):
    precious = place.with_name("precious")
    precious.write_text("precious")
    if kind == "file":
        precious.rename(place)
    elif kind == "directory":
        place.mkdir()
    else:
        place.symlink_to(precious)
    failed = ctl.fails(1, "serve", "--listen", f"unix:{place}", timeout=QUICKLY)
    assert str(place) in failed.stderr
    assert place.is_dir() or place.read_text() == "precious"


@pytest.mark.parametrize("path", ["/nowhere/at/all.sock", "/" + "x" * 107])
def test_a_path_that_can_t_be(ctl, path):
    failed = ctl.fails((1, 2), "serve", "--listen", f"unix:{path}", timeout=QUICKLY)
    assert "hint: " in failed.stderr or path in failed.stderr


def test_the_longest_path(new_server, place):
    longest = place.with_name("s" * (107 - len(str(place.parent)) - 1))
    new_server(also=f"unix:{longest}")
    assert len(os.fsencode(longest)) == 107 and status(longest) == 200


def test_where_it_may_not_be_written(ctl, place):
    if os.geteuid() != 0:
        pytest.skip("needs root, to be somebody else")
    failed = ctl.fails(1, "serve", "--listen", f"unix:{place}", timeout=QUICKLY, prefix=AS_NOBODY)
    assert str(place) in failed.stderr and "Permission denied" in failed.stderr


def test_a_file_of_another_server_since_isn_t_removed(new_server, serving, place):
    """Somebody moved it away, and another server has one in its place."""
    place.unlink()
    other = new_server(also=f"unix:{place}")
    serving.stop()
    assert status(place) == 200
    other.stop()
    assert not place.exists()


def test_a_refused_start_removes_nothing(serving, ctl, place):
    other = place.with_name("other.sock")
    ctl.fails(1, "serve", "--listen", f"unix:{other},unix:{place}", timeout=QUICKLY)
    assert status(place) == 200 and not other.exists()
