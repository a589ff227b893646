"""A signature inside the element that it covers: over that very element, by a key of the name that it says."""

from __future__ import annotations

import pytest
from lxml import etree
from support.identity.logins import us

from crypto.elements import ids_of
from crypto.faults import PolicyNoncompliance, SecurityFault
from crypto.signed_element import sign_element, verify_element

CERTIFICATE = us().signer.certificate


def verified(octets: bytes) -> bytes:
    root = etree.fromstring(octets)
    known = {"ours": [CERTIFICATE]}
    return verify_element(root, id_attribute="ID", ids=ids_of(root), keys_named=lambda name: known.get(name or "", ()))[
        0
    ]


def signed(id_value: str = "_a", key_name: str = "ours") -> bytes:
    return sign_element('<a ID="_a">', '<b ID="_b"></b></a>', id_value=id_value, key=us().signer, key_name=key_name)


def test_what_was_signed_comes_out_without_its_signature() -> None:
    assert verified(signed()) == b'<a ID="_a"><b ID="_b"></b></a>'


@pytest.mark.parametrize("id_value", ["_b", "_c"])
def test_a_signature_that_names_another_element_counts_for_none(id_value: str) -> None:
    with pytest.raises(PolicyNoncompliance, match="something else"):
        verified(signed(id_value=id_value))


def test_a_signature_under_a_name_that_no_known_key_has_is_nobodys() -> None:
    with pytest.raises(SecurityFault, match="nobody"):
        verified(signed(key_name="theirs"))
