"""Rows X01 to X15: errors, as the hub writes them and as a participant takes them.

Decisions that a row left open: no answer has a SOAP Fault beside an eb:Error, there is no flag for it (X08); a
participant goes by the code of an error where it knows it and by the severity else (X12); an error that the hub did not
sign is noted and decides nothing (X15).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.client.client_rows import ONCE, ClientRow, acknowledged, not_acknowledged, pushed
from support.hubs.contract import assert_answer
from support.hubs.hub import TestedHub
from support.hubs.hub_script import (
    Answer,
    Reply,
    Request,
    error,
    error_to,
    html,
    receipt,
    receipt_to,
    signed,
    silence,
)
from support.hubs.raw import connected, whole
from support.hubs.refusals import CANARY, REFUSALS, Refusal
from support.hubs.rows import Row
from support.hubs.rows import ids as ids_of
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import Draft, Wire, new_id, ping, post, pull_request, saldoverzoek, signal_wire
from support.messages.wire import Reply as HubReply

from crypto.certificates import subject_key_identifier, thumbprint_sha1, thumbprint_sha256
from crypto.names import WSSE
from gateway.client.outbox import OutboxState
from gateway.client.retry import RetryPolicy
from gateway.ebms import names, texts
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.text import Text

LIBRARIES = re.compile(r"lxml|libxml|openssl|cryptography|aiohttp|python|sqlite|apsw|isal|zlib|xmlsec", re.IGNORECASE)


async def send(hub: TestedHub, refusal: Refusal) -> tuple[Wire, HubReply]:
    """Send one of the refusals, with what its headers say about the request line."""
    wire = refusal.make()
    headers = dict(refusal.headers)
    path, method = headers.pop(":path", "/as4"), headers.pop(":method", "POST")
    async with connected(hub) as peer:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        await peer.send(whole(wire, *lines, path=path, method=method))
        return wire, await peer.answer()


# ---- what the hub writes


async def x01(hub: TestedHub) -> None:
    """Of a party whose signature holds; who has proved nothing is told in the language of hub.yaml."""
    assert hub.configuration.hub.language == "en"
    for sender, language in (("counsellor", "nl"), ("creditor", "en")):
        assert hub.configuration.by_party[PARTIES[sender][0]].language == language
        too_old = ping(sender).saying(timestamp=NOW - timedelta(days=100))
        await assert_says(hub, too_old, "EBMS:0003", "Content", texts.NOT_FRESH, language)
        by_another = replace(ping(sender), signer=identity("administrator").signing_key)
        await assert_says(hub, by_another, "EBMS:0101", "Processing", ERRORS["EBMS:0101"].text, "en")


async def assert_says(hub: TestedHub, draft: Draft, code: str, category: str, sentence: Text, language: str) -> None:
    answer = await post(hub, draft.wire())
    message_id = draft.user_message.message_id
    (element,) = etree.fromstring(answer.body).iter(f"{{{names.EB}}}Error")
    assert dict(element.attrib) == {
        "category": category,
        "errorCode": code,
        "origin": "ebms",
        "refToMessageInError": message_id,
        "severity": "failure",
        "shortDescription": ERRORS[code].short_description,
    }
    (description,) = element.iterchildren(f"{{{names.EB}}}Description")
    assert description.get(f"{{{names.XML}}}lang") == language
    assert description.text == (sentence.nl if language == "nl" else sentence.en)
    assert answer.error is not None
    assert answer.error.ref_to_message_id == message_id


async def x02(hub: TestedHub) -> None:
    for name in ("torn XML", "a boundary that does not come", "no eb:Messaging"):
        _, answer = await send(hub, REFUSALS[name])
        assert answer.error is not None
        assert b"RefToMessageId" not in answer.body
        assert b"refToMessageInError" not in answer.body


async def x03(hub: TestedHub) -> None:
    """On the same connection, one answer a request, in the order of the requests."""
    wires = [saldoverzoek().with_property(names.FINAL_RECIPIENT, "nobody").wire() for _ in range(3)]
    async with connected(hub) as peer:
        for wire in wires:
            await peer.send(whole(wire))
        for wire in wires:
            answer = await peer.answer()
            assert answer.status == 200
            assert answer.error is not None
            assert answer.error.ref_to_message_id == wire.message_id


async def x05(hub: TestedHub) -> None:
    await post(hub, saldoverzoek().wire())
    pulled = await post(hub, pull_request())
    assert pulled.user_message is not None
    about = pulled.user_message.message_id
    key = identity("creditor").signing_key
    unmatched = [error_wire(ref, key) for ref in ("nobody@tests.example", None, new_id())]
    distrusted = [error_wire(about, identity(each).signing_key) for each in ("counsellor", "stranger", "hub")]
    bare = etree.fromstring(error_wire(about, key).body)
    for security in list(bare.iter("{*}Security")):
        security.getparent().remove(security)  # type: ignore[union-attr]
    distrusted.append(replace(error_wire(about, key), body=etree.tostring(bare)))
    for wire in (*unmatched, *distrusted):
        answer = await post(hub, wire)
        assert (answer.status, answer.body) == (204, b"")
    assert len(hub.log.of("error_unmatched")) == len(unmatched)
    assert len(hub.log.of("error_distrusted")) == len(distrusted)
    assert not hub.log.of("error_taken")
    assert (await post(hub, pulled.receipt_wire("creditor"))).status == 204
    assert (await post(hub, error_wire(about, key))).status == 204, "nor about what is closed"
    assert len(hub.log.of("error_unmatched")) == len(unmatched) + 1
    assert not hub.log.of("error_taken"), "it is not offered again"


def error_wire(about: str | None, key: object, code: str = "EBMS:0004") -> Wire:
    """A signed ebMS Error about that message, or about none."""
    signal = ErrorSignal(
        message_id=new_id(), timestamp=NOW, ref_to_message_id=about, errors=ERRORS[code]().about(about).entries()
    )
    return signal_wire(Messaging(error=signal), key)  # type: ignore[arg-type]


async def x08(hub: TestedHub) -> None:
    for name, refusal in REFUSALS.items():
        _, answer = await send(hub, refusal)
        if answer.error is None:
            continue
        root = etree.fromstring(answer.body)
        body = root.find(f"{{{names.SOAP12}}}Body")
        assert body is not None, name
        assert len(body) == 0, name
        assert not list(root.iter(f"{{{names.SOAP12}}}Fault")), name


async def x11(hub: TestedHub) -> None:
    secrets = names_of_this_place(hub)
    for name, refusal in REFUSALS.items():
        wire, answer = await send(hub, refusal)
        if refusal.expected.code != "EBMS:0004":  # its sentences are those of the schema, from another closed list
            assert_answer(wire, answer, refusal.expected)
        assert (answer.codes or (refusal.expected.code,))[0] == refusal.expected.code
        said = "\n".join([*what_is_said(answer), *(f"{key}: {value}" for key, value in answer.headers.items())])
        found = [each for each in secrets if each in said]
        assert not found, (name, found, said)
        assert not LIBRARIES.search(said), (name, said)
        assert CANARY not in answer.body.decode() + said, name
    assert {each.expected.code for each in REFUSALS.values()} >= ANSWERED


# Codes that the hub answers a message of these tests with; the others are notices, or need two messages.
ANSWERED = {
    "EBMS:0001", "EBMS:0003", "EBMS:0004", "EBMS:0007", "EBMS:0008", "EBMS:0009", "EBMS:0010", "EBMS:0011",
    "EBMS:0101", "EBMS:0102", "EBMS:0103", "EBMS:0302", "EBMS:0303",
}  # fmt: skip


def what_is_said(answer: HubReply) -> list[str]:
    """Every text and attribute of an answer outside its signature, which names the hub's own certificate."""
    if not answer.body:
        return []
    root = etree.fromstring(answer.body)
    for security in list(root.iter(f"{{{WSSE}}}Security")):
        security.getparent().remove(security)  # type: ignore[union-attr]
    return [each for element in root.iter("*") for each in (element.text or "", *element.attrib.values())]


