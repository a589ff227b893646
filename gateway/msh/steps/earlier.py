"""Earlier: what becomes of a message that was accepted before (decisions 0003 and 0017).

The state at its acceptance earns it a receipt, and nothing else: neither time, P-Mode, quota nor certificate of today
refuses it, and every other unit that came in the same envelope is judged by today, or not taken.
"""

from __future__ import annotations

from http import HTTPStatus

from crypto.certificates import thumbprint_sha256
from gateway.ebms import texts
from gateway.ebms.consistency import refusal_beside
from gateway.ebms.errors import EbmsError, FailedAuthentication, InvalidReceipt, ValueInconsistent
from gateway.edge.bare_status import BareStatus
from gateway.msh.exchange import Answer, Request
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope, Frame, Signed
from gateway.msh.later import Cause
from gateway.msh.steps.arrival import drain
from gateway.msh.steps.bundled import refuse_bundled, refused_together, take_bundled
from gateway.msh.steps.own_digests import holds_same_parts
from gateway.msh.steps.receipting import answer_with, receipt_for_sender
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Earlier, TooManyReceipts


async def find_earlier(signed: Signed, hub: Hub) -> Earlier | None:
    """The acceptance of a message of this MessageId from this party, which may say the same or something else."""
    return await hub.store.find_earlier(signed.keys, signed.soap_sha256)


async def answer_as_before(earlier: Earlier, signed: Signed, framed: Frame, hub: Hub) -> Answer | None:
    """The receipt that this SOAP part got, whatever became of certificate, P-Mode or connection; None if it got none.

    Nothing is done by it, and it says nothing that was not said when the message was accepted.
    """
    given = earlier.receipt
    if given is None and signed.said.repeats_references(earlier.said):
        given = earlier.unplaced  # it is about these references, whatever the SOAP part was
    if given is None:
        return None
    await drain(framed)
    _log(signed, hub, signed_anew=False)
    return answer_with(given)


async def repeat(
    earlier: Earlier,
    signed: Signed,
    envelope: Envelope,
    framed: Frame,
    request: Request,
    hub: Hub,
) -> Answer:
    """Answer a message of a MessageId that was accepted in another SOAP part: by a receipt over what it signs now, or
    by EBMS:0003."""
    with refused_together(envelope.messaging, request, hub):
        check_not_compromised(signed, hub)
    same = await says_the_same(earlier, signed, envelope, framed, hub)
    beside = await take_by_now(signed, envelope, request, hub)
    if not same:
        another = ValueInconsistent(texts.MESSAGE_ID_USED, "the MessageId was used before for another message")
        another.beside = beside
        raise another
    receipt = receipt_for_sender(signed, hub, beside=beside)
    kept = await hub.store.keep_receipt(earlier.key, receipt, most=hub.limits.receipts_again)
    match kept:
        case TooManyReceipts():
            seconds = hub.retry_after.seconds(Cause.SIGNED_ANEW, signed.signer.sender)
            later = {"Retry-After": str(seconds)}
            raise BareStatus(HTTPStatus.TOO_MANY_REQUESTS, later, detail="the message was signed anew too often")
        case None:
            raise StoreUnavailable("the acceptance was forgotten while it was looked at")
    _log(signed, hub, signed_anew=True)
    return answer_with(kept)


def check_not_compromised(signed: Signed, hub: Hub) -> None:
    """A key that may be in other hands signs nothing anew; what it signed itself was answered before this."""
    if thumbprint_sha256(signed.verified.certificate).hex() in hub.configuration().compromised:
        raise signed.objection or FailedAuthentication(detail="the certificate was withdrawn as compromised")


async def says_the_same(earlier: Earlier, signed: Signed, envelope: Envelope, framed: Frame, hub: Hub) -> bool:
    """Whether the two messages say the same; where only their digest methods may differ, their parts are looked at."""
    if signed.said.equals(earlier.said):
        await drain(framed)
        return True
    if not signed.said.equals_apart(earlier.said_apart):
        return False
    try:
        return await holds_same_parts(earlier.own_digests, envelope, framed, signed, hub)
    except EbmsError:
        return False


async def take_by_now(signed: Signed, envelope: Envelope, request: Request, hub: Hub) -> EbmsError | None:
    """Take what came in the same envelope where its sender may sign so today; else the errors that refuse it, and
    those that refuse what no user message may have beside it."""
    if signed.organisation is None:
        why = signed.objection or FailedAuthentication(detail="signed by nobody of today")
        return refuse_bundled(envelope.messaging, why, request, hub)
    try:
        await take_bundled(envelope, signed.verified, signed.organisation, request, hub)
    except InvalidReceipt as refused:
        return refused.with_beside(refusal_beside(envelope.messaging))
    return refusal_beside(envelope.messaging)


def _log(signed: Signed, hub: Hub, *, signed_anew: bool) -> None:
    hub.log(
        "message_repeated",
        message_id=signed.user_message.message_id,
        sender=signed.signer.sender,
        signed_anew=signed_anew,
    )
