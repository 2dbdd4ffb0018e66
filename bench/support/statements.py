"""The statements that the program runs for a request, learnt from PostgreSQL's own log.

So the limits and the peers always run the very same text, and no copy of it can grow old.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from support.cluster import Cluster
from support.processes import ProcessFailed
from support.program import Havocctl, HTTPPeer
from support.tokens import Credentials


@dataclass
class Statements:
    """SQL with $1, $2 … for its values."""

    # Who presents the credential with the hash $1.
    check: str
    # The same, with the exercise whose id is $2 behind it.
    exercise: str
    # The same, with the catalogue's version behind it.
    version: str
    # Every exercise in order.
    list: str

    def named(self) -> dict[str, str]:
        return {"check": self.check, "exercise": self.exercise, "list": self.list}


def learn(
    cluster: Cluster, server: HTTPPeer, credentials: Credentials, exercise: int
) -> Statements:
    """Asks a fresh server for each of the things that are measured, and reads what it ran."""
    bearer = {"Authorization": f"Bearer {credentials.access}"}
    with cluster.recorded() as first:
        server.post_json(
            "/user/check_status",
            {"username": credentials.username, "session_token": credentials.session_token},
        )
    with cluster.recorded() as second:
        _expect(server, f"/exercises/exercise/{exercise}/", bearer)
    with cluster.recorded() as third:
        # A server keeps the list: the first answer, of whichever thread, is made by a statement.
        _expect(server, "/exercises/list/", bearer)
    return Statements(
        check=_pick(first, "check_status", r"\bcredential\b.*\$1"),
        exercise=_pick(second, "exercise by id", r"\bcredential\b.*\bexercise\b.*\$"),
        version=_pick(third, "the list's version", r"\bcredential\b.*\bcatalogue\b.*\$1"),
        list=_pick(third, "the list", r"^(?!.*\bcredential\b).*\bexercise\b"),
    )


def learn_user_list(cluster: Cluster, program: Havocctl) -> str:
    """The query of `user list --limit 20`, with its values in place."""
    with cluster.recorded() as ran:
        program("user", "list", "--limit", "20")
    sql, values = next(
        (
            (sql, values)
            for sql, values in ran
            if re.search(r"FROM account a\b.*LIMIT", sql, re.DOTALL)
        ),
        (None, []),
    )
    if sql is None:
        raise ProcessFailed("user list: its query wasn't seen in PostgreSQL's log")
    return filled(sql, [f"'{value}'" for value in values])


def learn_list(cluster: Cluster, program: Havocctl, *words: str | Path) -> str:
    """The query of a command that writes a list row by row, with its values in place."""
    with cluster.recorded() as ran:
        program(*words)
    for sql, values in ran:
        if match := re.match(r"DECLARE \S+ NO SCROLL CURSOR FOR (.*)", sql, re.DOTALL):
            return filled(match[1], [f"'{value}'" for value in values])
    raise ProcessFailed(f"{' '.join(map(str, words))}: no query was seen in PostgreSQL's log")


def filled(sql: str, values: list[str]) -> str:
    """The statement with something else for each placeholder."""
    return re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], sql)


def _expect(server: HTTPPeer, path: str, headers: dict[str, str]) -> None:
    status, body, _ = server.fetch("GET", path, headers)
    if status != 200:
        raise ProcessFailed(f"{server.name}: GET {path}: {status} {body[:300]!r}")


def _pick(ran: list[tuple[str, list[str | None]]], what: str, pattern: str) -> str:
    for sql, _ in ran:
        if re.search(pattern, sql, re.DOTALL):
            return sql
    seen = "; ".join(sql[:80] for sql, _ in ran) or "nothing"
    raise ProcessFailed(f"{what}: its statement isn't among those that ran: {seen}")
