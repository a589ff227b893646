"""Messages that are laid into a store without a hub, for a measurement that needs many of them to be there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from gateway.clock import SystemClock
from gateway.store.interface import Store
from gateway.store.model import Kind, Metadata, SealedMessage
from gateway.wiring.engines import engine_called

TOGETHER = 200  # messages that are laid into the store at once
ENDED = -timedelta(days=6)
_DAYS_OF_TERM = timedelta(days=4)


async def lay(
    data: Path,
    number: int,
    *,
    sender: str,
    receivers: Callable[[int], str],
    at: datetime,
    ends: timedelta,
    parts_octets: int,
) -> None:
    """So many messages, each in the mailbox of its receiver, whose term ends so long from that moment."""
    store = await engine_called().open(data, clock=SystemClock())
    try:
        for start in range(0, number, TOGETHER):
            some = range(start, min(number, start + TOGETHER))
            messages = (message_of(each, sender, receivers(each), at, ends, parts_octets) for each in some)
            await asyncio.gather(*(_accept(store, each) for each in messages))
    finally:
        await store.aclose()


async def _accept(store: Store, message: SealedMessage) -> None:
    octets = message.metadata.size_octets
    spool = await store.open_spool(octets)
    await spool.write(bytes(octets))
    await store.accept(message, spool, None, quota_messages=1 << 30)


def message_of(
    number: int, sender: str, receiver: str, at: datetime, ends: timedelta, parts_octets: int
) -> SealedMessage:
    metadata = Metadata(
        message_id=f"laid-{number}@bench",
        received_message_id=f"sent-{number}@bench",
        kind=Kind.MESSAGE,
        sender=sender,
        original_sender=sender,
        receiver=receiver,
        final_recipient=receiver,
        mpc=f"urn:knooppunt:mpc:{receiver}",
        service="urn:knooppunt:Schuldregeling:2.0",
        action="Saldoverzoek",
        conversation_id=f"conversation-{number}",
        tracking_identifier=f"tracking-{number}",
        cross_reference=None,
        question=True,
        answer_due=None,
        accepted_at=at + ends - _DAYS_OF_TERM,
        expires_at=at + ends,
        sealed_to="0" * 64,
        size_octets=parts_octets,
    )
    return SealedMessage(metadata=metadata, content_type="multipart/related", head=b"head", tail=b"tail", references=())
