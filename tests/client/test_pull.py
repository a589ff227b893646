"""A pulled message is stored before its receipt leaves, once, and only if every check holds (AS4 2.1.1; P30, P31)."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hub_script import (
    Answer,
    HubScript,
    Reply,
    Request,
    Waits,
    empty,
    error,
    html,
    leg_two,
    means_with,
    nothing,
    origin_of,
    participant,
    plain,
    silence,
)
from support.pki import NOW, PARTIES, identity
from support.wire import Draft, Part, multipart, saldoverzoek, split

from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.participant import ClientLimits
from gateway.client.pull import keep_pulling, pull, pull_until_empty, send_receipts
from gateway.client.retry import PollPolicy, RetryPolicy
from gateway.client.taking import Outcome, PullResult
from gateway.ebms import names
from gateway.ebms.gzip import compress

HUB = PARTIES["hub"][0]


@pytest.fixture
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    opened = await Inbox.open(tmp_path / "inbox")
    yield opened
    await opened.aclose()


async def pulled(inbox: Inbox, *answers: Answer, waits: Waits | None = None, **changes: object) -> PullResult:
    async with HubScript(*answers) as hub, means_with(waits) as means:
        return await pull(participant(hub.url, **changes), inbox=inbox, means=means)


async def only(inbox: Inbox) -> InboxMessage:
    (message,) = await inbox.messages()
    return message


def receipt_in(request: Request) -> str | None:
    receipt = request.messaging.receipt
    return None if receipt is None else receipt.ref_to_message_id


# --- a message that holds -----------------------------------------------------------------------------------------


async def test_a_message_is_stored_as_it_was_sent_and_receipted(inbox: Inbox) -> None:
    leg_one = saldoverzoek("creditor", "counsellor")
    draft = leg_two(leg_one)
    async with HubScript(plain(draft.wire()), nothing) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means)
    assert (result.outcome, result.message_id) == (Outcome.STORED, draft.user_message.message_id)
    message = await only(inbox)
    assert [part.read() for part in message.parts] == [leg_one.parts[0].octets]
    assert message.parts[0].mime_type == "application/xml"
    assert (message.sender, message.action, message.state) == (HUB, "Saldoverzoek", "received")
    assert message.original_sender == PARTIES["creditor"][0]
    assert message.tracking_identifier == leg_one.user_message.property(names.TRACKING_IDENTIFIER)
    asked, receipted = hub.requests
    assert asked.messaging.pull_request is not None
    assert asked.messaging.pull_request.mpc == f"urn:knooppunt:mpc:{PARTIES['counsellor'][0]}"
    assert receipt_in(receipted) == draft.user_message.message_id
    assert receipted.messaging.pull_request is None
    assert message.receipt_state == "sent"


async def test_the_receipt_repeats_every_reference_of_the_pulled_message(inbox: Inbox) -> None:
    wire = leg_two().wire()
    async with HubScript(plain(wire), nothing) as hub, means_with() as means:
        await pull(participant(hub.url), inbox=inbox, means=means)
    receipt = hub.requests[1].messaging.receipt
    assert receipt is not None
    assert receipt.references == wire.references


async def test_the_message_is_durable_before_its_receipt_leaves(inbox: Inbox) -> None:
    stored: list[int] = []

    def look(request: Request) -> Reply:
        with closing(sqlite3.connect(inbox.records.folder / "inbox.sqlite")) as connection:
            stored.extend(connection.execute("SELECT count(*) FROM message").fetchone())
        return nothing(request)

    assert (await pulled(inbox, plain(leg_two().wire()), look)).outcome is Outcome.STORED
    assert stored == [1]


async def test_large_parts_go_to_files_and_come_back_whole(inbox: Inbox, tmp_path: Path) -> None:
    large = b"%PDF " + bytes(range(256)) * 3000
    leg_one = saldoverzoek("creditor", "counsellor")
    leg_one = leg_one.with_parts(*leg_one.parts, Part(octets=large, mime_type="application/pdf"))
    assert (await pulled(inbox, plain(leg_two(leg_one).wire()), nothing)).outcome is Outcome.STORED
    first, second = (await only(inbox)).parts
    assert (first.file, second.body) == (None, None)
    assert second.read() == large
    assert second.octets == len(large)


async def test_an_uncompressed_part_is_taken_as_it_is(inbox: Inbox) -> None:
    leg_one = saldoverzoek("creditor", "counsellor")
    text = Part(octets=b"one\r\ntwo\n", mime_type="text/plain", compressed=False)
    xml = Part(octets=b"<a  b='c'/>", compressed=False)
    leg_one = leg_one.with_parts(*leg_one.parts, text, xml)
    assert (await pulled(inbox, plain(leg_two(leg_one).wire()), nothing)).outcome is Outcome.STORED
    message = await only(inbox)
    assert [part.read() for part in message.parts[1:]] == [text.octets, xml.octets]


async def test_an_old_decryption_key_still_opens_what_waited_under_it(inbox: Inbox) -> None:
    keys = (identity("counsellor", "next").decryption_key, identity("counsellor").decryption_key)
    assert (await pulled(inbox, plain(leg_two().wire()), nothing, decryption_keys=keys)).outcome is Outcome.STORED


# --- proof of origin ----------------------------------------------------------------------------------------------


def knows(name: str, signer: str | None = None) -> dict[str, object]:
    return {"senders": {PARTIES[name][0]: (identity(signer or name).signing.certificate,)}}


async def test_the_senders_own_signature_is_verified_against_the_address_book(inbox: Inbox) -> None:
    assert (await pulled(inbox, plain(leg_two().wire()), nothing, **knows("creditor"))).outcome is Outcome.STORED
    message = await only(inbox)
    assert message.origin == "verified"
    evidence = await inbox.evidence(message.number)
    assert evidence is not None
    assert evidence[0] is not None
    assert b"Origin" in evidence[0]


async def test_a_sender_who_is_not_in_the_address_book_is_reported_with_its_thumbprint(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two().wire()), nothing)
    message = await only(inbox)
    assert message.origin == "unverified"
    assert message.origin_thumbprint is not None
    assert len(bytes.fromhex(message.origin_thumbprint)) == 32


async def test_a_message_without_proof_is_reported_as_such(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two(origin=None).wire()), nothing)
    message = await only(inbox)
    assert (message.origin, message.origin_thumbprint) == ("absent", None)


async def test_the_proof_is_not_a_part_of_the_message(inbox: Inbox) -> None:
    await pulled(inbox, plain(leg_two().wire()), nothing)
    assert len((await only(inbox)).parts) == 1


async def test_a_notice_of_the_hub_itself_needs_no_proof(inbox: Inbox) -> None:
    draft = leg_two(origin=None).with_property(names.ORIGINAL_SENDER, HUB)
    assert (await pulled(inbox, plain(draft.wire()), nothing, origin_required=True)).outcome is Outcome.STORED


async def test_a_sender_whose_certificate_expired_while_the_message_waited_is_still_the_sender(inbox: Inbox) -> None:
    long_ago = NOW - timedelta(days=400)
    old = identity("creditor", "expired")
    leg_one = saldoverzoek("creditor", "counsellor", at=long_ago, signer=old.signing_key)
    draft = leg_two(leg_one, origin=origin_of(leg_one, old.signing.certificate, at=long_ago)).saying(timestamp=NOW)
    book = {"senders": {PARTIES["creditor"][0]: (old.signing.certificate,)}}
    assert (await pulled(inbox, plain(draft.wire()), nothing, **book)).outcome is Outcome.STORED
    assert (await only(inbox)).origin == "verified"


# --- a message that does not hold ---------------------------------------------------------------------------------


def foreign_origin() -> Draft:
    """The proof of another message of the same sender."""
    return leg_two(saldoverzoek("creditor", "counsellor"), origin=origin_of(saldoverzoek("creditor", "counsellor")))


def swapped_part() -> Draft:
    """The proof is right, the part is another one under its name."""
    leg_one = saldoverzoek("creditor", "counsellor")
    draft = leg_two(leg_one)
    other = replace(draft.parts[0], octets=b"<other/>")
    return replace(draft, parts=(other, *draft.parts[1:]))


def dropped_part() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    longer = leg_one.with_parts(*leg_one.parts, Part(octets=b"%PDF", mime_type="application/pdf"))
    return leg_two(leg_one, origin=origin_of(longer))


def renamed(name: str, value: str) -> Draft:
    return leg_two().with_property(name, value)


def ignoring(draft: Draft, content: Callable[[bytes], bytes]) -> Answer:
    """One octet string of the first part's ciphertext changed."""
    first = draft.parts[0].content_id
    return plain(draft.wire(part_alter=lambda part, octets: content(octets) if part == first else octets))


