"""What an OCSP response says of one certificate at a moment (RFC 6960 3.2 and 4.2.2).

SECURITY: of a response whose signature does not hold nothing else is told; how many answers and certificates of one are
looked at is bounded.
"""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate
from crypto.der_elements import public_key_bits
from crypto.issuer_signatures import certificate_signature_objection, ocsp_signature_objection
from crypto.revocation.finding import RevocationFinding, TimedAnswer, unusable

_UNREADABLE: Final = (*UNREADABLE_EXTENSIONS, x509.InvalidVersion)
_MOST_RESPONSES: Final = 64
_MOST_RESPONDERS: Final = 8
_ID_HASHES: Final = (hashes.SHA1, hashes.SHA256, hashes.SHA384, hashes.SHA512)  # an id is no signature


def judge_ocsp(
    response_octets: bytes, *, certificate: Certificate, issuer: Certificate, at: datetime, nonce: bytes | None = None
) -> RevocationFinding:
    """What an OCSP response (DER) says of the certificate, which `issuer` issued, at that moment; never raises.

    With a `nonce` the response has to repeat it. It is signed by the issuer, or by a responder to whom the issuer gave
    a certificate for this; of that certificate revocation is not asked (RFC 6960 4.2.2.2.1).
    """
    try:
        response = ocsp.load_der_ocsp_response(response_octets)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return unusable(f"the responder gives no answer: {response.response_status.name.lower()}")
        return _judge_ocsp(response, certificate, issuer, at, nonce)
    except _UNREADABLE:
        return unusable("the OCSP response cannot be read")


def _judge_ocsp(
    response: ocsp.OCSPResponse, certificate: Certificate, issuer: Certificate, at: datetime, nonce: bytes | None
) -> RevocationFinding:
    if certificate.issuer != issuer.subject:
        return unusable("the certificate is of another issuer")
    objection = _responder_objection(response, issuer, at)
    if objection is not None:
        return unusable(objection)
    if any(each.critical and not isinstance(each.value, x509.OCSPNonce) for each in response.extensions):
        return unusable("the OCSP response has a critical extension that is not known")
    if nonce is not None and _nonce(response) != nonce:
        return unusable("the OCSP response does not repeat the nonce of its request")
    about = [each for each in islice(response.responses, _MOST_RESPONSES) if _is_about(each, certificate, issuer)]
    if not about:
        return unusable("the OCSP response is about another certificate")
    findings = [_of_single(each, at) for each in about]
    return next((each for each in findings if each.status == "revoked"), findings[0])


def _of_single(single: ocsp.OCSPSingleResponse, at: datetime) -> RevocationFinding:
    answer = TimedAnswer(
        name="the OCSP response", this_update=single.this_update_utc, next_update=single.next_update_utc
    )
    since = single.revocation_time_utc
    if single.certificate_status is ocsp.OCSPCertStatus.REVOKED and since is not None:
        reason = None if single.revocation_reason is None else single.revocation_reason.value
        return answer.revoked(since, reason, by="the responder")
    if single.certificate_status is ocsp.OCSPCertStatus.GOOD:
        return answer.now("good", "the responder says good", at)
    return answer.now("unknown", "the responder does not know the certificate", at)


def _responder_objection(response: ocsp.OCSPResponse, issuer: Certificate, at: datetime) -> str | None:
    """Why it is not the word of the issuer, nor of anybody he appointed."""
    if _names_responder(response, issuer):
        objection = ocsp_signature_objection(response, issuer)
        return None if objection is None else f"the OCSP response does not count: {objection}"
    appointed = [each for each in response.certificates[:_MOST_RESPONDERS] if _names_responder(response, each)]
    if not appointed:
        return "the OCSP response is by a responder that is not the issuer, and whose certificate it does not hold"
    return _appointment_objection(response, appointed[0], issuer, at)


def _appointment_objection(
    response: ocsp.OCSPResponse, responder: Certificate, issuer: Certificate, at: datetime
) -> str | None:
    if not _may_sign_responses(responder):
        return "the responder's certificate is not for signing OCSP responses (OCSPSigning)"
    if not responder.not_valid_before_utc <= at <= responder.not_valid_after_utc:
        return "the responder's certificate is not valid at that moment"
    if responder.issuer != issuer.subject:
        return "the responder's certificate is of another issuer"
    objection = certificate_signature_objection(responder, issuer)
    if objection is not None:
        return f"the responder's certificate does not count: {objection}"
    objection = ocsp_signature_objection(response, responder)
    return None if objection is None else f"the OCSP response does not count: {objection}"


def _may_sign_responses(responder: Certificate) -> bool:
    extensions = responder.extensions
    try:
        if ExtendedKeyUsageOID.OCSP_SIGNING not in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid  # none is needed


def _names_responder(response: ocsp.OCSPResponse, certificate: Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == certificate.subject
    return response.responder_key_hash == _key_hash(certificate, hashes.SHA1())  # noqa: S303 - a name, not a signature


def _is_about(single: ocsp.OCSPSingleResponse, certificate: Certificate, issuer: Certificate) -> bool:
    if single.serial_number != certificate.serial_number or not isinstance(single.hash_algorithm, _ID_HASHES):
        return False
    return single.issuer_name_hash == _hash(
        single.hash_algorithm, issuer.subject.public_bytes()
    ) and single.issuer_key_hash == _key_hash(issuer, single.hash_algorithm)


def _key_hash(certificate: Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """Over the octets of the key without its algorithm (RFC 6960 4.1.1)."""
    return _hash(algorithm, public_key_bits(certificate))


def _hash(algorithm: hashes.HashAlgorithm, octets: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(octets)
    return digest.finalize()


def _nonce(response: ocsp.OCSPResponse) -> bytes | None:
    try:
        return response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None
