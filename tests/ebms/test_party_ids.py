"""Party ids: OINs by their own rules, and units by their form."""

from __future__ import annotations

import pytest

from gateway.ebms.names import OIN_TYPE, UNIT_TYPE
from gateway.ebms.party_ids import default_type, fault_of, is_test_party

VALUES = [
    ("00000001123456782000", OIN_TYPE, None),  # 123456782 passes the 11-test
    ("00000001123456789000", OIN_TYPE, "11-test"),
    ("00000001000000000000", OIN_TYPE, "11-test"),
    ("00000003123456780000", OIN_TYPE, None),
    ("00000003123456780001", OIN_TYPE, "0000"),
    ("00000099000000001000", OIN_TYPE, None),
    ("00000005000000001000", OIN_TYPE, "prefix"),
    ("10000003123456780000", OIN_TYPE, "prefix"),
    ("0000000312345678000", OIN_TYPE, "20 digits"),
    ("000000031234567800000", OIN_TYPE, "20 digits"),
    ("0000000312345678000\u0660", OIN_TYPE, "20 digits"),
    (" 00000003123456780000", OIN_TYPE, "20 digits"),
    ("00000003123456780000:000012345678", UNIT_TYPE, None),
    ("00000003123456780001:000012345678", UNIT_TYPE, "0000"),
    ("00000003123456780000:12345678", UNIT_TYPE, "establishment"),
    ("00000003123456780000", UNIT_TYPE, "establishment"),
    ("urn:party:1", None, None),
    ("party", None, "is not a URI"),
    ("anything", "urn:some:type", None),
]


@pytest.mark.parametrize(("value", "type_", "fault"), VALUES, ids=[f"{row[0]} {row[1]}" for row in VALUES])
def test_a_party_id_is_held_to_the_rules_of_its_type(value: str, type_: str | None, fault: str | None) -> None:
    found = fault_of(value, type_)
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_the_form_of_a_value_tells_its_type() -> None:
    assert default_type("00000003123456780000") == OIN_TYPE
    assert default_type("00000003123456780000:000012345678") == UNIT_TYPE
    assert default_type("urn:party:1") is None


def test_test_parties_are_known_by_their_prefix() -> None:
    assert is_test_party("00000099000000001000")
    assert is_test_party("00000099000000001000:000000000011")
    assert not is_test_party("00000003990000000000")
