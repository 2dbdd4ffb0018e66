"""A log in a file: rotated under load without a lost or torn line, and targets that go away."""

import os
import re
import signal
import stat
import subprocess
from pathlib import Path

import pytest
import requests

from support import logs
from support.api import Api
from support.load import Load
from support.program import until
from support.server import Server


class Filed(Server):
    """Its log is a file in a directory of its own."""

    def __init__(self, program, database, *options: str, directory: Path, **env: str):
        self.file = directory / "havocctl.log"
        super().__init__(program, database, "--log-file", str(self.file), *options, **env)

    def reload(self) -> None:
        before = self.all().count("reload")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.all().count("reload") > before, "it was reloaded")

    def all(self) -> str:
        """The log with what was rotated away."""
        return "".join(path.read_text() for path in sorted(self.file.parent.glob("havocctl.log*")))


@pytest.fixture
def filed(new_server, tmp_path):
    return lambda *options, **more: new_server(*options, kind=Filed, directory=tmp_path, **more)


# The ids of the requests of one test.
ASKED: list[str] = []


@pytest.fixture(autouse=True)
def forget():
    ASKED.clear()


def asking(api: Api, number: int) -> requests.Response:
    answer = api.get(f"/nothing/{number}")
    ASKED.append(answer.headers["X-Request-ID"])
    return answer


def numbers(text: str) -> list[str]:
    return re.findall(r"msg=request id=(\S+)", text)


def test_it_is_its_owners_and_appended_to(filed):
    mask = os.umask(0o002)
    try:
        server = filed()
    finally:
        os.umask(mask)
    assert stat.S_IMODE(server.file.stat().st_mode) == 0o640
    server.stop()
    before = server.file.read_text()
    server.start()
    assert server.file.read_text().startswith(before) and server.log() == ""


def test_a_file_that_is_there_keeps_its_mode(filed, tmp_path):
    (tmp_path / "havocctl.log").write_text("time=x level=info msg=old\n")
    (tmp_path / "havocctl.log").chmod(0o600)
    server = filed()
    assert stat.S_IMODE(server.file.stat().st_mode) == 0o600
    assert server.file.read_text().startswith("time=x level=info msg=old\n")


@pytest.mark.parametrize("kind", list(logs.READERS))
def test_renamed_and_opened_again_under_load(filed, kind):
    server = filed("--log-format", kind)
    with Load(server.url, asking, clients=4) as load:
        for number in range(5):
            load.wait_for(40, 404)
            server.file.rename(f"{server.file}.{number}")
            server.reload()
            until(server.file.exists, "a new file")
    server.stop()
    assert not load.faults and set(load.statuses) == {404}
    found = [record["id"] for path in server.file.parent.iterdir()
             for record in logs.records(path.read_bytes(), kind) if "id" in record]
    assert set(ASKED) <= set(found) and len(found) == len(set(found))


def rotate(server: Server, directory: Path, *words: str) -> None:
    """By logrotate, as Debian's timer runs it."""
    config = directory / "rotate.conf"
    # It wants a directory that only its owner writes to.
    config.write_text(f"{server.file} {{\n rotate 99\n missingok\n su root root\n" + "".join(f" {word}\n" for word in words) + "}\n")
    config.chmod(0o644)
    server.file.parent.chmod(0o755)
    subprocess.run(["logrotate", "--force", "--state", directory / "state", config], check=True, timeout=60)


def test_logrotate_renames(filed, tmp_path):
    server = filed()
    (other := tmp_path / "rotation").mkdir()
    with Load(server.url, asking, clients=3) as load:
        for _ in range(3):
            load.wait_for(30, 404)
            rotate(server, other, "create 0640", f"postrotate\n kill -HUP {server.process.pid}\n endscript")
            until(server.file.read_text, "it writes to the new file")
    server.stop()
    assert len(list(tmp_path.glob("havocctl.log.*"))) == 3
    found = numbers(server.all())
    assert set(ASKED) <= set(found) and len(found) == len(set(found))
    assert all(logs.records(path.read_bytes()) for path in tmp_path.glob("havocctl.log*"))


