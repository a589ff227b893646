"""The browser's modules against a running hub, over sockets: open, receipt, push, and what the hub answers."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.browser.desk import as_wire, desk_opens, desk_packs, desk_reads, desk_receipts, knows, party_id
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import Draft, Reply, Wire, post, pull_request, read_reply, saldoverzoek

from gateway.ebms import names
from xsd.samples import sample


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[TestedHub]:
    async with running_hub(tmp_path) as running:
        yield running


def wire_of(reply: Reply) -> Wire:
    """An answer as octets, as a desk gets what is stored."""
    return Wire(content_type=reply.headers["Content-Type"], body=reply.body)


async def waiting(hub: TestedHub) -> tuple[Draft, Reply]:
    """A question that waits for the creditor, and what it pulls."""
    draft = saldoverzoek()
    assert (await post(hub, draft.wire())).receipt is not None
    return draft, await post(hub, pull_request())


def question(**changes: object) -> dict[str, object]:
    """A question that the counsellor pushes, with fields changed."""
    reference, conversation = str(uuid.uuid4()), str(uuid.uuid4())
    document = sample(
        "Schuldregeling",
        "2.0",
        "Saldoverzoek",
        referentienummer=reference,
        conversatie_referentienummer=conversation,
        afzender=PARTIES["counsellor"][0],
        ontvanger=PARTIES["creditor"][0],
    )
    pdf = {"octets": b"%PDF-1.7 " + bytes(5_000), "mimeType": "application/pdf"}
    parts = [{"octets": document, "mimeType": "application/xml", "characterSet": "utf-8"}, pdf]
    push: dict[str, object] = {
        "messageId": f"{uuid.uuid4()}@desk.example",
        "at": NOW,
        "from": party_id("counsellor"),
        "to": party_id("hub"),
        "service": "urn:knooppunt:Schuldregeling:2.0",
        "action": "Saldoverzoek",
        "conversationId": conversation,
        "trackingIdentifier": reference,
        "crossReference": None,
        "originalSender": PARTIES["counsellor"][0],
        "finalRecipient": PARTIES["creditor"][0],
        "parts": [{**each, "contentId": f"{n}@desk.example", "salt": bytes([n] * 16)} for n, each in enumerate(parts)],
        "rootId": "root@desk.example",
        "boundary": "boundary-of-the-desk",
    }
    return {**push, **changes}


def read(reply: Reply, packed: dict[str, Any], push: dict[str, object], asked: str = "answer") -> dict[str, Any]:
    content_type = reply.headers["Content-Type"]
    return desk_reads(reply.body, packed, content_type=content_type, message_id=str(push["messageId"]), question=asked)


async def test_what_the_hub_sealed_is_opened_and_its_receipt_removes_it_PO_37_PO_40(hub: TestedHub) -> None:
    draft, pulled = await waiting(hub)
    opened = desk_opens(wire_of(pulled), name="creditor", senders=knows("counsellor"))
    assert opened["document"]["octets"] == draft.parts[0].octets
    assert opened["proof"]["verdict"] == "verified"
    receipt = desk_receipts(opened, "creditor")
    assert (await post(hub, as_wire(receipt))).status == 204
    assert (await post(hub, pull_request())).codes == ("EBMS:0006",)


async def test_a_receipt_of_the_browser_is_ours_field_by_field_PO_40(hub: TestedHub) -> None:
    _, pulled = await waiting(hub)
    opened = desk_opens(wire_of(pulled), name="creditor")
    at = NOW + timedelta(milliseconds=1)
    packed = desk_receipts(opened, "creditor", at=at, message_id="receipt@desk.example")
    assert packed["contentType"] == names.SOAP_XML_UTF8
    headers = {"Content-Type": packed["contentType"]}
    found = read_reply(200, headers, packed["octets"], key=identity("creditor").signing_key).receipt
    assert found == replace(pulled.receipt_of(at=at), message_id="receipt@desk.example")


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_receipt_with_one_digest_changed_removes_nothing_PO_40(hub: TestedHub, place: int) -> None:
    _, pulled = await waiting(hub)
    opened = desk_opens(wire_of(pulled), name="creditor")
    digest = opened["references"][place]["digest"]
    opened["references"][place]["digest"] = bytes([digest[0] ^ 1]) + digest[1:]
    assert (await post(hub, as_wire(desk_receipts(opened, "creditor")))).codes == ("EBMS:0302",)
    right = desk_opens(wire_of(pulled), name="creditor")
    assert (await post(hub, as_wire(desk_receipts(right, "creditor")))).status == 204


async def test_a_push_of_the_browser_is_delivered_octet_for_octet_PO_41(hub: TestedHub) -> None:
    push = question()
    packed = desk_packs(push, "counsellor")
    reply = await post(hub, as_wire(packed))
    assert reply.receipt is not None, (reply.codes, hub.log.lines[-2:])
    assert read(reply, packed, push)["receipt"]["messageId"] == reply.receipt.message_id
    pulled = await post(hub, pull_request())
    opened = desk_opens(wire_of(pulled), name="creditor", senders=knows("counsellor"))
    found = [opened["document"], *opened["attachments"]]
    assert [each["octets"] for each in found] == [each["octets"] for each in push["parts"]]  # type: ignore[attr-defined]
    assert (opened["document"]["characterSet"], opened["proof"]["verdict"]) == ("utf-8", "verified")
    assert opened["proof"]["messageId"] == push["messageId"]


async def test_the_same_octets_again_get_the_same_receipt_PO_41(hub: TestedHub) -> None:
    packed = desk_packs(question(), "counsellor")
    first, second = [await post(hub, as_wire(packed)) for _ in range(2)]
    assert first.receipt is not None
    assert first.body == second.body


async def test_a_message_that_is_made_again_with_its_ids_and_salts_is_the_same_message_PO_41(hub: TestedHub) -> None:
    """A page that was closed in between has kept what it drew, and nothing of the content."""
    push = question()
    assert (await post(hub, as_wire(desk_packs(push, "counsellor")))).receipt is not None
    again = {**push, "at": NOW + timedelta(minutes=3)}
    packed = desk_packs(again, "counsellor")
    reply = await post(hub, as_wire(packed))
    assert reply.receipt is not None, reply.codes
    assert read(reply, packed, again)["receipt"]
    other = {**push, "parts": [{**each, "salt": bytes(16)} for each in push["parts"]]}  # type: ignore[attr-defined]
    assert (await post(hub, as_wire(desk_packs(other, "counsellor")))).codes == ("EBMS:0003",)


async def test_each_violation_of_the_schema_is_told_with_its_place_PO_46(hub: TestedHub) -> None:
    push = question()
    parts: Any = push["parts"]
    wrong = parts[0]["octets"].replace(b"<Geboortedatum>", b"<Geboortedatum>x", 1)
    assert wrong != parts[0]["octets"]
    push["parts"] = [{**parts[0], "octets": wrong}, *parts[1:]]
    packed = desk_packs(push, "counsellor")
    reply = await post(hub, as_wire(packed))
    said = read(reply, packed, push)
    assert said["about"] == push["messageId"]
    assert {each["code"] for each in said["errors"]} == {"EBMS:0004"}
    (first, *_) = said["errors"]
    assert first["path"].endswith("Geboortedatum")
    assert first["line"] == wrong[: wrong.index(b"<Geboortedatum>x")].count(b"\n") + 1
    assert (first["severity"], first["language"]) == ("failure", "en")
    assert first["text"]
    assert first["kind"]


async def test_a_refusal_of_another_kind_has_no_place_in_the_form(hub: TestedHub) -> None:
    push = question(finalRecipient="00000099000000008888")
    packed = desk_packs(push, "counsellor")
    said = read(await post(hub, as_wire(packed)), packed, push)
    assert [(each["code"], each["line"], each["path"]) for each in said["errors"]] == [("EBMS:0010", None, None)]
