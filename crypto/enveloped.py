"""A document that carries its own signature: one ds:Signature over all the rest, as the last child of the root.

Written in canonical form (`crypto.markup`), so that nothing has to be canonicalized to be signed; whoever verifies
canonicalizes. Only this one form is read: one reference with an empty URI, the enveloped-signature transform and then
exclusive canonicalization. Clauses: XML Signature 1.1 4.4.3.2, 6.6.4; Exclusive XML Canonicalization 1.0 3.

SECURITY: `verify_enveloped` answers with the octets that were signed; whoever goes on reads those, and nothing that
stood around them. The key is one of those handed in: KeyInfo is not read, and is there for people. One canonicalization
of SignedInfo and one public-key operation come before anything is done over the whole document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from crypto import names
from crypto.blanks import trimmed
from crypto.canonical import canonical_octets
from crypto.certificates import MINIMUM_RSA_BITS, Certificate, der, public_key_of, readable_key
from crypto.digest import DIGESTS, DigestAlgorithm, same_digest
from crypto.elements import Element, algorithm_of, base64_of, base64_text, child_elements, children_named, only_child
from crypto.faults import FailedAuthentication, PolicyNoncompliance, UnknownSigner, UnusableCredential
from crypto.keys import Signer
from crypto.signature_algorithms import SIGNATURES, SignatureAlgorithm

ENVELOPED: Final = f"{names.DS}enveloped-signature"
_MOST_SIGNATURE_CHARACTERS: Final = 4096
_MOST_DIGEST_CHARACTERS: Final = 256
_MOST_ELEMENTS: Final = 40  # of a ds:Signature of this form, KeyInfo included


def algorithm_for(certificate: Certificate) -> SignatureAlgorithm:
    """The algorithm that a key of this kind signs documents with; UnusableCredential where there is none."""
    key = readable_key(certificate)
    found = None if key is None else next((each for each in SIGNATURES.values() if each.fits(key)), None)
    if found is None:
        wanted = " or ".join(dict.fromkeys(each.key_kind for each in SIGNATURES.values()))
        raise UnusableCredential(f"no signature is made with a key of this kind; give one of: {wanted}")
    return found


def sign_enveloped(content: Sequence[bytes], key: Signer) -> bytes:
    """A document with its signature; `content` is the document without, in exclusive canonical form, in pieces of which
    the last is the end tag of the root. In pieces, as a document may be so long that copying it holds others up.
    """
    algorithm, digest = algorithm_for(key.certificate), DIGESTS[names.SHA256]
    signed_info = (
        f'<ds:SignedInfo xmlns:ds="{names.DS}">'
        f'<ds:CanonicalizationMethod Algorithm="{names.EXC_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{algorithm.uri}"></ds:SignatureMethod>'
        '<ds:Reference URI=""><ds:Transforms>'
        f'<ds:Transform Algorithm="{ENVELOPED}"></ds:Transform>'
        f'<ds:Transform Algorithm="{names.EXC_C14N}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest.uri}"></ds:DigestMethod>'
        f"<ds:DigestValue>{base64_text(digest.digest_of(content))}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    value = base64_text(key.sign(algorithm, signed_info.encode("utf-8")))
    signature = (
        f'<ds:Signature xmlns:ds="{names.DS}">{signed_info}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64_text(der(key.certificate))}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></ds:Signature>"
    )
    *before, end = content
    return b"".join((*before, signature.encode("ascii"), end))


def verify_enveloped(
    root: Element, certificates: Sequence[Certificate], *, minimum_rsa_bits: int = MINIMUM_RSA_BITS
) -> tuple[bytes, Certificate]:
    """What one of these certificates signed, in canonical form and without the signature, and which one; its validity
    is the caller's to judge. The signature is taken out of the document. Raises FailedAuthentication or
    PolicyNoncompliance.
    """
    signature = only_child(root, names.SIGNATURE)
    if signature.getnext() is not None or trimmed(signature.tail or ""):
        raise PolicyNoncompliance("something stands behind the signature")
    signed = _signed_digest(signature, certificates, minimum_rsa_bits)
    root.remove(signature)
    content = canonical_octets(root)
    return content, _whose(content, *signed)


def verify_canonical(
    signature: Element,
    content: bytes,
    certificates: Sequence[Certificate],
    *,
    minimum_rsa_bits: int = MINIMUM_RSA_BITS,
) -> Certificate:
    """Which of these certificates signed those octets, given the ds:Signature that stood in them, by itself. Raises
    as `verify_enveloped` does, also for a document that was not written in canonical form, which that one verifies.

    SECURITY: octets that have the digest that was signed are the octets that were signed, so nothing has to be read
    before.
    """
    return _whose(content, *_signed_digest(signature, certificates, minimum_rsa_bits))


def _whose(content: bytes, certificate: Certificate, digest: DigestAlgorithm, expected: bytes) -> Certificate:
    if not same_digest(digest.digest(content), expected):
        raise FailedAuthentication("the document is not what was signed")
    return certificate


def _signed_digest(
    signature: Element, certificates: Sequence[Certificate], minimum_rsa_bits: int
) -> tuple[Certificate, DigestAlgorithm, bytes]:
    """Whose a ds:Signature of this form is, and the digest that it is over."""
    if sum(1 for _ in signature.iter()) > _MOST_ELEMENTS:
        raise PolicyNoncompliance(f"the signature holds more than {_MOST_ELEMENTS} elements and comments")
    signed_info, signature_value, _key_info = children_named(
        signature, names.SIGNED_INFO, names.SIGNATURE_VALUE, names.KEY_INFO
    )
    algorithm, reference = _read_signed_info(signed_info)
    value = base64_of(signature_value, limit=_MOST_SIGNATURE_CHARACTERS, otherwise=FailedAuthentication)
    certificate = signer_among(canonical_octets(signed_info), value, algorithm, certificates, minimum_rsa_bits)
    transforms, digest_method, digest_value = children_named(
        reference, names.TRANSFORMS, names.DIGEST_METHOD, names.DIGEST_VALUE
    )
    if [algorithm_of(each) for each in child_elements(transforms)] != [ENVELOPED, names.EXC_C14N] or any(
        len(each) for each in transforms
    ):
        raise PolicyNoncompliance("the reference is read through other transforms than it has to be")
    digest = DIGESTS.get(algorithm_of(digest_method))
    if digest is None:
        raise PolicyNoncompliance("the digest is made by an algorithm that is not accepted")
    expected = base64_of(digest_value, limit=_MOST_DIGEST_CHARACTERS, otherwise=FailedAuthentication)
    return certificate, digest, expected


def _read_signed_info(signed_info: Element) -> tuple[SignatureAlgorithm, Element]:
    method, signature_method, reference = children_named(
        signed_info, names.CANONICALIZATION_METHOD, names.SIGNATURE_METHOD, names.REFERENCE
    )
    if algorithm_of(method) != names.EXC_C14N or len(method):
        raise PolicyNoncompliance("SignedInfo has another canonical form than it has to have")
    algorithm = SIGNATURES.get(algorithm_of(signature_method))
    if algorithm is None or len(signature_method):
        raise PolicyNoncompliance("the signature is made by an algorithm that is not accepted")
    if reference.get("URI") != "":
        raise PolicyNoncompliance("the signature is over something else than the whole document")
    return algorithm, reference


def signer_among(
    octets: bytes,
    value: bytes,
    algorithm: SignatureAlgorithm,
    certificates: Sequence[Certificate],
    minimum_rsa_bits: int,
) -> Certificate:
    """Which of these certificates has the key that made the signature value over these octets; FailedAuthentication
    where none has, at the price of one public-key operation where there is none to ask.
    """
    if not certificates:
        algorithm.verify(None, value, octets)
    for each in certificates:
        try:
            algorithm.verify(public_key_of(each, minimum_rsa_bits=minimum_rsa_bits), value, octets)
        except FailedAuthentication:
            continue
        return each
    raise UnknownSigner("no certificate that is known for it made the signature")
