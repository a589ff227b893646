"""Issues one after the other: what is due, and what is taken in the place of what is known (SR-23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.directory.books import DIRECTORY, HUB, LATER, NOT_FOLLOWING, book, entry
from support.keys.pki import NOW

from gateway.directory.chain import RENEWED_BEFORE, VALID, Untakeable, check_follows, is_due, next_issue
from gateway.directory.document import write_signed
from gateway.directory.model import SignedBook

DAY = timedelta(days=1)
ENTRIES = (entry("counsellor"),)
FIRST = book(*ENTRIES)
SECOND = book(*ENTRIES, entry("creditor"), before=FIRST, at=LATER)
THIRD = book(*ENTRIES, before=SECOND, at=NOW + DAY)


def test_a_serial_is_the_day_and_a_count_and_never_goes_back() -> None:
    serials = [each.book.issue.serial for each in (FIRST, SECOND, THIRD)]
    assert serials == [2026030400, 2026030401, 2026030500]
    gone_back = next_issue(THIRD, HUB, ENTRIES, NOW - 10 * DAY)  # by a clock that was set back
    assert gone_back.issue.serial == 2026030501
    assert next_issue(None, HUB, ENTRIES, NOW + DAY).issue.serial > SECOND.book.issue.serial  # all was lost


def test_a_new_issue_is_due_when_it_would_say_something_else_or_nears_its_end() -> None:
    assert is_due(None, HUB, ENTRIES, NOW)
    assert not is_due(FIRST, HUB, ENTRIES, NOW)
    assert is_due(FIRST, HUB, (*ENTRIES, entry("creditor")), NOW)
    assert is_due(FIRST, "00000099000000009001", ENTRIES, NOW)
    assert not is_due(FIRST, HUB, ENTRIES, NOW + VALID - RENEWED_BEFORE)
    assert is_due(FIRST, HUB, ENTRIES, NOW + VALID - RENEWED_BEFORE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("came", "known"),
    [(FIRST, None), (SECOND, FIRST), (THIRD, FIRST), (THIRD, SECOND), (SECOND, SECOND)],
    ids=["first", "next", "one-was-missed", "next-again", "the-same"],
)
def test_an_issue_of_the_same_chain_is_taken(came: SignedBook, known: SignedBook | None) -> None:
    check_follows(came, known, hub=HUB, at=came.book.issue.issued_at)


@pytest.mark.parametrize("case", NOT_FOLLOWING)
def test_an_issue_that_goes_back_or_stands_in_another_chain_is_not(case: str) -> None:
    came, known, why, is_fork = NOT_FOLLOWING[case]
    with pytest.raises(Untakeable, match=why) as refused:
        check_follows(came, known, hub=HUB, at=came.book.issue.issued_at)
    assert refused.value.is_fork is is_fork


def saying(**changes: object) -> SignedBook:
    """The second issue with other words in its head; who signed it is not asked here."""
    issue = replace(SECOND.book.issue, **changes)  # type: ignore[arg-type]
    return replace(SECOND, book=replace(SECOND.book, issue=issue))


@pytest.mark.parametrize("known", [None, FIRST], ids=["the-first", "the-next"])
def test_no_issue_is_valid_for_longer_than_seven_days_or_before_itself(known: SignedBook | None) -> None:
    issue = SECOND.book.issue
    assert issue.before is not None
    for bent, why in (
        (saying(valid_until=issue.issued_at + VALID + timedelta(seconds=1)), "more than the 7 days"),
        (saying(before=(issue.serial, issue.before[1])), "not higher than that of the one before it"),
        (saying(before=(issue.serial + 4, issue.before[1])), "not higher than that of the one before it"),
    ):
        with pytest.raises(Untakeable, match=why):
            check_follows(bent, known, hub=HUB, at=issue.issued_at)


def test_an_issue_past_its_date_is_not_taken_and_one_that_is_still_to_come_neither() -> None:
    ends = FIRST.book.issue.valid_until
    check_follows(FIRST, None, hub=HUB, at=ends - timedelta(seconds=1))
    with pytest.raises(Untakeable, match="that is over"):
        check_follows(FIRST, None, hub=HUB, at=ends)
    check_follows(FIRST, None, hub=HUB, at=NOW - timedelta(minutes=5))
    with pytest.raises(Untakeable, match="still to come"):
        check_follows(FIRST, None, hub=HUB, at=NOW - timedelta(minutes=5, seconds=1))


def test_the_book_of_another_hub_is_not_taken() -> None:
    other = write_signed(replace(FIRST.book, hub="00000099000000009001"), DIRECTORY)
    with pytest.raises(Untakeable, match="another hub"):
        check_follows(other, None, hub=HUB, at=NOW)
