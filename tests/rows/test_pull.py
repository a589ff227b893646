"""Rows P01 to P40 and L01 to L07: pulling, mailboxes, selective pull.

Decisions that a row left open: there is no limit of attempts (P08), an ebMS Error closes nothing (P12), what waits
stays sealed to the certificate of the day it came (P36); the same PullRequest gets the same message within five minutes
and EBMS:0003 later (P23); a PullRequest beside a user message is EBMS:0008 and neither is done (P28); an unregistered
certificate, another party's mailbox and one that does not exist are one and the same EBMS:0010 (P17 to P20, PL-06);
selective pull is off: whatever selects is EBMS:0008 and nothing is leased (L01 to L07).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.bending import added, resign, resigned
from support.client_rows import ClientRow, office
from support.contract import Before, Refused, assert_refused, kept
from support.downloads import download, push_large
from support.hub import TestedHub, running_hub
from support.hub_script import Answer, HubScript, error, leg_two, nothing, plain, receipt, signed
from support.mailboxes import filled_store, work_of
from support.participants import Waits
from support.pki import NOW, PARTIES, Variant, authority, identity
from support.processes import new_site, running_site
from support.raw import connected, whole
from support.reference_messages import http_message
from support.rows import Row, refuse_one, sent_of
from support.rows import ids as ids_of
from support.tls import tls_folder
from support.wire import (
    Draft,
    Reply,
    Wire,
    mpc_of,
    new_id,
    post,
    pull_request,
    saldoverzoek,
    signal_wire,
)

from crypto.certificates import thumbprint_sha256
from crypto.faults import FailedDecryption
from crypto.keys import SigningKey
from crypto.names import DS
from crypto.pki import issue, new_authority
from gateway.client.outbox import OutboxState
from gateway.client.pull import keep_pulling
from gateway.client.taking import Outcome
from gateway.clock import MovedClock
from gateway.ebms import names
from gateway.ebms.errors import error_of
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging, PullRequest
from gateway.msh.submit import NotSubmitted, submit_test
from gateway.store.model import EvidenceKind, MessageFilter, MessageRecord, State
from gateway.web.server import tls_context
from pmodes.model import Mailbox

LEASE = timedelta(minutes=15)
X = Refused("EBMS:0010")  # one answer for every mailbox that is not the signer's
EMPTY = ("EBMS:0006",)
SECOND = timedelta(seconds=1)
OLD_VERSION = {"administrator": {"modules": {"Schuldregeling": ["1.0"]}}}


# ---- what a row does


async def push(hub: TestedHub, draft: Draft | None = None) -> Draft:
    """Put a message into the creditor's mailbox, or wherever the draft says."""
    draft = draft or saldoverzoek(at=hub.clock.now())
    answer = await post(hub, draft.wire())
    assert answer.receipt is not None, answer.codes
    return draft


async def pull(hub: TestedHub, name: str = "creditor", **said: Any) -> Reply:
    """A fresh PullRequest of that party on its own mailbox."""
    return await post(hub, pull_request(name, at=hub.clock.now(), **said))


async def close(hub: TestedHub, pulled: Reply, name: str = "creditor") -> None:
    """The receipt of that party for what it pulled."""
    assert (await post(hub, pulled.receipt_wire(name, at=hub.clock.now()))).status == 204


async def records(hub: TestedHub) -> list[MessageRecord]:
    """Every message, in the order of acceptance."""
    return list(reversed(await hub.store.messages(MessageFilter(), hub.clock.now())))


async def states(hub: TestedHub) -> list[State]:
    """The state of every message, in the order of acceptance."""
    return [each.state for each in await records(hub)]


def tracking(found: Draft | Reply) -> str | None:
    """The reference of a message on either leg."""
    assert found.user_message is not None
    return found.user_message.property(names.TRACKING_IDENTIFIER)


async def refuse(hub: TestedHub, wire: Wire, expected: Refused) -> ErrorEntry:
    """Refused by the whole contract, and nothing is leased; the error that came."""
    before = await states(hub)
    wire = wire if wire.message_id else replace(wire, message_id=message_id_in(wire.body))
    reply = await refuse_one(hub, sent_of(wire), expected)
    assert await states(hub) == before
    assert reply.error is not None
    return reply.error.errors[0]


def message_id_in(envelope: bytes) -> str:
    """The MessageId of the first unit."""
    return next(etree.fromstring(envelope).iter(f"{{{names.EB}}}MessageId")).text or ""


def same_but_for_ids(entries: list[ErrorEntry]) -> bool:
    """Whether errors differ in nothing but the message that they are about."""
    return len({replace(each, ref_to_message_in_error=None) for each in entries}) == 1


# ---- a pull and its message


