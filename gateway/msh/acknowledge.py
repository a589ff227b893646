"""Acknowledge: take the receiver's receipt for a message it pulled, and let the payload go (decisions 0003 and 0004).

SECURITY: a receipt names a message of ours, so whether it exists must not show: every receipt that is not accepted gets
EBMS:0302 with one text, whatever the cause (R12, R14, P13). Only the owner of the mailbox the message lies in can
acknowledge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from crypto.verify import Verified
from gateway.ebms.errors import EbmsError, InvalidReceipt
from gateway.ebms.evidence import Compared
from gateway.ebms.model import Receipt
from gateway.ebms.receipts import check_receipt, check_receipt_certificate
from gateway.msh.exchange import Answer, Door
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope
from gateway.msh.late import keep_late
from gateway.msh.revocation import check_signer
from gateway.msh.steps.signals import verify_for_nobody, verify_signal
from gateway.store.interface import NotOffered, Store
from gateway.store.model import Offered, ReceiptOutcome
from gateway.store.states import WAITING
from pmodes.configuration import Configuration
from pmodes.model import Organisation

TAKEN = Answer(status=204)


async def acknowledge_pulled(receipt: Receipt, envelope: Envelope, hub: Hub) -> Answer:
    """A receipt on its own: find the message, verify that its receiver signed, compare the digests, close."""
    configuration = hub.configuration()
    try:
        offered = await find(receipt, hub.store)
        receiver = owner_of(offered, configuration)
    except InvalidReceipt:
        with suppress(EbmsError):  # whether there is such a message does not show in the time either
            verify_for_nobody(envelope, configuration, hub.time.now())
        raise
    try:
        verified = verify_signal(envelope, receiver, configuration, hub.time.now())
        check_signer(receiver, verified.certificate, configuration, hub.revocation, hub.time.now())
        check_receipt_certificate(receipt, verified, hub.time.now())
    except EbmsError as error:
        raise _refused(receipt, str(error), error.compared) from None
    await close(receipt, offered, receiver, envelope, hub)
    return TAKEN


async def take_receipt(receipt: Receipt, envelope: Envelope, verified: Verified, party: Organisation, hub: Hub) -> None:
    """A receipt that came bundled with another unit, whose one signature is `party`'s and was verified. Whether the
    other unit comes in time is no matter of the receipt's.
    """
    try:
        check_receipt_certificate(receipt, verified, hub.time.now())
    except EbmsError as error:
        raise _refused(receipt, str(error), error.compared) from None
    offered = await find(receipt, hub.store)
    if offered.receiver != party.party_id:
        raise _refused(receipt, "the message lies in another party's mailbox")
    await close(receipt, offered, party, envelope, hub)


async def find(receipt: Receipt, store: Store) -> Offered:
    """The message of ours that a receipt is about."""
    if receipt.ref_to_message_id is None:
        raise _refused(receipt, "no RefToMessageId")
    offered = await store.find_offered(receipt.ref_to_message_id)
    if offered is None:
        raise _refused(receipt, "no such message was offered")
    return offered


def owner_of(offered: Offered, configuration: Configuration) -> Organisation:
    """The organisation in whose mailbox the message lies."""
    owner = configuration.system_of(offered.receiver)
    if owner is None:
        raise InvalidReceipt(detail="the mailbox has no organisation any more, or one without a system")
    return owner


async def close(receipt: Receipt, offered: Offered, party: Organisation, envelope: Envelope, hub: Hub) -> None:
    """Compare every digest with what was signed on leg 2, then record the receipt and destroy the key (T6); after the
    term, keep it and tell the sender (T11).
    """
    try:
        check_receipt(receipt, offered.references)
    except EbmsError as error:
        raise _refused(receipt, error.detail, error.compared) from None
    message_id, owner, notice = offered.message_id, party.party_id, False
    door = envelope.frame.request.door
    if not await has_it_open(offered, door, hub.store):
        raise _refused(receipt, "the session has not this message open")
    if offered.state in WAITING:
        await door.confirming(message_id)
    try:
        outcome = await hub.store.close(
            message_id, party=owner, receipt=envelope.frame.root, desk_lease=None if door.desk is None else door.lease
        )
        if outcome is ReceiptOutcome.LATE and door.desk is not None:
            raise _refused(receipt, "the term was over, and at a desk that is told at once")
        if outcome is ReceiptOutcome.LATE:
            outcome, notice = await keep_late(message_id, party=owner, receipt=envelope.frame.root, hub=hub)
    except NotOffered:
        raise _refused(receipt, "the message was not offered to this party") from None
    if outcome is ReceiptOutcome.LATE:
        hub.log("receipt_late", message_id=offered.message_id, party=party.party_id, notice=notice)
    else:
        hub.log("receipt_taken", message_id=offered.message_id, party=party.party_id, outcome=outcome.value)


async def has_it_open(offered: Offered, door: Door, store: Store) -> bool:
    """Whether a message that waits was opened last by who sits at the desk. A lease that lapsed a moment ago counts
    while nobody else opened it, as a system's does; what does not wait any more nobody has to have open.
    """
    if door.desk is None or offered.state not in WAITING:
        return True
    if door.lease is None:
        return False
    return await store.is_held_at_desk(offered.message_id, party=door.desk, token=door.lease, lapsed=True)


def _refused(receipt: Receipt, detail: str, compared: Sequence[Compared] = ()) -> InvalidReceipt:
    return InvalidReceipt(detail=detail, compared=compared).about(receipt.message_id)
