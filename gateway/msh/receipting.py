"""The hub's own receipt: built before the message is stored, stored with it, sent after the commit (decision 0003)."""

from __future__ import annotations

from gateway.ebms.model import Messaging
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.ebms.pack import signed_envelope
from gateway.ebms.receipts import part_references, receipt_for
from gateway.msh.exchange import Answer
from gateway.msh.hub import Hub
from gateway.msh.later import check_own_signature
from gateway.msh.trust import DUPLICATE_WINDOW, Trusted
from gateway.store.model import Seen


def receipt_for_sender(trusted: Trusted, hub: Hub) -> Seen:
    """The signed non-repudiation receipt of a verified message, with what will make a second arrival a duplicate;
    raises `Postponed` where the hub's signature would not hold.
    """
    check_own_signature(hub.signing_key.certificate, hub.clock)
    at = hub.clock.now()
    receipt = receipt_for(
        trusted.user_message, part_references(trusted.verified.references), message_id=hub.new_id(), timestamp=at
    )
    packed = signed_envelope(
        Messaging(receipt=receipt),
        key=hub.signing_key,
        suite=trusted.pmode.security.suite,
        key_reference=trusted.pmode.security.key_reference,
        ids=hub.new_element_id,
    )
    return Seen(
        key=trusted.duplicate_key,
        content_digest=trusted.content_digest,
        receipt=packed.envelope,
        receipt_content_type=SOAP_XML_UTF8,
        forget_at=at + DUPLICATE_WINDOW,
    )


def answer_with(seen: Seen) -> Answer:
    """The stored receipt, octet for octet, whether it goes out for the first or the tenth time."""
    return Answer(status=200, content_type=seen.receipt_content_type, body=seen.receipt)
