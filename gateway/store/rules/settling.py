"""Settling: which questions a message answers, and which it makes unnecessary to answer.

An answer names its question by the reference that it carries; only the question's own two parties, the other way round
and in the same conversation, can answer it. A message may also waive questions: those that its receiver asked its
sender in the conversation need no answer any more, also one that comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.store.model import Kind, Metadata, SealedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a message row says of itself as a question, or as a message that may waive one."""

    row: int
    kind: Kind
    question: bool
    original_sender: str
    final_recipient: str
    service: str
    action: str
    conversation_id: str
    tracking_identifier: str
    answered: bool = False
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows to write: those that have their answer now, and those that need none any more."""

    answered: tuple[int, ...] = ()
    waived: tuple[int, ...] = ()


def settle(message: SealedMessage, open_questions: Iterable[Asked]) -> Settled:
    """What a message that is accepted settles of these questions."""
    metadata = message.metadata
    if metadata.kind is not Kind.MESSAGE:
        return Settled()
    asked = {each.row: each for each in open_questions if _asked_its_sender(each, metadata)}
    answered = {
        row
        for row, each in asked.items()
        if metadata.cross_reference is not None and each.tracking_identifier == metadata.cross_reference
    }
    waived = {
        row
        for row, each in asked.items()
        if not each.waived and each.service == metadata.service and each.action in message.waives
    }
    return Settled(tuple(sorted(answered)), tuple(sorted(waived - answered)))


def is_waived_before(message: SealedMessage, earlier: Iterable[Asked]) -> bool:
    """Whether a question that is accepted needs no answer, because of one of these messages of its receiver."""
    metadata = message.metadata
    return metadata.question and any(
        each.kind is Kind.MESSAGE
        and _other_way_round(each, metadata)
        and each.service == metadata.service
        and each.action in message.waived_by
        for each in earlier
    )


def _asked_its_sender(question: Asked, metadata: Metadata) -> bool:
    return question.question and not question.answered and _other_way_round(question, metadata)


def _other_way_round(one: Asked, other: Metadata) -> bool:
    between = (one.original_sender, one.final_recipient) == (other.final_recipient, other.original_sender)
    return between and one.conversation_id == other.conversation_id
