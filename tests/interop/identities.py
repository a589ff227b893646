"""Self-signed RSA identities for partners of the test, made without any code of the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

PARTY_TYPE = "urn:oasis:names:tc:ebcore:partyid-type:iso6523:0190"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One party: what the product takes as values, a foreign program takes as files."""

    party_id: str
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    key_file: Path
    certificate_file: Path

    def own(self) -> dict[str, str]:
        """The party as the partner program takes itself."""
        return {**self.other(), "key": str(self.key_file)}

    def other(self) -> dict[str, str]:
        """The party as the partner program takes somebody else."""
        return {"party_id": self.party_id, "party_type": PARTY_TYPE, "certificate": str(self.certificate_file)}


def identity_files(party_id: str, key: rsa.RSAPrivateKey, certificate: x509.Certificate, folder: Path) -> Identity:
    """An identity from values that are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    return Identity(
        party_id=party_id, key=key, certificate=certificate, key_file=key_file, certificate_file=certificate_file
    )


class Identities:
    """Makes an identity when its name is first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Identity] = {}

    def __getitem__(self, party_id: str) -> Identity:
        if party_id not in self._made:
            key = rsa.generate_private_key(65537, 2048)
            self._made[party_id] = identity_files(party_id, key, _certificate(party_id, key), self._folder / party_id)
        return self._made[party_id]


def _certificate(party_id: str, key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Interop {party_id}")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())
