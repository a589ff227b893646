"""Keys by the thousand are keys, and none is another's."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from bench.keys import many_keys


def test_each_key_is_another_and_signs_what_its_public_half_verifies() -> None:
    keys = list(many_keys(12))
    assert len({each.public_key().public_numbers().n for each in keys}) == 12
    assert {each.key_size for each in keys} == {2048}
    for key in keys[::4]:
        signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())


def test_no_keys_are_none() -> None:
    assert list(many_keys(0)) == []
