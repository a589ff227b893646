"""The one endpoint URL: turns an HTTP request into a `Request` for the use case, and its `Answer` into an HTTP
response.

SECURITY: methods, content codings and rates are judged before a body is read; whatever goes wrong inside is answered
with a bare status and logged without a trace of the message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, cast

from aiohttp import web

from gateway.clock import Clock
from gateway.directory.public import PublicPage
from gateway.edge.admission import HEAD_CPU_SECONDS, Admission
from gateway.edge.arrival import Arrival
from gateway.edge.bare_status import BareStatus
from gateway.edge.body import Body, PeerGone
from gateway.edge.certificate_header import told_by_proxy
from gateway.edge.connection import Connection
from gateway.edge.heads import CLOSE, elements, expects_continue, judge_form, judge_head, judge_reading
from gateway.edge.metering import metered
from gateway.edge.peer_addresses import Caller, origin_of
from gateway.edge.shares import Leaf
from gateway.edge.tls import ClientCertificate
from gateway.events import EventLog, class_of, place_of
from gateway.limits import EdgeLimits
from gateway.msh.exchange import Answer, Request, Streamed
from gateway.msh.later import Cause, RetryAfter

UseCase = Callable[[Request], Awaitable[Answer]]
STEP_OCTETS = 256 * 1024
_OF_PAGES: Final[Mapping[str, str]] = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Endpoint:
    """Serves one path with one use case."""

    def __init__(
        self,
        use_case: UseCase,
        *,
        path: str,
        limits: EdgeLimits,
        log: EventLog,
        quiet: EventLog,
        admission: Admission,
        retry_after: RetryAfter,
        clock: Clock,
        time_suspect: Callable[[], bool],
        pages: Callable[[], Mapping[str, PublicPage]],
    ) -> None:
        self._use_case = use_case
        self._path = path
        self._limits = limits
        self._log = log
        self._quiet = quiet  # for what strangers can make happen as often as they like
        self._admission = admission
        self._retry_after = retry_after
        self._clock = clock
        self._time_suspect = time_suspect
        self._pages = pages  # what anybody may read, by path

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP exchange; never raises for anything a peer did."""
        connection = cast(Connection, request.protocol)
        origin = self._origin(request)
        address = str(origin.address or "")
        arrival = Arrival(connection, origin.address, self._admission, full=self._full)
        arrival.spend_cpu(HEAD_CPU_SECONDS)
        try:
            return await metered(self._exchange(request, origin, arrival), arrival.spend_cpu)
        except BareStatus as bare:
            self._quiet("request_refused", status=bare.status, detail=bare.detail, address=address)
            response = web.Response(status=bare.status, headers=bare.headers)
            if bare.headers.get("Connection") == "close" or request.can_read_body:
                response.force_close()
            return response
        except PeerGone:
            self._quiet("peer_gone", address=address)
            return _closing(HTTPStatus.BAD_REQUEST)
        except asyncio.CancelledError:
            raise
        except Exception as defect:
            self._log_defect(defect, address)
            return _closing(HTTPStatus.SERVICE_UNAVAILABLE, self._later())
        finally:
            arrival.leave()

    async def _exchange(self, request: web.BaseRequest, origin: Caller, arrival: Arrival) -> web.StreamResponse:
        address = str(origin.address or "")
        self._check_budgets(arrival)
        judge_form(request)
        page = self._pages().get(request.path)
        if page is not None and request.path != self._path:
            return self._show(request, page, arrival)
        certificate = self._admit(request)
        body = Body(request, self._limits)
        if expects_continue(request):
            body.expects_continue()
        arrival.begin(body)
        asked = Request(
            content_type=request.headers.get("Content-Type", ""),
            content_length=request.content_length,
            address=address,
            address_known=origin.address is not None and not origin.unsaid,
            tls_thumbprint=certificate.thumbprint if certificate is not None else None,
            chunks=arrival.chunks(),
            may_sign_unreadable=lambda: self._may_sign(address, arrival.leaf),
            envelope_is_whole=arrival.envelope_is_whole,
            quiet=self._quiet,
            is_strangers=arrival.is_strangers,
            proved=arrival.proved,
        )
        return await self._respond(request, await self._use_case(asked))

    def _log_defect(self, defect: Exception, address: str) -> None:
        self._log("defect", kind=class_of(defect), where=place_of(defect), address=address)

    def _origin(self, request: web.BaseRequest) -> Caller:
        """Of the peer, or of the client that a proxy of ours says it speaks for."""
        peer = cast(Connection, request.protocol).peer
        origin = origin_of(peer, request.headers.getall("X-Forwarded-For", ()), self._limits.trusts)
        if origin.unsaid:
            self._quiet("proxy_silent", address=str(origin.address))
        return origin

    def _show(self, request: web.BaseRequest, page: PublicPage, arrival: Arrival) -> web.StreamResponse:
        """A page that anybody may read: octets that were made before, charged to a stranger's traffic."""
        judge_reading(request)
        headers = {**_OF_PAGES, "ETag": page.tag}
        if request.can_read_body:
            raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="a body where a page is read")
        if page.tag in elements(request, "If-None-Match"):
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if request.method == "GET":
            self._admission.spend(arrival.leaf, octets=len(page.octets))
        return web.Response(body=page.octets, headers={**headers, "Content-Type": page.content_type})

    def _check_budgets(self, arrival: Arrival) -> None:
        """Before a head is looked at: what this address has left."""
        leaf = arrival.leaf
        if not self._admission.may_ask(leaf) or not self._admission.solvent(leaf):
            seconds = self._retry_after.first_seconds(Cause.LOAD)  # this address alone waits
            later = {"Retry-After": str(seconds), **CLOSE}
            raise BareStatus(HTTPStatus.TOO_MANY_REQUESTS, later, detail="too many requests")

    def _admit(self, request: web.BaseRequest) -> ClientCertificate | None:
        """Judge head and certificates before anything is read; the client's, when it showed one."""
        judge_head(request, self._path)
        shown = request.transport.get_extra_info("client_certificate") if request.transport is not None else None
        own = cast("ClientCertificate | None", shown)
        certificate = self._of_client(request, own)
        for each in (own, certificate):
            if each is not None and not each.holds(self._clock.now()):
                raise self._out_of_time()
        return certificate

    def _of_client(self, request: web.BaseRequest, own: ClientCertificate | None) -> ClientCertificate | None:
        """What was shown on this connection; from a proxy of ours that hands certificates on, what it was shown."""
        header = self._limits.client_certificate_header
        if header is None:
            return own
        trusted = self._limits.trusts(cast(Connection, request.protocol).peer)
        values = request.headers.getall(header, ())
        told = told_by_proxy(values, trusted=trusted, form=self._limits.client_certificate_form)
        return told if trusted else own

    def _out_of_time(self) -> BareStatus:
        """For a certificate that ended, or has not begun, while its connection or session was kept."""
        if self._time_suspect():
            later = {**self._later(Cause.TIME), **CLOSE}
            return BareStatus(HTTPStatus.SERVICE_UNAVAILABLE, later, detail="TLS client certificate: time is suspect")
        return BareStatus(HTTPStatus.FORBIDDEN, CLOSE, detail="the TLS client certificate is out of its time")

    def _may_sign(self, address: str, leaf: Leaf) -> bool:
        allowed = self._admission.may_be_told(leaf)
        if not allowed:
            self._quiet("request_refused", status=429, detail="too many unreadable requests", address=address)
        return allowed

    def _full(self) -> BareStatus:
        later = {**self._later(), **CLOSE}
        return BareStatus(HTTPStatus.SERVICE_UNAVAILABLE, later, detail="no room: others have a smaller share")

    def _later(self, cause: Cause = Cause.LOAD) -> dict[str, str]:
        return {"Retry-After": str(self._retry_after.seconds(cause))}

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
            self._log_defect(defect, str(self._origin(request) or ""))
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


async def _broken(request: web.BaseRequest, response: web.StreamResponse, body: Streamed, cause: BaseException) -> None:
    """The connection broke while a leased message was on its way."""
    response.force_close()
    await body.broken()
    if isinstance(cause, asyncio.CancelledError):
        raise cause
    if request.transport is not None:
        request.transport.abort()


def _closing(status: int, headers: dict[str, str] | None = None) -> web.Response:
    response = web.Response(status=status, headers=headers)
    response.force_close()
    return response
