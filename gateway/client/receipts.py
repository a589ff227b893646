"""Receipts on both sides of a participant: judging the hub's for what was pushed, making its own for what was pulled.

Clauses: AS4 3.2, 5.1.8; ebMS3 Core 5.2.3.3. What an answer is, and that the hub signed it, was established before
(`gateway.client.answers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crypto.signed_info import VerifiedReference
from gateway.client.answers import HubAnswer
from gateway.client.participant import Participant
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError, InvalidReceipt
from gateway.ebms.model import ErrorSignal, Messaging, PartReference, PullRequest, Receipt, UserMessage
from gateway.ebms.pack import signed_envelope
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import check_receipt, part_references, receipt_for
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document


def judge_receipt(
    answer: HubAnswer, participant: Participant, *, message_id: str, sent: Sequence[PartReference]
) -> None:
    """Hold a signed receipt against what was sent: the message it names, and every digest. Raises `InvalidReceipt`."""
    receipt = None if answer.messaging is None else answer.messaging.receipt
    if receipt is None or answer.verified is None:
        raise InvalidReceipt(detail="the answer holds no receipt that the hub signed")
    if receipt.ref_to_message_id != message_id:
        raise InvalidReceipt(detail="the receipt is about another message")
    if receipt.user_message is not None and participant.awareness_receipts:
        if receipt.user_message.message_id != message_id:
            raise InvalidReceipt(detail="the receipt copies another message")
        return
    check_receipt(receipt, sent)


def make_receipt(
    participant: Participant,
    user_message: UserMessage,
    references: Iterable[VerifiedReference],
    *,
    message_id: str,
    at: datetime,
) -> bytes:
    """The signed envelope of the receipt for a pulled message: made before the message is stored, sent after."""
    receipt = receipt_for(user_message, part_references(references), message_id=message_id, timestamp=at)
    return sign_signals(participant, Messaging(receipt=receipt))


def receipt_in(envelope: bytes) -> Receipt:
    """The receipt out of its stored envelope: to be signed again beside a PullRequest, or for its MessageId."""
    receipt = read_messaging(locate(parse_document(envelope, limits=ENVELOPE_LIMITS)).messaging).receipt
    if receipt is None:
        raise ValueError("the envelope of a receipt has no receipt")
    return receipt


def refusal_of(answer: HubAnswer, receipt: Receipt, *, request_id: str) -> str | None:
    """The code with which a signed answer refuses this receipt for good; None when it does not say that.

    That is a failure about the receipt, or about what it acknowledges. EBMS:0302 can be about nothing else in the
    request `request_id`. What comes with 429 or 503 says of itself that it will pass.
    """
    if answer.is_busy:
        return None
    about = (receipt.message_id, receipt.ref_to_message_id)
    for each, reference in answer.failures:
        if reference in about or (each.code == InvalidReceipt.code and reference in (None, request_id)):
            return each.code
    return None


def make_pull_request(
    participant: Participant, *, message_id: str, at: datetime, receipt: Receipt | None = None
) -> bytes:
    """The signed envelope of a PullRequest for the own mailbox, with a receipt bundled or without (AS4 2.1.1)."""
    pull = PullRequest(message_id=message_id, timestamp=at, mpc=participant.mpc)
    return sign_signals(participant, Messaging(pull_request=pull, receipt=receipt))


def make_error(participant: Participant, error: EbmsError, about: str, *, message_id: str, at: datetime) -> bytes:
    """The signed envelope that tells the hub why a pulled message was not taken; the hub keeps the message (2.5)."""
    signal = ErrorSignal(
        message_id=message_id, timestamp=at, ref_to_message_id=about, errors=error.about(about).entries()
    )
    return sign_signals(participant, Messaging(error=signal))


def sign_signals(participant: Participant, messaging: Messaging) -> bytes:
    """Signals without parts as a signed envelope."""
    packed = signed_envelope(
        messaging,
        key=participant.signing_key,
        suite=participant.suite,
        key_reference=participant.key_reference,
    )
    return packed.envelope
