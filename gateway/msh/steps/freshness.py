"""Freshness: every judgment of a peer's message by the clock, in one place (decision 0018).

Three things of a message are held against the hub's time: eb:Timestamp, wsu:Timestamp, and the validity of the
certificate that signed. The signature held before, whatever they say. Where one of them does not fit, either clock may
be wrong, and what the hub cannot know is no reason to refuse a message for good:

- the hub itself stood still, and the message would have fitted when it came: HTTP 503, and it is no voice;
- the time is suspect: HTTP 503, until an operator confirmed it;
- the peer's own words agree with our clock, or others vouch for it, or the message took effect before: the refusal;
- else 503, and what the peer's clock shows counts as one voice of its organisation (`gateway.jobs.time_guard`).

A receipt is not judged here, but by its digests: see `gateway.ebms.receipts.check_receipt_certificate`.

SECURITY: what is not signed decides nothing: an unsigned wsu:Timestamp is as if it were not there. A message that
comes again, or that is older than what its party signed since, is no voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from crypto.certificates import Certificate, Terms, check_validity
from crypto.faults import FailedAuthentication
from crypto.findings import MomentOutOfBounds
from crypto.timestamps import Lifetime
from crypto.verify import Verified
from gateway.ebms import texts
from gateway.ebms.errors import EbmsError, ValueInconsistent, error_for
from gateway.ebms.evidence import compared
from gateway.ebms.model import ErrorSignal, PullRequest, UserMessage
from gateway.ebms.text import Text
from gateway.msh.journey import Trusted
from gateway.msh.later import Cause, Postponed
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store

FRESH = timedelta(minutes=5)  # how old a signal may be, and how far a clock may run ahead of ours
OLDEST_MESSAGE = timedelta(days=89)  # a day less than an accepted MessageId is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTime:
    """The time that a message shows, and who vouches for it: by a certificate, or (None) by something else."""

    party: str
    message_id: str
    timestamp: datetime
    lifetime: Lifetime
    certificate: Certificate | None
    terms: Terms

    @classmethod
    def by(cls, party: str, unit: UserMessage | PullRequest | ErrorSignal, verified: Verified) -> ShownTime:
        """The words of one unit of a verified message."""
        return cls(
            party=party,
            message_id=unit.message_id,
            timestamp=unit.timestamp,
            lifetime=verified.lifetime,
            certificate=verified.certificate,
            terms=verified.policy.terms,
        )

    @property
    def moment(self) -> datetime:
        """The latest time that the peer's clock shows in it."""
        created = self.lifetime.created
        return self.timestamp if created is None else max(self.timestamp, created)


async def judge_message(trusted: Trusted, store: Store, time: Timekeeping) -> None:
    """A user message that was not accepted before: it may have waited at its sender for most of the 90 days."""
    signed = trusted.signed
    said = ShownTime.by(signed.signer.sender, signed.user_message, signed.verified)
    objection = _objection(said, time.now(), oldest=OLDEST_MESSAGE, stale=texts.NOT_FRESH)
    if objection is None:
        return
    at = time.now()
    _check_backlog(said, time, oldest=OLDEST_MESSAGE, stale=texts.NOT_FRESH)
    heard = await store.note_heard(said.party, said.message_id, said_at=said.timestamp)
    if not heard.known and said.moment > at + FRESH:  # an earlier time is no word about its clock: it may have waited
        _speak(said, time, at)
    refuse_for_time(objection, said, time)


async def says_something_new(trusted: Trusted, store: Store, at: datetime) -> bool:
    """Whether a user message was made a moment ago and is heard of for the first time; it counts as heard from then on.

    Asked for the address it came from alone, so it refuses nothing and no time of it is a word about a clock.
    """
    signed = trusted.signed
    said = ShownTime.by(signed.signer.sender, signed.user_message, signed.verified)
    if abs(said.timestamp - at) > FRESH:
        return False
    return not (await store.note_heard(said.party, said.message_id, said_at=said.timestamp)).known


async def judge_signal(said: ShownTime, store: Store, time: Timekeeping) -> None:
    """A PullRequest or an Error is made when it is sent, and of no use to anybody after five minutes (P24, PL-04)."""
    objection = _objection(said, time.now(), oldest=FRESH, stale=texts.SIGNAL_NOT_FRESH)
    if objection is None:
        return
    at = time.now()
    _check_backlog(said, time, oldest=FRESH, stale=texts.SIGNAL_NOT_FRESH)
    heard = await store.note_heard(said.party, said.message_id, said_at=said.timestamp)
    repeated = heard.counted or (heard.latest is not None and said.timestamp <= heard.latest)
    if not heard.known and not repeated:
        _speak(said, time, at)
    refuse_for_time(objection, said, time, repeated=repeated)


