"""A push ends with the hub's valid receipt, with a failure that it signed, or with EBMS:0301 (AS4 3.2, A01 to A13)."""

from __future__ import annotations

import asyncio
import gzip
import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.participants import Waits, means_with, participant
from support.hubs.hub_script import (
    Answer,
    HubScript,
    Reply,
    Request,
    error,
    error_to,
    html,
    plain,
    receipt,
    receipt_to,
    signed,
    silence,
    unsigned,
)
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import saldoverzoek

from gateway.client.answers import AnswerKind
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.outgoing import Attachment, References, Unsendable
from gateway.client.participant import Participant
from gateway.client.push import PushResult, push, send_waiting
from gateway.client.retry import RetryPolicy
from gateway.ebms import names
from gateway.ebms.consistency import MOST_PARTS
from gateway.ebms.model import AgreementRef, ErrorEntry, Messaging, PullRequest
from gateway.limits import DEFAULT_RATIO, ClientLimits, Limits
from xsd.samples import sample

ACKNOWLEDGED, REFUSED = OutboxState.ACKNOWLEDGED, OutboxState.REFUSED
GIVEN_UP, WAITING = OutboxState.GIVEN_UP, OutboxState.WAITING
THRICE = RetryPolicy(first_seconds=60, factor=1.0, retries=3)
PAYLOAD = sample(
    "Schuldregeling",
    "2.0",
    "Saldoverzoek",
    referentienummer="0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01",
    conversatie_referentienummer="0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a02",
    afzender=PARTIES["counsellor"][0],
    ontvanger=PARTIES["creditor"][0],
)


async def push_to(hub: HubScript, outbox: Outbox, waits: Waits | None = None, **changes: object) -> PushResult:
    said = {"payload": PAYLOAD, "message_type": "Saldoverzoek", "retry": THRICE, "checks": None,
            "who": participant(hub.url), **changes}  # fmt: skip
    who, payload = said.pop("who"), said.pop("payload")
    assert isinstance(who, Participant)
    async with means_with(waits) as means:
        return await push(who, payload, module="Schuldregeling", version="2.0", outbox=outbox, means=means, **said)


async def outcome(outbox: Outbox, *answers: Answer, **changes: object) -> PushResult:
    async with HubScript(*answers) as hub:
        return await push_to(hub, outbox, **changes)


def codes(result: PushResult) -> list[str]:
    return [each.code for each in result.errors]


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


# --- what ends the retries, and what does not ---------------------------------------------------------------------


def bad_digest(request: Request) -> tuple[object, ...]:
    first, *rest = request.references
    return (replace(first, digest_value=bytes(32)), *rest)


@pytest.mark.parametrize(("days_ago", "state"), [(30, ACKNOWLEDGED), (0, OutboxState.GIVEN_UP)])
async def test_a_receipt_is_held_against_the_certificate_of_the_day_it_was_made(
    outbox: Outbox, days_ago: int, state: OutboxState
) -> None:
    """The hub keeps its receipt for 90 days and gives it again, octet for octet, when its certificate has ended."""
    old = identity("hub", "expired")
    made = receipt(signer=old.signing_key, timestamp=NOW - timedelta(days=days_ago))
    async with HubScript(*[made] * 60) as hub:
        who = participant(hub.url, hub_signing=(old.signing.certificate,))
        assert (await push_to(hub, outbox, who=who)).state is state


NOT_FINAL: dict[str, tuple[Answer, str | None]] = {
    # clause: (the answer, the code that is noted of it)
    "R09 other digest": (receipt(references=bad_digest), "EBMS:0302"),
    "R10 a reference missing": (receipt(references=lambda request: request.references[:-1]), "EBMS:0302"),
    "R10 a reference too many": (receipt(references=lambda request: request.references * 2), "EBMS:0302"),
    "R08 no references": (receipt(references=(), user_message=lambda request: request.user_message), "EBMS:0302"),
    "R11 unsigned": (lambda request: unsigned(Messaging(receipt=receipt_to(request))), "EBMS:0103"),
    "R12 signed by another": (receipt(signer=identity("creditor").signing_key), "EBMS:0101"),
    "R12 expired certificate": (receipt(signer=identity("hub", "expired").signing_key), "EBMS:0101"),
    "R13 broken signature": (
        receipt(bend=lambda octets: octets.replace(b"<eb:MessageId>", b"<eb:MessageId>x", 1)),
        "EBMS:0101",
    ),
    "R14 about another message": (receipt(ref_to_message_id="other@hub.example"), "EBMS:0302"),
    "X06 a warning alone": (error("EBMS:0002"), "EBMS:0002"),
    "X09 bare fault": (
        lambda _request: Reply(
            status=500,
            body=b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
            b"<s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>later</s:Text></s:Reason>"
            b"</s:Fault></s:Body></s:Envelope>",
        ),
        None,
    ),
    "X10 html": (html(502), None),
    "X10 html as 200": (html(200), None),
    "X10 empty 200": (lambda _request: Reply(status=200), None),
    "X10 empty 202": (lambda _request: Reply(status=202), None),
    "X10 empty 500": (lambda _request: Reply(status=500), None),
    "X10 torn XML": (lambda _request: Reply(body=b"<S12:Envelope xmlns:S12="), None),
    "X10 no content type": (lambda _request: Reply(body=b"x", content_type="nonsense"), None),
    "X15 unsigned error": (error("EBMS:0010", is_signed=False), "EBMS:0103"),
    "X15 error signed by another": (error("EBMS:0010", signer=identity("creditor").signing_key), "EBMS:0101"),
    "Core 6.3 error about nothing": (error("EBMS:0010", about=None), "EBMS:0010"),
    "error about another message": (error("EBMS:0010", about="other@hub.example"), "EBMS:0010"),
    "413 about another message": (error("EBMS:0007", about="other@hub.example", status=413), "EBMS:0007"),
    "413 of a proxy": (html(413), None),
    "413 unsigned": (error("EBMS:0007", about=None, status=413, is_signed=False), "EBMS:0103"),
    "P27 a PullRequest": (
        lambda _request: signed(Messaging(pull_request=PullRequest(message_id="a@b.example", timestamp=NOW, mpc=None))),
        "EBMS:0009",
    ),
    "a user message": (plain(saldoverzoek().wire()), "EBMS:0101"),
    "T silence": (silence, None),  # EBMS:0005 is for a connection that could not be opened (Core 6.7.1)
    "503 with an unsigned failure": (error("EBMS:0202", status=503, is_signed=False), "EBMS:0103"),
}


