"""A certificate out of a message: read without trusting it, and whose it says that it is.

SECURITY: the octets are a stranger's. Every fault of reading is None; a serial number that is not positive is found
before the library reads it, which would warn of it for everybody to see.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from crypto.certificates import UNREADABLE_EXTENSIONS, Certificate
from crypto.der_elements import serial_number_in


def load_untrusted(octets: bytes) -> Certificate | None:
    """The certificate in DER; None where it cannot be read, or could not be used whoever vouches."""
    if serial_number_in(octets) <= 0:
        return None
    try:
        certificate = x509.load_der_x509_certificate(octets)
        certificate.subject, certificate.issuer, certificate.extensions  # noqa: B018 - read late, and may not be readable
    except (*UNREADABLE_EXTENSIONS, x509.InvalidVersion):
        return None
    return certificate


def subject_serial_numbers(certificate: Certificate) -> tuple[str, ...]:
    """Every serialNumber in the subject, as written."""
    return tuple(str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER))