def flip(at: int) -> Callable[[bytes], bytes]:
    def flipped(octets: bytes) -> bytes:
        changed = bytearray(octets)
        changed[at] ^= 1
        return bytes(changed)

    return flipped


def part_saying(**plain_: object) -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    return leg_two(leg_one.with_parts(replace(leg_one.parts[0], **plain_)), origin=None)  # type: ignore[arg-type]


def rebuilt(draft: Draft, change: Callable[[list[tuple[str, str, bytes]]], object]) -> Answer:
    """The message with its MIME parts changed: (Content-ID, media type, octets) each."""
    wire = draft.wire()
    envelope, parts = split(wire.content_type, wire.body)
    carried = [(part, names.OCTET_STREAM, octets) for part, octets in parts.items()]
    change(carried)
    return plain(multipart(envelope, carried))


class TwoFaced(Part):
    """A part of which other octets are encrypted than were signed."""

    @property
    def signed_octets(self) -> bytes:
        signing = sys._getframe(1).f_code.co_name == "_digest"
        return compress(b"<signed/>" if signing else b"<sent/>", salt=bytes(16))


def not_what_was_signed() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    return leg_two(leg_one.with_parts(TwoFaced(octets=b"")), origin=None)


def younger_proof() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor", at=NOW + timedelta(hours=1))
    return leg_two(leg_one).saying(timestamp=NOW)


