"""What a peer's time may do to its message (SR-16), and how often a signal counts (SR-08, PL-04, PL-09).

A fault that may be the hub's own is 503, and what comes again does nothing anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Before, assert_nothing_kept
from support.hubs.hub import TestedHub, running_hub
from support.hubs.rows import sent_of
from support.keys.pki import NOW, PARTIES, Variant, authority, identity
from support.messages.security import sign_anew, signed_so
from support.messages.signing import also_pinned, timestamped
from support.messages.wire import Reply, Wire, new_id, ping, post, pull_request, saldoverzoek, signal_wire

from crypto.keys import SigningKey
from crypto.pki import issue
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorSignal, Messaging
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.store.model import EvidenceKind, MessageFilter, MessageRecord, State

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PARTNERS = ("counsellor", "creditor", "administrator")


def error_about(message_id: str, *, at: datetime, error_id: str | None = None) -> Wire:
    """An ebMS Error of the creditor about a message that it pulled."""
    entries = ERRORS["EBMS:0004"]().about(message_id).entries()
    signal = ErrorSignal(message_id=error_id or new_id(), timestamp=at, ref_to_message_id=message_id, errors=entries)
    return signal_wire(Messaging(error=signal), identity("creditor").signing_key)


async def only_record(hub: TestedHub) -> MessageRecord:
    (record,) = await hub.store.messages(MessageFilter())
    return record


def postponed(hub: TestedHub, reply: Reply) -> str:
    """The cause of a 503, which has no body and says when to come back."""
    assert (reply.status, reply.body) == (503, b""), (reply.status, reply.codes)
    assert int(reply.headers["Retry-After"]) >= 1
    return str(hub.log.of("postponed")[-1]["cause"])


# ---- a peer whose time is not ours


@pytest.mark.parametrize("apart", [-HOUR, HOUR, -10 * MINUTE, 3650 * DAY], ids=str)
async def test_one_wrong_clock_may_be_ours_so_its_own_message_is_503_SR_16(apart: timedelta, tmp_path: Path) -> None:
    """Nobody vouches for either clock; and the same octets are taken once the hub's is right."""
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        wires = [pull_request(at=NOW + apart)]
        if apart > timedelta():  # a message of an hour ago may have waited at its sender
            wires.append(saldoverzoek(at=NOW + apart).wire())
        for wire in wires:
            before = Before.of(hub)
            assert postponed(hub, await post(hub, wire)) == "participant-time"
            assert_nothing_kept(hub, before)
            assert postponed(hub, await post(hub, wire)) == "participant-time", "as it was told to do"
        assert not hub.hub.time.suspect, "one organisation is one voice"
        if apart < 365 * DAY:
            hub.clock.move(apart)
            assert [(await post(hub, each)).codes for each in wires] == [("EBMS:0006",), ()][: len(wires)]


@pytest.mark.parametrize("apart", [-HOUR, HOUR], ids=str)
@pytest.mark.parametrize("vouched", ["operator", "two others"])
async def test_with_a_trusted_clock_a_peer_out_of_time_is_told_so(
    apart: timedelta, vouched: str, tmp_path: Path
) -> None:
    async with running_hub(tmp_path, time_confirmed=vouched == "operator") as hub:
        if vouched == "two others":
            for each in ("counsellor", "administrator"):
                assert (await post(hub, pull_request(each))).codes == ("EBMS:0006",)
        answer = await post(hub, pull_request(at=NOW + apart))
        assert answer.codes == ("EBMS:0003",)
        assert answer.error is not None
        assert "clock" in str(answer.error.errors[0].description)


async def test_three_organisations_that_agree_make_the_hub_doubt_its_clock_SR_16(tmp_path: Path) -> None:
    """The hub is an hour behind, and was never told so; nothing is final then, and nobody's good word ends it."""
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        for number, each in enumerate(PARTNERS):
            assert not hub.hub.time.suspect, number
            postponed(hub, await post(hub, pull_request(each, at=NOW + HOUR)))
        assert hub.hub.time.grounds == ("participants",)
        assert postponed(hub, await post(hub, pull_request(at=NOW + HOUR))) == "time"
        assert (await post(hub, saldoverzoek().wire())).receipt is not None, "what is in time is taken as ever"
        for each in PARTNERS:
            assert (await post(hub, pull_request(each))).status == 200
        assert hub.hub.time.suspect
        hub.clock.move(HOUR)
        await hub.running.keeper.confirm_time()
        assert (await post(hub, pull_request("counsellor", at=NOW + HOUR))).codes == ("EBMS:0006",)


