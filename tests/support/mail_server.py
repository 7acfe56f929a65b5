"""A real mail server on loopback that answers as a test asks."""

import asyncio
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

OK = "250 OK"


@dataclass
class Manners:
    """How the server answers, and what it was sent."""

    greeting: str = ""
    sender: str = OK
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = OK
    hang_up_at: Literal["", "DATA", "QUIT"] = ""
    received: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    password: bytes = b"s3cret"
    login_answer: str | None = None
    taken: Callable[[], None] = lambda: None
    """Called when a message has arrived, before the one who sent it is told so."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's contract
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        del server
        session.host_name = hostname
        return [self.greeting] if self.greeting else responses

    async def handle_HELO(  # noqa: N802 - aiosmtpd's contract
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        session.host_name = hostname
        return self.greeting or OK

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's contract
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.sender == OK:
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's contract
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipients.get(address, OK)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's contract
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hang_up_at == "DATA":
            _hang_up(server)
        elif self.data == OK:
            self.received.append(envelope)
            self.encrypted.append(session.ssl is not None)
            self.taken()
        return self.data

    async def handle_QUIT(  # noqa: N802 - aiosmtpd's contract
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        if self.hang_up_at == "QUIT":
            _hang_up(server)
        return "221 Bye"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append((login.login, login.password))
        is_right = login.password == self.password and not self.login_answer
        # "handled" would mean that the refusal was already sent.
        return AuthResult(success=is_right, handled=is_right, message=self.login_answer)


def _hang_up(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.close()


@contextmanager
def serving(
    manners: Manners, starttls: ssl.SSLContext | None = None, implicit_tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """Serve in a thread of its own; gives the port."""
    started: queue.Queue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    def protocol() -> SMTP:
        return SMTP(
            manners,
            hostname="mail.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=manners.authenticate,
            auth_require_tls=starttls is not None,
        )

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit_tls)
        started.put((server.sockets[0].getsockname()[1], loop, stop))
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    port, loop, stop = started.get()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
