"""What ends a push, and what proves nothing and is followed by another attempt (AS4 3.2, R08 to R14, X06 to X15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.client.participants import means_with, participant
from support.client.pushing import THRICE, codes, outcome, push_to
from support.hubs.hub_script import (
    Answer,
    HubScript,
    Reply,
    Request,
    error,
    error_to,
    html,
    plain,
    receipt,
    receipt_to,
    signed,
    silence,
    unsigned,
)
from support.keys.pki import NOW, identity
from support.messages.wire import saldoverzoek

from gateway.client.answers import AnswerKind
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.push import send_waiting
from gateway.ebms.model import ErrorEntry, Messaging, PullRequest

ACKNOWLEDGED, REFUSED = OutboxState.ACKNOWLEDGED, OutboxState.REFUSED
GIVEN_UP, WAITING = OutboxState.GIVEN_UP, OutboxState.WAITING


def bad_digest(request: Request) -> tuple[object, ...]:
    first, *rest = request.references
    return (replace(first, digest_value=bytes(32)), *rest)


@pytest.mark.parametrize(("days_ago", "state"), [(30, ACKNOWLEDGED), (0, OutboxState.GIVEN_UP)])
async def test_a_receipt_is_held_against_the_certificate_of_the_day_it_was_made(
    outbox: Outbox, days_ago: int, state: OutboxState
) -> None:
    """The hub keeps its receipt for 90 days and gives it again, octet for octet, when its certificate has ended."""
    old = identity("hub", "expired")
    made = receipt(signer=old.signing_key, timestamp=NOW - timedelta(days=days_ago))
    async with HubScript(*[made] * 60) as hub:
        who = participant(hub.url, hub_signing=(old.signing.certificate,))
        assert (await push_to(hub, outbox, who=who)).state is state


NOT_FINAL: dict[str, tuple[Answer, str | None]] = {
    # clause: (the answer, the code that is noted of it)
    "R09 other digest": (receipt(references=bad_digest), "EBMS:0302"),
    "R10 a reference missing": (receipt(references=lambda request: request.references[:-1]), "EBMS:0302"),
    "R10 a reference too many": (receipt(references=lambda request: request.references * 2), "EBMS:0302"),
    "R08 no references": (receipt(references=(), user_message=lambda request: request.user_message), "EBMS:0302"),
    "R11 unsigned": (lambda request: unsigned(Messaging(receipt=receipt_to(request))), "EBMS:0103"),
    "R12 signed by another": (receipt(signer=identity("creditor").signing_key), "EBMS:0101"),
    "R12 expired certificate": (receipt(signer=identity("hub", "expired").signing_key), "EBMS:0101"),
    "R13 broken signature": (
        receipt(bend=lambda octets: octets.replace(b"<eb:MessageId>", b"<eb:MessageId>x", 1)),
        "EBMS:0101",
    ),
    "R14 about another message": (receipt(ref_to_message_id="other@hub.example"), "EBMS:0302"),
    "X06 a warning alone": (error("EBMS:0002"), "EBMS:0002"),
    "X09 bare fault": (
        lambda _request: Reply(
            status=500,
            body=b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code>'
            b"<s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>later</s:Text></s:Reason>"
            b"</s:Fault></s:Body></s:Envelope>",
        ),
        None,
    ),
    "X10 html": (html(502), None),
    "X10 html as 200": (html(200), None),
    "X10 empty 200": (lambda _request: Reply(status=200), None),
    "X10 empty 202": (lambda _request: Reply(status=202), None),
    "X10 empty 500": (lambda _request: Reply(status=500), None),
    "X10 torn XML": (lambda _request: Reply(body=b"<S12:Envelope xmlns:S12="), None),
    "X10 no content type": (lambda _request: Reply(body=b"x", content_type="nonsense"), None),
    "X15 unsigned error": (error("EBMS:0010", is_signed=False), "EBMS:0103"),
    "X15 error signed by another": (error("EBMS:0010", signer=identity("creditor").signing_key), "EBMS:0101"),
    "Core 6.3 error about nothing": (error("EBMS:0010", about=None), "EBMS:0010"),
    "error about another message": (error("EBMS:0010", about="other@hub.example"), "EBMS:0010"),
    "413 about another message": (error("EBMS:0007", about="other@hub.example", status=413), "EBMS:0007"),
    "413 of a proxy": (html(413), None),
    "413 unsigned": (error("EBMS:0007", about=None, status=413, is_signed=False), "EBMS:0103"),
    "P27 a PullRequest": (
        lambda _request: signed(Messaging(pull_request=PullRequest(message_id="a@b.example", timestamp=NOW, mpc=None))),
        "EBMS:0009",
    ),
    "a user message": (plain(saldoverzoek().wire()), "EBMS:0101"),
    "T silence": (silence, None),  # EBMS:0005 is for a connection that could not be opened (Core 6.7.1)
    "503 with an unsigned failure": (error("EBMS:0202", status=503, is_signed=False), "EBMS:0103"),
}


@pytest.mark.parametrize("case", NOT_FINAL)
async def test_what_proves_nothing_is_followed_by_another_attempt(outbox: Outbox, case: str) -> None:
    answer, code = NOT_FINAL[case]
    result = await outcome(outbox, answer, receipt())
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 2)
    (stored,) = await outbox.messages()
    assert stored.errors == ()
    given_up = await outcome(outbox, *[answer] * 2, retry=replace(THRICE, retries=1))
    assert (given_up.state, given_up.attempts) == (GIVEN_UP, 2)
    assert codes(given_up) == (["EBMS:0301"] if code is None else ["EBMS:0301", code])


@pytest.mark.parametrize("status", [200, 400, 403, 500, 503])
async def test_a_failure_that_the_hub_signed_about_the_message_is_final(outbox: Outbox, status: int) -> None:
    result = await outcome(outbox, error("EBMS:0010", status=status))
    assert (result.state, result.attempts, codes(result)) == (REFUSED, 1, ["EBMS:0010"])


@pytest.mark.parametrize("status", [200, 500])
async def test_a_full_mailbox_is_the_one_failure_that_passes(outbox: Outbox, status: int) -> None:
    result = await outcome(outbox, error("EBMS:0021", status=status), receipt())
    assert (result.state, result.attempts) == (ACKNOWLEDGED, 2)
    waits = await outcome(outbox, error("EBMS:0021"), retry=replace(THRICE, retries=0), give_up=False)
    assert (waits.state, waits.kind, codes(waits)) == (WAITING, AnswerKind.FULL, ["EBMS:0301", "EBMS:0021"])
    for final in (("EBMS:0021", "EBMS:0004"), ("EBMS:0004", "EBMS:0021")):
        assert (await outcome(outbox, error(*final))).state is REFUSED


async def test_a_full_mailbox_keeps_no_message_behind_it_waiting(outbox: Outbox) -> None:
    async with HubScript(silence, silence, error("EBMS:0021"), receipt()) as hub:
        for _ in range(2):
            await push_to(hub, outbox, retry=replace(THRICE, retries=0), give_up=False)
        async with means_with([]) as means:
            full, sent = await send_waiting(participant(hub.url), outbox=outbox, means=means, retry=THRICE)
    assert (full.state, full.kind, full.attempts) == (WAITING, AnswerKind.FULL, 2)
    assert sent.state is ACKNOWLEDGED


async def test_a_message_that_the_hub_finds_too_large_to_read_is_refused(outbox: Outbox) -> None:
    result = await outcome(outbox, error("EBMS:0007", about=None, status=413))
    assert (result.state, result.attempts, codes(result)) == (REFUSED, 1, ["EBMS:0007"])


@pytest.mark.parametrize("status", [200, 202, 400, 500])
async def test_a_valid_receipt_is_one_whatever_the_status(outbox: Outbox, status: int) -> None:
    assert (await outcome(outbox, receipt(status=status))).state is ACKNOWLEDGED


async def test_every_error_of_a_refusal_is_recorded(outbox: Outbox) -> None:
    assert codes(await outcome(outbox, error("EBMS:0004", "EBMS:0004", "EBMS:0002"))) == [
        "EBMS:0004",
        "EBMS:0004",
        "EBMS:0002",
    ]


@pytest.mark.parametrize(("severity", "state"), [("failure", REFUSED), ("warning", GIVEN_UP)])
async def test_an_unknown_code_goes_by_its_severity(outbox: Outbox, severity: str, state: OutboxState) -> None:
    def answer(request: Request) -> Reply:
        entry = ErrorEntry(code="EBMS:9999", severity=severity)
        return signed(Messaging(error=replace(error_to(request), errors=(entry,))))

    assert (await outcome(outbox, answer, retry=replace(THRICE, retries=0))).state is state


@pytest.mark.parametrize("code", ["EBMS:0002", "EBMS:0010"])
async def test_an_error_beside_a_receipt_does_not_take_it_back(outbox: Outbox, code: str) -> None:
    def answer(request: Request) -> Reply:
        return signed(Messaging(receipt=receipt_to(request), error=error_to(request, code)))

    result = await outcome(outbox, answer)
    assert (result.state, codes(result)) == (ACKNOWLEDGED, [code])


async def test_a_signed_awareness_receipt_is_taken_where_that_was_agreed(outbox: Outbox) -> None:
    aware = receipt(references=(), user_message=lambda request: request.user_message)
    async with HubScript(aware) as hub:
        result = await push_to(hub, outbox, who=participant(hub.url, awareness_receipts=True))
    assert result.state is ACKNOWLEDGED


async def test_the_certificate_of_tomorrow_is_accepted_during_a_rollover(outbox: Outbox) -> None:
    coming = identity("hub", "next")
    async with HubScript(receipt(signer=coming.signing_key)) as hub:
        who = participant(hub.url)
        both = replace(who, hub_signing=(*who.hub_signing, coming.signing.certificate))
        assert (await push_to(hub, outbox, who=both)).state is ACKNOWLEDGED
