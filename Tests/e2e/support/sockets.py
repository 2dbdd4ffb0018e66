"""Two people who chat, over the WebSockets of a client library."""

import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support.api import Account, Api, bearer, create_account
from support.cluster import query
from support.community import triple
from support.program import Ctl
from support.server import Server

# Only a hang reaches it.
PATIENCE_SECONDS = 60

# What ends a session closes its sockets within one second; only one that stays open reaches it.
CLOSING_SECONDS = 20


class Chat:
    """One open socket of a conversation; `seen` is every message it has received so far."""

    def __init__(self, connection: ClientConnection):
        self.connection = connection
        self.seen: list[dict] = []

    def __enter__(self) -> "Chat":
        return self

    def __exit__(self, *_) -> None:
        self.connection.close()

    def next(self, seconds: float = PATIENCE_SECONDS) -> dict:
        """The next thing that the server says: a message or an error."""
        got = json.loads(self.connection.recv(timeout=seconds))
        if "error" not in got:
            self.seen.append(got)
        return got

    def send(self, text: str) -> None:
        self.connection.send(json.dumps({"message": text}))

    def say(self, text: str) -> dict:
        """Sends a message and waits for it to come back, which acknowledges it, or for an error."""
        self.send(text)
        while True:
            got = self.next()
            if got.get("message", text) == text:
                return got

    def read_to(self, last: int) -> list[int]:
        """Reads until it has seen this message; gives the ids of all it has seen."""
        while not self.seen or self.seen[-1]["id"] < last:
            assert "error" not in (got := self.next()), got
        return self.ids

    @property
    def ids(self) -> list[int]:
        return [message["id"] for message in self.seen]

    def closed(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Reads up to the end; gives the code of the Close frame, 1006 where none came."""
        try:
            while True:
                got = json.loads(self.connection.recv(timeout=seconds))
                if "error" not in got:
                    self.seen.append(got)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006


def open_socket(server: Server, path: str, token: str | None = None, *, at: str | None = None,
                **options) -> ClientConnection:
    """A WebSocket that leaves pings to the server; `at` is the address it connects from."""
    if token is not None:
        options["additional_headers"] = bearer(token) | options.get("additional_headers", {})
    if at is not None:
        options["sock"] = socket.create_connection(server.address, source_address=(at, 0))
    return connect("ws" + server.url.removeprefix("http") + path, proxy=None, compression=None,
                   ping_interval=None, max_queue=None, open_timeout=PATIENCE_SECONDS, legacy=True,
                   **options)


def refusal(server: Server, path: str, token: str | None = None, **options) -> int:
    """The status that a handshake is refused with."""
    try:
        open_socket(server, path, token, **options).close()
    except InvalidStatus as error:
        return error.response.status_code
    raise AssertionError(f"{path} was not refused")


@dataclass(frozen=True)
class Person:
    """An account and one community session of its."""

    account: Account
    access: str = field(repr=False)
    opaque: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.account.username


def newcomer(ctl: Ctl, server: Server, prefix: str = "talker", permission: int = 1) -> Person:
    """Somebody who has just signed in, and so is connected."""
    account = create_account(ctl, permission, prefix)
    return again(server, account)


def again(server: Server, account: Account) -> Person:
    """The same account in another session."""
    given = triple(Api(server.url), account)
    return Person(account, given["access_token"], given["token_auth"])


@dataclass(frozen=True)
class Talk:
    """A conversation of two; `database` is where the server keeps it."""

    id: int
    one: Person
    other: Person
    database: str

    @property
    def path(self) -> str:
        return f"/ws/chat/{self.id}/"

    def open(self, server: Server, person: Person | None = None, after: int | None = None,
             **options) -> Chat:
        """A socket of the one who began, where nobody else is named."""
        asked = "" if after is None else "?" + urlencode({"after": after})
        return Chat(open_socket(server, self.path + asked, (person or self.one).access, **options))

    def stored(self) -> list[tuple[int, str, str]]:
        """What the database holds: id, sender, text."""
        return query(self.database,
                     "SELECT m.id, a.username, m.body FROM message m JOIN account a ON a.id = m.sender"
                     " WHERE m.conversation = %s ORDER BY m.id", self.id)

    def texts(self) -> list[str]:
        return [text for _, _, text in self.stored()]


def begin(ctl: Ctl, server: Server, one: Person | None = None, other: Person | None = None) -> Talk:
    """A conversation, of two newcomers where none are given."""
    one, other = one or newcomer(ctl, server), other or newcomer(ctl, server)
    answer = Api(server.url).post("/conversations/start/", {"username": other.name}, one.access)
    assert answer.status_code == 201, answer.text
    return Talk(answer.json()["conversation_id"], one, other, ctl.database)


def opened(servers: list[Server], talk: Talk, person: Person | None = None, **options) -> list[Chat]:
    """A socket of theirs on each server."""
    return [talk.open(server, person, **options) for server in servers]


def assert_closed(*chats: Chat) -> None:
    """The server has closed them because they may not be there any longer."""
    deadline = time.monotonic() + CLOSING_SECONDS
    for chat in chats:
        code = chat.closed(max(0.1, deadline - time.monotonic()))
        assert code == 1008, f"closed with {code}"


def assert_alive(*chats: Chat) -> None:
    """They hear each other still; closes them."""
    said = chats[0].say("still here")
    assert said.get("id"), said
    for chat in chats:
        chat.read_to(said["id"])
        chat.connection.close()
