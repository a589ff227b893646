"""An ebMS Error that a peer sends: recorded for the message of ours that it is about, and never answered (X05).

SECURITY: an Error pauses a message, so it counts once, and only while it is fresh: who captured one can do nothing with
it, neither today nor after a restart. One about nothing costs what one about a message costs, so that the time does not
tell which it is; where all of an envelope are unreadable none can count, whatever it is about, and no signature is
verified. Whatever of an envelope has no effect is one line in the log. At a desk it needs the lease, as a receipt does:
a colleague's message is not paused from another browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from crypto.verify import Verified
from gateway.ebms.errors import EbmsError
from gateway.ebms.model import ErrorSignal
from gateway.events import EventLog
from gateway.msh.acknowledge import has_it_open
from gateway.msh.exchange import Door
from gateway.msh.hub import Hub
from gateway.msh.journey import Envelope
from gateway.msh.later import Postponed
from gateway.msh.revocation import check_signer
from gateway.msh.steps.freshness import ShownTime, agrees, judge_signal
from gateway.msh.steps.signals import verify_for_nobody, verify_signal
from gateway.store.interface import NotOffered, Store
from gateway.store.model import Offered, State
from pmodes.configuration import Configuration
from pmodes.model import Organisation

_CODE = re.compile(r"EBMS:[0-9]{4}", re.ASCII)
MOST_ERRORS = 8  # of one envelope are judged; each is a question to the database before anybody has proved anything


async def note_errors(envelope: Envelope, hub: Hub, *, alone: bool = True) -> None:
    """Verify of each error that the receiver of the message sent it, and now, then let the message wait a while before
    it is offered again.

    Whatever is wrong with an error itself stays in the log: an error is no answer to an error. Where the hub's own
    time may be what is wrong, the answer is HTTP 503, which is none; the other errors have had their effect by then.
    Only errors that came `alone` are answered so.
    """
    configuration, postponed = hub.configuration(), None
    parties = _Parties(envelope, configuration, hub)
    with unheeded(envelope, hub.log) as without_effect:
        for error in envelope.messaging.errors[:MOST_ERRORS]:
            offered = await _offered(error, hub.store)
            receiver = configuration.system_of(offered.receiver) if offered is not None else None
            if offered is None or receiver is None:
                without_effect.unmatched(1)
                continue
            try:
                verified = parties.verified(receiver)
                if not await _has_it_open(offered, envelope, without_effect, hub):
                    continue
                await judge_signal(ShownTime.by(receiver.party_id, error, verified), hub.store, hub.time)
            except (EbmsError, Postponed) as fault:
                if alone and isinstance(fault, Postponed):
                    postponed = fault
                else:
                    without_effect.distrusted(1, str(fault), offered.message_id)
                continue
            await _record(error, offered, verified, receiver, without_effect, envelope.frame.request.door, hub)
        left = max(0, MOST_ERRORS - len(envelope.messaging.errors))
        await _find_unreadable(envelope, without_effect, hub.store, most=left)
        if envelope.messaging.errors and not parties.asked:
            with suppress(EbmsError):
                verify_for_nobody(envelope, configuration, hub.time.now())
    if postponed is not None:
        raise postponed


async def take_errors(envelope: Envelope, verified: Verified, party: Organisation, hub: Hub) -> None:
    """Errors that came bundled with another unit, whose one signature is `party`'s and was verified; what may be
    wrong with their time is no matter of the other unit's."""
    with unheeded(envelope, hub.log) as without_effect:
        for error in envelope.messaging.errors[:MOST_ERRORS]:
            offered = await _offered(error, hub.store)
            if offered is None or offered.receiver != party.party_id:
                without_effect.unmatched(1)
                continue
            if not await _has_it_open(offered, envelope, without_effect, hub):
                continue
            try:
                await judge_signal(ShownTime.by(party.party_id, error, verified), hub.store, hub.time)
            except (EbmsError, Postponed) as fault:
                without_effect.distrusted(1, str(fault), offered.message_id)
                continue
            await _record(error, offered, verified, party, without_effect, envelope.frame.request.door, hub)


@dataclass(slots=True)
class Unheeded:
    """The errors of one envelope that changed nothing, and why."""

    number: int = 0
    event: str = "error_repeated"  # of several, the one that says most against the envelope
    reasons: dict[str, None] = field(default_factory=dict)
    message_ids: dict[str, None] = field(default_factory=dict)  # of ours that they are about

    def repeated(self, message_id: str) -> None:
        """One that had counted before."""
        self._add(1, "counted before", message_id)

    def unmatched(self, errors: int, message_id: str | None = None) -> None:
        """So many about no message that was offered and still waits."""
        self._add(errors, "about no message that was offered and still waits", message_id)
        if self.event == "error_repeated":
            self.event = "error_unmatched"

    def unreadable(self, errors: int) -> None:
        """So many that say no MessageId or no time that can be read: they could count again and again, or for ever."""
        self._add(errors, "without a MessageId or a time that can be read", None)
        if self.event == "error_repeated":
            self.event = "error_unmatched"

    def about(self, message_id: str) -> None:
        """A message of ours that one of those counted before is about."""
        self.message_ids[message_id] = None

    def distrusted(self, errors: int, why: str, message_id: str | None = None) -> None:
        """So many that nobody vouches for, or not now."""
        self._add(errors, why, message_id)
        self.event = "error_distrusted"

    def _add(self, errors: int, why: str, message_id: str | None) -> None:
        self.number += errors
        self.reasons[why] = None
        if message_id is not None:
            self.message_ids[message_id] = None


