"""What may stand in `participant.yaml`, as pydantic models that refuse anything else and open the files that it names.

The files are opened while the form is checked, so that whoever wrote the file learns of everything at once. Relative
names are seen from the folder in the context of the model. Whether a key is of the suite's kind is for
`gateway.client.participant_file`.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from cryptography.x509 import Certificate
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from crypto.certificates import load_certificates
from crypto.faults import PasswordMissing, PasswordNeedless, UnusableCredential
from crypto.keys import PrivateKey, is_pkcs12, load_private_key
from crypto.suites import SUITES
from gateway.addresses import read_url
from gateway.ebms.party_ids import default_type
from gateway.ebms.values import is_uri
from gateway.named_file import TEXT_OCTETS, FileRefused, first_line, read_named
from gateway.written.complaints import shown
from gateway.written.header_text import HeaderText, PartyText
from xsd.catalogue import ROLES

_Key = TypeVar("_Key")

_PASSWORD_ADVICE: Final[Mapping[type[UnusableCredential], str]] = {
    PasswordMissing: "say where it is with password_file beside it",
    PasswordNeedless: "take out password_file beside it, or encrypt the key",
}
_OUT_OF_PKCS12: Final = "write it out with: openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE, and name that"
_OIN_IN_QUOTES: Final = 'an OIN in quotes, such as "00000099000000001000"'
_ITS_FORM: Final = "the password is the first line of the file, in UTF-8"


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A file by its name, and the certificates in it."""

    name: str
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """A file by its name, and the password in it."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file by its name, and the private key in it; None where its password could not be had."""

    name: str
    private_key: PrivateKey | None = field(repr=False)


def _octets(name: object, info: ValidationInfo) -> tuple[str, bytes]:
    if not isinstance(name, str) or not name:
        raise ValueError("must be the name of a file")
    try:
        return name, read_named(_folder(info) / name, most_octets=TEXT_OCTETS)
    except FileRefused as fault:
        raise ValueError(f"{shown(name)} cannot be used, {fault.told}") from None


def _folder(info: ValidationInfo) -> Path:
    found: Path = (info.context or {}).get("folder", Path())
    return found


def _certificate_file(value: Any, info: ValidationInfo) -> CertificateFile:
    name, octets = _octets(value, info)
    try:
        return CertificateFile(name, tuple(load_certificates(octets)))
    except ValueError as fault:
        advice = _OUT_OF_PKCS12 if is_pkcs12(octets) else "give a certificate in PEM or DER form"
        raise ValueError(f"{fault}; {advice}") from None


def _password_file(value: Any, info: ValidationInfo) -> PasswordFile:
    name, octets = _octets(value, info)
    try:
        password = first_line(octets).decode("utf-8")
    except UnicodeDecodeError:  # whose own words repeat an octet of the password
        raise ValueError(f"what is there is not UTF-8; {_ITS_FORM}") from None
    if not password:
        raise ValueError(f"the password is empty; {_ITS_FORM}")
    return PasswordFile(name, password)


def _key_file(value: Any, info: ValidationInfo) -> KeyFile:
    name, octets = _octets(value, info)
    if "password_file" not in info.data:
        return KeyFile(name, None)  # it was complained of
    given: PasswordFile | None = info.data["password_file"]
    try:
        return KeyFile(name, load_private_key(octets, None if given is None else given.password.encode()))
    except UnusableCredential as fault:
        otherwise = "give a private key in PEM or PKCS #12 form, with the password that opens it"
        raise ValueError(f"{fault}; {_PASSWORD_ADVICE.get(type(fault), otherwise)}") from None


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _files(value: Any) -> Any:
    if value == []:
        raise ValueError("names no certificate; name at least one file")
    return _listed(value)


