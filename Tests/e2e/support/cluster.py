"""A PostgreSQL cluster of the tests' own, on a loopback port."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

import psycopg
from psycopg import sql

from support import secrets
from support.ports import free_port
from support.program import until
from support.signals import signal_all

START_SECONDS = 120


def newest_bin() -> Path:
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    assert found, "no PostgreSQL server under /usr/lib/postgresql"
    return Path(max(found, key=lambda path: int(path.split("/")[4]))).parent


class Cluster:
    """initdb, start, stop and the two ways of dying."""

    def __init__(self):
        self.bin = newest_bin()
        self.home = Path(tempfile.mkdtemp(prefix="hv-pg-", dir="/tmp"))
        self.data = self.home / "data"
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        # PostgreSQL refuses to run as root.
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] \
            if os.geteuid() == 0 else []
        if self.prefix:
            shutil.chown(self.home, "postgres", "postgres")
        self.make()
        # The operating system survives these tests, so its cache is durable enough.
        self.configure(listen_addresses="127.0.0.1", port=self.port, fsync="off", unix_socket_directories=self.home,
                 max_connections=400)
        self.start()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        self.remove()

    def make(self) -> None:
        """What it begins with."""
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                 "--no-sync")

    def run(self, tool: str, *words) -> None:
        """One of PostgreSQL's own programs, as the cluster's user."""
        subprocess.run([*self.prefix, self.bin / tool, *map(str, words)], check=True, timeout=START_SECONDS, cwd="/tmp",
                       stdout=subprocess.DEVNULL)

    def configure(self, **settings) -> None:
        """Settings for the next start; a later one wins."""
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name}='{value}'\n" for name, value in settings.items())

    def start(self) -> None:
        """As a child of ours: whoever else would have to collect it after a kill may not."""
        self.launch()
        until(self.answers, f"PostgreSQL accepts connections, see {self.home / 'log'}", START_SECONDS)

    def launch(self) -> None:
        with open(self.home / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, self.bin / "postgres", "-D", self.data], cwd="/tmp",
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def answers(self) -> bool:
        if self.process.poll() is not None:
            said = (self.home / "log").read_text()[-2000:]
            # What a killed one had just begun lives on until it notices, and has the memory for so long.
            assert "pre-existing shared memory block" in said.splitlines()[-2], said
            self.launch()
            return False
        return self.accepts()

    def accepts(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=10).close()
            return True
        except psycopg.OperationalError:
            return False

    def stop(self, mode: str = "fast") -> None:
        """`fast` is an orderly end; `immediate` leaves the next start to recover."""
        self.process.send_signal(signal.SIGINT if mode == "fast" else signal.SIGQUIT)
        self.process.wait(START_SECONDS)

    def processes(self) -> list[int]:
        """The postmaster and everything it has started."""
        master = self.process.pid
        return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]

    def signal_all(self, number: int) -> None:
        signal_all(self.processes(), number)

    def kill9(self) -> None:
        """Ends all of it with no chance to write."""
        self.signal_all(signal.SIGKILL)
        self.process.wait()

    def remove(self) -> None:
        if self.process.poll() is None:
            self.stop("immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    def url(self, name: str = "postgres", port: int | None = None) -> str:
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{name}"

    def execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def create(self, name: str, template: str = "template1") -> str:
        def is_made() -> bool:
            try:
                self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
            except psycopg.errors.ObjectInUse:
                return False  # Who was connected to the template, or vacuums it, is slow to go.
            return True
        until(is_made, f"a copy of {template}")
        return self.url(name)

    def drop(self, name: str) -> None:
        self.execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


# What servers write of sessions and tokens by themselves, twice a minute.
SEEN = ("last_seen", "last_used")


def contents(url: str, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Every row of every table as text, but for the servers' signs of life, which come by themselves."""
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
            " AND table_name <> ALL(%s) ORDER BY 1, 2", [["server", "sample", *without]]).fetchall()
        found = {}
        for schema, table in tables:
            statement = sql.SQL("SELECT (to_jsonb(t) - %s::text[])::text FROM {} t ORDER BY 1").format(
                sql.Identifier(schema, table))
            found[f"{schema}.{table}"] = [row[0] for row in connection.execute(statement, [list(SEEN)])]
    return found


def query(url: str, statement: str, *values) -> list[tuple]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement, values).fetchall()


# Millions of numbers, and nothing else.
NUMBERS = ["integer_chunk"]


def assert_no_secret_in(url: str) -> None:
    for table, lines in contents(url, NUMBERS).items():
        found = secrets.leaked("\n".join(lines))
        assert not found, f"secrets in table {table}: {found}"