@contextmanager
def unheeded(envelope: Envelope, log: EventLog) -> Iterator[Unheeded]:
    """Collects what has no effect and tells it in one line, also where the store fails before the last was judged."""
    messaging, found = envelope.messaging, Unheeded()
    if messaging.unreadable_errors:
        found.unreadable(len(messaging.unreadable_errors))
    if more := len(messaging.errors[MOST_ERRORS:]):
        found.distrusted(more, f"more than {MOST_ERRORS} Errors in one envelope")
    try:
        yield found
    finally:
        if found.number:
            _tell(found, envelope.frame.request.address, log)


def _tell(found: Unheeded, address: str, log: EventLog) -> None:
    about = next(iter(found.message_ids)) if len(found.message_ids) == 1 else None
    why = "; ".join(found.reasons)
    match found.event:
        case "error_distrusted":
            log("error_distrusted", errors=found.number, message_id=about, detail=why, address=address)
        case "error_unmatched":
            log("error_unmatched", errors=found.number, message_id=about, detail=why, address=address)
        case _:
            log("error_repeated", errors=found.number, message_id=about, detail=why, address=address)


class _Parties:
    """What each party signed of one envelope; it is asked once, however many errors are about its messages."""

    def __init__(self, envelope: Envelope, configuration: Configuration, hub: Hub) -> None:
        self._envelope = envelope
        self._configuration = configuration
        self._hub = hub
        self.asked: dict[str, Verified | EbmsError] = {}

    def verified(self, party: Organisation) -> Verified:
        """What that party signed; raises what refuses it, each time that it is asked."""
        found = self.asked.get(party.party_id)
        if found is None:
            try:
                at = self._hub.time.now()
                found = verify_signal(self._envelope, party, self._configuration, at)
                check_signer(party, found.certificate, self._configuration, self._hub.revocation, at)
            except EbmsError as fault:
                found = fault
            self.asked[party.party_id] = found
        if isinstance(found, EbmsError):
            raise found
        return found


async def _find_unreadable(envelope: Envelope, without_effect: Unheeded, store: Store, *, most: int) -> None:
    """Tell the operator about which messages there are errors that cannot count."""
    for about in envelope.messaging.unreadable_errors[:most]:
        offered = None if about is None else await store.find_offered(about)
        if offered is not None:
            without_effect.about(offered.message_id)


async def _offered(error: ErrorSignal, store: Store) -> Offered | None:
    """The message of ours that an error is about; some products say it in the eb:Error alone."""
    named = (error.ref_to_message_id, *(each.ref_to_message_in_error for each in error.errors))
    about = next((each for each in named if each), None)
    return None if about is None else await store.find_offered(about)


async def _has_it_open(offered: Offered, envelope: Envelope, without_effect: Unheeded, hub: Hub) -> bool:
    """Whether who sits at a desk may say something of this message, as a receipt asks it; a system always may."""
    if await has_it_open(offered, envelope.frame.request.door, hub.store):
        return True
    without_effect.distrusted(1, "the session has not this message open", offered.message_id)
    return False


async def _record(
    error: ErrorSignal,
    offered: Offered,
    verified: Verified,
    receiver: Organisation,
    without_effect: Unheeded,
    door: Door,
    hub: Hub,
) -> None:
    said = error.errors[0].code
    code = said if _CODE.fullmatch(said) else "other"  # nobody's words are kept
    desk_lease = None if door.desk is None else door.lease  # who took the message over meanwhile is not interrupted
    try:
        counted = await hub.store.record_error(
            offered.message_id,
            party=receiver.party_id,
            code=code,
            error_id=error.message_id,
            said_at=error.timestamp,
            desk_lease=desk_lease,
        )
    except NotOffered:
        without_effect.unmatched(1, offered.message_id)
        return
    if counted:
        agrees(ShownTime.by(receiver.party_id, error, verified), hub.time)
        if offered.state is not State.OFFERED:
            without_effect.unmatched(1, offered.message_id)
            return
        hub.log("error_taken", message_id=offered.message_id, party=receiver.party_id, code=code)
    else:
        without_effect.repeated(offered.message_id)
