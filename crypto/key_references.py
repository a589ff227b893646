"""wsse:SecurityTokenReference: how a message names the certificate of a key, written and read.

Four forms are written and read: the token itself in the message, its subject key identifier, its issuer and serial
number, its SHA-1 thumbprint (WSS X.509 Token Profile 1.1.1 3.2; eDelivery AS4 1.15). Reading trusts nothing: the
outcome only tells which of the certificates that a P-Mode pins is meant.

SECURITY: a token is bounded before it is decoded and is never parsed as a certificate: its octets are compared with
the pinned certificates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding

from crypto import names
from crypto.certificates import Certificate, der, sha1, subject_key_identifier, thumbprint_sha1
from crypto.distinguished_names import Rdn, names_same, parse_name
from crypto.elements import (
    Element,
    base64_of,
    base64_text,
    child_elements,
    children_named,
    fragment_of,
    trimmed_text_of,
)
from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.findings import ReferenceUnresolved
from crypto.forms import form_fault
from crypto.markup import text

MAX_TOKEN_CHARACTERS = 16 * 1024
_MAX_IDENTIFIER_CHARACTERS = 256
_MAX_NAME_CHARACTERS = 1024
LookupKey: TypeAlias = "tuple[KeyReference, bytes | int | None]"
_SERIAL_NUMBER = re.compile(r"-?[0-9]{1,60}")


class KeyReference(StrEnum):
    """The forms in which a message may name a certificate."""

    TOKEN = "token"  # noqa: S105 - the name of a form
    SKI = "ski"
    ISSUER_SERIAL = "issuer-serial"
    THUMBPRINT = "thumbprint"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIdentification:
    """How a message names a certificate; only the fields of its form are set.

    `identifier` is the certificate itself (token, DER), the key identifier (ski) or the SHA-1 of the certificate
    (thumbprint); `issuer` and `serial_number` belong to issuer-serial.
    """

    form: KeyReference
    identifier: bytes = b""
    issuer: tuple[Rdn, ...] = ()
    serial_number: int | None = None

    def names(self, certificate: Certificate) -> bool:
        """Whether this certificate is the one that is named."""
        match self.form:
            case KeyReference.TOKEN:
                return self.identifier == der(certificate)
            case KeyReference.SKI:
                return self.identifier == subject_key_identifier(certificate)
            case KeyReference.THUMBPRINT:
                return self.identifier == thumbprint_sha1(certificate)
            case KeyReference.ISSUER_SERIAL:
                return self.serial_number == certificate.serial_number and names_same(self.issuer, certificate.issuer)

    @property
    def lookup_key(self) -> LookupKey:
        """One of the `lookup_keys` of every certificate that is named so, and perhaps of others."""
        match self.form:
            case KeyReference.TOKEN:  # found by its SHA-1, for an index need not hold every certificate
                return KeyReference.THUMBPRINT, sha1(self.identifier)
            case KeyReference.ISSUER_SERIAL:
                return self.form, self.serial_number
            case _:
                return self.form, self.identifier

    def named_among(self, certificates: Sequence[Certificate]) -> Certificate | None:
        """The first of these certificates that is the one named."""
        return next((each for each in certificates if self.names(each)), None)


def lookup_keys(certificate: Certificate) -> Iterator[LookupKey]:
    """Where an index of certificates has this one, for every form in which a message may name it."""
    yield KeyReference.THUMBPRINT, sha1(certificate.public_bytes(Encoding.DER))  # an index asks each once
    yield KeyReference.ISSUER_SERIAL, certificate.serial_number
    with suppress(UnusableCredential):  # extensions that cannot be read
        yield KeyReference.SKI, subject_key_identifier(certificate)


def write_token(certificate: Certificate, token_id: str) -> str:
    """The certificate as wsse:BinarySecurityToken, for wsse:Security."""
    return (
        f'<wsse:BinarySecurityToken EncodingType="{names.BASE64_BINARY}" ValueType="{names.X509_V3}"'
        f' wsu:Id="{token_id}">{base64_text(der(certificate))}</wsse:BinarySecurityToken>'
    )


def write_key_reference(certificate: Certificate, form: KeyReference, *, token_id: str | None = None) -> str:
    """A wsse:SecurityTokenReference for a ds:KeyInfo; `token_id` is the id of the token, for that form alone."""
    match form:
        case KeyReference.TOKEN:
            reference = f'<wsse:Reference URI="#{token_id}" ValueType="{names.X509_V3}"></wsse:Reference>'
        case KeyReference.SKI:
            reference = _write_key_identifier(names.X509_SKI, subject_key_identifier(certificate))
        case KeyReference.THUMBPRINT:
            reference = _write_key_identifier(names.THUMBPRINT_SHA1, thumbprint_sha1(certificate))
        case KeyReference.ISSUER_SERIAL:
            reference = (
                "<ds:X509Data><ds:X509IssuerSerial>"
                f"<ds:X509IssuerName>{text(certificate.issuer.rfc4514_string())}</ds:X509IssuerName>"
                f"<ds:X509SerialNumber>{certificate.serial_number}</ds:X509SerialNumber>"
                "</ds:X509IssuerSerial></ds:X509Data>"
            )
    return f"<wsse:SecurityTokenReference>{reference}</wsse:SecurityTokenReference>"


def _write_key_identifier(value_type: str, octets: bytes) -> str:
    return (
        f'<wsse:KeyIdentifier EncodingType="{names.BASE64_BINARY}" ValueType="{value_type}">'
        f"{base64_text(octets)}</wsse:KeyIdentifier>"
    )


def read_key_info(key_info: Element, find_token: Callable[[str], Element | None]) -> KeyIdentification:
    """How ds:KeyInfo names its certificate, which has to be one wsse:SecurityTokenReference and nothing besides.

    `find_token` answers the element with an id among those where tokens may stand. Raises PolicyNoncompliance for a
    form that is not read, FailedAuthentication for a key or certificate that comes with the message in another way.
    """
    children = child_elements(key_info)
    if any(child.tag in (names.RETRIEVAL_METHOD, names.KEY_INFO_REFERENCE) for child in children):
        raise form_fault("the key is to be fetched from elsewhere")
    if len(children) != 1 or children[0].tag != names.SECURITY_TOKEN_REFERENCE:
        raise form_fault("the KeyInfo does not name one certificate by a SecurityTokenReference")
    return read_key_reference(children[0], find_token)


def read_key_reference(reference: Element, find_token: Callable[[str], Element | None]) -> KeyIdentification:
    """How a wsse:SecurityTokenReference names its certificate; raises as `read_key_info` does."""
    children = child_elements(reference)
    if len(children) != 1:
        raise form_fault("a SecurityTokenReference does not hold exactly one reference")
    child = children[0]
    if child.tag == names.TOKEN_REFERENCE:
        return _read_token_reference(child, find_token)
    if child.tag == names.KEY_IDENTIFIER:
        return _read_key_identifier(child)
    if child.tag == names.X509_DATA:
        return _read_issuer_serial(child)
    raise form_fault("a SecurityTokenReference of that kind is not supported")


def _read_token_reference(reference: Element, find_token: Callable[[str], Element | None]) -> KeyIdentification:
    if reference.get("ValueType", names.X509_V3) != names.X509_V3:
        raise form_fault("the referenced token is not an X.509 certificate")
    token_id = fragment_of(reference.get("URI", ""))
    if token_id is None:
        raise form_fault("the token is not referenced by an id in the message")
    token = find_token(token_id)
    if token is None:
        finding = ReferenceUnresolved(element="wsse:Reference", wanted="a token in wsse:Security")
        raise form_fault("the referenced token is not in the security header", finding=finding)
    return KeyIdentification(form=KeyReference.TOKEN, identifier=read_token(token))


def read_token(token: Element) -> bytes:
    """The octets of the certificate in a wsse:BinarySecurityToken."""
    if token.tag != names.BINARY_SECURITY_TOKEN or token.get("ValueType") != names.X509_V3:
        raise form_fault("the token is not a single X.509 certificate")
    if token.get("EncodingType", names.BASE64_BINARY) != names.BASE64_BINARY:
        raise form_fault("the token is not base64")
    return base64_of(token, limit=MAX_TOKEN_CHARACTERS, otherwise=FailedAuthentication)


def _read_key_identifier(identifier: Element) -> KeyIdentification:
    form = {names.X509_SKI: KeyReference.SKI, names.THUMBPRINT_SHA1: KeyReference.THUMBPRINT}.get(
        identifier.get("ValueType", "")
    )
    if form is None or identifier.get("EncodingType", names.BASE64_BINARY) != names.BASE64_BINARY:
        raise form_fault("a KeyIdentifier of this type is not supported")
    return KeyIdentification(
        form=form, identifier=base64_of(identifier, limit=_MAX_IDENTIFIER_CHARACTERS, otherwise=FailedAuthentication)
    )


def _read_issuer_serial(data: Element) -> KeyIdentification:
    if [child.tag for child in child_elements(data)] != [names.X509_ISSUER_SERIAL]:
        raise form_fault("the X509Data does not name one certificate by issuer and serial number")
    (issuer_serial,) = children_named(data, names.X509_ISSUER_SERIAL)
    issuer_name, serial_number = children_named(issuer_serial, names.X509_ISSUER_NAME, names.X509_SERIAL_NUMBER)
    issuer, serial = trimmed_text_of(issuer_name), trimmed_text_of(serial_number)
    if len(issuer) > _MAX_NAME_CHARACTERS or _SERIAL_NUMBER.fullmatch(serial) is None:
        raise form_fault("the issuer and serial number cannot be read")
    return KeyIdentification(form=KeyReference.ISSUER_SERIAL, issuer=parse_name(issuer), serial_number=int(serial))
