"""Rows R01 to R07, R18 and R19: receipts, as the hub gives and takes them; those of a participant stand beside.

Decisions that a row left open: every receipt that the hub does not take is EBMS:0302 with one sentence, whatever is
wrong with it (R09 to R14 on leg 2). The P-Mode cannot switch non-repudiation off, so an unsigned message gets no
receipt of the other kind (R07). A store that takes nothing now is 503, never an ebMS failure (R18).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Before, Refused, assert_nothing_kept, assert_refused
from support.hubs.downloads import download, push_large
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates
from support.hubs.rows import Row, assert_receipted, refuse_one, sent_of
from support.hubs.rows import ids as ids_of
from support.keys.pki import identity
from support.messages.wire import Part, Wire, new_id, post, pull_request, saldoverzoek, signal_wire
from support.messages.wire import Reply as HubReply
from support.published.published_schemas import published

from crypto.key_references import KeyReference
from crypto.names import DS
from crypto.verify import signer_candidates
from gateway.ebms import names
from gateway.ebms.envelope import locate
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorSignal, Messaging, PartReference
from gateway.limits import ENVELOPE_LIMITS
from gateway.store.interface import StoreUnavailable
from gateway.store.model import EvidenceKind, MessageFilter, MessageRecord, State
from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration
from xsd.checking.header_schema import header_violations
from xsd.document import parse_document

INVALID = Refused("EBMS:0302", about=None)
LEASE = timedelta(minutes=15)


async def states(hub: TestedHub) -> list[State]:
    """Of every message that a participant sent, in the order of acceptance."""
    found = await hub.store.messages(MessageFilter())
    return [each.state for each in reversed(found)]


async def one_pulled(hub: TestedHub) -> HubReply:
    """A message that was pushed and is under its first lease."""
    assert (await post(hub, saldoverzoek(at=hub.clock.now()).wire())).receipt is not None
    pulled = await post(hub, pull_request(at=hub.clock.now()))
    assert pulled.user_message is not None, pulled.codes
    return pulled


def about(wire: Wire, pulled: HubReply) -> Wire:
    """The same, its MessageId known for the reject contract."""
    assert pulled.user_message is not None
    return replace(wire, message_id=pulled.user_message.message_id)


async def not_taken(hub: TestedHub, wire: Wire) -> None:
    """A receipt that is refused with the one sentence, and changes nothing."""
    before, standing = Before.of(hub), await states(hub)
    reply = await post(hub, wire)
    assert_refused(hub, wire, reply, INVALID, before)
    assert reply.error is not None
    assert [each.description for each in reply.error.errors] == ["The receipt is not accepted."]
    assert await states(hub) == standing


# ---- what the hub gives


async def r01(hub: TestedHub) -> None:
    sent = sent_of(saldoverzoek())
    assert_receipted(sent, await post(hub, sent.wire))


async def r02(hub: TestedHub) -> None:
    draft = saldoverzoek()
    draft = draft.with_parts(*draft.parts, Part(octets=b"%PDF-1.7", mime_type="application/pdf"))
    wire = draft.wire()
    answer = await post(hub, wire)
    assert answer.receipt is not None, answer.codes
    root = etree.fromstring(answer.body)
    information = root.find(f".//{{{names.EBBP}}}NonRepudiationInformation")
    assert information is not None
    assert [child.tag for child in information] == [f"{{{names.EBBP}}}MessagePartNRInformation"] * 4
    inner = [list(each) for each in information]
    assert all([child.tag for child in each] == [f"{{{DS}}}Reference"] for each in inner)
    signed_info = etree.fromstring(wire.envelope).findall(f".//{{{DS}}}SignedInfo/{{{DS}}}Reference")
    assert [spelled(child) for (child,) in inner] == [spelled(each) for each in signed_info]
    assert [each.uri for each in answer.receipt.references[2:]] == [f"cid:{each.content_id}" for each in draft.parts]


def spelled(reference: etree._Element) -> list[tuple[object, ...]]:
    """Everything that a ds:Reference says, in its order."""
    return [(each.tag, sorted(each.attrib.items()), (each.text or "").strip()) for each in reference.iter()]


async def r03(hub: TestedHub) -> None:
    answer = await post(hub, saldoverzoek().wire())
    messaging = locate(parse_document(answer.body, limits=ENVELOPE_LIMITS)).messaging
    assert header_violations(messaging) == ()
    published().assertValid(messaging)


async def r04(hub: TestedHub) -> None:
    answer = await post(hub, saldoverzoek().wire())
    root = etree.fromstring(answer.body)
    uris = [each.get("URI") or "" for each in root.iterfind(f".//{{{DS}}}SignedInfo/{{{DS}}}Reference")]
    ids = {value for each in root.iter("*") for key, value in each.attrib.items() if etree.QName(key).localname == "Id"}
    signed_elements = {f"#{each}" for each in ids} & set(uris)
    assert len(uris) == 2
    assert signed_elements == set(uris)
    assert answer.verified is not None
    assert answer.verified.part_digests == {}


def r05(form: KeyReference) -> Callable[[TestedHub], Awaitable[None]]:
    async def act(hub: TestedHub) -> None:
        answer = await post(hub, saldoverzoek().wire())
        assert answer.receipt is not None
        assert answer.positions is not None
        assert answer.positions.security is not None
        named = signer_candidates(answer.positions.security)
        assert named.form is form
        tokens = list(answer.positions.security.iter("{*}BinarySecurityToken"))
        assert len(tokens) == (form is KeyReference.TOKEN)

    return act


async def r07(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    root = etree.fromstring(wire.envelope)
    (signature,) = root.iter(f"{{{DS}}}Signature")
    parent = signature.getparent()
    assert parent is not None
    parent.remove(signature)
    bare = replace(wire, body=wire.body.replace(wire.envelope, etree.tostring(root)), envelope=etree.tostring(root))
    await refuse_one(hub, sent_of(bare), Refused("EBMS:0103"))
    override = {"overrides": {"PMode[1].Security.SendReceipt.NonRepudiation": False}}
    with pytest.raises(ConfigurationFault, match="NonRepudiation"):
        read_configuration(
            configuration_texts({"counsellor": override}), catalogue=catalogue(), load=load_test_certificates
        )


async def r18(hub: TestedHub) -> None:
    store = hub.store
    opened = store.open_spool

    async def full(*_: object, **__: object) -> object:
        raise StoreUnavailable("no room")

    store.open_spool = full  # type: ignore[method-assign,assignment]
    before = Before.of(hub)
    wire = saldoverzoek().wire()
    answer = await post(hub, wire)
    assert (answer.status, answer.body) == (503, b"")
    assert 48 <= int(answer.headers["Retry-After"]) <= 72, "a minute, spread by a fifth"
    assert_nothing_kept(hub, before)
    store.open_spool = opened  # type: ignore[method-assign]
    assert (await post(hub, wire)).receipt is not None


HUB_ROWS = (
    Row("R01", "a valid message gets a signed receipt in the response that refers to it", r01),
    Row("R02", "the receipt repeats every Reference that was signed, spelled alike, and nothing else", r02),
    Row("R03", "a receipt is valid by the published schemas", r03),
    Row("R04", "the receipt's own signature covers its Messaging and Body and no part", r04),
    Row("R05", "a receipt names its certificate as the P-Mode says", r05(KeyReference.TOKEN)),
    Row("R07", "there are no receipts without non-repudiation: the unsigned message is refused", r07),
    Row("R18", "what cannot be stored now gets no receipt and no failure", r18),
)
FORMS = tuple(
    Row(f"R05 {form.value}", "and in every other form", r05(form), extra={"counsellor": {"key_reference": form.value}})
    for form in KeyReference
)


# ---- what the hub takes, for what was pulled (RC)


async def rc_01(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    good = Messaging(receipt=pulled.receipt_of())
    envelope = etree.fromstring(pulled.receipt_wire("creditor").body)
    for security in list(envelope.iter("{*}Security")):
        security.getparent().remove(security)  # type: ignore[union-attr]
    unsigned_octets = etree.tostring(envelope)
    wires = {
        "wrong party": pulled.receipt_wire("counsellor"),
        "stranger": pulled.receipt_wire("stranger"),
        "expired": signal_wire(good, identity("creditor", "expired").signing_key),
        "not registered": signal_wire(good, identity("creditor", "next").signing_key),
        "unsigned": replace(pulled.receipt_wire("creditor"), body=unsigned_octets, envelope=unsigned_octets),
        "altered": signal_wire(
            good,
            identity("creditor").signing_key,
            alter=lambda root: setattr(next(root.iter(f"{{{names.EB}}}Timestamp")), "text", "2026-03-04T10:00:01Z"),
        ),
    }
    for wire in wires.values():
        await not_taken(hub, about(wire, pulled))
    assert (await post(hub, pulled.receipt_wire("creditor"))).status == 204


async def rc_02(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    right = pulled.receipt_of()

    def bent(references: tuple[PartReference, ...]) -> Wire:
        return signal_wire(Messaging(receipt=replace(right, references=references)), identity("creditor").signing_key)

    first, *rest = right.references
    for references in (
        (replace(first, digest_value=bytes(32)), *rest),
        right.references[:-1],
        (*right.references, replace(first, uri="cid:more@tests.example")),
        (*right.references, first),
        (replace(first, digest_method="http://www.w3.org/2001/04/xmlenc#sha512"), *rest),
        (replace(first, uri=rest[0].uri), replace(rest[0], uri=first.uri), *rest[1:]),
    ):
        await not_taken(hub, about(bent(references), pulled))
    await post(hub, saldoverzoek().wire())
    another = (await post(hub, pull_request())).receipt_of()
    await not_taken(hub, about(bent(another.references), pulled))
    aware = replace(right, references=(), user_message=pulled.user_message)
    await not_taken(hub, about(signal_wire(Messaging(receipt=aware), identity("creditor").signing_key), pulled))
    for bend in (
        lambda root: setattr(next(root.iter(f"{{{DS}}}DigestValue")), "text", "AAA"),
        lambda root: setattr(next(root.iter(f"{{{names.EB}}}Receipt")), "text", "x"),
        lambda root: next(root.iter(f"{{{names.EBBP}}}NonRepudiationInformation")).clear(),
        lambda root: next(root.iter(f"{{{names.EB}}}Receipt")).clear(),
    ):
        malformed = signal_wire(Messaging(receipt=right), identity("creditor").signing_key, alter=bend)
        await not_taken(hub, about(malformed, pulled))
    respelt = (replace(each, uri=each.uri.replace("@", "%40")) for each in reversed(right.references))
    assert (await post(hub, bent(tuple(respelt)))).status == 204


async def rc_03(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    waiting = saldoverzoek()
    await post(hub, waiting.wire())
    records = await hub.store.messages(MessageFilter())
    never_offered = next(each.metadata.message_id for each in records if each.state is State.STORED)
    for reference_to in ("nobody@tests.example", never_offered, waiting.user_message.message_id):
        unknown = replace(pulled.receipt_of(), ref_to_message_id=reference_to)
        await not_taken(hub, signal_wire(Messaging(receipt=unknown), identity("creditor").signing_key))


async def rc_04(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    wire = pulled.receipt_wire("creditor")
    answers = await asyncio.gather(*(post(hub, wire) for _ in range(10)))
    assert {(each.status, each.body) for each in (*answers, await post(hub, wire))} == {(204, b"")}
    assert await states(hub) == [State.RECEIPTED]
    (record,) = await hub.store.messages(MessageFilter())
    kinds = [kind for kind, _, _ in await hub.store.evidence(record.metadata.message_id)]
    assert kinds == [EvidenceKind.GIVEN, EvidenceKind.TAKEN]
    assert [each["outcome"] for each in hub.log.of("receipt_taken")] == ["closed", *["repeated"] * 10]


async def rc_05(hub: TestedHub) -> None:
    for second_lease in (False, True):
        pulled = await one_pulled(hub)
        hub.clock.move(LEASE)
        if second_lease:
            again = await post(hub, pull_request(at=hub.clock.now()))
            assert again.body == pulled.body
        assert (await post(hub, pulled.receipt_wire("creditor", at=hub.clock.now()))).status == 204
    assert await states(hub) == [State.RECEIPTED] * 2


async def rc_05_late(hub: TestedHub) -> None:
    for purged in (False, True):
        await post(hub, saldoverzoek(at=hub.clock.now()).wire())
        pulled = await post(hub, pull_request(at=hub.clock.now()))
        assert pulled.user_message is not None
        message_id = pulled.user_message.message_id
        hub.clock.move((await record_of(hub, message_id)).metadata.expires_at - hub.clock.now() + timedelta(hours=1))
        assert await hub.store.expire(message_id, notice=None, notice_parts=None)
        if purged:
            await hub.store.purge()
        for _ in range(2):
            assert (await post(hub, pulled.receipt_wire("creditor", at=hub.clock.now()))).status == 204
        assert (await record_of(hub, message_id)).state is (State.REMOVED if purged else State.EXPIRED)
        kinds = [kind for kind, _, _ in await hub.store.evidence(message_id)]
        assert kinds == [EvidenceKind.GIVEN, EvidenceKind.LATE]
        assert (await post(hub, pull_request(at=hub.clock.now()))).codes == ("EBMS:0006",)


async def record_of(hub: TestedHub, message_id: str) -> MessageRecord:
    """The row of a message by its id on leg 2."""
    found = await hub.store.messages(MessageFilter())
    (record,) = [each for each in found if each.metadata.message_id == message_id]
    return record


async def rc_06(hub: TestedHub) -> None:
    draft = await push_large(hub)
    async with download(hub) as way:
        assert (await post(hub, way.receipt_wire())).status == 204
        assert await states(hub) == [State.RECEIPTED]
        await hub.running.keeper.keep()
        pulled = await way.rest()
    assert draft.parts[1].octets in pulled.plain("creditor").values()
    assert await states(hub) == [State.REMOVED]


async def rc_07(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    await post(hub, saldoverzoek().wire())
    right = pulled.receipt_of()
    for bad in (
        replace(right, references=right.references[:-1]),
        replace(right, ref_to_message_id="nobody@tests.example"),
    ):
        before = Before.of(hub)
        wire = pull_request(receipt=bad)
        answer = await post(hub, wire)
        refused = Refused("EBMS:0302", beside="EBMS:0004")
        assert_refused(hub, replace(wire, message_id=bad.message_id), answer, refused, before)
        assert await states(hub) == [State.OFFERED, State.STORED]
    answer = await post(hub, pull_request(receipt=right))
    assert answer.user_message is not None
    assert await states(hub) == [State.RECEIPTED, State.OFFERED]


async def rc_08(hub: TestedHub) -> None:
    pulled = await one_pulled(hub)
    assert pulled.user_message is not None
    about_it = pulled.user_message.message_id
    for minutes in (1, 5, 30, 120, 120):
        error = ErrorSignal(
            message_id=new_id(),
            timestamp=hub.clock.now(),
            ref_to_message_id=about_it,
            errors=ERRORS["EBMS:0101"]().about(about_it).entries(),
        )
        answer = await post(hub, signal_wire(Messaging(error=error), identity("creditor").signing_key))
        assert (answer.status, answer.body) == (204, b"")
        assert (await record_of(hub, about_it)).last_error == "EBMS:0101"
        hub.clock.move(timedelta(minutes=minutes, seconds=-1))
        assert (await post(hub, pull_request(at=hub.clock.now()))).codes == ("EBMS:0006",)
        hub.clock.move(timedelta(seconds=1))
        assert (await post(hub, pull_request(at=hub.clock.now()))).body == pulled.body
    both = Messaging(receipt=pulled.receipt_of(at=hub.clock.now()), error=error)
    assert (await post(hub, signal_wire(both, identity("creditor").signing_key))).status == 204
    assert (await record_of(hub, about_it)).state is State.RECEIPTED


RECEIPT_CASES = (
    Row("RC-01", "a receipt by anybody but the owner's registered certificate is EBMS:0302 and changes nothing", rc_01),
    Row("RC-02", "a receipt repeats every digest of leg 2 and nothing else, in any order", rc_02),
    Row("RC-03", "whether a message exists does not show in the answer to a receipt for it", rc_03),
    Row("RC-04", "a receipt again, ten at once, is taken and closes once", rc_04),
    Row("RC-05", "a receipt after its lease, and during another, closes the message", rc_05),
    Row("RC-05 late", "a receipt after the term is kept once, and the state stays", rc_05_late),
    Row("RC-06", "a receipt before the last octet was sent closes the message, and the octets still come", rc_06),
    Row("RC-07", "a bad receipt beside a good PullRequest is answered, and nothing is leased", rc_07),
    Row("RC-08", "errors of the puller make pauses of 1, 5, 30 and 120 minutes, and a receipt beside one wins", rc_08),
)

ROWS = ids_of(HUB_ROWS)


@pytest.mark.parametrize(
    "row",
    [pytest.param(each, id=each.id) for each in (*HUB_ROWS, *FORMS, *RECEIPT_CASES)],
)
async def test_receipts(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
