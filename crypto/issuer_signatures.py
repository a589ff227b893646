"""Whether an issuer's key signed a certificate, a CRL or an OCSP response: one table of algorithms for all three.

This is the world of X.509, where others choose among the algorithms of RFC 5280, 4055, 5758 and 8410; what messages may
be signed with is `crypto.signature_algorithms`. MD5 and SHA-1 are named in order to be refused by name.

SECURITY: what is signed here may come out of a message. Nothing is computed before algorithm, kind and length of the
issuer's key are right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509 import ocsp
from cryptography.x509.oid import SignatureAlgorithmOID as Oid

from crypto.certificates import MINIMUM_RSA_BITS, Certificate, readable_key
from crypto.der_elements import key_is_of_named_curve

_Holds = Callable[[PublicKeyTypes, bytes, bytes], bool]
_HASHES: Final[tuple[type[hashes.HashAlgorithm], ...]] = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def key_weakness(certificate: Certificate) -> str | None:
    """Why nothing may rest on the key of a certificate, or None."""
    public_key = readable_key(certificate)
    if public_key is None:
        return "its key cannot be read"
    if isinstance(public_key, rsa.RSAPublicKey) and public_key.key_size < MINIMUM_RSA_BITS:
        return f"its RSA key has {public_key.key_size} bits, fewer than {MINIMUM_RSA_BITS}"
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        if not key_is_of_named_curve(certificate):
            return "its elliptic curve is given by parameters and not by name"
        if public_key.curve.key_size < 256:
            return f"its elliptic curve has {public_key.curve.key_size} bits, fewer than 256"
    return None


def certificate_signature_objection(certificate: Certificate, issuer: Certificate) -> str | None:
    """Why the key of `issuer` did not sign the certificate, or None; names are not compared."""
    return _objection(
        issuer,
        certificate.signature_algorithm_oid,
        certificate.tbs_certificate_bytes,
        certificate.signature,
        lambda: certificate.signature_algorithm_parameters,
    )


def crl_signature_objection(crl: x509.CertificateRevocationList, issuer: Certificate) -> str | None:
    """Why the key of `issuer` did not sign the CRL, or None; names are not compared."""
    return _objection(
        issuer,
        crl.signature_algorithm_oid,
        crl.tbs_certlist_bytes,
        crl.signature,
        lambda: crl.signature_algorithm_parameters,
    )


def ocsp_signature_objection(response: ocsp.OCSPResponse, responder: Certificate) -> str | None:
    """Why the key of `responder` did not sign the response, or None."""
    return _objection(
        responder, response.signature_algorithm_oid, response.tbs_response_bytes, response.signature, lambda: None
    )


def _objection(
    issuer: Certificate,
    algorithm: x509.ObjectIdentifier,
    octets: bytes,
    signature: bytes,
    parameters: Callable[[], object],
) -> str | None:
    if algorithm in _BROKEN:
        return f"it is signed with {_BROKEN[algorithm]}"
    holds = _HOLDS.get(algorithm)
    if algorithm == Oid.RSASSA_PSS:
        holds = _pss(parameters)
    if holds is None:
        return "it is signed with an algorithm that is not taken"
    weakness = key_weakness(issuer)
    if weakness is not None:
        return f"the issuer is too weak: {weakness}"
    public_key = readable_key(issuer)
    if public_key is None or not holds(public_key, signature, octets):
        return "its signature does not hold under the key of the issuer"
    return None


def _pss(parameters: Callable[[], object]) -> _Holds | None:
    """By RFC 4055, with one of our hashes for the message and for the mask."""
    try:
        found = parameters()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(found, padding.PSS):
        return None
    hash_algorithm = getattr(found.mgf, "_algorithm", None)
    if not isinstance(hash_algorithm, _HASHES):
        return None
    return partial(_rsa_holds, found, hash_algorithm)


def _rsa_holds(
    scheme: padding.AsymmetricPadding,
    hash_algorithm: hashes.HashAlgorithm,
    public_key: PublicKeyTypes,
    signature: bytes,
    octets: bytes,
) -> bool:
    if not isinstance(public_key, rsa.RSAPublicKey):
        return False
    try:
        public_key.verify(signature, octets, scheme, hash_algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ecdsa_holds(
    hash_algorithm: hashes.HashAlgorithm, public_key: PublicKeyTypes, signature: bytes, octets: bytes
) -> bool:
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        return False
    try:
        public_key.verify(signature, octets, ec.ECDSA(hash_algorithm))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _ed25519_holds(public_key: PublicKeyTypes, signature: bytes, octets: bytes) -> bool:
    if not isinstance(public_key, ed25519.Ed25519PublicKey):
        return False
    try:
        public_key.verify(signature, octets)
    except InvalidSignature:
        return False
    return True


_PKCS1: Final = padding.PKCS1v15()
_HOLDS: Final[Mapping[x509.ObjectIdentifier, _Holds]] = MappingProxyType(
    {
        Oid.RSA_WITH_SHA256: partial(_rsa_holds, _PKCS1, hashes.SHA256()),
        Oid.RSA_WITH_SHA384: partial(_rsa_holds, _PKCS1, hashes.SHA384()),
        Oid.RSA_WITH_SHA512: partial(_rsa_holds, _PKCS1, hashes.SHA512()),
        Oid.ECDSA_WITH_SHA256: partial(_ecdsa_holds, hashes.SHA256()),
        Oid.ECDSA_WITH_SHA384: partial(_ecdsa_holds, hashes.SHA384()),
        Oid.ECDSA_WITH_SHA512: partial(_ecdsa_holds, hashes.SHA512()),
        Oid.ED25519: _ed25519_holds,
    }
)
_BROKEN: Final[Mapping[x509.ObjectIdentifier, str]] = MappingProxyType(
    {
        Oid.RSA_WITH_MD5: "MD5",
        Oid.RSA_WITH_SHA1: "SHA-1",
        x509.ObjectIdentifier("1.3.14.3.2.29"): "SHA-1",  # an older name of the same
        Oid.DSA_WITH_SHA1: "SHA-1",
        Oid.ECDSA_WITH_SHA1: "SHA-1",
    }
)
