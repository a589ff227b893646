"""What breaks its schema or its rules stays with its sender, who is told every violation."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.client.participants import means_with, participant, pulled
from support.hubs.hub import catalogue
from support.hubs.hub_script import HubScript, leg_two, nothing, plain, receipt
from support.keys.pki import NOW, PARTIES
from support.messages.wire import saldoverzoek

from gateway.client.checking import Checks
from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.outgoing import Attachment, Unsendable
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome
from gateway.client.transport import STEP_OCTETS
from gateway.ebms.gzip import Deflater
from xsd.samples import sample, sample_attachment

COUNSELLOR, CREDITOR = PARTIES["counsellor"][0], PARTIES["creditor"][0]
PDF = Attachment(content=sample_attachment(), mime_type="application/pdf")


async def send(
    outbox: Outbox,
    payload: bytes,
    *attachments: Attachment,
    module: str = "Schuldregeling",
    name: str = "Saldoverzoek",
    inbox: Inbox | None = None,
    unchecked: bool = False,
    **who: object,
) -> PushResult:
    checks = None if unchecked else Checks(catalogue=catalogue(), inbox=inbox)
    async with HubScript(receipt()) as hub, means_with() as means:
        return await push(
            participant(hub.url, **who), payload, module=module, version="2.0", message_type=name,  # type: ignore[arg-type]
            outbox=outbox, means=means, checks=checks, attachments=attachments, retry=RetryPolicy(retries=0),
        )  # fmt: skip


async def violations(outbox: Outbox, payload: bytes, *attachments: Attachment, **options: object) -> list[str]:
    with pytest.raises(Unsendable) as refused:
        await send(outbox, payload, *attachments, **options)  # type: ignore[arg-type]
    assert await outbox.messages() == ()
    return [each.code for each in refused.value.violations]


def question() -> bytes:
    return sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=COUNSELLOR, ontvanger=CREDITOR)


def inventory() -> bytes:
    """A message that brings a document."""
    return sample("Schuldinventarisatie", "2.0", "Saldoverzoek", afzender=COUNSELLOR, ontvanger=CREDITOR)


async def test_a_message_that_conforms_is_sent(outbox: Outbox) -> None:
    assert (await send(outbox, question())).state is OutboxState.ACKNOWLEDGED


async def test_what_breaks_the_schema_is_not_sent(outbox: Outbox) -> None:
    broken = question().replace(b"<Geboortedatum>1980-02-29", b"<Geboortedatum>1980-02-30")
    with pytest.raises(Unsendable, match="1 demand") as refused:
        await send(outbox, broken)
    (found,) = refused.value.violations
    assert (found.code, found.path) == ("XSD-CVC-DATATYPE-VALID-1-2-1", "/Saldoverzoek/Klant/Geboortedatum")
    assert found.line > 1
    assert found.nl
    assert found.en
    assert await outbox.messages() == ()


async def test_what_breaks_a_rule_is_not_sent(outbox: Outbox) -> None:
    assert await violations(outbox, question().replace(b"<Versie>2.0<", b"<Versie>1.1<")) == ["STUUR-VERSIE"]


async def test_what_is_no_xml_is_not_sent(outbox: Outbox) -> None:
    assert await violations(outbox, b"not XML") == ["DOC-NOT-WELL-FORMED"]


async def test_a_message_of_a_module_that_nobody_knows_is_not_sent(outbox: Outbox) -> None:
    with pytest.raises(Unsendable, match=r"Saldoverzoek is no message of a module Vreemd 2\.0"):
        await send(outbox, question(), module="Vreemd")


async def test_unchecked_the_same_goes_to_the_hub(outbox: Outbox) -> None:
    broken = question().replace(b"<Klant>", b"<Klant><Vreemd/>")
    assert (await send(outbox, broken, unchecked=True)).state is OutboxState.ACKNOWLEDGED


@pytest.mark.parametrize("large", [False, True], ids=["octets", "file"])
async def test_the_documents_that_go_along_are_those_the_header_names(
    outbox: Outbox, tmp_path: Path, large: bool
) -> None:
    attachment = PDF
    if large:
        (tmp_path / "a.pdf").write_bytes(sample_attachment())
        attachment = Attachment(content=tmp_path / "a.pdf", mime_type="application/pdf")
    result = await send(outbox, inventory(), attachment, module="Schuldinventarisatie")
    assert result.state is OutboxState.ACKNOWLEDGED


async def test_a_document_that_is_named_and_does_not_go_along_is_missed(outbox: Outbox) -> None:
    assert await violations(outbox, inventory(), module="Schuldinventarisatie") == ["BIJLAGE-ONTBREEKT"]


async def test_a_document_that_nobody_named_stays_here(outbox: Outbox) -> None:
    assert await violations(outbox, question(), PDF) == ["BIJLAGE-ONGENOEMD"]


async def test_another_file_than_the_one_named_is_found_out(outbox: Outbox, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF something else")
    other = Attachment(content=tmp_path / "a.pdf", mime_type="application/pdf")
    found = await violations(outbox, inventory(), other, module="Schuldinventarisatie")
    assert found == ["BIJLAGE-ONTBREEKT", "BIJLAGE-ONGENOEMD"]


async def test_roles_of_the_participant_demand_a_document(outbox: Outbox) -> None:
    digest = hashlib.sha256(sample_attachment()).hexdigest().encode()
    bare = inventory()
    start, end = bare.index(b"<Bijlagen>"), bare.index(b"</Bijlagen>") + len(b"</Bijlagen>")
    assert digest in bare[start:end]
    bare = bare[:start] + bare[end:]
    roles = {"module": "Schuldinventarisatie", "roles": ("shv-overig",)}
    assert await violations(outbox, bare, **roles) == ["BIJLAGE-VERPLICHT"]
    assert (await send(outbox, bare, module="Schuldinventarisatie")).state is OutboxState.ACKNOWLEDGED


# --- an answer and its question; here the creditor asks, as the script plays the hub of the counsellor ----------------


async def ask(inbox: Inbox, *, claims: int = 1) -> bytes:
    """Pull a question that asks so often for the claims of the sample; returns the answer of the samples to it."""
    draft = saldoverzoek("creditor", "counsellor")
    octets = draft.parts[0].octets
    first, last = octets.index(b"<Vordering>"), octets.index(b"</Vorderingen>")
    more = octets[first:last].replace(b"VolgensSHV>", b"VolgensSHV>N-", 1) * (claims - 1)
    draft = draft.with_parts(replace(draft.parts[0], octets=octets[:last] + more + octets[last:]))
    result = await pulled(inbox, plain(leg_two(draft).wire()), nothing)
    assert result.outcome is Outcome.STORED
    (got,) = await inbox.messages()
    return sample(
        "Schuldregeling", "2.0", "SaldoverzoekAntwoord", afzender=COUNSELLOR, ontvanger=CREDITOR,
        cross_referentienummer=got.tracking_identifier or "", conversatie_referentienummer=got.conversation_id,
    )  # fmt: skip


async def test_an_answer_to_every_claim_of_its_question_is_sent(outbox: Outbox, inbox: Inbox) -> None:
    answer = await ask(inbox)
    assert (await send(outbox, answer, name="SaldoverzoekAntwoord", inbox=inbox)).state is OutboxState.ACKNOWLEDGED


async def test_an_answer_that_leaves_out_a_claim_is_held_against_its_question(outbox: Outbox, inbox: Inbox) -> None:
    answer = await ask(inbox, claims=2)
    assert await violations(outbox, answer, name="SaldoverzoekAntwoord", inbox=inbox) == ["MATCHEN-ELKE-VRAAG"]


async def test_without_the_question_the_answer_is_judged_alone(outbox: Outbox, inbox: Inbox) -> None:
    answer = await ask(inbox, claims=2)
    (question_number,) = [each.number for each in await inbox.messages()]
    await inbox.mark_processed(question_number, at=NOW)
    await inbox.forget(at=NOW)
    assert (await send(outbox, answer, name="SaldoverzoekAntwoord", inbox=inbox)).state is OutboxState.ACKNOWLEDGED


async def test_the_question_of_somebody_else_is_not_the_question(outbox: Outbox, inbox: Inbox) -> None:
    answer = (await ask(inbox, claims=2)).replace(CREDITOR.encode(), PARTIES["administrator"][0].encode())
    assert (await send(outbox, answer, name="SaldoverzoekAntwoord", inbox=inbox)).state is OutboxState.ACKNOWLEDGED


async def test_the_question_is_found_by_an_index(inbox: Inbox) -> None:
    statement = "EXPLAIN QUERY PLAN " + inbox.records.statements["questions"]
    plan = await inbox.records.run(lambda connection: connection.execute(statement, ("", "", "")).fetchall())
    assert "USING INDEX message_tracking" in " ".join(row[3] for row in plan)


async def test_a_file_that_is_rewritten_while_it_is_packed_does_not_slip_through(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is packed is what is judged: the first step that was read before the change counts as little as the rest."""
    content = sample_attachment() + os.urandom(STEP_OCTETS * 3)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(content)
    payload = inventory().replace(
        hashlib.sha256(sample_attachment()).hexdigest().encode(), hashlib.sha256(content).hexdigest().encode()
    )
    file = Attachment(content=scan, mime_type="application/pdf")
    assert (await send(outbox, payload, file, module="Schuldinventarisatie")).state is OutboxState.ACKNOWLEDGED

    feed = Deflater.feed

    def rewriting(self: Deflater, octets: bytes) -> bytes:
        with scan.open("r+b") as opened:
            opened.seek(-10, os.SEEK_END)
            opened.write(b"other data")
        return feed(self, octets)

    monkeypatch.setattr(Deflater, "feed", rewriting)
    with pytest.raises(Unsendable) as refused:
        await send(outbox, payload, file, module="Schuldinventarisatie")
    assert {each.code for each in refused.value.violations} == {"BIJLAGE-ONTBREEKT", "BIJLAGE-ONGENOEMD"}
    assert len(await outbox.messages()) == 1


async def test_a_broken_document_is_refused_before_anything_is_packed(outbox: Outbox, tmp_path: Path) -> None:
    nobody_writes = tmp_path / "pipe"
    os.mkfifo(nobody_writes)
    found = await violations(
        outbox, question().replace(b"1980-02-29", b"1980-02-30"),
        Attachment(content=nobody_writes, mime_type="application/pdf"),
    )  # fmt: skip
    assert found == ["XSD-CVC-DATATYPE-VALID-1-2-1"]
