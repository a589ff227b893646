"""The rules of answers: which questions a message settles, without any store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.store.store_samples import RECEIVER, SENDER, sealed_message

from gateway.store.model import Kind, SealedMessage
from gateway.store.rules.settling import Asked, Settled, is_waived_before, settle

SERVICE = "urn:knooppunt:Schuldregeling:2.0"
ASKED = Asked(
    row=7,
    kind=Kind.MESSAGE,
    question=True,
    original_sender=RECEIVER,
    final_recipient=SENDER,
    service=SERVICE,
    action="Saldoverzoek",
    conversation_id="conversation-1",
    tracking_identifier="tracking-of-the-question",
)


def message(*, waives: tuple[str, ...] = (), waived_by: tuple[str, ...] = (), **changes: Any) -> SealedMessage:
    """A message of the question's receiver to its sender, in the same conversation."""
    return replace(sealed_message(1, **changes), waives=waives, waived_by=waived_by)


ANSWER = message(cross_reference=ASKED.tracking_identifier)
WAIVER = message(waives=("Saldoverzoek",))
SETTLED = [
    ("the question that it names has its answer", ANSWER, ASKED, Settled(answered=(7,))),
    ("so has one that needed none", ANSWER, replace(ASKED, waived=True), Settled(answered=(7,))),
    ("one by another reference has not", ANSWER, replace(ASKED, tracking_identifier="x"), Settled()),
    ("one of another conversation has not", ANSWER, replace(ASKED, conversation_id="x"), Settled()),
    ("one that somebody else asked has not", ANSWER, replace(ASKED, original_sender="x"), Settled()),
    ("one that somebody else was asked has not", ANSWER, replace(ASKED, final_recipient="x"), Settled()),
    ("what is no question has none", ANSWER, replace(ASKED, question=False), Settled()),
    ("one that has its answer gets no other", ANSWER, replace(ASKED, answered=True), Settled()),
    ("a notice of the hub answers nothing", message(kind=Kind.NOTICE, cross_reference=ASKED.tracking_identifier), ASKED,
     Settled()),
    ("a question that it waives needs no answer", WAIVER, ASKED, Settled(waived=(7,))),
    ("one that was waived is not waived again", WAIVER, replace(ASKED, waived=True), Settled()),
    ("one of another action still does", WAIVER, replace(ASKED, action="x"), Settled()),
    ("one of another version still does", WAIVER, replace(ASKED, service="x"), Settled()),
    ("one of another conversation still does", WAIVER, replace(ASKED, conversation_id="x"), Settled()),
    ("one of others still does", WAIVER, replace(ASKED, original_sender="x"), Settled()),
    ("one that has its answer is not waived", WAIVER, replace(ASKED, answered=True), Settled()),
    ("one that it answers is not waived beside that",
     message(cross_reference=ASKED.tracking_identifier, waives=("Saldoverzoek",)), ASKED, Settled(answered=(7,))),
]  # fmt: skip


@pytest.mark.parametrize(("says", "accepted", "asked", "settled"), SETTLED, ids=[row[0] for row in SETTLED])
def test_what_a_message_settles(says: str, accepted: SealedMessage, asked: Asked, settled: Settled) -> None:
    assert settle(accepted, [asked, asked]) == settled


BEFORE = replace(ASKED, action="Regelingsvoorstel", question=False)
QUESTION = message(question=True, waived_by=("Regelingsvoorstel",))
WAIVED_BEFORE = [
    ("by a message of its receiver", QUESTION, BEFORE, True),
    ("only a question is", message(waived_by=("Regelingsvoorstel",)), BEFORE, False),
    ("not by another action", QUESTION, replace(BEFORE, action="x"), False),
    ("not in another version", QUESTION, replace(BEFORE, service="x"), False),
    ("not in another conversation", QUESTION, replace(BEFORE, conversation_id="x"), False),
    ("not by somebody else", QUESTION, replace(BEFORE, original_sender="x"), False),
    ("not towards somebody else", QUESTION, replace(BEFORE, final_recipient="x"), False),
    ("not by a notice of the hub", QUESTION, replace(BEFORE, kind=Kind.NOTICE), False),
]


@pytest.mark.parametrize(("says", "question", "before", "waived"), WAIVED_BEFORE, ids=[row[0] for row in WAIVED_BEFORE])
def test_what_makes_a_question_unnecessary_before_it_comes(
    says: str, question: SealedMessage, before: Asked, waived: bool
) -> None:
    assert is_waived_before(question, [before]) is waived
    assert not is_waived_before(question, [])
