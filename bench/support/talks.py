"""People who talk over chat sockets: their conversations, and the program that speaks for them."""

import json
from dataclasses import dataclass
from pathlib import Path

from support import tokens
from support.arena import PEOPLE, Arena
from support.cluster import Cluster
from support.contestants import WEBSOCKET, build_go
from support.load import CPU, Sample
from support.processes import run
from support.program import HTTPPeer

_CLIENT = Path(__file__).resolve().parents[1] / "clients/chat"

_CONVERSATIONS = """
INSERT INTO conversation (initiator, receiver)
SELECT a.id, b.id FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY u (a, b, n)
JOIN account a ON a.username_key = u.a JOIN account b ON b.username_key = u.b ORDER BY n
RETURNING id, initiator
"""
# What they said before: a statement planned for an empty table would stay planned so.
_EARLIER = """
INSERT INTO message (conversation, sender, body)
SELECT id, initiator, 'and so on' FROM conversation, generate_series(1, 20) ORDER BY random()
"""


@dataclass
class Talk:
    """A conversation, and the device tokens of the two."""

    conversation: int
    speaker: int
    tokens: tuple[str, str]


def make(arena: Arena) -> list[Talk]:
    """Everybody in the small database talks with somebody."""
    with arena.cluster.connect(arena.database) as connection:
        # Who has several sessions comes several times.
        made = tokens.spread(connection, arena.pattern, 2 * PEOPLE)
        people = list({one.username: one for one in made}.values())
        pairs = list(zip(people[::2], people[1::2]))
        rows = connection.execute(
            _CONVERSATIONS, [[one.username for one in side] for side in zip(*pairs)]
        ).fetchall()
        connection.execute(_EARLIER)
    arena.cluster.settle(arena.database)
    return [
        Talk(conversation, speaker, (one.opaque, other.opaque))
        for (conversation, speaker), (one, other) in zip(rows, pairs)
    ]


def write(file: Path, talks: list[Talk]) -> Path:
    """The list in the form that the client reads."""
    file.write_text("".join(f"{one.conversation} {' '.join(one.tokens)}\n" for one in talks))
    return file


def write_inserts(file: Path, talks: list[Talk]) -> Path:
    """A script for pgbench whose every client says in its own conversation what the client says."""

    def case(values: list[int]) -> str:
        return " ".join(f"when :client_id = {n} then {value}" for n, value in enumerate(values))

    file.write_text(
        f"\\set conversation case {case([one.conversation for one in talks])} end\n"
        f"\\set speaker case {case([one.speaker for one in talks])} end\n"
        "INSERT INTO message (conversation, sender, body)"
        f" VALUES (:conversation, :speaker, '{'and so on ' * 10}');\n"
    )
    return file


def build_client(scratch: Path) -> Path:
    return build_go(_CLIENT, scratch / "chat-client", WEBSOCKET)


class TalkLoad:
    """A server over which so many people talk, each to one who listens.

    They wait for what they say to come back, with at most so many messages under way, or keep a
    rate whatever comes back.
    """

    def __init__(
        self,
        client: Path,
        server: HTTPPeer,
        talks: Path,
        speakers: int,
        cluster: Cluster,
        *,
        window: int = 1,
        rate: int = 0,
    ):
        self.name = f"{server.name}, {window} under way" if window > 1 else server.name
        self.level = speakers
        self._server = server
        self._cluster = cluster
        self._command = [client, "talk", "-url", f"ws://127.0.0.1:{server.port}"]
        self._command += ["-talks", talks, "-clients", speakers, "-window", window, "-rate", rate]

    def measure(self, seconds: float) -> Sample:
        self._server.cut_log()
        cpu = CPU(self._server.pid, self._cluster)
        output = run([*self._command, "-seconds", seconds], timeout=seconds + 30)
        told = json.loads(output)
        sample = Sample(
            rate=told["messages"] / told["seconds"],
            p50_us=told["p50"],
            p99_us=told["p99"],
            bad=told["failed"],
        )
        return cpu.charge(sample, told["messages"])
