"""What is signed verifies and what is encrypted opens, for every way of naming a key."""

from __future__ import annotations

import pytest
from support.keys.pki import identity
from support.messages.signed_messages import ENVELOPE, Wire, check, make, open_parts, positions
from support.messages.whole_parts import signed_references

from crypto import names
from crypto.digest import PartDigest
from crypto.elements import ids_of
from crypto.faults import UnusableCredential
from crypto.key_references import KeyReference
from crypto.keys import SigningKey
from crypto.suites import AS4_1_15_RSA

PARTS = {"payload@knooppunt.example": b"\x1f\x8b" + b"gzip octets" * 40, "origin@knooppunt.example": b""}


@pytest.mark.parametrize("form", KeyReference)
def test_S01_S02_a_signed_and_encrypted_message_verifies_and_opens(form: KeyReference) -> None:
    wire = make(recipient=identity("hub"), parts=PARTS, key_reference=form, encrypted_reference=form)
    verified = check(wire)
    opened = open_parts(wire)
    assert opened == PARTS
    assert verified.certificate == identity("creditor").signing.certificate
    assert verified.part_digests.keys() == PARTS.keys()
    for content_id, reference in verified.part_digests.items():
        digest = PartDigest(reference.digest_method, "application/gzip")
        digest.update(opened[content_id])
        assert digest.matches(reference.digest_value)
        assert reference.matches(digest.finish())


def algorithms(wire: Wire, tag: str) -> set[str | None]:
    return {each.get("Algorithm") for each in wire.document().iter(tag)}


def test_S01_E01_the_algorithms_written_are_those_of_eDelivery_AS4_1_15() -> None:
    wire = make(recipient=identity("hub"), parts=PARTS)
    assert algorithms(wire, names.SIGNATURE_METHOD) == {"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}
    assert algorithms(wire, names.CANONICALIZATION_METHOD) == {"http://www.w3.org/2001/10/xml-exc-c14n#"}
    assert algorithms(wire, names.DIGEST_METHOD) == {"http://www.w3.org/2001/04/xmlenc#sha256"}
    assert algorithms(wire, names.MGF) == {"http://www.w3.org/2009/xmlenc11#mgf1sha256"}
    assert algorithms(wire, names.ENCRYPTION_METHOD) == {
        "http://www.w3.org/2009/xmlenc11#rsa-oaep",
        "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    }


def test_E02_only_the_parts_are_encrypted_and_the_security_header_reads_from_the_top() -> None:
    wire = make(recipient=identity("hub"), parts=PARTS)
    document = wire.document()
    assert [each.tag for each in positions(document).security] == [
        names.ENCRYPTED_KEY,
        names.ENCRYPTED_DATA,
        names.ENCRYPTED_DATA,
        names.BINARY_SECURITY_TOKEN,
        names.SIGNATURE,
    ]
    assert positions(document).security.get(names.MUST_UNDERSTAND) == "true"
    assert document[0][0] is positions(document).security
    assert {each.get("MimeType") for each in document.iter(names.ENCRYPTED_DATA)} == {"application/gzip"}
    assert all(octets not in wire.parts[content_id] for content_id, octets in PARTS.items() if octets)


def test_ids_written_are_unique_and_come_from_the_caller() -> None:
    wire = make(recipient=identity("hub"), parts=PARTS, encrypted_reference=KeyReference.TOKEN)
    assert sorted(ids_of(wire.document())) == ["ED-7", "ED-8", "EK-6", "SIG-4", "X509-3", "X509-5", "id-1", "id-2"]


def test_an_element_that_has_an_id_keeps_it() -> None:
    wire = make(envelope=ENVELOPE.replace("<S12:Body/>", '<S12:Body wsu:Id="mine"/>'))
    assert check(wire).references[1].uri == "#mine"


def test_a_signer_can_read_back_what_it_signed() -> None:
    wire = make(parts=PARTS)
    verified = check(wire)
    assert signed_references(verified.signature, AS4_1_15_RSA) == verified.references


def test_a_key_of_our_own_that_does_not_belong_to_its_certificate_is_refused() -> None:
    with pytest.raises(UnusableCredential):
        SigningKey(
            private_key=identity("hub").signing.private_key, certificate=identity("creditor").signing.certificate
        )