def _keys(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of key and certificate, the newest first")
    return value


def _party(value: str) -> str:
    if default_type(value) is None:
        raise ValueError("must be an OIN of 20 digits, or an OIN, a colon and 12 digits")
    return value


def _no_party(value: Any) -> Any:
    """What is no text at all is told with what to write; a number is told to be put in quotes like any other."""
    if isinstance(value, bool | list | dict) or value is None or value == "":
        raise ValueError(f"must be {_OIN_IN_QUOTES}")
    return value


def _parties(value: Any) -> Any:
    if value == [] or isinstance(value, dict):
        raise ValueError(f"must be {_OIN_IN_QUOTES}, or a list of these")
    return _listed(value)


def _different(value: list[str]) -> list[str]:
    twice = sorted({each for each in value if value.count(each) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} twice; name it once")
    if len({default_type(each) for each in value}) < len(value):  # ebMS3 Core 5.2.2.4
        raise ValueError(
            "names several party ids of one type, and one identity has one of each at most: an OIN, and an OIN with an"
            " establishment number; name one here, and give each other party a folder of its own"
        )
    return value


def _role(value: str) -> str:
    if value not in ROLES:
        raise ValueError(f"must be one of: {', '.join(ROLES)}")
    return value


def _suite(value: str) -> str:
    if value not in SUITES:
        raise ValueError(f"{shown(value)} is not known; choose from {', '.join(sorted(SUITES))}")
    return value


def _uri(value: str, example: str) -> str:
    if not is_uri(value):
        raise ValueError(f"must be a URI without blanks, such as {example}")
    return value


def _url(value: str) -> str:
    """The address of the hub, every part of it looked at now and not at the first message."""
    try:
        endpoint = read_url(value)
    except ValueError as fault:
        raise ValueError(f"{fault}; write it as https://hub.example/as4") from None
    if endpoint.scheme == "http" and not _is_loopback(endpoint.host):
        raise ValueError("must begin with https; http is for a hub on this machine alone")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class PairShape(_Shape):
    """A private key with its certificate. The order is that in which they are read: a password before its key."""

    certificate: Annotated[CertificateFile, BeforeValidator(_certificate_file)]
    password_file: Annotated[PasswordFile, BeforeValidator(_password_file)] | None = None
    key: Annotated[KeyFile, BeforeValidator(_key_file)]

    def made(self, make: Callable[[PrivateKey, Certificate], _Key]) -> _Key:
        """The key as what signs or decrypts; ValueError where the two do not belong together."""
        if self.key.private_key is None:
            raise ValueError("the key was not opened")
        return make(self.key.private_key, self.certificate.certificates[0])


def _fits(pair: PairShape) -> PairShape:
    if pair.key.private_key is not None and not pair.key.private_key.belongs_to(pair.certificate.certificates[0]):
        raise ValueError("the private key does not belong to the certificate; name two files that belong together")
    return pair


def _fits_tls(pair: PairShape, info: ValidationInfo) -> PairShape:
    """The files are named to the TLS library, which reads them again; that they fit is seen here."""
    files = (_folder(info) / pair.certificate.name, _folder(info) / pair.key.name)
    password = "" if pair.password_file is None else pair.password_file.password
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(*files, password)
    except (OSError, ValueError, TypeError) as fault:
        said = f"{fault.args[-1]}; key and certificate must be PEM files that belong together"
        raise ValueError(said) from None
    return pair


PartyIdText = Annotated[PartyText, BeforeValidator(_no_party), AfterValidator(_party)]
CertificateFiles = Annotated[
    list[Annotated[CertificateFile, BeforeValidator(_certificate_file)]], BeforeValidator(_files)
]
FittingPair = Annotated[PairShape, AfterValidator(_fits)]
TlsPair = Annotated[PairShape, AfterValidator(_fits_tls)]


class KnownHubShape(_Shape):
    """The hub as this participant knows it."""

    party: PartyIdText
    url: Annotated[HeaderText, AfterValidator(_url)]
    signing: CertificateFiles
    encryption: Annotated[CertificateFile, BeforeValidator(_certificate_file)]
    ca: CertificateFiles = []
    directory: CertificateFiles = []


class TrustedAuthoritiesShape(_Shape):
    """Who may vouch for a changed certificate of a party with an OIN of its own."""

    roots: CertificateFiles
    intermediates: CertificateFiles = []


class ParticipantAgreementShape(_Shape):
    """What eb:AgreementRef carries: a URI, or a text of a type (ebMS3 Core 5.2.2.7)."""

    value: HeaderText
    type: HeaderText | None = None


def _as_agreement(value: Any) -> Any:
    """`agreement: X` is `agreement: {value: X}`."""
    return value if isinstance(value, dict) else {"value": value}


def _uri_or_typed(found: ParticipantAgreementShape) -> ParticipantAgreementShape:
    if found.type is None and not is_uri(found.value):
        raise ValueError(
            f"{shown(found.value)} is not a URI; write the one that was agreed with the hub, such as"
            " urn:example:agreement, or its value and its type"
        )
    return found


class ParticipantShape(_Shape):
    """The whole file."""

    party: Annotated[list[PartyIdText], BeforeValidator(_parties), AfterValidator(_different)]
    hub: KnownHubShape
    signing: FittingPair
    decryption: Annotated[list[FittingPair], BeforeValidator(_keys)]
    suite: Annotated[HeaderText, AfterValidator(_suite)] | None = None
    key_reference: Literal["token", "ski", "issuer-serial", "thumbprint"] | None = None
    tls: TlsPair | None = None
    mpc: (
        Annotated[HeaderText, AfterValidator(partial(_uri, example="urn:knooppunt:mpc:00000099000000001000"))] | None
    ) = None
    base: Annotated[HeaderText, AfterValidator(partial(_uri, example="urn:knooppunt"))] | None = None
    agreement: (
        Annotated[ParticipantAgreementShape, BeforeValidator(_as_agreement), AfterValidator(_uri_or_typed)] | None
    ) = None
    roles: list[Annotated[str, AfterValidator(_role)]] = []
    senders: dict[PartyIdText, CertificateFiles] = {}
    trust: TrustedAuthoritiesShape | None = None
    origin: Literal["reported", "required"] | None = None
    receipts: Literal["non-repudiation", "awareness"] | None = None
