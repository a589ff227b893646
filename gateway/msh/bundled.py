"""Bundled: the receipt and the errors that came in the envelope of another unit, under its one signature.

Each takes effect or is refused, and the other unit decides neither; an error is never answered (ebMS3 Core 5.2.4, 6.3;
X05). Where the signature is one of today's of the party that the other unit names, it is theirs. Where it is not, they
are judged as if they had come alone, by whose message they are about: a PullRequest for a wrong MPC costs nobody the
receipt beside it. Whoever is asked, the signature is computed once (`Envelope.signature`). A receipt that is refused
has an eb:Error of its own in the same answer, an error stands in the log. The receipt is taken first, for what keeps an
error from being judged may be answered by a 503, and the receipt must not wait for that.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from crypto.verify import Verified
from gateway.ebms.consistency import refusal_beside
from gateway.ebms.errors import EbmsError, FailedAuthentication, InvalidReceipt
from gateway.events import EventLog
from gateway.msh.acknowledge import TAKEN, acknowledge_pulled, take_receipt
from gateway.msh.exchange import Answer
from gateway.msh.failed import note_errors, take_errors
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope, Signed
from gateway.msh.revocation import check_signer
from pmodes.model import Organisation


async def take_signals(envelope: Envelope, hub: Hub) -> Answer:
    """A receipt and errors without any other unit, either or both; what became of the receipt is the answer."""
    refused = await _take_receipt_alone(envelope, hub)
    await note_errors(envelope, hub)
    if refused is not None:
        raise refused
    return TAKEN


async def _take_receipt_alone(envelope: Envelope, hub: Hub) -> InvalidReceipt | None:
    receipt = envelope.messaging.receipt
    if receipt is None:
        return None
    try:
        await acknowledge_pulled(receipt, envelope, hub)
    except InvalidReceipt as fault:
        return fault.about(receipt.message_id)
    return None


async def take_bundled(envelope: Envelope, verified: Verified | None, party: Organisation, hub: Hub) -> None:
    """Take what `party` signed, as was verified; raises `InvalidReceipt` after the error is taken. None: the other unit
    is that party's by something else than a signature, and what came with it is judged as if it had come alone.
    """
    refused = None
    if verified is None:
        refused = await _take_receipt_alone(envelope, hub)
        await note_errors(envelope, hub, alone=False)
        if refused is not None:
            raise refused
        return
    if envelope.messaging.receipt is not None:
        try:
            await take_receipt(envelope.messaging.receipt, envelope, verified, party, hub)
        except InvalidReceipt as fault:
            refused = fault
    await take_errors(envelope, verified, party, hub)
    if refused is not None:
        raise refused


async def take_by_now(signed: Signed, hub: Hub) -> EbmsError | None:
    """Take what came with a user message where its sender may sign so today; else the errors that refuse it, and those
    that refuse what no user message may have beside it."""
    envelope = signed.envelope
    if signed.organisation is None:
        why = signed.objection or FailedAuthentication(detail="signed by nobody of today")
        return refuse_bundled(envelope, why, hub.log)
    if envelope.messaging.receipt is not None or envelope.messaging.errors:  # of a repetition that is not asked before
        certificate, now = signed.verified.certificate, hub.time.now()
        check_signer(signed.organisation, certificate, hub.configuration(), hub.revocation, now)
    try:
        await take_bundled(envelope, signed.verified, signed.organisation, hub)
    except InvalidReceipt as refused:
        return refused.with_beside(refusal_beside(envelope.messaging))
    return refusal_beside(envelope.messaging)


def log_ignored(envelope: Envelope, log: EventLog) -> None:
    """An unknown signal beside a known unit has no effect, and nobody is told but the log (ebMS3 Core 5.2.4)."""
    if unknown := envelope.messaging.unknown_signals:
        log("signal_ignored", address=envelope.frame.request.address, signals=len(unknown))


@asynccontextmanager
async def others_alone(envelope: Envelope, hub: Hub) -> AsyncIterator[None]:
    """Where the unit that names a party is refused before what came with it was taken as that party's, that is judged
    as if it had come alone, and the refusals are told together.
    """
    try:
        yield
    except EbmsError as fault:
        refused = await _take_receipt_alone(envelope, hub)
        await note_errors(envelope, hub, alone=False)
        impossible = None if envelope.messaging.user_message is None else refusal_beside(envelope.messaging)
        fault.beside = impossible if refused is None else refused.with_beside(impossible)
        raise


@contextmanager
def refused_together(envelope: Envelope, log: EventLog) -> Iterator[None]:
    """Where nobody's signature of today covers the envelope, the error that refuses it refuses all that is in it."""
    try:
        yield
    except EbmsError as refused:
        refused.beside = refuse_bundled(envelope, refused, log)
        raise


def refuse_bundled(envelope: Envelope, why: EbmsError, log: EventLog) -> EbmsError | None:
    """Log that an error has no effect; what refuses the receipt, as every receipt is refused (decision 0010), and what
    cannot stand beside a user message."""
    messaging = envelope.messaging
    if messaging.errors:
        log("error_distrusted", detail=str(why), address=envelope.frame.request.address, errors=len(messaging.errors))
    impossible = None if messaging.user_message is None else refusal_beside(messaging)
    if messaging.receipt is None:
        return impossible
    refused = InvalidReceipt(detail=f"with what was refused: {why}").about(messaging.receipt.message_id)
    return refused.with_beside(impossible)


@contextmanager
def told_together(beside: EbmsError | None) -> Iterator[None]:
    """An error that refuses one unit is answered together with the one that refused the unit `beside` it."""
    try:
        yield
    except EbmsError as refused:
        refused.beside = refused.beside or beside
        raise
