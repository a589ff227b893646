"""Fate: what became of a message, as its sender sees it. A deadline that passed is one, whatever was stored of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.store.model import Fate, MessageRecord

MOST_ANSWERS: Final = 20  # that a sender sees to one question
MOST_OF_REFERENCE: Final = 50  # that are looked at, of those that came under one reference


def fate_of(record: MessageRecord, *, collected: bool, now: datetime) -> Fate:
    """Answered, or too late for that, before anything else; a question that needs no answer any more is never late."""
    metadata = record.metadata
    if record.answered:
        return Fate.ANSWERED
    if record.closed_at is not None and not collected:
        return Fate.EXPIRED
    is_due = metadata.question and not record.waived and metadata.answer_due is not None
    if is_due and metadata.answer_due is not None and metadata.answer_due <= now:
        return Fate.LATE
    return Fate.COLLECTED if collected else Fate.WAITING
