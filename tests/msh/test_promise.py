"""No answer and no line of the log leaves before the commits that it rests on are flushed (G1): over sockets, with a
disk that flushes when it is told to.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.messages.wire import Reply, Wire, post, pull_request, saldoverzoek


class Disk:
    """Flushes of the store's log, held back from `hold` to `let_go`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fails = False
        self._flush = os.fdatasync
        self._going = threading.Event()
        self._going.set()
        self._loop = asyncio.get_running_loop()
        self.asked = asyncio.Event()
        monkeypatch.setattr(os, "fdatasync", self._held)

    def hold(self) -> None:
        self._going.clear()
        self.asked.clear()

    def let_go(self) -> None:
        self._going.set()

    def _held(self, descriptor: int) -> None:
        self._loop.call_soon_threadsafe(self.asked.set)
        assert self._going.wait(20)
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._flush(descriptor)


async def _receipt(hub: TestedHub) -> Wire:
    return saldoverzoek().wire()


async def _duplicate(hub: TestedHub) -> Wire:
    wire = saldoverzoek().wire()
    await post(hub, wire)
    return wire


async def _pulled(hub: TestedHub) -> Wire:
    await post(hub, saldoverzoek().wire())
    return pull_request()


async def _empty(hub: TestedHub) -> Wire:
    return pull_request()


async def _no_content(hub: TestedHub) -> Wire:
    await post(hub, saldoverzoek().wire())
    return (await post(hub, pull_request())).receipt_wire("creditor")


async def _no_as4(hub: TestedHub) -> Wire:
    return Wire(content_type="text/x", body=b"")


async def _no_xml(hub: TestedHub) -> Wire:
    return Wire(content_type="application/soap+xml", body=b"<x")


async def _repeated_receipt(hub: TestedHub) -> Wire:
    wire = await _no_content(hub)
    await post(hub, wire)
    return wire


ANSWERS: dict[str, tuple[Callable[[TestedHub], Awaitable[Wire]], Callable[[Reply], object], str | None]] = {
    "receipt": (_receipt, lambda answer: answer.receipt is not None, "message_accepted"),
    "duplicate": (_duplicate, lambda answer: answer.receipt is not None, "message_repeated"),
    "pulled message": (_pulled, lambda answer: answer.user_message is not None, "message_offered"),
    "empty pull": (_empty, lambda answer: answer.codes == ("EBMS:0006",), "mailbox_empty"),
    "204": (_no_content, lambda answer: answer.status == 204, "receipt_taken"),
    "bare status": (_no_as4, lambda answer: answer.status == 415, "request_refused"),
    "unreadable": (_no_xml, lambda answer: answer.status == 400, "refused"),
    "204 again": (_repeated_receipt, lambda answer: answer.status == 204, None),
}


async def _committed_but_held(hub: TestedHub, disk: Disk, wire: Wire) -> tuple[asyncio.Task[Reply], int]:
    """An exchange of which everything is done but the flush, beside another commit that waits for its own."""
    disk.hold()
    beside = asyncio.ensure_future(hub.store.note_heard("somebody", os.urandom(8).hex(), said_at=hub.clock.now()))
    await beside  # so that there is a commit to wait for, also where the exchange only reads
    lines = len(hub.log.lines)
    asking = asyncio.ensure_future(post(hub, wire))
    await asyncio.wait_for(disk.asked.wait(), 10)
    return asking, lines


@pytest.mark.parametrize("kind", ANSWERS)
async def test_every_kind_of_answer_waits_for_the_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    prepare, expected, event = ANSWERS[kind]
    async with running_hub(tmp_path) as hub:
        wire = await prepare(hub)
        disk = Disk(monkeypatch)
        asking, lines = await _committed_but_held(hub, disk, wire)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asking), 0.2)  # what is answered too early has come by then
        assert not asking.done()
        assert len(hub.log.lines) == lines
        disk.let_go()
        answer = await asking
        assert expected(answer), (answer.status, answer.codes)
        assert event is None or len(hub.log.of(event)) >= 1


@pytest.mark.parametrize("kind", ANSWERS)
async def test_after_a_flush_that_failed_nothing_is_promised_and_no_line_tells_of_it_FA_04(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    prepare, expected, event = ANSWERS[kind]
    async with running_hub(tmp_path) as hub:
        wire = await prepare(hub)
        disk = Disk(monkeypatch)
        told = len(hub.log.of(event)) if event else 0
        asking, _ = await _committed_but_held(hub, disk, wire)
        disk.fails = True
        disk.let_go()
        answer = await asking
        assert answer.status == 503
        assert not expected(answer)
        assert event is None or len(hub.log.of(event)) == told
        assert hub.store.failed is not None
