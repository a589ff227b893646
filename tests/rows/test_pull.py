"""Rows P01 to P14, P27 to P31 and L01 to L07: a pull and its message, its receipt, and selective pull.

Decisions that a row left open: there is no limit of attempts (P08), an ebMS Error closes nothing (P12); a PullRequest
beside a user message is EBMS:0008 and neither is done (P28); selective pull is off: whatever selects is EBMS:0008 and
nothing is leased (L01 to L07).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.client.client_rows import ClientRow, office
from support.hubs.contract import Refused
from support.hubs.downloads import download, push_large
from support.hubs.hub import TestedHub
from support.hubs.hub_script import Answer, HubScript, error, leg_two, nothing, plain, receipt, signed
from support.hubs.pulling import (
    EMPTY,
    LEASE,
    SECOND,
    close,
    pull,
    push,
    records,
    refuse,
    same_but_for_ids,
    states,
    tracking,
)
from support.hubs.rows import Row
from support.hubs.rows import ids as ids_of
from support.keys.pki import NOW, PARTIES, identity
from support.messages.bending import added, resign, resigned
from support.messages.wire import (
    Wire,
    mpc_of,
    new_id,
    post,
    pull_request,
    saldoverzoek,
    signal_wire,
)

from crypto.faults import FailedDecryption
from gateway.client.outbox import OutboxState
from gateway.client.pull import keep_pulling
from gateway.client.taking import Outcome
from gateway.ebms import names
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorSignal, Messaging, PullRequest
from gateway.store.model import EvidenceKind, State


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
    entries = ERRORS[code]().about(message_id).entries()
    signal = ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=message_id, errors=entries)
    return signal_wire(Messaging(error=signal), identity("creditor").signing_key)


async def p13(hub: TestedHub) -> None:
    """By another party alone, beside its own PullRequest, beside its own message; and for nothing at all."""
    await push(hub)
    pulled = await pull(hub)
    other = identity("counsellor").signing_key
    nothing_known = replace(pulled.receipt_of(), ref_to_message_id="nobody@tests.example")
    alone, bundled = Refused("EBMS:0302", about=None), Refused("EBMS:0302", beside="EBMS:0004")
    entries = [
        await refuse(hub, wire, refused)
        for wire, refused in (
            (pulled.receipt_wire("counsellor"), alone),
            (signal_wire(Messaging(receipt=nothing_known), other), alone),
            (pull_request("counsellor", receipt=pulled.receipt_of()), bundled),
        )
    ]
    assert (await pull(hub)).codes == EMPTY
    beside = await post(hub, replace(saldoverzoek(), receipt=pulled.receipt_of()).wire())
    assert beside.receipt is not None, "the message beside it is judged for itself"
    assert beside.error is not None
    assert same_but_for_ids([*entries, *beside.error.errors])
    assert await states(hub) == [State.OFFERED, State.STORED]


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


async def p28(hub: TestedHub) -> None:
    await push(hub)
    draft = saldoverzoek("creditor", "counsellor")
    signal = PullRequest(message_id=new_id(), timestamp=NOW, mpc=mpc_of("creditor"))
    whole_message = etree.fromstring(signal_wire(Messaging(pull_request=signal), draft.signer).body)
    unit = next(whole_message.iter(f"{{{names.EB}}}SignalMessage"))

    def beside(root: etree._Element) -> None:
        next(root.iter(f"{{{names.EB}}}Messaging")).insert(0, unit)

    await refuse(hub, resigned(draft, beside), Refused("EBMS:0008", beside="EBMS:0008"))


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
    Row("P28", "a PullRequest beside a user message is EBMS:0008, and neither is done", p28),
    Row("P29", "a connection that breaks cuts the lease to thirty seconds", p29),
    *(
        Row(each, "a PullRequest that selects is EBMS:0008, and nothing is leased", selecting(each))
        for each in SELECTORS
    ),
)
PARTICIPANTS = (
    ClientRow("P27", "a PullRequest in an answer is EBMS:0009 and no outcome", p27),
    ClientRow("P30", "a message that comes twice is delivered once and receipted twice", p30),
    ClientRow("P31", "a participant pulls until nothing comes, then waits for longer each time", p31),
)
ROWS = (*ids_of(TABLE), *(each.id for each in PARTICIPANTS))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *PARTICIPANTS)])
async def test_pull(row: Row | ClientRow, tmp_path: Path) -> None:
    await row.run(tmp_path)