def names_of_this_place(hub: TestedHub) -> list[str]:
    """What no answer may hold: paths, certificates, keys and names of parties, traces."""
    found = [str(hub.folder), str(Path(__file__).parents[2]), "Traceback", 'File "', ".py", "0x", "Exception"]
    for party, (party_id, common_name) in PARTIES.items():
        found += [party_id, common_name]
        for certificate in (identity(party).signing.certificate, identity(party).encryption.certificate):
            found += [thumbprint_sha1(certificate).hex(), thumbprint_sha256(certificate).hex()]
            found += [subject_key_identifier(certificate).hex(), str(certificate.serial_number)]
    return found


async def x14(hub: TestedHub) -> None:
    for name, refusal in REFUSALS.items():
        _, answer = await send(hub, refusal)
        if answer.error is not None:  # read_reply verified it with the hub's certificate
            assert answer.verified is not None, name
            root = etree.fromstring(answer.body)
            signed_uris = {each.uri for each in answer.verified.references}
            ids = {
                f"#{value}"
                for tag in (f"{{{names.EB}}}Messaging", f"{{{names.SOAP12}}}Body")
                for element in root.iter(tag)
                for key, value in element.attrib.items()
                if etree.QName(key).localname == "Id"
            }
            assert signed_uris == ids, name