def agrees(said: ShownTime, time: Timekeeping) -> None:
    """A signal that counted, for the first time, at a time like ours."""
    _speak(said, time, time.now())


def refuse_for_time(objection: EbmsError, said: ShownTime, time: Timekeeping, *, repeated: bool = False) -> NoReturn:
    """Raise the refusal where the time is trusted enough to make it final, else `Postponed`."""
    if time.look():
        detail = f"the time is suspect ({', '.join(time.grounds)}): {objection.detail}"
        raise Postponed(Cause.TIME, detail, compared=objection.compared)
    same_time = abs(said.moment - time.now()) <= FRESH
    if repeated or same_time or time.vouched_for(against=said.party):
        raise objection
    detail = f"{_apart(said, time.now())}: {objection.detail}"
    raise Postponed(Cause.PARTICIPANT_TIME, detail, about=said.party, compared=objection.compared)


def refuse_for_day(refusal: EbmsError, time: Timekeeping) -> NoReturn:
    """Raise what is refused by today's date where the time is trusted enough to make it final, else `Postponed`."""
    if time.look():
        detail = f"the time is suspect ({', '.join(time.grounds)}): {refusal.detail}"
        raise Postponed(Cause.TIME, detail, compared=refusal.compared) from None
    raise refusal


def refuse_replay(detail: str, time: Timekeeping) -> NoReturn:
    """A PullRequest that counted longer ago than it may be repeated, by a clock that may be wrong."""
    if time.look():
        raise Postponed(Cause.TIME, f"the time is suspect ({', '.join(time.grounds)}): {detail}")
    raise ValueInconsistent(texts.SIGNAL_NOT_FRESH, detail)


def _came_at(said: ShownTime, time: Timekeeping, at: datetime) -> datetime:
    """When the message can have come: now, or while the process stood still, whichever fits it best."""
    earliest = at - timedelta(seconds=time.waited_seconds())
    return max(earliest, min(at, said.moment))


def _check_backlog(said: ShownTime, time: Timekeeping, *, oldest: timedelta, stale: Text) -> None:
    """Raise `Postponed` for a message that grew too old while the hub stood still: no sender is to blame."""
    at = time.now()
    if time.waited_seconds() and _objection(said, _came_at(said, time, at), oldest=oldest, stale=stale) is None:
        raise Postponed(Cause.STOOD_STILL, f"the hub stood still; {_apart(said, at)}", about=said.party)


def _objection(said: ShownTime, at: datetime, *, oldest: timedelta, stale: Text) -> EbmsError | None:
    """What does not fit the hub's time; None when all does."""
    try:
        if said.certificate is not None:
            check_validity(said.certificate, at, said.terms)
    except FailedAuthentication as fault:
        return error_for(fault)
    lifetime = said.lifetime
    if said.timestamp < at - oldest:
        found = MomentOutOfBounds.at_earliest("eb:Timestamp", at - oldest, said.timestamp)
        return ValueInconsistent(stale, "eb:Timestamp outside the window", compared=[compared(found)])
    if said.timestamp > at + FRESH:
        found = MomentOutOfBounds.at_latest("eb:Timestamp", at + FRESH, said.timestamp)
        return ValueInconsistent(stale, "eb:Timestamp outside the window", compared=[compared(found)])
    if lifetime.expires is not None and lifetime.expires < at:
        found = MomentOutOfBounds.at_earliest("wsu:Expires", at, lifetime.expires)
        return ValueInconsistent(texts.EXPIRED, "wsu:Expires has passed", compared=[compared(found)])
    if lifetime.created is not None and lifetime.created > at + FRESH:
        found = MomentOutOfBounds.at_latest("wsu:Created", at + FRESH, lifetime.created)
        return ValueInconsistent(stale, "wsu:Created lies in the future", compared=[compared(found)])
    return None


def _speak(said: ShownTime, time: Timekeeping, at: datetime) -> None:
    time.heard(said.party, (said.moment - _came_at(said, time, at)).total_seconds())


def _apart(said: ShownTime, at: datetime) -> str:
    seconds = round((said.moment - at).total_seconds())
    return f"the message says a time {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours"
