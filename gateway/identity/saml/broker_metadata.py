"""The broker's metadata, read into what a login needs: where to, and whose signature.

Its signature is by a certificate that the operator pinned; the keys inside are those that sign answers. Clauses: SAML
2.0 Metadata 2.3.2, 2.4.3.

SECURITY: metadata past its validUntil is refused. One that ends earlier than what was relied on before is for the
caller to refuse, who remembers: replaying it would bring back keys that were withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crypto.certificates import Certificate, check_validity, load_der
from crypto.elements import Element, base64_of, ids_of
from crypto.faults import PolicyNoncompliance, SecurityFault, UnusableCredential
from crypto.names import KEY_INFO, KEY_NAME, X509_DATA
from crypto.signed_element import verify_element
from gateway.identity.login import LoginRefused
from gateway.identity.saml import names
from gateway.identity.saml.moments import read_moment
from gateway.identity.saml.parties import Broker
from gateway.identity.saml.walking import one, parsed, value

_ENTITY: Final = f"{{{names.MD}}}EntityDescriptor"
_PROVIDER: Final = f"{{{names.MD}}}IDPSSODescriptor"
_KEY: Final = f"{{{names.MD}}}KeyDescriptor"
_LOGIN: Final = f"{{{names.MD}}}SingleSignOnService"
_RESOLUTION: Final = f"{{{names.MD}}}ArtifactResolutionService"
_CERTIFICATE: Final = "{http://www.w3.org/2000/09/xmldsig#}X509Certificate"
_MOST_CERTIFICATE_CHARACTERS: Final = 24_576
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_INDEXES: Final = range(1 << 16)


class BrokerMetadataFault(Exception):
    """The metadata is not relied on; the text says why, for the operator."""


def read_broker(octets: bytes, *, entity_id: str, signers: Sequence[Certificate], now: datetime) -> Broker:
    """The broker of that entity id; BrokerMetadataFault unless one of `signers` signed it and it is valid now."""
    try:
        root = parsed(_signed(octets, signers, now))
        return _read(root, entity_id, now)
    except LoginRefused as fault:
        raise BrokerMetadataFault(f"the broker's metadata is not written as it has to be: {fault.detail}") from None
    except SecurityFault as fault:
        raise BrokerMetadataFault(f"the signature of the broker's metadata does not hold: {fault.detail}") from None
    except UnusableCredential:
        raise BrokerMetadataFault("a certificate in the broker's metadata cannot be read") from None


def _signed(octets: bytes, signers: Sequence[Certificate], now: datetime) -> bytes:
    root = parsed(octets)
    content, signer = verify_element(root, id_attribute="ID", ids=ids_of(root), keys_named=lambda _: signers)
    check_validity(signer, now)
    return content


def _read(root: Element, entity_id: str, now: datetime) -> Broker:
    if root.tag != _ENTITY or root.get("entityID") != entity_id:
        raise BrokerMetadataFault("the metadata is another's than the configured broker's")
    valid_until = read_moment(root.get("validUntil"))
    if valid_until is None or valid_until <= now:
        raise BrokerMetadataFault("the broker's metadata is over, or does not say until when it counts")
    provider = one(root, _PROVIDER)
    logins = [_url(each) for each in provider.iterchildren(_LOGIN) if each.get("Binding") == names.HTTP_POST]
    if len(logins) != 1:
        raise BrokerMetadataFault(f"the broker's metadata names {len(logins)} places to log in by HTTP-POST; one it is")
    certificates = _certificates(provider)
    resolution_urls = dict(_resolutions(provider))
    if not certificates or not resolution_urls:
        raise BrokerMetadataFault("the broker's metadata names no key that signs, or no place to resolve an artifact")
    return Broker(
        entity_id=entity_id,
        login_url=logins[0],
        resolution_urls=resolution_urls,
        certificates=certificates,
        valid_until=valid_until,
    )


def _certificates(provider: Element) -> Mapping[str, Sequence[Certificate]]:
    """The certificates of keys that sign, by the name of the key; a name may be that of several."""
    found: dict[str, list[Certificate]] = {}
    for descriptor in provider.iterchildren(_KEY):
        if descriptor.get("use", "signing") != "signing":
            continue
        info = one(descriptor, KEY_INFO)
        name = value(one(info, KEY_NAME))
        element = one(one(info, X509_DATA), _CERTIFICATE)
        octets = base64_of(element, limit=_MOST_CERTIFICATE_CHARACTERS, otherwise=PolicyNoncompliance)
        found.setdefault(name, []).append(load_der(octets))
    return found


def _resolutions(provider: Element) -> Iterator[tuple[int, str]]:
    for each in provider.iterchildren(_RESOLUTION):
        written = each.get("index", "")
        if each.get("Binding") != names.SOAP_BINDING:
            continue
        if not (written.isascii() and written.isdigit() and int(written[:6]) in _INDEXES):
            raise BrokerMetadataFault("the broker's metadata numbers a place to resolve artifacts with no number")
        yield int(written[:6]), _url(each)


def _url(element: Element) -> str:
    """An address that a secret may be sent to: TLS, or this very machine."""
    url = element.get("Location", "")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise BrokerMetadataFault("the broker's metadata names an address that is not https")
    return url
