"""Our own metadata, for the broker: who we are, with which keys, and where a login returns.

What is not in the scheme's table is not written: no NameIDFormat, no organisation. Clauses: SAML 2.0 Metadata 2.3.2,
2.4.4; the scheme's metadata of a service provider for its broker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crypto.certificates import Certificate
from crypto.markup import attribute, text
from crypto.signed_element import key_info, sign_element
from gateway.identity.saml import names
from gateway.identity.saml.offering import ServiceOffer
from gateway.identity.saml.written_rightly import held

_START: Final = f'<md:EntityDescriptor xmlns:md="{names.MD}"'


def write_metadata(offer: ServiceOffer, *, metadata_id: str) -> bytes:
    """The signed EntityDescriptor; `metadata_id` is an xs:ID that was never used before.

    Raises `NotAsWritten` where it would not be valid.
    """
    us = offer.us
    before = f'{_START} ID="{attribute(metadata_id)}" entityID="{attribute(us.entity_id)}">'
    after = f"{''.join(_descriptor(offer))}</md:EntityDescriptor>"
    return held(sign_element(before, after, id_value=metadata_id, key=us.signer, key_name=us.key_name), "metadata")


def _descriptor(offer: ServiceOffer) -> Iterator[str]:
    us = offer.us
    yield '<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"'
    yield f' protocolSupportEnumeration="{names.SAMLP}">'
    yield key_descriptor(us.signer.certificate, us.key_name, "signing")
    yield key_descriptor(offer.encryption.certificate, offer.encryption_name, "encryption")
    yield f'<md:AssertionConsumerService Binding="{names.HTTP_ARTIFACT}"'
    yield f' Location="{attribute(us.consumer_url)}" index="{us.consumer_index or 0}" isDefault="true">'
    yield "</md:AssertionConsumerService>"
    for each in offer.services:
        yield f'<md:AttributeConsumingService index="{each.service.index}">'
        yield from (
            f'<md:ServiceName xml:lang="{attribute(language)}">{text(name)}</md:ServiceName>'
            for language, name in sorted(each.names.items())
        )
        yield f'<md:RequestedAttribute Name="{attribute(each.service.service_id)}"></md:RequestedAttribute>'
        yield "</md:AttributeConsumingService>"
    yield "</md:SPSSODescriptor>"


def key_descriptor(certificate: Certificate, key_name: str, use: str) -> str:
    """A key of ours by its name; inside an element that declares the prefix md."""
    return f'<md:KeyDescriptor use="{use}">{key_info(certificate, key_name)}</md:KeyDescriptor>'
