"""The certificates of all tests: one readable table, each key made once a process and only when somebody asks.

    identity("hub").signing_key          identity("creditor", "expired").signing.certificate

The clock of the tests is `NOW`; ordinary certificates are valid for ten years around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from crypto.keys import DecryptionKey, SigningKey
from crypto.pki import Authority, Issued, Usage, issue, new_authority

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)

Variant = Literal["ordinary", "next", "expired", "not-yet-valid", "wrong-usage", "rsa-1024"]

# name -> party id (an OIN, or OIN:establishment number), common name
PARTIES = {
    "hub": ("00000099000000009000", "Knooppunt test hub"),
    "counsellor": ("00000099000000001000", "Gemeente Testdrecht Schuldhulp"),
    "creditor": ("00000099000000002000", "Incassobureau Proef B.V."),
    "administrator": ("00000099000000003000:000000000011", "Bewindvoering Voorbeeld"),
    "stranger": ("00000099000000009999", "Nobody We Know"),
}

# variant -> valid from and for how many days, relative to NOW; the RSA size; whether the usages are swapped
VARIANTS: dict[Variant, tuple[int, int, int, bool]] = {
    "ordinary": (-1825, 3650, 2048, False),
    "next": (-1, 3650, 2048, False),
    "expired": (-730, 729, 2048, False),
    "not-yet-valid": (1, 730, 2048, False),
    "wrong-usage": (-1825, 3650, 2048, True),
    "rsa-1024": (-1825, 3650, 1024, False),
}


@cache
def authority() -> Authority:
    """The authority that issued every ordinary certificate."""
    return new_authority("Knooppunt test authority", at=NOW - timedelta(days=3650), days=7300)


@dataclass(frozen=True)
class Identity:
    """One party in one variant: a certificate and key for signing, and others for encryption."""

    name: str
    variant: Variant

    @property
    def party_id(self) -> str:
        """The party id, as in the subject's serialNumber."""
        return PARTIES[self.name][0]

    @cached_property
    def signing(self) -> Issued:
        """For signing; in the variant `wrong-usage` its certificate is for encryption only."""
        return self._issued("encryption" if VARIANTS[self.variant][3] else "signing")

    @cached_property
    def encryption(self) -> Issued:
        """For encryption; in the variant `wrong-usage` its certificate is for signing only."""
        return self._issued("signing" if VARIANTS[self.variant][3] else "encryption")

    @cached_property
    def signing_key(self) -> SigningKey:
        """The signing half as our own code takes it."""
        return SigningKey(private_key=self.signing.private_key, certificate=self.signing.certificate)

    @cached_property
    def decryption_key(self) -> DecryptionKey:
        """The encryption half as our own code takes it."""
        return DecryptionKey(private_key=self.encryption.private_key, certificate=self.encryption.certificate)

    def _issued(self, usage: Usage) -> Issued:
        party_id, common_name = PARTIES[self.name]
        start, days, bits, _ = VARIANTS[self.variant]
        at = NOW + timedelta(days=start)
        return (_weakly_issued if bits < 2048 else _issued)(common_name, party_id, at, days, usage)


@cache
def identity(name: str, variant: Variant = "ordinary") -> Identity:
    """A party of the table; the same object, and so the same keys, for the whole process."""
    return Identity(name, variant)


def _issued(common_name: str, party_id: str, at: datetime, days: int, usage: Usage) -> Issued:
    return issue(authority(), common_name=common_name, party_id=party_id, at=at, days=days, usage=usage)


def _weakly_issued(common_name: str, party_id: str, at: datetime, days: int, usage: Usage) -> Issued:
    """As `issue`, for key sizes that it has no reason to make."""
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    like = issue(authority(), common_name=common_name, party_id=party_id, at=at, days=days, usage=usage).certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(like.subject)
        .issuer_name(like.issuer)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(like.not_valid_before_utc)
        .not_valid_after(like.not_valid_after_utc)
        .add_extension(like.extensions.get_extension_for_class(x509.KeyUsage).value, critical=True)
    )
    return Issued(certificate=builder.sign(authority().private_key, hashes.SHA256()), private_key=private_key)


def key_pem(private_key: rsa.RSAPrivateKey, password: bytes | None) -> bytes:
    """A private key as PKCS #8 PEM, encrypted when there is a password."""
    encryption: KeySerializationEncryption = BestAvailableEncryption(password) if password else NoEncryption()
    return private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