@pytest.mark.parametrize("counted", [True, False])
async def test_replayed_old_signals_are_no_voices_SR_16(counted: bool, tmp_path: Path) -> None:
    """Of three organisations, captured when they were good, or on their way to a hub that never got them."""
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        caught = [pull_request(each) for each in PARTNERS]
        for wire in caught if counted else ():
            await post(hub, wire)
        hub.clock.move(MINUTE)
        for each in PARTNERS:
            await post(hub, pull_request(each, at=hub.clock.now()))
        clock = hub.clock
    clock.move(30 * DAY)
    async with running_hub(tmp_path, clock=clock, time_confirmed=False) as hub:
        await hub.running.keeper.keep()
        for wire in caught * 2:
            assert (await post(hub, wire)).codes == ("EBMS:0003",)
        assert not hub.hub.time.suspect


async def test_a_signature_that_does_not_hold_says_nothing_of_the_time(tmp_path: Path) -> None:
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        for each in PARTNERS:
            wire = pull_request(
                each, alter=lambda root: setattr(next(root.iter("{*}Timestamp")), "text", "2030-01-01T00:00:00Z")
            )
            assert (await post(hub, replace(wire, envelope=wire.body))).codes == ("EBMS:0101",)
        assert not hub.hub.time.suspect


def issued(name: str, *, begins: timedelta, days: int) -> SigningKey:
    made = issue(
        authority(),
        common_name=PARTIES[name][1],
        party_id=PARTIES[name][0],
        at=NOW + begins,
        days=days,
        usage="signing",
    )
    return SigningKey(private_key=made.private_key, certificate=made.certificate)


@pytest.mark.parametrize("confirmed", [True, False])
async def test_what_expired_on_its_way_may_have_done_so_by_a_wrong_clock(confirmed: bool, tmp_path: Path) -> None:
    """A message of an hour ago whose wsu:Timestamp gave it five minutes, as many stacks write it."""
    async with running_hub(tmp_path, time_confirmed=confirmed) as hub:
        hub.clock.move(HOUR)
        hub.hub.time.look()
        answer = await post(hub, sent_of(signed_so(timestamped(-60, 240, signed=True))()).wire)
        if confirmed:
            assert answer.codes == ("EBMS:0003",)
        else:
            assert postponed(hub, answer) == "participant-time"


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("unit", ["message", "pull", "error"])
async def test_a_timestamp_that_nobody_signed_refuses_nothing(unit: str, confirmed: bool, tmp_path: Path) -> None:
    """Put in on the way, between sender and hub: what it says of time is nobody's word."""
    async with running_hub(tmp_path, time_confirmed=confirmed) as hub:
        pulled = await pulled_by_creditor(hub)
        assert pulled.user_message is not None
        wire = {
            "message": ping().wire(),
            "pull": pull_request("counsellor"),
            "error": error_about(pulled.user_message.message_id, at=NOW),
        }[unit]
        root = etree.fromstring(wire.envelope)
        timestamped(-7200, -3600, signed=False)(root)
        reply = await post(hub, replace(wire, body=wire.body.replace(wire.envelope, etree.tostring(root))))
        assert (reply.status, reply.codes) == {
            "message": (200, ()),
            "pull": (200, ("EBMS:0006",)),
            "error": (204, ()),
        }[unit]
        assert bool(hub.log.of("error_taken")) is (unit == "error")


@pytest.mark.parametrize("says", ["an hour ago", "an hour from now"])
async def test_a_message_that_waited_is_no_word_about_its_senders_clock(says: str, tmp_path: Path) -> None:
    """Three organisations push what they made an hour ago, and what has expired by now; nobody waits from tomorrow."""
    ahead = says == "an hour from now"
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        if not ahead:
            hub.clock.move(HOUR)
            hub.hub.time.look()
        for name in PARTNERS:
            make = partial(ping, name, at=NOW + HOUR if ahead else NOW)
            expires = timestamped(-60, 7200 if ahead else 240, signed=True)
            wire = sent_of(signed_so(expires, make)()).wire
            assert postponed(hub, await post(hub, wire)) in ("participant-time", "time")
        assert hub.hub.time.suspect is ahead


