"""The one endpoint URL: turns an HTTP request into a `Request` for the use case, and its `Answer` into an HTTP
response.

SECURITY: methods, content codings and rates are judged before a body is read; whatever goes wrong inside is answered
with a bare status and logged without a trace of the message.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from gateway.ebms.errors import BareStatus
from gateway.msh.defect import place_of
from gateway.msh.exchange import Answer, Request, Streamed
from gateway.msh.hub import EventLog
from gateway.web.body import PeerGone, chunks_of
from gateway.web.limits import EdgeLimits, Rate

UseCase = Callable[[Request], Awaitable[Answer]]
STEP_OCTETS = 256 * 1024


class Endpoint:
    """Serves one path with one use case."""

    def __init__(self, use_case: UseCase, *, path: str, limits: EdgeLimits, log: EventLog) -> None:
        self._use_case = use_case
        self._path = path
        self._limits = limits
        self._log = log
        self._requests = Rate(limits.requests_per_second)
        self._unreadable = Rate(limits.unreadable_per_second)
        self._in_progress = 0
        self._later = {"Retry-After": str(limits.retry_after_seconds)}

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP exchange; never raises for anything a peer did."""
        address = self._address(request)
        if self._in_progress >= self._limits.requests_in_progress:
            self._log("request_refused", status=503, detail="too many requests in progress", address=address)
            return _closing(HTTPStatus.SERVICE_UNAVAILABLE, self._later)
        self._in_progress += 1
        try:
            return await self._exchange(request, address)
        finally:
            self._in_progress -= 1

    async def _exchange(self, request: web.BaseRequest, address: str) -> web.StreamResponse:
        try:
            await self._admit(request, address)
            answer = await self._use_case(self._request(request, address))
            return await self._respond(request, answer)
        except BareStatus as bare:
            self._log("request_refused", status=bare.status, detail=bare.detail, address=address)
            response = web.Response(status=bare.status, headers=bare.headers)
            if bare.headers.get("Connection") == "close" or request.can_read_body:
                response.force_close()
            return response
        except PeerGone:
            self._log("peer_gone", address=address)
            return _closing(HTTPStatus.BAD_REQUEST)
        except asyncio.CancelledError:
            raise
        except Exception as defect:
            self._log_defect(defect, address)
            return _closing(HTTPStatus.SERVICE_UNAVAILABLE, self._later)

    def _log_defect(self, defect: Exception, address: str) -> None:
        self._log("defect", kind=type(defect).__name__, where=place_of(defect), address=address)

    def _address(self, request: web.BaseRequest) -> str:
        """Of the peer, or what a proxy that we trust says of it: the last address of the last line, for what stands
        before it the client may have written itself.
        """
        peer = request.remote or ""
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        return forwarded.rpartition(",")[2].strip() or peer if self._limits.trusts(peer) else peer

    async def _admit(self, request: web.BaseRequest, address: str) -> None:
        if request.path != self._path:
            raise BareStatus(HTTPStatus.NOT_FOUND, detail="no such path")
        if request.method != "POST":
            raise BareStatus(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "POST"}, detail="not a POST")
        if _codings(request, "Content-Encoding") - {"identity"}:
            raise BareStatus(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail="content coding")
        if _codings(request, "Transfer-Encoding") - {"chunked"}:
            raise BareStatus(HTTPStatus.BAD_REQUEST, {"Connection": "close"}, detail="transfer coding")
        if not self._requests.allows(address, asyncio.get_running_loop().time()):
            raise BareStatus(HTTPStatus.TOO_MANY_REQUESTS, self._later, detail="too many requests")
        expect = request.headers.get("Expect")
        if expect is not None:
            if expect.strip().lower() != "100-continue":
                raise BareStatus(HTTPStatus.EXPECTATION_FAILED, detail="Expect")
            if request.transport is not None:
                request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _request(self, request: web.BaseRequest, address: str) -> Request:
        return Request(
            content_type=request.headers.get("Content-Type", ""),
            content_length=request.content_length,
            address=address,
            tls_thumbprint=_tls_thumbprint(request),
            chunks=chunks_of(request, self._limits),
            may_sign_unreadable=lambda: self._unreadable.allows(address, asyncio.get_running_loop().time()),
        )

    async def _respond(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        if isinstance(answer.body, Streamed):
            return await self._stream(request, answer, answer.body)
        response = web.Response(status=answer.status, body=answer.body or None, headers=dict(answer.headers))
        if answer.content_type:
            response.headers["Content-Type"] = answer.content_type
        if not request.content.at_eof():
            response.force_close()
        return response

    async def _stream(self, request: web.BaseRequest, answer: Answer, body: Streamed) -> web.StreamResponse:
        if body.octets <= STEP_OCTETS:
            return await self._send_whole(request, answer, body)
        response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
        response.headers["Content-Type"] = answer.content_type
        response.content_length = body.octets
        loop = asyncio.get_running_loop()
        last_sign = loop.time()
        try:
            await response.prepare(request)
            async for chunk in body.chunks:
                for start in range(0, len(chunk), STEP_OCTETS):
                    async with asyncio.timeout(self._limits.idle_seconds):
                        await response.write(chunk[start : start + STEP_OCTETS])
                if loop.time() - last_sign > self._limits.idle_seconds:
                    last_sign = loop.time()
                    await body.still_sending()
            await response.write_eof()
        except (ConnectionError, TimeoutError, asyncio.CancelledError) as cause:
            await _broken(request, response, body, cause)
        except Exception as defect:  # a status now would stand in the middle of the message
            self._log_defect(defect, self._address(request))
            await _broken(request, response, body, defect)
        return response

    async def _send_whole(self, request: web.BaseRequest, answer: Answer, body: Streamed) -> web.StreamResponse:
        """Head and body in one write: encrypting and sending them piece by piece costs more than all the rest."""
        try:
            octets = b"".join([chunk async for chunk in body.chunks])
        except BaseException:  # nothing was sent: the answer becomes a 503
            await body.broken()
            raise
        response = web.Response(status=answer.status, body=octets, headers=dict(answer.headers))
        response.headers["Content-Type"] = answer.content_type
        try:
            async with asyncio.timeout(self._limits.idle_seconds):
                await response.prepare(request)
                await response.write_eof()
        except (ConnectionError, TimeoutError, asyncio.CancelledError) as cause:
            await _broken(request, response, body, cause)
        return response


def _codings(request: web.BaseRequest, name: str) -> set[str]:
    return {each.strip().lower() for value in request.headers.getall(name, ()) for each in value.split(",")}


async def _broken(request: web.BaseRequest, response: web.StreamResponse, body: Streamed, cause: BaseException) -> None:
    """The connection broke while a leased message was on its way."""
    response.force_close()
    await body.broken()
    if isinstance(cause, asyncio.CancelledError):
        raise cause
    if request.transport is not None:
        request.transport.abort()


def _tls_thumbprint(request: web.BaseRequest) -> str | None:
    tls = request.transport.get_extra_info("ssl_object") if request.transport is not None else None
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    return hashlib.sha256(certificate).hexdigest() if certificate else None


def _closing(status: int, headers: dict[str, str] | None = None) -> web.Response:
    response = web.Response(status=status, headers=headers)
    response.force_close()
    return response
