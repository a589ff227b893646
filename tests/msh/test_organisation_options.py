"""What an administrator writes of an organisation, over sockets: the same message ends differently with and without it.

Receipts count whenever they come, and what waits for a party waits on, whatever became of that party.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates, running_hub
from support.hubs.pulling import pull, push, records
from support.hubs.repeating import answer
from support.keys.pki import PARTIES
from support.messages.wire import Draft, Part, Reply, post, pull_request, saldoverzoek

from gateway.ebms import names
from gateway.limits import EdgeLimits
from gateway.store.model import State
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

Said = Mapping[str, object]
SUSPENDED: Said = {"suspended": True}
DESK: Said = {"access": "desk"}
FROM_ELSEWHERE: Said = {"addresses": ["192.0.2.0/24", "2001:db8::/48"]}
FROM_HERE: Said = {"addresses": ["127.0.0.0/8"]}
BEHIND_A_PROXY = EdgeLimits(trusted_proxies=(ip_network("127.0.0.0/8"), ip_network("10.9.0.0/16")))


def about(name: str, said: Said) -> dict[str, Said]:
    return {name: said}


def configured(extra: Mapping[str, Said]) -> Configuration:
    return read_configuration(configuration_texts(extra), catalogue=catalogue(), load=load_test_certificates)


def schuldregeling(**days: str) -> Said:
    """Only this version, on those days."""
    return {"modules": {"Schuldregeling": [{"version": "2.0", **days}]}}


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A line of a file that closes the door, and what is said at it."""

    said: Said
    codes: tuple[str, ...]
    status: int = 200
    text: str | None = None
    without: Said = field(default_factory=dict)


PUSHES = {
    "suspended": Closed(said=SUSPENDED, codes=("EBMS:0010",), text="This participant is suspended"),
    "at the desk": Closed(said=DESK, codes=("EBMS:0101",)),
    "calls from elsewhere": Closed(
        said=FROM_ELSEWHERE, codes=("EBMS:0010",), text="from an address that was not agreed", without=FROM_HERE
    ),
    "not yet": Closed(
        said=schuldregeling(**{"from": "2026-03-05"}),
        codes=("EBMS:0010",),
        text="Schuldregeling 2.0 is active for this sender from 2026-03-05.",
        without=schuldregeling(**{"from": "2026-03-04"}),
    ),
    "no longer": Closed(
        said=schuldregeling(until="2026-03-03"),
        codes=("EBMS:0010",),
        text="Schuldregeling 2.0 was active for this sender until 2026-03-03.",
        without=schuldregeling(until="2026-03-04"),
    ),
}


@pytest.mark.parametrize("case", PUSHES.values(), ids=PUSHES)
async def test_a_push_ends_differently_with_and_without_the_line(tmp_path: Path, case: Closed) -> None:
    async with running_hub(tmp_path / "without", extra=about("counsellor", case.without)) as hub:
        assert (await post(hub, saldoverzoek().wire())).receipt is not None
    async with running_hub(tmp_path / "with", extra=about("counsellor", case.said)) as hub:
        reply = await post(hub, saldoverzoek().wire())
        assert (reply.status, reply.codes) == (case.status, case.codes)
        assert await records(hub) == []
        assert case.text is None or case.text in said_in(reply)


@pytest.mark.parametrize("forwarded", [None, "unknown", "10.9.0.1, unknown"])
async def test_whoever_may_call_from_some_addresses_comes_again_where_our_proxy_does_not_say_from_where_he_calls(
    tmp_path: Path, forwarded: str | None
) -> None:
    """A failure is final for him, and this is the fault of the hub's operator."""
    headers = None if forwarded is None else {"X-Forwarded-For": forwarded}
    async with running_hub(tmp_path, extra=about("counsellor", FROM_ELSEWHERE), edge_limits=BEHIND_A_PROXY) as hub:
        for wire in (saldoverzoek().wire(), pull_request("counsellor")):
            reply = await post(hub, wire, headers=headers)
            assert (reply.status, reply.codes) == (503, ())
        assert {line["cause"] for line in hub.log.of("postponed")} == {"proxy"}
        elsewhere = await post(hub, saldoverzoek().wire(), headers={"X-Forwarded-For": "203.0.113.9"})
        assert elsewhere.codes == ("EBMS:0010",)
        agreed = await post(hub, saldoverzoek().wire(), headers={"X-Forwarded-For": "192.0.2.7"})
        assert agreed.receipt is not None


