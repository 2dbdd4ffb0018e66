"""A streaming standby of a cluster's, whose replay can be paused, and which tells what it was asked."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from support.cluster import Cluster, query
from support.program import until
from support.signals import signal_all

# How the first line of one begins, by its application and the statement's name.
EXECUTED = re.compile(r"havocctl: LOG:  execute [^:]+:(.*)")


class Standby(Cluster):
    """A copy that follows the primary; it notes every statement."""

    def __init__(self, primary: Cluster):
        self.primary = primary
        super().__init__()

    def make(self) -> None:
        """A base backup with what is needed to follow."""
        self.run("pg_basebackup", "-D", self.data, "-d", self.primary.url(), "-R", "-X", "stream",
                 "--checkpoint=fast", "--no-sync")
        # Who reads isn't waited for when there is something to replay.
        self.configure(log_statement="all", log_line_prefix="%a: ", max_standby_streaming_delay=0)

    def pause(self) -> None:
        """What the primary writes from now on isn't seen here."""
        self.follow()
        query(self.url(), "SELECT pg_wal_replay_pause()")
        until(lambda: query(self.url(), "SELECT pg_get_wal_replay_pause_state()") == [("paused",)], "replay is paused")

    def resume(self) -> None:
        query(self.url(), "SELECT pg_wal_replay_resume()")
        self.follow()

    def follow(self) -> None:
        """Waits until all that happened on the primary is seen here."""
        # What isn't committed is only written together with something that is.
        query(self.primary.url(), "SELECT pg_logical_emit_message(true, '', '')")
        [(written,)] = query(self.primary.url(), "SELECT pg_current_wal_lsn()::text")

        def has() -> bool:
            try:
                return query(self.url(), "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written)[0][0]
            except psycopg.OperationalError:
                return False
        until(has, f"the standby has replayed all up to {written}, see {self.home / 'log'}")

    def back(self) -> None:
        """It runs and follows, whatever has happened to it."""
        if self.process.poll() is not None:
            self.start()
        self.resume()

    @contextmanager
    def stunned(self) -> Iterator[None]:
        """All of it stands still, and its connections stay open."""
        stopped = self.processes()
        signal_all(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(stopped, signal.SIGCONT)

    def demand_password(self, role: str) -> None:
        """Of this role, which every other is let in without."""
        rules = self.data / "pg_hba.conf"
        rules.write_text(f"host all {role} 127.0.0.1/32 scram-sha-256\n" + rules.read_text())
        query(self.url(), "SELECT pg_reload_conf()")

    def log(self) -> str:
        return (self.home / "log").read_text(encoding="utf-8", errors="replace")

    def asked(self) -> list[str]:
        """The statements that the program has run here, each in one line."""
        found: list[str] = []
        for line in self.log().splitlines():
            if begun := EXECUTED.match(line):
                found.append(begun[1].strip())
            elif line.startswith("\t") and found:
                found[-1] += " " + line.strip()
        return found
