"""Each form fault of wsse:Security has one row of one table, and each row here a message that ends in it."""

from __future__ import annotations

from functools import cache

import pytest
from support.keys.pki import identity
from support.messages.form_faults import ENCRYPTION, SIGNATURE
from support.messages.signed_messages import Wire, check, make, open_parts

from crypto.faults import SecurityFault
from crypto.forms import FORM_FAULTS
from gateway.ebms.errors import SECURITY_ERRORS, error_for

PARTS = {"one@knooppunt.example": b"octets of one", "two@knooppunt.example": b"octets of two"}


@cache
def wire() -> Wire:
    return make(recipient=identity("hub"), parts=PARTS)


def test_every_row_of_the_table_is_tried() -> None:
    assert SIGNATURE.keys() | ENCRYPTION.keys() == FORM_FAULTS.keys()
    assert not SIGNATURE.keys() & ENCRYPTION.keys()
    assert set(FORM_FAULTS.values()) <= SECURITY_ERRORS.keys()


@pytest.mark.parametrize("row", SIGNATURE)
def test_a_form_fault_of_the_signature_has_the_code_of_its_row_before_anything_is_computed(
    row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute(*_: object) -> bytes:
        raise AssertionError("form comes before arithmetic")

    monkeypatch.setattr("crypto.verify.canonical_octets", compute)
    with pytest.raises(SecurityFault) as refused:
        check(wire().altered(SIGNATURE[row]))
    assert refused.value.form == row
    assert type(refused.value) is FORM_FAULTS[row]
    assert type(error_for(refused.value)) is SECURITY_ERRORS[FORM_FAULTS[row]]


@pytest.mark.parametrize("row", ENCRYPTION)
def test_a_form_fault_of_the_encryption_has_the_code_of_its_row(row: str) -> None:
    with pytest.raises(SecurityFault) as refused:
        open_parts(wire().altered(ENCRYPTION[row]))
    assert refused.value.form == row
    assert type(refused.value) is FORM_FAULTS[row]
