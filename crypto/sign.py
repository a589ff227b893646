"""Signing an AS4 message: one detached ds:Signature in wsse:Security over elements and parts.

Written in the order that a receiver reads: the token, then the signature; encryption is added afterwards in front of
both (`crypto.encrypt`). Parts come as digests, made while they streamed by (`crypto.digest.PartDigest`). Clauses: AS4
5.1.4, 5.1.5; eDelivery AS4 1.15.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml import etree

from crypto import names
from crypto.canonical import canonical_octets
from crypto.elements import Element, base64_text, content_id_uri
from crypto.key_references import KeyReference, write_key_reference, write_token
from crypto.keys import Signer
from crypto.suites import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart:
    """A part to be signed: its Content-ID without angle brackets, and its digest by the suite's algorithm."""

    content_id: str
    digest: bytes


def new_security(header: Element) -> Element:
    """Puts an empty wsse:Security with mustUnderstand first into a SOAP 1.2 Header."""
    security = etree.SubElement(header, names.SECURITY, nsmap={"wsse": names.WSSE, "wsu": names.WSU, "S12": names.S12})
    security.set(names.MUST_UNDERSTAND, "true")
    header.insert(0, security)
    return security


def sign(
    security: Element,
    *,
    elements: Sequence[Element],
    parts: Sequence[SignedPart],
    key: Signer,
    suite: Suite,
    key_reference: KeyReference,
    ids: Callable[[str], str],
) -> Element:
    """Adds the signature to `security` and answers the ds:Signature.

    `elements` are eb:Messaging and the SOAP Body, in place in the same document; one without wsu:Id gets one. `ids`
    makes a document-wide unique id from a prefix. Nothing inside the elements may change afterwards.
    """
    token_id = None
    if key_reference is KeyReference.TOKEN:
        token_id = ids("X509")
        write_token(security, key.certificate, token_id)
    signature = etree.SubElement(security, names.SIGNATURE, nsmap={"ds": names.DS}, Id=ids("SIG"))
    signed_info = etree.SubElement(signature, names.SIGNED_INFO)
    etree.SubElement(signed_info, names.CANONICALIZATION_METHOD, Algorithm=names.EXC_C14N)
    etree.SubElement(signed_info, names.SIGNATURE_METHOD, Algorithm=suite.signature.uri)
    for element in elements:
        digest = suite.digest.digest
        element_id = _id_of(element, ids)
        _add_reference(signed_info, f"#{element_id}", names.EXC_C14N, suite, digest(canonical_octets(element)))
    for part in parts:
        uri = content_id_uri(part.content_id)
        _add_reference(signed_info, uri, names.ATTACHMENT_CONTENT_TRANSFORM, suite, part.digest)
    value = etree.SubElement(signature, names.SIGNATURE_VALUE)
    value.text = base64_text(key.sign(suite.signature, canonical_octets(signed_info)))
    key_info = etree.SubElement(signature, names.KEY_INFO)
    write_key_reference(key_info, key.certificate, key_reference, token_id=token_id)
    return signature


def _id_of(element: Element, ids: Callable[[str], str]) -> str:
    element_id = element.get(names.WSU_ID)
    if element_id is None:
        element_id = ids("id")
        element.set(names.WSU_ID, element_id)
    return element_id


def _add_reference(signed_info: Element, uri: str, transform: str, suite: Suite, digest: bytes) -> None:
    reference = etree.SubElement(signed_info, names.REFERENCE, URI=uri)
    transforms = etree.SubElement(reference, names.TRANSFORMS)
    etree.SubElement(transforms, names.TRANSFORM, Algorithm=transform)
    etree.SubElement(reference, names.DIGEST_METHOD, Algorithm=suite.digest.uri)
    digest_value = etree.SubElement(reference, names.DIGEST_VALUE)
    digest_value.text = base64_text(digest)
