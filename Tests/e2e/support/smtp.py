"""SMTP servers on loopback, built on aiosmtpd: well-behaved ones, and every way not to be."""

import asyncio
import email
import email.policy
import logging
import re
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult

from support.program import until

# Refusals and broken connections are the point here, and no news.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

# A name may hold six digits in a row, but not by themselves.
CODE = re.compile(r"(?<![\w-])\d{6}(?![\w-])")


@dataclass(frozen=True)
class Message:
    """One mail as it was received."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    tls: bool
    user: str | None

    @property
    def parsed(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def text(self) -> str:
        body = self.parsed.get_body(("plain",))
        assert body is not None, self.content
        return body.get_content()

    @property
    def code(self) -> str:
        """The one number of six digits in the text."""
        found = set(CODE.findall(self.text))
        assert len(found) == 1, self.text
        return found.pop()


@dataclass
class Manners:
    """How a server behaves; a test may change it while the server runs."""

    # How often each recipient is told to come again.
    greylist: int = 0
    refused: set[str] = field(default_factory=set)
    refuse_all: bool = False
    # Silence after the greeting.
    hang: bool = False
    # The command at which the connection breaks: CONNECT, MAIL, RCPT or DATA.
    drop: str | None = None
    # What DATA is answered in place of 250.
    data_answer: str | None = None


class Connection(SMTP):
    """aiosmtpd's protocol, which can also fall silent or hang up."""

    async def _handle_client(self) -> None:
        manners = self.event_handler.manners
        if manners.drop == "CONNECT":
            self.transport.abort()
        elif manners.hang and self.session.ssl is None:
            await self.push(f"220 {self.hostname} {self.__ident__}")
            await self._reader.read()
        else:
            await super()._handle_client()


class MailServer:
    """Keeps what it receives; `tls` is "off", "starttls" or "implicit"."""

    def __init__(self, tls: str = "off", context: ssl.SSLContext | None = None,
                 user: str | None = None, password: str | None = None, without: tuple = (),
                 manners: Manners | None = None):
        assert (tls == "off") == (context is None)
        self.tls, self.context = tls, context
        self.user, self.password, self.without = user, password, without
        self.manners = manners or Manners()
        self.messages: list[Message] = []
        # Every recipient that was named, taken or not.
        self.tried: list[str] = []
        self.connections: list[SMTP] = []
        self.port = 0
        self.loop: asyncio.AbstractEventLoop | None = None

    # What aiosmtpd calls

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.manners.drop == "MAIL":
            server.transport.abort()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tried.append(address)
        if self.manners.drop == "RCPT":
            server.transport.abort()
        if self.manners.refuse_all or address in self.manners.refused:
            return "550 5.1.1 No such mailbox here"
        if self.tried.count(address) <= self.manners.greylist:
            return "451 4.7.1 Greylisted, please come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.manners.drop == "DATA":
            server.transport.abort()
            return "451 4.3.0 Never heard"
        if self.manners.data_answer:
            return self.manners.data_answer
        self.messages.append(Message(
            envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content,
            session.ssl is not None or self.tls == "implicit", session.auth_data))
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        if given != (self.user, self.password):
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True, auth_data=self.user)

    def protocol(self) -> SMTP:
        options = {}
        if self.user is not None:
            options = {"auth_required": True, "authenticator": self.authenticate,
                       "auth_exclude_mechanism": self.without,
                       "auth_require_tls": self.tls == "starttls"}
        if self.tls == "starttls":
            options["tls_context"] = self.context
        self.connections.append(Connection(
            self, hostname="mail.example.org", loop=self.loop, enable_SMTPUTF8=True, **options))
        return self.connections[-1]

    # Its life; a second start takes the same port.

    def start(self) -> "MailServer":
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

        async def listen():
            return await self.loop.create_server(
                self.protocol, "127.0.0.1", self.port,
                ssl=self.context if self.tls == "implicit" else None)

        self.listening = asyncio.run_coroutine_threadsafe(listen(), self.loop).result(30)
        self.port = self.listening.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        async def end():
            self.listening.close()
            for connection in self.connections:
                if connection.transport is not None:
                    connection.transport.abort()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        if self.loop is None:
            return
        asyncio.run_coroutine_threadsafe(end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.loop = None

    def __enter__(self) -> "MailServer":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def url(self) -> str:
        scheme = "smtps" if self.tls == "implicit" else "smtp"
        user = f"{self.user}@" if self.user is not None else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    # What came

    def to(self, recipient: str) -> list[Message]:
        return [message for message in list(self.messages) if recipient in message.recipients]

    def wait_for(self, recipient: str, count: int = 1, seconds: float = 60) -> Message:
        """The newest mail to this address, once there are so many."""
        until(lambda: len(self.to(recipient)) >= count, f"{count} mails to {recipient}", seconds)
        return self.to(recipient)[-1]
