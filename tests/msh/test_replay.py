"""What comes again: true repetitions, other content under a used id, and what somebody else caught (RP-01 to RP-08)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.contract import Before, Refused, assert_refused
from support.hubs.hub import TestedHub, running_hub
from support.hubs.raw import connected, whole
from support.keys.pki import PARTIES
from support.keys.tls import tls_folder
from support.messages.wire import Draft, Reply, Wire, post, pull_request, saldoverzoek

from gateway.edge.tls import tls_context
from gateway.store.model import MessageFilter, MessageRecord

ANOTHER_ASKING: dict[str, dict[str, object]] = {"administrator": {"roles": ["schuldeiser", "shv-fase-2"]}}


async def rows_of(hub: TestedHub) -> tuple[MessageRecord, ...]:
    return await hub.store.messages(MessageFilter())


async def test_the_same_message_gets_the_same_receipt_for_ninety_days_RP_01(tmp_path: Path) -> None:
    """A second, an hour and 89 days later, also by the hub's next process."""
    draft = saldoverzoek()
    wire = draft.wire()
    async with running_hub(tmp_path) as hub:
        first = await post(hub, wire)
        assert first.receipt is not None
        for later in (timedelta(seconds=1), timedelta(hours=1)):
            hub.clock.move(later)
            assert (await post(hub, wire)).body == first.body
        assert len(await rows_of(hub)) == 1
        clock = hub.clock
    clock.move(draft.user_message.timestamp + timedelta(days=89) - clock.now())
    async with running_hub(tmp_path, clock=clock) as hub:
        await hub.running.keeper.keep()
        assert (await post(hub, wire)).body == first.body
        kept = [each for each in await rows_of(hub) if each.metadata.received_message_id == wire.message_id]
        assert len([each for each in kept if each.metadata.kind == "message"]) == 1


async def test_other_content_under_a_used_id_is_refused_and_the_first_stays_RP_03(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        await post(hub, draft.wire())
        other = draft.with_parts(
            replace(draft.parts[0], octets=draft.parts[0].octets.replace(b"Testenburg", b"Voorbeeld"))
        )
        for changed in (other, draft.saying(conversation_id="elsewhere")):
            wire = changed.wire()
            before = Before.of(hub)
            assert_refused(hub, wire, await post(hub, wire), Refused("EBMS:0003"), before)
        pulled = await post(hub, pull_request())
        assert draft.parts[0].octets in pulled.plain("creditor").values()


async def test_nobody_takes_another_senders_id_RP_04(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=ANOTHER_ASKING) as hub:
        squatted = saldoverzoek("administrator")
        meant = saldoverzoek("counsellor").saying(message_id=squatted.user_message.message_id)
        answers = [await post(hub, each.wire()) for each in (squatted, meant)]
        assert [each.codes for each in answers] == [(), ()], hub.log.lines
        assert {each.metadata.sender for each in await rows_of(hub)} == {
            PARTIES["administrator"][0],
            PARTIES["counsellor"][0],
        }


async def test_after_the_window_a_captured_message_is_too_old_RP_05(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        wire = saldoverzoek().wire()
        await post(hub, wire)
        hub.clock.move(timedelta(days=89, seconds=1))
        before = Before.of(hub)
        forgotten = Refused("EBMS:0003")
        other = saldoverzoek().wire()
        assert_refused(hub, other, await post(hub, other), forgotten, before)
        hub.clock.move(timedelta(days=2))
        await hub.running.keeper.keep()
        before = Before.of(hub)
        assert_refused(hub, wire, await post(hub, wire), forgotten, before)


async def over(hub: TestedHub, port: int, client: str, wire: Wire) -> Reply:
    async with connected(hub, port=port, tls=tls_folder().client(client)) as peer:
        await peer.send(whole(wire))
        return await peer.answer()


@pytest.mark.parametrize("bound", [True, False])
async def test_a_message_over_anothers_connection_is_never_the_others_RP_06(tmp_path: Path, bound: bool) -> None:
    """What was accepted is a duplicate; where the P-Mode binds a sender to its TLS certificate, anything else is
    refused, the same message signed anew, too.
    """
    files = tls_folder()
    extra = {"counsellor": {"tls_thumbprints": [files.thumbprint("valid")]}} if bound else None
    async with running_hub(tmp_path, extra=extra) as hub:
        asked = tls_context(files.server(client_authority=files.client_authority))
        port = await hub.running.listen("127.0.0.1", 0, asked)
        draft = saldoverzoek()
        wire, anew, never_taken = draft.wire(), draft.wire(), saldoverzoek().wire()
        assert anew.body != wire.body
        first = await over(hub, port, "valid", wire)
        assert first.receipt is not None
        assert (await over(hub, port, "other", wire)).body == first.body
        refused = {
            "other": "the TLS client certificate is none that the P-Mode lists",
            "absent": "no TLS client certificate was shown, and the P-Mode lists some",
        }
        for client, detail in refused.items() if bound else ():
            for each in (anew, never_taken):
                assert (await over(hub, port, client, each)).codes == ("EBMS:0101",)
                assert hub.log.of("refused")[-1]["detail"] == detail
        assert (await over(hub, port, "valid", anew)).receipt is not None
        (record,) = await rows_of(hub)
        assert record.metadata.sender == PARTIES["counsellor"][0]


@pytest.mark.parametrize("refused", [True, False])
async def test_a_reference_tells_nothing_of_the_messages_of_others_RP_08(tmp_path: Path, refused: bool) -> None:
    extra = {"counsellor": {"overrides": {"Knooppunt.RefToMessageIdRefused": refused}}}
    async with running_hub(tmp_path, extra=extra | ANOTHER_ASKING) as hub:
        others = saldoverzoek("administrator")
        await post(hub, others.wire())
        leg_two = (await rows_of(hub))[0].metadata.message_id

        def referring(message_id: str) -> Draft:
            return saldoverzoek().saying(ref_to_message_id=message_id)

        answers = []
        for message_id in (others.user_message.message_id, leg_two, "nobody@tests.example"):
            answers.append(await post(hub, referring(message_id).wire()))
        assert {each.codes for each in answers} == {("EBMS:0003",) if refused else ()}
        assert len({error_without_ids(each) for each in answers}) == 1


def error_without_ids(reply: Reply) -> object:
    return reply.error and tuple(replace(each, ref_to_message_in_error=None) for each in reply.error.errors)
