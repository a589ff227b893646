"""One HTTP connection: the deadline of its heads, the end of its input, and answers that tell nothing of the library.

SECURITY: the HTTP library has no deadline for request line and headers, so each head gets one here, the first from the
moment the connection is ready, a later one from its first octet, or from the answer to the request before it when that
octet came earlier (HT-01). What cannot be read as HTTP gets a bare status and one line in our log; the library's own
answer and log would quote octets of the request (LG-02, T33).

The library's parser gives nothing of a segment in which it finds a fault: a whole request with something behind it in
the same segment that is no HTTP gets the 400 of what follows, and nothing of it is done. In a segment of its own it is
answered. Its sender has no receipt and sends it again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast

from aiohttp import HttpVersion, HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import BadStatusLine
from aiohttp.web_protocol import ERROR, RequestHandler

from gateway.edge.admission import HEAD_CPU_SECONDS, Admission
from gateway.edge.extent import Extent
from gateway.edge.peer_addresses import Address
from gateway.edge.shares import Leaf, Share
from gateway.edge.unread import Unread
from gateway.events import EventLog
from gateway.limits import EdgeLimits

_OTHER_VERSION: Final = "Bad status line:\n  Invalid HTTP version"  # how the library says it of most of them
VERSIONS: Final = (HttpVersion10, HttpVersion11)
SPOKEN: Final = web.RequestKey("spoken", HttpVersion)  # what the request line said


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What all connections share: what they are held to, what is told of them, and which there are."""

    limits: EdgeLimits
    log: EventLog
    admission: Admission
    open: set[Connection]


class Connection(RequestHandler):
    """One connection that has `header_seconds` for each request head, and its share of all connections."""

    __slots__ = (
        "_deadline",
        "_deaf",
        "_extent",
        "_last_body",
        "_listener",
        "_renew_at",
        "_unread",
        "busy",
        "input_ended",
        "origin",
        "peer",
        "share",
    )

    def __init__(
        self, manager: web.Server, *, listener: Listener, address: Address | None, share: Share, **kwargs: Any
    ) -> None:
        super().__init__(manager, **kwargs)
        self._listener = listener
        self._deadline: asyncio.TimerHandle | None = None
        self._renew_at = asyncio.get_running_loop().time() + listener.limits.connection_seconds
        self.peer = address
        self.origin = address  # whose the octets are: the peer's, or of the client that a proxy speaks for
        self.share = share
        self._deaf = False  # no more is read
        self._unread: Unread | None = None
        self.busy = False  # a request of it is being handled
        self.input_ended = False
        self._last_body: StreamReader | None = None  # of the request that came last
        self._extent = Extent()

    @property
    def leaf(self) -> Leaf:
        """Where the peer stands now; it may be a proxy."""
        return self._listener.admission.leaf_of(self.peer)

    @property
    def last_answer(self) -> bool:
        """Whether the answer that is being made is the last on this connection."""
        return (self.input_ended and not self._messages) or asyncio.get_running_loop().time() > self._renew_at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._unread = Unread(cast(asyncio.Transport, transport), self._listener.limits.idle_seconds)
        self._listener.open.add(self)
        self._await_head()

    async def start(self) -> None:
        """Answer what comes, unless the connection was lost before this task had its first turn."""
        if self.connected:  # the library asserts it; the write that ends TLS may find a reset before the first turn
            await super().start()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.head_came()
        if self._unread is not None:
            self._unread.forget()
        self.share.leave()
        self._listener.open.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        leaf = self._listener.admission.leaf_of(self.origin)
        self._listener.admission.spend(leaf, octets=len(data))
        known = self._request_count
        super().data_received(data)
        self._follow(data, heads=self._request_count - known)
        in_body = self._last_body is not None and not self._last_body.is_eof()
        if in_body or self._request_count > known:
            self.share.step()  # a head that is not whole, and a handshake, are none
        if in_body and not self.busy and self.transport and self._listener.admission.overdrawn_seconds(leaf):
            self._deaf = True  # the library would go on reading the body of a request that is answered
            self.transport.pause_reading()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes an answer, the library has none
        """Keep our half open as long as a whole request has no answer yet; what was begun and is not whole is lost."""
        self.input_ended = True
        if self._between_requests():
            return False
        if not self._messages:
            self.close()  # its answer may have left already, without saying that it was the last
        return self._last_body is not None and self._last_body.is_eof()

    def resume_reading(self, resume_parser: bool = True) -> None:
        if not self._deaf:
            super().resume_reading(resume_parser)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_answers()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_answers()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer, and see to it that it leaves."""
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._watch_answers()

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
        self._listener.admission.spend(self.leaf, cpu_seconds=HEAD_CPU_SECONDS)
        if isinstance(exc, BadStatusLine) and exc.message.startswith(_OTHER_VERSION):
            status = HTTPStatus.HTTP_VERSION_NOT_SUPPORTED
        self._listener.log(
            "request_refused", status=int(status), detail=type(exc).__name__, address=str(self.peer or "")
        )
        response = web.Response(status=status)
        response.force_close()
        return response

    def begun(self) -> None:
        """A request is being handled; nothing of an answer is due meanwhile."""
        self.busy = True
        if self._unread is not None:
            self._unread.forget()

    def answered(self) -> None:
        """A request is done with; a head that began to come meanwhile has its deadline from now on."""
        self.busy = False
        self.share.at_work = False
        self.origin = self.peer
        if self._deadline is None and not self._messages and self._extent.goes_on:
            self._await_head()

    def head_came(self) -> None:
        """A request head is complete."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def give_up(self) -> None:
        """Break off, because others have less."""
        if self.transport is not None:
            self.transport.abort()

    def _follow(self, data: bytes, *, heads: int) -> None:
        """Hold deadline and extent to what came; so many heads came to their end in it."""
        if not heads:
            self._extent.add(data)
            if data and self._deadline is None and self._between_requests():
                self._await_head()
            return
        self.head_came()
        if self._messages:
            message, self._last_body = self._messages[-1]
            if isinstance(message, RawRequestMessage):  # else it cannot be read, and the connection ends
                octets = int(message.headers.get("Content-Length", 0))
                self._extent.add_head(data, heads=heads, chunked=message.chunked, body_octets=octets)

    def _watch_answers(self) -> None:
        if self._unread is not None and self.transport is not None:
            self._unread.watch()

    def _await_head(self) -> None:
        seconds = self._listener.limits.header_seconds
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._head_is_late)

    def _head_is_late(self) -> None:
        self._deadline = None
        if self.transport is not None:
            self.transport.close()

    def _between_requests(self) -> bool:
        """No request has come, or all that came are answered, so what arrives is the beginning of the next."""
        return self._request_count == 0 or (self._waiter is not None and not self._waiter.done())


class PlainRequest(web.BaseRequest):
    """A request whose response does not tell which interpreter and library, of which version, made it (X11)."""

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)


class ConnectionMaker(web.Server):
    """Makes connections and requests of our kind."""

    def __init__(self, handler: Any, *, listener: Listener, **kwargs: Any) -> None:
        super().__init__(handler, **kwargs)
        self._listener = listener

    def _make_request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        spoken = message.version
        if spoken not in VERSIONS or message is ERROR:  # the library would answer in a version that nobody speaks here
            message = message._replace(version=HttpVersion11)
        request = PlainRequest(message, payload, protocol, writer, task, self._loop)
        request[SPOKEN] = spoken
        return request

    def connection(self, address: Address | None, share: Share) -> Connection:
        """A connection for that peer."""
        return Connection(self, listener=self._listener, address=address, share=share, loop=self._loop, **self._kwargs)
