"""A mock broker on the disk of a test site: its key, and what the portal's settings name of it.

FOLDER/broker.pem broker.key     its certificate and key, unencrypted; the certificate is what settings pin
FOLDER/metadata.xml              its metadata, made anew each time
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from crypto.certificates import load_certificates
from crypto.pki import certificates_pem, private_key_pem, self_issued
from gateway.site.broker.metadata import metadata
from gateway.site.broker.values import BrokerKey, Customer, MockBroker
from gateway.whole_file import write_key_file, write_whole

ENTITY_ID: Final = "urn:etoegang:HM:00000099000000007000:entities:0001"
_PARTY: Final = "00000099000000007000"
_DAYS: Final = 730
_METADATA_LIFE: Final = timedelta(days=365)
_BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeBroker:
    """The broker, and the files that the settings of a portal name."""

    broker: MockBroker
    metadata: Path
    signer: Path


def make_broker(
    folder: Path, *, url: str, customer: Customer, organisations: Sequence[tuple[str, str]], at: datetime
) -> MadeBroker:
    """The broker of this folder, with a new key where there is none, and its metadata written for that URL."""
    certificate, key = folder / "broker.pem", folder / "broker.key"
    if not key.exists():
        made = self_issued(
            common_name="Proefmakelaar", party_id=_PARTY, at=at - _BACKDATED, days=_DAYS, usage="signing"
        )
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(certificate, certificates_pem(made.certificate))
        write_key_file(key, private_key_pem(made.private_key))
    broker = MockBroker(
        entity_id=ENTITY_ID, url=url, key=_read_key(certificate, key), customer=customer, organisations=organisations
    )
    written = folder / "metadata.xml"
    write_whole(written, metadata(broker, number=secrets.token_hex(16), valid_until=at + _METADATA_LIFE))
    return MadeBroker(broker=broker, metadata=written, signer=certificate)


def _read_key(certificate: Path, key: Path) -> BrokerKey:
    private_key = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private_key, rsa.RSAPrivateKey):
        raise ValueError(f"{key} holds no RSA key")
    return BrokerKey(private_key=private_key, certificate=load_certificates(certificate.read_bytes())[0])
