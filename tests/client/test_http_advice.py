"""What an answer that is none of AS4 is put down to: the hub itself, a gateway, or somebody in its place."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest
from support.client.participants import participant
from support.keys.pki import NOW

from gateway.client.advice import PAUSE, advise, advise_held_back
from gateway.client.answers import AnswerKind, sort_answer
from gateway.client.transport import HttpAnswer
from gateway.ebms.errors import InvalidReceipt
from gateway.ebms.faults import MustUnderstand, SoapFault, VersionMismatch, fault_envelope
from gateway.store.states import ERROR_PAUSES

URL = "https://hub.example/as4"
PAGE = b"<html><body>no</body></html>"
EITHER = "the hub itself or something before it"
OTHER = "is not the hub, which never sends such a body"


def advised(status: int, body: bytes, content_type: str = "text/html", *, pulling: bool = False) -> str:
    who = participant(URL)
    answer = HttpAnswer(
        status=status, content_type=content_type, body=BytesIO(body), octets=len(body), retry_after_seconds=None
    )
    sorted_ = sort_answer(answer, who, NOW)
    return advise(
        sorted_.kind, sorted_.errors, sorted_.note, who, at=datetime.now(UTC), pulling=pulling, status=sorted_.status
    )


@pytest.mark.parametrize(
    ("status", "body", "who", "step"),
    [
        (400, b"", EITHER, "rewrite what passes"),
        (401, PAGE, OTHER, "how this machine is let through"),
        (403, b"", EITHER, "the certificate of `tls` in participant.yaml is out of its time"),
        (403, PAGE, OTHER, "whether this address may pass"),
        (0, b"", EITHER, "no request is answered with that"),
        (99, b"", EITHER, "no request is answered with that"),
        (101, b"", EITHER, "no request is answered with that"),
        (600, b"", EITHER, "no request is answered with that"),
        (404, b"", EITHER, "is the path right?"),
        (405, PAGE, OTHER, "is the path right?"),
        (408, b"", EITHER, "is the connection slow, or the message large?"),
        (413, PAGE, OTHER, "which limit what stands before it has"),
        (302, PAGE, OTHER, "its address of today"),
        (500, b"", EITHER, "which no setting here mends: show this to the hub's operator"),
        (500, PAGE, OTHER, "which no setting here mends: show this to the hub's operator"),
        (502, b"", "a gateway answers there", "the gateway runs and the hub does not"),
        (502, PAGE, "a gateway answers there", "the gateway runs and the hub does not"),
        (504, PAGE, "a gateway answers there", "more time"),
        (505, b"", EITHER, "have it pass HTTP/1.1"),
        (200, PAGE, OTHER, "is the path right?"),
        (200, b"", "said nothing", "is the path right?"),
    ],
)
def test_a_status_without_as4_is_put_down_to_who_can_have_given_it(
    status: int, body: bytes, who: str, step: str
) -> None:
    for pulling in (False, True):
        said = advised(status, body, pulling=pulling)
        assert (who in said, step in said, URL in said) == (True, True, True), said
        assert "proxy" not in said


@pytest.mark.parametrize("fault", [VersionMismatch(), MustUnderstand()], ids=lambda fault: fault.code)
def test_a_fault_of_soap_itself_is_no_proxys(fault: SoapFault) -> None:
    said = advised(500, fault_envelope(fault), "application/soap+xml; charset=UTF-8")
    assert "speaks SOAP" in said
    assert "sending the same again changes nothing: show this to the hub's operator" in said


@pytest.mark.parametrize(("code", "step"), [("Receiver", "try again later"), ("Sender", "counts for nothing")])
def test_a_fault_that_others_send_says_whose_it_is(code: str, step: str) -> None:
    octets = fault_envelope(VersionMismatch()).replace(b"S12:VersionMismatch", f"S12:{code}".encode())
    said = advised(500, octets, "application/soap+xml")
    assert ("speaks SOAP" in said, step in said) == (True, True), said


def test_soap_that_is_no_answer_of_as4_is_said_to_be_that() -> None:
    envelope = b'<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body/></S:Envelope>'
    assert "what it said is no answer of AS4" in advised(200, envelope, "application/soap+xml")


def test_a_receipt_that_does_not_hold_is_not_answered_by_a_new_message() -> None:
    """RC-08: the hub may have the message, under whatever octets."""
    entries = InvalidReceipt(detail="it lacks a digest").entries()
    said = advise(AnswerKind.RECEIPT, entries, "", participant(URL), at=NOW, pulling=False)
    assert "Do not make the message anew" in said
    assert "`receipts: awareness`" in said


def test_the_pause_of_a_message_that_did_not_hold_has_its_length() -> None:
    minutes = [int(each.total_seconds()) // 60 for each in ERROR_PAUSES]
    assert PAUSE.startswith("a pause that grows with each refusal: {}, {} and {} minutes, then ".format(*minutes))
    assert f"then {minutes[3] // 60} hours each" in PAUSE
    assert f"the hub offers them again after {PAUSE}" in advise_held_back({"EBMS:0102"}, participant(URL))
