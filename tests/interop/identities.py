"""Identities as files for foreign programs: self-signed ones of our own making, and the parties of the other tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from support.keys.pki import Identity as PartyOfTheTests

PARTY_TYPE = "urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One party: what the product takes as values, a foreign program takes as files in `folder`."""

    party_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    decryption_key: rsa.RSAPrivateKey
    encryption_certificate: x509.Certificate
    folder: Path

    def own(self) -> dict[str, str]:
        """The party as the partner program takes itself."""
        keys = {"key": str(self.folder / "key.pem"), "decryption_key": str(self.folder / "decryption-key.pem")}
        return {**self.other(), **keys}

    def other(self) -> dict[str, str]:
        """The party as the partner program takes somebody else."""
        return {
            "party_id": self.party_id,
            "party_type": PARTY_TYPE,
            "certificate": str(self.folder / "certificate.pem"),
            "encryption_certificate": str(self.folder / "encryption-certificate.pem"),
        }

    def write(self) -> Self:
        """Puts keys and certificates into the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, key in (("key.pem", self.key), ("decryption-key.pem", self.decryption_key)):
            (self.folder / name).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        for name, certificate in (
            ("certificate.pem", self.certificate),
            ("encryption-certificate.pem", self.encryption_certificate),
        ):
            (self.folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
        return self


def files_of(party: PartyOfTheTests, folder: Path) -> Identity:
    """A party of the product's own tests as files for a foreign program."""
    key, decryption_key = party.signing.private_key, party.encryption.private_key
    assert isinstance(key, rsa.RSAPrivateKey)
    assert isinstance(decryption_key, rsa.RSAPrivateKey)
    return Identity(
        party_id=party.party_id,
        key=key,
        certificate=party.signing.certificate,
        decryption_key=decryption_key,
        encryption_certificate=party.encryption.certificate,
        folder=folder / party.name,
    ).write()


class Identities:
    """Makes an identity when its name is first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Identity] = {}

    def __getitem__(self, party_id: str) -> Identity:
        if party_id not in self._made:
            key = rsa.generate_private_key(65537, 2048)
            certificate = _certificate(party_id, key)
            self._made[party_id] = Identity(
                party_id=party_id,
                key=key,
                certificate=certificate,
                decryption_key=key,
                encryption_certificate=certificate,
                folder=self._folder / party_id,
            ).write()
        return self._made[party_id]


def _certificate(party_id: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Interop {party_id}")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())
