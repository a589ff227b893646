"""The journey of a question and its answer through a running hub, over sockets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.hubs.repeating import configured
from support.keys.pki import NOW, PARTIES, identity
from support.messages.security import OLDER, with_attachments
from support.messages.signing_anew import phase4, signed_anew
from support.messages.wire import mpc_of, ping, post, pull_request, saldoverzoek

from crypto.names import SHA256
from gateway.ebms import names
from gateway.ebms.origin import read_origin, verify_origin
from gateway.store.model import MessageFilter, State


async def test_a_question_is_pushed_pulled_receipted_and_gone(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        sent = draft.wire()
        answer = await post(hub, sent)
        assert answer.codes == (), hub.log.lines
        assert answer.receipt is not None
        assert answer.receipt.ref_to_message_id == draft.user_message.message_id
        assert answer.receipt.references == sent.references

        pulled = await post(hub, pull_request())
        assert pulled.user_message is not None
        assert pulled.user_message.mpc == mpc_of("creditor")
        assert pulled.user_message.message_id != draft.user_message.message_id
        assert draft.parts[0].octets in pulled.plain("creditor").values()

        closed = await post(hub, pulled.receipt_wire("creditor"))
        assert (closed.status, closed.body) == (204, b"")
        assert (await post(hub, pull_request())).codes == ("EBMS:0006",)
        await hub.running.keeper.keep()
        (record,) = await hub.store.messages(MessageFilter())
        assert record.state is State.REMOVED


async def test_the_answer_finds_its_question_and_comes_back_to_who_asked(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        question = saldoverzoek()
        await post(hub, question.wire())
        asked = question.user_message
        answer = saldoverzoek(
            "creditor",
            "counsellor",
            action="SaldoverzoekAntwoord",
            answering={
                "conversation": asked.conversation_id,
                "reference": asked.property(names.TRACKING_IDENTIFIER) or "",
            },
        )
        assert (await post(hub, answer.wire())).receipt is not None
        pulled = await post(hub, pull_request("counsellor"))
        assert answer.parts[0].octets in pulled.plain("counsellor").values()
        open_questions = await hub.store.messages(MessageFilter(open_questions=True))
        assert open_questions == ()


async def test_an_answer_to_a_question_that_was_never_asked_is_refused(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        answer = saldoverzoek(
            "creditor",
            "counsellor",
            action="SaldoverzoekAntwoord",
            answering={
                "conversation": "5f0c2a1e-8a77-4c39-9d5e-0c8f5f1b2a10",
                "reference": "0b8f5f1b-8a77-4c39-9d5e-0c8f5f1b2a10",
            },
        )
        assert (await post(hub, answer.wire())).codes == ("EBMS:0010",)
        assert await hub.store.messages(MessageFilter()) == ()


async def test_the_receiver_verifies_the_senders_own_signature(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        await post(hub, draft.wire())
        pulled = await post(hub, pull_request())
        opened = pulled.plain("creditor")
        assert pulled.verified is not None
        sent_ids = {each.content_id for each in draft.parts}
        (origin,) = (octets for name, octets in opened.items() if name not in sent_ids)
        digests = {
            name: (SHA256, pulled.verified.part_digests[name].digest_value) for name in opened if name in sent_ids
        }
        proven = verify_origin(
            read_origin(origin),
            certificates=(identity("counsellor").signing.certificate,),
            at=hub.clock.now(),
            part_digests=digests,
        )
        assert proven == draft.user_message


async def test_a_second_pull_under_a_lapsed_lease_is_octet_for_octet_the_first(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        first = await post(hub, pull_request())
        assert (await post(hub, pull_request())).codes == ("EBMS:0006",)
        hub.clock.move(timedelta(minutes=16))
        second = await post(hub, pull_request(at=hub.clock.now()))
        assert (second.headers["Content-Type"], second.body) == (first.headers["Content-Type"], first.body)


@pytest.mark.parametrize("method", ["sha256", "sha512"])
async def test_leg_two_digests_by_its_own_method_whatever_that_of_leg_one_was(tmp_path: Path, method: str) -> None:
    draft = with_attachments()
    wire = signed_anew(draft, phase4(digest=method), identity("counsellor"), at=NOW)
    async with running_hub(tmp_path, configuration=configured(suites=True, suite=OLDER.name)) as hub:
        assert (await post(hub, wire)).receipt is not None, hub.log.lines
        pulled = await post(hub, pull_request())
        assert pulled.verified is not None
        assert {each.digest_method for each in pulled.verified.references} == {SHA256}
        assert {each.octets for each in draft.parts} <= set(pulled.plain("creditor").values())


async def test_fifty_copies_at_once_are_one_message_and_fifty_equal_receipts(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        wire = saldoverzoek().wire()
        answers = await asyncio.gather(*(post(hub, wire) for _ in range(50)))
        assert len({each.body for each in answers}) == 1
        assert answers[0].receipt is not None
        assert len(await hub.store.messages(MessageFilter())) == 1


async def test_what_nobody_collects_ends_with_its_term_and_a_notice_to_the_sender(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        await post(hub, draft.wire())
        (record,) = await hub.store.messages(MessageFilter())
        hub.clock.move(record.metadata.expires_at - hub.clock.now() - timedelta(seconds=1))
        await hub.running.keeper.keep()
        assert (await post(hub, pull_request("counsellor", at=hub.clock.now()))).codes == ("EBMS:0006",)
        hub.clock.move(timedelta(seconds=1))
        await hub.running.keeper.keep()
        assert (await post(hub, pull_request("creditor", at=hub.clock.now()))).codes == ("EBMS:0006",)
        told = await post(hub, pull_request("counsellor", at=hub.clock.now()))
        assert told.user_message is not None
        assert told.user_message.action == "Statusmelding"
        (notice,) = told.plain("counsellor").values()
        reference = draft.user_message.property(names.TRACKING_IDENTIFIER) or ""
        assert reference.encode() in notice
        assert b"<Toestand>Verlopen</Toestand>" in notice
        assert PARTIES["creditor"][0].encode() in notice
        message_type = hub.configuration.catalogue.message("Knooppunt", "1.0", "Statusmelding")
        assert message_type is not None
        assert message_type.schema.compiled().validate(etree.fromstring(notice))


async def test_a_document_against_its_schema_is_refused_with_each_violation_and_no_value(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        octets = draft.parts[0].octets.replace(b"<Klant>", b"<Klant><Geheim>Jansen-123</Geheim>")
        bad = draft.with_parts(replace(draft.parts[0], octets=octets))
        answer = await post(hub, bad.wire())
        assert set(answer.codes) == {"EBMS:0004"}
        assert answer.error is not None
        assert "path=" in (answer.error.errors[0].detail or "")
        assert b"Jansen" not in answer.body
        assert b"Geheim" not in answer.body
        assert await hub.store.messages(MessageFilter()) == ()


async def test_a_message_to_the_test_service_leaves_nothing_but_when_its_sender_was_there(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        assert await hub.store.contacts() == ()
        assert (await post(hub, ping().wire())).receipt is not None
        (contact,) = await hub.store.contacts()
        assert (contact.party, contact.pinged_at) == (PARTIES["counsellor"][0], hub.clock.now())
        assert (await hub.store.messages(MessageFilter()), (await hub.store.counts()).seen) == ((), 0)
