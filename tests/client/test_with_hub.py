"""Two participants and a real hub: what one pushes, the other pulls, proves and answers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.offices import QUESTION, Stopped, answer, office, question, states, stop, stop_at
from support.hubs.hub import running_hub
from support.hubs.repeating import certificates, configured
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import post, saldoverzoek

from gateway.client.outbox import OutboxState
from gateway.client.pull import pull, pull_until_empty
from gateway.client.push import send_waiting
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome
from gateway.limits import ClientLimits
from gateway.store.model import MessageFilter
from xsd.samples import sample_attachment


async def test_a_question_and_its_answer_arrive_proved_and_are_forgotten_by_the_hub(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path) as hub,
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        pushed = await asking.push(question(), "Saldoverzoek", sample_attachment())
        assert (pushed.state, pushed.errors) == (OutboxState.ACKNOWLEDGED, ())
        outcomes = await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means)
        assert [each.outcome for each in outcomes] == [Outcome.STORED, Outcome.EMPTY]
        got = await asked.only()
        assert [part.read() for part in got.parts] == [question(), sample_attachment()]
        assert (got.origin, got.tracking_identifier, got.receipt_state) == ("verified", QUESTION, "sent")

        answered = await asked.push(answer(), "SaldoverzoekAntwoord")
        assert (answered.state, answered.errors) == (OutboxState.ACKNOWLEDGED, ())
        assert (await pull(asking.who, inbox=asking.inbox, means=asking.means)).outcome is Outcome.STORED
        back = await asking.only()
        assert (back.parts[0].read(), back.cross_reference, back.origin) == (answer(), QUESTION, "verified")
        assert set(await states(hub)) <= {"receipted", "removed"}


async def test_a_crash_before_the_receipt_left_costs_a_pull_and_nothing_else(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path) as hub,
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        await asking.push(question(), "Saldoverzoek", sample_attachment())
        with pytest.raises(Stopped):
            await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means, on_result=stop_at)
        assert (await asked.only()).receipt_state == "due"
        assert await states(hub) == ["offered"]
        hub.clock.move(timedelta(minutes=16))
        (result,) = await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means)
        assert result.outcome is Outcome.EMPTY
        assert (await asked.only()).receipt_state == "sent"
        assert set(await states(hub)) <= {"receipted", "removed"}


async def test_a_message_that_is_offered_again_is_recognised(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path) as hub,
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        await asking.push(question(), "Saldoverzoek", sample_attachment())
        with pytest.raises(Stopped):
            await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means, on_result=stop_at)
        hub.clock.move(timedelta(minutes=16))
        await asked.inbox.note_receipt(1)  # as if it had left and the hub had lost it
        (again, _) = await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means)
        assert (again.outcome, again.number) == (Outcome.DUPLICATE, 1)
        assert (await asked.only()).receipt_state == "sent"
        assert set(await states(hub)) <= {"receipted", "removed"}


async def test_what_the_schema_refuses_is_refused_with_the_violations(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as asking:
        broken = question().replace(b"<BSN>", b"<BSN>x")
        result = await asking.push(broken, "Saldoverzoek", sample_attachment(), unchecked=True)
        assert result.state is OutboxState.REFUSED
        assert {each.code for each in result.errors} == {"EBMS:0004"}
        assert all(each.detail and "line=" in each.detail for each in result.errors)
        assert await states(hub) == []


async def test_two_copies_of_an_outbox_get_the_same_receipt_octets(tmp_path: Path) -> None:
    """As after a restore from a backup: the hub knows the message by what it is."""
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as asking:
        gone = replace(asking, who=replace(asking.who, url="http://127.0.0.1:9/as4"))
        with pytest.raises(Stopped):
            await gone.push(question(), "Saldoverzoek", sample_attachment(), retry=RetryPolicy(), wait=stop)
        shutil.copytree(
            tmp_path / "counsellor", tmp_path / "copy" / "counsellor", ignore=shutil.ignore_patterns("*-shm")
        )
        (first,) = await send_waiting(asking.who, outbox=asking.outbox, means=asking.means)
        async with office(hub, "counsellor", tmp_path / "copy") as copy:
            (again,) = await send_waiting(copy.who, outbox=copy.outbox, means=copy.means)
        assert first.receipt is not None
        assert first.receipt == again.receipt
        assert len(await states(hub)) == 1


async def test_a_notice_of_the_hub_reaches_the_sender_of_what_was_not_collected(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as asking:
        await asking.push(question(), "Saldoverzoek", sample_attachment())
        (record,) = await hub.store.messages(MessageFilter())
        hub.clock.move(record.metadata.expires_at - hub.clock.now())
        await hub.running.keeper.keep()
        results = await pull_until_empty(asking.who, inbox=asking.inbox, means=asking.means)
        assert [each.outcome for each in results] == [Outcome.STORED, Outcome.EMPTY]
        notice = await asking.only()
        assert (notice.action, notice.origin, notice.original_sender) == ("Statusmelding", "absent", PARTIES["hub"][0])


async def test_as_many_documents_as_the_client_sends_are_taken_and_arrive_with_the_proof(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path) as hub,
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        most = ClientLimits().outgoing_parts
        more = [sample_attachment()] + [b"%PDF"] * (most - 2)
        pushed = await asking.push(question(), "Saldoverzoek", *more, unchecked=True)
        assert (pushed.state, pushed.errors) == (OutboxState.ACKNOWLEDGED, ())
        assert (await pull(asked.who, inbox=asked.inbox, means=asked.means)).outcome is Outcome.STORED
        got = await asked.only()
        assert (len(got.parts), got.origin) == (most, "verified")


async def test_hub_and_receiver_judge_a_certificate_alike_that_is_younger_than_the_message(tmp_path: Path) -> None:
    """A try made anew after a renewal keeps the MessageId and eb:Timestamp of the first, and has another signature."""
    renewed = identity("counsellor", "next")
    draft = saldoverzoek(at=NOW - timedelta(days=3), signer=renewed.signing_key)
    async with (
        running_hub(tmp_path, configuration=configured(**certificates("", "next"))) as hub,
        office(hub, "creditor", tmp_path) as asked,
    ):
        assert (await post(hub, draft.wire())).receipt is not None, hub.log.lines
        party = PARTIES["counsellor"][0]
        who = replace(asked.who, senders={party: (renewed.signing.certificate,)}, origin_required=True)
        result = await pull(who, inbox=asked.inbox, means=asked.means)
        assert (result.outcome, result.note) == (Outcome.STORED, "")
        assert (await asked.only()).origin == "verified"