@pytest.mark.parametrize("case", NOT_FINAL)
async def test_what_proves_nothing_is_followed_by_another_attempt(outbox: Outbox, case: str) -> None:
    answer, code = NOT_FINAL[case]
    result = await outcome(outbox, answer, receipt())
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 2)
    (stored,) = await outbox.messages()
    assert stored.errors == ()
    given_up = await outcome(outbox, *[answer] * 2, retry=replace(THRICE, retries=1))
    assert (given_up.state, given_up.attempts) == (GIVEN_UP, 2)
    assert codes(given_up) == (["EBMS:0301"] if code is None else ["EBMS:0301", code])


@pytest.mark.parametrize("status", [200, 400, 403, 500, 503])
async def test_a_failure_that_the_hub_signed_about_the_message_is_final(outbox: Outbox, status: int) -> None:
    result = await outcome(outbox, error("EBMS:0010", status=status))
    assert (result.state, result.attempts, codes(result)) == (REFUSED, 1, ["EBMS:0010"])


@pytest.mark.parametrize("status", [200, 500])
async def test_a_full_mailbox_is_the_one_failure_that_passes(outbox: Outbox, status: int) -> None:
    result = await outcome(outbox, error("EBMS:0021", status=status), receipt())
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 2)
    waits = await outcome(outbox, error("EBMS:0021"), retry=replace(THRICE, retries=0), give_up=False)
    assert (waits.state, waits.kind, codes(waits)) == (WAITING, AnswerKind.FULL, ["EBMS:0301", "EBMS:0021"])
    for final in (("EBMS:0021", "EBMS:0004"), ("EBMS:0004", "EBMS:0021")):
        assert (await outcome(outbox, error(*final))).state is REFUSED


async def test_a_full_mailbox_keeps_no_message_behind_it_waiting(outbox: Outbox) -> None:
    async with HubScript(silence, silence, error("EBMS:0021"), receipt()) as hub:
        for _ in range(2):
            await push_to(hub, outbox, retry=replace(THRICE, retries=0), give_up=False)
        async with means_with([]) as means:
            full, sent = await send_waiting(participant(hub.url), outbox=outbox, means=means, retry=THRICE)
    assert (full.state, full.kind, full.attempts) == (WAITING, AnswerKind.FULL, 2)
    assert sent.state is ACKNOWLEDGED


async def test_a_message_that_the_hub_finds_too_large_to_read_is_refused(outbox: Outbox) -> None:
    result = await outcome(outbox, error("EBMS:0007", about=None, status=413))
    assert (result.state, result.attempts, codes(result)) == (REFUSED, 1, ["EBMS:0007"])


@pytest.mark.parametrize("status", [200, 202, 400, 500])
async def test_a_valid_receipt_is_one_whatever_the_status(outbox: Outbox, status: int) -> None:
    assert (await outcome(outbox, receipt(status=status))).state is ACKNOWLEDGED


async def test_every_error_of_a_refusal_is_recorded(outbox: Outbox) -> None:
    assert codes(await outcome(outbox, error("EBMS:0004", "EBMS:0004", "EBMS:0002"))) == [
        "EBMS:0004",
        "EBMS:0004",
        "EBMS:0002",
    ]


@pytest.mark.parametrize(("severity", "state"), [("failure", REFUSED), ("warning", GIVEN_UP)])
async def test_an_unknown_code_goes_by_its_severity(outbox: Outbox, severity: str, state: OutboxState) -> None:
    def answer(request: Request) -> Reply:
        entry = ErrorEntry(code="EBMS:9999", severity=severity)
        return signed(Messaging(error=replace(error_to(request), errors=(entry,))))

    assert (await outcome(outbox, answer, retry=replace(THRICE, retries=0))).state is state


@pytest.mark.parametrize("code", ["EBMS:0002", "EBMS:0010"])
async def test_an_error_beside_a_receipt_does_not_take_it_back(outbox: Outbox, code: str) -> None:
    def answer(request: Request) -> Reply:
        return signed(Messaging(receipt=receipt_to(request), error=error_to(request, code)))

    result = await outcome(outbox, answer)
    assert (result.state, codes(result)) == (ACKNOWLEDGED, [code])


async def test_a_signed_awareness_receipt_is_taken_where_that_was_agreed(outbox: Outbox) -> None:
    aware = receipt(references=(), user_message=lambda request: request.user_message)
    async with HubScript(aware) as hub:
        result = await push_to(hub, outbox, who=participant(hub.url, awareness_receipts=True))
    assert result.state is ACKNOWLEDGED


async def test_the_certificate_of_tomorrow_is_accepted_during_a_rollover(outbox: Outbox) -> None:
    coming = identity("hub", "next")
    async with HubScript(receipt(signer=coming.signing_key)) as hub:
        who = participant(hub.url)
        both = replace(who, hub_signing=(*who.hub_signing, coming.signing.certificate))
        assert (await push_to(hub, outbox, who=both)).state is ACKNOWLEDGED


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
