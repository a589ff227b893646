"""Counters, counted anew from the rows that they count: they are derived, and a wrong one fills or empties a mailbox
that is neither. None of them keeps a transaction from its end here, so they are looked at when a hub starts, and by
`store recheck`.
"""

from __future__ import annotations

from gateway.postgres import Transaction


async def count_anew(tx: Transaction, *, waiting: bool) -> int:
    """Add to the counters what they lack, of messages that wait or of all; returns how many were wrong."""
    await tx.wait_for("count_anew")  # two at once would add the same twice
    return await tx.change("count_anew", {"waiting": waiting})
