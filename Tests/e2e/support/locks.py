"""A table that is locked for a while, so that what wants it waits."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from support.cluster import query
from support.program import until


@contextmanager
def locked(url: str, table: str) -> Iterator[None]:
    """Nobody else reads or writes the table until the end of the block."""
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield
        connection.rollback()


def until_somebody_waits(url: str) -> None:
    until(lambda: query(url, "SELECT 1 FROM pg_stat_activity"
                             " WHERE datname = current_database() AND wait_event_type = 'Lock'"), "somebody waits")
