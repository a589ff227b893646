"""A hub that is told to stop takes nothing new, finishes what runs, and then cuts; every promise holds (OP-05)."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.client_rows import ONCE
from support.hubs.downloads import download, push_large
from support.hubs.hub import TestedHub, running_hub
from support.hubs.processes import new_site, running_site
from support.hubs.raw import Peer, connected, head
from support.messages.wire import Wire, post, pull_request, saldoverzoek

from gateway.client.outbox import OutboxState
from gateway.client.outgoing import Attachment
from gateway.client.pull import pull
from gateway.client.push import push
from gateway.client.taking import Outcome
from gateway.limits import EdgeLimits
from gateway.store.model import MessageFilter
from xsd.samples import sample

UPLOADS = 20
LEASE = timedelta(minutes=15)


async def begin_upload(peer: Peer, wire: Wire) -> None:
    """Send the half of a message; the hub's 100 says that it has begun to read."""
    await peer.send(head(wire.content_type, f"Content-Length: {len(wire.body)}", "Expect: 100-continue"))
    assert await peer.interim() == 100
    await peer.send(wire.body[: len(wire.body) // 2])


async def refuses_connections(hub: TestedHub) -> None:
    """Wait until nobody gets in any more."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with connected(hub):
                    await asyncio.sleep(0)
            except OSError:
                return


async def test_what_runs_is_finished_the_rest_is_cut_and_each_receipt_is_kept_OP_05(tmp_path: Path) -> None:
    wires = [saldoverzoek().wire() for _ in range(UPLOADS)]
    limits = replace(EdgeLimits(), stop_seconds=1.0, requests_per_second=1e6)
    async with running_hub(tmp_path, edge_limits=limits) as hub, AsyncExitStack() as stack:
        large = [await push_large(hub) for _ in range(2)]
        peers = [await stack.enter_async_context(connected(hub)) for _ in wires]
        await asyncio.gather(*(begin_upload(peer, wire) for peer, wire in zip(peers, wires, strict=True)))
        read, broken = [await stack.enter_async_context(download(hub)) for _ in large]
        stopping = asyncio.create_task(hub.running.stop())
        await refuses_connections(hub)
        finished = wires[::2]
        for peer, wire in zip(peers[::2], finished, strict=True):
            await peer.send(wire.body[len(wire.body) // 2 :])
        answers = [await peer.answer() for peer in peers[::2]]
        assert [each.receipt and each.receipt.ref_to_message_id for each in answers] == [
            each.message_id for each in finished
        ]
        assert large[0].parts[1].octets in (await read.rest()).plain("creditor").values()
        await stopping
        assert [await peer.gone() for peer in peers[1::2]] == [b""] * (UPLOADS // 2)
        with pytest.raises(asyncio.IncompleteReadError):
            await broken.rest()
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock) as hub:
        kept = {each.metadata.received_message_id for each in await hub.store.messages(MessageFilter())}
        assert kept == {each.message_id for each in finished} | {each.user_message.message_id for each in large}
        for wire, answer in zip(finished, answers, strict=True):
            assert (await post(hub, wire)).body == answer.body
        for wire in wires[1::2]:
            assert (await post(hub, wire)).receipt is not None, "what was cut is new"
        clock.move(LEASE)
        again = [await post(hub, pull_request(at=clock.now())) for _ in large]
        assert any(each.body.startswith(broken.begun) for each in again)


async def test_a_process_ends_after_the_transfers_that_run_when_it_gets_SIGTERM_OP_05(tmp_path: Path) -> None:
    async with (
        running_site(new_site(tmp_path / "site")) as hub,
        hub.desk("counsellor", tmp_path) as sender,
        hub.desk("creditor", tmp_path) as receiver,
    ):
        told: list[str] = []

        def tell_to_stop(stage: str, done: int, _total: int | None) -> None:
            if stage in ("sending", "receiving") and done > 100_000 and not told:
                told.append(stage)
                os.kill(hub.process.pid, signal.SIGTERM)

        await hub.start()
        pushed = await push(
            sender.who,
            sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=sender.who.party, ontvanger=hub.party("creditor")),
            module="Schuldregeling",
            version="2.0",
            message_type="Saldoverzoek",
            attachments=[Attachment(content=os.urandom(8_000_000), mime_type="application/pdf")],
            outbox=sender.outbox,
            checks=None,
            means=replace(sender.means, progress=tell_to_stop),
            retry=ONCE,
        )
        assert (told, pushed.state) == (["sending"], OutboxState.ACKNOWLEDGED)
        await hub.ended()
        await hub.start()
        told.clear()
        means = replace(receiver.means, progress=tell_to_stop)
        result = await pull(receiver.who, inbox=receiver.inbox, means=means, retry=ONCE)
        assert (told, result.outcome) == (["receiving"], Outcome.STORED)
        await hub.ended()
        await hub.start()
        assert (await receiver.pull()).outcome is Outcome.EMPTY
        (message,) = await receiver.inbox.messages()
        assert message.receipt_state == "sent"
