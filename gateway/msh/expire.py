"""Expire: end what has run out its term, and tell the sender (T9).

The state, the destroyed envelope and the sender's notice are one transaction, so that a message is never gone without
notice and never announced as gone while a receipt could still win.

However many messages end, everybody else has his turn after each, and before its notice is signed: between two turns
stands one use of the private key and a few milliseconds beside it, whatever comes of the message. One turn is little: a
push over a new connection takes dozens. So the loop rests from expiry as long as each message took.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from enum import Enum, auto

from gateway.msh.hub import Hub
from gateway.msh.later import Postponed
from gateway.msh.notice import begin_notice, notice_pmode, seal_notice
from gateway.msh.steps.sealing import Sealing
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Expired, KeyLost, MessageFilter, MessageRecord, SealedMessage
from xsd.generated.knooppunt_1_0 import Toestand

BATCH = 100
MOST_REST_SECONDS = 0.25  # after one message; on a machine that has no time left the round still comes to its end


class NotExpired(Enum):
    """Why a message did not end when it was tried."""

    OVERTAKEN = auto()  # a receipt came first, or a longer term; or it has ended
    POSTPONED = auto()  # it cannot end now


async def expire_due(hub: Hub) -> int:
    """End every message whose term is over; returns how many ended.

    Each is tried once: those that cannot end now, however many, stand in nobody's way, and come again in the next
    round. The round ends where the clock is set while it goes.
    """
    ended = 0
    due: tuple[MessageRecord, ...] = ()
    while due := await hub.store.due(limit=BATCH, after=due[-1] if due else None):
        for record in due:
            if hub.time.look():
                return ended
            ended += isinstance(await expire(record, hub), Expired)
    return ended


async def expire_sealed_to(thumbprint: str, hub: Hub) -> KeyLost:
    """End at once what is sealed to a certificate whose key its owner has lost; returns what became of it."""
    became: Counter[Expired | NotExpired] = Counter()
    which = MessageFilter(sealed_to=thumbprint, waiting=True, limit=BATCH)
    while page := await hub.store.messages(which):
        for record in page:
            became[await expire(record, hub, at_once=True)] += 1
        which = replace(which, older_than=page[-1].metadata.message_id)
    ever = became or await hub.store.messages(MessageFilter(sealed_to=thumbprint, limit=1))
    return KeyLost(
        known=bool(ever),
        notified=became[Expired.NOTIFIED],
        unnotified=became[Expired.UNNOTIFIED],
        overtaken=became[NotExpired.OVERTAKEN],
        postponed=became[NotExpired.POSTPONED],
    )


async def expire(record: MessageRecord, hub: Hub, *, at_once: bool = False) -> Expired | NotExpired:
    """End one message, with a notice to its sender where there is one who can be told."""
    await asyncio.sleep(0)
    now = asyncio.get_running_loop().time
    began = now()
    try:
        return await _expire(record, hub.at_this_moment(hub.log), at_once=at_once)
    finally:
        await asyncio.sleep(min(now() - began, MOST_REST_SECONDS))


async def _expire(record: MessageRecord, hub: Hub, *, at_once: bool) -> Expired | NotExpired:
    message_id = record.metadata.message_id
    try:
        async with AsyncExitStack() as stack:
            notice, sealing = await _notice(record, hub, stack, at_once=at_once)
            ended = await hub.store.expire(
                message_id,
                notice=notice,
                notice_parts=None if sealing is None else sealing.spool,
                at_once=at_once,
            )
    except StoreUnavailable as fault:
        hub.log("expiry_postponed", message_id=message_id, detail=str(fault))
        return NotExpired.POSTPONED
    if ended is None:
        return NotExpired.OVERTAKEN
    told = ended is Expired.NOTIFIED
    hub.log("message_expired", message_id=message_id, receiver=record.metadata.receiver, notice=told)
    return ended


async def _notice(
    record: MessageRecord, hub: Hub, stack: AsyncExitStack, *, at_once: bool
) -> tuple[SealedMessage, Sealing] | tuple[None, None]:
    """The sealed notice, whose parts lie in a spool that ends with `stack`; nothing where nobody can be told."""
    pmode = notice_pmode(record, hub.configuration())
    if pmode is None:
        return None, None
    try:
        sealing = await stack.enter_async_context(await begin_notice(pmode, hub))
        state = Toestand.VERLOPENOPVERZOEK if at_once else Toestand.VERLOPEN
        return await seal_notice(sealing, record, state), sealing
    except Postponed as fault:
        # The promise to be gone weighs more than the notice: the log of messages still tells the sender's operator.
        hub.log("notice_unsealable", message_id=record.metadata.message_id, detail=str(fault))
        return None, None
