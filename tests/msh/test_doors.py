"""The door that a request comes through: the endpoint for systems, and a desk for its own unit alone (PO-77)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.hubs.pulling import records, states
from support.hubs.repeating import answer, configured
from support.keys.pki import PARTIES, identity
from support.messages.bundles import error_about, last_error, with_error_in_push, with_errors
from support.messages.wire import Reply, post, pull_request, read_reply, saldoverzoek

from gateway.ebms import names
from gateway.msh.exchange import Door
from gateway.msh.open_at_desk import SealedOctets, keep_open, let_go, open_at_desk, read_at_desk
from gateway.store.model import DeskLease, Held, State
from pmodes.door import at_desk

UNIT = PARTIES["creditor"][0]
OTHER = PARTIES["counsellor"][0]
DESK = {"creditor": {"access": "desk"}}


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[TestedHub]:
    """A counsellor with a system, and a creditor at a desk."""
    async with running_hub(tmp_path, extra=DESK) as running:
        yield running


async def waiting(hub: TestedHub) -> str:
    """A question that waits for the unit."""
    assert (await post(hub, saldoverzoek(at=hub.clock.now()).wire())).receipt is not None
    return (await records(hub))[-1].metadata.message_id


async def opened(hub: TestedHub, message_id: str, person: str = "ann") -> DeskLease:
    lease = await open_at_desk(message_id, unit=UNIT, person=person, hub=hub.hub)
    assert isinstance(lease, DeskLease)
    return lease


async def read(hub: TestedHub, lease: DeskLease) -> Reply:
    """What the browser gets, taken apart as a system takes it apart that pulled."""
    octets = await read_at_desk(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub)
    assert isinstance(octets, SealedOctets)
    body = b"".join([each async for each in octets.chunks])
    assert len(body) == octets.size_octets
    return read_reply(200, {"Content-Type": octets.content_type}, body, at=hub.clock.now())


async def test_a_message_is_read_at_the_desk_and_its_receipt_under_the_lease_closes_it(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    message = await read(hub, lease)
    receipt = message.receipt_wire("creditor", at=hub.clock.now())
    reply = await answer(hub, receipt, door=Door(desk=UNIT, lease=lease.token))
    assert reply.status == 204
    assert await states(hub) == [State.RECEIPTED]
    again = await answer(hub, receipt, door=Door(desk=UNIT, lease=lease.token))
    assert again.status == 204


async def test_a_receipt_needs_the_lease_that_the_session_holds_PO_77(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    receipt = (await read(hub, lease)).receipt_wire("creditor", at=hub.clock.now())
    for token in (None, "", "another"):
        reply = await answer(hub, receipt, door=Door(desk=UNIT, lease=token))
        assert reply.codes == ("EBMS:0302",)
    other = await open_at_desk(lease.message_id, unit=UNIT, person="bob", hub=hub.hub, take_over=True)
    assert isinstance(other, DeskLease)
    assert (await answer(hub, receipt, door=Door(desk=UNIT, lease=lease.token))).codes == ("EBMS:0302",)
    assert await states(hub) == [State.OFFERED]
    assert (await answer(hub, receipt, door=Door(desk=UNIT, lease=other.token))).status == 204


async def test_a_receipt_counts_under_a_lease_that_lapsed_while_nobody_else_opened_the_message(
    hub: TestedHub,
) -> None:
    lease = await opened(hub, await waiting(hub))
    receipt = (await read(hub, lease)).receipt_wire("creditor", at=hub.clock.now())
    hub.clock.move(timedelta(minutes=31))
    assert (await answer(hub, receipt, door=Door(desk=UNIT, lease=lease.token))).status == 204


async def test_a_receipt_does_not_count_for_what_was_given_back(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    receipt = (await read(hub, lease)).receipt_wire("creditor", at=hub.clock.now())
    assert await let_go(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub)
    assert (await answer(hub, receipt, door=Door(desk=UNIT, lease=lease.token))).codes == ("EBMS:0302",)


async def test_an_error_needs_the_lease_that_the_session_holds_as_a_receipt_does_PO_77(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    message = await read(hub, lease)
    for number, token in enumerate((None, "", "another"), start=1):
        await answer(hub, with_errors(error_about(message)), door=Door(desk=UNIT, lease=token))
        assert await last_error(hub) is None
        assert len(hub.log.of("error_distrusted")) == number
        assert "has not this message open" in hub.log.of("error_distrusted")[-1]["detail"]
    assert await keep_open(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub) is not None
    await answer(hub, with_errors(error_about(message)), door=Door(desk=UNIT, lease=lease.token))
    assert await last_error(hub) == "EBMS:0004"


@pytest.mark.parametrize("own", [False, True], ids=["another's", "its own"])
async def test_an_error_beside_a_push_at_a_desk_needs_the_lease_too_PO_77(hub: TestedHub, own: bool) -> None:
    lease = await opened(hub, await waiting(hub))
    message = await read(hub, lease)
    door = Door(desk=UNIT, lease=lease.token if own else None)
    await answer(hub, with_error_in_push(error_about(message)), door=door)
    assert await last_error(hub) == ("EBMS:0004" if own else None)


async def test_a_unit_pushes_at_its_desk_and_nowhere_else_PO_77(hub: TestedHub) -> None:
    question = saldoverzoek(at=hub.clock.now())
    assert (await post(hub, question.wire())).receipt is not None
    asked = question.user_message
    about = {
        "conversation": asked.conversation_id or "",
        "reference": asked.property(names.TRACKING_IDENTIFIER) or "",
    }
    wire = saldoverzoek(
        "creditor", "counsellor", action="SaldoverzoekAntwoord", at=hub.clock.now(), answering=about
    ).wire()
    stranger = saldoverzoek("creditor", "counsellor", at=hub.clock.now(), signer=identity("stranger").signing_key)
    assert (await post(hub, wire)).codes == (await post(hub, stranger.wire())).codes == ("EBMS:0101",)
    for door in (Door(desk=OTHER), Door(desk="00000000000000000000")):
        assert (await answer(hub, wire, door=door)).codes == ("EBMS:0101",)
    assert len(await records(hub)) == 1
    assert (await answer(hub, wire, door=Door(desk=UNIT))).codes == ("EBMS:0010",), "nobody has the question open"
    lease = await opened(hub, (await records(hub))[0].metadata.message_id)
    for _ in range(2):
        reply = await answer(hub, wire, door=Door(desk=UNIT, lease=lease.token))
        assert reply.receipt is not None, reply.codes
    assert len(await records(hub)) == 2
    assert (await post(hub, wire)).receipt is not None, "as of a party that left: accepted is accepted"
    assert len(await records(hub)) == 2


async def test_who_is_not_the_unit_sends_nothing_at_its_desk_PO_77(hub: TestedHub) -> None:
    door = Door(desk=UNIT)
    of_a_system = saldoverzoek(at=hub.clock.now()).wire()
    assert (await answer(hub, of_a_system, door=door)).codes == ("EBMS:0101",)
    signed_by_another = saldoverzoek(
        "creditor", "counsellor", at=hub.clock.now(), signer=identity("counsellor").signing_key
    )
    assert (await answer(hub, signed_by_another.wire(), door=door)).codes == ("EBMS:0101",)
    assert await records(hub) == []


async def test_what_a_system_had_accepted_is_not_repeated_at_a_desk_PO_77(hub: TestedHub) -> None:
    wire = saldoverzoek(at=hub.clock.now()).wire()
    assert (await post(hub, wire)).receipt is not None
    assert (await post(hub, wire)).receipt is not None
    assert (await answer(hub, wire, door=Door(desk=UNIT))).codes == ("EBMS:0101",)


async def test_nothing_is_pulled_at_a_desk_PO_77(hub: TestedHub) -> None:
    await waiting(hub)
    for name in ("creditor", "counsellor", "stranger"):
        reply = await answer(hub, pull_request(name, at=hub.clock.now()), door=Door(desk=UNIT))
        assert reply.error is not None
    assert await states(hub) == [State.STORED]


async def test_the_endpoint_takes_no_receipt_of_a_desk_PO_77(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    receipt = (await read(hub, lease)).receipt_wire("creditor", at=hub.clock.now())
    assert (await post(hub, receipt)).codes == ("EBMS:0302",)
    assert await states(hub) == [State.OFFERED]


async def test_a_person_who_opens_what_another_has_is_told_who_and_until_when_PO_35(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    other = await open_at_desk(lease.message_id, unit=UNIT, person="bob", hub=hub.hub)
    assert other == Held(person="ann", until=lease.until)
    assert hub.log.of("message_opened") == [
        {"message_id": lease.message_id, "party": UNIT, "person": "ann", "taken_from": None}
    ]
    taken = await open_at_desk(lease.message_id, unit=UNIT, person="bob", hub=hub.hub, take_over=True)
    assert isinstance(taken, DeskLease)
    assert hub.log.of("message_opened")[-1]["taken_from"] == "ann"
    assert await keep_open(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub) is None
    assert await read_at_desk(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub) is None


async def test_a_message_of_another_unit_is_like_none_PO_27(hub: TestedHub) -> None:
    message_id = await waiting(hub)
    assert await open_at_desk(message_id, unit=OTHER, person="ann", hub=hub.hub) is None
    assert await open_at_desk("no such message", unit=UNIT, person="ann", hub=hub.hub) is None


async def test_reading_is_use(hub: TestedHub) -> None:
    lease = await opened(hub, await waiting(hub))
    hub.clock.move(timedelta(minutes=20))
    await read(hub, lease)
    hub.clock.move(timedelta(minutes=20))
    assert await keep_open(lease.message_id, unit=UNIT, token=lease.token, hub=hub.hub) is not None


def test_nobody_sends_at_the_desk_of_a_party_that_has_a_system_or_is_unknown() -> None:
    for party in (UNIT, "nobody"):
        seen = at_desk(configured(), party)
        assert (seen.senders, seen.signers, seen.by_mpc, seen.system_of(party)) == ({}, {}, {}, None)
