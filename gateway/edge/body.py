"""A request body as chunks, with the deadlines that the HTTP library does not have.

SECURITY: a peer that stalls, drips or never ends is cut off: after `idle_seconds` without an octet, as soon as it is
more than `slow_window_seconds` behind the slowest rate, when its envelope is not whole within `envelope_seconds`, or
after `total_seconds` in all (HT-02). Each wait ends at the first of these moments; nothing is looked at now and then.
Time in which we did not ask for octets is not held against the peer, but for `total_seconds`: those end also a body
that is read slowly because its address has used up what it may send, and whose octets are always there already.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from gateway.limits import EdgeLimits

TOO_LONG = "the body took too long"
CHUNK_OCTETS = 64 * 1024  # what is decrypted, digested, inflated and encrypted while it is in the caches


class PeerGone(Exception):
    """The peer closed the connection before its message was complete; there is nobody to answer (T12)."""


class BodyRefused(Exception):
    """The rest of the body is not read; `status` says why to the peer, `detail` to the log."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Body:
    """The octets of one request as they come."""

    def __init__(self, request: web.BaseRequest, limits: EdgeLimits) -> None:
        self._request = request
        self._content = request.content
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        started = self._loop.time()
        self._end = started + limits.total_seconds
        self._envelope_end: float | None = started + limits.envelope_seconds
        self._ahead = limits.slow_window_seconds  # seconds that it may still wait at the slowest rate
        self._waiting: asyncio.Timeout | None = None
        self._cut = False
        self._continue = False

    def expects_continue(self) -> None:
        """The peer waits for a 100 before it sends; it gets one when its body is read (RFC 9110 10.1.1)."""
        self._continue = True

    def envelope_is_whole(self) -> None:
        """From here on only the deadlines of a whole body hold."""
        self._envelope_end = None

    async def rest(self, seconds: float) -> None:
        """Ask for nothing so long: its address has used up what it may send."""
        await asyncio.sleep(seconds)
        if self._envelope_end is not None:
            self._envelope_end += seconds

    def cut(self) -> None:
        """Others have less, and there is no room: end this one at once with a 503."""
        self._cut = True
        if self._waiting is not None and not self._waiting.expired():  # else whoever waits is on his way already
            self._waiting.reschedule(self._loop.time())

    async def chunks(self) -> AsyncIterator[bytes]:
        """The octets; raises `BodyRefused` 408 on a slow peer, 503 when it was cut, and 400 on broken framing."""
        while True:
            try:
                if self._cut:
                    raise BodyRefused(HTTPStatus.SERVICE_UNAVAILABLE, "others have a smaller share")
                chunk = self._content.read_nowait(CHUNK_OCTETS)
                if not chunk and not self._content.at_eof():
                    chunk = await self._wait()
            except (ConnectionError, asyncio.IncompleteReadError):
                raise PeerGone from None
            except RequestPayloadError as fault:
                if self._request.transport is None or self._request.transport.is_closing():
                    raise PeerGone from None
                raise BodyRefused(HTTPStatus.BAD_REQUEST, type(fault).__name__) from None
            except HttpProcessingError as fault:
                raise BodyRefused(HTTPStatus.BAD_REQUEST, type(fault).__name__) from None
            if chunk:
                if self._loop.time() >= self._end:
                    raise BodyRefused(HTTPStatus.REQUEST_TIMEOUT, TOO_LONG)
                self._ahead += len(chunk) / self._limits.slow_octets_per_second
                self._ahead = min(self._ahead, self._limits.slow_window_seconds)
                yield chunk
            elif self._content.at_eof():
                return

    async def _wait(self) -> bytes:
        """The next octets, before the first deadline that is in the way."""
        if self._continue and self._request.transport is not None:
            self._continue = False
            self._request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        started = self._loop.time()
        last, passed = min(
            (started + self._limits.idle_seconds, "the body stalled"),
            (started + self._ahead, "the body came too slowly"),
            (self._end, TOO_LONG),
            (self._end if self._envelope_end is None else self._envelope_end, "the envelope took too long"),
        )
        try:
            async with asyncio.timeout_at(last) as self._waiting:
                return await self._content.read(CHUNK_OCTETS)
        except TimeoutError:
            if self._cut:
                return b""
            raise BodyRefused(HTTPStatus.REQUEST_TIMEOUT, passed) from None
        finally:
            self._waiting = None
            self._ahead -= self._loop.time() - started
