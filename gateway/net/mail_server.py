"""One letter to a mail server, and what it said: taken, or why not.

SECURITY: TLS is demanded and the server's certificate verified for its name before anything else is said; where it
offers none nothing is sent. The words of a server are a stranger's: nothing of them is kept that is not printed, and
whoever keeps or shows them cuts and escapes them.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final, Literal

import aiosmtplib

STEP_SECONDS: Final = 30.0  # for the connection, and for each answer
LETTER_SECONDS: Final = 150.0  # for all of it: less than a letter is leased for
_STATUS: Final = re.compile(r"([245])\.(\d{1,3})\.\d{1,3}\b")  # RFC 3463 2, with its class and its subject
_CLOSING: Final = 421  # RFC 5321 3.8: to whatever was asked


class NotDelivered(Exception):
    """The letter was not taken; the text says what the server said, or what kept us from it, and the rest what it was
    said to. What becomes of the letter is for others to decide.
    """

    def __init__(
        self, said: str, *, of_server: bool = False, at_address: bool = False, code: int = 0, subject: int | None = None
    ) -> None:
        super().__init__(said)
        self.of_server = of_server  # any other letter would fare no better now
        self.at_address = at_address  # it answered the address, before it had the letter
        self.code = code  # of the reply, as RFC 5321 4.2 has it; 0 without one
        self.subject = subject  # of its status code, where it gave one: 1 the address, 2 the mailbox, 7 policy


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes our letters; `tls` says whom its certificate may come from."""

    host: str
    port: int
    begins: Literal["implicit", "starttls"]
    tls: ssl.SSLContext
    user: str | None = None
    password: Callable[[], bytes | None] = field(default=lambda: None, repr=False)  # asked each time, as keys are

    async def send(self, letter: EmailMessage) -> None:
        """Hand over one letter to the one address that it names; raises `NotDelivered`."""
        try:
            async with asyncio.timeout(LETTER_SECONDS):
                await self._send(letter)
        except aiosmtplib.SMTPRecipientsRefused as fault:
            first = fault.recipients[0]
            raise _refused(first.code, first.message, at_address=True) from None
        except aiosmtplib.SMTPDataError as fault:
            raise _refused(fault.code, fault.message, at_address=False) from None
        except aiosmtplib.SMTPResponseException as fault:  # of connecting, logging in, or whom the letter is from
            raise NotDelivered(_said(fault.code, fault.message), of_server=True) from None
        except (aiosmtplib.SMTPException, OSError) as fault:
            raise NotDelivered(_reason(fault), of_server=True) from None

    async def _send(self, letter: EmailMessage) -> None:
        password = None if self.user is None else self.password()
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            use_tls=self.begins == "implicit",
            start_tls=self.begins == "starttls",
            tls_context=self.tls,
            username=self.user,
            password=None if password is None else password.decode("utf-8", "surrogateescape"),
            timeout=STEP_SECONDS,
        )
        async with client:
            await client.send_message(letter)


def _refused(code: int, message: str, *, at_address: bool) -> NotDelivered:
    status = _STATUS.match(message)
    return NotDelivered(
        _said(code, message),
        of_server=code == _CLOSING,
        at_address=at_address,
        code=code,
        subject=None if status is None else int(status[2]),
    )


def _said(code: int, message: str) -> str:
    """What the server said, in one line, without what would move a terminal's cursor or turn a line around."""
    said = f"{code} {message}" if code > 0 else message
    return "".join(each if each.isprintable() else " " for each in said)


def _reason(fault: BaseException) -> str:
    """Why there was no word of the server: of TLS what its library says, which names no address."""
    cause = fault.__cause__ or fault.__context__ or fault
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS: the certificate of the server is not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    return _said(0, str(fault) or type(fault).__name__)
