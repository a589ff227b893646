"""Each limit as peers of several addresses meet it: who is refused, and who is not."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, patient, running_hub
from support.hubs.raw import Peer, connected, head, whole
from support.keys.pki import NOW
from support.messages.wire import Draft, Part, Wire, ping, post, pull_request, saldoverzoek

from gateway.limits import EdgeLimits

ONE, OTHER = "127.1.0.1", "127.2.0.1"
GET = head(None, method="GET")
SHORT = 0.2


def limited(**limits: float) -> EdgeLimits:
    return patient(EdgeLimits(**limits))  # type: ignore[arg-type]


async def status_of(hub: TestedHub, source: str, octets: bytes = GET) -> int:
    """The answer to one request on a connection of its own."""
    async with connected(hub, source=source) as peer:
        await peer.send(octets)
        return (await peer.answer()).status


async def is_broken_off(hub: TestedHub, source: str) -> bool:
    """Whether a new connection from there is not taken, as soon as it is made or a moment later."""
    try:
        await status_of(hub, source)
    except (ConnectionError, asyncio.IncompleteReadError):
        return True
    return False


async def prove(hub: TestedHub, source: str) -> None:
    """A participant's signature that holds, from there."""
    assert await status_of(hub, source, whole(ping().wire())) == 200


def is_known(hub: TestedHub, source: str) -> bool:
    """Whether that address proved something."""
    return hub.running.edge.admission.leaf_of(ip_address(source)).known


async def test_who_sends_a_captured_pull_request_proves_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        captured = whole(pull_request())
        assert await status_of(hub, ONE, captured) == 200
        assert is_known(hub, ONE)
        assert await status_of(hub, OTHER, captured) == 200
        assert not is_known(hub, OTHER)


async def test_nor_does_who_sends_a_message_that_is_too_old_to_be_taken(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        captured = whole(saldoverzoek().wire())
        hub.clock.move(timedelta(days=90))
        assert await status_of(hub, OTHER, captured) == 200
        assert not is_known(hub, OTHER)
        assert await status_of(hub, ONE, whole(saldoverzoek(at=hub.clock.now()).wire())) == 200
        assert is_known(hub, ONE)


def of_no_schema() -> Wire:
    draft = saldoverzoek()
    return draft.with_parts(replace(draft.parts[0], octets=b"<not-of-the-schema/>")).wire()


CAPTURED: dict[str, tuple[Callable[[], Wire], str | None]] = {
    "ping": (lambda: ping().wire(), None),
    "accepted": (lambda: saldoverzoek().wire(), None),
    "refused-by-its-schema": (of_no_schema, "EBMS:0004"),
    "refused-for-its-receiver": (
        lambda: saldoverzoek().with_property("finalRecipient", "00000099000009999000").wire(),
        "EBMS:0010",
    ),
}


@pytest.mark.parametrize("name", CAPTURED)
async def test_what_a_participant_sends_proves_its_address_once_and_nothing_of_who_sends_it_again(
    tmp_path: Path, name: str
) -> None:
    """Also over a restart, and whatever became of the message."""
    make, code = CAPTURED[name]
    wire = make()
    captured = whole(wire)
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, wire)).codes == (() if code is None else (code,))
        assert is_known(hub, "127.0.0.1")
        assert await status_of(hub, ONE, captured) == 200
        assert not is_known(hub, ONE)
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock) as hub:
        assert await status_of(hub, ONE, captured) == 200
        assert not is_known(hub, ONE)


@pytest.mark.parametrize("make", [ping, saldoverzoek])
@pytest.mark.parametrize(("minutes", "proves"), [(-6, False), (-5, True)])
async def test_what_was_captured_before_it_came_proves_nothing_once_it_is_no_longer_fresh(
    tmp_path: Path, make: Callable[..., Draft], minutes: int, proves: bool
) -> None:
    """A message may have waited at its sender for most of ninety days, so it is taken all the same."""
    async with running_hub(tmp_path) as hub:
        wire = make(at=NOW + timedelta(minutes=minutes)).wire()
        assert await status_of(hub, OTHER, whole(wire)) == 200
        assert is_known(hub, OTHER) is proves
        assert (await post(hub, wire)).receipt is not None


async def test_another_message_under_a_used_id_proves_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        first = saldoverzoek()
        await post(hub, first.wire())
        other = first.with_property("trackingIdentifier", "another")
        assert await status_of(hub, ONE, whole(other.wire())) == 200
        assert (await post(hub, other.wire())).codes == ("EBMS:0003",)
        assert not is_known(hub, ONE)