async def p01(hub: TestedHub) -> None:
    draft = await push(hub)
    pulled = await pull(hub)
    assert (pulled.status, pulled.verified is not None) == (200, True)
    assert pulled.user_message is not None
    assert pulled.user_message.mpc == mpc_of("creditor")
    assert draft.parts[0].octets in pulled.plain("creditor").values()
    assert draft.parts[0].octets not in pulled.body
    with pytest.raises(FailedDecryption):
        pulled.plain("counsellor")


async def p02(hub: TestedHub) -> None:
    wire = pull_request(message_id="empty@tests.example")
    answer = await post(hub, wire)
    assert answer.status == 200
    assert b"Fault" not in answer.body
    assert answer.error is not None
    (entry,) = answer.error.errors
    assert (entry.code, entry.severity, entry.category) == ("EBMS:0006", "warning", "Communication")
    assert (answer.error.ref_to_message_id, entry.ref_to_message_in_error) == ("empty@tests.example",) * 2


async def p03(hub: TestedHub) -> None:
    sent = [tracking(await push(hub)) for _ in range(3)]
    assert [tracking(await pull(hub)) for _ in range(3)] == sent


async def p04(hub: TestedHub) -> None:
    await push(hub)
    pulled = await pull(hub)
    assert pulled.user_message is not None
    assert pulled.user_message.ref_to_message_id is None
    assert b"RefToMessageId" not in pulled.body


async def p05(hub: TestedHub) -> None:
    sent = {tracking(await push(hub)) for _ in range(5)}
    answers = await asyncio.gather(*(pull(hub) for _ in range(10)))
    assert {tracking(each) for each in answers if each.user_message is not None} == sent
    assert [each.codes for each in answers if each.user_message is None] == [EMPTY] * 5


async def p06(hub: TestedHub) -> None:
    await push(hub)
    first = await pull(hub)
    assert (await pull(hub)).codes == EMPTY
    await push(hub)
    hub.clock.move(LEASE - SECOND)
    assert tracking(await pull(hub)) != tracking(first)
    assert (await pull(hub)).codes == EMPTY


async def p07(hub: TestedHub) -> None:
    await push(hub)
    first = await pull(hub)
    hub.clock.move(LEASE)
    again = await pull(hub)
    assert (again.headers["Content-Type"], again.body) == (first.headers["Content-Type"], first.body)
    assert again.user_message == first.user_message


async def p08(hub: TestedHub) -> None:
    await push(hub)
    first = await pull(hub)
    for _ in range(20):
        hub.clock.move(LEASE)
        assert (await pull(hub)).body == first.body
    (record,) = await records(hub)
    assert (record.state, record.attempts) == (State.OFFERED, 21)


async def p09(hub: TestedHub) -> None:
    await push(hub)
    answer = await post(hub, (await pull(hub)).receipt_wire("creditor"))
    assert (answer.status, answer.body) == (204, b"")
    assert await states(hub) == [State.RECEIPTED]


async def p10(hub: TestedHub) -> None:
    await push(hub)
    second = await push(hub)
    first = await pull(hub)
    bundled = await pull(hub, receipt=first.receipt_of())
    assert tracking(bundled) == tracking(second)
    assert await states(hub) == [State.RECEIPTED, State.OFFERED]
    last = await pull(hub, receipt=bundled.receipt_of())
    assert last.codes == EMPTY
    assert await states(hub) == [State.RECEIPTED, State.RECEIPTED]


async def p11(hub: TestedHub) -> None:
    question = await push(hub)
    pulled = await pull(hub)
    asked = question.user_message
    answer = saldoverzoek(
        "creditor",
        "counsellor",
        action="SaldoverzoekAntwoord",
        answering={"conversation": asked.conversation_id, "reference": tracking(question) or ""},
    )
    both = await post(hub, replace(answer, receipt=pulled.receipt_of()).wire())
    assert both.receipt is not None, both.codes
    assert both.receipt.ref_to_message_id == answer.user_message.message_id
    assert await states(hub) == [State.RECEIPTED, State.STORED]
    assert tracking(await pull(hub, "counsellor")) == tracking(answer)


async def p12(hub: TestedHub) -> None:
    await push(hub)
    pulled = await pull(hub)
    assert pulled.user_message is not None
    answer = await post(hub, error_about(pulled.user_message.message_id))
    assert (answer.status, answer.body) == (204, b"")
    (record,) = await records(hub)
    assert (record.state, record.last_error) == (State.STORED, "EBMS:0102")
    assert (await pull(hub)).codes == EMPTY
    hub.clock.move(timedelta(minutes=1))
    assert (await pull(hub)).body == pulled.body


def error_about(message_id: str, code: str = "EBMS:0102") -> Wire:
    """An ebMS Error of the creditor about a message that it pulled."""
    entries = error_of(code).about(message_id).entries()
    signal = ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=message_id, errors=entries)
    return signal_wire(Messaging(error=signal), identity("creditor").signing_key)


