"""One envelope against a policy: what holds gives back the very elements that were read, what does not is one error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree
from support.keys.pki import NOW, Identity, identity
from support.messages.units import CONTENT_ID, PULL_REQUEST, USER_MESSAGE

from crypto import names as security_names
from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA as SUITE
from crypto.verify import VerificationPolicy
from gateway.ebms import names
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.errors import EbmsError
from gateway.ebms.model import Messaging
from gateway.ebms.pack import PackedPart, signed_envelope
from gateway.ebms.read import read_messaging
from gateway.ebms.verification import EnvelopeSignature, named_signer, verify_envelope
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document

PART = PackedPart(content_id=CONTENT_ID, mime_type=names.GZIP, digest=SUITE.digest.digest(b"gzip octets"))


def read(messaging: Messaging, change: Callable[[etree._Element], object] | None = None) -> tuple[Positions, Messaging]:
    """What a receiver reads of an envelope that the creditor signed, changed on its way."""
    packed = signed_envelope(
        messaging,
        key=identity("creditor").signing_key,
        suite=SUITE,
        key_reference=KeyReference.TOKEN,
        parts=() if messaging.user_message is None else (PART,),
    )
    octets = packed.envelope
    if change is not None:
        root = etree.fromstring(octets)
        change(root)
        octets = etree.tostring(root)
    positions = locate(parse_document(octets, limits=ENVELOPE_LIMITS))
    return positions, read_messaging(positions.messaging)


def policy(*known: Identity, days: int = 0) -> VerificationPolicy:
    certificates = tuple(each.signing.certificate for each in known)
    return VerificationPolicy(suite=SUITE, certificates=certificates, at=NOW + timedelta(days=days))


@pytest.mark.parametrize("messaging", [Messaging(pull_request=PULL_REQUEST), Messaging(user_message=USER_MESSAGE)])
def test_what_holds_covers_the_elements_that_were_read_and_every_part_that_is_declared(messaging: Messaging) -> None:
    positions, claimed = read(messaging)
    assert named_signer(positions).named_among((identity("creditor").signing.certificate,)) is not None
    with EnvelopeSignature(positions, claimed) as signature:
        verified = signature.verify(policy(identity("hub")), others=(policy(identity("creditor")),))
    assert verified.messaging is positions.messaging
    assert verified.body is positions.body
    assert verified.certificate == identity("creditor").signing.certificate
    assert list(verified.part_digests) == ([] if messaging.user_message is None else [CONTENT_ID])


def unsign(root: etree._Element) -> None:
    for each in list(root.iter("{*}Security")):
        parent = each.getparent()
        assert parent is not None
        parent.remove(each)


def change_header(root: etree._Element) -> None:
    next(root.iter(f"{{{names.EB}}}MessageId")).text = "another@sender.example"


def forget_key(root: etree._Element) -> None:
    key_info = next(root.iter(security_names.KEY_INFO))
    key_info.clear()


REFUSED: dict[str, tuple[Callable[[etree._Element], object] | None, VerificationPolicy, str]] = {
    # what: (the change, the policy, the code)
    "no signature for us": (unsign, policy(identity("creditor")), "EBMS:0103"),
    "another header than was signed": (change_header, policy(identity("creditor")), "EBMS:0101"),
    "a key that is not named": (forget_key, policy(identity("creditor")), "EBMS:0101"),
    "a certificate that the policy does not take": (None, policy(identity("hub")), "EBMS:0101"),
    "a certificate that is over": (None, policy(identity("creditor"), days=20_000), "EBMS:0101"),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_does_not_hold_is_an_error_of_the_table_with_a_detail_for_the_log(row: str) -> None:
    change, judged_by, code = REFUSED[row]
    with pytest.raises(EbmsError) as caught:
        verify_envelope(*read(Messaging(pull_request=PULL_REQUEST), change), judged_by)
    assert caught.value.code == code
    assert caught.value.detail


@pytest.mark.parametrize(("change", "code"), [(unsign, "EBMS:0103"), (forget_key, "EBMS:0101")])
def test_an_envelope_that_names_no_signer_says_so_by_the_same_errors(
    change: Callable[[etree._Element], object], code: str
) -> None:
    positions, _ = read(Messaging(pull_request=PULL_REQUEST), change)
    with pytest.raises(EbmsError) as caught:
        named_signer(positions)
    assert caught.value.code == code


def test_a_part_that_the_header_declares_has_to_be_signed() -> None:
    positions, claimed = read(Messaging(user_message=USER_MESSAGE))
    references = list(positions.messaging.getroottree().getroot().iter(security_names.REFERENCE))
    (of_part,) = [each for each in references if each.get("URI", "").startswith("cid:")]
    parent = of_part.getparent()
    assert parent is not None
    parent.remove(of_part)
    with pytest.raises(EbmsError, match="not signed"):
        verify_envelope(positions, claimed, policy(identity("creditor")))