def unfinished() -> Answer:
    wire = leg_two().wire()
    return plain(replace(wire, body=wire.body[:-20]))


NOT_TAKEN: dict[str, tuple[Callable[[], Answer], dict[str, object], str]] = {
    # what: (the answer, changes of the participant, the code that the hub is told)
    "a ciphertext changed": (lambda: ignoring(leg_two(), flip(40)), {}, "EBMS:0102"),
    "an IV changed": (lambda: ignoring(leg_two(), flip(0)), {}, "EBMS:0102"),
    "a tag changed": (lambda: ignoring(leg_two(), flip(-1)), {}, "EBMS:0102"),
    "a ciphertext cut": (lambda: ignoring(leg_two(), lambda octets: octets[:-5]), {}, "EBMS:0102"),
    "a part of nothing": (lambda: ignoring(leg_two(), lambda _octets: b""), {}, "EBMS:0102"),
    "another part than was signed": (lambda: plain(not_what_was_signed().wire()), {}, "EBMS:0101"),
    "a part that is missing": (lambda: rebuilt(leg_two(), lambda parts: parts.pop()), {}, "EBMS:0011"),
    "no part at all": (lambda: rebuilt(leg_two(), lambda parts: parts.clear()), {}, "EBMS:0011"),
    "a part too many": (
        lambda: rebuilt(leg_two(), lambda parts: parts.append(("more@hub.example", names.OCTET_STREAM, b"x"))),
        {},
        "EBMS:0007",
    ),
    "a body without its end": (unfinished, {}, "EBMS:0007"),
    "another key": (
        lambda: plain(leg_two().wire()),
        {"decryption_keys": (identity("creditor").decryption_key,)},
        "EBMS:0102",
    ),
    "not encrypted": (lambda: plain(replace(leg_two(), encrypted=False).wire()), {}, "EBMS:0103"),
    "not gzip": (lambda: plain(part_saying(plain=b"this is no gzip").wire()), {}, "EBMS:0303"),
    "torn gzip": (lambda: plain(part_saying(plain=compress(b"<a/>", salt=bytes(16))[:-3]).wire()), {}, "EBMS:0303"),
    "larger than taken": (
        lambda: plain(leg_two().wire()),
        {"limits": ClientLimits(inflated_octets=100)},
        "EBMS:0303",
    ),
    "to somebody else": (
        lambda: plain(leg_two().saying(to_party=saldoverzoek("creditor").user_message.from_party).wire()),
        {},
        "EBMS:0003",
    ),
    "from somebody else": (
        lambda: plain(leg_two().saying(from_party=saldoverzoek("creditor").user_message.from_party).wire()),
        {},
        "EBMS:0003",
    ),
    "of another mailbox": (lambda: plain(leg_two().saying(mpc="urn:knooppunt:mpc:other").wire()), {}, "EBMS:0003"),
    "of no mailbox": (lambda: plain(leg_two().saying(mpc=None).wire()), {}, "EBMS:0003"),
    "no proof, where one is required": (
        lambda: plain(leg_two(origin=None).wire()),
        {"origin_required": True},
        "EBMS:0103",
    ),
    "an unknown sender, where proof is required": (
        lambda: plain(leg_two().wire()),
        {"origin_required": True},
        "EBMS:0103",
    ),
    "proof by another certificate": (lambda: plain(leg_two().wire()), knows("creditor", "administrator"), "EBMS:0101"),
    "proof of another message": (lambda: plain(foreign_origin().wire()), {}, "EBMS:0101"),
    "proof of more parts": (lambda: plain(dropped_part().wire()), {}, "EBMS:0101"),
    "proof of another part": (lambda: plain(swapped_part().wire()), {}, "EBMS:0101"),
    "proof that is younger than the message": (lambda: plain(younger_proof().wire()), {}, "EBMS:0101"),
    "proof that is no proof": (lambda: plain(leg_two(origin=b"<Origin/>").wire()), {}, "EBMS:0101"),
    "a reference that the sender did not sign": (
        lambda: plain(renamed(names.TRACKING_IDENTIFIER, "other").wire()),
        {},
        "EBMS:0101",
    ),
    "a sender that the sender is not": (
        lambda: plain(renamed(names.ORIGINAL_SENDER, PARTIES["administrator"][0]).wire()),
        {},
        "EBMS:0101",
    ),
    "a recipient that the sender did not name": (
        lambda: plain(renamed(names.FINAL_RECIPIENT, PARTIES["administrator"][0]).wire()),
        {},
        "EBMS:0101",
    ),
    "an action that the sender did not sign": (lambda: plain(leg_two().saying(action="Other").wire()), {}, "EBMS:0101"),
}