@pytest.mark.parametrize("variant", ["expired", "not-yet-valid"])
async def test_a_certificate_that_does_not_hold_by_its_signers_own_time_is_refused(
    variant: Variant, tmp_path: Path
) -> None:
    """Nobody vouches for the hub's clock, and nobody needs to: the message says the same time."""
    names = ["counsellor-signing", f"counsellor-{variant}-signing"]
    extra = {"counsellor": {"certificates": {"signing": names, "encryption": ["counsellor-encryption"]}}}
    async with running_hub(tmp_path, extra=extra, time_confirmed=False) as hub:
        signer = identity("counsellor", variant).signing_key
        assert (await post(hub, saldoverzoek(signer=signer).wire())).codes == ("EBMS:0101",)
        elsewhen = saldoverzoek(signer=signer, at=NOW - 2 * DAY if variant == "expired" else NOW + 2 * DAY)
        assert postponed(hub, await post(hub, elsewhen.wire())) == "participant-time"


@pytest.mark.parametrize("suspect", [True, False])
async def test_while_the_time_is_suspect_nobody_is_refused_for_it(suspect: bool, tmp_path: Path) -> None:
    """Neither for a Timestamp, nor a certificate, nor a key of ours, nor as a replay."""
    extra = {
        "counsellor": {
            "certificates": {
                "signing": ["counsellor-signing", "counsellor-expired-signing", "counsellor-not-yet-valid-signing"],
                "encryption": ["counsellor-encryption"],
            }
        }
    }
    keys = (identity("hub").decryption_key, identity("hub", "expired").decryption_key)
    async with running_hub(tmp_path, extra=extra, decryption_keys=keys) as hub:
        again = pull_request()
        await post(hub, again)
        hub.clock.move(4 * MINUTE)
        if suspect:
            hub.clock.jump(31 * MINUTE)
        else:
            hub.clock.move(31 * MINUTE)
        at = hub.clock.now()
        wires = {
            "EBMS:0003": [again, pull_request(at=at - HOUR), saldoverzoek(at=at + HOUR).wire()],
            "EBMS:0101": [
                saldoverzoek(at=at, signer=identity("counsellor", each).signing_key).wire()
                for each in ("expired", "not-yet-valid")
            ],
            "EBMS:0102": [replace(saldoverzoek(at=at), recipient=identity("hub", "expired")).wire()],
        }
        for code, each in wires.items():
            for wire in each:
                answer = await post(hub, wire)
                if suspect:
                    assert postponed(hub, answer) == "time", code
                else:
                    assert answer.codes == (code,)


async def test_a_clock_that_went_back_shortens_no_term(tmp_path: Path) -> None:
    """The term of what is accepted meanwhile is counted from the latest time that was trusted."""
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        hub.clock.jump(-3 * DAY)
        assert hub.hub.time.look()
        await post(hub, saldoverzoek(at=hub.clock.now()).wire())
        before, during = await hub.store.messages(MessageFilter())
        assert before.metadata.expires_at == during.metadata.expires_at


# ---- a signal counts once


async def pulled_by_creditor(hub: TestedHub) -> Reply:
    await post(hub, saldoverzoek(at=hub.clock.now()).wire())
    pulled = await post(hub, pull_request(at=hub.clock.now()))
    assert pulled.user_message is not None
    return pulled


async def test_an_error_that_comes_again_pauses_nothing_also_after_a_restart_SR_08(tmp_path: Path) -> None:
    """Its 204 was lost; then somebody who captured it sends it for a month, from another process on."""
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        assert pulled.user_message is not None
        wire = error_about(pulled.user_message.message_id, at=NOW)
        assert (await post(hub, wire)).status == 204
        first = await only_record(hub)
        assert (await post(hub, wire)).status == 204
        assert await only_record(hub) == first
        assert len(hub.log.of("error_taken")) == len(hub.log.of("error_repeated")) == 1
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock) as hub:
        hub.clock.move(MINUTE)
        assert (await post(hub, pull_request(at=hub.clock.now()))).body == pulled.body
        for later in (timedelta(), MINUTE, HOUR, DAY):
            hub.clock.move(later)
            await hub.running.keeper.keep()
            answer = await post(hub, wire)
            assert (answer.status, answer.body) == (204, b"")
        assert not hub.log.of("error_taken")
        record = await only_record(hub)
        assert (record.attempts, record.state) == (2, State.STORED)


