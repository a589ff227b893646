"""A pulled message is stored before its receipt leaves, once, and only if every check holds (AS4 2.1.1; P30, P31)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from support.client.participants import Waits, means_with, only, participant, pulled
from support.hubs.hub_script import (
    Answer,
    HubScript,
    Reply,
    Request,
    bent,
    empty,
    error,
    error_to,
    html,
    leg_two,
    nothing,
    plain,
    signed,
    silence,
)
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import Part, new_id, saldoverzoek

from crypto.certificates import der
from crypto.elements import base64_text
from gateway.client.answers import AnswerKind
from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.pull import keep_pulling, pull, pull_until_empty, send_receipts
from gateway.client.retry import PollPolicy, RetryPolicy
from gateway.client.taking import Outcome
from gateway.ebms import names
from gateway.ebms.model import Messaging
from gateway.ebms.receipts import receipt_for
from gateway.limits import ClientLimits

HUB = PARTIES["hub"][0]


def receipt_in(request: Request) -> str | None:
    receipt = request.messaging.receipt
    return None if receipt is None else receipt.ref_to_message_id


def units(request: Request) -> tuple[bool, str | None]:
    """Whether it pulls, and the message that it receipts."""
    return request.messaging.pull_request is not None, receipt_in(request)


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
        with closing(apsw.Connection(str(inbox.records.folder / "inbox.sqlite"))) as connection:
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


# --- answers without a message ------------------------------------------------------------------------------


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


@pytest.mark.parametrize("code", ["EBMS:0006", "EBMS:0004", "EBMS:0002"])
async def test_an_error_about_another_message_is_told_as_an_answer_to_something_else(inbox: Inbox, code: str) -> None:
    """Of this pull it says nothing: neither that the mailbox is empty, nor that the hub refused it."""
    result = await pulled(inbox, error(code, about="other@hub.example"))
    assert (result.outcome, result.kind) == (Outcome.NO_ANSWER, AnswerKind.ELSEWHERE)
    assert "other@hub.example, which is not this pull" in result.note


@pytest.mark.parametrize(("code", "outcome"), [("EBMS:0006", Outcome.EMPTY), ("EBMS:0004", Outcome.REFUSED)])
async def test_an_error_that_names_no_message_is_about_the_pull(inbox: Inbox, code: str, outcome: Outcome) -> None:
    assert (await pulled(inbox, error(code, about=None))).outcome is outcome


async def test_an_entry_says_what_it_is_about_before_its_signal_does(inbox: Inbox) -> None:
    def entry_about_another(request: Request) -> Reply:
        signal = error_to(request, "EBMS:0006")
        entry = replace(signal.errors[0], ref_to_message_in_error="other@hub.example")
        return signed(Messaging(error=replace(signal, errors=(entry,))))

    assert (await pulled(inbox, entry_about_another)).kind is AnswerKind.ELSEWHERE


async def test_a_receipt_is_no_answer_to_a_pull_and_named(inbox: Inbox) -> None:
    def receipted(request: Request) -> Reply:
        of_another = leg_two().user_message
        made = receipt_for(of_another, request.references, message_id=new_id(), timestamp=NOW)
        return signed(Messaging(receipt=made))

    async with HubScript(receipted) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means, retry=RetryPolicy(retries=0))
    assert (result.outcome, result.kind) == (Outcome.NO_ANSWER, AnswerKind.RECEIPT)
    assert "no answer to a PullRequest" in result.note


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


async def left_due(inbox: Inbox, hub: HubScript, means: Means) -> str:
    """A message whose receipt the hub did not get; its MessageId."""
    await pull(participant(hub.url), inbox=inbox, means=means)
    message = await only(inbox)
    assert message.receipt_state == "due"
    return message.message_id


@pytest.mark.parametrize("limit", [None, 1])
@pytest.mark.parametrize("code", ["EBMS:0302", "EBMS:0101"])
async def test_a_receipt_of_an_earlier_run_that_the_hub_refuses_is_told(
    inbox: Inbox, code: str, limit: int | None
) -> None:
    refused = [error(code)] * (2 if code == "EBMS:0101" else 1)
    seen: list[tuple[Outcome, str | None]] = []
    async with HubScript(plain(leg_two().wire()), silence, *refused, empty) as hub, means_with() as means:
        message_id = await left_due(inbox, hub, means)
        results = await pull_until_empty(
            participant(hub.url), inbox=inbox, means=means, limit=limit,
            on_result=lambda result: seen.append((result.outcome, result.message_id)),
        )  # fmt: skip
    assert seen == [(each.outcome, each.message_id) for each in results]
    assert seen == [(Outcome.REFUSED, message_id), (Outcome.EMPTY, None)]
    assert [each.code for each in results[0].errors] == [code]
    assert (await only(inbox)).receipt_state == "refused"


async def test_a_stored_receipt_whose_signature_counts_no_more_is_signed_anew(inbox: Inbox) -> None:
    """As after a renewal of the key: the receipt is the same, and the hub knows the new certificate alone."""
    key = identity("counsellor", "next").signing_key
    answers = (plain(leg_two().wire()), silence, error("EBMS:0101"), nothing, empty)
    async with HubScript(*answers) as hub, means_with() as means:
        message_id = await left_due(inbox, hub, means)
        hub.signers.append(key.certificate)
        results = await pull_until_empty(participant(hub.url, signing_key=key), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.EMPTY]
    stored, anew = hub.requests[2:4]
    assert [receipt_in(each) for each in (stored, anew)] == [message_id, message_id]
    said = base64_text(der(key.certificate)).encode()
    assert [said in each.body for each in (stored, anew)] == [False, True]
    assert (await only(inbox)).receipt_state == "sent"


async def test_a_receipt_that_is_refused_at_the_end_of_a_run_is_told_before_the_last_pull(inbox: Inbox) -> None:
    wire = plain(leg_two().wire())
    async with HubScript(wire, error("EBMS:0302")) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means, limit=1)
    assert [each.outcome for each in results] == [Outcome.REFUSED, Outcome.STORED]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (nothing, "sent"),
        (lambda _request: Reply(status=200), "sent"),
        (error("EBMS:0302"), "refused"),
        (error("EBMS:0004"), "refused"),
        (error("EBMS:0302", about=None), "refused"),
        (error("EBMS:0302", about="other@hub.example"), "due"),
        (error("EBMS:0004", about="other@hub.example"), "due"),
        (error("EBMS:0004", about=None), "due"),
        (error("EBMS:0302", status=503), "due"),
        (error("EBMS:0302", status=429), "due"),
        (error("EBMS:0302", is_signed=False), "due"),
        (html(502), "due"),
        (html(503), "due"),
        (lambda _request: Reply(status=404), "due"),
        (lambda _request: Reply(status=500), "due"),
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


async def test_a_message_that_comes_again_in_the_answer_to_its_bundled_receipt_still_has_that_receipt_due(
    inbox: Inbox,
) -> None:
    draft = leg_two()
    message_id, again = draft.user_message.message_id, plain(draft.wire())
    async with HubScript(again, again, empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.STORED, Outcome.DUPLICATE, Outcome.EMPTY]
    assert [receipt_in(request) for request in hub.requests] == [None, message_id, message_id]


@pytest.mark.parametrize(
    ("alone", "state", "outcomes"),
    [
        (nothing, "sent", [Outcome.STORED, Outcome.EMPTY]),
        (error("EBMS:0302"), "refused", [Outcome.STORED, Outcome.REFUSED, Outcome.EMPTY]),
    ],
)
async def test_a_receipt_that_is_refused_beside_a_pull_goes_alone_once_and_the_pulling_goes_on(
    inbox: Inbox, alone: Answer, state: str, outcomes: list[Outcome]
) -> None:
    draft = leg_two()
    message_id = draft.user_message.message_id
    async with HubScript(plain(draft.wire()), error("EBMS:0302"), alone, empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == outcomes
    assert (await only(inbox)).receipt_state == state
    assert [units(each) for each in hub.requests] == [
        (True, None),
        (True, message_id),
        (False, message_id),
        (True, None),
    ]
    assert [each.message_id for each in results if each.outcome is Outcome.REFUSED] == [message_id] * (
        len(outcomes) - 2
    )


async def test_a_receipt_that_is_refused_beside_a_pull_is_set_aside_while_nobody_takes_it_alone(inbox: Inbox) -> None:
    """It is due, keeps nothing behind it waiting, and is tried once more before the pause."""
    first, second = leg_two(), leg_two()
    ids = [each.user_message.message_id for each in (first, second)]
    answers = (plain(first.wire()), error("EBMS:0302"), html(503), plain(second.wire()), empty, nothing)
    async with HubScript(*answers) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.STORED, Outcome.STORED, Outcome.EMPTY]
    sent = [(True, None), (True, ids[0]), (False, ids[0]), (True, None), (True, ids[1]), (False, ids[0])]
    assert [units(each) for each in hub.requests] == sent
    assert {message.receipt_state for message in await inbox.messages()} == {"sent"}


async def test_a_hub_that_refuses_each_receipt_and_offers_the_message_at_once_is_left_alone(inbox: Inbox) -> None:
    refused, again = error("EBMS:0302"), plain(leg_two().wire())
    async with HubScript(again, refused, refused, again, again, refused, again) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    outcomes = [Outcome.STORED, Outcome.REFUSED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert [each.outcome for each in results] == outcomes
    assert units(hub.requests[-1]) == (False, results[0].message_id)


@pytest.mark.parametrize("about", ["receipt", "message", "pull", "other"])
async def test_a_failure_sends_the_bundled_receipt_alone_that_it_is_about_and_ends_the_pulling_for_another_unit(
    inbox: Inbox, about: str
) -> None:
    async with HubScript(plain(leg_two().wire()), error_about(about), nothing, empty) as hub, means_with() as means:
        await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    goes_on = about in ("receipt", "message")
    assert [units(each)[0] for each in hub.requests] == [True, True, False, True][: 4 if goes_on else 3]
    assert (await only(inbox)).receipt_state == "sent"


async def test_that_nothing_waits_for_another_pull_does_not_prove_that_the_receipt_was_taken(inbox: Inbox) -> None:
    other = error("EBMS:0006", about="other@hub.example")
    async with HubScript(plain(leg_two().wire()), other, silence) as hub, means_with() as means:
        await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert units(hub.requests[-1])[0] is False
    assert (await only(inbox)).receipt_state == "due"


@pytest.mark.parametrize("status", [429, 503])
async def test_a_failure_of_a_hub_that_is_busy_leaves_the_bundled_receipt_due(inbox: Inbox, status: int) -> None:
    refused = error("EBMS:0302", status=status)
    async with HubScript(plain(leg_two().wire()), refused, silence) as hub, means_with() as means:
        await pull_until_empty(participant(hub.url), inbox=inbox, means=means, limit=2)
    assert (await only(inbox)).receipt_state == "due"
    assert [units(each)[0] for each in hub.requests] == [True, True, False], "nothing was refused, so pulling ends"


def error_about(unit: str) -> Answer:
    """A failure about one unit of a receipt and a PullRequest that came together, by its own reference."""

    def answer(request: Request) -> Reply:
        receipt, pulling = request.messaging.receipt, request.messaging.pull_request
        assert receipt is not None
        assert pulling is not None
        ids = {"receipt": receipt.message_id, "message": receipt.ref_to_message_id, "pull": pulling.message_id}
        signal = error_to(request, "EBMS:0004")
        entry = replace(signal.errors[0], ref_to_message_in_error=ids.get(unit, "other@hub.example"))
        return signed(Messaging(error=replace(signal, errors=(entry,))))

    return answer


async def test_a_receipt_that_the_hub_would_not_have_alone_keeps_no_message_waiting(inbox: Inbox) -> None:
    """Beside each PullRequest it would be refused with it, and nothing would ever be pulled again."""
    other = error("EBMS:0004", about="other@hub.example")
    answers = (plain(leg_two().wire()), silence, other, plain(leg_two().wire()), empty, other)
    async with HubScript(*answers) as hub, means_with() as means:
        await pull(participant(hub.url), inbox=inbox, means=means)
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.STORED, Outcome.EMPTY]
    assert sorted(each.receipt_state for each in await inbox.messages()) == ["due", "sent"]


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
    bad, good = bent(leg_two()), plain(leg_two().wire())
    async with HubScript(bad, nothing, good, empty) as hub, means_with() as means:
        results = await pull_until_empty(participant(hub.url), inbox=inbox, means=means)
    assert [each.outcome for each in results] == [Outcome.NOT_TAKEN, Outcome.STORED, Outcome.EMPTY]


async def test_a_hub_that_offers_the_same_bad_message_at_once_is_left_alone(inbox: Inbox) -> None:
    bad = bent(leg_two())
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


async def test_what_came_can_be_processed_before_the_first_pause(inbox: Inbox) -> None:
    class Enough(Exception):
        pass

    class Ending(Waits):
        async def __call__(self, seconds: float) -> None:
            raise Enough

    processed: list[int] = []

    async def process() -> None:
        while (message := await inbox.next()) is not None:
            await inbox.mark_processed(message.number, at=NOW)
            processed.append(message.number)

    async with HubScript(plain(leg_two().wire()), empty, nothing) as hub, means_with(Ending()) as means:
        with pytest.raises(Enough):
            await keep_pulling(participant(hub.url), inbox=inbox, means=means, when_empty=process)
    assert len(processed) == 1


async def test_progress_is_told_while_receiving_and_opening(inbox: Inbox) -> None:
    told: list[tuple[str, int, int | None]] = []
    wire = leg_two().wire()
    progress = {"progress": lambda *step: told.append(step)}
    async with HubScript(plain(wire), nothing) as hub, means_with(**progress) as means:
        await pull(participant(hub.url), inbox=inbox, means=means)
    assert ("receiving", len(wire.body), len(wire.body)) in told
    assert any(step[0] == "opening" for step in told)