async def p13(hub: TestedHub) -> None:
    """By another party alone, beside its own PullRequest, beside its own message; and for nothing at all."""
    await push(hub)
    pulled = await pull(hub)
    other = identity("counsellor").signing_key
    nothing_known = replace(pulled.receipt_of(), ref_to_message_id="nobody@tests.example")
    refused = Refused("EBMS:0302", about=None)
    entries = [
        await refuse(hub, wire, refused)
        for wire in (
            pulled.receipt_wire("counsellor"),
            signal_wire(Messaging(receipt=nothing_known), other),
            pull_request("counsellor", receipt=pulled.receipt_of()),
            replace(saldoverzoek(), receipt=pulled.receipt_of()).wire(),
        )
    ]
    assert same_but_for_ids(entries)
    assert await states(hub) == [State.OFFERED]
    assert (await pull(hub)).codes == EMPTY


async def p14(hub: TestedHub) -> None:
    await push(hub)
    await close(hub, await pull(hub))  # before the lease ends
    await push(hub)
    pulled = await pull(hub)
    hub.clock.move(LEASE)
    assert (await pull(hub)).body == pulled.body
    await close(hub, pulled)  # during the second lease
    await push(hub)
    pulled = await pull(hub)
    last = (await records(hub))[-1].metadata
    hub.clock.move(last.expires_at - hub.clock.now() + timedelta(minutes=30))
    await hub.running.keeper.keep()
    await close(hub, pulled)  # after the term
    evidence = await hub.store.evidence(last.message_id)
    assert [kind for kind, _, _ in evidence] == [EvidenceKind.GIVEN, EvidenceKind.LATE]
    assert [each.state for each in await records(hub) if each.metadata.message_id == last.message_id] == [State.REMOVED]


# ---- who may pull


def without_security(wire: Wire) -> Wire:
    """The same without its signature."""
    root = etree.fromstring(wire.body)
    for security in list(root.iter("{*}Security")):
        security.getparent().remove(security)  # type: ignore[union-attr]
    return replace(wire, body=etree.tostring(root), envelope=etree.tostring(root))


def bad_signature_value() -> Wire:
    def alter(root: etree._Element) -> None:
        value = next(root.iter(f"{{{DS}}}SignatureValue"))
        text = value.text or ""
        value.text = ("A" if text[0] != "A" else "B") + text[1:]

    wire = pull_request(alter=alter)
    return replace(wire, envelope=wire.body)


def another_mpc_than_signed() -> Wire:
    """The creditor's PullRequest, turned to another mailbox on the way."""
    wire = pull_request(
        "counsellor",
        alter=lambda root: next(root.iter(f"{{{names.EB}}}PullRequest")).set("mpc", mpc_of("creditor")),
    )
    return replace(wire, envelope=wire.body)


def published(name: str) -> Wire:
    """A PullRequest as another product sent it."""
    message = http_message(name)
    return Wire(content_type=message.content_type, body=message.body, envelope=message.body)


async def p15(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, without_security(pull_request(name, mpc=mpc)), Refused("EBMS:0103"))
        for name in ("creditor", "counsellor")
        for mpc in ("", mpc_of("creditor"), "urn:nothing")
    ]
    entries.append(await refuse(hub, published("negative/pullrequest-unsigned.xml"), Refused("EBMS:0103")))
    assert same_but_for_ids(entries)


async def p16(hub: TestedHub) -> None:
    await push(hub)
    await refuse(hub, bad_signature_value(), Refused("EBMS:0101"))
    await refuse(hub, published("negative/pullrequest-bad-signaturevalue.xml"), X)  # of a mailbox that is not here
    await refuse(hub, another_mpc_than_signed(), X)


async def p17(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer, mpc=mpc_of("creditor")), X)
        for signer in ("counsellor", "administrator", "stranger", "hub")
    ]
    entries += [await refuse(hub, pull_request("counsellor", mpc=mpc_of("stranger")), X)]
    assert same_but_for_ids(entries)


async def p18(hub: TestedHub) -> None:
    await push(hub)
    unknown = await refuse(hub, pull_request(mpc="urn:knooppunt:mpc:00000099000000004711"), X)
    others = await refuse(hub, pull_request(mpc=mpc_of("counsellor")), X)
    assert same_but_for_ids([unknown, others])


async def p19(hub: TestedHub) -> None:
    await push(hub)
    for mpc in (None, names.DEFAULT_MPC):
        await refuse(hub, pull_request(mpc=mpc), X)


