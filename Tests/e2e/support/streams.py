"""Streams as a program meets them: sessions by REST, publishers and watchers over sockets."""

import contextlib
import random
import socket

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from support.api import TIMEOUT_SECONDS, Api, bearer
from support.program import Ctl, until

MIB = 1 << 20
# What a connection is told to have closed with when it broke off.
BROKEN = 1006
# Lengths on both sides of every boundary of the framing.
LENGTHS = [0, 1, 125, 126, 127, 65535, 65536, 100_000]


def started(api: Api, token: str) -> str:
    answer = api.get("/stream/sessions/start/", token)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"session_id", "message"}, answer.text
    assert answer.json()["message"] == "Session started"
    return answer.json()["session_id"]


def ended(api: Api, token: str, stream: str):
    return api.get("/stream/sessions/end/", token, params={"session_id": stream})


def active(api: Api, token: str | None) -> list[str]:
    """The ids of the sessions that the caller is shown."""
    answer = api.get("/stream/sessions/active/", token)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"sessions"}, answer.text
    for session in answer.json()["sessions"]:
        assert set(session) == {"session_id", "message"}, session
        assert session["message"] == "Session started"
    return [session["session_id"] for session in answer.json()["sessions"]]


def row(ctl: Ctl, stream: str) -> dict:
    """The stream as the command line lists it, ended or not."""
    found = [row for row in ctl.json("stream", "list", "--all") if row["id"] == stream]
    assert len(found) == 1, found
    return found[0]


def shows(ctl: Ctl, stream: str, **wanted) -> None:
    """Waits until the list tells these values: counters reach the database a moment later."""
    def there() -> bool:
        seen.update(row(ctl, stream))
        return all(seen[name] == value for name, value in wanted.items())
    seen: dict = {}
    until(there, f"{wanted} in {seen}", pause=0.2)


def live(ctl: Ctl) -> list[str]:
    return [row["id"] for row in ctl.json("stream", "list")]


def open_socket(
        api: Api, path: str, token: str | None = None, headers: dict[str, str] | None = None,
        **options) -> ClientConnection:
    return connect(
        api.url.replace("http", "ws", 1) + path, compression=None, max_size=None, proxy=None,
        ping_interval=None, open_timeout=TIMEOUT_SECONDS, close_timeout=TIMEOUT_SECONDS,
        additional_headers=bearer(token) if token else headers or {}, **options)


def publisher_path(stream: str) -> str:
    return f"/ws/stream/{stream}/"


def watch_path(stream: str) -> str:
    return f"/ws/stream/{stream}/watch/"


def status_of(api: Api, path: str, token: str | None = None, **options) -> int:
    """What the handshake is answered: 101, or the refusal's status."""
    try:
        with open_socket(api, path, token, **options):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


def close_code(connection: ClientConnection) -> int:
    """Reads until the other side closes."""
    try:
        while True:
            connection.recv(timeout=TIMEOUT_SECONDS)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else BROKEN


def cut(connection: ClientConnection) -> None:
    """The line goes dead without a word."""
    connection.socket.shutdown(socket.SHUT_RDWR)


def received(connection: ClientConnection, count: int) -> list[str | bytes]:
    return [connection.recv(timeout=TIMEOUT_SECONDS) for _ in range(count)]


def frames(seed: int) -> list[str | bytes]:
    """Text and binary in turns, of every length; together less than may wait for a slow watcher."""
    chance = random.Random(seed)
    made: list[str | bytes] = []
    for length in LENGTHS:
        made.append(chance.randbytes(length))
        # Two, three and four bytes a character, filled up to the length.
        text = "ä€😀" * (length // 9)
        made.append(text + "." * (length - len(text.encode())))
    return made


class Stage:
    """One stream and all who take part in it; leaving it closes their sockets."""

    def __init__(self, api: Api, token: str):
        self.api, self.token = api, token
        self.id = started(api, token)
        self.sockets = contextlib.ExitStack()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(self, *_) -> None:
        self.sockets.close()

    def _enter(self, api: Api | None, path: str, *args, **options) -> ClientConnection:
        return self.sockets.enter_context(open_socket(api or self.api, path, *args, **options))

    def publish(self, api: Api | None = None) -> ClientConnection:
        return self._enter(api, publisher_path(self.id))

    def watch(
            self, token: str | None = None, api: Api | None = None, **options) -> ClientConnection:
        return self._enter(api, watch_path(self.id), token or self.token, **options)

    def sleeper(self, token: str | None = None, api: Api | None = None) -> ClientConnection:
        """A watcher with little room that reads nothing until it is asked."""
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        narrow.connect(("127.0.0.1", int((api or self.api).url.rpartition(":")[2])))
        return self.watch(token, api, sock=narrow, max_queue=1)


def joined(publisher: ClientConnection, *watchers: ClientConnection) -> None:
    """Publishes until everybody hears it, and leaves nothing unread.

    A server hears of another's watchers a moment later; what was published before is lost to them.
    """
    waiting = list(watchers)

    def heard(watcher: ClientConnection) -> bool:
        try:
            return watcher.recv(timeout=0.2) == "anybody?"
        except TimeoutError:
            return False

    def all_heard() -> bool:
        publisher.send("anybody?")
        waiting[:] = [watcher for watcher in waiting if not heard(watcher)]
        return not waiting

    until(all_heard, "every watcher hears the publisher")
    publisher.send("everybody")
    for watcher in watchers:
        while watcher.recv(timeout=TIMEOUT_SECONDS) != "everybody":
            pass
