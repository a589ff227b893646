"""What may be asked and answered, in which version and by whom: refused at once and by name, from metadata alone
(decision 0001).

Every refusal here is of a message whose parts nobody can open: the hub has not looked at them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.hubs.contract import Before, Refused, assert_refused
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import NOW, PARTIES
from support.messages.wire import Draft, Reply, Wire, post, saldoverzoek

from gateway.cli.main import main
from gateway.ebms import names
from gateway.site.making import make_site
from gateway.store.model import MessageFilter

MISMATCH = Refused("EBMS:0010")
OLD_CREDITOR: dict[str, dict[str, object]] = {
    "creditor": {"modules": {"Schuldregeling": ["1.0", "1.1", {"version": "2.0", "from": "2030-01-01"}]}}
}


def shut(draft: Draft) -> Wire:
    """On the wire with parts that do not decrypt to what was signed."""
    return draft.wire(part_alter=lambda _part, octets: bytes(len(octets)))


def answering(question: Draft, action: str = "SaldoverzoekAntwoord", *, by: str = "creditor", **changes: str) -> Draft:
    """An answer to that question."""
    asked = question.user_message
    about = {"conversation": asked.conversation_id, "reference": asked.property(names.TRACKING_IDENTIFIER) or ""}
    return saldoverzoek(by, "counsellor", action=action, answering=about, **changes)  # type: ignore[arg-type]


async def refused(hub: TestedHub, draft: Draft, sentence: str) -> Reply:
    """Send it with shut parts and hold its refusal against the contract."""
    before, wire = Before.of(hub), shut(draft)
    reply = await post(hub, wire)
    assert_refused(hub, wire, reply, MISMATCH, before)
    assert reply.error is not None
    assert [each.description for each in reply.error.errors] == [sentence]
    named = {party for party in PARTIES.values() for each in party if each.encode() in reply.body}
    assert named <= {PARTIES["hub"]}
    return reply


async def taken(hub: TestedHub, draft: Draft) -> None:
    """Send it as it should be."""
    reply = await post(hub, draft.wire())
    assert reply.codes == (), hub.log.lines[-1]
    assert reply.receipt is not None


async def test_a_version_that_the_receiver_has_not_activated(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=OLD_CREDITOR) as hub:
        await refused(hub, saldoverzoek(), "The final recipient does not receive Saldoverzoek of Schuldregeling 2.0.")
        await taken(hub, saldoverzoek(version="1.1"))


async def test_who_does_not_take_part_at_all_gets_the_same_sentence(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek().with_property(names.FINAL_RECIPIENT, "00000099000000009876")
        await refused(hub, draft, "The final recipient does not receive Saldoverzoek of Schuldregeling 2.0.")


async def test_a_message_that_the_role_of_its_receiver_does_not_take(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek("counsellor", "counsellor")
        await refused(hub, draft, "The final recipient does not receive Saldoverzoek of Schuldregeling 2.0.")


async def test_a_message_type_that_the_role_of_its_sender_does_not_send(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek("creditor", "counsellor")
        await refused(hub, draft, "A sender in this role does not send Saldoverzoek of Schuldregeling 2.0.")


async def test_a_version_that_the_sender_has_not_activated(tmp_path: Path) -> None:
    extra: dict[str, Mapping[str, object]] = {"counsellor": {"modules": {"Schuldregeling": ["1.1"]}}}
    async with running_hub(tmp_path, extra=extra) as hub:
        await refused(hub, saldoverzoek(), "Schuldregeling 2.0 is not active for this sender.")


async def test_nobody_but_the_sender_is_told_what_the_sender_may_send(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra={"counsellor": {"modules": {"Schuldregeling": ["1.1"]}}}) as hub:
        for version in ("1.1", "2.0"):
            draft = saldoverzoek(version=version, signer=saldoverzoek("administrator").signer)
            assert (await post(hub, draft.wire())).codes == ("EBMS:0101",)


@pytest.mark.parametrize(("asked", "answered"), [("1.0", "2.0"), ("1.1", "1.0"), ("2.0", "1.1")])
async def test_an_answer_in_another_version_than_its_question(tmp_path: Path, asked: str, answered: str) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek(version=asked)
        await taken(hub, question)
        sentence = f"The question was asked in Schuldregeling {asked}; its answer uses the same version."
        await refused(hub, answering(question, version=answered), sentence)
        await taken(hub, answering(question, version=asked))


async def test_an_answer_of_another_module_than_its_question(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek(module="Schuldinventarisatie")
        await taken(hub, question)
        sentence = "The question was asked in Schuldinventarisatie 2.0; its answer uses the same version."
        await refused(hub, answering(question), sentence)


NEVER_ASKED = "The message answers a question that was not asked of this sender."


async def test_an_answer_to_a_question_that_nobody_asked(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await refused(hub, answering(saldoverzoek()), NEVER_ASKED)


async def test_an_answer_to_a_question_that_was_refused(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        assert (await post(hub, shut(question))).error is not None
        await refused(hub, answering(question), NEVER_ASKED)


async def test_an_answer_by_a_third_party(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek("counsellor", "creditor")
        await taken(hub, question)
        await refused(hub, answering(question, by="administrator"), NEVER_ASKED)
        await taken(hub, answering(question, by="creditor"))


async def test_an_answer_to_a_third_party(tmp_path: Path) -> None:
    """A question of the counsellor is answered to whoever asked it, not to another that might have."""
    extra: dict[str, Mapping[str, object]] = {"administrator": {"roles": ["schuldeiser", "shv-fase-2"]}}
    async with running_hub(tmp_path, extra=extra) as hub:
        question = saldoverzoek("counsellor", "creditor")
        await taken(hub, question)
        astray = answering(question).with_property(names.FINAL_RECIPIENT, PARTIES["administrator"][0])
        await refused(hub, astray, NEVER_ASKED)


async def test_an_answer_of_a_type_that_does_not_answer_that_question(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await taken(hub, question)
        await refused(hub, answering(question, "BetaalvoorstelAntwoord"), NEVER_ASKED)


async def test_an_answer_without_the_reference_of_its_question(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await taken(hub, question)
        await refused(hub, answering(question).with_property(names.CROSS_REFERENCE, None), NEVER_ASKED)


async def test_an_answer_in_another_conversation(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await taken(hub, question)
        wire = shut(answering(question).saying(conversation_id=saldoverzoek().user_message.conversation_id))
        before = Before.of(hub)
        assert_refused(hub, wire, await post(hub, wire), Refused("EBMS:0003"), before)


async def test_a_notification_that_nobody_has_to_answer_may_be_answered(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        notification = saldoverzoek(action="Kennisgeving")
        await taken(hub, notification)
        assert await hub.store.messages(MessageFilter(open_questions=True)) == ()
        await taken(hub, answering(notification, "KennisgevingAntwoord"))
        await refused(hub, answering(notification), NEVER_ASKED)


# --- questions that await an answer -------------------------------------------------------------------------------


async def knooppunt(*arguments: str) -> str:
    """What a command prints; it has an event loop of its own."""
    ended = await asyncio.to_thread(CliRunner().invoke, main, list(arguments), catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


async def test_open_questions_are_listed_for_an_organisation_with_the_day_they_are_due(tmp_path: Path) -> None:
    settings = make_site(tmp_path, [], at=NOW).settings
    async with running_hub(settings.parent) as hub:
        asked = [saldoverzoek(), saldoverzoek(receiver="administrator"), saldoverzoek(action="Betaalvoorstel")]
        for each in (*asked, saldoverzoek(action="Kennisgeving")):
            await taken(hub, each)
        await taken(hub, answering(asked[2], "BetaalvoorstelAntwoord"))
    creditor = PARTIES["creditor"][0]
    printed = await knooppunt("message", "open", "--hub", str(settings), "--to", creditor, "--json")
    (record,) = json.loads(printed)["facts"]
    assert record["reference"] == asked[0].user_message.property(names.TRACKING_IDENTIFIER)
    assert datetime.fromisoformat(record["answer_due"]) == datetime(2026, 3, 18, 23, tzinfo=UTC)
    assert (record["type"], record["to"], record["answered"]) == ("Saldoverzoek", creditor, False)
    table = await knooppunt("message", "open", "--hub", str(settings), "--from", PARTIES["counsellor"][0])
    assert [line.split()[-2] for line in table.splitlines() if "Saldoverzoek" in line] == ["2026-03-18"] * 2
    assert "Betaalvoorstel" not in table