def lookalikes(mpc: str) -> tuple[str, ...]:
    """Names that careless comparison takes for this mailbox."""
    return (
        mpc[:-1],
        mpc + "0",
        mpc + "/",
        mpc + "/a",
        mpc + "/../" + mpc.rpartition(":")[2],
        mpc.upper(),
        mpc.replace("urn", "URN"),
        mpc.replace("knooppunt", "Knooppunt"),
        mpc.replace("mpc:", "mpc:%30", 1).replace("%300", "%30", 1),
        mpc.replace("mpc", "%6dpc"),
        mpc + "?",
        mpc + "#",
        mpc.replace("urn:knooppunt:mpc", "urn:knooppunt:mpc:"),
        mpc + ":000000000011",
        mpc.replace("0", "\N{FULLWIDTH DIGIT ZERO}", 1),
        mpc + "\N{ZERO WIDTH SPACE}",
        mpc.rpartition(":")[0],
        mpc.rpartition(":")[2],
    )


async def p20(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer, mpc=mpc), X)
        for mpc in lookalikes(mpc_of("creditor"))
        for signer in ("creditor", "counsellor")
    ]
    assert same_but_for_ids(entries)


def with_signing(*variants: Variant) -> Callable[[], dict[str, dict[str, object]]]:
    """The creditor's file with these signing certificates."""
    named = [f"creditor-{each}-signing" if each != "ordinary" else "creditor-signing" for each in variants]
    return lambda: {"creditor": {"certificates": {"signing": named, "encryption": ["creditor-encryption"]}}}


def signed_with(variant: Variant) -> Wire:
    """A PullRequest of the creditor under another certificate than that of every day."""
    return pull_request(signer=identity("creditor", variant).signing_key)


async def p22(hub: TestedHub) -> None:
    """The file names the certificate of last year and that of next year."""
    await push(hub)
    await refuse(hub, signed_with("expired"), Refused("EBMS:0101"))
    await refuse(hub, pull_request(), X)  # rolled over: not registered any more
    assert (await post(hub, signed_with("next"))).user_message is not None


async def p23(hub: TestedHub) -> None:
    await push(hub)
    await push(hub)
    captured = pull_request()
    first = await post(hub, captured)
    hub.clock.move(timedelta(minutes=5))
    again = await post(hub, captured)
    assert (again.headers["Content-Type"], again.body) == (first.headers["Content-Type"], first.body)
    assert await states(hub) == [State.OFFERED, State.STORED]
    hub.clock.move(SECOND)
    await refuse(hub, captured, Refused("EBMS:0003"))


async def p23_receipted(hub: TestedHub) -> None:
    await push(hub)
    captured = pull_request()
    await close(hub, await post(hub, captured))
    await push(hub)
    await refuse(hub, captured, Refused("EBMS:0003"))


async def p23_under_another_lease(hub: TestedHub) -> None:
    """The id is remembered, not only the time in the message: the signer cannot use it for a second message."""
    await push(hub)
    await push(hub)
    first = await post(hub, pull_request(message_id="used@tests.example"))
    hub.clock.move(timedelta(minutes=6))
    renewed = pull_request(message_id="used@tests.example", at=hub.clock.now())
    await refuse(hub, renewed, Refused("EBMS:0003"))
    assert first.user_message is not None


async def p24(hub: TestedHub) -> None:
    await push(hub)
    minutes = timedelta(minutes=5)
    for off in (-timedelta(days=1), -minutes - SECOND, minutes + SECOND, timedelta(days=365)):
        await refuse(hub, pull_request(at=NOW + off), Refused("EBMS:0003"))
    for off in (-minutes, minutes):
        await push(hub)
        assert (await post(hub, pull_request(at=NOW + off))).user_message is not None


async def p26(hub: TestedHub) -> None:
    await push(hub)
    files = tls_folder()
    await refuse(hub, pull_request(), Refused("EBMS:0101"))  # in the clear
    asked = tls_context(files.server(client_authority=files.client_authority))
    port = await hub.running.listen("127.0.0.1", 0, asked)
    for client, codes in (("absent", ("EBMS:0101",)), ("other", ("EBMS:0101",)), ("valid", ())):
        async with connected(hub, port=port, tls=files.client(client)) as peer:
            await peer.send(whole(pull_request()))
            answer = await peer.answer()
        assert (answer.codes, answer.user_message is not None) == (codes, client == "valid")


async def p28(hub: TestedHub) -> None:
    await push(hub)
    draft = saldoverzoek("creditor", "counsellor")
    signal = PullRequest(message_id=new_id(), timestamp=NOW, mpc=mpc_of("creditor"))
    whole_message = etree.fromstring(signal_wire(Messaging(pull_request=signal), draft.signer).body)
    unit = next(whole_message.iter(f"{{{names.EB}}}SignalMessage"))

    def beside(root: etree._Element) -> None:
        next(root.iter(f"{{{names.EB}}}Messaging")).insert(0, unit)

    await refuse(hub, resigned(draft, beside), Refused("EBMS:0008"))


