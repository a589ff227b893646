"""Handshakes of strangers wait for their turns; an address that proved something waits for none."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.hubs.raw import connected, head, whole
from support.keys.tls import tls_folder
from support.messages.wire import ping

from gateway.edge.tls import tls_context
from gateway.edge.turns import Turns

KNOWN, STRANGER = "127.1.0.1", "127.2.0.1"
GET = head(None, method="GET")


async def test_a_known_address_shakes_hands_while_strangers_wait_for_their_turns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Callable[[], None]] = []
    waits = asyncio.Event()

    def hold(_turns: Turns, step: Callable[[], None]) -> None:
        held.append(step)
        waits.set()

    async with running_hub(tmp_path) as hub:
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        client = tls_folder().client("valid")
        async with connected(hub, source=KNOWN) as peer:
            await peer.send(whole(ping().wire()))
            assert (await peer.answer()).receipt is not None
        with monkeypatch.context() as patched:
            patched.setattr(Turns, "take", hold)
            stranger = asyncio.create_task(ask(hub, port, client, STRANGER))
            await asyncio.wait_for(waits.wait(), 20)
            assert await ask(hub, port, client, KNOWN) == 405
            assert not stranger.done()
        for step in held:
            step()
        assert await asyncio.wait_for(stranger, 20) == 405


async def test_who_left_before_its_turn_costs_no_handshake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
    monkeypatch.setattr(Turns, "take", lambda _turns, step: held.put_nowait(step))
    async with running_hub(tmp_path) as hub:
        edge = hub.running.edge
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        async with connected(hub, source=STRANGER, port=port) as peer:
            await peer.send(b"\x16\x03\x01\x00\x05hello")
            step = await asyncio.wait_for(held.get(), 20)
            (transport,) = edge.shaking
            transport.abort()
            step()
            assert await peer.gone() == b"", "not even an alert"
        assert edge.admission.connections.weight == 0


async def ask(hub: TestedHub, port: int, client: ssl.SSLContext, source: str) -> int:
    """The status of one request over TLS, from there."""
    async with connected(hub, port=port, tls=client, source=source) as peer:
        await peer.send(GET)
        answer = await peer.answer()
    return answer.status
