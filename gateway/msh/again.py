"""Again: answer a message that was accepted before (decisions 0003 and 0017).

In the SOAP part of then it gets the receipt of then; in another one, a receipt over what it signs now if it says the
same, or EBMS:0003. Every other unit that came in the same envelope is judged by today, or not taken.
"""

from __future__ import annotations

from gateway.ebms import texts
from gateway.ebms.errors import ValueInconsistent
from gateway.msh.bundled import refused_together, take_by_now
from gateway.msh.exchange import Answer
from gateway.msh.hub import Hub
from gateway.msh.journey import Signed
from gateway.msh.later import Cause, Postponed
from gateway.msh.steps.arrival import drain
from gateway.msh.steps.earlier import check_not_compromised, receipt_as_before, says_the_same
from gateway.msh.steps.receipting import answer_with, receipt_for_sender
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Earlier, TooManyReceipts


async def answer_as_before(earlier: Earlier, signed: Signed, hub: Hub) -> Answer | None:
    """The receipt that this SOAP part got, whatever became of certificate, P-Mode or connection; None if it got none.

    Nothing is done by it, and it says nothing that was not said when the message was accepted.
    """
    given = receipt_as_before(earlier, signed)
    if given is None:
        return None
    await drain(signed.envelope.frame)
    _log(signed, hub, signed_anew=False)
    return answer_with(given)


async def repeat(earlier: Earlier, signed: Signed, hub: Hub) -> Answer:
    """Answer a message of a MessageId that was accepted in another SOAP part: by a receipt over what it signs now, or
    by EBMS:0003."""
    in_force = hub.in_force()
    with refused_together(signed.envelope, hub.log):
        check_not_compromised(signed, in_force.configuration.compromised, hub.revocation, hub.time.now())
    same = await says_the_same(earlier, signed, in_force.keys.decryption, hub.limits, hub.time)
    beside = await take_by_now(signed, hub)
    if not same:
        another = ValueInconsistent(texts.MESSAGE_ID_USED, "the MessageId was used before for another message")
        another.beside = beside
        raise another
    receipt = receipt_for_sender(signed, in_force, hub.fresh, hub.time.now(), beside=beside)
    kept = await hub.store.keep_receipt(earlier.key, receipt, most=hub.limits.receipts_again)
    match kept:
        case TooManyReceipts():
            detail = "the message was signed anew too often"
            raise Postponed(Cause.SIGNED_ANEW, detail, about=signed.user_message.message_id)
        case None:
            raise StoreUnavailable("the acceptance was forgotten while it was looked at")
    _log(signed, hub, signed_anew=True)
    return answer_with(kept)


def _log(signed: Signed, hub: Hub, *, signed_anew: bool) -> None:
    hub.log(
        "message_repeated",
        message_id=signed.user_message.message_id,
        sender=signed.signer.sender,
        signed_anew=signed_anew,
    )
