"""Lines for the journal: a priority in front, no time, and only where standard error goes there."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from support import logs
from support.api import Api
from support.program import SCRATCH, until
from support.server import Server


class Journaled(Server):
    """Its standard error is a stream socket, as systemd connects it; `named` is what JOURNAL_STREAM says."""

    def __init__(self, program, database, *options: str, named: str | None = None, **env: str):
        self.journal, self.end = socket.socketpair()
        self.journal.settimeout(60)
        inode = os.fstat(self.end.fileno())
        super().__init__(program, database, *options,
                         JOURNAL_STREAM=(named or "{0}:{1}").format(inode.st_dev, inode.st_ino), **env)
        self.popen = {"stdout": self.end, "stderr": self.end}
        self.read = b""

    def launch(self) -> None:
        super().launch()
        self.end.close()

    def lines(self, last: str) -> list[str]:
        """What has come, up to a line with this word."""
        while last.encode() not in self.read or not self.read.endswith(b"\n"):
            data = self.journal.recv(65536)
            assert data, f"it ended: {self.read}"
            self.read += data
        return logs.lines(self.read)


@pytest.mark.parametrize("kind", list(logs.READERS))
def test_every_line_has_its_priority_and_no_time(new_server, kind):
    server = new_server("--log-format", kind, kind=Journaled)
    number = Api(server.url).get('/"nothing"\\').headers["X-Request-ID"]
    found = [logs.read_journal(line) for line in server.lines(number)]
    assert len(found) >= 2
    for priority, rest in found:
        record = logs.READERS[kind](rest)
        assert "time" not in record and list(record)[:2] == ["level", "msg"]
        assert priority == logs.PRIORITIES[record["level"]]


def test_warnings_and_debug_have_theirs(new_server):
    server = new_server("--log-level", "debug", "--slow-request", "1ms", "--smtp-url", "smtp://127.0.0.1:9", kind=Journaled)
    Api(server.url).post("/api/auth/login/", {"username": "nobody", "password": "no-password-of-any"})
    found = [logs.read_journal(line) for line in server.lines("slow request")]
    assert {4, 6} <= {priority for priority, _ in found}


@pytest.mark.parametrize("named", ["{0}:1{1}", "9{0}:{1}", "{1}:{0}", "0:0", "x", "{1}", "{0}:{1}:", ":"])
def test_another_stream_is_not_the_journal(new_server, named):
    """A shell that runs below a service has the variable as well."""
    server = new_server(kind=Journaled, named=named)
    number = Api(server.url).get("/nothing/").headers["X-Request-ID"]
    for record in map(logs.read_logfmt, server.lines(number)):
        assert logs.TIME.fullmatch(record["time"])


def test_a_log_file_has_times_all_the_same(new_server):
    path = Path(tempfile.mkdtemp(dir=SCRATCH.name)) / "havocctl.log"
    server = new_server("--log-file", str(path), kind=Journaled)
    number = Api(server.url).get("/nothing/").headers["X-Request-ID"]
    until(lambda: number in path.read_text(), "the line in the file")
    assert all("time" in record for record in logs.records(path.read_bytes()))