RECEIVED = {
    "not yet": Closed(
        said=schuldregeling(**{"from": "2026-03-05"}),
        codes=("EBMS:0010",),
        without=schuldregeling(**{"from": "2026-03-04"}),
    ),
    "no longer": Closed(
        said=schuldregeling(until="2026-03-03"), codes=("EBMS:0010",), without=schuldregeling(until="2026-03-04")
    ),
}


@pytest.mark.parametrize("case", RECEIVED.values(), ids=RECEIVED)
async def test_a_receiver_is_sent_what_is_active_for_it_today(tmp_path: Path, case: Closed) -> None:
    """Its days are its own business: the sender reads what it reads of a party without that version."""
    async with running_hub(tmp_path / "without", extra=about("creditor", case.without)) as hub:
        await push(hub)
    async with running_hub(tmp_path / "with", extra=about("creditor", case.said)) as hub:
        reply = await post(hub, saldoverzoek().wire())
        assert reply.codes == case.codes
        assert said_in(reply) == "The final recipient does not receive Saldoverzoek of Schuldregeling 2.0."


PULLS = {
    "suspended": Closed(said=SUSPENDED, codes=("EBMS:0010",), text="This participant is suspended"),
    "at the desk": Closed(said=DESK, codes=("EBMS:0101",)),
    "calls from elsewhere": Closed(
        said=FROM_ELSEWHERE, codes=("EBMS:0010",), text="from an address that was not agreed", without=FROM_HERE
    ),
}


@pytest.mark.parametrize("case", PULLS.values(), ids=PULLS)
async def test_a_pull_ends_differently_and_what_waits_waits_on(tmp_path: Path, case: Closed) -> None:
    async with running_hub(tmp_path / "without", extra=about("creditor", case.without)) as hub:
        await push(hub)
        assert (await pull(hub)).user_message is not None
    async with running_hub(tmp_path / "with", extra=about("creditor", case.said)) as hub:
        await push(hub)
        reply = await pull(hub)
        assert reply.codes == case.codes
        assert case.text is None or case.text in said_in(reply)
        (waiting,) = await records(hub)
        assert waiting.state is State.STORED