@pytest.mark.parametrize(("age", "counts"), [(5 * MINUTE, True), (6 * MINUTE, False), (30 * DAY, False)], ids=str)
async def test_an_error_is_fresh_or_has_no_effect_SR_08(age: timedelta, counts: bool, tmp_path: Path) -> None:
    """Captured before it came here, and sent later for the first time."""
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        assert pulled.user_message is not None
        answer = await post(hub, error_about(pulled.user_message.message_id, at=NOW - age))
        assert (answer.status, answer.body) == (204, b"")
        assert ((await only_record(hub)).last_error is not None) is counts


async def test_a_pull_request_that_found_nothing_has_counted_too_PL_04(tmp_path: Path) -> None:
    """Over a restart: the same answer for five minutes, and none after."""
    wire = pull_request()
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, wire)).codes == ("EBMS:0006",)
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock) as hub:
        await post(hub, saldoverzoek().wire())
        hub.clock.move(5 * MINUTE)
        assert (await post(hub, wire)).codes == ("EBMS:0006",)
        hub.clock.move(timedelta(seconds=1))
        assert (await post(hub, wire)).codes == ("EBMS:0003",)
        assert (await only_record(hub)).attempts == 0


async def test_a_lost_answer_comes_again_for_five_minutes_PL_09(tmp_path: Path) -> None:
    """Octet for octet, from another process; and for a signal from a clock five minutes ahead not a minute longer."""
    wire = pull_request(at=NOW + 5 * MINUTE)
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        first = await post(hub, wire)
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock) as hub:
        hub.clock.move(5 * MINUTE)
        assert (await post(hub, wire)).body == first.body
        hub.clock.move(MINUTE)
        assert (await post(hub, wire)).codes == ("EBMS:0003",)


# ---- a receipt counts whenever it comes


LATER = pytest.mark.parametrize("later", [timedelta(), 6 * MINUTE, 2 * DAY, 400 * DAY], ids=str)


@LATER
async def test_a_receipt_is_taken_however_late_it_comes_SR_07(later: timedelta, tmp_path: Path) -> None:
    """Made when the message was pulled, and sent first long after; while it waits, or after its term."""
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        wire = pulled.receipt_wire("creditor", at=NOW)
        hub.clock.move(later)
        await hub.running.keeper.keep()
        assert (await post(hub, wire)).status == 204
        assert pulled.user_message is not None
        evidence = await hub.store.evidence(pulled.user_message.message_id)
        assert EvidenceKind.TAKEN in [kind for kind, _, _ in evidence] or EvidenceKind.LATE in [
            kind for kind, _, _ in evidence
        ]


@pytest.mark.parametrize("age", [HOUR, 400 * DAY], ids=str)
async def test_neither_a_passed_wsu_expires_nor_a_certificate_that_ended_since_refuses_a_receipt_SR_07(
    age: timedelta, tmp_path: Path
) -> None:
    """Made in time, with five minutes to live, under a certificate that ended the next day."""
    signer = issued("creditor", begins=-DAY, days=2)
    configuration = also_pinned(signer.certificate, "creditor")
    async with running_hub(tmp_path, configuration=configuration) as hub:
        pulled = await pulled_by_creditor(hub)
        root = etree.fromstring(pulled.receipt_wire("creditor", at=NOW, signer=signer).body)
        timestamped(-60, 240, signed=True)(root)
        sign_anew(root, signer)
        envelope = etree.tostring(root)
        hub.clock.move(age)
        answer = await post(hub, Wire(content_type=SOAP_XML_UTF8, body=envelope, envelope=envelope))
        assert answer.status == 204, (answer.codes, hub.log.lines[-2:])


