"""The listening side: TLS, connections with a header deadline, a graceful stop.

SECURITY: the HTTP library has no deadline for the first request line and headers, so each connection gets one here
(HT-01). Bodies are never inflated by it. What it cannot read as HTTP gets a bare status and one line in our log; its
own answer and its own log would quote octets of the request (LG-02, T33).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from gateway.msh.hub import EventLog
from gateway.web.limits import EdgeLimits

CUT_SECONDS = 1.0  # what a request that is cut has to end
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Paths of PEM files; with `client_authority` a client certificate is asked for, and demanded if
    `client_required`.
    """

    certificate: str
    key: str
    key_password: str | None = None
    client_authority: str | None = None
    client_required: bool = False
    minimum: str = "1.2"
    ciphers: str | None = None


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """A server context: TLS 1.2 or later, no renegotiation, no compression (T36, T37, T38)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if files.minimum == "1.3" else ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    if files.ciphers:
        context.set_ciphers(files.ciphers)
    context.load_cert_chain(files.certificate, files.key, files.key_password)
    if files.client_authority is not None:
        context.load_verify_locations(files.client_authority)
        context.verify_mode = ssl.CERT_REQUIRED if files.client_required else ssl.CERT_OPTIONAL
    return context


class _Connection(RequestHandler):
    """One connection that has `header_seconds` to come to its first complete request head."""

    __slots__ = ("_address", "_deadline", "_server", "busy")

    def __init__(self, manager: web.Server, *, server: EdgeServer, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._server = server
        self.busy = False  # a request of it is being handled
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self._server.admits(_address(transport)):
            transport.close()
            return
        self._address = _address(transport)
        self._server.open[self] = self._address
        self._deadline = asyncio.get_running_loop().call_later(self._server.limits.header_seconds, transport.close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.head_came()
        self._server.open.pop(self, None)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, or ended in an exception, with the status alone, and close."""
        if request.writer.output_size > 0:
            raise ConnectionError("the answer had begun")
        self._server.log("request_refused", status=status, detail=type(exc).__name__, address=request.remote or "")
        response = web.Response(status=status)
        response.force_close()
        return response

    def head_came(self) -> None:
        """A request head is complete: its handler has begun."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Request(web.BaseRequest):
    """A request whose response does not tell which interpreter and library, of which version, made it (X11)."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)


class _Server(web.Server):
    """Makes connections and requests of our kind."""

    def __init__(self, handler: Handler, *, edge: EdgeServer, **kwargs: Any) -> None:
        super().__init__(handler, **kwargs)
        self._edge = edge

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        return _Request(message, payload, protocol, writer, task, self._loop)

    def __call__(self) -> RequestHandler:
        return _Connection(self, server=self._edge, loop=self._loop, **self._kwargs)


class EdgeServer:
    """One or more listening sockets in front of one handler."""

    def __init__(self, handler: Handler, limits: EdgeLimits, log: EventLog) -> None:
        self.limits = limits
        self.log = log
        self.open: dict[_Connection, str] = {}
        self._handler = handler
        self._sockets: list[asyncio.Server] = []
        self._server: _Server | None = None
        self._running = 0
        self._quiet = asyncio.Event()
        self._stopping = False

    async def listen(self, host: str | None, port: int, tls: ssl.SSLContext | None) -> int:
        """Accept connections; returns the port, which matters when 0 was asked for."""
        if self._server is None:
            self._server = _Server(
                self._serve,
                edge=self,
                auto_decompress=False,
                keepalive_timeout=self.limits.keepalive_seconds,
                lingering_time=5.0,
                access_log=None,
                logger=logging.getLogger("gateway.web.http"),
                max_line_size=8190,
                max_field_size=8190,
                max_headers=100,
            )
        listening = await asyncio.get_running_loop().create_server(
            self._server,
            host,
            port,
            ssl=tls,
            backlog=512,
            ssl_handshake_timeout=self.limits.header_seconds if tls is not None else None,
        )
        self._sockets.append(listening)
        return int(listening.sockets[0].getsockname()[1])

    def admits(self, address: str) -> bool:
        """Whether one more connection of that address is taken."""
        limits = self.limits
        if len(self.open) >= limits.connections:
            return False
        of_address = sum(each == address for each in self.open.values())
        return of_address < limits.connections_per_address or limits.trusts(address)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        if isinstance(connection, _Connection):
            connection.head_came()
            connection.busy = True
        self._running += 1
        try:
            if self._stopping:
                response: web.StreamResponse = web.Response(
                    status=HTTPStatus.SERVICE_UNAVAILABLE,
                    headers={"Retry-After": str(self.limits.retry_after_seconds)},
                )
            else:
                response = await self._handler(request)
            if self._stopping:
                response.force_close()
            return response
        finally:
            self._running -= 1
            if isinstance(connection, _Connection):
                connection.busy = False
            if self._running == 0:
                self._quiet.set()

    async def stop(self) -> None:
        """Take nothing new, let what runs come to its end within `stop_seconds`, then cut (OP-05).

        The library drops the octets of a body from the moment it is told to close, so it is told when no request is
        being handled any more, or the time is over.
        """
        deadline = asyncio.get_running_loop().time() + self.limits.stop_seconds
        self._stopping = True
        for listening in self._sockets:
            listening.close()
        for connection in [each for each in self.open if not each.busy]:
            connection.close()
        if self._running:
            self._quiet.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._quiet.wait()
        if self._server is not None:
            self._server.pre_shutdown()
            left = deadline - asyncio.get_running_loop().time()
            await self._server.shutdown(max(left, CUT_SECONDS))
        for listening in self._sockets:
            await listening.wait_closed()


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""
