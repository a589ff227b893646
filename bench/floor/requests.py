"""The requests of a transaction to an empty handler over kept TLS connections: what HTTPS costs a server at the least.

Requests and answers have the sizes of a transaction's: a message for a receipt, a PullRequest for a message, a receipt
for nothing. The server is a process of its own, whose CPU time is what counts.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from cryptography.hazmat.primitives import serialization

from bench.floor.wire import Identity

Exchange = tuple[bytes, int]  # a body, and the octets of its answer
_CPUCLOCK_SCHED = 2


def serve_nothing(pipe: Connection, certificate: str, key: str) -> None:
    """An HTTPS server with an empty handler, which answers with as many octets as the path says; says its port."""
    import uvloop
    from aiohttp import web

    blank = bytes(1 << 20)

    async def handler(request: web.BaseRequest) -> web.Response:
        await request.read()
        size = int(request.path[1:])
        return web.Response(body=blank[:size]) if size else web.Response(status=204)

    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(web.Server(handler), "127.0.0.1", 0, ssl=context)
        pipe.send(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, pipe.recv)

    uvloop.run(main())


class EmptyServer:
    """The server process, and a client that keeps its connections."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self._port = port

    def session(self) -> aiohttp.ClientSession:
        """A client for it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))

    async def seconds(
        self, session: aiohttp.ClientSession, exchanges: list[Exchange], count: int, connections: int
    ) -> float:
        """CPU time of the server for so many of each exchange: all of the first, then all of the second, and so on."""
        before = self._cpu_seconds()
        for body, size in exchanges:
            left = iter(range(count))
            url = f"https://127.0.0.1:{self._port}/{size}"
            await asyncio.gather(*(_ask(session, url, body, left) for _ in range(connections)))
        return self._cpu_seconds() - before

    def _cpu_seconds(self) -> float:
        # The clock of another process, as clock_getcpuclockid(3) makes its number.
        return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)


async def _ask(session: aiohttp.ClientSession, url: str, body: bytes, left: Iterator[int]) -> None:
    for _ in left:
        async with session.post(url, data=body) as response:
            await response.read()


@contextmanager
def empty_server(folder: Path) -> Iterator[EmptyServer]:
    """The server, for as long as this lasts."""
    identity = Identity(2048)
    certificate, key = folder / "tls.pem", folder / "tls.key"
    certificate.write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        identity.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve_nothing, args=(theirs, str(certificate), str(key)), daemon=True)
    process.start()
    try:
        port = ours.recv()
        if process.pid is None:
            raise RuntimeError("the empty server has no process")
        yield EmptyServer(process.pid, port)
        ours.send(None)
        process.join(5)
    finally:
        process.kill()
