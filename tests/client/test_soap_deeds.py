"""What a system asks of its participant's client over a web service, on a real outbox and inbox with a real hub."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.arrivals import arrival
from support.client.offices import Office, answer, office, question, states
from support.client.participants import Waits, participant
from support.hubs.hub import catalogue, running_hub
from support.keys.pki import PARTIES

from gateway.client.checking import Checks
from gateway.client.inbox import Accepted, Inbox
from gateway.client.means import Means
from gateway.client.outgoing import Attachment, Unsendable
from gateway.client.pull import pull_until_empty
from gateway.client.soap.fetching import REST, confirm, fetch
from gateway.client.soap.sending import became, send_now, take_over
from gateway.client.soap.values import Fetch, ReferenceUsed, Send, Sent, SentState, UnknownMark
from gateway.ebms.model import PartyId
from xsd.samples import sample, sample_attachment

NOWHERE = "http://127.0.0.1:9/as4"
PDF = Attachment(content=sample_attachment(), mime_type="application/pdf")


def asking(document: bytes | None = None, *attachments: Attachment, message_type: str = "Saldoverzoek") -> Send:
    return Send(
        module="Schuldinventarisatie", version="2.0", message_type=message_type, document=document or question(),
        attachments=attachments or (PDF,),
    )  # fmt: skip


async def taken(at: Office, asked: Send, *, unchecked: bool = False) -> Sent:
    checks = None if unchecked else Checks(catalogue=catalogue(), inbox=at.inbox)
    return await take_over(asked, at.who, outbox=at.outbox, means=at.means, checks=checks)


async def tried(at: Office, mark: str) -> Sent:
    return await send_now(mark, at.who, outbox=at.outbox, means=at.means)


async def test_a_creditor_answers_what_it_fetched_and_each_step_can_be_asked_again(tmp_path: Path) -> None:
    async with (
        running_hub(tmp_path) as hub,
        office(hub, "counsellor", tmp_path) as asks,
        office(hub, "creditor", tmp_path) as asked,
    ):
        stored = await taken(asks, asking())
        assert (stored.state, stored.attempts) == (SentState.UNDER_WAY, 0)
        sent = await tried(asks, stored.mark)
        assert (sent.state, sent.errors, sent.mark) == (SentState.RECEIVED, (), stored.mark)
        await pull_until_empty(asked.who, inbox=asked.inbox, means=asked.means)
        assert set(await states(hub)) <= {"receipted", "removed"}
        fetched = await fetch(Fetch(), inbox=asked.inbox, means=asked.means)
        (got,) = fetched.messages
        assert (got.parts[0].read(), got.origin, fetched.has_more) == (question(), "verified", False)
        answered = asking(answer(), message_type="SaldoverzoekAntwoord")
        answered = replace(answered, attachments=())
        back = await taken(asked, answered)
        assert (await tried(asked, back.mark)).state is SentState.RECEIVED
        for _ in range(2):
            await confirm([got.message_id], asked.who, inbox=asked.inbox, means=asked.means)
            assert (await taken(asked, answered)).mark == back.mark
        later = await fetch(Fetch(), inbox=asked.inbox, means=asked.means, rest=timedelta())
        assert later.messages == ()


async def test_the_same_reference_with_the_same_content_is_one_message_and_with_other_content_refused_PO_90(
    tmp_path: Path,
) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as at:
        file = tmp_path / "attachment.pdf"
        file.write_bytes(sample_attachment())
        first, second = await asyncio.gather(taken(at, asking()), taken(at, asking()))
        assert first == second
        spelt_otherwise = asking(question().replace(b"<?xml version='1.0' encoding='UTF-8'?>", b"").rstrip() + b"\n")
        from_a_file = asking(None, replace(PDF, content=file))
        for same in (spelt_otherwise, from_a_file):
            assert (await taken(at, same)).mark == first.mark
        file.write_bytes(sample_attachment() + b" ")
        others = (
            asking(question().replace(b"</", b" </", 1)),
            from_a_file,
            asking(None, replace(PDF, mime_type="application/octet-stream")),
            asking(None, PDF, PDF),
            replace(asking(), message_type="SaldoverzoekAntwoord"),
        )
        for other in others:
            with pytest.raises(ReferenceUsed) as refused:
                await taken(at, other)
            assert refused.value.mark == first.mark
        assert len(await at.outbox.messages()) == 1
        assert (await became(at.outbox, reference=first.reference)).mark == first.mark


async def test_what_breaks_a_rule_is_refused_with_path_and_line_and_nothing_is_kept_of_it(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as at:
        with pytest.raises(Unsendable) as refused:
            await taken(at, asking(question().replace(b"<BSN>", b"<BSN>x")))
        assert all(each.code and each.path and each.line for each in refused.value.violations)
        assert await at.outbox.messages() == ()
        assert (await taken(at, asking())).state is SentState.UNDER_WAY


async def test_a_hub_that_refuses_or_is_away_is_a_state_that_can_be_asked_for(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as at:
        away = replace(at, who=replace(at.who, url=NOWHERE))
        waits = await tried(away, (await taken(away, asking())).mark)
        assert (waits.state, waits.attempts, [each.code for each in waits.errors]) == (
            SentState.UNDER_WAY, 1, ["EBMS:0301", "EBMS:0005"],
        )  # fmt: skip
        broken = sample(
            "Schuldinventarisatie", "2.0", "Saldoverzoek", referentienummer="0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7aff",
            afzender=PARTIES["counsellor"][0], ontvanger=PARTIES["creditor"][0],
        ).replace(b"<BSN>", b"<BSN>x")  # fmt: skip
        no = await tried(at, (await taken(at, asking(broken), unchecked=True)).mark)
        assert (no.state, {each.code for each in no.errors}) == (SentState.REFUSED, {"EBMS:0004"})
        assert await became(at.outbox, mark=no.mark) == no
        assert (await tried(at, waits.mark)).state is SentState.RECEIVED
        with pytest.raises(UnknownMark):
            await became(at.outbox, mark="nothing@here")


async def _arrive(inbox: Inbox, *numbers: int, **changes: object) -> None:
    for number in numbers:
        one = replace(arrival(number), **changes)  # type: ignore[arg-type]
        assert isinstance(await inbox.accept(one), Accepted)


async def test_what_was_fetched_and_not_confirmed_comes_again_after_what_never_was(inbox: Inbox, waits: Waits) -> None:
    await _arrive(inbox, 1, 2, 3)

    async def marks(most: int, rest: timedelta = REST) -> tuple[str, bool]:
        found = await fetch(Fetch(most=most), inbox=inbox, means=_means(waits), rest=rest)
        return "".join(each.message_id.partition("@")[0] for each in found.messages), found.has_more

    assert await marks(2) == ("12", True)
    assert await marks(2) == ("3", False)
    assert await marks(2) == ("", False)
    await waits(REST.total_seconds())
    assert await marks(2) == ("12", True)
    await _arrive(inbox, 4)
    assert await marks(1, timedelta()) == ("4", True)
    assert await marks(9, timedelta()) == ("3124", False)
    await confirm(["1@hub.example", "3@hub.example"], HUB, inbox=inbox, means=_means(waits))
    with pytest.raises(UnknownMark) as refused:
        await confirm(["2@hub.example", "9@hub.example"], HUB, inbox=inbox, means=_means(waits))
    assert refused.value.marks == ("9@hub.example",)
    assert await marks(9, timedelta()) == ("24", False)


async def test_fetching_names_types_and_a_conversation_and_gives_no_address_book(inbox: Inbox, waits: Waits) -> None:
    await _arrive(inbox, 1)
    await _arrive(inbox, 2, action="Statusmelding")
    await _arrive(inbox, 3, conversation_id="another")
    await _arrive(inbox, 4, action="Adresboek")
    for asked, found in (
        (Fetch(), "123"),
        (Fetch(message_types=frozenset({"Statusmelding"})), "2"),
        (Fetch(message_types=frozenset({"Statusmelding", "Saldoverzoek"}), conversation="c"), "12"),
        (Fetch(conversation="another"), "3"),
        (Fetch(conversation="nobody's"), ""),
    ):
        got = await fetch(asked, inbox=inbox, means=_means(waits), rest=timedelta())
        assert sorted(each.message_id[0] for each in got.messages) == list(found), asked


async def test_a_message_that_the_disk_changed_is_told_and_keeps_no_other_back(inbox: Inbox, waits: Waits) -> None:
    good = arrival(1)
    await inbox.accept(replace(good, parts=(replace(good.parts[0], sha256=bytes(32)), *good.parts[1:])))
    await _arrive(inbox, 2)
    got = await fetch(Fetch(), inbox=inbox, means=_means(waits))
    assert ([each.message_id for each in got.messages], got.damaged) == (["2@hub.example"], ("1@hub.example",))


HUB = participant(NOWHERE, hub_party=PartyId(value="hub"))


@pytest.fixture
def waits() -> Waits:
    return Waits()


def _means(waits: Waits) -> Means:
    return Means(session=None, clock=waits.clock, wait=waits)  # type: ignore[arg-type]  # nothing leaves here
