"""What a party sees of what waits for it and of what it sent, page by page; functions that only read.

A page costs the same however much there is: it begins where the one before ended, by an index.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

import apsw

from gateway.store.model import Arrivals, AskedRecord, MessageRecord, SentRecord
from gateway.store.rules.fate import MOST_ANSWERS, MOST_OF_REFERENCE, fate_of
from gateway.store.sqlite.listing import records
from gateway.store.sqlite.statements import SQL, number
from gateway.store.states import WAITING

_FIRST = -(1 << 63)


def waiting(
    connection: apsw.Connection, party: str, at: datetime, *, after: str | None, limit: int
) -> tuple[MessageRecord, ...]:
    """What waits for a party, by its deadline."""
    bindings = {"party": party, "after": after, "first": _FIRST, "limit": limit}
    return records(connection, SQL["list_waiting"], bindings, at)


def asked(
    connection: apsw.Connection, party: str, references: Collection[str], at: datetime
) -> Mapping[str, AskedRecord]:
    """What was sent to a party under these references."""
    bindings = {"party": party, "references": json.dumps(list(references)), "most": MOST_OF_REFERENCE}
    found = records(connection, SQL["list_asked"], bindings, at)
    ids = json.dumps([each.metadata.message_id for each in found])
    collected = {str(row[0]) for row in connection.execute(SQL["list_collected"], {"ids": ids})}
    return {
        each.metadata.tracking_identifier: AskedRecord(
            record=each, confirmed=each.state not in WAITING and each.metadata.message_id in collected
        )
        for each in found
    }


def unanswered(connection: apsw.Connection, party: str, at: datetime, *, limit: int) -> tuple[MessageRecord, ...]:
    """The questions that a party confirmed and that await its answer, newest first."""
    return records(connection, SQL["list_unanswered"], {"party": party, "limit": limit}, at)


def count_waiting(connection: apsw.Connection, party: str) -> int:
    """How much waits for a party."""
    return number(connection, "count_waiting", {"party": party})


def sent(
    connection: apsw.Connection, party: str, at: datetime, *, before: str | None, limit: int
) -> tuple[SentRecord, ...]:
    """What was accepted of a party, newest first, with what became of it."""
    found = records(connection, SQL["list_sent"], {"party": party, "before": before, "limit": limit}, at)
    ids = json.dumps([each.metadata.message_id for each in found])
    collected = {str(row[0]) for row in connection.execute(SQL["list_collected"], {"ids": ids})}
    return tuple(
        SentRecord(
            record=each,
            fate=fate_of(each, collected=each.metadata.message_id in collected, now=at),
            answers=_answers(connection, each, at) if each.answered else (),
        )
        for each in found
    )


def arrivals(connection: apsw.Connection, at: datetime, *, after: int | None, limit: int) -> Arrivals:
    """What was accepted after a number, in that order."""
    newest = number(connection, "newest_message", {})
    if after is None or after > newest:
        return Arrivals(seen=newest, records=())
    found = records(connection, SQL["list_arrivals"], {"after": after, "limit": limit}, at)
    if not found:
        return Arrivals(seen=after, records=())
    last = found[-1].metadata.message_id
    return Arrivals(seen=number(connection, "number_of_message", {"message_id": last}), records=found)


def _answers(connection: apsw.Connection, question: MessageRecord, at: datetime) -> tuple[MessageRecord, ...]:
    asked = question.metadata
    bindings = {
        "conversation_id": asked.conversation_id,
        "original_sender": asked.final_recipient,
        "final_recipient": asked.original_sender,
        "cross_reference": asked.tracking_identifier,
        "limit": MOST_ANSWERS,
    }
    return records(connection, SQL["list_answers"], bindings, at)
