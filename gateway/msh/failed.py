"""An ebMS Error that a peer sends: recorded for the message of ours that it is about, and never answered (X05).

SECURITY: an Error pauses a message, so it counts once, and only while it is fresh: who captured one can do nothing with
it, neither today nor after a restart.
"""

from __future__ import annotations

from crypto.faults import SecurityFault
from crypto.verify import Verified, signer_candidates
from gateway.ebms.errors import EbmsError, FailedAuthentication, error_for
from gateway.ebms.model import ErrorSignal
from gateway.msh.arrival import Envelope
from gateway.msh.exchange import Request
from gateway.msh.freshness import agrees, judge_signal
from gateway.msh.hub import Hub
from gateway.msh.later import Postponed
from gateway.msh.signals import verify_signal
from gateway.store.interface import NotOffered
from gateway.store.model import Offered
from pmodes.model import Organisation

MOST_ERRORS = 8  # of one envelope are judged; each is a question to the database before anybody has proved anything


async def note_errors(envelope: Envelope, request: Request, hub: Hub) -> None:
    """Verify of each error that the receiver of the message sent it, and now, then let the message wait a while before
    it is offered again.

    Whatever is wrong with an error itself stays in the log: an error is no answer to an error. Where the hub's own
    time may be what is wrong, the answer is HTTP 503, which is none; the other errors have had their effect by then.
    """
    signed: dict[str, Verified | EbmsError] = {}
    postponed = None
    for error in _judged(envelope, request, hub):
        offered = await _offered(error, hub)
        receiver = hub.configuration().by_party.get(offered.receiver) if offered is not None else None
        if offered is None or receiver is None:
            hub.log("error_unmatched", address=request.address)
            continue
        try:
            verified = _verified(receiver, envelope, request, hub, signed)
            await judge_signal(error, verified, receiver.party_id, hub)
        except Postponed as fault:
            postponed = fault
            continue
        except EbmsError as fault:
            hub.log("error_distrusted", message_id=offered.message_id, detail=str(fault), address=request.address)
            continue
        await _record(error, offered, verified, receiver, request, hub)
    if postponed is not None:
        raise postponed


async def take_errors(envelope: Envelope, verified: Verified, party: Organisation, request: Request, hub: Hub) -> None:
    """Errors that came bundled with another unit, whose one signature is `party`'s and was verified; what may be
    wrong with their time is no matter of the other unit's."""
    for error in _judged(envelope, request, hub):
        offered = await _offered(error, hub)
        if offered is None or offered.receiver != party.party_id:
            hub.log("error_unmatched", address=request.address)
            continue
        try:
            await judge_signal(error, verified, party.party_id, hub)
        except (EbmsError, Postponed) as fault:
            hub.log("error_distrusted", message_id=offered.message_id, detail=str(fault), address=request.address)
            continue
        await _record(error, offered, verified, party, request, hub)


def _judged(envelope: Envelope, request: Request, hub: Hub) -> tuple[ErrorSignal, ...]:
    """The errors of an envelope that are looked at; of the others one line in the log says how many."""
    messaging = envelope.messaging
    if messaging.unreadable_errors:
        hub.log("error_unmatched", address=request.address, errors=messaging.unreadable_errors)
    if more := len(messaging.errors[MOST_ERRORS:]):
        too_many = f"more than {MOST_ERRORS} Errors in one envelope"
        hub.log("error_distrusted", detail=too_many, address=request.address, errors=more)
    return messaging.errors[:MOST_ERRORS]


def _verified(
    receiver: Organisation, envelope: Envelope, request: Request, hub: Hub, signed: dict[str, Verified | EbmsError]
) -> Verified:
    """What `receiver` signed of the envelope. Its one signature is verified once for each party, and further parties
    only where it names a certificate of theirs, so many errors cost a stranger's envelope no more than one."""
    party_id = receiver.party_id
    if party_id not in signed:
        try:
            if signed and not _names_one_of(receiver, envelope):
                raise FailedAuthentication(detail="the certificate named is none of the receiver's")
            signed[party_id] = verify_signal(envelope, receiver, request, hub)
        except EbmsError as fault:
            signed[party_id] = fault
    found = signed[party_id]
    if isinstance(found, EbmsError):
        raise found
    return found


def _names_one_of(receiver: Organisation, envelope: Envelope) -> bool:
    security = envelope.positions.security
    try:
        return security is not None and (
            signer_candidates(security).named_among(receiver.signing_certificates) is not None
        )
    except SecurityFault as fault:
        raise error_for(fault) from None


async def _offered(error: ErrorSignal, hub: Hub) -> Offered | None:
    """The message of ours that an error is about; some products say it in the eb:Error alone."""
    named = (error.ref_to_message_id, *(each.ref_to_message_in_error for each in error.errors))
    about = next((each for each in named if each), None)
    return None if about is None else await hub.store.find_offered(about)


async def _record(
    error: ErrorSignal, offered: Offered, verified: Verified, receiver: Organisation, request: Request, hub: Hub
) -> None:
    code = error.errors[0].code[:32]
    try:
        counted = await hub.store.record_error(
            offered.message_id,
            party=receiver.party_id,
            code=code,
            error_id=error.message_id,
            said_at=error.timestamp,
            at=hub.clock.now(),
        )
    except NotOffered:
        hub.log("error_unmatched", message_id=offered.message_id, address=request.address)
        return
    if counted:
        agrees(error, verified, receiver.party_id, hub)
        hub.log("error_taken", message_id=offered.message_id, party=receiver.party_id, code=code)
    else:
        hub.log("error_repeated", message_id=offered.message_id, party=receiver.party_id, code=code)
