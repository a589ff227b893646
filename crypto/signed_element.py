"""An element that carries the signature over itself, as SAML signs messages, assertions and metadata.

Read is one form: a ds:Signature as a direct child, with one reference, to the id of that very element, through the
enveloped-signature transform and then exclusive canonicalization. Written is the same, without a prefix list. Clauses:
SAML 2.0 Core 5.4; XML Signature 1.1 4.4.3.2, 6.6.4.

SECURITY: `verify_element` answers with the octets that were signed; whoever goes on reads those. ds:KeyName chooses
among keys that the caller has; a key or certificate in the message is not looked at. Form, transforms and algorithms
are judged before anything is computed, the signature value before the digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from crypto import names
from crypto.blanks import trimmed
from crypto.canonical import canonical_octets, prefix_list_of
from crypto.certificates import MINIMUM_RSA_BITS, Certificate, der
from crypto.digest import DIGESTS, DigestAlgorithm, same_digest
from crypto.elements import (
    Element,
    algorithm_fault,
    algorithm_of,
    base64_of,
    base64_text,
    child_elements,
    children_named,
    fragment_of,
    only_child,
    trimmed_text_of,
)
from crypto.enveloped import ENVELOPED, algorithm_for, signer_among
from crypto.faults import FailedAuthentication, PolicyNoncompliance
from crypto.keys import Signer
from crypto.markup import attribute, text
from crypto.signature_algorithms import SIGNATURES, SignatureAlgorithm

KeysNamed = Callable[[str | None], Sequence[Certificate]]
"""The certificates that may have signed, told what ds:KeyName says; None where there is no KeyName."""

_MOST_SIGNATURE_CHARACTERS: Final = 4096
_MOST_DIGEST_CHARACTERS: Final = 256
_MOST_ELEMENTS: Final = 64  # of a ds:Signature of this form, KeyInfo included


def key_info(certificate: Certificate, key_name: str) -> str:
    """What ds:KeyInfo says of a key of ours: its name, and its certificate for people."""
    return (
        f'<ds:KeyInfo xmlns:ds="{names.DS}"><ds:KeyName>{text(key_name)}</ds:KeyName><ds:X509Data>'
        f"<ds:X509Certificate>{base64_text(der(certificate))}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )


def sign_element(before: str, after: str, *, id_value: str, key: Signer, key_name: str) -> bytes:
    """An element with the signature over it, which stands between its two halves.

    Both halves together are the element in exclusive canonical form (`crypto.markup`) with that id.
    """
    algorithm, digest = algorithm_for(key.certificate), DIGESTS[names.SHA256]
    signed_info = (
        f'<ds:SignedInfo xmlns:ds="{names.DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{algorithm.uri}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{attribute(id_value)}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'
        f'<ds:Transform Algorithm="{names.EXC_C14N}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest.uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64_text(digest.digest((before + after).encode('utf-8')))}</ds:DigestValue>"
        "</ds:Reference></ds:SignedInfo>"
    )
    value = base64_text(key.sign(algorithm, signed_info.encode("utf-8")))
    signature = (
        f'<ds:Signature xmlns:ds="{names.DS}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"{key_info(key.certificate, key_name)}</ds:Signature>"
    )
    return f"{before}{signature}{after}".encode()


def verify_element(
    element: Element,
    *,
    id_attribute: str,
    ids: Mapping[str, Element],
    keys_named: KeysNamed,
    minimum_rsa_bits: int = MINIMUM_RSA_BITS,
) -> tuple[bytes, Certificate]:
    """What was signed, in canonical form and without this signature, and the certificate whose key did; whether that
    is valid now is the caller's to judge.

    `ids` are all of the document (`crypto.elements.ids_of`). The signature is taken out of the document, so outer
    elements are verified before inner ones. Raises FailedAuthentication or PolicyNoncompliance.
    """
    signature = only_child(element, names.SIGNATURE)
    if sum(1 for _ in signature.iter()) > _MOST_ELEMENTS:
        raise PolicyNoncompliance(f"the signature holds more than {_MOST_ELEMENTS} elements")
    signed_info, signature_value, info = children_named(
        signature, names.SIGNED_INFO, names.SIGNATURE_VALUE, names.KEY_INFO
    )
    method, signature_method, reference = children_named(
        signed_info, names.CANONICALIZATION_METHOD, names.SIGNATURE_METHOD, names.REFERENCE
    )
    if algorithm_of(method) != names.EXC_C14N:
        raise algorithm_fault("the canonicalization {} is not accepted", method, (names.EXC_C14N,))
    algorithm = _signature_algorithm(signature_method)
    transforms, digest_method, digest_value = children_named(
        reference, names.TRANSFORMS, names.DIGEST_METHOD, names.DIGEST_VALUE
    )
    prefixes, digest = _prefixes(transforms), _digest_algorithm(digest_method)
    named = fragment_of(reference.get("URI", ""))
    if named is None or element.get(id_attribute) != named or ids.get(named) is not element:
        raise PolicyNoncompliance("the signature is over something else than the element that holds it")
    expected = base64_of(digest_value, limit=_MOST_DIGEST_CHARACTERS, otherwise=FailedAuthentication)
    value = base64_of(signature_value, limit=_MOST_SIGNATURE_CHARACTERS, otherwise=FailedAuthentication)
    certificate = signer_among(
        canonical_octets(signed_info, prefix_list_of(method)),
        value,
        algorithm,
        keys_named(_key_name(info)),
        minimum_rsa_bits,
    )
    _take_out(signature, element)
    content = canonical_octets(element, prefixes)
    if not same_digest(digest.digest(content), expected):
        raise FailedAuthentication("the element is not what was signed")
    return content, certificate


def _signature_algorithm(method: Element) -> SignatureAlgorithm:
    found = SIGNATURES.get(algorithm_of(method))
    if found is None or len(method):
        raise algorithm_fault("the signature algorithm {} is not accepted", method, tuple(SIGNATURES))
    return found


def _digest_algorithm(method: Element) -> DigestAlgorithm:
    found = DIGESTS.get(algorithm_of(method))
    if found is None or len(method):
        raise algorithm_fault("the digest {} is not accepted", method, tuple(DIGESTS))
    return found


def _prefixes(transforms: Element) -> tuple[str, ...]:
    """The prefix list of the canonicalization, where the two transforms are those that have to stand there."""
    enveloped, canonical = children_named(transforms, names.TRANSFORM, names.TRANSFORM)
    for transform, wanted in ((enveloped, ENVELOPED), (canonical, names.EXC_C14N)):
        if algorithm_of(transform) != wanted:
            raise algorithm_fault("the transform {} is not accepted there", transform, (wanted,))
    if child_elements(enveloped):
        raise algorithm_fault("the transform {} is not accepted there", enveloped, (ENVELOPED,))
    return prefix_list_of(canonical)


def _key_name(info: Element) -> str | None:
    found = list(info.iterchildren(names.KEY_NAME))
    if len(found) > 1:
        raise PolicyNoncompliance("the signature names more than one key")
    return trimmed_text_of(found[0]) if found else None


def _take_out(signature: Element, element: Element) -> None:
    """Remove the signature and keep the text behind it, which is signed."""
    tail, before = signature.tail or "", signature.getprevious()
    if trimmed(tail):
        raise PolicyNoncompliance("text stands behind the signature")
    element.remove(signature)
    if before is None:
        element.text = (element.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail
