"""A push ends with the hub's valid receipt, with a failure that it signed, or with EBMS:0301 (AS4 3.2, A01 to A13)."""

from __future__ import annotations

import asyncio
import gzip
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from support.client.participants import Waits, means_with, participant
from support.client.pushing import PAYLOAD, THRICE, codes, outcome, push_to
from support.hubs.hub_script import (
    HubScript,
    html,
    receipt,
    silence,
)
from support.keys.pki import PARTIES

from gateway.client.outbox import Outbox, OutboxState
from gateway.client.outgoing import Attachment, References, Unsendable
from gateway.client.push import push, send_waiting
from gateway.ebms import names
from gateway.ebms.consistency import MOST_PARTS
from gateway.ebms.model import AgreementRef
from gateway.limits import DEFAULT_RATIO, ClientLimits, Limits
from xsd.samples import sample

ACKNOWLEDGED, GIVEN_UP = OutboxState.ACKNOWLEDGED, OutboxState.GIVEN_UP


async def test_a_message_with_a_valid_receipt_is_acknowledged_and_the_receipt_kept(outbox: Outbox) -> None:
    result = await outcome(outbox, receipt())
    assert (result.state, result.attempts, result.errors) == (ACKNOWLEDGED, 1, ())
    assert result.receipt is not None
    assert b"NonRepudiationInformation" in result.receipt


async def test_the_header_says_what_the_payload_says(outbox: Outbox) -> None:
    async with HubScript(receipt()) as hub:
        await push_to(hub, outbox)
    message = hub.requests[0].user_message
    assert message.from_party.party_ids[0].value == PARTIES["counsellor"][0]
    assert message.to_party.party_ids[0].value == PARTIES["hub"][0]
    assert (message.from_party.role, message.to_party.role) == (names.INITIATOR, names.RESPONDER)
    assert (message.service.value, message.action) == ("urn:knooppunt:Schuldregeling:2.0", "Saldoverzoek")
    assert message.conversation_id == "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a02"
    assert {each.name: each.value for each in message.properties} == {
        names.ORIGINAL_SENDER: PARTIES["counsellor"][0],
        names.FINAL_RECIPIENT: PARTIES["creditor"][0],
        names.TRACKING_IDENTIFIER: "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01",
    }
    assert message.mpc is None
    assert message.ref_to_message_id is None
    assert hub.requests[0].plain_parts() == [PAYLOAD]


async def test_an_answer_carries_the_reference_of_its_question(outbox: Outbox) -> None:
    question = "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a03"
    answer = sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord", cross_referentienummer=question)
    async with HubScript(receipt()) as hub:
        await push_to(hub, outbox, payload=answer, message_type="SaldoverzoekAntwoord")
    assert hub.requests[0].user_message.property(names.CROSS_REFERENCE) == question


async def test_an_agreement_is_named_where_there_is_one(outbox: Outbox) -> None:
    agreed = AgreementRef(value="urn:agreed")
    async with HubScript(receipt()) as hub:
        await push_to(hub, outbox, who=participant(hub.url, agreement_ref=agreed))
    assert hub.requests[0].user_message.agreement_ref == agreed


async def test_attachments_of_octets_and_of_files_arrive_as_they_were(outbox: Outbox, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7 " + bytes(300_000))
    attachments = [
        Attachment(content=tmp_path / "scan.pdf", mime_type="application/pdf"),
        Attachment(content=b"", mime_type="application/pdf"),
    ]
    async with HubScript(receipt()) as hub:
        result = await push_to(hub, outbox, attachments=attachments)
    assert result.state is ACKNOWLEDGED
    assert hub.requests[0].plain_parts() == [PAYLOAD, b"%PDF-1.7 " + bytes(300_000), b""]
    declared = [(part.property(names.MIME_TYPE), part.property(names.COMPRESSION_TYPE)) for part in
                hub.requests[0].user_message.parts]  # fmt: skip
    assert declared == [("application/xml", names.GZIP), *[("application/pdf", names.GZIP)] * 2]
    assert list((tmp_path / "outbox" / "parts").iterdir()) == []


def written_to(pipe: Path, octets: bytes) -> threading.Thread:
    """A thread that writes into a pipe, once, for whoever reads it."""
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(octets,), daemon=True)
    writer.start()
    return writer


@pytest.mark.parametrize("size", [11, 300_000])
async def test_documents_through_pipes_arrive_as_they_were(outbox: Outbox, tmp_path: Path, size: int) -> None:
    """Each input is read once, so it may be one that can be read once."""
    content = os.urandom(size)
    writers = [written_to(tmp_path / "doc.xml", PAYLOAD), written_to(tmp_path / "scan.pdf", content)]
    attachment = Attachment(content=tmp_path / "scan.pdf", mime_type="application/pdf")
    async with HubScript(receipt()) as hub:
        result = await push_to(hub, outbox, payload=tmp_path / "doc.xml", attachments=[attachment])
    assert result.state is ACKNOWLEDGED
    assert hub.requests[0].plain_parts() == [PAYLOAD, content]
    for each in writers:
        each.join()


async def test_a_message_larger_than_hubs_take_is_not_made(outbox: Outbox) -> None:
    """Nor does an input without an end fill the disk."""
    attachment = Attachment(content=Path("/dev/zero"), mime_type="application/pdf")
    who = participant("http://127.0.0.1:9/as4", limits=ClientLimits(outgoing_octets=1_000_000))
    async with HubScript() as hub:
        with pytest.raises(Unsendable, match="more than 1000000 octets"):
            await push_to(hub, outbox, who=who, attachments=[attachment])
        many = [Attachment(content=b"%PDF", mime_type="application/pdf")] * 63
        with pytest.raises(Unsendable, match="63 attachments were given, and a message takes 62 at most"):
            await push_to(hub, outbox, attachments=many)
    assert await outbox.messages() == ()


@pytest.mark.parametrize("less", [1, 50_000], ids=["with its envelope", "while it is packed"])
async def test_a_message_larger_on_the_wire_than_hubs_take_is_not_made(outbox: Outbox, less: int) -> None:
    attachment = Attachment(content=os.urandom(90_000), mime_type="application/pdf")
    async with HubScript(receipt()) as hub:
        await push_to(hub, outbox, attachments=[attachment])
        limit = len(hub.requests[0].body) - less
        who = participant(hub.url, limits=ClientLimits(outgoing_wire_octets=limit))
        with pytest.raises(Unsendable, match=f"more than {limit} octets as it would be sent"):
            await push_to(hub, outbox, who=who, attachments=[attachment])
    assert len(await outbox.messages()) == 1


def test_the_client_makes_no_message_that_a_hub_refuses_unless_it_is_set_otherwise() -> None:
    client, hub = ClientLimits(), Limits()
    assert client.outgoing_octets <= hub.inflated_octets
    assert client.outgoing_wire_octets <= hub.message_octets
    assert client.outgoing_parts == MOST_PARTS - 1, "a hub adds the proof of origin, and a reader takes no more"
    assert hub.inflation_ratio >= DEFAULT_RATIO
    assert client.inflation_ratio >= hub.inflation_ratio, "and takes what a hub took"


async def test_two_pushes_of_one_payload_have_different_digests(outbox: Outbox) -> None:
    async with HubScript(receipt(), receipt()) as hub:
        await push_to(hub, outbox)
        await push_to(hub, outbox)
    first, second = (
        {each.digest_value for each in request.references if each.uri.startswith("cid:")} for request in hub.requests
    )
    assert first != second


# --- retries ------------------------------------------------------------------------------------------------------


async def test_every_attempt_sends_the_same_octets(outbox: Outbox) -> None:
    attachment = Attachment(content=os.urandom(200_000), mime_type="application/pdf")
    async with HubScript(silence, html(502), html(503), receipt()) as hub:
        result = await push_to(hub, outbox, attachments=[attachment])
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 4)
    assert len({(request.content_type, request.body) for request in hub.requests}) == 1


async def test_retries_end_after_their_number_and_say_so_here_only(outbox: Outbox) -> None:
    waits = Waits()
    async with HubScript(*[silence] * 9) as hub:
        result = await push_to(hub, outbox, waits)
    assert (result.state, result.attempts, codes(result)) == (GIVEN_UP, 4, ["EBMS:0301"])
    assert waits.seconds == [60.0, 60.0, 60.0]
    assert len(hub.requests) == 4


async def test_a_hub_that_is_not_there_is_tried_again(outbox: Outbox) -> None:
    waits = Waits()
    async with means_with(waits) as means:
        result = await push(
            participant("http://127.0.0.1:9/as4"), PAYLOAD, module="Schuldregeling", version="2.0",
            message_type="Saldoverzoek", outbox=outbox, means=means, checks=None, retry=THRICE,
        )  # fmt: skip
    assert (result.state, codes(result), len(waits.seconds)) == (GIVEN_UP, ["EBMS:0301", "EBMS:0005"], 3)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("Wed, 04 Mar 2026 10:05:00 GMT", 300.0), ("99999999", 3600.0), ("soon", 60.0), ("-5", 60.0)],
)
async def test_the_hub_says_when_to_come_back(outbox: Outbox, status: int, header: str, seconds: float) -> None:
    waits = Waits()
    async with HubScript(html(status, Retry_After=header), receipt()) as hub:
        result = await push_to(hub, outbox, waits)
    assert (result.state, waits.seconds) == (ACKNOWLEDGED, [seconds])


async def test_a_crash_between_attempts_changes_nothing_that_is_sent(tmp_path: Path) -> None:
    class Crash(Exception):
        pass

    async def crash(_seconds: float) -> None:
        raise Crash

    attachment = Attachment(content=os.urandom(99_999), mime_type="application/pdf")
    async with HubScript(html(502), receipt()) as hub:
        outbox = await Outbox.open(tmp_path / "outbox")
        async with means_with(wait=crash) as means:
            with pytest.raises(Crash):
                await push(
                    participant(hub.url), PAYLOAD, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
                    outbox=outbox, means=means, checks=None, attachments=[attachment],
                )  # fmt: skip
        await outbox.aclose()
        outbox = await Outbox.open(tmp_path / "outbox")
        async with means_with() as means:
            (result,) = await send_waiting(participant(hub.url), outbox=outbox, means=means)
            assert await send_waiting(participant(hub.url), outbox=outbox, means=means) == ()
        await outbox.aclose()
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 2)
    assert hub.requests[0].body == hub.requests[1].body


async def test_a_message_of_a_known_id_is_not_made_again(outbox: Outbox) -> None:
    async with HubScript(receipt()) as hub:
        first = await push_to(hub, outbox, message_id="one@counsellor.example")
        second = await push_to(hub, outbox, message_id="one@counsellor.example", payload=b"<other/>")
    assert first == second
    assert len(hub.requests) == 1


async def test_two_senders_of_one_message_reach_one_outcome(outbox: Outbox) -> None:
    waiting = asyncio.Event()

    async def wait(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with HubScript(html(502)) as hub, means_with(wait=wait) as stuck:
        task = asyncio.create_task(
            push(
                participant(hub.url), PAYLOAD, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
                outbox=outbox, means=stuck, checks=None, message_id="one@counsellor.example",
            )
        )  # fmt: skip
        await waiting.wait()
        task.cancel()
        hub.answers += [receipt(), receipt()]
        async with means_with() as means:
            results = await asyncio.gather(
                *(send_waiting(participant(hub.url), outbox=outbox, means=means) for _ in range(2))
            )
    assert {each.state for (each,) in results} == {ACKNOWLEDGED}
    assert len({each.receipt for (each,) in results}) == 1


# --- what is not sent ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"<Saldoverzoek/>", "header"),
        (b"not XML", "header"),
        (b"<!DOCTYPE a><a/>", "header"),
        (b" " * (4 * 1024 * 1024 + 1), "more than 4194304 octets"),
        (Path("/nowhere/at.all"), "cannot be read"),
    ],
)
async def test_a_payload_that_cannot_be_sent_is_refused_before_anything_is_stored(
    outbox: Outbox, payload: bytes | Path, reason: str
) -> None:
    with pytest.raises(Unsendable, match=reason):
        await outcome(outbox, payload=payload)
    assert await outbox.messages() == ()


async def test_an_attachment_that_is_not_there_is_refused(outbox: Outbox) -> None:
    attachment = Attachment(content=Path("/nowhere/at.all"), mime_type="application/pdf")
    with pytest.raises(Unsendable, match="cannot be read"):
        await outcome(outbox, attachments=[attachment])


async def test_references_can_be_said_for_a_payload_without_a_header(outbox: Outbox) -> None:
    said = References(
        tracking_identifier="t", conversation_id="c", cross_reference=None, original_sender="o", final_recipient="f"
    )
    async with HubScript(receipt()) as hub:
        result = await push_to(hub, outbox, payload=b"no header", references=said)
    assert result.state is ACKNOWLEDGED
    assert hub.requests[0].user_message.conversation_id == "c"


async def test_nothing_readable_lies_in_the_outbox(outbox: Outbox, tmp_path: Path) -> None:
    secret = b"CN-5b0ad8b3f06c4be1a52e02ef4ad8d1c4"
    attachment = Attachment(content=secret * 9000, mime_type="application/pdf")
    async with HubScript(silence) as hub:
        await push_to(hub, outbox, attachments=[attachment], retry=replace(THRICE, retries=0))
        octets = b"".join(path.read_bytes() for path in (tmp_path / "outbox").rglob("*") if path.is_file())
    assert secret not in octets
    assert gzip.compress(secret * 9000)[10:60] not in octets
    assert PAYLOAD[200:260] not in octets


async def test_progress_is_told_while_packing_and_sending(outbox: Outbox) -> None:
    told: list[tuple[str, int, int | None]] = []
    async with HubScript(receipt()) as hub, means_with(progress=lambda *step: told.append(step)) as means:
        await push(
            participant(hub.url), PAYLOAD, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
            outbox=outbox, means=means, checks=None,
            attachments=[Attachment(content=bytes(600_000), mime_type="application/pdf")],
        )  # fmt: skip
    packed = [step for step in told if step[0] == "packing"]
    sent = [step for step in told if step[0] == "sending"]
    assert packed[-1][1] == packed[-1][2] == len(PAYLOAD) + 600_000
    assert sent[-1][1] == sent[-1][2]
