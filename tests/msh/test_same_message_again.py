"""The same message again: what it says decides, not how it is wrapped, and the state at its acceptance earns it the
receipt and nothing else (decision 0017; SR-01 to SR-04, SR-06).

The retries are made by a script that signs anew as other products do, with no code of this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.clocks import StandingClock
from support.hubs.contract import kept
from support.hubs.hub import (
    ROLES,
    catalogue,
    configuration_texts,
    load_test_certificates,
    modules_for,
    running_hub,
)
from support.hubs.repeating import CHANGES, answer, assert_receipted, certificates, configured, counsellor, messages
from support.keys.pki import NOW, PARTIES, identity
from support.messages.security import OLDER, sign_anew, with_attachments
from support.messages.signing_anew import EB, Style, holodeck, phase4, signed_anew
from support.messages.wire import Draft, Wire, party, post, pull_request, saldoverzoek

from crypto.certificates import thumbprint_sha256
from crypto.elements import Element
from crypto.names import WSU_ID
from gateway.ebms.model import AgreementRef, PartyId, Property
from gateway.limits import Limits
from gateway.msh.later import RetryAfter
from gateway.store.model import MessageFilter
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

LATER = timedelta(hours=6)
STYLES: dict[str, Callable[[], Style]] = {
    "phase4": phase4,
    "holodeck": holodeck,
    "phase4-issuer-serial": lambda: phase4(key_reference="issuer-serial"),
    "holodeck-ski": lambda: holodeck(key_reference="ski"),
    "holodeck-token": lambda: holodeck(key_reference="token"),
}


@pytest.mark.parametrize("style", STYLES)
async def test_a_retry_signed_anew_gets_a_receipt_over_its_own_references_SR_01(tmp_path: Path, style: str) -> None:
    """New ids, Content-IDs, boundary, content key, prefixes, layout, Timestamps and key reference, hours later."""
    draft = with_attachments()
    async with running_hub(tmp_path) as hub:
        first = await post(hub, draft.wire())
        assert first.receipt is not None
        hub.clock.move(LATER)
        wire = signed_anew(draft, STYLES[style](), identity("counsellor"), at=hub.clock.now())
        again = await post(hub, wire)
        assert_receipted(again, wire)
        assert again.body != first.body
        assert (await post(hub, wire)).body == again.body, "the same octets get the same receipt"
        assert await messages(hub) == 1
        pulled = await post(hub, pull_request(at=hub.clock.now()))
        assert pulled.user_message is not None
        assert (await post(hub, pull_request(at=hub.clock.now()))).codes == ("EBMS:0006",)


@pytest.mark.parametrize("style", ["phase4", "holodeck"])
async def test_a_foreign_product_may_send_first_and_retry_in_its_own_way_SR_01(tmp_path: Path, style: str) -> None:
    draft = with_attachments()
    async with running_hub(tmp_path) as hub:
        for minutes in (0, 1, 60):
            hub.clock.move(timedelta(minutes=minutes))
            wire = signed_anew(draft, STYLES[style](), identity("counsellor"), at=hub.clock.now())
            assert_receipted(await post(hub, wire), wire)
        assert await messages(hub) == 1


async def test_two_signings_at_once_are_one_message_and_each_has_its_receipt_SR_01(tmp_path: Path) -> None:
    draft = saldoverzoek()
    async with running_hub(tmp_path) as hub:
        wires = [signed_anew(draft, phase4(), identity("counsellor"), at=NOW) for _ in range(2)]
        for reply, wire in zip(await asyncio.gather(*(post(hub, each) for each in wires)), wires, strict=True):
            assert_receipted(reply, wire)
        assert await messages(hub) == 1


async def test_a_receipt_given_anew_is_kept_before_it_leaves_and_told_over_a_restart_SR_01(tmp_path: Path) -> None:
    draft = saldoverzoek()
    wire = signed_anew(draft, holodeck(), identity("counsellor"), at=NOW)
    async with running_hub(tmp_path) as hub:
        await post(hub, draft.wire())
        again = await post(hub, wire)
        (record,) = await hub.store.messages(MessageFilter())
        evidence = await hub.store.evidence(record.metadata.message_id)
        assert [(kind, octets) for kind, _, octets in evidence][1:] == [("receipt-given-again", again.body)]
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, wire)).body == again.body


@pytest.mark.parametrize("change", CHANGES)
async def test_nothing_that_became_of_certificate_or_pmode_refuses_what_was_accepted_SR_02(
    tmp_path: Path, change: str
) -> None:
    """The same octets get the stored receipt, the same message signed anew one over its references; also after a
    restart."""
    made, variant = CHANGES[change]
    draft = saldoverzoek()
    wire = draft.wire()
    async with running_hub(tmp_path) as hub:
        first = await post(hub, wire)
    async with running_hub(tmp_path) as hub:
        hub.clock.move(LATER)
        assert (await answer(hub, wire, under=made())).body == first.body
        again = signed_anew(draft, holodeck(), counsellor(variant), at=hub.clock.now())
        assert_receipted(await answer(hub, again, under=made()), again)
        assert await messages(hub) == 1


async def test_a_tls_certificate_that_the_pmode_lists_afterwards_refuses_nothing_that_was_accepted_SR_02(
    tmp_path: Path,
) -> None:
    draft = saldoverzoek()
    wire = draft.wire()
    bound = configured(tls_thumbprints=["ab" * 32])
    async with running_hub(tmp_path) as hub:
        first = await post(hub, wire)
        assert_receipted(first, wire)
        assert (await answer(hub, wire, under=bound)).body == first.body
        again = signed_anew(draft, holodeck(), identity("counsellor"), at=hub.clock.now())
        assert (await answer(hub, again, under=bound)).codes == ("EBMS:0101",)
        assert await messages(hub) == 1


async def test_the_connection_that_another_organisation_is_bound_to_refuses_nothing_SR_02(tmp_path: Path) -> None:
    """The administrator sends for the counsellor, whose own file names a TLS certificate afterwards."""
    draft = saldoverzoek().saying(agreement_ref=AgreementRef(value="urn:x:one"))
    wire = signed_anew(draft, phase4(), identity("administrator"), at=NOW)
    async with running_hub(tmp_path) as hub:
        first = await answer(hub, wire, under=acting_for_the_counsellor("urn:x:one"))
        assert first.receipt is not None
        bound = acting_for_the_counsellor("urn:x:two", tls_thumbprints=["ab" * 32])
        assert (await answer(hub, wire, under=bound)).body == first.body


def acting_for_the_counsellor(agreement: str, **counsellor: object) -> Configuration:
    """The administrator sends as the counsellor does, under that agreement."""
    acting = {
        "roles": ROLES["counsellor"],
        "modules": modules_for(ROLES["counsellor"]),
        "acts_for": [PARTIES["counsellor"][0]],
        "agreement": {"value": agreement},
    }
    texts = configuration_texts({"administrator": acting, "counsellor": counsellor})
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)


@pytest.mark.parametrize("change", [each for each in CHANGES if each != "mailbox-full"])
async def test_a_message_that_was_not_accepted_is_judged_as_if_nobody_had_known_the_certificate_SR_02(
    tmp_path: Path, change: str
) -> None:
    made, variant = CHANGES[change]
    async with running_hub(tmp_path) as known, running_hub(tmp_path / "other") as unknown:
        await post(known, saldoverzoek().wire())
        wire = signed_anew(saldoverzoek(), holodeck(), counsellor(variant), at=NOW)
        replies = [await answer(each, wire, under=made()) for each in (known, unknown)]
        assert [each.codes for each in replies] in ([("EBMS:0101",)] * 2, [("EBMS:0010",)] * 2, [()] * 2)
        assert [each.receipt is None for each in replies] == [change != "rolled-over"] * 2
        errors = [[(each.code, each.description) for each in reply.error.errors] for reply in replies if reply.error]
        assert errors == [] or errors[0] == errors[1]


async def test_an_ended_certificate_and_a_passed_expires_refuse_nothing_that_was_accepted_SR_02(tmp_path: Path) -> None:
    """The certificate ends and wsu:Expires passes between acceptance and retry."""
    begin = NOW - timedelta(days=2)
    clock = StandingClock()
    clock.move(begin - clock.now())
    draft = saldoverzoek(at=begin)
    ended = identity("counsellor", "expired")
    wire = signed_anew(draft, holodeck(), ended, at=begin)
    async with running_hub(tmp_path, clock=clock, configuration=configured(**certificates("expired"))) as hub:
        first = await post(hub, wire)
        assert_receipted(first, wire)
        hub.clock.move(timedelta(days=2))
        assert (await post(hub, wire)).body == first.body
        for anew in (signed_anew(draft, holodeck(), ended, at=at) for at in (begin, hub.clock.now())):
            assert_receipted(await post(hub, anew), anew)
        assert await messages(hub) == 1


async def test_a_compromised_key_gets_what_it_had_and_signs_nothing_anew_SR_02(tmp_path: Path) -> None:
    draft = saldoverzoek()
    wire = draft.wire()
    thumbprint = thumbprint_sha256(identity("counsellor").signing.certificate).hex()
    withdrawn = configured(compromised=[thumbprint], **certificates("next"))
    async with running_hub(tmp_path) as hub:
        first = await post(hub, wire)
        assert (await answer(hub, wire, under=withdrawn)).body == first.body
        anew = signed_anew(draft, phase4(), identity("counsellor"), at=NOW)
        assert (await answer(hub, anew, under=withdrawn)).codes == ("EBMS:0101",)
        honest = signed_anew(draft, phase4(), identity("counsellor", "next"), at=NOW)
        assert_receipted(await answer(hub, honest, under=withdrawn), honest)


@pytest.mark.parametrize("change", ["none", "left-the-file", "party-without-a-file"])
async def test_a_receipt_beside_a_repetition_is_judged_by_today_SR_03(tmp_path: Path, change: str) -> None:
    """Under an old certificate it is refused, by an error of its own beside the receipt that the message earned; and
    so it is when those octets come once more."""
    today = change == "none"
    draft = saldoverzoek()
    said = draft.user_message
    conversation = {"conversation": said.conversation_id, "reference": said.property("trackingIdentifier") or ""}
    async with running_hub(tmp_path) as hub:
        await post(hub, draft.wire())
        reply = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=conversation)
        assert (await post(hub, reply.wire())).receipt is not None, hub.log.lines
        pulled = await post(hub, pull_request("counsellor"))
        root = etree.fromstring(pulled.receipt_wire("counsellor").body)
        signal = next(root.iter(f"{{{EB}}}SignalMessage"))
        under = configured() if today else CHANGES[change][0]()
        beside = etree.tostring(signal, encoding="unicode")
        wire = signed_anew(draft, phase4(), identity("counsellor"), at=NOW, beside=beside)
        for _ in range(2):
            again = await answer(hub, wire, under=under)
            assert_receipted(again, wire)
            assert bool(hub.log.of("receipt_taken")) is today
        assert again.codes == (() if today else ("EBMS:0302",))


FIELDS: dict[str, Callable[[Draft], Draft]] = {
    "from-role": lambda d: d.saying(from_party=replace(d.user_message.from_party, role="urn:another")),
    "service": lambda d: d.saying(service=replace(d.user_message.service, value="urn:knooppunt:Schuldregeling:1.1")),
    "service-type": lambda d: d.saying(service=replace(d.user_message.service, type="urn:another")),
    "action": lambda d: d.saying(action="Kwijtingsbrief"),
    "conversation": lambda d: d.saying(conversation_id="another"),
    "mpc": lambda d: d.saying(mpc="urn:another"),
    "reference": lambda d: d.saying(ref_to_message_id="another@tests.example"),
    "agreement": lambda d: d.saying(agreement_ref=AgreementRef(value="urn:another")),
    "to-party": lambda d: d.saying(to_party=replace(party("creditor"), role=d.user_message.to_party.role)),
    "to-party-type": lambda d: _to(d, lambda ids: (replace(ids[0], type="urn:another"), *ids[1:])),
    "to-party-more": lambda d: _to(d, lambda ids: (*ids, PartyId(value="urn:another"))),
    "agreement-type": lambda d: d.saying(agreement_ref=AgreementRef(value="urn:one", type="urn:another")),
    "agreement-pmode": lambda d: d.saying(agreement_ref=AgreementRef(value="urn:one", pmode="another")),
    "to-role": lambda d: d.saying(to_party=replace(d.user_message.to_party, role="urn:another")),
    "property-value": lambda d: d.with_property("trackingIdentifier", "another"),
    "property-name": lambda d: _properties(d, lambda each: replace(each, name=each.name + "x")),
    "property-type": lambda d: _properties(d, lambda each: replace(each, type="string")),
    "property-blank": lambda d: _properties(d, lambda each: replace(each, value=each.value + " ")),
    "property-more": lambda d: d.with_property("more", "1"),
    "part-property": lambda d: d.saying(parts=(_more(d.user_message.parts[0]), *d.user_message.parts[1:])),
    "part-property-value": lambda d: _part_property(d, lambda each: replace(each, value=each.value + "x")),
    "part-property-type": lambda d: _part_property(d, lambda each: replace(each, type="string")),
    "part-property-less": lambda d: _of_first_part(d, lambda each: each[:-1]),
    "part-order": lambda d: d.with_parts(*reversed(d.parts)),
    "part-octets": lambda d: d.with_parts(d.parts[0], replace(d.parts[1], octets=d.parts[1].octets + b"\n")),
    "part-less": lambda d: d.with_parts(d.parts[0]),
}


def _to(draft: Draft, change: Callable[[tuple[PartyId, ...]], tuple[PartyId, ...]]) -> Draft:
    receiver = draft.user_message.to_party
    return draft.saying(to_party=replace(receiver, party_ids=change(receiver.party_ids)))


def _properties(draft: Draft, change: Callable[[Property], Property]) -> Draft:
    first, *rest = draft.user_message.properties
    return draft.saying(properties=(change(first), *rest))


def _of_first_part(draft: Draft, change: Callable[[tuple[Property, ...]], tuple[Property, ...]]) -> Draft:
    first, *rest = draft.user_message.parts
    return draft.saying(parts=(replace(first, properties=change(first.properties)), *rest))


def _part_property(draft: Draft, change: Callable[[Property], Property]) -> Draft:
    return _of_first_part(draft, lambda each: (change(each[0]), *each[1:]))


def _more(part: object) -> object:
    return replace(part, properties=(*part.properties, Property(name="more", value="1")))  # type: ignore[attr-defined, type-var]


@pytest.mark.parametrize("field", FIELDS)
async def test_each_thing_that_a_message_says_makes_it_another_SR_04(tmp_path: Path, field: str) -> None:
    """One thing changed alone, whatever the P-Mode of today thinks of it: EBMS:0003, and the first stays."""
    draft = with_attachments()
    async with running_hub(tmp_path) as hub:
        await post(hub, draft.wire())
        before = kept(hub)
        other = signed_anew(FIELDS[field](draft), phase4(), identity("counsellor"), at=NOW)
        reply = await post(hub, other)
        assert reply.codes == ("EBMS:0003",)
        assert reply.error is not None
        assert "stays accepted" in (reply.error.errors[0].description or "")
        assert "gzip" in (reply.error.errors[0].description or "")
        assert kept(hub) == before
        assert (await post(hub, pull_request())).user_message is not None


def _other_ids(root: Element) -> None:
    for each in root.iter():
        if each.get(WSU_ID) is not None:
            each.set(WSU_ID, f"another-{each.get(WSU_ID)}")
        if each.get("URI", "").startswith("#"):
            each.set("URI", f"#another-{each.get('URI', '')[1:]}")
    sign_anew(root, identity("counsellor").signing_key)


CLOSED: dict[str, Callable[[Draft], Wire]] = {
    "nothing": lambda d: d.wire(),
    "timestamp": lambda d: d.saying(timestamp=NOW - timedelta(minutes=1)).wire(),
    "ids": lambda d: d.wire(alter=_other_ids),
    "hrefs": lambda d: d.with_parts(*(replace(each, content_id=f"x-{each.content_id}") for each in d.parts)).wire(),
}


@pytest.mark.parametrize("change", CLOSED)
async def test_what_stands_on_the_closed_list_makes_no_other_message_SR_04(tmp_path: Path, change: str) -> None:
    """One thing of it changed alone, signed again by who signed the first: a receipt over the references it carries."""
    draft = with_attachments()
    async with running_hub(tmp_path) as hub:
        first = await post(hub, draft.wire())
        wire = CLOSED[change](draft)
        again = await post(hub, wire)
        assert_receipted(again, wire)
        assert again.body != first.body
        assert await messages(hub) == 1


async def test_separators_in_values_do_not_make_two_messages_one_SR_04(tmp_path: Path) -> None:
    """What a careless join would confuse stays apart."""
    names = {"counsellor": {"properties": [{"name": each} for each in ("a", "b", "ab")]}}
    pairs = [({"a": "1\u20282", "b": "3"}, {"a": "1", "b": "2\u20283"}), ({"a": "bc"}, {"ab": "c"})]
    for number, (one, other) in enumerate(pairs):
        async with running_hub(tmp_path / str(number), extra=names) as hub:
            draft = saldoverzoek()
            own = draft.user_message.properties
            first, second = (
                draft.saying(properties=(*own, *(Property(name=k, value=v) for k, v in each.items())))
                for each in (one, other)
            )
            assert (await post(hub, first.wire())).receipt is not None, hub.log.lines
            assert (await post(hub, second.wire())).codes == ("EBMS:0003",)


async def test_of_a_thousand_signings_more_eight_get_a_receipt_and_the_others_429_SR_06(tmp_path: Path) -> None:
    """None is a failure, the evidence does not grow, and those that were kept beside the first still get theirs."""
    draft = saldoverzoek()
    async with running_hub(tmp_path) as hub:
        await post(hub, draft.wire())
        wires = [signed_anew(draft, phase4(), identity("counsellor"), at=NOW) for _ in range(1_000)]
        replies = [await answer(hub, each) for each in wires]
        assert [each.status for each in replies] == [200] * 8 + [429] * 992
        for reply, wire in zip(replies[:8], wires[:8], strict=True):
            assert_receipted(reply, wire)
        assert {each.body for each in replies[8:]} == {b""}
        assert all(int(each.headers["Retry-After"]) >= 1 for each in replies[8:])
        assert not hub.log.of("refused")
        assert (await answer(hub, wires[0])).body == replies[0].body
        assert (await post(hub, wires[-1])).status == 429
        (record,) = await hub.store.messages(MessageFilter())
        assert len(await hub.store.evidence(record.metadata.message_id)) == 9


async def test_who_signs_anew_too_often_waits_longer_and_longer_and_not_all_as_long_SR_06(tmp_path: Path) -> None:
    draft = saldoverzoek()
    async with running_hub(tmp_path, limits=replace(Limits(), receipts_again=0)) as hub:
        chance = iter((0.0, 1.0, 0.5))
        waits = RetryAfter(hub.clock, first_seconds=60, chance=lambda: next(chance))
        within = replace(hub.hub, retry_after=waits)
        await post(hub, draft.wire())
        asked = []
        for minutes in (0, 0, 20):
            hub.clock.move(timedelta(minutes=minutes))
            wire = signed_anew(draft, phase4(), identity("counsellor"), at=hub.clock.now())
            reply = await answer(hub, wire, within=within)
            asked.append((reply.status, reply.headers["Retry-After"]))
        assert asked == [(429, "48"), (429, "72"), (429, "1200")]
        assert [each["cause"] for each in hub.log.of("postponed")] == ["signed-anew"] * 3
        assert not hub.log.of("refused")


async def test_how_long_one_message_was_signed_anew_too_often_counts_for_no_other_SR_06(tmp_path: Path) -> None:
    async with running_hub(tmp_path, limits=replace(Limits(), receipts_again=0)) as hub:
        within = replace(hub.hub, retry_after=RetryAfter(hub.clock, first_seconds=60, chance=lambda: 0.5))
        asked = []
        for _ in range(2):
            draft = saldoverzoek(at=hub.clock.now())
            await post(hub, draft.wire())
            wire = signed_anew(draft, phase4(), identity("counsellor"), at=hub.clock.now())
            asked.append((await answer(hub, wire, within=within)).headers["Retry-After"])
            hub.clock.move(timedelta(minutes=20))
        assert asked == ["60", "60"]


@pytest.mark.parametrize(("first", "then"), [("sha256", "sha512"), ("sha512", "sha256"), ("sha512", "sha512")])
async def test_with_another_digest_method_the_parts_themselves_are_compared_SR_06(
    tmp_path: Path, first: str, then: str
) -> None:
    draft = with_attachments()
    under = configured(suites=True, suite=OLDER.name)
    who = identity("counsellor")
    async with running_hub(tmp_path, configuration=under) as hub:
        wire = signed_anew(draft, phase4(digest=first), who, at=NOW)
        assert_receipted(await post(hub, wire), wire)
        again = signed_anew(draft, holodeck(digest=then), who, at=NOW)
        assert_receipted(await post(hub, again), again)
        other = draft.with_parts(draft.parts[0], replace(draft.parts[1], octets=draft.parts[1].octets + b"\n"))
        assert (await post(hub, signed_anew(other, phase4(digest=then), who, at=NOW))).codes == ("EBMS:0003",)
        assert await messages(hub) == 1


async def test_a_refused_first_leaves_the_way_to_its_retry(tmp_path: Path) -> None:
    """A refused message leaves no row: its corrected retry is an ordinary message."""
    draft = saldoverzoek()
    bad = draft.with_parts(replace(draft.parts[0], octets=b"<not-of-the-schema/>"))
    async with running_hub(tmp_path) as hub:
        before = kept(hub)
        assert (await post(hub, bad.wire())).codes == ("EBMS:0004",)
        assert kept(hub) == before
        assert (await post(hub, draft.wire())).receipt is not None


async def test_after_ninety_days_a_certificate_that_left_is_nobodys_SR_02(tmp_path: Path) -> None:
    draft = saldoverzoek()
    async with running_hub(tmp_path) as hub:
        await post(hub, draft.wire())
        assert len(await hub.store.signers()) == 1
        hub.clock.move(timedelta(days=90))
        await hub.store.purge()
        await hub.hub.known_signers.renew(hub.store)
        assert await hub.store.signers() == ()
        assert hub.hub.known_signers.of(draft.user_message.from_party) == ()
