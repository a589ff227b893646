"""When mail is sent and to whom, as pure functions; each engine of the portal's store asks them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from gateway.store.portal.mail import LetterSort, MailEvent, MailFault, MailKind, MailLine, NotificationAddress
from gateway.store.portal.model import DocumentKind, JournalEvent, PortalRequest, RequestKind, RequestState
from gateway.store.portal.terms import MAIL_HEARD_AFTER, MAIL_LEASE, MAIL_TRIED
from pmodes.term import time_zone

APART: Final = timedelta(hours=1)  # two letters about messages to one address
NIGHT_ENDS: Final = time(7)  # in the Netherlands; nobody is told of messages from midnight until then
FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=24)
LONGEST_PAUSE_OF_SERVER: Final = timedelta(hours=1)  # once it is back, everybody is told within that time

_OF_JOURNAL: Final[Mapping[JournalEvent, MailEvent]] = MappingProxyType(
    {
        JournalEvent.LINKED: MailEvent.LINKED,
        JournalEvent.UNLINKED: MailEvent.UNLINKED,
        JournalEvent.LOCK_COUNTS: MailEvent.LOCK_COUNTS,
        JournalEvent.LOCK_REMOVED: MailEvent.LOCK_REMOVED,
        JournalEvent.KEYS_PROPOSED: MailEvent.KEYS_PROPOSED,
        JournalEvent.KEYS_ACTIVE: MailEvent.KEYS_ACTIVE,
        JournalEvent.KEYS_ENDED: MailEvent.KEYS_ENDED,
        JournalEvent.ADDRESS_ADDED: MailEvent.ADDRESS_ADDED,
        JournalEvent.ADDRESS_COUNTS: MailEvent.ADDRESS_COUNTS,
        JournalEvent.ADDRESS_KINDS: MailEvent.ADDRESS_KINDS,
        JournalEvent.ADDRESS_REMOVED: MailEvent.ADDRESS_REMOVED,
        JournalEvent.UNSUBSCRIBED: MailEvent.UNSUBSCRIBED,
    }
)
_OF_DOCUMENT: Final[Mapping[DocumentKind, MailEvent]] = MappingProxyType(
    {
        DocumentKind.SETTINGS: MailEvent.SETTINGS_KEPT,
        DocumentKind.ROSTER: MailEvent.LOCKS_LISTED,
        DocumentKind.ORGANISATION: MailEvent.ORGANISATION_KEY,
    }
)
_OF_DECISION: Final[Mapping[RequestState, MailEvent]] = MappingProxyType(
    {
        RequestState.SUBMITTED: MailEvent.REQUEST_SUBMITTED,
        RequestState.APPROVED: MailEvent.REQUEST_APPROVED,
        RequestState.REFUSED: MailEvent.REQUEST_REFUSED,
        RequestState.WITHDRAWN: MailEvent.REQUEST_WITHDRAWN,
    }
)


def told_of_journal(event: JournalEvent, about: str) -> MailEvent | None:
    """What a line of the journal has told by mail; what a request became is told as `told_of_request`."""
    if event is JournalEvent.DOCUMENT_KEPT:
        return _OF_DOCUMENT.get(DocumentKind(about.partition(" ")[0]))
    return _OF_JOURNAL.get(event)


def told_of_request(request: PortalRequest) -> MailEvent:
    """What is told of a request that was submitted or decided."""
    if request.state is RequestState.SUBMITTED and request.kind is RequestKind.LOST_KEYS:
        return MailEvent.KEYS_LOST
    return _OF_DECISION[request.state]


def hearers(
    addresses: Iterable[NotificationAddress], unit: str, now: datetime, *, also: str | None = None
) -> frozenset[str]:
    """Which addresses are told of a change of that unit, or of the organisation where it is empty: all that count or
    did some days ago, so that nobody changes something unheard by removing an address first. The one with the id `also`
    is of whichever unit.
    """
    return frozenset(
        each.address
        for each in addresses
        if each.counts_since is not None
        and (each.hears_of(unit) or each.id == also)
        and (each.removed_at is None or now < each.removed_at + MAIL_HEARD_AFTER)
    )


def listeners(addresses: Iterable[NotificationAddress], unit: str, kind: MailKind) -> tuple[NotificationAddress, ...]:
    """Which addresses of a unit want to be told of its messages so; one that bounced is not tried with these."""
    return tuple(
        each
        for each in addresses
        if each.unit == unit
        and kind in each.kinds
        and each.counts_since is not None
        and each.removed_at is None
        and each.bounced_at is None
    )


def due_from(sort: LetterSort, told_at: datetime | None, now: datetime) -> datetime:
    """From when a line may be sent that would go at `now`; `told_at` is when its address was told of messages last."""
    if sort is not LetterSort.MESSAGES:
        return now
    at = now if told_at is None else min(max(now, told_at + APART), now + APART)
    local = at.astimezone(time_zone())
    if local.time() < NIGHT_ENDS:
        return datetime.combine(local.date(), NIGHT_ENDS, tzinfo=local.tzinfo).astimezone(UTC)
    return at


def with_more(line: MailLine, more: MailLine) -> MailLine:
    """The line that tells what happened again, and when last; of terms the first counts. It waits no longer than the
    newer one would, and is kept as long.
    """
    terms = [each for each in (line.until, more.until) if each is not None]
    return replace(
        line,
        times=line.times + more.times,
        until=min(terms, default=None),
        made_at=more.made_at,
        due_at=min(line.due_at, more.due_at),
    )


def being_sent(line: MailLine, letter: str, now: datetime) -> MailLine:
    """The line as part of a letter that somebody sends now."""
    return replace(line, letter=letter, attempts=line.attempts + 1, leased_until=now + MAIL_LEASE)


def is_over(line: MailLine, fault: MailFault, failure: str, now: datetime) -> bool:
    """Whether a line that failed so is tried no more: what may pass is tried for days, and a refusal that does not say
    that it is about the address counts once it was repeated in the same words, for which `tried_again` waits a day.
    What our own server keeps back waits for as long as any line is kept.
    """
    if fault is MailFault.SERVER:
        return False
    if fault in (MailFault.GONE, MailFault.UNWRITABLE) or now >= line.made_at + MAIL_TRIED:
        return True
    return fault is MailFault.REFUSED and line.failure == failure


def blames_address(fault: MailFault) -> bool:
    """Whether an address whose letter is over shows why, and is told of changes alone from then on."""
    return fault in (MailFault.PASSING, MailFault.REFUSED, MailFault.GONE)


def tried_again(line: MailLine, fault: MailFault, failure: str, told_at: datetime | None, now: datetime) -> MailLine:
    """The line after a failure that may pass, with a pause that doubles, and not at night nor within the hour where
    `due_from` says so. What our own server kept back was seen by nobody: it goes with whatever else is due by then.
    """
    pause = min(FIRST_PAUSE * 2 ** min(line.attempts - 1, 20), LONGEST_PAUSE)
    letter = line.letter
    if fault is MailFault.SERVER:
        pause, letter = min(pause, LONGEST_PAUSE_OF_SERVER), None
    elif fault is MailFault.REFUSED:
        pause = LONGEST_PAUSE  # what is asked next is whether it says so on another day
    due_at = due_from(line.sort, told_at, now + pause)
    return replace(line, letter=letter, leased_until=None, due_at=due_at, failure=failure)
