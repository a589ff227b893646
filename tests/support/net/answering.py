"""A server of a few lines on loopback that answers what a test says, and counts who connected.

async with answering(b"octets") as server:  ...  server.url, server.connections, server.requests
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import cast

Reply = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]  # of a request's head and body


@dataclass
class Answering:
    """What a test sees of it; `reply` may be changed while it serves."""

    reply: Reply
    port: int = 0
    scheme: str = "http"
    host: str = "127.0.0.1"
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://{self.host}:{self.port}/answer"

    def says(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        """From now on."""
        self.reply = saying(body, status=status, headers=headers)


def saying(body: bytes, *, status: str = "200 OK", headers: str = "") -> Reply:
    """One whole answer."""

    async def reply(_request: bytes, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode("ascii") + body)
        await writer.drain()

    return reply


@asynccontextmanager
async def answering(body: bytes | Reply, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Answering]:
    """Serve until the block ends."""
    server = Answering(saying(body) if isinstance(body, bytes) else body, scheme="http" if tls is None else "https")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        serving.add(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                request = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in request.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                if lengths:
                    request += await reader.readexactly(int(lengths[0].partition(b":")[2]))
                server.requests.append(request)
                await server.reply(request, writer)
            finally:
                writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    serving: set[asyncio.Task[None]] = set()
    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for each in serving:
            each.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        async with asyncio.timeout(10):
            while listening._active_count:  # type: ignore[attr-defined]  # noqa: ASYNC110 - a handshake that failed tells nobody
                await asyncio.sleep(0)
