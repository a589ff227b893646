"""What is signed verifies and what is encrypted opens, for every way of naming a key."""

from __future__ import annotations

import pytest

from crypto.digest import PartDigest
from crypto.key_references import KeyReference
from support.pki import identity
from support.signed_messages import check, make, open_parts

PARTS = {"payload@knooppunt.example": b"\x1f\x8b" + b"gzip octets" * 40, "origin@knooppunt.example": b""}


@pytest.mark.parametrize("form", KeyReference)
@pytest.mark.parametrize("clause", ["S01", "S02"])
def test_a_signed_and_encrypted_message_verifies_and_opens(clause: str, form: KeyReference) -> None:
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
