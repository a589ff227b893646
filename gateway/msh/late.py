"""Late: a receipt that comes after the term is kept as evidence, and the sender, who was told that its message expired,
is told that the receiver has it after all (T11).

Receipt and notice are one transaction, and a receipt is kept once: so there is one such notice, whatever is repeated
and wherever the hub is stopped. The message itself stays what it is: expired, or removed.
"""

from __future__ import annotations

from gateway.msh.hub import Hub
from gateway.msh.later import Postponed
from gateway.msh.notice import begin_notice, notice_pmode, seal_notice
from gateway.store.interface import NotOffered
from gateway.store.model import MessageFilter, ReceiptOutcome
from xsd.generated.knooppunt_1_0 import Toestand


async def keep_late(message_id: str, *, party: str, receipt: bytes, hub: Hub) -> tuple[ReceiptOutcome, bool]:
    """Keep a valid receipt of that party for a message that expired; tells whether its sender gets a notice.

    Raises `NotOffered`, also where the log has let go of the message meanwhile, and `StoreUnavailable` where the notice
    cannot be stored now: the receipt will come again.
    """
    found = await hub.store.messages(MessageFilter(message_id=message_id))
    record = next((each for each in found if each.metadata.message_id == message_id), None)
    if record is None:
        raise NotOffered(message_id)
    pmode = notice_pmode(record, hub.configuration())
    if pmode is not None:
        try:
            async with await begin_notice(pmode, hub) as sealing:
                notice = await seal_notice(sealing, record, Toestand.ALSNOGBEVESTIGD)
                outcome = await hub.store.keep_late(
                    message_id, party=party, receipt=receipt, notice=notice, notice_parts=sealing.spool
                )
            return outcome, outcome is ReceiptOutcome.LATE
        except Postponed as fault:
            hub.log("notice_unsealable", message_id=message_id, detail=str(fault))
    outcome = await hub.store.keep_late(message_id, party=party, receipt=receipt, notice=None, notice_parts=None)
    return outcome, False
