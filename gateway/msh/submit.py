"""Submit: a message of the hub's own, laid in a participant's mailbox to be pulled and receipted like any other.

So far it is the test message of leg 2 (ebMS3 Core 5.2.2.9, eDelivery AS4 1.4.4.3): whoever pulls it acknowledges it and
throws it away, and the message log shows that this mailbox works from end to end. A notice about a message is no
submission: it is stored in the transaction that ends the message (`gateway.msh.expire`).
"""

from __future__ import annotations

from gateway.ebms import names
from gateway.ebms.model import Property
from gateway.msh.hub import Hub
from gateway.msh.steps.sealing import About, Sealing, finish, outgoing
from gateway.store.model import Kind, QuotaExceeded
from pmodes.model import Leg


class NotSubmitted(Exception):
    """There is no such mailbox, or no room in it; the text says which."""


async def submit_test(party_id: str, hub: Hub) -> str:
    """Lay a test message without parts in the mailbox of a party; returns its MessageId. Raises `NotSubmitted`."""
    in_force, fresh = hub.in_force(), hub.fresh
    configuration = in_force.configuration
    organisation = configuration.by_party.get(party_id)
    if organisation is None:
        raise NotSubmitted(f"no organisation has the party id {party_id}")
    at = hub.time.now()
    sender = configuration.hub.party_id
    pmode = configuration.pmode(organisation, None, Leg.RECEIVING)
    async with await Sealing.begin(
        pmode, in_force, fresh, hub.time, hub.store, hub.revocation, expected_octets=0
    ) as sealing:
        user_message = outgoing(
            sealing.pmode,
            message_id=fresh.id(),
            at=at,
            conversation_id=fresh.reference(),
            properties=(
                Property(name=names.ORIGINAL_SENDER, value=sender),
                Property(name=names.FINAL_RECIPIENT, value=organisation.party_id),
                Property(name=names.TRACKING_IDENTIFIER, value=fresh.reference()),
            ),
            parts=(),
        )
        about = About(
            kind=Kind.MESSAGE,
            received_message_id=user_message.message_id,
            sender=sender,
            question=False,
            answer_due=None,
            accepted_at=at,
        )
        outcome = await hub.store.accept(
            finish(sealing, user_message, about),
            sealing.spool,
            None,
            quota_messages=organisation.mailbox.quota_messages,
        )
    await hub.store.flushed()
    if isinstance(outcome, QuotaExceeded):
        raise NotSubmitted("the mailbox holds as many messages as its P-Mode allows")
    hub.log("test_submitted", message_id=user_message.message_id, receiver=organisation.party_id)
    return user_message.message_id
