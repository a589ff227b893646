"""HTTP to the hub and back: octets out, an answer with its body in a spool in; not a word of ebMS.

Every answer with a head is an `HttpAnswer`, whatever its status, because products answer ebMS errors with any status;
no answer at all is `Unreachable`, and that includes one that broke off in the middle: what arrived of it is thrown
away.

SECURITY: redirects are not followed, proxies of the environment not used, answers not decompressed, their size bounded;
no word of an answer that cannot be read is repeated. Certificates are verified against the participant's own
authorities, or else the system's.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO

import aiohttp

from crypto.certificates import der
from gateway.client.participant import Participant
from gateway.http_faults import said_of
from gateway.storage import placed

STEP_OCTETS = 256 * 1024
_IN_MEMORY_OCTETS = 1024 * 1024
_CONNECT_SECONDS = 30
_MOST_DIGITS = 9  # of a Retry-After in seconds: 31 years
_SILENCE_SECONDS = 300  # of the hub between two octets: it may be validating or sealing a large message

# (stage, octets so far, octets in all if known). Called between the steps of a transfer, in whatever thread does them.
Progress = Callable[[str, int, int | None], None]


def no_progress(_stage: str, _done: int, _total: int | None) -> None:
    """For whoever shows nothing."""


class Unreachable(Exception):
    """No whole answer came: no connection, silence, a connection that broke; the reason is for the log."""


class BrokenOff(Unreachable):
    """A connection was open, and broke off or fell silent: the hub may have what was sent."""


class NoHttp(Unreachable):
    """Something answered, and not in HTTP."""


class AnswerTooLarge(Exception):
    """The answer has more octets than the participant takes."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A request body that lies in a file between a head and a tail, as it is sent on every attempt."""

    head: bytes
    file: Path | None
    file_octets: int
    tail: bytes

    @property
    def octets(self) -> int:
        """The Content-Length."""
        return len(self.head) + self.file_octets + len(self.tail)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One HTTP answer, whole. `body` stands at its start; whoever has the answer closes it."""

    status: int
    content_type: str
    body: IO[bytes]
    octets: int
    retry_after_seconds: float | None


def open_session(participant: Participant) -> aiohttp.ClientSession:
    """A session with kept connections to the hub; the caller closes it. Raises `OSError` for an unreadable TLS file."""
    # Given as one string of DER, because that is what it was read and checked as.
    context = ssl.create_default_context(cadata=b"".join(der(each) for each in participant.ca) or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if participant.tls is not None:
        context.load_cert_chain(
            participant.tls.certificate_file, participant.tls.key_file, participant.tls.password or ""
        )
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=context),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=_SILENCE_SECONDS),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def post(
    session: aiohttp.ClientSession,
    url: str,
    *,
    content_type: str,
    body: bytes | Stored,
    limit_octets: int,
    now: datetime,
    spool_folder: Path | None = None,
    progress: Progress = no_progress,
) -> HttpAnswer:
    """Send one request and take its whole answer; raises `Unreachable` or `AnswerTooLarge`."""
    octets = body.octets if isinstance(body, Stored) else len(body)
    headers = {"Content-Type": content_type, "Content-Length": str(octets), "Accept-Encoding": "identity"}
    data = _read(body, progress) if isinstance(body, Stored) else body
    try:
        async with session.post(url, data=data, headers=headers, allow_redirects=False) as response:
            spool, received = await _receive(response, limit_octets, spool_folder, progress)
            return HttpAnswer(
                status=response.status,
                content_type=response.headers.get("Content-Type", ""),
                body=spool,
                octets=received,
                retry_after_seconds=retry_after_seconds(", ".join(response.headers.getall("Retry-After", ())), now),
            )
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as fault:
        raise _kind_of(fault)(said_of(fault)) from None


def _kind_of(fault: Exception) -> type[Unreachable]:
    if isinstance(fault, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL):
        return Unreachable
    return NoHttp if isinstance(fault, aiohttp.ClientResponseError) else BrokenOff


async def _receive(
    response: aiohttp.ClientResponse, limit_octets: int, spool_folder: Path | None, progress: Progress
) -> tuple[IO[bytes], int]:
    # In memory while small, then a file without a name; what is pulled is ciphertext until it has been judged.
    folder = None if spool_folder is None else str(spool_folder)
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_OCTETS, dir=folder)  # noqa: SIM115 - handed on
    received = 0
    try:
        async for chunk in response.content.iter_chunked(STEP_OCTETS):
            received += len(chunk)
            if received > limit_octets:
                raise AnswerTooLarge(f"the answer has more than {limit_octets} octets")
            with placed(spool_folder or Path(tempfile.gettempdir())):
                if received <= _IN_MEMORY_OCTETS:
                    spool.write(chunk)
                else:
                    await asyncio.to_thread(spool.write, chunk)
            progress("receiving", received, response.content_length)
        spool.seek(0)
    except BaseException:
        spool.close()
        raise
    return spool, received


async def _read(body: Stored, progress: Progress) -> AsyncIterator[bytes]:
    yield body.head
    sent = len(body.head)
    if body.file is not None:
        with body.file.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, STEP_OCTETS):
                yield chunk
                sent += len(chunk)
                progress("sending", sent, body.octets)
    yield body.tail
    progress("sending", body.octets, body.octets)


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, in either of its forms (RFC 9110 10.2.3).

    None for whatever is neither, two headers included: an unreadable value is as if it were not there. How much of the
    wish is granted is the policy's. Infinite for a number with more digits than any wait has.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        digits = text.lstrip("0")
        return math.inf if len(digits) > _MOST_DIGITS else float(digits or "0")
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds())
    except (ValueError, OverflowError, TypeError, IndexError):  # years, zones and numbers that no date has
        return None
