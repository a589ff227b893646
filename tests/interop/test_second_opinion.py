"""Two other implementations judge what we sign, and we judge what one of them signs.

signxml shares libxml2 and OpenSSL with us; pybergshamra has XML, canonicalization and cryptography of its own. Both
leave parts of MIME messages to their caller.
"""

from __future__ import annotations

from collections.abc import Mapping

import pybergshamra
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier
from signxml.exceptions import SignXMLException
from support.keys.pki import NOW, identity
from support.messages.envelopes import PREFIX_LISTS, envelopes
from support.messages.signed_messages import Wire, check, make, positions

from crypto import names
from crypto.faults import SecurityFault
from crypto.pki import private_key_pem

PARTS = {"one@knooppunt.example": b"\x1f\x8b octets"}
LOCATION = f"./{{{names.S12}}}Header/{{{names.WSSE}}}Security/"


def signxml_agrees(wire: Wire, certificate: x509.Certificate) -> bool:
    parts: Mapping[str, bytes] = wire.parts
    try:
        XMLVerifier().verify(
            wire.envelope,
            x509_cert=certificate,
            uri_resolver=lambda uri: parts[uri.removeprefix("cid:")],
            expect_config=SignatureConfiguration(location=LOCATION, expect_references=True, verification_time=NOW),
        )
    except (SignXMLException, InvalidSignature, ValueError, etree.DocumentInvalid):
        return False
    return True


def bergshamra_agrees(wire: Wire, certificate: x509.Certificate) -> bool:
    manager = pybergshamra.KeysManager()
    manager.add_key(pybergshamra.load_x509_cert_der(certificate.public_bytes(Encoding.DER)))
    context = pybergshamra.DsigContext(manager, strict_verification=False, require_reference_digests=False)
    try:
        result = pybergshamra.verify(context, wire.envelope.decode())
    except pybergshamra.BergshamraError:
        return False
    local = [each for each in result.references or () if not each.uri.startswith("cid:")]
    return bool(result.is_valid and len(local) == 2 and all(each.digest_verified for each in local))


def bergshamra_signed(wire: Wire, prefix_lists: list[list[str] | None]) -> Wire:
    """The message signed anew by pybergshamra, with these PrefixLists (in order: SignedInfo, each `#id` reference)."""

    def blank(document: etree._Element) -> None:
        methods = [next(document.iter(names.CANONICALIZATION_METHOD)), *document.iter(names.TRANSFORM)]
        for method, prefixes in zip(methods, prefix_lists, strict=False):
            if prefixes is not None:
                etree.SubElement(
                    method, names.INCLUSIVE_NAMESPACES, nsmap={"ec": names.EC}, PrefixList=" ".join(prefixes)
                )
        for reference in document.iter(names.REFERENCE):
            if str(reference.get("URI")).startswith("#"):
                reference[-1].text = None
        next(document.iter(names.SIGNATURE_VALUE)).text = None

    template = wire.altered(blank)
    manager = pybergshamra.KeysManager()
    manager.add_key(pybergshamra.load_rsa_private_pem(private_key_pem(identity("creditor").signing.private_key)))
    context = pybergshamra.DsigContext(manager, strict_verification=False, require_reference_digests=False)
    signed = pybergshamra.sign(context, template.envelope.decode())
    return Wire(envelope=signed.encode(), parts=wire.parts, mime_types=wire.mime_types)


@settings(max_examples=40, deadline=None)
@given(envelope=envelopes())
def test_both_verify_what_we_sign(envelope: str) -> None:
    wire = make(envelope=envelope, parts=PARTS)
    certificate = identity("creditor").signing.certificate
    assert signxml_agrees(wire, certificate)
    assert bergshamra_agrees(wire, certificate)


@settings(max_examples=40, deadline=None)
@given(envelope=envelopes(), prefix_lists=st.lists(st.none() | PREFIX_LISTS, min_size=3, max_size=3))
def test_S26_we_verify_what_another_signs_with_any_prefix_list(
    envelope: str, prefix_lists: list[list[str] | None]
) -> None:
    wire = bergshamra_signed(make(envelope=envelope, parts=PARTS), prefix_lists)
    verified = check(wire)
    assert [list(each.prefix_lists[0]) for each in verified.references[:2]] == [
        prefixes or [] for prefixes in prefix_lists[1:]
    ]


@pytest.mark.parametrize("where", ["messaging", "body", "value", "part"])
def test_all_three_refuse_the_same_alteration(where: str) -> None:
    wire = make(parts=PARTS)
    certificate = identity("creditor").signing.certificate

    def change(document: etree._Element) -> None:
        found = positions(document)
        if where == "value":
            next(document.iter(names.SIGNATURE_VALUE)).text = "AAAA"
        elif where != "part":
            etree.SubElement(getattr(found, where), "{urn:x}y")

    altered = wire.altered(change)
    if where == "part":
        altered = altered.with_parts(dict.fromkeys(PARTS, b"other"))
        assert not signxml_agrees(altered, certificate)
        return
    assert not signxml_agrees(altered, certificate)
    assert not bergshamra_agrees(altered, certificate)
    with pytest.raises(SecurityFault):
        check(altered)