async def test_an_address_that_comes_too_often_is_refused_whatever_it_asks_for(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=limited(requests_per_second=2.001)) as hub:
        async with connected(hub, source=ONE) as peer:
            for status in (405, 405, 429):
                await peer.send(GET)
                answer = await peer.answer()
                assert answer.status == status
            assert answer.headers["Connection"] == "close"
            assert await peer.gone() == b""
        assert await status_of(hub, ONE, head(None, path="/nowhere")) == 429
        assert await status_of(hub, OTHER) == 405


async def test_the_waits_of_one_address_do_not_grow_anybodys(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=limited(requests_per_second=0.001)) as hub:
        for _ in range(40):
            await status_of(hub, ONE)
            hub.clock.move(timedelta(seconds=10))
        async with connected(hub, source=ONE) as peer:
            await peer.send(GET)
            answer = await peer.answer()
        assert answer.status == 429
        assert 48 <= int(answer.headers["Retry-After"]) <= 72, "the first wait"


async def test_a_stranger_pays_for_every_head(tmp_path: Path) -> None:
    limits = limited(stranger_cpu_seconds_per_second=0.001, stranger_burst_seconds=2.0)
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        async with connected(hub, source=ONE) as peer:
            answers = []
            while 429 not in answers and len(answers) < 100:
                await peer.send(GET)
                answers.append((await peer.answer()).status)
        assert answers[-1] == 429
        assert len(answers) < 20, "not the work on them alone"
        assert await status_of(hub, OTHER) == 405


async def test_a_stranger_has_so_many_octets(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path, edge_limits=limited(stranger_octets_per_second=10_000.0)) as hub,
        connected(hub, source=ONE) as earlier,
        connected(hub, source=ONE) as peer,
    ):
        await peer.send(head("text/plain", "Content-Length: 90000"))
        assert (await peer.answer()).status == 415
        await peer.send(bytes(90_000))
        assert await peer.gone() == b""
        await earlier.send(GET)
        assert (await earlier.answer()).status == 429
        assert await is_broken_off(hub, ONE)
        assert await status_of(hub, OTHER) == 405


async def test_what_a_stranger_sends_after_the_answer_is_not_read_beyond_that(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path, edge_limits=limited(stranger_octets_per_second=10_000.0)) as hub,
        connected(hub, source=ONE) as peer,
    ):
        await peer.send(head("text/plain", f"Content-Length: {1 << 30}"))
        assert (await peer.answer()).status == 415
        peer.writer.write(bytes(1 << 27))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.writer.drain(), 1.0)
        assert await status_of(hub, OTHER) == 405


def large() -> Wire:
    """A message of more octets than a stranger has saved up, most of them in its second part."""
    document, *_ = (draft := saldoverzoek()).parts
    letter = Part(octets=bytes(range(256)) * 8192, mime_type="application/pdf", compressed=False)
    return draft.with_parts(document, letter).wire()


async def test_a_strangers_large_message_is_taken_and_its_repetition_read_at_the_pace_that_it_has(
    tmp_path: Path,
) -> None:
    """The first proves its address by its envelope; who repeats it from elsewhere has proved nothing by it."""
    rate = 150_000.0
    async with running_hub(tmp_path, edge_limits=limited(stranger_octets_per_second=rate)) as hub:
        message = whole(large())
        assert len(message) > 10 * rate
        loop = asyncio.get_running_loop()
        assert await status_of(hub, ONE, message) == 200
        begun = loop.time()
        async with connected(hub, source=OTHER) as again:
            await again.send(message)
            assert await status_of(hub, "127.3.0.1") == 405, "strangers go on"
            assert (await again.answer()).receipt is not None
        assert loop.time() - begun > (len(message) - 8 * rate) / rate - 2.0


