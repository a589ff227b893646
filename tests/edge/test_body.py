"""A body that is cut because others have less."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from types import SimpleNamespace
from typing import cast

from aiohttp import web

from gateway.edge.body import Body, BodyRefused
from gateway.edge.limits import EdgeLimits


class Silent:
    """What the HTTP library gives of a peer that sends nothing."""

    def read_nowait(self, most: int) -> bytes:
        return b""

    def at_eof(self) -> bool:
        return False

    async def read(self, most: int) -> bytes:
        return await asyncio.Event().wait() and b""


async def test_who_cuts_a_body_in_the_moment_of_its_deadline_does_not_suffer_for_it() -> None:
    request = cast(web.BaseRequest, SimpleNamespace(content=Silent(), transport=None))
    body = Body(request, EdgeLimits(idle_seconds=0.05))

    async def read() -> BodyRefused | None:
        try:
            async for _ in body.chunks():
                pass
        except BodyRefused as refused:
            return refused
        return None

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)  # it begins to wait
    assert body._waiting is not None
    cut = asyncio.get_running_loop().create_future()

    def in_that_moment() -> None:
        try:
            cut.set_result(body.cut())
        except RuntimeError as fault:
            cut.set_exception(fault)

    deadline = body._waiting.when()
    assert deadline is not None
    asyncio.get_running_loop().call_at(deadline + 1e-9, in_that_moment)
    refused = await reading
    await cut
    assert refused is not None
    assert refused.status == HTTPStatus.SERVICE_UNAVAILABLE
