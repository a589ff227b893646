"""Store: a message, what makes it known again, and its receipt in one transaction; then the receipt may leave."""

from __future__ import annotations

from typing import Final

from gateway.ebms import texts
from gateway.ebms.errors import MPCCapacityExceeded, ProcessingModeMismatch
from gateway.msh.exchange import ENDPOINT, Answer, Door
from gateway.msh.hub import Hub
from gateway.msh.signers import StillInFlight
from gateway.msh.steps.receipting import answer_with
from gateway.msh.steps.sealing import Sealing
from gateway.store.model import Acceptance, Duplicate, NotInHand, QuotaExceeded, SealedMessage
from gateway.traced import step

_NO_LEASE: Final = ""  # which no message is under


@step("store")
async def store(
    sealed: SealedMessage,
    sealing: Sealing,
    acceptance: Acceptance,
    dropped_parts: int,
    hub: Hub,
    door: Door = ENDPOINT,
) -> Answer:
    """Make message, acceptance and receipt durable in one transaction, then acknowledge: the receipt is the promise.

    At the door of a desk several people act for one unit, so there an answer is taken from who has its question open,
    and one is.
    """
    await door.accepting(sealed.metadata)
    outcome = await hub.store.accept(
        sealed,
        sealing.spool,
        acceptance,
        quota_messages=sealing.pmode.organisation.mailbox.quota_messages,
        desk_lease=None if door.desk is None else door.lease or _NO_LEASE,
    )
    match outcome:
        case Duplicate():  # another process was first: when this one comes again it finds the row
            raise StillInFlight("the message was accepted by another process meanwhile")
        case NotInHand():
            raise ProcessingModeMismatch(texts.NOT_IN_HAND, "the session has not its question open, or it is answered")
        case QuotaExceeded():
            raise MPCCapacityExceeded(detail="the mailbox holds as many messages as its P-Mode allows")
    hub.known_signers.note(acceptance.signer)
    hub.log(
        "message_accepted",
        message_id=sealed.metadata.received_message_id,
        out_message_id=sealed.metadata.message_id,
        service=sealed.metadata.service,
        action=sealed.metadata.action,
        sender=sealed.metadata.sender,
        receiver=sealed.metadata.receiver,
        size_octets=sealed.metadata.size_octets,
        dropped_parts=dropped_parts or None,
        expires_at=sealed.metadata.expires_at.isoformat(),
    )
    return answer_with(acceptance.receipt)