async def test_a_proof_counts_for_every_connection_of_its_address(tmp_path: Path) -> None:
    message = whole(saldoverzoek().wire())
    async with running_hub(tmp_path, edge_limits=limited(stranger_octets_per_second=2_000.0)) as hub:
        async with connected(hub, source=ONE) as earlier:
            assert await status_of(hub, ONE, message) == 200
            for _ in range(2 * 64 * 2_000 // len(message)):
                await earlier.send(message)
                assert (await earlier.answer()).receipt is not None
        assert await status_of(hub, OTHER) == 405, "it cost strangers nothing"


async def test_an_address_has_so_many_connections(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=limited(connections_per_address=2)) as hub, AsyncExitStack() as held:
        for _ in range(2):
            peer = await held.enter_async_context(connected(hub, source=ONE))
            await peer.send(GET)
            assert (await peer.answer()).status == 405
        assert await is_broken_off(hub, ONE)
        assert await status_of(hub, OTHER) == 405


async def test_of_envelopes_that_arrive_the_largest_gives_way_and_is_told_when_to_come_again(tmp_path: Path) -> None:
    async with running_hub(tmp_path, edge_limits=limited(arriving_octets=120_000)) as hub, AsyncExitStack() as held:
        peers: list[Peer] = []
        for source, octets in ((ONE, 25_000), (OTHER, 20_000), ("127.3.0.1", 20_000)):
            peers.append(await held.enter_async_context(connected(hub, source=source)))
            await peers[-1].send(head("application/soap+xml", "Content-Length: 100000") + b"x" * octets)
        answer = await peers[0].answer()
        assert answer.status == 503
        assert "Retry-After" in answer.headers


async def test_a_request_whose_body_is_read_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would notice that it was cut, so there would be more at once than may be."""
    gate, waiting = asyncio.Event(), asyncio.Semaphore(0)

    async def held_back(*args: object, **kwargs: object) -> object:
        waiting.release()
        await gate.wait()
        return await accept(*args, **kwargs)  # type: ignore[arg-type]

    late = "127.9.0.1"
    async with running_hub(tmp_path, edge_limits=limited(requests_in_progress=8)) as hub, AsyncExitStack() as held:
        await prove(hub, late)
        accept = hub.store.accept
        monkeypatch.setattr(hub.store, "accept", held_back)
        peers = []
        for source in (ONE, *(f"127.{n}.0.1" for n in range(1, 8))):
            peers.append(await held.enter_async_context(connected(hub, source=source)))
            await peers[-1].send(whole(saldoverzoek().wire()))
            async with asyncio.timeout(20):
                await waiting.acquire()
        assert await status_of(hub, late, whole(ping().wire())) == 503
        gate.set()
        for each in peers:
            assert (await each.answer()).receipt is not None


async def test_a_connection_whose_message_is_worked_on_is_not_given_up_for_others(tmp_path: Path) -> None:
    """Of four known addresses the first has two connections, the older one at work: a fifth takes the other."""
    known = [f"127.{n}.0.1" for n in range(1, 5)]
    limits = limited(connections=4, connections_per_address=2)
    message = whole(saldoverzoek().wire())
    async with running_hub(tmp_path, edge_limits=limits) as hub, AsyncExitStack() as held:
        for source in known:
            await prove(hub, source)
        working, idle, *_ = [
            await held.enter_async_context(connected(hub, source=source))
            for source in (known[0], known[0], known[1], known[2])
        ]
        await working.send(message[:-1])
        await idle.send(whole(ping().wire()))
        assert (await idle.answer()).receipt is not None  # by now the envelope before it is whole
        assert await status_of(hub, known[3]) == 405
        assert await idle.gone() == b""
        await working.send(message[-1:])
        assert (await working.answer()).receipt is not None


async def test_a_push_that_is_under_way_does_not_give_way_to_a_connection_that_sends_nothing(tmp_path: Path) -> None:
    """Strangers may have four: two of one address, of which the push is the older, and two of others."""
    message = whole(ping().wire())
    async with running_hub(tmp_path, edge_limits=limited(connections=8)) as hub, AsyncExitStack() as others:
        push = await others.enter_async_context(connected(hub, source=ONE))
        await push.send(GET)
        assert (await push.answer()).status == 405
        await push.send(message[:2000])
        silent = await others.enter_async_context(connected(hub, source=ONE))
        for source in (OTHER, "127.3.0.1"):
            await others.enter_async_context(connected(hub, source=source))
        assert await status_of(hub, "127.4.0.1") == 405
        assert await silent.gone() == b""
        await push.send(message[2000:])
        assert (await push.answer()).receipt is not None


def keep_little_on_the_way(hub: TestedHub) -> None:
    """Have the system hold few octets that nobody reads, not megabytes of answers that all have to be made first."""
    for each in map(int, os.listdir("/proc/self/fd")):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(each).st_mode):
                with socket.socket(fileno=os.dup(each)) as one:
                    if one.family == socket.AF_INET and one.getsockname()[1] == hub.port:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@pytest.mark.parametrize("limit", ["idle_seconds", "keepalive_seconds"])
async def test_who_reads_no_answer_does_not_keep_his_connection(limit: str, tmp_path: Path) -> None:
    limits = limited(**{"idle_seconds": SHORT, limit: SHORT})
    async with running_hub(tmp_path, edge_limits=limits) as hub:
        keep_little_on_the_way(hub)
        loop = asyncio.get_running_loop()
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", hub.port))
            with pytest.raises(ConnectionError):
                await asyncio.wait_for(loop.sock_sendall(deaf, GET * 1_000_000), 120)
