"""A large part passes through push and pull in pieces: memory does not grow with it."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.client.participants import means_with, participant
from support.hubs.hub_script import leg_two
from support.longer import longer
from support.messages.wire import Part, saldoverzoek
from support.store.file_systems import FILE_SYSTEMS

from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.outgoing import Attachment
from gateway.client.pull import pull
from gateway.client.push import push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome

LARGE_OCTETS = 48 * 1024 * 1024
ALLOWED_OCTETS = 12 * 1024 * 1024
STEP = 256 * 1024


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < ALLOWED_OCTETS


@asynccontextmanager
async def serving(handler: Callable[[web.Request], object]) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/as4", handler)  # type: ignore[arg-type]
    server = TestServer(application)
    await server.start_server()
    yield str(server.make_url("/as4"))
    await server.close()


# The others differ in how a file gets its name, and each is written and read through as slowly as the first.
KINDS = (sorted(FILE_SYSTEMS)[0], *longer(*sorted(FILE_SYSTEMS)[1:]))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_large_attachment_is_pushed_in_little_memory_on_every_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    FILE_SYSTEMS[kind](monkeypatch)
    block = os.urandom(1 << 20)
    with (tmp_path / "large.pdf").open("wb") as file:
        for _ in range(LARGE_OCTETS >> 20):
            file.write(block)
    received = 0

    async def drain(request: web.Request) -> web.Response:
        nonlocal received
        async for chunk in request.content.iter_chunked(STEP):
            received += len(chunk)
        return web.Response(status=502, text="full")

    attachment = Attachment(content=tmp_path / "large.pdf", mime_type="application/pdf")
    outbox = await Outbox.open(tmp_path / "outbox")
    async with serving(drain) as url, means_with() as means:
        with little_memory():
            result = await push(
                participant(url), saldoverzoek().parts[0].octets, module="Schuldregeling", version="2.0",
                message_type="Saldoverzoek", outbox=outbox, means=means, checks=None, attachments=[attachment],
                retry=RetryPolicy(retries=0),
            )  # fmt: skip
    await outbox.aclose()
    assert result.state is OutboxState.GIVEN_UP
    assert received > LARGE_OCTETS


@pytest.mark.parametrize("kind", KINDS)
async def test_a_large_part_is_pulled_in_little_memory_on_every_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    FILE_SYSTEMS[kind](monkeypatch)
    large = os.urandom(1 << 20) * (LARGE_OCTETS >> 20)
    leg_one = saldoverzoek("creditor", "counsellor")
    wire = leg_two(leg_one.with_parts(*leg_one.parts, Part(octets=large, mime_type="application/pdf"))).wire()

    async def offer(request: web.Request) -> web.StreamResponse:
        if b"PullRequest" not in await request.read():
            return web.Response(status=204)
        headers = {"Content-Type": wire.content_type, "Content-Length": str(len(wire.body))}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        for at in range(0, len(wire.body), STEP):
            await response.write(wire.body[at : at + STEP])
        return response

    inbox = await Inbox.open(tmp_path / "inbox")
    async with serving(offer) as url, means_with() as means:
        with little_memory():
            result = await pull(participant(url), inbox=inbox, means=means)
    message = await inbox.next()
    assert result.outcome is Outcome.STORED
    assert message is not None
    assert message.parts[1].file is not None
    assert message.parts[1].read() == large
    await inbox.aclose()
