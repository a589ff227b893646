"""Expire: end what has run out its term, and tell the sender (T9).

The state, the destroyed envelope and the sender's notice are one transaction, so that a message is never gone without
notice and never announced as gone while a receipt could still win.
"""

from __future__ import annotations

from gateway.msh.hub import Hub
from gateway.msh.later import Postponed
from gateway.msh.notice import notice_pmode, seal_notice
from gateway.msh.sealing import Sealing
from gateway.store.interface import StoreUnavailable
from gateway.store.model import MessageFilter, MessageRecord
from xsd.generated.knooppunt_1_0 import Toestand

BATCH = 100
MOST_POSTPONED = 1_000  # in one round


async def expire_due(hub: Hub) -> int:
    """End every message whose term is over; returns how many ended.

    Each is tried once: those that cannot end now stand in nobody's way, and come again in the next round. The round
    ends where the clock is set while it goes.
    """
    ended = 0
    tried: set[str] = set()
    while True:
        found = await hub.store.due(hub.clock.now(), limit=BATCH + len(tried))
        due = [record for record in found if record.metadata.message_id not in tried]
        for record in due:
            if hub.time.look():
                return ended
            if await expire(record, hub):
                ended += 1
            else:
                tried.add(record.metadata.message_id)
        if len(due) < BATCH or len(tried) >= MOST_POSTPONED:
            return ended


async def expire_sealed_to(thumbprint: str, hub: Hub) -> int:
    """End at once what is sealed to a certificate whose key its owner has lost; returns how many ended."""
    which = MessageFilter(sealed_to=thumbprint, waiting=True, limit=1_000_000)
    ended = 0
    for record in await hub.store.messages(which, hub.clock.now()):
        ended += await expire(record, hub, at_once=True)
    return ended


async def expire(record: MessageRecord, hub: Hub, *, at_once: bool = False) -> bool:
    """End one message, with a notice to its sender; False when a receipt came first."""
    hub = hub.at_this_moment()
    message_id = record.metadata.message_id
    state = Toestand.VERLOPENOPVERZOEK if at_once else Toestand.VERLOPEN
    pmode = notice_pmode(record, hub.configuration())
    if pmode is None:
        ended = await hub.store.expire(message_id, at=hub.clock.now(), notice=None, notice_parts=None, at_once=at_once)
    else:
        try:
            async with await Sealing.begin(pmode, hub, expected_octets=None, frees_room=True) as sealing:
                notice = await seal_notice(sealing, record, state, hub)
                ended = await hub.store.expire(
                    message_id, at=hub.clock.now(), notice=notice, notice_parts=sealing.spool, at_once=at_once
                )
        except Postponed as fault:
            # The promise to be gone weighs more than the notice: the log of messages still tells the sender's operator.
            hub.log("notice_unsealable", message_id=message_id, detail=str(fault))
            pmode = None
            ended = await hub.store.expire(
                message_id, at=hub.clock.now(), notice=None, notice_parts=None, at_once=at_once
            )
        except StoreUnavailable as fault:
            hub.log("expiry_postponed", message_id=message_id, detail=str(fault))
            return False
    if ended:
        hub.log("message_expired", message_id=message_id, receiver=record.metadata.receiver, notice=pmode is not None)
    return ended
