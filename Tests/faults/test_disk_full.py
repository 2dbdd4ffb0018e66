"""Full disks: of the database, of its log of changes, of the program's log, and of the embedded cluster."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support import logs
from support.api import Api
from support.avatars import upload
from support.cluster import Cluster
from support.community import person
from support.home import Home
from support.integers import join as join_owner
from support.integers import units
from support.load import QUICK
from support.members import join
from support.microblog import TWEETS
from support.pictures import picture
from support.program import until
from support.server import Server
from trouble.disk import Disk, needs_root
from trouble.ledger import Counting, Ledger, Tweeter

pytestmark = needs_root

FULL_SECONDS = 60


class Stored:
    """A cluster of which one directory is on a small disk of its own."""

    def __init__(self, disk: Disk, directory: str):
        self.disk, self.cluster = disk, Cluster()
        self.cluster.stop()
        # Small pieces, so that one of them is soon full.
        self.cluster.configure(max_wal_size="8MB", min_wal_size="2MB")
        self.cluster.run("pg_resetwal", "--wal-segsize=1", self.cluster.data)
        shutil.chown(disk.path, "postgres", "postgres")
        there = self.cluster.data / directory
        subprocess.run([*self.cluster.prefix, "cp", "-a", there, disk.path], check=True, timeout=60)
        shutil.rmtree(there)
        there.symlink_to(disk.path / directory)
        self.cluster.start()

    def restart(self) -> None:
        """Where PostgreSQL has given up, or is about to, somebody starts it again."""
        def is_back() -> bool:
            if self.cluster.process.poll() is not None:
                self.cluster.launch()
            return self.cluster.accepts()
        until(is_back, f"PostgreSQL answers, see {self.cluster.home / 'log'}", FULL_SECONDS, 0.2)


@pytest.fixture(params=["base", "pg_wal"])
def stored(request):
    with Disk(160) as disk:
        made = Stored(disk, request.param)
        yield made
        made.cluster.remove()


def test_the_database_s_disk_is_full(program, stored, told):
    database = stored.cluster.create("full")
    server = Server(program, database, *QUICK).start()
    try:
        member = join(Api(server.url), connected=False)
        writers = [Tweeter([server], member), Tweeter([server]), Counting([server], size=20_000)]
        for writer in writers:
            # Without room a write may be refused as one that fails, too; what was acknowledged holds.
            writer.faults = Refusals()
        with Ledger(*writers) as ledger:
            ledger.wait_for(2)
            stored.disk.fill()
            until(lambda: sum(sum(writer.statuses.values()) - len(writer.acknowledged) for writer in writers) > 5,
                  f"writes are refused: {ledger.statuses()}", FULL_SECONDS)
            # Reads go on, or say that the database is away.
            assert member.elsewhere().get(TWEETS).status_code in (200, 503)
            stored.disk.make_room()
            stored.restart()
            ledger.wait_for(3, FULL_SECONDS)
        told(ledger.told())
        ledger.check(database)
        assert "No space left on device" in server.log() or stored.cluster.process.poll() is None
        assert not [text for writer in writers for text in writer.faults.texts if "space" in text.lower()]
        server.wait_for(200)
    finally:
        server.stop()


class Refusals(list):
    """Takes answers of 500 as refusals, and keeps their texts; anything else is a fault still."""

    def __init__(self):
        super().__init__()
        self.texts: list[str] = []

    def append(self, text: str) -> None:
        if text.startswith("500: "):
            self.texts.append(text)
        else:
            super().append(text)


def test_an_avatar_that_does_not_fit(program):
    """It stands in the database: the one before stays, whole."""
    with Disk(160) as disk:
        stored = Stored(disk, "base")
        database = stored.cluster.create("full")
        server = Server(program, database, *QUICK).start()
        try:
            member = join(Api(server.url))
            small = picture("png", (60, 40))
            assert upload(member, small).status_code == 200
            before = person(member)["avatar"]
            disk.fill()
            refused = []
            for number in range(20):
                answer = upload(member, picture("png", (800, 800 - number), compress_level=0))
                if answer.status_code != 200:
                    refused.append(answer.status_code)
                    break
                before = person(member)["avatar"]
            assert refused and refused[0] in (500, 503)
            assert person(member)["avatar"] == before and member.api.get(before).status_code == 200
            disk.make_room()
            large = picture("png", (800, 900))
            until(lambda: upload(member, large).status_code == 200, "there is room again", FULL_SECONDS)
            assert member.api.get(person(member)["avatar"]).content == large
        finally:
            server.stop()
            stored.cluster.remove()


# The program's own log

def is_whole(line: dict[str, str]) -> bool:
    """The address is the last there is."""
    return list(line)[-1] == "address" and line["address"] == "127.0.0.1"


def test_the_log_s_disk_is_full(new_server):
    """Requests go on; lines are counted as lost, none is torn, and it is said once there is room."""
    with Disk(2) as disk:
        file = disk.path / "havocctl.log"
        server = new_server("--log-file", str(file))
        api = Api(server.url)
        disk.fill()
        asked = 0

        def lost() -> int:
            return int(re.search(r"^havocctl_log_lines_lost_total (\d+)$", api.get("/metrics").text, re.M)[1])

        while lost() == 0:
            # What is left of the last page takes some lines still.
            assert (asked := asked + 1) < 2_000 and api.get("/nothing/").status_code == 404
        for _ in range(100):
            assert api.get("/nothing/").status_code == 404
        assert until(lambda: lost() >= 100, "they are counted")
        disk.make_room()
        api.get("/nothing/")
        until(lambda: "log lines were lost" in file.read_text(), "it is said")
        number = api.get("/nothing/").headers["X-Request-ID"]
        until(lambda: number in file.read_text(), "it goes on")
        server.stop()
        found = logs.records(file.read_bytes())
        torn = [line for line in found if line["msg"] == "request" and not is_whole(line)]
        assert len(found) > 3 and not torn, torn
        assert sum(int(line["count"]) for line in found if line["msg"] == "log lines were lost") >= 100


# The embedded cluster

@pytest.fixture
def home(program):
    made = Home(program, "root")
    with Disk(400, made.path, "postgres") as disk:
        yield made, disk
        made.remove()


def test_an_embedded_cluster_that_cannot_be_made(program):
    """It says why, and what was begun isn't in the way later."""
    made = Home(program, "root")
    with Disk(400, made.path, "postgres") as disk:
        try:
            disk.fill()
            said = made.fails((1, 6), "permission", "list").stderr
            assert "No space left on device" in said, said
            disk.make_room()
            assert made.json("permission", "list")
        finally:
            made.remove()


