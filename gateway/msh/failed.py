"""An ebMS Error that a peer sends: recorded for the message of ours that it is about, and never answered (X05).

SECURITY: an Error pauses a message, so it counts once, and only while it is fresh: who captured one can do nothing with
it, neither today nor after a restart.
"""

from __future__ import annotations

from crypto.verify import Verified
from gateway.ebms.errors import EbmsError
from gateway.ebms.model import ErrorSignal
from gateway.msh.arrival import Envelope
from gateway.msh.exchange import Answer, Request
from gateway.msh.freshness import agrees, judge_signal
from gateway.msh.hub import Hub
from gateway.msh.later import Postponed
from gateway.msh.signals import verify_signal
from gateway.store.interface import NotOffered
from gateway.store.model import Offered
from pmodes.model import Organisation

NOTED = Answer(status=204)


async def note_error(error: ErrorSignal, envelope: Envelope, request: Request, hub: Hub) -> Answer:
    """Verify that the receiver of the message sent the error, and now, then let it wait a while before it is offered
    again.

    Whatever is wrong with the error itself stays in the log: an error is no answer to an error. Where the hub's own
    time may be what is wrong, the answer is HTTP 503, which is none.
    """
    offered = await _offered(error, hub)
    receiver = hub.configuration().by_party.get(offered.receiver) if offered is not None else None
    if offered is None or receiver is None:
        hub.log("error_unmatched", address=request.address)
        return NOTED
    try:
        verified = verify_signal(envelope, receiver, request, hub)
        await judge_signal(error, verified, receiver.party_id, hub)
    except EbmsError as fault:
        hub.log("error_distrusted", message_id=offered.message_id, detail=str(fault), address=request.address)
        return NOTED
    await _record(error, offered, verified, receiver, request, hub)
    return NOTED


async def take_error(error: ErrorSignal, verified: Verified, party: Organisation, request: Request, hub: Hub) -> None:
    """An error that came bundled with another unit, whose one signature is `party`'s and was verified; what may be
    wrong with its time is no matter of the other unit's."""
    offered = await _offered(error, hub)
    if offered is None or offered.receiver != party.party_id:
        hub.log("error_unmatched", address=request.address)
        return
    try:
        await judge_signal(error, verified, party.party_id, hub)
    except (EbmsError, Postponed) as fault:
        hub.log("error_distrusted", message_id=offered.message_id, detail=str(fault), address=request.address)
        return
    await _record(error, offered, verified, party, request, hub)


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