async def p29(hub: TestedHub) -> None:
    draft = await push_large(hub)
    async with download(hub) as way:
        await way.read(12_000_000)
    await hub.log.came("offer_broken")
    for _ in range(1000):  # the lease is cut after the line is written
        if (await records(hub))[0].lease_until == hub.clock.now() + timedelta(seconds=30):
            break
        await asyncio.sleep(0)
    assert (await pull(hub)).codes == EMPTY
    hub.clock.move(timedelta(seconds=30))
    pulled = await pull(hub)
    assert draft.parts[1].octets in pulled.plain("creditor").values()
    assert pulled.body.startswith(way.begun)


# ---- mailboxes


async def p32(hub: TestedHub) -> None:
    """Nobody of that name; somebody who has not activated the version."""
    for receiver in ("stranger", "administrator"):
        wire = saldoverzoek("counsellor", receiver).wire()
        before = Before.of(hub)
        assert_refused(hub, wire, await post(hub, wire), X, before)


async def p33(hub: TestedHub) -> None:
    await push(hub)
    wire = saldoverzoek().wire()
    before = Before.of(hub)
    assert_refused(hub, wire, await post(hub, wire), Refused("EBMS:0021"), before)
    await close(hub, await pull(hub))
    assert (await post(hub, wire)).receipt is not None, "the same message, when there is room"


async def p34(hub: TestedHub) -> None:
    draft = await push(hub)
    (record,) = await records(hub)
    hub.clock.move(record.metadata.expires_at - hub.clock.now())
    assert (await pull(hub)).codes == EMPTY, "its term is over before anybody swept"
    await hub.running.keeper.keep()
    told = await pull(hub, "counsellor")
    assert told.user_message is not None
    assert told.user_message.action == "Statusmelding"
    (notice,) = told.plain("counsellor").values()
    assert (tracking(draft) or "").encode() in notice
    await close(hub, told, "counsellor")
    await hub.running.keeper.keep()
    assert await states(hub) == [State.REMOVED, State.REMOVED]
    hub.clock.move(timedelta(days=365))
    await hub.running.keeper.keep()
    assert (await pull(hub, "counsellor")).codes == EMPTY, "no notice about a notice"


async def p35(hub: TestedHub) -> None:
    """Every signer against every mailbox and what resembles one; the seed is fixed, the pairs are many."""
    await push(hub)
    signers = ("counsellor", "creditor", "administrator", "stranger")
    mailboxes = [mpc_of(each) for each in signers]
    chance = random.Random(20260304)
    for each in list(mailboxes):
        mailboxes += chance.sample(lookalikes(each), 6)
    before = kept(hub)
    for signer in signers:
        for mpc in mailboxes:
            answer = await pull(hub, signer, mpc=mpc)
            owns = mpc == mpc_of(signer) and signer != "stranger"
            if not owns:
                assert answer.codes == ("EBMS:0010",), (signer, mpc, answer.codes)
                continue
            assert answer.codes == EMPTY if signer != "creditor" else answer.user_message is not None
    assert kept(hub) == before | {"pull": 1}
    (record,) = await records(hub)
    assert record.attempts == 1


async def p37(hub: TestedHub) -> None:
    sent = [await push(hub), await push(hub, saldoverzoek(module="Schuldinventarisatie", at=hub.clock.now()))]
    pulled = [await pull(hub), await pull(hub)]
    assert [each.user_message and each.user_message.mpc for each in pulled] == [mpc_of("creditor")] * 2
    assert [each.user_message and each.user_message.service for each in pulled] == [
        each.user_message.service for each in sent
    ]


async def p38(folder: Path) -> None:
    async with (
        running_hub(folder, extra={"administrator": {"mailbox": {"quota_messages": 1}}}) as hub,
        office(hub.url, folder, "creditor", Waits(hub.clock)) as at,
    ):
        message_id = await submit_test(PARTIES["creditor"][0], hub.hub)
        draft = await push(hub)
        results = await at.pull()
        assert [each.outcome for each in results] == [Outcome.TEST, Outcome.STORED, Outcome.EMPTY]
        assert results[0].message_id == message_id
        (message,) = await at.inbox.messages()
        assert message.tracking_identifier == tracking(draft)
        assert await states(hub) == [State.RECEIPTED] * 2
        tested = (await records(hub))[0].metadata
        assert (tested.service, tested.action) == (names.TEST_SERVICE, names.TEST_ACTION)
        assert [kind for kind, _, _ in await hub.store.evidence(message_id)] == [EvidenceKind.TAKEN]
        await submit_test(PARTIES["administrator"][0], hub.hub)
        for party in (PARTIES["administrator"][0], PARTIES["stranger"][0]):
            with pytest.raises(NotSubmitted):
                await submit_test(party, hub.hub)


