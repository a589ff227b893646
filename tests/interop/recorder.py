"""Stands between a client and a hub on sockets of its own: keeps what passes, and may change an answer on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web


@dataclass(frozen=True, slots=True)
class Passed:
    """One HTTP message that passed; `status` 0 for a request."""

    content_type: str
    body: bytes
    status: int = 0


@dataclass(slots=True)
class Recorder:
    """`url` is where a client goes; `exchanges` are requests with their answers, in order."""

    hub_url: str
    url: str = ""
    exchanges: list[tuple[Passed, Passed]] = field(default_factory=list)
    alter_answer: Callable[[Passed], Passed] = lambda answer: answer

    async def _forward(self, request: web.Request) -> web.Response:
        asked = Passed(request.headers.get("Content-Type", ""), await request.read())
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.post(self.hub_url, data=asked.body, headers={"Content-Type": asked.content_type}) as response,
        ):
            body = await response.read()
            answer = self.alter_answer(Passed(response.headers.get("Content-Type", ""), body, response.status))
        self.exchanges.append((asked, answer))
        headers = {"Content-Type": answer.content_type} if answer.body else {}
        return web.Response(status=answer.status, body=answer.body, headers=headers)


@asynccontextmanager
async def recorder(hub_url: str) -> AsyncIterator[Recorder]:
    """A recorder on a loopback port in front of the hub."""
    recording = Recorder(hub_url)
    application = web.Application(client_max_size=1 << 30)
    application.router.add_post("/as4", recording._forward)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    recording.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/as4"
    try:
        yield recording
    finally:
        await runner.cleanup()