# ---- what a participant makes of errors


def beside_a_receipt(code: str) -> Answer:
    return lambda request: signed(Messaging(receipt=receipt_to(request), error=error_to(request, code)))


async def x06(folder: Path) -> None:
    await acknowledged(beside_a_receipt("EBMS:0002"))(folder / "beside a receipt")
    await not_acknowledged(error("EBMS:0002"), "EBMS:0002")(folder / "alone")


async def x07(folder: Path) -> None:
    for status in (200, 400, 500):
        done = await pushed(
            folder / str(status), error("EBMS:0010", status=status), receipt(), retry=RetryPolicy(retries=3)
        )
        assert (done.result.state, done.codes, len(done.requests)) == (OutboxState.REFUSED, ["EBMS:0010"], 1)


def bare_fault(_request: Request) -> Reply:
    return Reply(
        status=500,
        body=f'<S:Envelope xmlns:S="{names.SOAP12}"><S:Body><S:Fault><S:Code><S:Value>S:Receiver</S:Value></S:Code>'
        f'<S:Reason><S:Text xml:lang="en">later</S:Text></S:Reason></S:Fault></S:Body></S:Envelope>'.encode(),
    )


async def x10(folder: Path) -> None:
    answers = (
        html(502),
        html(200),
        html(404),
        lambda _request: Reply(status=200),
        lambda _request: Reply(status=500),
        lambda _request: Reply(body=b"<torn", content_type=names.SOAP_XML),
        lambda _request: Reply(body=b"{}", content_type="application/json"),
        silence,
    )
    await acknowledged(*answers, receipt())(folder)


def unknown_code(severity: str) -> Answer:
    def answer(request: Request) -> Reply:
        entry = ErrorEntry(code="EBMS:9999", severity=severity)
        return signed(Messaging(error=replace(error_to(request), errors=(entry,))))

    return answer


async def x12(folder: Path) -> None:
    failed = await pushed(folder / "failure", unknown_code("failure"), receipt(), retry=RetryPolicy(retries=1))
    assert (failed.result.state, failed.codes) == (OutboxState.REFUSED, ["EBMS:9999"])
    await not_acknowledged(unknown_code("warning"), "EBMS:9999")(folder / "warning")


async def x13(folder: Path) -> None:
    done = await pushed(folder, error("EBMS:0004", "EBMS:0010"), retry=ONCE)
    assert (done.result.state, done.codes) == (OutboxState.REFUSED, ["EBMS:0004", "EBMS:0010"])


UNSIGNED = error("EBMS:0010", is_signed=False)
TABLE = (
    Row(
        "X01",
        "an error says code, severity, category, what it is about, and a sentence in the party's language",
        x01,
        extra={"counsellor": {"language": "nl"}, "creditor": {"language": "en"}},
    ),
    Row("X02", "an error about what has no readable id relates to nothing", x02),
    Row("X03", "an error comes in the response", x03),
    Row("X05", "an Error is never answered with an error", x05),
    Row("X08", "an error comes without a SOAP Fault", x08),
    Row("X11", "no answer tells anything of this machine, of others or of the message", x11),
    Row("X14", "every error is signed by the hub over all that it says", x14),
)
PARTICIPANTS = (
    ClientRow("X06", "a warning fails nothing", x06),
    ClientRow("X07", "a failure ends the retries", x07),
    ClientRow("X09", "a SOAP Fault without an eb:Error is a failure of transport", not_acknowledged(bare_fault, None)),
    ClientRow("X10", "what is no AS4 answer is followed by the same message again", x10),
    ClientRow("X12", "an unknown code goes by its severity", x12),
    ClientRow("X13", "every error of a signal is recorded", x13),
    ClientRow(
        "X15",
        "an unsigned error is noted and is not final",
        not_acknowledged(UNSIGNED, "EBMS:0103"),
    ),
)
ROWS = (*ids_of(TABLE), *(each.id for each in PARTICIPANTS))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *PARTICIPANTS)])
async def test_errors(row: Row | ClientRow, tmp_path: Path) -> None:
    await row.run(tmp_path)
