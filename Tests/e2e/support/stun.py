"""STUN spoken byte by byte, over UDP and TCP (RFC 8489; RFC 5780; RFC 3489)."""

import errno
import ipaddress
import itertools
import os
import socket
import struct
import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from typing import NamedTuple

import ifaddr
import requests

# A type is the message's method, and above it its class.
REQUEST, INDICATION, SUCCESS, ERROR = 0x0001, 0x0011, 0x0101, 0x0111
COOKIE = b"\x21\x12\xa4\x42"

MAPPED_ADDRESS, CHANGE_REQUEST, SOURCE_ADDRESS, CHANGED_ADDRESS = 0x0001, 0x0003, 0x0004, 0x0005
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, UNKNOWN_ATTRIBUTES = 0x0006, 0x0008, 0x0009, 0x000A
REALM, NONCE, XOR_MAPPED_ADDRESS, PADDING, RESPONSE_PORT = 0x0014, 0x0015, 0x0020, 0x0026, 0x0027
SOFTWARE, FINGERPRINT, RESPONSE_ORIGIN, OTHER_ADDRESS = 0x8022, 0x8028, 0x802B, 0x802C

# What an answer may be longer than its request, so that nobody gains much by asking as somebody else.
LONGER = 100

# Bytes of the longest message that is taken.
LARGEST = 2048

# Only a hang reaches it.
PATIENCE_SECONDS = 30

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


def free_ports(count: int = 1, hosts: Iterable[str] = ("127.0.0.1",)) -> list[int]:
    """Different ones that are free on UDP and TCP, on all of these hosts."""
    found: list[int] = []
    while len(found) < count:
        port = 0
        with ExitStack() as stack:
            try:
                for host, kind in itertools.product(hosts, (socket.SOCK_STREAM, socket.SOCK_DGRAM)):
                    one = stack.enter_context(socket.socket(family(host), kind))
                    if family(host) == socket.AF_INET6:
                        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    one.bind((host, port))
                    port = one.getsockname()[1]
            except OSError as error:
                assert error.errno == errno.EADDRINUSE, error
                continue
            if port not in found:
                found.append(port)
    return found


def local_hosts() -> list[str]:
    """Loopback's of IPv4, and of IPv6 where the machine has it."""
    return ["127.0.0.1"] + (["::1"] if can_bind("::1") else [])


def can_bind(host: str) -> bool:
    try:
        with socket.socket(family(host), socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
        return True
    except OSError:
        return False


def text(*addresses: Address) -> str:
    """As --stun takes them."""
    return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in addresses)


def family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class Client:
    """What UDP and TCP have in common."""

    def __init__(self, kind: int, server: Address, source: str | None):
        self.server = server
        self.socket = socket.socket(family(server[0]), kind)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.bind((source or server[0], 0))

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    @property
    def address(self) -> Address:
        """Its own, which is what the server sees."""
        return normal(self.socket.getsockname())

    def waiting(self) -> int:
        """How many answers there are already; takes them."""
        self.socket.setblocking(False)
        count = 0
        try:
            while self.receive():
                count += 1
            return count
        except BlockingIOError:
            return count
        finally:
            self.socket.settimeout(PATIENCE_SECONDS)


class Udp(Client):
    """A socket from which a server is asked; its source is the server's host where none is given."""

    def __init__(self, server: Address, source: str | None = None):
        super().__init__(socket.SOCK_DGRAM, server, source)

    def send(self, data: bytes, to: Address | None = None) -> None:
        self.socket.sendto(data, to or self.server)

    def receive(self) -> Answer:
        data, origin = self.socket.recvfrom(65536)
        return read(data, normal(origin))

    def ask(self, data: bytes, to: Address | None = None, origin: Address | None = None) -> Answer:
        """The answer, which must come from where it was asked, or from another origin that is named."""
        self.send(data, to)
        answer = self.receive()
        assert answer.transaction == data[4:20]
        assert answer.origin == (origin or to or self.server)
        assert answer.size <= len(data) + LONGER
        return answer

    def assert_silence(self, *datagrams: bytes) -> None:
        """None of them is answered: what comes is the answer to a request behind them."""
        # In portions that the server's buffer holds.
        for start in range(0, len(datagrams), 64):
            for data in datagrams[start:start + 64]:
                self.send(data)
            assert self.ask(message()).mapped == self.address


class Tcp(Client):
    """A connection to a server."""

    def __init__(self, server: Address, source: str | None = None):
        super().__init__(socket.SOCK_STREAM, server, source)
        self.socket.connect(server)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _has(self, count: int) -> bool:
        """Whether so many bytes have come; False at the end of the connection."""
        while len(self.buffer) < count:
            try:
                more = self.socket.recv(65536)
            except (ConnectionResetError, BrokenPipeError):
                more = b""
            if not more:
                assert not self.buffer, f"the connection ends within a message: {self.buffer}"
                return False
            self.buffer += more
        return True

    def receive(self) -> Answer | None:
        """The next answer, or None where the server has closed the connection."""
        if not self._has(20):
            return None
        size = 20 + int.from_bytes(self.buffer[2:4], "big")
        assert self._has(size)
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return read(data, self.server)

    def ask(self, data: bytes) -> Answer:
        self.send(data)
        answer = self.receive()
        assert answer is not None, "the server has closed the connection"
        assert answer.transaction == data[4:20] and answer.size <= len(data) + LONGER
        return answer

    def assert_ended(self) -> None:
        assert (answer := self.receive()) is None, answer


# What /metrics tells of it.
FIGURES = ("requests", "answers", "bad_requests", "unknown_attributes", "limited", "ignored", "connections")


def figures(url: str) -> dict[str, int]:
    """What the server at this URL has counted since it began."""
    answer = requests.get(url + "/metrics", timeout=PATIENCE_SECONDS)
    assert answer.status_code == 200, answer.text
    lines = dict(line.split(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: int(lines[f"havocctl_stun_{name}_total"]) for name in FIGURES}


def interface_hosts() -> list[str]:
    """The machine's addresses that aren't loopback's, and are more than its link's own."""
    found = (ip.ip[0] if ip.is_IPv6 else ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips)
    return [host for host in found if can_bind(host)
            and not ipaddress.ip_address(host).is_loopback and not ipaddress.ip_address(host).is_link_local]
