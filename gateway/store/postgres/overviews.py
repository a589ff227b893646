"""What a party sees of what waits for it and of what it sent, page by page.

A page costs the same however much there is: it begins where the one before ended, by an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gateway.postgres import Transaction
from gateway.store import rows
from gateway.store.model import Arrivals, AskedRecord, MessageRecord, SentRecord
from gateway.store.postgres.listing import records
from gateway.store.postgres.statements import SQL
from gateway.store.rules.fate import MOST_ANSWERS, MOST_OF_REFERENCE, fate_of
from gateway.store.states import WAITING

_FIRST = -(1 << 63)


async def waiting(tx: Transaction, party: str, *, after: str | None, limit: int) -> tuple[MessageRecord, ...]:
    """What waits for a party, by its deadline."""
    return await records(tx, SQL["list_waiting"], {"party": party, "after": after, "first": _FIRST, "limit": limit})


async def asked(tx: Transaction, party: str, references: Collection[str]) -> Mapping[str, AskedRecord]:
    """What was sent to a party under these references."""
    bindings = {"party": party, "references": list(references), "most": MOST_OF_REFERENCE}
    found = await records(tx, SQL["list_asked"], bindings)
    collected = await _collected(tx, found)
    return {
        each.metadata.tracking_identifier: AskedRecord(
            record=each, confirmed=each.state not in WAITING and each.metadata.message_id in collected
        )
        for each in found
    }


async def unanswered(tx: Transaction, party: str, *, limit: int) -> tuple[MessageRecord, ...]:
    """The questions that a party confirmed and that await its answer, newest first."""
    return await records(tx, SQL["list_unanswered"], {"party": party, "limit": limit})


async def count_waiting(tx: Transaction, party: str) -> int:
    """How much waits for a party."""
    return await tx.number("count_waiting", {"party": party})


async def sent(tx: Transaction, party: str, *, before: str | None, limit: int) -> tuple[SentRecord, ...]:
    """What was accepted of a party, newest first, with what became of it."""
    found = await records(tx, SQL["list_sent"], {"party": party, "before": before, "limit": limit})
    collected = await _collected(tx, found)
    return tuple(
        [
            SentRecord(
                record=each,
                fate=fate_of(each, collected=each.metadata.message_id in collected, now=tx.now),
                answers=await _answers(tx, each) if each.answered else (),
            )
            for each in found
        ]
    )


async def arrivals(tx: Transaction, *, after: int | None, limit: int) -> Arrivals:
    """What arrived after a number, in that order; those that have none yet get theirs before. Who asks takes turns, or
    two could give numbers in another order than they are seen.
    """
    await tx.wait_for("arrivals")
    await tx.change("number_arrivals")
    newest = await tx.number("newest_arrival")
    if after is None or after > newest:
        return Arrivals(seen=newest, records=())
    found: Sequence[Mapping[str, Any]] = await tx.columns(SQL["list_arrivals"], {"after": after, "limit": limit})
    if not found:
        return Arrivals(seen=after, records=())
    return Arrivals(seen=found[-1]["arrival"], records=tuple(rows.read_message(row, tx.now) for row in found))


async def _collected(tx: Transaction, found: tuple[MessageRecord, ...]) -> set[str]:
    """Which of them have the receipt of their receiver."""
    ids = [each.metadata.message_id for each in found]
    return {str(row[0]) for row in await tx.rows("list_collected", {"ids": ids})}


async def _answers(tx: Transaction, question: MessageRecord) -> tuple[MessageRecord, ...]:
    asked = question.metadata
    bindings = {
        "conversation_id": asked.conversation_id,
        "original_sender": asked.final_recipient,
        "final_recipient": asked.original_sender,
        "cross_reference": asked.tracking_identifier,
        "limit": MOST_ANSWERS,
    }
    return await records(tx, SQL["list_answers"], bindings)
