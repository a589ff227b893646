"""The outbox keeps what is sent, octet for octet, until there is one outcome, and the evidence after it (A12, R16)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.client.outgoing import REFERENCES, add
from support.keys.pki import NOW

from gateway.client import outbox as module
from gateway.client.outbox import Outbox, OutboxState
from gateway.ebms.model import ErrorEntry


@pytest.mark.parametrize("in_file", [False, True])
async def test_what_was_added_is_what_will_be_sent(outbox: Outbox, in_file: bool) -> None:
    await add(outbox, "one", b"p" * 1000, in_file=in_file)
    message = await outbox.find("one")
    assert message is not None
    assert message.stored is not None
    stored = message.stored
    octets = stored.head + (stored.file.read_bytes() if stored.file else b"") + stored.tail
    assert octets == b"head" + b"p" * 1000 + b"tail"
    assert stored.octets == len(octets)
    assert (message.references, message.created_at, message.attempts) == (REFERENCES, NOW, 0)


@pytest.mark.parametrize("in_file", [False, True])
async def test_a_message_id_is_used_once(outbox: Outbox, in_file: bool) -> None:
    await add(outbox, "one", in_file=in_file)
    with pytest.raises(ValueError, match="already"):
        await add(outbox, "one", in_file=True)
    assert len(list(outbox.records.parts_folder.iterdir())) == in_file


@pytest.mark.parametrize("state", [OutboxState.ACKNOWLEDGED, OutboxState.REFUSED, OutboxState.GIVEN_UP])
async def test_an_outcome_takes_the_parts_away_and_keeps_the_evidence(outbox: Outbox, state: OutboxState) -> None:
    await add(outbox, "one", b"p" * 1000, in_file=True)
    receipt = b"<receipt/>" if state is OutboxState.ACKNOWLEDGED else None
    error = ErrorEntry(code="EBMS:0010", severity="failure", description="“niet afgesproken”", language="nl")
    assert await outbox.close("one", state, at=NOW, receipt=receipt, errors=[error])
    message = await outbox.find("one")
    assert message is not None
    assert (message.state, message.stored, message.receipt, message.errors) == (state, None, receipt, (error,))
    assert message.closed_at == NOW
    assert list(outbox.records.parts_folder.iterdir()) == []
    assert await outbox.waiting() == ()
    assert await outbox.count_attempt("one") is None


async def test_the_first_outcome_stays(outbox: Outbox) -> None:
    await add(outbox, "one")
    said = await asyncio.gather(
        outbox.close("one", OutboxState.ACKNOWLEDGED, at=NOW, receipt=b"r"),
        outbox.close("one", OutboxState.GIVEN_UP, at=NOW),
    )
    assert said == [True, False]
    await outbox.note("one", [ErrorEntry(code="EBMS:0005", severity="failure")])
    message = await outbox.find("one")
    assert message is not None
    assert (message.state, message.receipt, message.errors) == (OutboxState.ACKNOWLEDGED, b"r", ())


async def test_messages_without_an_outcome_wait_in_their_order(outbox: Outbox) -> None:
    for message_id in ("b", "a", "c"):
        await add(outbox, message_id)
    assert [await outbox.count_attempt("b") for _ in range(3)] == [1, 2, 3]
    await outbox.close("a", OutboxState.REFUSED, at=NOW)
    assert await outbox.waiting() == ("b", "c")
    assert [message.message_id for message in await outbox.messages()] == ["c", "a", "b"]


async def test_evidence_is_removed_when_its_time_is_over_and_never_what_waits(outbox: Outbox) -> None:
    await add(outbox, "final")
    await add(outbox, "waiting")
    await outbox.close("final", OutboxState.REFUSED, at=NOW)
    await outbox.forget(before=NOW - timedelta(microseconds=1))
    assert await outbox.find("final") is not None
    await outbox.forget(before=NOW)
    assert await outbox.find("final") is None
    assert await outbox.find("waiting") is not None


TEXT = st.none() | st.text(max_size=10)


@given(
    errors=st.lists(
        st.builds(ErrorEntry, code=st.text(max_size=9), severity=st.text(max_size=7), description=TEXT, detail=TEXT)
    )
)
def test_errors_are_read_back_as_they_were_written(errors: list[ErrorEntry]) -> None:
    written = module.write_errors(errors)
    assert [ErrorEntry(**entry) for entry in json.loads(written)] == errors


async def test_octets_that_are_gone_are_damage_while_a_message_waits_and_none_once_it_is_final(outbox: Outbox) -> None:
    for message_id in ("waits", "final"):
        await add(outbox, message_id)
    await outbox.records.run(lambda connection: connection.execute("UPDATE message SET parts = NULL").fetchall())
    await outbox.close("final", OutboxState.REFUSED, at=NOW)
    found = {each.message_id: (each.stored, each.is_sound) for each in await outbox.messages()}
    assert found == {"waits": (None, False), "final": (None, True)}
