"""A mail server on loopback, by aiosmtpd: what it took, and what it says to whom.

async with taking_mail() as taker:
    await taker.server().send(letter)
    taker.taken[0]["Subject"]
"""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from support.keys.tls import tls_folder

from gateway.edge.tls import tls_context
from gateway.net.mail_server import MailServer

USER, PASSWORD = "knooppunt", "geheim wachtwoord"


@dataclass
class MailTaker:
    """The server: `says_of` and `says_at_end` are what it answers to an address and to a letter."""

    begins: Literal["implicit", "starttls"]
    port: int = 0
    octets: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    says_of: Callable[[str], str] = lambda _address: "250 OK"
    says_at_end: Callable[[], str] = lambda: "250 taken"
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def taken(self) -> list[EmailMessage]:
        """The letters, as another library reads them."""
        found = [message_from_bytes(each, policy=default) for each in self.octets]
        assert all(isinstance(each, EmailMessage) for each in found)
        return found  # type: ignore[return-value]

    def server(self, *, host: str = "localhost", trusted: ssl.SSLContext | None = None, **said: Any) -> MailServer:
        """As the hub knows it."""
        tls = trusted or tls_folder().client()
        return MailServer(host=host, port=self.port, begins=said.pop("begins", self.begins), tls=tls, **said)

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        said = self.says_of(address)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.recipients.append(address)
        return said

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        said = self.says_at_end()
        if said.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.octets.append(envelope.content)
            self.came.set()
        return said

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@asynccontextmanager
async def taking_mail(
    *,
    begins: Literal["implicit", "starttls", "plain"] = "implicit",
    logs_in: bool = False,
    host: str = "127.0.0.1",
) -> AsyncIterator[MailTaker]:
    """The server at work; `plain` offers no TLS at all."""
    loop, taker = asyncio.get_running_loop(), MailTaker("starttls" if begins == "plain" else begins)
    tls = tls_context(tls_folder().server())

    def made() -> SMTP:
        with (
            warnings.catch_warnings()
        ):  # it wonders at a login that needs no STARTTLS, where TLS is there from the start
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                taker,
                hostname="mail.example",
                loop=loop,
                tls_context=tls if begins == "starttls" else None,
                require_starttls=begins == "starttls",
                authenticator=taker.authenticate if logs_in else None,
                auth_required=logs_in,
                auth_require_tls=begins == "starttls",
            )

    listening = await loop.create_server(made, host, 0, ssl=tls if begins == "implicit" else None)
    taker.port = listening.sockets[0].getsockname()[1]
    try:
        yield taker
    finally:
        listening.close()
        await listening.wait_closed()
