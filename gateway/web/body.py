"""A request body as chunks, with the deadlines that the HTTP library does not have.

SECURITY: a peer that stalls, drips or never ends is cut off: after `idle_seconds` without an octet, below the slow rate
over the slow window, or after `total_seconds` in all (HT-02).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from gateway.ebms.errors import BareStatus
from gateway.web.limits import EdgeLimits

CHUNK_OCTETS = 64 * 1024  # what is decrypted, digested, inflated and encrypted while it is in the caches


class PeerGone(Exception):
    """The peer closed the connection before its message was complete; there is nobody to answer (T12)."""


async def chunks_of(request: web.BaseRequest, limits: EdgeLimits) -> AsyncIterator[bytes]:
    """The octets of the body as they arrive; raises `BareStatus` 408 on a slow peer and 400 on broken framing."""
    loop = asyncio.get_running_loop()
    started = window_from = loop.time()
    in_window = 0
    while True:
        try:
            chunk = request.content.read_nowait(CHUNK_OCTETS)
            if not chunk and not request.content.at_eof():
                async with asyncio.timeout(limits.idle_seconds):
                    chunk = await request.content.read(CHUNK_OCTETS)
        except TimeoutError:
            raise BareStatus(HTTPStatus.REQUEST_TIMEOUT, {"Connection": "close"}, detail="the body stalled") from None
        except (ConnectionError, asyncio.IncompleteReadError):
            raise PeerGone from None
        except RequestPayloadError as fault:
            if request.transport is None or request.transport.is_closing():
                raise PeerGone from None
            raise BareStatus(HTTPStatus.BAD_REQUEST, {"Connection": "close"}, detail=type(fault).__name__) from None
        except HttpProcessingError as fault:
            raise BareStatus(HTTPStatus.BAD_REQUEST, {"Connection": "close"}, detail=type(fault).__name__) from None
        if not chunk:
            if request.content.at_eof():
                return
            continue
        yield chunk
        now = loop.time()
        in_window += len(chunk)
        if now - started > limits.total_seconds:
            raise BareStatus(HTTPStatus.REQUEST_TIMEOUT, {"Connection": "close"}, detail="the body took too long")
        if now - window_from > limits.slow_window_seconds:
            if in_window < limits.slow_octets_per_second * limits.slow_window_seconds:
                raise BareStatus(HTTPStatus.REQUEST_TIMEOUT, {"Connection": "close"}, detail="the body came too slowly")
            window_from, in_window = now, 0