async def p39(folder: Path) -> None:
    """What an empty mailbox costs does not grow with the other mailboxes, nor with what waits in them."""
    async with filled_store(folder / "few", mailboxes=10) as few, filled_store(folder / "many", mailboxes=1000) as many:
        small, large = [await work_of(each) for each in (few, many)]
    assert large.plans == small.plans
    assert not [line for line in large.plans if "SCAN message" in line or "SCAN pull" in line]
    assert [line for line in large.plans if "message_stored" in line]
    assert [line for line in large.plans if "message_offered" in line]
    assert large.steps == small.steps
    assert large.full_scan_steps == 0
    assert large.changes == 0


async def p36(folder: Path) -> None:
    """The receiver's next certificate is registered while a message waits; the hub is another process by then."""
    both = ["creditor-encryption", "creditor-next-encryption"]
    extra = {"creditor": {"certificates": {"signing": ["creditor-signing"], "encryption": both}}}
    async with running_hub(folder) as hub:
        await push(hub)
        first = await pull(hub)
        clock = hub.clock
    clock.move(LEASE)
    async with running_hub(folder, extra=extra, clock=clock) as hub:
        again = await pull(hub)
        assert again.body == first.body
        assert list(again.plain("creditor"))
        await push(hub)
        assert [each.metadata.sealed_to for each in await records(hub)] == [
            thumbprint_sha256(each.encryption.certificate).hex()
            for each in (identity("creditor"), identity("creditor", "next"))
        ]


async def p40(folder: Path) -> None:
    """Killed before the lease is durable, after it, and while the puller has not said anything yet."""
    async with (
        running_site(new_site(folder / "site")) as hub,
        hub.desk("counsellor", folder) as sender,
        hub.desk("creditor", folder) as receiver,
    ):
        await hub.start("P3.before:1:kill")
        assert (await sender.push(hub.party("creditor"))).state is OutboxState.ACKNOWLEDGED
        assert (await receiver.pull()).outcome is Outcome.NO_ANSWER
        await hub.ended()
        await hub.start("P3.after:1:kill")
        assert (await receiver.pull()).outcome is Outcome.NO_ANSWER
        await hub.ended()
        await hub.start()
        assert (await receiver.pull()).outcome is Outcome.EMPTY, "the lease of the dead process is still open"
        await hub.process.kill()
        await hub.start(moved=LEASE)
        later = replace(receiver, means=replace(receiver.means, clock=MovedClock(offset=LEASE)))
        assert (await later.pull()).outcome is Outcome.STORED
        assert (await later.pull()).outcome is Outcome.EMPTY
        assert len(await receiver.inbox.messages()) == 1


# ---- the puller


def pull_in_answer(_request: object) -> Any:
    return signed(Messaging(pull_request=PullRequest(message_id=new_id(), timestamp=NOW, mpc=None)))


async def p27(folder: Path) -> None:
    async with HubScript(pull_in_answer, pull_in_answer, receipt()) as hub, office(hub.url, folder) as at:
        pushed = await at.push()
        assert (pushed.state, [each.code for each in pushed.errors]) == (
            OutboxState.GIVEN_UP,
            ["EBMS:0301", "EBMS:0009"],
        )
        (pulled,) = await at.pull()
        assert (pulled.outcome, [each.code for each in pulled.errors]) == (Outcome.NO_ANSWER, ["EBMS:0009"])
        assert await at.inbox.messages() == ()


async def p30(folder: Path) -> None:
    wire = leg_two().wire()
    async with HubScript(plain(wire), plain(wire), error("EBMS:0006"), nothing) as hub, office(hub.url, folder) as at:
        results = await at.pull()
        assert [each.outcome for each in results] == [Outcome.STORED, Outcome.DUPLICATE, Outcome.EMPTY]
        assert len(await at.inbox.messages()) == 1
        receipts = [each.messaging.receipt for each in hub.requests if each.messaging.receipt is not None]
        assert len(receipts) == 2
        assert {each.ref_to_message_id for each in receipts} == {results[0].message_id}


class Enough(Exception):
    """The test has seen what it wanted."""


async def p31(folder: Path) -> None:
    seen: list[float] = []

    async def wait(seconds: float) -> None:
        seen.append(seconds)
        if len(seen) == 7:
            raise Enough

    messages: list[Answer] = [plain(leg_two().wire()) for _ in range(3)]
    async with HubScript(*messages, *[error("EBMS:0006")] * 7) as hub, office(hub.url, folder) as at:
        with pytest.raises(Enough):
            await keep_pulling(at.who, inbox=at.inbox, means=replace(at.means, wait=wait))
        pulls = [each for each in hub.requests if each.messaging.pull_request is not None]
        assert len(pulls) == 4 + 6
        assert seen == [10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0]


# ---- selective pull


