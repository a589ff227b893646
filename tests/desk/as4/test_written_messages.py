"""What the browser writes, whatever its values: canonical as it stands, and what was said to every reader."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser.asking import Refused
from support.browser.desk import desk_opens, desk_packs, desk_receipts, party_id
from support.hubs.hub_script import leg_two, read_request
from support.keys.pki import NOW, identity
from support.messages.wire import Wire, split

from crypto.canonical import canonical_octets
from crypto.verify import VerificationPolicy
from gateway.ebms import names
from gateway.ebms.envelope import locate
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import check_receipt
from gateway.ebms.verification import verify_envelope
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

# Whatever XML can hold that is no blank at an end, where a reader may collapse it.
VALUES = st.text(
    st.one_of(
        st.sampled_from("&<>\"'é\u2028\U00010000]]>-"), st.characters(exclude_categories=["Cs", "Cc", "Zs", "Cn"])
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: "\ufffe" not in text and "\uffff" not in text)
CONTENT_IDS = st.text("abcXYZ019@.-_+!$&'()*,/:=?~{}|^`#", min_size=1, max_size=20)


@settings(max_examples=60)
@given(st.lists(VALUES, min_size=7, max_size=7), st.lists(CONTENT_IDS, min_size=2, max_size=2, unique_by=str.casefold))
def test_what_is_signed_is_what_stands_there_PO_47(values: list[str], content_ids: list[str]) -> None:
    sender, receiver, action, conversation, tracking, cross, kind = values
    part, root = content_ids
    push: dict[str, Any] = {
        "messageId": "m@desk.example",
        "at": NOW,
        "from": party_id("counsellor"),
        "to": party_id("hub"),
        "service": "urn:service",
        "action": action,
        "conversationId": conversation,
        "trackingIdentifier": tracking,
        "crossReference": cross,
        "originalSender": sender,
        "finalRecipient": receiver,
        "parts": [{"octets": b"<a/>", "mimeType": kind, "contentId": part, "salt": bytes(16)}],
        "rootId": root,
        "boundary": "boundary-of-the-desk",
    }
    packed = desk_packs(push, "counsellor")
    envelope, _ = split(packed["contentType"], packed["octets"])
    document = parse_document(envelope, limits=ENVELOPE_LIMITS)
    positions = locate(document)
    for element in (positions.messaging, positions.body):
        assert canonical_octets(element) in envelope
    request = read_request(packed["contentType"], packed["octets"], identity("counsellor").signing.certificate, NOW)
    message = request.user_message
    said = [message.property(each) for each in (names.ORIGINAL_SENDER, names.FINAL_RECIPIENT)]
    said += [message.action, message.conversation_id]
    said += [message.property(each) for each in (names.TRACKING_IDENTIFIER, names.CROSS_REFERENCE)]
    assert [*said, message.parts[0].property(names.MIME_TYPE)] == values
    assert request.plain_parts() == [b"<a/>"]


WIRE = leg_two().wire()


def test_a_receipt_repeats_to_the_hub_what_it_signed_PO_40() -> None:
    packed = desk_receipts(desk_opens(WIRE), "counsellor")
    positions = locate(parse_document(packed["octets"], limits=ENVELOPE_LIMITS))
    messaging = read_messaging(positions.messaging)
    certificate = identity("counsellor").signing.certificate
    suite = leg_two().suite
    verify_envelope(positions, messaging, VerificationPolicy(suite=suite, certificates=(certificate,), at=NOW))
    assert messaging.receipt is not None
    check_receipt(messaging.receipt, WIRE.references)  # type: ignore[arg-type]


@settings(max_examples=150)
@given(place=st.integers(0, len(WIRE.body) - 1), other=st.integers(1, 255))
def test_no_octet_of_a_message_can_be_changed_unnoticed_PO_37(place: int, other: int) -> None:
    """It is refused by name, or what changed means nothing: blanks of MIME, the spelling of a header."""
    whole = desk_opens(WIRE)
    octets = bytearray(WIRE.body)
    octets[place] ^= other
    try:
        found = desk_opens(Wire(content_type=WIRE.content_type, body=bytes(octets)))
    except Refused:
        return
    assert found == whole