async def test_a_receipt_counts_although_its_giver_was_suspended_meanwhile_SR_07(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await push(hub)
        pulled = await pull(hub)
        changed = configured(about("creditor", SUSPENDED))
        assert (await answer(hub, pull_request("creditor", at=hub.clock.now()), under=changed)).codes == ("EBMS:0010",)
        receipt = pulled.receipt_wire("creditor", at=hub.clock.now())
        assert (await answer(hub, receipt, under=changed)).status == 204
        (message,) = await records(hub)
        assert message.state is State.RECEIPTED


@pytest.mark.parametrize("said", [SUSPENDED, schuldregeling(until="2026-03-03")], ids=["suspended", "module ended"])
async def test_a_repetition_is_receipted_whatever_became_of_its_sender_SR_02(tmp_path: Path, said: Said) -> None:
    async with running_hub(tmp_path) as hub:
        wire = saldoverzoek().wire()
        first = await post(hub, wire)
        changed = configured(about("counsellor", said))
        assert (await answer(hub, wire, under=changed)).body == first.body


async def test_a_stranger_at_the_desks_door_reads_what_anybody_unknown_reads(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=about("creditor", DESK)) as hub:
        known = await post(hub, pull_request("creditor", at=hub.clock.now()))
        unknown = await post(hub, pull_request("stranger", at=hub.clock.now()))
        assert [each.description for each in errors(known)] == [each.description for each in errors(unknown)]
        assert known.codes == unknown.codes


DOCUMENTS = {
    "wgs": (None, True),
    "mandate": (None, False),
    "mandate with its paper": ("application/pdf", True),
}


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_the_legal_basis_decides_whether_a_document_comes_along(tmp_path: Path, case: str) -> None:
    paper, taken = DOCUMENTS[case]
    said = {"legal_basis": case.partition(" ")[0]}
    async with running_hub(tmp_path, extra=about("counsellor", said)) as hub:
        draft = saldoverzoek(module="Schuldinventarisatie", version="2.0")
        if paper is not None:
            pdf = Part(octets=b"%PDF-1.7", mime_type=paper, compressed=False)
            draft = draft.with_parts(*draft.parts, pdf)
        reply = await post(hub, draft.wire())
        assert (reply.receipt is not None) is taken, reply.codes
        if not taken:
            assert said_in(reply) == "A part that the processing mode requires is missing."


async def test_the_answer_is_due_by_the_term_that_the_receiver_agreed_on(tmp_path: Path) -> None:
    due = {}
    for days in (None, 15):
        version = {"version": "2.0"} if days is None else {"version": "2.0", "answer_working_days": days}
        said = {"modules": {"Schuldregeling": [version]}}
        async with running_hub(tmp_path / str(days), extra=about("creditor", said)) as hub:
            await push(hub)
            (message,) = await records(hub)
            due[days] = message.metadata.answer_due
    amsterdam_midnight = timedelta(hours=1)
    assert due[None] == datetime(2026, 3, 19, tzinfo=UTC) - amsterdam_midnight
    assert due[15] == datetime(2026, 3, 26, tzinfo=UTC) - amsterdam_midnight


@pytest.mark.parametrize(
    ("at", "taken"),
    [
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), False),  # 23:59 in the Netherlands
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 31, 21, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 31, 22, 0, tzinfo=UTC), False),
    ],
)
async def test_a_day_begins_and_ends_at_midnight_in_the_netherlands(
    tmp_path: Path, at: datetime, *, taken: bool
) -> None:
    said = schuldregeling(**{"from": "2026-07-01", "until": "2026-07-31"})
    async with running_hub(tmp_path, extra=about("counsellor", said), clock=StandingClock(at)) as hub:
        reply = await post(hub, saldoverzoek(at=at).wire())
        assert (reply.receipt is not None) is taken, reply.codes


async def test_while_the_time_is_suspect_nobody_is_refused_for_a_day_but_for_a_role_he_is(tmp_path: Path) -> None:
    """The hub's clock may be the one that is wrong."""
    extra = {
        "counsellor": schuldregeling(until="2026-03-03"),
        "creditor": schuldregeling(**{"from": "2026-03-05"}),
        "administrator": {"roles": ["schuldeiser"], "modules": {"Schuldregeling": ["2.0"]}},
    }
    async with running_hub(tmp_path, extra=extra) as hub:
        hub.clock.jump(timedelta(minutes=-10))
        assert hub.hub.time.look()
        reply = await post(hub, saldoverzoek(at=hub.clock.now()).wire())
        assert (reply.status, reply.codes) == (503, ())
        wrong_role = saldoverzoek("administrator", "creditor", at=hub.clock.now())
        assert (await post(hub, wrong_role.wire())).codes == ("EBMS:0010",)


async def test_a_unit_sends_and_pulls_for_itself_under_the_rules_of_its_organisation(tmp_path: Path) -> None:
    """The administrator of these tests is a unit, whose organisation is no party."""
    async with running_hub(tmp_path) as hub:
        unit = hub.configuration.by_party[PARTIES["administrator"][0]]
        assert unit.unit_of is not None
        assert hub.configuration.by_party.get(unit.unit_of.party_id) is None
        draft = saldoverzoek("counsellor", "administrator", at=hub.clock.now())
        await push(hub, draft)
        assert (await pull(hub, "administrator")).user_message is not None
        to_the_whole = draft.with_property(names.FINAL_RECIPIENT, unit.unit_of.party_id)
        assert (await post(hub, again(to_the_whole).wire())).codes == ("EBMS:0010",)


def again(draft: Draft) -> Draft:
    return draft.saying(message_id=f"again-{draft.user_message.message_id}")


def errors(reply: Reply) -> tuple[object, ...]:
    assert reply.error is not None
    return reply.error.errors


def said_in(reply: Reply) -> str:
    assert reply.error is not None
    return str(reply.error.errors[0].description)