def test_an_embedded_cluster_s_disk_is_full(home):
    home, disk = home
    account = home.create()
    server = home.serve()
    try:
        owner = join_owner(Api(server.url))
        owner.keep("before", units(100))
        disk.fill()
        kept = ["before"]

        def refused() -> bool:
            name = f"set_{len(kept)}"
            answer = owner.elsewhere().post_set(units(50_000), set_id=name)
            assert answer.status_code in (201, 500, 503), answer.text
            if answer.status_code == 201:
                kept.append(name)
            return answer.status_code != 201
        until(refused, "a write is refused", FULL_SECONDS)
        disk.make_room()
        until(lambda: owner.elsewhere().post_set(units(100), set_id="after").status_code == 201,
              "there is room again, and nobody had to help", FULL_SECONDS)
        for name in kept:
            assert owner.elsewhere().integers(name)
    finally:
        server.stop()
    assert home.json("user", "show", account.username)["username"] == account.username


def test_commands_say_that_the_disk_is_full(program, ctl, tmp_path):
    """An export or a backup onto a full disk leaves nothing of itself."""
    with Disk(2) as disk:
        disk.fill()
        for words in (("user", "export"), ("exercise", "export"), ("db", "backup")):
            path: Path = disk.path / f"{words[0]}.csv"
            said = ctl.fails(1, *words, path).stderr
            assert "No space left on device" in said and str(path) in said, said
        assert [path.name for path in disk.path.iterdir()] == ["ballast"]
