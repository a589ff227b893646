"""What the mock broker is, whom it serves, and what somebody chose on its page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
KVK: Final = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
RSIN: Final = "urn:etoegang:1.9:EntityConcernedID:RSIN"
PSEUDO: Final = "urn:etoegang:1.13:EntityConcernedID:Pseudo"
LEVEL: Final = "urn:etoegang:core:assurance-class:"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerKey:
    """A key that signs; its name is the SHA-1 of its certificate, as brokers do it."""

    private_key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def name(self) -> str:
        """What ds:KeyName says."""
        return self.certificate.fingerprint(SHA1()).hex()  # noqa: S303 - a name

    @property
    def pem(self) -> str:
        """The certificate as signxml takes it."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedService:
    """A service of a customer, as it stands in the catalogue."""

    service_id: str
    service_uuid: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """The service provider whose users log in; `services` by their index."""

    entity_id: str
    consumer_url: str
    certificate: x509.Certificate
    encryption: x509.Certificate
    encryption_name: str
    services: Mapping[int, OfferedService]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockBroker:
    """The broker: its names, where it answers, its key, its one customer, and whom its page offers at once."""

    entity_id: str
    url: str
    key: BrokerKey
    customer: Customer
    organisations: Sequence[tuple[str, str]] = ()  # KvK number and name
    advisers: Sequence[BrokerKey] = ()  # of those whose assertions it passes on as advice

    @property
    def resolution_url(self) -> str:
        """Where an artifact is resolved."""
        return f"{self.url}/artifact"

    @property
    def login_url(self) -> str:
        """Where a login begins."""
        return f"{self.url}/sso"

    @property
    def source_id(self) -> bytes:
        """What an artifact says of where it comes from."""
        return hashlib.sha1(self.entity_id.encode("utf-8"), usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Who somebody says he is: the organisation by its number, a person's name, how surely, for which service."""

    number: str
    person: str
    level: str
    service: int
    number_kind: str = KVK
    branch: str = ""
    intermediary: str = ""

    @property
    def pseudonym(self) -> str:
        """The same for the same person and organisation, and telling nothing of either."""
        of_person = hashlib.sha256(f"{self.person}|{self.number}".encode()).hexdigest()
        return f"{of_person}@{hashlib.sha256(b'mock').hexdigest()[:32]}"
