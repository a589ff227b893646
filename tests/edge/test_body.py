"""A body that ends before its end: cut because others have less, or too long on its way."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from gateway.edge.body import Body, BodyRefused
from gateway.limits import EdgeLimits


class Silent:
    """What the HTTP library gives of a peer that sends nothing."""

    def read_nowait(self, most: int) -> bytes:
        return b""

    def at_eof(self) -> bool:
        return False

    async def read(self, most: int) -> bytes:
        return await asyncio.Event().wait() and b""


class Ready(Silent):
    """What it gives of a peer whose octets are always there before they are asked for."""

    def read_nowait(self, most: int) -> bytes:
        return b"octets"


class ComesAgain(Silent):
    """One that sends octets so many times, a moment after they are asked for, and has sent all then."""

    def __init__(self, times: int) -> None:
        self.left = times

    def at_eof(self) -> bool:
        return self.left == 0

    async def read(self, most: int) -> bytes:
        moment = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(moment.set_result, None)
        await moment
        self.left -= 1
        return b"octets"


def body_of(content: Silent, limits: EdgeLimits) -> Body:
    return Body(cast(web.BaseRequest, SimpleNamespace(content=content, transport=None)), limits)


async def test_a_body_whose_octets_are_always_there_ends_after_the_time_for_a_whole_request() -> None:
    """As one does that is read at the pace of its address's budget."""
    body = body_of(Ready(), EdgeLimits(total_seconds=0.0))
    with pytest.raises(BodyRefused, match="took too long") as refused:
        async for _ in body.chunks():
            pass
    assert refused.value.status == HTTPStatus.REQUEST_TIMEOUT


async def test_no_wait_for_octets_lasts_beyond_the_time_for_a_whole_request(monkeypatch: pytest.MonkeyPatch) -> None:
    waits_until: list[float] = []
    real = asyncio.timeout_at

    def noted(when: float) -> asyncio.Timeout:
        waits_until.append(when)
        return real(when)

    monkeypatch.setattr("gateway.edge.body.asyncio.timeout_at", noted)
    body = body_of(ComesAgain(3), EdgeLimits(total_seconds=60.0, idle_seconds=3600.0, slow_window_seconds=3600.0))
    body.envelope_is_whole()
    assert [chunk async for chunk in body.chunks()] == [b"octets"] * 3
    assert len(waits_until) == 3
    assert len(set(waits_until)) == 1, "the moment is that of the request, not of the wait"


async def test_an_envelope_is_not_late_because_its_octets_were_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_seconds: float) -> None:
        """An hour is over."""

    body = body_of(ComesAgain(1), EdgeLimits(envelope_seconds=0.0))
    monkeypatch.setattr("gateway.edge.body.asyncio.sleep", at_once)
    await body.rest(3600.0)
    assert [chunk async for chunk in body.chunks()] == [b"octets"]


async def test_who_cuts_a_body_in_the_moment_of_its_deadline_does_not_suffer_for_it() -> None:
    body = body_of(Silent(), EdgeLimits(idle_seconds=0.05))

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
