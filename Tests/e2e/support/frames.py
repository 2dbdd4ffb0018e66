"""WebSocket frames spoken byte by byte, for what no client library would send."""

from typing import NamedTuple

from support.wire import Response, Wire

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

# The sample of RFC 6455, section 1.3.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
MASK = b"\x37\xfa\x21\x3d"


class Frame(NamedTuple):
    opcode: int
    payload: bytes
    fin: bool = True
    rsv: int = 0

    @property
    def code(self) -> int | None:
        """A Close frame's, or None where it gives none."""
        assert self.opcode == CLOSE, self
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


def masked(data: bytes, mask: bytes = MASK) -> bytes:
    whole = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(data), "big")


def shortest(length: int) -> int:
    """How many bits of length the frame must have."""
    return 7 if length < 126 else 16 if length < 65536 else 64


def frame(payload: bytes = b"", opcode: int = TEXT, *, fin: bool = True, rsv: int = 0,
          mask: bytes | None = MASK, bits: int | None = None, length: int | None = None) -> bytes:
    """As a client sends it; `length` is what the frame says of itself, in a field of `bits`."""
    length = len(payload) if length is None else length
    bits = bits or shortest(length)
    said = length if bits == 7 else 126 if bits == 16 else 127
    head = bytes([fin << 7 | rsv << 4 | opcode, (mask is not None) << 7 | said])
    if bits > 7:
        head += length.to_bytes(bits // 8, "big")
    return head + (payload if mask is None else mask + masked(payload, mask))


def close_frame(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame((b"" if code is None else code.to_bytes(2, "big")) + reason, CLOSE)


def handshake(target: str, changes: dict[str, str | list[str] | None] | None = None,
              method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    """A good one with some headers changed: None takes one away, a list sends it several times."""
    headers = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade",
               "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY} | (changes or {})
    lines = [f"{method} {target} {version}"]
    for name, value in headers.items():
        if value is not None:
            lines += [f"{name}: {one}" for one in ([value] if isinstance(value, str) else value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def answer_to(address: tuple[str, int], data: bytes) -> Response:
    """The first response to these bytes."""
    with Wire(address) as wire:
        wire.send(data)
        answer = wire.response(head_only=data.startswith(b"HEAD"))
        assert answer is not None, "no response"
        return answer


class FrameSocket(Wire):
    """An open WebSocket; `behind` goes out in the same packet as the handshake."""

    def __init__(self, address: tuple[str, int], target: str, changes: dict | None = None,
                 behind: bytes = b"", timeout: float = 30):
        super().__init__(address, timeout)
        self.send(handshake(target, changes) + behind)
        self.answer = self.response()
        assert self.answer is not None and self.answer.status == 101, self.answer

    def receive(self) -> Frame | None:
        """The next frame, or None where the server closed the connection or fell silent."""
        if not self.buffer and not self._more():
            return None
        first, second = self._exactly(2)
        assert not second & 0x80, "a server's frames are not masked"
        length = second
        if second > 125:
            length = int.from_bytes(self._exactly(2 if second == 126 else 8), "big")
            assert shortest(length) == (16 if second == 126 else 64), "not the shortest length"
        got = Frame(first & 15, self._exactly(length), bool(first & 0x80), first >> 4 & 7)
        assert got.rsv == 0 and (got.opcode < 8 or got.fin and length < 126), got
        return got

    def exchange(self, data: bytes) -> Frame:
        """Sends these bytes; gives the next frame."""
        assert self.send(data), "the connection is closed"
        got = self.receive()
        assert got is not None, f"no answer to {data[:40]!r}"
        return got

    def ended(self) -> int | None:
        """Reads up to the Close frame, after which the server closes the connection; its code."""
        while (got := self.receive()) is not None:
            if got.opcode == CLOSE:
                assert self.receive() is None and self.eof, "it stays open after its Close frame"
                return got.code
        raise AssertionError("no Close frame" + (", only the end of the connection" if self.eof else ""))

    def assert_open(self) -> None:
        """It answers a ping before anything else."""
        assert self.exchange(frame(b"still?", PING)) == Frame(PONG, b"still?")