@pytest.mark.parametrize("case", NOT_TAKEN)
async def test_a_message_that_does_not_hold_is_not_stored_and_the_hub_is_told(
    inbox: Inbox, tmp_path: Path, case: str
) -> None:
    make, changes, code = NOT_TAKEN[case]
    async with HubScript(make(), nothing) as hub, means_with() as means:
        result = await pull(participant(hub.url, **changes), inbox=inbox, means=means)
    assert (result.outcome, [each.code for each in result.errors]) == (Outcome.NOT_TAKEN, [code])
    assert await inbox.messages() == ()
    told = hub.requests[1].messaging
    assert told.receipt is None
    assert told.error is not None
    assert (told.error.ref_to_message_id, told.error.errors[0].code) == (result.message_id, code)
    assert list((tmp_path / "inbox" / "parts").iterdir()) == []


def not_by_the_hub() -> Answer:
    return plain(replace(leg_two(), signer=identity("creditor").signing_key).wire())


def header_changed() -> Answer:
    wire = leg_two().wire(alter=lambda root: root.find(f".//{{{names.EB}}}Action").__setattr__("text", "Other"))  # type: ignore[union-attr]
    return plain(wire)


@pytest.mark.parametrize("make", [not_by_the_hub, header_changed])
async def test_what_the_hub_did_not_sign_has_no_effect_at_all(inbox: Inbox, make: Callable[[], Answer]) -> None:
    async with HubScript(make()) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means)
    assert result.outcome is Outcome.NO_ANSWER
    assert await inbox.messages() == ()
    assert len(hub.requests) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (empty, Outcome.EMPTY),
        (error("EBMS:0010"), Outcome.REFUSED),
        (error("EBMS:0006", is_signed=False), Outcome.NO_ANSWER),
        (error("EBMS:0002"), Outcome.NO_ANSWER),
    ],
)
async def test_an_answer_without_a_message_is_told_for_what_it_is(
    inbox: Inbox, answer: Answer, outcome: Outcome
) -> None:
    assert (await pulled(inbox, answer)).outcome is outcome


async def test_a_hub_that_is_too_busy_is_asked_again_whatever_its_body_says(inbox: Inbox) -> None:
    busy = error("EBMS:0202", is_signed=False, status=503)
    assert (await pulled(inbox, busy, empty)).outcome is Outcome.EMPTY


async def test_a_redirect_is_not_followed(inbox: Inbox) -> None:
    elsewhere = Reply(status=307, headers={"Location": "/as4"})
    async with HubScript(lambda _request: elsewhere, empty) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means, retry=RetryPolicy(retries=0))
    assert (result.outcome, len(hub.requests)) == (Outcome.NO_ANSWER, 1)