def test_logrotate_copies_and_truncates(filed, tmp_path):
    """What is written between the two is lost, as its manual says; nothing is torn, and no hole is left."""
    server = filed()
    (other := tmp_path / "rotation").mkdir()
    with Load(server.url, asking, clients=3) as load:
        load.wait_for(30, 404)
    until(lambda: set(ASKED) <= set(numbers(server.file.read_text())), "all lines are there")
    early = set(ASKED)
    rotate(server, other, "copytruncate")
    with Load(server.url, asking, clients=3) as load:
        load.wait_for(30, 404)
        rotate(server, other, "copytruncate")
        load.wait_for(30, 404)
    server.stop()
    for path in tmp_path.glob("havocctl.log*"):
        data = path.read_bytes()
        # A copy may end wherever the file ended at that moment, which is the end of a line.
        assert b"\0" not in data and logs.records(data)
    assert early <= set(numbers(server.all()))


@pytest.mark.parametrize("path, why", [
    ("/nowhere/at/all.log", "No such file or directory"), ("/", "Is a directory"), ("/dev/null/x", "Not a directory"),
    ("/" + "x" * 300, "File name too long")])
def test_a_file_that_cannot_be_opened_ends_the_start(ctl, path, why):
    said = ctl.fails(1, "serve", "--log-file", path, "--listen", "203.0.113.7:1", timeout=30).stderr
    assert f"log-file: {path}: {why}" in said.splitlines()[0], said


def test_one_that_cannot_be_opened_again_keeps_the_old(filed, tmp_path):
    server = filed()
    server.file.rename(old := tmp_path / "old.log")
    server.file.mkdir()
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "not reloaded" in old.read_text(), "it says so where it still can")
    failed, = [record for record in logs.records(old.read_bytes()) if record["msg"] == "not reloaded"]
    assert failed["level"] == "error" and str(server.file) in failed["cause"] and "Is a directory" in failed["cause"]
    number = Api(server.url).get("/nothing/").headers["X-Request-ID"]
    until(lambda: number in old.read_text(), "it goes on there")
    server.file.rmdir()
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.file.exists() and "msg=reloaded" in server.file.read_text(), "the new file")


# Targets that have gone

def lost(server: Server) -> int:
    text = requests.get(server.url + "/metrics", timeout=60).text
    return int(re.search(r"^havocctl_log_lines_lost_total (\d+)$", text, re.M)[1])


def test_a_full_disk_is_counted_and_said_later(filed, tmp_path):
    """/dev/full behind a link, for a disk that is full until there is room."""
    server = filed()
    server.file.unlink()
    server.file.symlink_to("/dev/full")
    server.process.send_signal(signal.SIGHUP)
    before = until(lambda: lost(server) or None, "lines that are lost")
    with Load(server.url, asking, clients=2) as load:
        load.wait_for(50, 404)
    assert set(load.statuses) == {404}
    until(lambda: lost(server) >= before + 50, "they are counted")
    server.file.unlink()
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.file.exists() and "log lines were lost" in server.file.read_text(), "it is said")
    until(lambda: "msg=reloaded" in server.file.read_text(), "the reload")
    record, = [one for one in logs.records(server.file.read_bytes()) if one["msg"] == "log lines were lost"]
    assert record["level"] == "warning" and int(record["count"]) == lost(server)


@pytest.mark.parametrize("kind", ["a closed pipe", "/dev/full", "a closed descriptor"])
def test_standard_error_has_gone(program, database, kind):
    server = Server(program, database)
    reader, writer = os.pipe()
    full = os.open("/dev/full", os.O_WRONLY)
    if kind == "a closed descriptor":
        server.command = ["sh", "-c", 'exec "$0" "$@" 2>&-', *server.command]
    else:
        server.popen = {"stderr": writer if kind == "a closed pipe" else full}
    server.launch()
    os.close(writer)
    os.close(reader)
    os.close(full)
    try:
        server.wait_for(200)
        with Load(server.url, lambda api, _: api.get("/nothing/"), clients=2) as load:
            load.wait_for(100, 404)
        assert set(load.statuses) == {404} and server.status() == 200
        assert kind == "a closed descriptor" or until(lambda: lost(server) >= 100, "they are counted")
    finally:
        server.stop()
