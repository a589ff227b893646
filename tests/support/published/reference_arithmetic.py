"""What the numbers of a published message say, computed with lxml and cryptography, without the product's security.

The product's own verdicts (`support.published.reference_verdicts`) are held against this.
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from support.published.reference_messages import HttpMessage, Parts, access_points, certificates_in, split

from crypto import names
from gateway.ebms.mime import MimeFault

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_BOM = b"\xef\xbb\xbf"


def arithmetic(message: HttpMessage, content_key: bytes | None) -> str:
    """What the numbers say, computed with lxml and cryptography alone.

    `valid`, `invalid`, `unsigned`, `unreadable`; `unsupported` for an algorithm without a number; `unknown-signer` for
    a certificate that is neither in the message nor known; `valid-sealed` when encrypted parts stay shut.
    """
    try:
        parts = split(message)
        root = etree.fromstring(parts.root.removeprefix(_BOM).lstrip(), etree.XMLParser(resolve_entities=False))
    except (MimeFault, etree.XMLSyntaxError):
        return "unreadable"
    signature = root.find(f".//{_DS}Signature")
    if signature is None:
        return "unsigned"
    signed_info = signature.find(f"{_DS}SignedInfo")
    assert signed_info is not None
    sealed = False
    for signed in signed_info.iter(f"{_DS}Reference"):
        method, uri = _hash_name(signed.find(f"{_DS}DigestMethod")), signed.get("URI", "")
        if method is None:
            return "unsupported"
        octets = _octets_of(root, signed, parts, content_key)
        if octets is None:
            sealed = True
        elif hashlib.new(method, octets).digest() != base64.b64decode(signed.findtext(f"{_DS}DigestValue") or ""):
            return "invalid"
        elif uri == "":
            return "unsupported"
    verdict = _signature_verdict(root, signature, signed_info)
    return "valid-sealed" if verdict == "valid" and sealed else verdict


def _signature_verdict(root: etree._Element, signature: etree._Element, signed_info: etree._Element) -> str:
    method = _hash_name(signed_info.find(f"{_DS}SignatureMethod"))
    if method is None:
        return "unsupported"
    algorithm = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384()}[method]
    value = base64.b64decode(signature.findtext(f"{_DS}SignatureValue") or "")
    octets = _canonical(signed_info, signed_info.find(f"{_DS}CanonicalizationMethod"))
    brought = certificates_in(root)
    for certificate in brought or access_points():
        public_key = certificate.public_key()
        assert isinstance(public_key, rsa.RSAPublicKey)
        try:
            public_key.verify(value, octets, padding.PKCS1v15(), algorithm)
        except InvalidSignature:
            continue
        return "valid"
    return "invalid" if brought else "unknown-signer"


def _hash_name(method: etree._Element | None) -> str | None:
    uri = "" if method is None else method.get("Algorithm", "")
    found = re.search(r"[#-](sha(?:1|256|384))$", uri)
    return found[1] if found else None


def _octets_of(
    root: etree._Element, reference: etree._Element, parts: Parts, content_key: bytes | None
) -> bytes | None:
    uri = reference.get("URI", "")
    if uri.startswith("#"):
        target = next((each for each in root.iter() if uri[1:] in _ids(each)), None)
        return b"" if target is None else _canonical(target, reference.find(f".//{_DS}Transform"))
    octets = parts.others.get(uri.removeprefix("cid:"), b"")
    encrypted = root.find(f".//{names.CIPHER_REFERENCE}[@URI='{uri}']") is not None
    if not encrypted:
        return octets
    return None if content_key is None else AESGCM(content_key).decrypt(octets[:12], octets[12:], None)


def _ids(element: etree._Element) -> list[str]:
    return [str(value) for name, value in element.attrib.items() if etree.QName(name).localname.lower() == "id"]


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    inclusive = None if method is None else method.find(names.INCLUSIVE_NAMESPACES)
    prefixes = [] if inclusive is None else inclusive.get("PrefixList", "").split()
    return etree.tostring(element, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes)
