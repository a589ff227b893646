"""The hub's own receipt: built before the message is stored, stored with it, sent after the commit (decision 0003).

A message that comes again, signed anew, gets one over the references that it carries now, and that is kept, too, before
it leaves (decision 0017).
"""

from __future__ import annotations

from datetime import datetime

from crypto.key_references import KeyReference
from gateway.ebms.errors import EbmsError
from gateway.ebms.model import ErrorSignal, Messaging
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.ebms.pack import signed_envelope
from gateway.ebms.receipts import part_references, receipt_for
from gateway.msh.exchange import Answer
from gateway.msh.fresh import Fresh
from gateway.msh.in_force import InForce
from gateway.msh.journey import Signed
from gateway.msh.steps.trust import DUPLICATE_WINDOW
from gateway.store.model import Acceptance, GivenReceipt
from gateway.traced import step
from pmodes.configuration import Configuration


@step("acknowledge")
def receipt_for_sender(
    signed: Signed, in_force: InForce, fresh: Fresh, at: datetime, *, beside: EbmsError | None = None
) -> GivenReceipt:
    """The signed non-repudiation receipt of a verified message; `beside` refuses another unit of the same request.

    Raises `Postponed` where the hub's signature would not hold.
    """
    suite = signed.verified.policy.suite
    signer = in_force.keys.signer_for(suite, at)
    receipt = receipt_for(
        signed.user_message, part_references(signed.verified.references), message_id=fresh.id(), timestamp=at
    )
    error = None
    if beside is not None:
        language = _language_of(signed, in_force.configuration)
        error = ErrorSignal(
            message_id=fresh.id(),
            timestamp=at,
            ref_to_message_id=beside.ref_to_message_id,
            errors=beside.entries(language),
        )
    packed = signed_envelope(
        Messaging(receipt=receipt, error=error),
        key=signer,
        suite=suite,
        key_reference=KeyReference(signed.signer.key_reference),
    )
    return GivenReceipt(soap_sha256=signed.soap_sha256, octets=packed.envelope, content_type=SOAP_XML_UTF8)


def acceptance_of(signed: Signed, receipt: GivenReceipt, own_digests: bytes, at: datetime) -> Acceptance:
    """What makes this message known when it comes again, with its receipt."""
    return Acceptance(
        key=signed.keys[0],
        signer=signed.signer,
        said=signed.said.whole,
        said_apart=signed.said.apart,
        own_digests=own_digests,
        receipt=receipt,
        at=at,
        forget_at=at + DUPLICATE_WINDOW,
    )


def answer_with(receipt: GivenReceipt) -> Answer:
    """The kept receipt, octet for octet, whether it goes out for the first or the tenth time."""
    return Answer(status=200, content_type=receipt.content_type, body=receipt.octets)


def _language_of(signed: Signed, configuration: Configuration) -> str:
    organisation = configuration.by_party.get(signed.signer.sender)
    return configuration.hub.language if organisation is None else organisation.language