SELECTORS = {
    "L01": "<eb:RefToMessageId>{message}</eb:RefToMessageId>",
    "L02": "<eb:ConversationId>{conversation}</eb:ConversationId>",
    "L03": "<eb:ConversationId>nothing-of-the-kind</eb:ConversationId>",
    "L04": '<eb:Service type="some:type">{service}</eb:Service>',
    "L05": "<eb:From><eb:PartyId>{sender}</eb:PartyId><eb:Role>" + names.RESPONDER + "</eb:Role></eb:From>"
    '<eb:MessageProperties><eb:Property name="trackingIdentifier">{tracking}</eb:Property></eb:MessageProperties>',
    "L06": "<eb:ConversationId>{conversation}</eb:ConversationId><eb:Action>{action}</eb:Action>",
    "L07": "<eb:AgreementRef>urn:some:agreement</eb:AgreementRef>",
}


def selecting(selector: str) -> Callable[[TestedHub], Awaitable[None]]:
    """A PullRequest that selects is refused whole; a plain one then gets the message."""

    async def act(hub: TestedHub) -> None:
        draft = await push(hub)
        about = draft.user_message
        values = {
            "message": about.message_id,
            "conversation": about.conversation_id,
            "service": about.service.value,
            "sender": PARTIES["hub"][0],
            "tracking": tracking(draft),
            "action": about.action,
        }
        wire = pull_request()
        key = identity("creditor").signing_key
        envelope = resign(wire.envelope, added("PullRequest", SELECTORS[selector].format(**values)), key)
        await refuse(hub, replace(wire, body=envelope, envelope=envelope), Refused("EBMS:0008"))
        assert tracking(await pull(hub)) == tracking(draft)

    return act


# ---- abuse (PL)


async def pl_01(hub: TestedHub) -> None:
    assert (await pull(hub)).codes == EMPTY
    await push(hub)
    entries = [
        await refuse(hub, pull_request("counsellor", mpc=mpc_of("creditor")), X),
        await refuse(hub, pull_request("counsellor", mpc="urn:nothing"), X),
        await refuse(hub, pull_request("stranger"), X),
    ]
    assert same_but_for_ids(entries)
    assert len({line["detail"] for line in hub.log.of("refused")} - {""}) >= 2, "the operator sees what it was"


async def pl_05(hub: TestedHub) -> None:
    await push(hub)
    await refuse(hub, published("structure/pullrequest-usernametoken-role-ebms.txt"), Refused("EBMS:0103"))
    token = (
        "<wsse:UsernameToken><wsse:Username>creditor</wsse:Username>"
        "<wsse:Password>secret-of-the-tests</wsse:Password></wsse:UsernameToken>"
    )
    wire = pull_request()
    octets = without_signature(wire.envelope, token)
    await refuse(hub, replace(wire, body=octets, envelope=octets), Refused("EBMS:0103"))


def without_signature(envelope: bytes, token: str) -> bytes:
    """The same with a token in the place of signature and certificate."""
    root = etree.fromstring(envelope)
    (security,) = root.iter("{*}Security")
    namespace = etree.QName(security).namespace
    for child in list(security):
        security.remove(child)
    security.extend(etree.fromstring(f'<w xmlns:wsse="{namespace}">{token}</w>'))
    return etree.tostring(root)


def same_name_of(made_by: str) -> SigningKey:
    """A certificate with the creditor's names and a key of its own, issued by somebody else or by the same."""
    at = NOW - timedelta(days=30)
    by = authority() if made_by == "same authority" else new_authority("Another authority", at=at, days=300)
    party_id, common_name = PARTIES["creditor"]
    made = issue(by, common_name=common_name, party_id=party_id, at=at, days=200, usage="signing")
    return SigningKey(private_key=made.private_key, certificate=made.certificate)


async def pl_06(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer=same_name_of("another authority")), X),
        await refuse(hub, pull_request(signer=same_name_of("same authority")), X),
        await refuse(hub, signed_with("next"), X),
    ]
    assert same_but_for_ids(entries)


async def pl_07(hub: TestedHub) -> None:
    sent = {tracking(await push(hub)) for _ in range(40)}
    seen: list[str | None] = []

    async def client() -> None:
        bundled = None
        while True:
            answer = await pull(hub, receipt=bundled)
            if answer.user_message is None:
                assert answer.codes == EMPTY
                return
            seen.append(tracking(answer))
            bundled = answer.receipt_of()

    await asyncio.gather(client(), client())
    assert sorted(map(str, seen)) == sorted(map(str, sent)), "each once, none twice"
    assert set(await states(hub)) == {State.RECEIPTED}


async def pl_08(hub: TestedHub) -> None:
    assert Mailbox().open_leases == 100
    sent = [tracking(await push(hub)) for _ in range(5)]
    assert [tracking(await pull(hub)) for _ in range(3)] == sent[:3]
    assert (await pull(hub)).codes == EMPTY
    hub.clock.move(LEASE)
    assert tracking(await pull(hub)) == sent[0]


