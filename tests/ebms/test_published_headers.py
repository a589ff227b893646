"""Headers that other products and the specification's authors published, read by us."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import etree
from support.messages.units import envelope
from support.published.reference import reference

from gateway.ebms.consistency import check_units
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError
from gateway.ebms.faults import SoapFault
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import Messaging
from gateway.ebms.read import read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import DocumentFault, parse_document

ACCEPTED = "accepted"

# What a header gets by the rules that no P-Mode changes. Values that an editor broke over lines are EBMS:0003 here.
OUTCOMES = {
    "cef/sample1.txt": "EBMS:0011",
    "cef/sample2.txt": "EBMS:0003",
    "cef/sample3.txt": ACCEPTED,
    "cef/sample4.txt": "EBMS:0011",
    "cef/sample5.txt": "EBMS:0011",
    "cef/sample_entsog.txt": ACCEPTED,
    "golden/pullrequest-signed-bst.xml": ACCEPTED,
    "golden/receipt-signed-nrr-phase4.xml": ACCEPTED,
    "golden/usermessage-encrypted-compressed-oaep.as4": ACCEPTED,  # with a MessageId without @
    "golden/usermessage-multihop-signed.as4": ACCEPTED,
    "golden/usermessage-phase4-full-http.as4in": ACCEPTED,
    "golden/usermessage-signed-encrypted-ski.as4": ACCEPTED,
    "golden/usermessage-signed-soap-only.txt": "EBMS:0010",  # one property twice
    "negative/ebms-sed-invalid_AgreementRef_URI.xml": "EBMS:0003",
    "negative/ebms-sed-invalid_receiver.xml": ACCEPTED,
    "negative/ebms-sed-messaging_empty.xml": "EBMS:0009",
    "negative/ebms-sed-messaging_missing.xml": "EBMS:0009",
    "negative/ebms-sed-messaging_multiple.xml": "EBMS:0009",
    "negative/ebms-sed-messaging_soap11.xml": "VersionMismatch",
    "negative/ebms-sed-messaging_two_usermessages.xml": "EBMS:0008",
    "negative/ebms-sed-messaging_xsd_invalid.xml": "EBMS:0009",
    "negative/ebms-sed-messaging_xsd_invalid_To.xml": "EBMS:0009",
    "negative/ebms-sed-signed_invalid.xml": ACCEPTED,
    "negative/error-0006-signed-reformatted.xml": ACCEPTED,
    "negative/phase4-ErrorMessageNoRefToMessageID.xml": ACCEPTED,
    "negative/phase4-PullRequest12-bad-namespace-uri.xml": "not XML",
    "negative/phase4-TwoUserMessages.xml": "EBMS:0008",
    "negative/phase4-UserMessageNoPartyID.xml": "EBMS:0009",
    "negative/phase4-UserMessageWithCompressedPayload12-not-wellformed.xml": "not XML",
    "negative/phase4-soap11-EmptyMessaging.xml": "VersionMismatch",
    "negative/phase4-soap11-MessageInfoIDMissing.xml": "VersionMismatch",
    "negative/phase4-soap11-MessageInfoImaginaryTimestamp.xml": "VersionMismatch",
    "negative/phase4-soap11-MessageInfoMissing.xml": "VersionMismatch",
    "negative/phase4-soap11-NoMessaging.xml": "VersionMismatch",
    "negative/pullrequest-bad-signaturevalue.xml": ACCEPTED,
    "negative/pullrequest-unsigned.xml": ACCEPTED,
    "negative/usermessage-bad-gzip.txt": ACCEPTED,
    "negative/usermessage-compressed-no-mimetype.txt": "EBMS:0303",
    "negative/usermessage-missing-attachment.as4": ACCEPTED,
    "oasis/UserMessage_No_MPC_P2P_NoWSSecurity.as4receipt.xml": ACCEPTED,
    "oasis/UserMessage_No_MPC_P2P_NoWSSecurity.xml": "EBMS:0003",  # a Service that is neither typed nor a URI
    "oasis/UserMessage_No_MPC_P2P_WSSecurity.as4receipt.xml": ACCEPTED,
    "oasis/UserMessage_Specified_MPC_P2P.as4receipt.xml": ACCEPTED,
    "structure/bundled-usermessage-receipt.xml": "EBMS:0010",  # one property twice
    "structure/domibus-soapEnvelope-PullRequest.xml": ACCEPTED,
    "structure/domibus-soapEnvelope-SignalMessage-error.xml": ACCEPTED,
    "structure/domibus-soapEnvelope-SignalMessage-receipt-pull.xml": ACCEPTED,
    "structure/ebms-sed-valid_payload_message.xml": ACCEPTED,
    "structure/ebms-sed-valid_simple_message.xml": ACCEPTED,
    "structure/phase4-ErrorMessage.xml": ACCEPTED,
    "structure/phase4-ErrorMessageWithFault.xml": ACCEPTED,
    "structure/pullrequest-usernametoken-role-ebms.txt": ACCEPTED,
    "structure/receipt-multihop.xml": ACCEPTED,
    "structure/receipt-nri-unsigned.xml": ACCEPTED,
}  # fmt: skip


def soap_part(octets: bytes) -> bytes:
    """From the first `<` of the envelope to its end, whatever of HTTP and MIME stands around it."""
    start = re.search(rb"<\?xml|<[A-Za-z0-9-]*:?Envelope", octets)
    end = re.search(rb"</[A-Za-z0-9-]*:?Envelope\s*>|Envelope/>", octets)
    return octets[start.start() if start else 0 : end.end() if end else len(octets)]


def outcome(octets: bytes) -> tuple[str, Messaging | None]:
    try:
        positions = locate(parse_document(octets, limits=ENVELOPE_LIMITS))
        messaging = read_messaging(positions.messaging)
        check_units(messaging)
        if messaging.user_message is not None:
            check_user_message(messaging.user_message, body_has_content=positions.body_has_content)
    except DocumentFault:
        return "not XML", None
    except SoapFault as fault:
        return fault.code, None
    except EbmsError as error:
        return error.code, None
    return ACCEPTED, messaging


def to_the_millisecond(messaging: Messaging) -> Messaging:
    """What is left of it once it was written: times on the wire have three digits."""
    units = {name: getattr(messaging, name) for name in ("user_message", "pull_request", "receipt", "error")}
    cut = {
        name: replace(unit, timestamp=unit.timestamp.replace(microsecond=unit.timestamp.microsecond // 1000 * 1000))
        for name, unit in units.items()
        if unit is not None
    }
    return replace(messaging, **cut)


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_a_published_header_gets_what_the_rules_say(name: str) -> None:
    found, messaging = outcome(soap_part(reference("as4", "messages", name).read_bytes()))

    assert found == OUTCOMES[name]
    if messaging is not None:
        again = read_messaging(locate(etree.fromstring(envelope(messaging))).messaging)
        assert again == to_the_millisecond(messaging)


def test_every_published_message_is_read_or_refused_in_our_own_words() -> None:
    files = [path for path in sorted(reference("as4", "messages").rglob("*")) if path.is_file()]

    for path in files:
        outcome(soap_part(path.read_bytes()))
    assert len(files) > len(OUTCOMES)


def test_a_receipt_of_the_specification_repeats_four_references() -> None:  # R02
    octets = reference("as4", "messages", "oasis", "UserMessage_No_MPC_P2P_WSSecurity.as4receipt.xml").read_bytes()
    _, messaging = outcome(octets)

    assert messaging is not None
    assert messaging.receipt is not None
    assert [each.uri[:4] for each in messaging.receipt.references] == ["#_5c", "#_f8", "cid:", "#_47"]


def test_a_reception_awareness_receipt_of_the_specification_is_read() -> None:  # R08
    octets = reference("as4", "messages", "oasis", "UserMessage_No_MPC_P2P_NoWSSecurity.as4receipt.xml").read_bytes()
    _, messaging = outcome(octets)

    assert messaging is not None
    assert messaging.receipt is not None
    assert messaging.receipt.user_message is not None
