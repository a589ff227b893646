"""The rules of acceptance: what keeps a message out, and which receipt another signing gets, without any store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.store.store_samples import acceptance_for, found_again, receipt_sample, sealed_message

from gateway.store.model import (
    Duplicate,
    Earlier,
    Keeping,
    Kind,
    Metadata,
    NotInHand,
    QuotaExceeded,
    TooManyReceipts,
)
from gateway.store.rules.acceptance import receipt_for, why_not_accepted

QUESTION = sealed_message(1).metadata
NOTICE = replace(QUESTION, kind=Kind.NOTICE)
EARLIER = found_again(acceptance_for(sealed_message(1)))
QUOTA = 4
OUT = [
    ("nothing where there is room", QUESTION, None, QUOTA - 1, None),
    ("a full mailbox", QUESTION, None, QUOTA, QuotaExceeded()),
    ("an earlier acceptance", QUESTION, EARLIER, 0, Duplicate(EARLIER)),
    ("an earlier acceptance before a full mailbox", QUESTION, EARLIER, QUOTA, Duplicate(EARLIER)),
    ("a notice, nothing", NOTICE, None, QUOTA, None),
]


@pytest.mark.parametrize(("says", "metadata", "earlier", "waiting", "why"), OUT, ids=[row[0] for row in OUT])
def test_what_keeps_a_message_out(
    says: str, metadata: Metadata, earlier: Earlier | None, waiting: int, why: Duplicate | QuotaExceeded | None
) -> None:
    assert why_not_accepted(metadata, earlier, waiting=waiting, quota_messages=QUOTA) == why


def test_a_question_in_other_hands_keeps_its_answer_out_but_not_one_that_was_taken_before_PO_43() -> None:
    def why(earlier: Earlier | None) -> object:
        return why_not_accepted(QUESTION, earlier, waiting=QUOTA, quota_messages=QUOTA, in_hand=False)

    assert why(None) == NotInHand()
    assert why(EARLIER) == Duplicate(EARLIER)


ANEW = receipt_sample("leg1-1@sender.example", b"<Envelope signed='anew'/>")
KEPT = replace(ANEW, octets=b"<Receipt of before/>")
MOST = 8
ANSWERS = [
    ("the new receipt, where none was given for it", EARLIER, MOST - 1, ANEW),
    ("the one that it had", replace(EARLIER, receipt=KEPT), MOST - 1, KEPT),
    ("the one that it had, however many there are", replace(EARLIER, receipt=KEPT), MOST, KEPT),
    ("none, after so many others", EARLIER, MOST, TooManyReceipts()),
    ("none, when the acceptance has been forgotten", None, 0, None),
]


@pytest.mark.parametrize(("says", "earlier", "given_again", "answer"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_which_receipt_another_signing_gets(
    says: str, earlier: Earlier | None, given_again: int, answer: Keeping | None
) -> None:
    assert receipt_for(earlier, ANEW, given_again=given_again, most=MOST) == answer
