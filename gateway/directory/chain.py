"""Issues one after the other: when the next is due, what its serial is, and whether one that came follows on one that
is known.

A serial is the day of issue and a count (2026030200), or one more than the serial before where that is not lower. So it
goes up also where a hub lost what it had issued, from one day to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from gateway.directory.model import AddressBook, Entry, Issue, SignedBook

VALID: Final = timedelta(days=7)
RENEWED_BEFORE: Final = timedelta(days=4)  # of its end: whoever asks once a day has three tries before half of it
SKEW: Final = timedelta(minutes=5)


class Untakeable(Exception):
    """An issue that is not taken in the place of the one that is known; the text says why, `is_fork` whether it
    contradicts what is known.
    """

    def __init__(self, sentence: str, *, is_fork: bool = False) -> None:
        super().__init__(sentence)
        self.is_fork = is_fork


def is_due(before: SignedBook | None, hub: str, entries: Sequence[Entry], at: datetime) -> bool:
    """Whether a new issue has to be made: there is none, it says something else, it nears its end, or it was made
    under a clock that was ahead.
    """
    if before is None or is_to_come(before, at):
        return True
    known = before.book
    changed = (known.hub, known.entries) != (hub, tuple(entries))
    return changed or known.issue.valid_until - at < RENEWED_BEFORE


def is_to_come(signed: SignedBook, at: datetime) -> bool:
    """Whether it says that it was issued later than that moment, by more than clocks may differ: nobody takes it."""
    return signed.book.issue.issued_at > at + SKEW


def next_issue(before: SignedBook | None, hub: str, entries: Sequence[Entry], at: datetime) -> AddressBook:
    """The issue that follows."""
    issued_at = at.astimezone(UTC).replace(microsecond=0)
    of_today = int(f"{issued_at:%Y%m%d}00")
    serial = of_today if before is None else max(before.book.issue.serial + 1, of_today)
    return AddressBook(
        hub=hub,
        issue=Issue(
            serial=serial,
            issued_at=issued_at,
            valid_until=issued_at + VALID,
            before=None if before is None else (before.book.issue.serial, before.sha256),
        ),
        entries=tuple(entries),
    )


def check_follows(came: SignedBook, known: SignedBook | None, *, hub: str, at: datetime) -> None:
    """Raise `Untakeable` for an issue of another hub, one that may not be relied on at that moment or wants to be for
    longer than any may, one with a lower serial than the one that is known or than the one before it, one that does not
    stand in one chain with it, and one that gives one party id to two parties.
    """
    issue = came.book.issue
    ids = [each for entry in came.book.entries for each in {one.value for one in entry.party_ids}]
    if len(ids) != len(set(ids)):
        raise Untakeable("it gives one party id to two parties")
    if came.book.hub != hub:
        raise Untakeable("it is the address book of another hub")
    if is_to_come(came, at):
        raise Untakeable(f"it was issued at {issue.issued_at:%Y-%m-%d %H:%M:%SZ}, which is still to come here")
    if issue.valid_until <= at:
        raise Untakeable(f"it was valid until {issue.valid_until:%Y-%m-%d %H:%M:%SZ}, and that is over")
    if issue.valid_until - issue.issued_at > VALID:
        raise Untakeable(f"it wants to be valid for more than the {VALID.days} days that an address book may be")
    if issue.before is not None and issue.before[0] >= issue.serial:
        raise Untakeable(f"its serial {issue.serial} is not higher than that of the one before it, {issue.before[0]}")
    if known is not None and known.book.hub == hub:
        _check_chain(came, known)


def _check_chain(came: SignedBook, known: SignedBook) -> None:
    issue, before = came.book.issue, known.book.issue
    if issue.serial < before.serial:
        raise Untakeable(f"its serial {issue.serial} is lower than {before.serial}, which is here")
    if issue.serial == before.serial:
        if came.sha256 != known.sha256:
            raise Untakeable(f"another address book with the serial {issue.serial} is here", is_fork=True)
        return
    if issue.before is None or issue.before[0] < before.serial:
        raise Untakeable(f"the one with the serial {before.serial}, which is here, is not among those before it",
                         is_fork=True)  # fmt: skip
    serial, sha256 = issue.before
    if serial == before.serial and sha256 != known.sha256:
        raise Untakeable(f"the one before it, {serial}, is another than the one that is here", is_fork=True)
