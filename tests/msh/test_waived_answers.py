"""A pre-agreement makes the answer to a later proposal unnecessary; the hub knows from metadata alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, catalogue, running_hub
from support.messages.wire import Draft, post, saldoverzoek

from gateway.ebms import names
from gateway.store.model import MessageFilter, MessageRecord

VERSIONS = ("1.0", "1.1", "2.0")
AGREED = "SaldoverzoekAntwoordVoorafAkkoord"


def answer(question: Draft, version: str, action: str = AGREED, *, by: str = "creditor") -> Draft:
    """An answer to that question."""
    asked = question.user_message
    about = {"conversation": asked.conversation_id, "reference": asked.property(names.TRACKING_IDENTIFIER) or ""}
    return saldoverzoek(by, "counsellor", version=version, action=action, answering=about)


def proposal(first: Draft, version: str, *, receiver: str = "creditor", action: str = "Betaalvoorstel") -> Draft:
    """A question of the same conversation as an earlier one."""
    draft = saldoverzoek(receiver=receiver, version=version, action=action)
    old, new = draft.user_message.conversation_id, first.user_message.conversation_id
    (part,) = draft.parts
    part = replace(part, octets=part.octets.replace(old.encode(), new.encode()))
    return draft.with_parts(part).saying(conversation_id=new)


async def send(hub: TestedHub, *drafts: Draft) -> None:
    for each in drafts:
        assert (await post(hub, each.wire())).receipt is not None, hub.log.lines[-1]


async def open_types(hub: TestedHub) -> list[str]:
    found = await hub.store.messages(MessageFilter(open_questions=True))
    return sorted(each.metadata.action for each in found)


async def record_of(hub: TestedHub, draft: Draft) -> MessageRecord:
    which = MessageFilter(message_id=draft.user_message.message_id)
    (record,) = await hub.store.messages(which)
    return record


def test_the_catalogue_says_what_waives_what() -> None:
    waivers = {(each.module, each.version, each.name): each.waives for each in catalogue() if each.waives}
    assert waivers == {("Schuldregeling", version, AGREED): ("Betaalvoorstel",) for version in VERSIONS}
    waived = {(each.module, each.version, each.name): each.waived_by for each in catalogue() if each.waived_by}
    assert waived == {("Schuldregeling", version, "Betaalvoorstel"): (AGREED,) for version in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_proposal_after_the_agreement_awaits_no_answer(tmp_path: Path, version: str) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek(version=version)
        later = proposal(question, version)
        await send(hub, question, answer(question, version), later)
        assert await open_types(hub) == []
        assert (await record_of(hub, later)).waived
        assert (await hub.store.counts()).open_questions == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_proposal_that_is_open_when_the_agreement_comes_awaits_no_answer_any_more(
    tmp_path: Path, version: str
) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek(version=version)
        early = proposal(question, version)
        await send(hub, question, early)
        assert await open_types(hub) == ["Betaalvoorstel", "Saldoverzoek"]
        await send(hub, answer(question, version))
        assert await open_types(hub) == []
        assert (await record_of(hub, early)).waived
        assert not (await record_of(hub, question)).waived


async def test_a_waived_proposal_may_be_answered_all_the_same(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        later = proposal(question, "2.0")
        await send(hub, question, answer(question, "2.0"), later, answer(later, "2.0", "BetaalvoorstelAntwoord"))
        assert (await record_of(hub, later)).answered


async def test_an_ordinary_answer_waives_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await send(hub, question, answer(question, "2.0", "SaldoverzoekAntwoord"), proposal(question, "2.0"))
        assert await open_types(hub) == ["Betaalvoorstel"]


async def test_another_creditor_of_the_conversation_has_agreed_to_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await send(hub, question, answer(question, "2.0"), proposal(question, "2.0", receiver="administrator"))
        assert await open_types(hub) == ["Betaalvoorstel"]


async def test_only_the_questions_that_the_catalogue_names_are_waived(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await send(hub, question, answer(question, "2.0"), proposal(question, "2.0", action="Heroverweging"))
        assert await open_types(hub) == ["Heroverweging"]


async def test_an_agreement_that_was_refused_waives_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=NO_OLD_VERSION) as hub:
        question = saldoverzoek()
        early = proposal(question, "2.0")
        await send(hub, question, early)
        assert (await post(hub, answer(question, "1.1").wire())).codes == ("EBMS:0010",)
        assert not (await record_of(hub, early)).waived


NO_OLD_VERSION: Mapping[str, Mapping[str, object]] = {"counsellor": {"modules": {"Schuldregeling": ["2.0"]}}}