async def test_an_answer_larger_than_a_participant_takes_is_broken_off(inbox: Inbox) -> None:
    result = await pulled(inbox, plain(leg_two().wire()), limits=ClientLimits(message_octets=1000))
    assert result.outcome is Outcome.NO_ANSWER
    assert "1000 octets" in result.note


# --- duplicates and receipts --------------------------------------------------------------------------------------


async def test_a_message_that_comes_again_is_delivered_once_and_receipted_again(inbox: Inbox) -> None:
    wire = leg_two().wire()
    async with HubScript(plain(wire), nothing, plain(wire), nothing) as hub, means_with() as means:
        first = await pull(participant(hub.url), inbox=inbox, means=means)
        again = await pull(participant(hub.url), inbox=inbox, means=means)
    assert (first.outcome, again.outcome, again.number) == (Outcome.STORED, Outcome.DUPLICATE, first.number)
    assert len(await inbox.messages()) == 1
    assert hub.requests[1].body == hub.requests[3].body


async def test_another_message_under_a_known_id_is_an_error_and_gets_no_receipt(inbox: Inbox) -> None:
    first = leg_two()
    other = leg_two().saying(message_id=first.user_message.message_id)
    async with HubScript(plain(first.wire()), nothing, plain(other.wire()), nothing) as hub, means_with() as means:
        await pull(participant(hub.url), inbox=inbox, means=means)
        result = await pull(participant(hub.url), inbox=inbox, means=means)
    assert (result.outcome, result.errors[0].code) == (Outcome.NOT_TAKEN, "EBMS:0003")
    assert hub.requests[3].messaging.receipt is None
    assert (await only(inbox)).receipt_state == "sent"


async def test_a_receipt_that_a_crash_left_due_is_sent_at_the_next_start(tmp_path: Path) -> None:
    draft = leg_two()
    async with HubScript(plain(draft.wire()), silence, nothing, empty) as hub, means_with() as means:
        inbox = await Inbox.open(tmp_path / "inbox")
        await pull(participant(hub.url), inbox=inbox, means=means)
        assert (await only(inbox)).receipt_state == "due"
        await inbox.aclose()
        inbox = await Inbox.open(tmp_path / "inbox")
        result = await pull(participant(hub.url), inbox=inbox, means=means)
        assert (await only(inbox)).receipt_state == "sent"
        await inbox.aclose()
    assert result.outcome is Outcome.EMPTY
    assert hub.requests[2].body == hub.requests[1].body
    assert receipt_in(hub.requests[2]) == draft.user_message.message_id


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (nothing, "sent"),
        (lambda _request: Reply(status=200), "sent"),
        (error("EBMS:0302"), "refused"),
        (error("EBMS:0302", is_signed=False), "due"),
        (html(502), "due"),
        (html(503), "due"),
        (silence, "due"),
    ],
)
async def test_a_receipt_is_due_until_the_hub_took_it(inbox: Inbox, answer: Answer, state: str) -> None:
    await pulled(inbox, plain(leg_two().wire()), answer)
    assert (await only(inbox)).receipt_state == state


async def test_a_mailbox_is_emptied_with_each_receipt_on_the_next_pull(inbox: Inbox) -> None:
    drafts = [leg_two() for _ in range(3)]
    seen: list[Outcome] = []
    async with HubScript(*(plain(each.wire()) for each in drafts), empty) as hub, means_with() as means:
        await pull_until_empty(
            participant(hub.url), inbox=inbox, means=means, on_result=lambda result: seen.append(result.outcome)
        )
    assert seen == [Outcome.STORED] * 3 + [Outcome.EMPTY]
    assert len(hub.requests) == 4
    ids = [draft.user_message.message_id for draft in drafts]
    assert [receipt_in(request) for request in hub.requests] == [None, *ids]
    assert {message.receipt_state for message in await inbox.messages()} == {"sent"}


