"""TLS of the listener: what it speaks, and whose certificate a client showed."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from crypto.certificates import load_der


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Paths of PEM files; with `client_authority` a client certificate is asked for, and demanded if
    `client_required`.
    """

    certificate: str
    key: str
    key_password: bytes | None = None
    client_authority: str | None = None
    client_required: bool = False
    minimum: str = "1.2"
    ciphers: str | None = None


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """A server context: TLS 1.2 or later, no renegotiation, no compression (T36, T37, T38).

    Where clients show certificates there are no session tickets: a session that is taken up again brings its
    certificate with it, and nobody would look at the authorities again. TLS 1.2 still resumes what this process
    remembers, under the same authorities; the time of a certificate is judged for every request
    (`ClientCertificate.holds`).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if files.minimum == "1.3" else ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    if files.ciphers:
        context.set_ciphers(files.ciphers)
    context.load_cert_chain(files.certificate, files.key, files.key_password)
    if files.client_authority is not None:
        context.load_verify_locations(files.client_authority)
        context.verify_mode = ssl.CERT_REQUIRED if files.client_required else ssl.CERT_OPTIONAL
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    return context


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """What a client showed when the connection was made, to be judged again for every request on it."""

    thumbprint: str  # SHA-256, lower-case hex
    not_before: datetime
    not_after: datetime

    @classmethod
    def of(cls, tls: ssl.SSLObject) -> Self | None:
        """The client's certificate; None when it showed none."""
        octets = tls.getpeercert(binary_form=True)
        return cls.read(octets) if octets else None

    @classmethod
    def read(cls, octets: bytes) -> Self:
        """The certificate that these octets are, in DER; UnusableCredential where they are none."""
        certificate = load_der(octets)
        return cls(
            thumbprint=hashlib.sha256(octets).hexdigest(),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )

    def holds(self, at: datetime) -> bool:
        """Whether the certificate is in its time."""
        return self.not_before <= at <= self.not_after


def why_no_certificate(fault: ssl.SSLError) -> str | None:
    """Why a handshake ended where the client's certificate ended it, in OpenSSL's words, which hold none of the
    client's; None where something else did.
    """
    if isinstance(fault, ssl.SSLCertVerificationError):
        return fault.verify_message
    return "no certificate was shown" if fault.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE" else None