async def test_a_certificate_that_had_ended_makes_no_receipt(tmp_path: Path) -> None:
    signer = issued("creditor", begins=-10 * DAY, days=9)
    async with running_hub(tmp_path, configuration=also_pinned(signer.certificate, "creditor")) as hub:
        pulled = await pulled_by_creditor(hub)
        for wire, beside in (
            (pulled.receipt_wire("creditor", at=NOW, signer=signer), ()),
            (pull_request(signer=signer, receipt=pulled.receipt_of()), ("EBMS:0004",)),
        ):
            assert (await post(hub, wire)).codes == ("EBMS:0302", *beside)


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_receipt_counts_though_the_pull_request_beside_it_does_not(fresh: bool, tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        at = NOW if fresh else NOW - HOUR
        answer = await post(hub, pull_request(at=at, receipt=pulled.receipt_of()))
        assert answer.codes == (("EBMS:0006",) if fresh else ("EBMS:0003",))
        assert (await only_record(hub)).state is State.RECEIPTED


# ---- certificates of the hub and of the receiver


@pytest.mark.parametrize(
    ("begins", "days", "why"),
    [
        (-30 * DAY, 10, "has expired"),
        (10 * DAY, 100, "not yet valid"),
        (-30 * DAY, 32, "ends before the term"),
    ],
    ids=["over", "not begun", "too short"],
)
async def test_a_signing_certificate_that_does_not_hold_is_503_and_a_warning(
    begins: timedelta, days: int, why: str, tmp_path: Path
) -> None:
    """Nothing is sealed, and nothing is signed that nobody could verify; what needs no signature goes on."""
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        clock = hub.clock
    async with running_hub(tmp_path, clock=clock, signing_keys=(issued("hub", begins=begins, days=days),)) as hub:
        assert postponed(hub, await post(hub, saldoverzoek().wire())) == "signing-certificate"
        (line,) = hub.log.of("postponed")
        assert why in str(line["detail"])
        if why != "ends before the term":
            for wire in (pull_request(mpc="urn:nothing"), ping().wire()):
                assert postponed(hub, await post(hub, wire)) == "signing-certificate"
        assert (await post(hub, pulled.receipt_wire("creditor"))).status == 204


async def test_no_decryption_certificate_that_holds_is_the_hubs_own_fault(tmp_path: Path) -> None:
    async with running_hub(tmp_path, decryption_keys=(identity("hub", "expired").decryption_key,)) as hub:
        wire = replace(saldoverzoek(), recipient=identity("hub", "expired")).wire()
        assert postponed(hub, await post(hub, wire)) == "decryption-certificate"


# ---- a hub that stood still: stopped, or its machine was


async def backlog(hub: TestedHub, made: timedelta) -> list[Reply]:
    """What a PullRequest of every organisation gets that was made so long before the hub woke up, and lay there."""
    wires = [pull_request(each, at=hub.clock.now() - made) for each in PARTNERS]
    return [await post(hub, each) for each in wires]


async def test_what_came_while_the_hub_stood_still_says_nothing_of_its_clock_SR_16(tmp_path: Path) -> None:
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        hub.hub.time.pulse()
        hub.clock.move(6 * MINUTE)
        for reply in await backlog(hub, made=6 * MINUTE - SECOND):
            assert postponed(hub, reply) == "stood-still"
        assert not hub.hub.time.suspect
        assert {each.codes for each in await backlog(hub, made=SECOND)} == {("EBMS:0006",)}


async def test_a_time_that_the_stop_does_not_explain_speaks_against_the_clock_SR_16(tmp_path: Path) -> None:
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        hub.hub.time.pulse()
        hub.clock.move(6 * MINUTE)
        for reply in await backlog(hub, made=HOUR):
            assert postponed(hub, reply) in ("participant-time", "time")
        assert hub.hub.time.grounds == ("participants",)


async def test_a_while_after_it_stood_still_times_count_as_ever_SR_16(tmp_path: Path) -> None:
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        hub.hub.time.pulse()
        hub.clock.move(6 * MINUTE)
        for _ in range(65):
            hub.hub.time.pulse()
            hub.clock.move(SECOND)
        for reply in await backlog(hub, made=6 * MINUTE):
            assert postponed(hub, reply) in ("participant-time", "time")
        assert hub.hub.time.suspect
