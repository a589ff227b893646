"""HTTP by hand over a socket, for what no HTTP client would send.

async with connected(hub) as peer:
    await peer.send(request(body, content_type=...))
    answer = await peer.answer()          # status, headers, body
    await peer.gone()                     # until the hub has closed the connection
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from support.hubs.hub import TestedHub
from support.keys.pki import NOW
from support.messages.wire import Reply, Wire, read_reply

PATIENCE_SECONDS = 60.0  # ends a test that hangs; no test waits for it to be over


@dataclass
class Peer:
    """Our end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    at: datetime = NOW

    async def send(self, octets: bytes) -> None:
        """Send these octets; that the hub has closed the connection meanwhile is for `answer` or `gone` to find."""
        with contextlib.suppress(ConnectionError):
            self.writer.write(octets)
            await self.writer.drain()

    async def answer(self, *, bodiless: bool = False) -> Reply:
        """The next HTTP response with its whole body, which an answer to HEAD lacks; `interim` tells a 100."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            status, headers = await self._head()
            if bodiless:
                body = b""
            elif "Content-Length" in headers:
                body = await self.reader.readexactly(int(headers["Content-Length"]))
            elif status in (204, 304) or status < 200:
                body = b""
            else:
                body = await self.reader.read()
        return read_reply(status, headers, body, at=self.at)

    async def interim(self) -> int:
        """The status of a response that is a head alone."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self._head())[0]

    async def gone(self) -> bytes:
        """Wait until the hub has closed the connection; what it sent before that."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read()
            return b""

    def abort(self) -> None:
        """Break the connection off."""
        transport = self.writer.transport
        transport.abort()

    async def _head(self) -> tuple[int, dict[str, str]]:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split(" ")[1]), headers


@asynccontextmanager
async def connected(
    hub: TestedHub,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    tls: ssl.SSLContext | None = None,
    source: str | None = None,
) -> AsyncIterator[Peer]:
    """A connection to the hub, from an address of one's own (`source`), broken off at the end."""
    local = None if source is None else (source, 0)
    reader, writer = await asyncio.open_connection(host, port or hub.port, ssl=tls, limit=1 << 26, local_addr=local)
    peer = Peer(reader, writer, hub.clock.now())
    try:
        yield peer
    finally:
        peer.abort()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


def head(
    content_type: str | None,
    *lines: str,
    method: str = "POST",
    path: str = "/as4",
    version: str = "1.1",
) -> bytes:
    """A request head; `lines` are header lines without their line ends."""
    typed = [] if content_type is None else [f"Content-Type: {content_type}"]
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: hub.test", *typed, *lines, "", ""]).encode("latin-1")


def whole(wire: Wire, *lines: str, **changed: str) -> bytes:
    """A complete request that announces its length."""
    return head(wire.content_type, f"Content-Length: {len(wire.body)}", *lines, **changed) + wire.body  # type: ignore[arg-type]


def chunked(octets: bytes, size: int) -> bytes:
    """A body in chunks of that size."""
    return b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in pieces(octets, size)) + b"0\r\n\r\n"


def pieces(octets: bytes, size: int) -> Iterator[bytes]:
    """The octets cut into pieces of that size."""
    return (octets[start : start + size] for start in range(0, len(octets), size))


@dataclass
class Listener:
    """A port of this machine on which nobody is to knock."""

    port: int
    visits: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/secret.xml"


@asynccontextmanager
async def listener() -> AsyncIterator[Listener]:
    """Listen, and hold against whoever used it that anybody came."""

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.visits.append(b"")
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    found = Listener(server.sockets[0].getsockname()[1])
    async with server:
        yield found
    assert not found.visits, "an address in a message was visited"


def headers_of(reply: Reply) -> Mapping[str, str]:
    """The headers of an answer by lower-case name."""
    return {name.lower(): value for name, value in reply.headers.items()}
