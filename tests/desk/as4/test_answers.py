"""What a browser believes of an answer: a receipt that the hub signed for what was sent, or an error that it signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.browser.asking import Refused
from support.browser.desk import desk_reads
from support.keys.pki import NOW, Variant, identity
from support.messages.wire import Wire, new_id, signal_wire

from crypto import names as security
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorSignal, Messaging, PartReference, Receipt
from gateway.ebms.write import write_body, write_envelope, write_messaging

SENT_ID = "sent@desk.example"
REFERENCES = [
    {"uri": "#messaging-1", "transform": security.EXC_C14N, "prefixes": [], "digest": bytes(32)},
    {"uri": "cid:p%40x", "transform": security.ATTACHMENT_CONTENT_TRANSFORM, "prefixes": [], "digest": bytes([1] * 32)},
]
SENT = {"references": REFERENCES}


def receipt(**changes: object) -> Receipt:
    """The right receipt, or one with fields changed."""
    made = Receipt(
        message_id=new_id(),
        timestamp=NOW,
        ref_to_message_id=SENT_ID,
        references=tuple(
            PartReference(
                uri=str(each["uri"]),
                transforms=(str(each["transform"]),),
                digest_method=security.SHA256,
                digest_value=each["digest"],  # type: ignore[arg-type]
            )
            for each in REFERENCES
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def error(about: str | None = SENT_ID) -> ErrorSignal:
    entries = ERRORS["EBMS:0004"]().entries()
    return ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=about, errors=entries)


def by_hub(messaging: Messaging, variant: Variant = "ordinary") -> Wire:
    return signal_wire(messaging, identity("hub", variant).signing_key)


def judged(wire: Wire, question: str = "answer", variant: Variant = "ordinary") -> dict[str, Any]:
    hub = [identity("hub", variant)]
    return desk_reads(wire.body, SENT, content_type=wire.content_type, message_id=SENT_ID, question=question, hub=hub)


def test_the_receipt_for_what_was_sent_is_one_however_its_parts_are_spelled_and_ordered() -> None:
    right = receipt()
    part = replace(right.references[1], uri="CID:p@x")
    wire = by_hub(Messaging(receipt=replace(right, references=(part, right.references[0]))))
    assert judged(wire)["receipt"]["messageId"] == right.message_id
    assert judged(wire, "verifyReceipt")["octets"] == wire.body


WRONG: dict[str, Callable[[], Receipt]] = {
    "about another message": lambda: receipt(ref_to_message_id="other@desk.example"),
    "about none": lambda: receipt(ref_to_message_id=None),
    "of nothing": lambda: receipt(references=()),
    "lacking a part": lambda: receipt(references=receipt().references[:1]),
    "repeating one twice": lambda: receipt(references=(*receipt().references, receipt().references[0])),
    "with another digest": lambda: receipt(
        references=(replace(receipt().references[0], digest_value=bytes([9] * 32)), receipt().references[1])
    ),
    "of another part": lambda: receipt(
        references=(receipt().references[0], replace(receipt().references[1], uri="cid:q@x"))
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_receipt_for_what_was_sent_is_refused(case: str) -> None:
    with pytest.raises(Refused, match=r"^receipt: "):
        judged(by_hub(Messaging(receipt=WRONG[case]())))


def unsigned(messaging: Messaging) -> Wire:
    return Wire(
        content_type="application/soap+xml", body=write_envelope(write_messaging(messaging, "m-1"), write_body("b-2"))
    )


UNTRUSTED: dict[str, tuple[Callable[[], Wire], str]] = {
    "a receipt of another": (
        lambda: signal_wire(Messaging(receipt=receipt()), identity("creditor").signing_key),
        "signer",
    ),
    "an error of another": (lambda: signal_wire(Messaging(error=error()), identity("creditor").signing_key), "signer"),
    "a receipt that nobody signed": (lambda: unsigned(Messaging(receipt=receipt())), "signer"),
    "an error that nobody signed": (lambda: unsigned(Messaging(error=error())), "signer"),
    "a page of a proxy": (lambda: Wire(content_type="text/html", body=b"<html></html>"), "mime"),
    "nothing": (lambda: Wire(content_type="application/soap+xml", body=b""), "xml"),
}


@pytest.mark.parametrize("case", UNTRUSTED)
def test_what_the_hub_did_not_sign_is_believed_of_nobody(case: str) -> None:
    make, check = UNTRUSTED[case]
    with pytest.raises(Refused) as refused:
        judged(make())
    assert refused.value.check == check


def test_an_error_is_no_receipt() -> None:
    wire = by_hub(Messaging(error=error()))
    assert judged(wire)["about"] == SENT_ID
    with pytest.raises(Refused, match="it is an error"):
        judged(wire, "verifyReceipt")


def test_an_error_about_another_message_says_nothing_of_this_one() -> None:
    with pytest.raises(Refused, match=r"^receipt: it is an error about another message"):
        judged(by_hub(Messaging(error=error("other@desk.example"))))
    assert judged(by_hub(Messaging(error=error(None))))["about"] is None


def test_a_receipt_counts_whenever_it_comes_if_its_certificate_was_good_when_it_was_made() -> None:
    then = NOW - timedelta(days=30)
    old = by_hub(Messaging(receipt=receipt(timestamp=then)), "expired")
    assert judged(old, variant="expired")["receipt"]
    new = by_hub(Messaging(receipt=receipt()), "expired")
    with pytest.raises(Refused) as refused:
        judged(new, variant="expired")
    assert refused.value.check == "time"
    with pytest.raises(Refused) as refused:
        judged(by_hub(Messaging(error=error()), "expired"), variant="expired")
    assert refused.value.check == "time"
