"""HTTP spoken byte by byte, for what no client library would send."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One connection. Reading stops at the timeout; `eof` tells whether the server closed."""

    def __init__(self, address: tuple[str, int], timeout: float = 30):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.buffer = b""
        self.eof = False

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, data: bytes) -> bool:
        """False where the server has closed already."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def _more(self) -> bool:
        if self.eof:
            return False
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return False
        except ConnectionResetError:
            data = b""
        self.eof = not data
        self.buffer += data
        return bool(data)

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self.buffer:
            if not self._more():
                return None
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def _exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            assert self._more(), f"the body ended {count - len(self.buffer)} bytes early"
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def response(self, head_only: bool = False) -> Response | None:
        """The next response, or None where there is no other."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status = first.split(" ")[:2]
        assert version in ("HTTP/1.1", "HTTP/1.0"), first
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        code = int(status)
        if head_only or code in (204, 304) or code < 200:
            return Response(code, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Response(code, headers, self._chunks())
        if "content-length" in headers:
            return Response(code, headers, self._exactly(int(headers["content-length"])))
        while self._more():
            pass
        body, self.buffer = self.buffer, b""
        return Response(code, headers, body)

    def _chunks(self) -> bytes:
        body = b""
        while True:
            size = int(self._until(b"\r\n"), 16)
            body += self._exactly(size)
            self._exactly(2)
            if size == 0:
                return body

    def rest(self) -> list[Response]:
        """Everything until the server closes or falls silent."""
        found = []
        while (one := self.response()) is not None:
            found.append(one)
        return found


class UnixWire(Wire):
    """The same through a Unix socket."""

    def __init__(self, path, timeout: float = 30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))
        self.buffer = b""
        self.eof = False


def assert_kept_alive(wire: Wire) -> None:
    """One request after the other, several at once, and the end that a client asks for."""
    for _ in range(20):
        wire.send(request("GET", "/status/"))
        assert wire.response().status == 200
    wire.send(request("GET", "/status/") + request("GET", "/nothing/") + request("GET", "/status"))
    assert [wire.response().status for _ in range(3)] == [200, 404, 200]
    wire.send(request("GET", "/status/", b"", "Connection: close"))
    assert wire.response().status == 200
    assert wire.response() is None and wire.eof


def exchange(
        address: tuple[str, int], data: bytes, timeout: float = 30) -> tuple[list[Response], bool, bytes]:
    """Sends the bytes; gives all responses, whether the server then closed, and what was left over."""
    with Wire(address, timeout) as wire:
        wire.send(data)
        found = wire.rest()
        return found, wire.eof, wire.buffer


def request(method: str, target: str, body: bytes = b"", *lines: str) -> bytes:
    """A well-formed request of this method, with more header lines."""
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body
