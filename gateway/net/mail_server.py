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
_POLICY: Final = re.compile(r"5\.7\.\d")  # RFC 3463: who may send, and not who may get


class NotDelivered(Exception):
    """The letter was not taken; the text says what the server said, or what kept us from it. `for_good` where this
    address or letter will be refused again: anything that is about us or passes is not.
    """

    def __init__(self, said: str, *, for_good: bool = False, of_server: bool = False) -> None:
        super().__init__(said)
        self.for_good = for_good
        self.of_server = of_server  # any other letter would fare no better now


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
            raise _refused(first.code, first.message) from None
        except aiosmtplib.SMTPDataError as fault:
            raise _refused(fault.code, fault.message) from None
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


def _refused(code: int, message: str) -> NotDelivered:
    is_policy = _POLICY.match(message) is not None
    return NotDelivered(_said(code, message), for_good=500 <= code < 600 and not is_policy)


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