async def test_a_bundled_receipt_that_the_hub_refuses_does_not_end_the_pulling_for_good(inbox: Inbox) -> None:
    async with HubScript(plain(leg_two().wire()), error("EBMS:0302"), empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert (await only(inbox)).receipt_state == "refused"
    assert [each.outcome for each in results] == [Outcome.STORED, Outcome.REFUSED, Outcome.EMPTY]
    assert receipt_in(hub.requests[2]) is None


async def test_a_pull_that_the_hub_refuses_ends_the_pulling(inbox: Inbox) -> None:
    async with HubScript(error("EBMS:0302"), empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.REFUSED]


@pytest.mark.parametrize("answer", [silence, html(503)])
async def test_a_hub_that_is_away_is_asked_once_and_not_for_each_receipt(inbox: Inbox, answer: Answer) -> None:
    async with HubScript(*(plain(leg_two().wire()) for _ in range(3)), empty) as hub, means_with() as means:
        await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
        for number in (1, 2, 3):
            await inbox.repeat_receipt(number)
        hub.answers += [answer, *[nothing] * 3]
        assert await send_receipts(participant(hub.url), inbox=inbox, means=means) == 3
        assert await send_receipts(participant(hub.url), inbox=inbox, means=means) == 0


async def test_a_message_that_does_not_hold_does_not_keep_the_next_one_waiting(inbox: Inbox) -> None:
    bad, good = ignoring(leg_two(), flip(40)), plain(leg_two().wire())
    async with HubScript(bad, nothing, good, empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.NOT_TAKEN, Outcome.STORED, Outcome.EMPTY]


async def test_a_hub_that_offers_the_same_bad_message_at_once_is_left_alone(inbox: Inbox) -> None:
    bad = ignoring(leg_two(), flip(40))
    async with HubScript(bad, nothing, bad, nothing, bad) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.NOT_TAKEN, Outcome.NOT_TAKEN]


async def test_a_limit_ends_the_pulling(inbox: Inbox) -> None:
    wires = [plain(leg_two().wire()) for _ in range(2)]
    async with HubScript(*wires, nothing) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means, limit=2)
    assert len(results) == 2
    assert {message.receipt_state for message in await inbox.messages()} == {"sent"}


# --- answers that break off ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [0, 100, 3000, -30])
async def test_a_broken_answer_is_asked_for_again_under_the_same_id(inbox: Inbox, octets: int) -> None:
    wire = leg_two().wire()
    broken = plain(wire, broken_after=octets if octets >= 0 else len(wire.body) + octets)
    async with HubScript(broken, plain(wire), nothing) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means)
    assert result.outcome is Outcome.STORED
    assert hub.requests[0].body == hub.requests[1].body


async def test_a_pull_request_is_made_anew_before_the_hub_takes_it_for_a_replay(inbox: Inbox) -> None:
    slow = RetryPolicy(first_seconds=150, factor=1.0, retries=3)
    async with HubScript(silence, html(502), html(503), empty) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means, retry=slow)
    assert result.outcome is Outcome.EMPTY
    first, second, third, fourth = (request.messaging.pull_request for request in hub.requests)
    assert first == second
    assert third == fourth
    assert second is not None
    assert third is not None
    assert third.message_id != second.message_id
    assert third.timestamp == NOW + timedelta(seconds=300)


async def test_a_hub_that_does_not_answer_is_given_up_after_the_policy(inbox: Inbox) -> None:
    waits = Waits()
    async with HubScript() as hub, means_with(waits) as means:
        result = await pull(
            participant(hub.url), inbox=inbox, means=means, retry=RetryPolicy(first_seconds=5, retries=2)
        )
    assert (result.outcome, waits.seconds) == (Outcome.NO_ANSWER, [5.0, 10.0])


async def test_polling_backs_off_while_the_mailbox_is_empty_and_starts_over_after_a_message(inbox: Inbox) -> None:
    class Enough(Exception):
        pass

    class Ending(Waits):
        async def __call__(self, seconds: float) -> None:
            await Waits.__call__(self, seconds)
            if len(self.seconds) == 6:
                raise Enough

    waits = Ending()
    poll = PollPolicy(shortest_seconds=10, longest_seconds=60)
    answers = [*[empty] * 4, plain(leg_two().wire()), empty, empty]
    async with HubScript(*answers) as hub, means_with(waits) as means:
        with pytest.raises(Enough):
            await keep_pulling(participant(hub.url), inbox=inbox, means=means, poll=poll)
    assert waits.seconds == [10.0, 20.0, 40.0, 60.0, 10.0, 20.0]


async def test_progress_is_told_while_receiving_and_opening(inbox: Inbox) -> None:
    told: list[tuple[str, int, int | None]] = []
    wire = leg_two().wire()
    progress = {"progress": lambda *step: told.append(step)}
    async with HubScript(plain(wire), nothing) as hub, means_with(**progress) as means:
        await pull(participant(hub.url), inbox=inbox, means=means)
    assert ("receiving", len(wire.body), len(wire.body)) in told
    assert any(step[0] == "opening" for step in told)
