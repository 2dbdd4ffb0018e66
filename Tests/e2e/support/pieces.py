"""Bodies that are sent in pieces, which the server really reads one by one."""

import json
import socket
from pathlib import Path

from support.program import until
from support.wire import Response, Wire, request


def unread(wire: Wire) -> int | None:
    """How many of the sent bytes the server's side of this loopback connection has not yet read.

    None where the kernel no longer lists the connection."""
    port, peer = wire.socket.getpeername()[1], wire.socket.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (int(local[-4:], 16), int(remote[-4:], 16)) == (port, peer):
            return int(queues.split(":")[1], 16)
    return None


def send_read(wire: Wire, data: bytes) -> None:
    """Sends the bytes and waits until the server has read them all, or has closed."""
    # They leave at once, whatever of the last ones was acknowledged.
    wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if wire.send(data):
        until(lambda: not unread(wire), "the server reads what came", pause=0.0002)


def chunk(piece: bytes) -> bytes:
    """A piece of a body in the chunked transfer coding (RFC 9112, section 7.1)."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)


LAST_CHUNK = b"0\r\n\r\n"


def in_chunks(body: bytes, size: int) -> bytes:
    """The whole of a body in chunks of this size, but for the one that ends it."""
    return b"".join(chunk(body[start:start + size]) for start in range(0, len(body), size))


def post_head(path: str, headers: dict[str, str], *lines: str) -> bytes:
    """The head of a POST of JSON."""
    given = [f"{name}: {value}" for name, value in ({"Content-Type": "application/json"} | headers).items()]
    return request("POST", path, b"", *given, *lines)


def post_declared(wire: Wire, path: str, headers: dict[str, str], *pieces: bytes) -> Response:
    """Posts the pieces of one body of a known length; each is read before the next one is sent."""
    send_read(wire, post_head(path, headers, f"Content-Length: {sum(map(len, pieces))}"))
    for piece in pieces:
        send_read(wire, piece)
    return wire.response()


def post_chunked(wire: Wire, path: str, headers: dict[str, str], *pieces: bytes, wait: bool = False) -> Response:
    """Posts the pieces of one body as chunks, all at once or each after the last one was read."""
    parts = [post_head(path, headers, "Transfer-Encoding: chunked"), *map(chunk, pieces), LAST_CHUNK]
    if wait:
        for part in parts:
            send_read(wire, part)
    else:
        wire.send(b"".join(parts))
    return wire.response()


def read(response: Response):
    """The JSON of a response."""
    return json.loads(response.body)
