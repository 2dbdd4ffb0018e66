"""The PostgreSQL that all contestants of a run share: a fresh cluster of its own."""

import json
import os
import re
import shutil
import signal
import socket
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from support.processes import Processes, ProcessFailed, run, wait_until

_SETTINGS = """
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = '{buffers}MB'
fsync = on
synchronous_commit = on
# Nothing that works by the clock may fall into somebody's round.
autovacuum = off
checkpoint_timeout = '1h'
max_wal_size = '16GB'
# Read back to learn the statements that a request runs.
logging_collector = on
log_destination = 'jsonlog'
log_directory = 'log'
log_filename = 'postgresql'
log_rotation_age = 0
log_rotation_size = 0
"""


def binaries() -> Path:
    """The programs of the newest PostgreSQL that is installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(path.parent.parent.name),
    )
    if not found:
        raise ProcessFailed("no /usr/lib/postgresql/*/bin/initdb: install postgresql")
    return found[-1].parent


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A running cluster, reached over a Unix socket and over loopback."""

    user = "postgres"

    def __init__(self, directory: Path, processes: Processes):
        self.directory = directory
        self.bin = binaries()
        self.port = free_port()
        self._processes = processes
        # PostgreSQL refuses to run as root.
        self._account = "postgres" if os.geteuid() == 0 else None
        self._data = directory / "data"
        self._log = self._data / "log" / "postgresql.json"

    def start(self) -> None:
        """Makes the cluster and starts it."""
        self.directory.mkdir(parents=True)
        if self._account:
            shutil.chown(self.directory, self._account, self._account)
        run(
            [self.bin / "initdb", "-D", self._data, "-U", self.user, "-A", "trust"]
            + ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            user=self._account,
        )
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(buffers=max(128, min(1024, memory // 8))))
        self._process = self._processes.start(
            [self.bin / "postgres", "-D", self._data, "-p", self.port, "-k", self.directory],
            log=self.directory / "start.log",
            user=self._account,
            # At once, clients or not: nothing of it is needed afterwards.
            farewell=signal.SIGQUIT,
        )
        wait_until(self._is_ready, "PostgreSQL", patience=60)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise ProcessFailed(f"PostgreSQL: {(self.directory / 'start.log').read_text()}")
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    # Ways to a database.

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@/{database}?host={self.directory}&port={self.port}"

    def words(self, database: str) -> str:
        """The same as url, in the form KEY=VALUE."""
        return (
            f"host={self.directory} port={self.port} user={self.user} dbname={database} "
            "sslmode=disable"
        )

    def options(self, database: str) -> list[str]:
        """The same for PostgreSQL's own programs."""
        return ["-h", str(self.directory), "-p", str(self.port), "-U", self.user, database]

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(self.words(database), autocommit=True)

    # Databases.

    def create(self, database: str, template: str = "template1") -> None:
        """Makes a database, anew where there is one; nobody may be connected to the template."""
        self.drop(database)
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(database), sql.Identifier(template)
                )
            )

    def drop(self, database: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def settle(self, database: str) -> None:
        """Leaves nothing of what was loaded to be cleaned up, planned or written later."""
        with self.connect(database) as connection:
            connection.execute("VACUUM (ANALYZE, FREEZE)")
            connection.execute("CHECKPOINT")

    # What a client runs.

    @contextmanager
    def recorded(self):
        """Yields a list that holds, afterwards, (statement, parameters) for all that ran."""
        ran: list[tuple[str, list[str | None]]] = []
        self._set_logging("all")
        start = self._log.stat().st_size if self._log.exists() else 0
        try:
            yield ran
        finally:
            self._set_logging("none")
            with self._log.open() as log:
                log.seek(start)
                ran.extend(found for line in log if (found := _statement(line)))

    def _set_logging(self, what: str) -> None:
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("ALTER SYSTEM SET log_statement = {}").format(sql.Literal(what))
            )
            connection.execute("SELECT pg_reload_conf()")

            def has_effect() -> bool:
                return connection.execute("SHOW log_statement").fetchone()[0] == what

            wait_until(has_effect, "log_statement", patience=5)
            # The other backends hear of it when their next command comes.
            connection.execute("SELECT pg_sleep(0.3)")


def _statement(line: str) -> tuple[str, list[str | None]] | None:
    entry = json.loads(line)
    match = re.match(r"(?:execute [^:]*|statement): (.*)", entry.get("message", ""), re.DOTALL)
    if not match:
        return None
    values = re.findall(r"\$\d+ = (?:'((?:[^']|'')*)'|NULL)", entry.get("detail") or "")
    return match[1], [value.replace("''", "'") for value in values]
