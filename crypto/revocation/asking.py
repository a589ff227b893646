"""The question to an OCSP responder: was this certificate revoked (RFC 6960 4.1.1).

It holds no nonce: responders that give answers made before (RFC 5019) repeat none. What keeps an old answer from being
taken is its date, for whoever keeps the one before.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from crypto.certificates import Certificate

REQUEST_TYPE = "application/ocsp-request"


def ocsp_request(certificate: Certificate, issuer: Certificate) -> bytes:
    """The question, in DER. The ids are of SHA-1, which every responder knows (RFC 5019 2.1.1): they find, and protect
    nothing.
    """
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1())  # noqa: S303 - an id
    return builder.build().public_bytes(Encoding.DER)
