"""A server that speaks TLS, and clients that trust its certificates' authority and nobody else."""

import select
import ssl
import threading
from pathlib import Path
from typing import NamedTuple

from cryptography import x509

from support.api import Account, Api, create_account
from support.certificates import Pair
from support.community import triple
from support.frames import FrameSocket
from support.program import Ctl
from support.server import Server
from support.sockets import Person, Talk
from support.streams import Stage
from support.wire import Wire, request


class InTurns(ssl.SSLSocket):
    """Only one thread at a time: OpenSSL can't read and write one connection at once, and Python lets a
    thread that reads and one that sends do so; what is sent is lost now and then."""

    @classmethod
    def _create(cls, *args, **options):
        made = super()._create(*args, **options)
        made.turn = threading.Lock()
        return made

    def send(self, *args):
        with self.turn:
            return super().send(*args)

    def recv(self, *args):
        while True:
            with self.turn:
                patience = self.gettimeout()
                self.settimeout(0)
                try:
                    return super().recv(*args)
                except ssl.SSLWantReadError:
                    pass
                finally:
                    self.settimeout(patience)
            if not select.select([self], [], [], patience)[0]:
                raise TimeoutError("nothing came")


def trusting(trust: Path | None, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """What a client needs; with a version it speaks no other, and without an authority it believes anybody."""
    context = ssl.create_default_context(cafile=trust and str(trust))
    if trust is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.sslsocket_class = InTurns
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


class TLSServer(Server):
    """One that is given this certificate as options."""

    def __init__(self, program: Path, database: str | None, *options: str, trust: Path | None,
                 pair: Pair | None = None, **more):
        super().__init__(program, database, *(pair.options if pair else ()), *options, **more)
        self.url = f"https://127.0.0.1:{self.port}"
        self.trust = trust
        self.context = trusting(trust)

    def status(self) -> int | None:
        try:
            with TLSWire(self.door) as wire:
                wire.send(request("GET", "/status/", b"", "Connection: close"))
                answer = wire.response()
                return answer and answer.status
        except OSError:
            return None

    @property
    def api(self) -> "TLSApi":
        return TLSApi(self.url, self.trust)

    @property
    def door(self) -> "Door":
        return Door(self.address, self.context)


class TLSApi(Api):
    """One client over TLS; give every thread its own."""

    def __init__(self, url: str, trust: Path):
        super().__init__(url)
        self.trust = trust
        self.session.verify = str(trust)


class Door(NamedTuple):
    """Where a server is, and what to ask it for before anything is said."""

    address: tuple[str, int]
    context: ssl.SSLContext


def greeted(door: Door, timeout: float = 30, **options) -> ssl.SSLSocket:
    """A connection after its handshake."""
    plain = Wire(door.address, timeout).socket
    try:
        return door.context.wrap_socket(plain, server_hostname=door.address[0], **options)
    except OSError:
        plain.close()
        raise


def serial(door: Door) -> int:
    """That of the certificate which a new connection is shown."""
    with greeted(door) as connection:
        return serial_of(connection)


def serial_of(connection: ssl.SSLSocket) -> int:
    return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number


class TLSWire(Wire):
    """HTTP byte by byte, within TLS."""

    def __init__(self, door: Door, timeout: float = 30):
        self.socket = greeted(door, timeout)
        self.buffer = b""
        self.eof = False

    def send(self, data: bytes) -> bool:
        try:
            return super().send(data)
        except ssl.SSLEOFError:
            return False


class TLSFrameSocket(FrameSocket, TLSWire):
    """WebSocket frames byte by byte, within TLS."""


class TLSStage(Stage):
    """A stream whose sockets are wss://."""

    def _enter(self, api, path, *args, **options):
        context = trusting((api or self.api).trust)
        return super()._enter(api, path, *args, ssl=context, **options)


def talk_over(server: TLSServer, ctl: Ctl) -> Talk:
    """A conversation of two who signed in over TLS."""
    def somebody() -> Person:
        account: Account = create_account(ctl, 1, "talker")
        given = triple(server.api, account)
        return Person(account, given["access_token"], given["token_auth"])
    one, other = somebody(), somebody()
    answer = server.api.post("/conversations/start/", {"username": other.name}, one.access)
    assert answer.status_code == 201, answer.text
    return Talk(answer.json()["conversation_id"], one, other, ctl.database)