TABLE = (
    Row("P01", "a pull returns the message on the channel asked for, signed, and sealed to the puller", p01),
    Row("P02", "an empty mailbox is the warning EBMS:0006 about the PullRequest, and no fault", p02),
    Row("P03", "messages come out in the order in which they were accepted", p03),
    Row("P04", "a pulled One-Way message refers to nothing", p04),
    Row("P05", "pulls at once get different messages", p05),
    Row("P06", "a leased message is not given to anybody else", p06),
    Row("P07", "after its lease the same message comes, octet for octet", p07),
    Row("P08", "after twenty lapsed leases the message is still offered", p08),
    Row("P09", "a receipt of its own closes the message, answered 204", p09),
    Row("P10", "a receipt beside the next PullRequest closes the first message and the second comes", p10),
    Row("P11", "a receipt beside a pushed message: both are done", p11),
    Row("P12", "an ebMS Error for a pulled message is noted, and the message offered again after a pause", p12),
    Row("P13", "nobody closes another party's message, and nothing tells whether it exists", p13),
    Row("P14", "a receipt closes within its lease, within the next, and is kept after the term", p14),
    Row("P15", "an unsigned PullRequest is EBMS:0103 and reveals nothing", p15),
    Row("P16", "a PullRequest with a bad signature is EBMS:0101", p16),
    Row("P17", "another party's mailbox is EBMS:0010", p17),
    Row("P18", "an unknown mailbox is the same EBMS:0010", p18),
    Row("P19", "nobody pulls the default channel", p19),
    Row("P20", "a mailbox is found by its whole name alone", p20),
    Row(
        "P22",
        "expired and rolled certificates pull nothing, the next one does",
        p22,
        extra=with_signing("expired", "next"),
    ),
    Row("P23", "a replayed PullRequest gets the same message for five minutes, then EBMS:0003", p23),
    Row("P24", "a PullRequest is fresh for five minutes", p24),
    Row(
        "P26",
        "the P-Mode may demand a TLS client certificate besides the signature",
        p26,
        extra=lambda: {"creditor": {"tls_thumbprints": [tls_folder().thumbprint("valid")]}},
    ),
    Row("P28", "a PullRequest beside a user message is EBMS:0008, and neither is done", p28),
    Row("P29", "a connection that breaks cuts the lease to thirty seconds", p29),
    Row("P32", "a message for whom there is no mailbox gets EBMS:0010 and no receipt", p32, extra=OLD_VERSION),
    Row("P33", "a full mailbox is EBMS:0021", p33, extra={"creditor": {"mailbox": {"quota_messages": 1}}}),
    Row("P34", "what nobody collected ends with its term, and its sender is told once", p34),
    Row("P35", "no message comes out of a mailbox for anybody but its owner", p35),
    Row("P37", "a mailbox gives whatever waits in it, of any P-Mode", p37),
    *(
        Row(each, "a PullRequest that selects is EBMS:0008, and nothing is leased", selecting(each))
        for each in SELECTORS
    ),
)
PARTICIPANTS = (
    ClientRow("P27", "a PullRequest in an answer is EBMS:0009 and no outcome", p27),
    ClientRow("P30", "a message that comes twice is delivered once and receipted twice", p30),
    ClientRow("P31", "a participant pulls until nothing comes, then waits for longer each time", p31),
    ClientRow(
        "P36", "what waits under an old certificate comes as it was sealed, the next is sealed to the new one", p36
    ),
    ClientRow("P38", "a test message is pulled and acknowledged, and not delivered", p38),
    ClientRow("P39", "polling a thousand mailboxes reads by index and writes nothing", p39),
    ClientRow("P40", "a kill around the lease loses nothing and gives nothing twice", p40),
)
VARIANTS = (
    Row("P23 receipted", "nor is anything given for it once its message is receipted", p23_receipted),
    Row("P23 renewed", "its id is used up, also under a fresh Timestamp", p23_under_another_lease),
    Row("PL-01", "whoever is not entitled gets one and the same answer", pl_01),
    Row("PL-05", "a password is no certificate", pl_05),
    Row("PL-06", "a certificate that only resembles a registered one is nobody's", pl_06),
    Row("PL-07", "two clients empty one mailbox and no message is in two hands", pl_07),
    Row(
        "PL-08",
        "no more leases are open than the mailbox allows",
        pl_08,
        extra={"creditor": {"mailbox": {"open_leases": 3}}},
    ),
)
ROWS = (*ids_of(TABLE), *(each.id for each in PARTICIPANTS))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *VARIANTS, *PARTICIPANTS)])
async def test_pull(row: Row | ClientRow, tmp_path: Path) -> None:
    await row.run(tmp_path)
