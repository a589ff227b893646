"""The listening side: connections counted when they are accepted, TLS within its deadline, a graceful stop.

SECURITY: a connection counts, for its address and in all, before it has cost more than the kernel's accept; TLS and
HTTP begin with its first octets (`gateway.edge.tunnel`). When there is no room the largest group loses a connection
that is not at work, one that did nothing before all others (`gateway.edge.shares`). Bodies are never inflated here.
Where proxies tell by a PROXY header for whom they speak nobody else is let in, and a connection counts for the address
in that header from then on, before TLS (`gateway.edge.proxied`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web

from gateway.edge.accepting import Accepting, listen, reset
from gateway.edge.admission import Admission
from gateway.edge.connection import Connection, ConnectionMaker, Listener
from gateway.edge.peer_addresses import Address, parse_address
from gateway.edge.proxied import Proxied
from gateway.edge.shares import Share
from gateway.edge.tunnel import READ_OCTETS, Tunnel
from gateway.edge.turns import Turns
from gateway.events import EventLog
from gateway.limits import HEAD_LIMITS, EdgeLimits

CUT_SECONDS = 1.0  # what a request that is cut has to end
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class EdgeServer:
    """One or more listening sockets in front of one handler."""

    def __init__(
        self,
        handler: Handler,
        limits: EdgeLimits,
        log: EventLog,
        *,
        admission: Admission,
        later: Callable[[], int],
    ) -> None:
        self.limits = limits
        self.log = log
        self.admission = admission
        self.open: set[Connection] = set()
        self.shaking: set[asyncio.Transport] = set()
        self._handler = handler
        self._later = later  # what Retry-After says while the hub stops
        self._sockets: list[Accepting] = []
        self._spoken: list[_Spoken] = []
        self._beginning: set[asyncio.Task[None]] = set()
        self._maker: ConnectionMaker | None = None
        self._turns = Turns()
        self._buffer = memoryview(bytearray(READ_OCTETS))
        self._running = 0
        self._quiet = asyncio.Event()
        self._stopping = False

    async def listen(self, host: str | None, port: int, tls: ssl.SSLContext | None) -> int:
        """Accept connections; returns the port, which matters when 0 was asked for. `host` None: every address."""
        spoken = _Spoken(tls)
        listening = await listen(host, port, partial(self._take, spoken))
        self._spoken.append(spoken)
        self._sockets += listening
        return listening[0].port

    def renew_tls(self, context: ssl.SSLContext) -> None:
        """Speak TLS so on every connection that begins from here on, where TLS is spoken; others go on as they are."""
        for each in self._spoken:
            if each.tls is not None:
                each.tls = context

    def _take(self, spoken: _Spoken, accepted: socket.socket, peer: Any) -> None:
        """Count a connection and go on with it, or break it off."""
        address = parse_address(str(peer[0])) if peer else None
        wanted = not self.limits.proxy_protocol or self.limits.trusts(address)
        share = self._count(address) if wanted else None
        if share is None:
            reset(accepted)
            self.log("connection_refused", address=str(address or ""))
            return
        accepted.setblocking(False)
        task = asyncio.get_running_loop().create_task(self._begin(spoken.tls, accepted, address, share))
        self._beginning.add(task)
        task.add_done_callback(self._beginning.discard)

    async def _begin(
        self, tls: ssl.SSLContext | None, accepted: socket.socket, address: Address | None, share: Share
    ) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(partial(_Accepted, self, tls, address, share), accepted)
        except OSError:  # it is gone already
            share.leave()
            accepted.close()

    def _count(self, address: Address | None) -> Share | None:
        """The share of one connection more; None where there is none, or no budget, for that address."""
        leaf = self.admission.leaf_of(address)
        if not self.admission.solvent(leaf):
            return None
        return self.admission.connections.enter(leaf, lambda: None)

    def go_on(
        self,
        below: asyncio.Transport,
        tls: ssl.SSLContext | None,
        address: Address | None,
        share: Share,
        *,
        until: float | None = None,
        first: bytes = b"",
    ) -> None:
        """Speak TLS or HTTP with that peer, whose `first` octets have come; a handshake has time `until` then."""
        above: Tunnel | Connection
        if tls is None:
            above = self.connection(address, share)
            share.cut = above.give_up
        else:
            share.cut = below.abort
            above = self.tunnel(below, tls, address, share, until)
        below.set_protocol(above)
        above.connection_made(below)
        if first:
            above.data_received(first)

    def await_header(
        self, below: asyncio.Transport, tls: ssl.SSLContext | None, proxy: Address | None, share: Share
    ) -> None:
        """Have a proxy say for whom it speaks; its header and a handshake have `handshake_seconds` together."""
        until = asyncio.get_running_loop().time() + self.limits.handshake_seconds
        self.shaking.add(below)
        share.cut = below.abort

        def said(origin: Address | None, rest: bytes) -> None:
            self.shaking.discard(below)
            counted: Share | None = share
            if origin is not None:
                share.leave()
                counted = self._count(origin)
            if counted is None:
                self.log("connection_refused", address=str(origin))
                below.abort()
            else:
                self.go_on(below, tls, origin or proxy, counted, until=until, first=rest)

        def refused(why: str) -> None:
            self.log("proxy_header_refused", detail=why, address=str(proxy or ""))

        def lost() -> None:
            self.shaking.discard(below)
            share.leave()

        proxied = Proxied(below, until=until, said=said, refused=refused, lost=lost)
        below.set_protocol(proxied)

    def connection(self, address: Address | None, share: Share) -> Connection:
        """A connection of HTTP for that peer."""
        if self._maker is None:
            self._maker = ConnectionMaker(
                self._serve,
                listener=Listener(limits=self.limits, log=self.log, admission=self.admission, open=self.open),
                auto_decompress=False,
                keepalive_timeout=self.limits.keepalive_seconds,
                lingering_time=5.0,
                access_log=None,
                logger=logging.getLogger("gateway.edge.http"),
                max_line_size=HEAD_LIMITS.target_octets,
                max_field_size=HEAD_LIMITS.value_octets,
                max_headers=HEAD_LIMITS.headers,
            )
        return self._maker.connection(address, share)

    def tunnel(
        self,
        below: asyncio.Transport,
        context: ssl.SSLContext,
        address: Address | None,
        share: Share,
        until: float | None = None,
    ) -> Tunnel:
        """A connection of TLS for that peer, which has until then, or `handshake_seconds`, to become one of HTTP."""
        loop = asyncio.get_running_loop()
        deadline = loop.call_at(until or loop.time() + self.limits.handshake_seconds, below.abort)
        self.shaking.add(below)

        def ready() -> Connection:
            deadline.cancel()
            self.shaking.discard(below)
            connection = self.connection(address, share)
            share.cut = connection.give_up
            return connection

        def lost() -> None:
            deadline.cancel()
            self.shaking.discard(below)
            share.leave()

        def in_turn(step: Callable[[], None]) -> None:
            if self.admission.leaf_of(address).known:
                step()
            else:
                self._turns.take(step)

        def spend(cpu_seconds: float) -> None:
            self.admission.spend(self.admission.leaf_of(address), cpu_seconds=cpu_seconds)

        def refused(why: str) -> None:
            self.log("client_certificate_refused", detail=why, address=str(address or ""))

        def solvent() -> bool:
            return self.admission.solvent(self.admission.leaf_of(address))

        return Tunnel(
            below,
            context,
            buffer=self._buffer,
            in_turn=in_turn,
            solvent=solvent,
            spend=spend,
            refused=refused,
            ready=ready,
            lost=lost,
        )

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = cast(Connection, request.protocol)
        connection.begun()
        self._running += 1
        try:
            if self._stopping:
                response: web.StreamResponse = web.Response(
                    status=HTTPStatus.SERVICE_UNAVAILABLE,
                    headers={"Retry-After": str(self._later())},
                )
            else:
                response = await self._handler(request)
            if self._stopping or connection.last_answer:
                response.force_close()
            return response
        finally:
            self._running -= 1
            connection.answered()
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
        for transport in list(self.shaking):
            transport.abort()
        for connection in [each for each in self.open if not each.busy]:
            connection.close()
        if self._running:
            self._quiet.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._quiet.wait()
        if self._maker is not None:
            self._maker.pre_shutdown()
            left = deadline - asyncio.get_running_loop().time()
            await self._maker.shutdown(max(left, CUT_SECONDS))


@dataclass(slots=True)
class _Spoken:
    """What one listening socket speaks; None: HTTP in the clear."""

    tls: ssl.SSLContext | None


class _Accepted(asyncio.Protocol):
    """A connection that was counted and taken: it becomes TLS or HTTP, behind a PROXY header where that is asked."""

    def __init__(self, edge: EdgeServer, tls: ssl.SSLContext | None, address: Address | None, share: Share) -> None:
        self._edge = edge
        self._tls = tls
        self._address = address
        self._share = share

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        below = cast(asyncio.Transport, transport)
        share, address = self._share, self._address
        if not share.held:  # given up for others, before it was one
            below.abort()
            return
        if self._edge.limits.proxy_protocol:
            self._edge.await_header(below, self._tls, address, share)
        else:
            self._edge.go_on(below, self._tls, address, share)
