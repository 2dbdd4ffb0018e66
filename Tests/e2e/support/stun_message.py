"""STUN's messages byte by byte (RFC 8489; RFC 5780; RFC 3489)."""

import ipaddress
import os
import struct
import zlib
from typing import NamedTuple

# A type is the message's method, and above it its class.
REQUEST, INDICATION, SUCCESS, ERROR = 0x0001, 0x0011, 0x0101, 0x0111
COOKIE = b"\x21\x12\xa4\x42"

MAPPED_ADDRESS, CHANGE_REQUEST, SOURCE_ADDRESS, CHANGED_ADDRESS = 0x0001, 0x0003, 0x0004, 0x0005
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, UNKNOWN_ATTRIBUTES = 0x0006, 0x0008, 0x0009, 0x000A
REALM, NONCE, XOR_MAPPED_ADDRESS, PADDING, RESPONSE_PORT = 0x0014, 0x0015, 0x0020, 0x0026, 0x0027
SOFTWARE, FINGERPRINT, RESPONSE_ORIGIN, OTHER_ADDRESS = 0x8022, 0x8028, 0x802B, 0x802C

# Bytes of the longest message that is taken.
LARGEST = 2048

# A host and a port.
Address = tuple[str, int]


def attribute(kind: int, value: bytes = b"", filler: bytes = b"\0") -> bytes:
    """With what fills it up to a multiple of four bytes."""
    return struct.pack("!HH", kind, len(value)) + value + filler * (-len(value) % 4)


def new_transaction() -> bytes:
    return COOKIE + os.urandom(12)


def old_transaction() -> bytes:
    """RFC 3489's, which knew no cookie."""
    return b"\x5a" + os.urandom(15)


def message(*attributes: bytes, kind: int = REQUEST, transaction: bytes | None = None,
            length: int | None = None) -> bytes:
    """`length` is what the header says of what follows it."""
    body = b"".join(attributes)
    return struct.pack("!HH", kind, len(body) if length is None else length) \
        + (transaction or new_transaction()) + body


def fingerprint(data: bytes) -> bytes:
    """Of everything before it (RFC 8489, section 14.7)."""
    return attribute(FINGERPRINT, struct.pack("!I", zlib.crc32(data) ^ 0x5354554E))


def signed(data: bytes, behind: bytes = b"") -> bytes:
    """With a FINGERPRINT, which covers a length that counts it, and what else is put behind."""
    data = data[:2] + struct.pack("!H", len(data) - 12 + len(behind)) + data[4:]
    return data + fingerprint(data) + behind


def change(host: bool = False, port: bool = False) -> bytes:
    """A CHANGE-REQUEST."""
    return attribute(CHANGE_REQUEST, struct.pack("!I", host << 2 | port << 1))


def normal(address: tuple) -> Address:
    """A socket's address without an IPv6 one's flow and scope."""
    return str(ipaddress.ip_address(address[0])), address[1]


class Answer(NamedTuple):
    """A message of the server's, which `read` has found to be well-formed."""

    kind: int
    transaction: bytes
    attributes: list[tuple[int, bytes]]
    size: int
    origin: Address

    def value(self, kind: int) -> bytes | None:
        found = [value for one, value in self.attributes if one == kind]
        assert len(found) < 2, f"several of attribute {kind:#06x}"
        return found[0] if found else None

    def address(self, kind: int) -> Address | None:
        value = self.value(kind)
        if value is None:
            return None
        assert value[0] == 0 and (value[1], len(value)) in ((1, 8), (2, 20)), value
        mask = self.transaction if kind == XOR_MAPPED_ADDRESS else bytes(16)
        port = int.from_bytes(value[2:4], "big") ^ int.from_bytes(mask[:2], "big")
        return str(ipaddress.ip_address(bytes(a ^ b for a, b in zip(value[4:], mask)))), port

    @property
    def mapped(self) -> Address | None:
        return self.address(XOR_MAPPED_ADDRESS)

    @property
    def code(self) -> int | None:
        """An error's."""
        value = self.value(ERROR_CODE)
        if value is None:
            return None
        assert value[:2] == b"\0\0" and value[3] < 100 and value[4:].decode(), value
        return value[2] * 100 + value[3]

    @property
    def unknown(self) -> list[int]:
        value = self.value(UNKNOWN_ATTRIBUTES)
        return [] if value is None else [one for one, in struct.iter_unpack("!H", value)]

    @property
    def kinds(self) -> set[int]:
        return {kind for kind, _ in self.attributes}


def read(data: bytes, origin: Address) -> Answer:
    """Takes a message apart and holds it to what every answer must be."""
    kind, length = struct.unpack("!HH", data[:4])
    assert len(data) == 20 + length and length % 4 == 0, data
    attributes, at = [], 20
    while at < len(data):
        one, length = struct.unpack("!HH", data[at:at + 4])
        value, filler = data[at + 4:at + 4 + length], data[at + 4 + length:at + 4 + length + -length % 4]
        assert len(value) == length and filler == bytes(-length % 4), data
        attributes.append((one, value))
        if one == FINGERPRINT:
            assert data == signed(data[:at]), "a wrong FINGERPRINT, or not the last attribute"
        at += 4 + length + len(filler)
    answer = Answer(kind, data[4:20], attributes, len(data), origin)
    assert kind in (SUCCESS, ERROR) and (kind == ERROR) == (answer.code is not None), answer
    assert answer.value(SOFTWARE) == b"havocctl"
    return answer
