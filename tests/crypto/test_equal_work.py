"""What a refused signature costs is its writer's own choice, and tells nothing of who is known here (SR-05)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from support.keys.pki import identity
from support.messages.signed_messages import Wire, check, make, policy_for

from crypto import names, signature_algorithms
from crypto.certificates import Certificate, public_key_of
from crypto.elements import base64_text
from crypto.faults import FailedAuthentication

PARTS = {"one@knooppunt.example": b"octets of one"}


class Noting:
    """An RSA key that notes what is computed with it; nothing ever holds under it."""

    computed: list[int]

    def __init__(self, key: RSAPublicKey) -> None:
        self.key_size, self.public_numbers = key.key_size, key.public_numbers

    def verify(self, signature: bytes, *rest: object) -> None:
        assert (self.key_size + 7) // 8 == len(signature), "else nothing is computed"
        self.computed.append(len(signature))
        raise InvalidSignature


RSAPublicKey.register(Noting)


@pytest.fixture
def wire() -> Wire:
    return make(parts=PARTS)


@pytest.mark.parametrize("octets", [256, 384, 512])
@pytest.mark.parametrize("pinned", ["nobody", "another", "the-named", "of-another-kind"])
def test_a_value_that_does_not_hold_costs_one_operation_of_its_own_length_whoever_is_named_SR_05(
    wire: Wire, octets: int, pinned: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the kind nor the length of a key that is pinned, or that is not, shows in the time."""
    Noting.computed = []
    nobodys = signature_algorithms._nobodys_key
    monkeypatch.setattr(signature_algorithms, "_nobodys_key", lambda size: Noting(nobodys(size)))
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()

    def key_of(certificate: Certificate, **rest: object) -> object:
        key = public_key_of(certificate, **rest)  # type: ignore[arg-type]
        return elliptic if pinned == "of-another-kind" else Noting(key) if isinstance(key, RSAPublicKey) else key

    monkeypatch.setattr("crypto.verify.public_key_of", key_of)
    policy = policy_for(identity("counsellor" if pinned == "another" else "creditor"))
    policy = replace(policy, certificates=()) if pinned == "nobody" else policy
    value = base64_text(b"\x01" * octets)
    with pytest.raises(FailedAuthentication):
        check(wire.altered(lambda document: setattr(next(document.iter(names.SIGNATURE_VALUE)), "text", value)), policy)
    assert Noting.computed == [octets]
