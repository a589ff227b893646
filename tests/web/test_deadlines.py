"""What a peer has to be done with in time: the heads of a kept connection, and the envelope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import PATIENT, running_hub
from support.hubs.raw import chunked, connected, head, whole
from support.keys.tls import tls_folder
from support.messages.wire import Part, Wire, ping, saldoverzoek

from gateway.edge.tls import tls_context
from gateway.limits import EdgeLimits

LIMITS = replace(EdgeLimits(), **PATIENT)
SHORT = 0.2
LONG = 3600.0  # longer than any test waits


def counted(wire: Wire) -> list[bytes]:
    """A request that announces its length, in two segments."""
    request = whole(wire)
    return [request[:-1], request[-1:]]


def in_chunks(wire: Wire) -> list[bytes]:
    """A request without a length, in two segments."""
    request = head(wire.content_type, "Transfer-Encoding: chunked") + chunked(wire.body, 4096)
    return [request[:-1], request[-1:]]


def at_once(wire: Wire) -> list[bytes]:
    """A request in one segment."""
    return [whole(wire)]


CLIENT_HELLO_BEGUN = bytes.fromhex("160301020001")


@pytest.mark.parametrize("sent", [b"", CLIENT_HELLO_BEGUN], ids=["nothing", "a beginning"])
async def test_a_handshake_that_does_not_come_to_its_end_has_its_deadline(sent: bytes, tmp_path: Path) -> None:
    """And its place is free again."""
    limits = replace(LIMITS, handshake_seconds=SHORT, header_seconds=LONG, keepalive_seconds=LONG)
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        port = await hub.running.listen("127.0.0.1", 0, tls_context(tls_folder().server()))
        async with connected(hub, port=port) as peer:
            await peer.send(sent)
            assert await peer.gone() == b""
        assert hub.running.edge.admission.connections.weight == 0


@pytest.mark.parametrize("request_of", [counted, in_chunks, at_once])
async def test_a_head_that_shares_a_segment_with_the_end_of_a_body_has_its_deadline(
    request_of: Callable[[Wire], list[bytes]], tmp_path: Path
) -> None:
    limits = replace(LIMITS, header_seconds=SHORT, keepalive_seconds=LONG)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        segments = request_of(ping().wire())
        for each in (*segments[:-1], segments[-1] + b"POST /as4 HT"):
            await peer.send(each)
        assert (await peer.answer()).receipt is not None
        assert await peer.gone() == b""


@pytest.mark.parametrize("beginning", [b"P", b"POST /as4 HTTP/1.1\r\nHost: hub.test\r\n"], ids=["one octet", "no end"])
async def test_and_so_has_one_that_begins_after_the_answer(beginning: bytes, tmp_path: Path) -> None:
    limits = replace(LIMITS, header_seconds=SHORT, keepalive_seconds=LONG)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        await peer.send(whole(ping().wire()))
        assert (await peer.answer()).receipt is not None
        await peer.send(beginning)
        assert await peer.gone() == b""


async def test_a_whole_head_that_came_with_the_end_of_a_body_is_served(tmp_path: Path) -> None:
    limits = replace(LIMITS, header_seconds=5.0)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        second = whole(ping().wire())
        await peer.send(whole(ping().wire()) + second[:20])
        assert (await peer.answer()).receipt is not None
        await peer.send(second[20:])
        assert (await peer.answer()).receipt is not None


@pytest.mark.parametrize("sent", [0, 1, 3000], ids=["nothing", "an octet", "almost all"])
async def test_an_envelope_that_is_not_whole_in_its_time_is_408(sent: int, tmp_path: Path) -> None:
    limits = replace(LIMITS, envelope_seconds=SHORT, idle_seconds=LONG, slow_window_seconds=LONG)
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        request = whole(saldoverzoek().wire())
        await peer.send(request[: request.index(b"\r\n\r\n") + 4 + sent])
        assert (await peer.answer()).status == 408
        assert await peer.gone() == b""
        ((event, fields),) = hub.log.lines
        assert (event, fields["status"], fields["detail"]) == ("request_refused", 408, "the envelope took too long")


async def test_what_came_fast_at_first_saves_up_no_slowness(tmp_path: Path) -> None:
    """A hundred kilobytes at once, at a rate of one a second, do not buy a hundred seconds of silence."""
    limits = replace(
        LIMITS, slow_octets_per_second=1000.0, slow_window_seconds=SHORT, idle_seconds=LONG, envelope_seconds=LONG
    )
    letter = Part(octets=bytes(100_000), mime_type="application/pdf", compressed=False)
    draft = saldoverzoek()
    async with running_hub(tmp_path, edge_limits=limits) as hub, connected(hub) as peer:
        await peer.send(whole(draft.with_parts(*draft.parts, letter).wire())[:-1])
        assert (await peer.answer()).status == 408
