"""Acceptance: whether a message is taken, and which receipt is given for another signing of one that was (T3, G5)."""

from __future__ import annotations

from gateway.store.model import (
    Duplicate,
    Earlier,
    GivenReceipt,
    Keeping,
    Kind,
    Metadata,
    NotInHand,
    QuotaExceeded,
    TooManyReceipts,
)


def counts_for_quota(metadata: Metadata) -> bool:
    """Whether a message needs room in its mailbox; a notice of the hub's finds it always."""
    return metadata.kind is Kind.MESSAGE


def why_not_accepted(
    metadata: Metadata, earlier: Earlier | None, *, waiting: int, quota_messages: int, in_hand: bool = True
) -> Duplicate | QuotaExceeded | NotInHand | None:
    """What keeps a message out: an earlier acceptance under its key, before a question that is not in the hands of who
    answers it at a desk, before a mailbox in which so many wait.
    """
    if earlier is not None:
        return Duplicate(earlier)
    if not in_hand:
        return NotInHand()
    if counts_for_quota(metadata) and waiting >= quota_messages:
        return QuotaExceeded()
    return None


def receipt_for(earlier: Earlier | None, receipt: GivenReceipt, *, given_again: int, most: int) -> Keeping | None:
    """What to answer another signing with, after so many receipts beside the first; where that is this very receipt, it
    is to be kept. None when the acceptance has been forgotten.
    """
    if earlier is None:
        return None
    if earlier.receipt is not None:
        return earlier.receipt
    return TooManyReceipts() if given_again >= most else receipt
