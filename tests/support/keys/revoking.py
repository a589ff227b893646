"""What the authority of the tests says of its certificates: CRLs and OCSP responses by the clock of the tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp
from support.keys import issuing
from support.keys.issuing import Holder
from support.keys.pki import NOW, authority

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ours() -> Holder:
    """The authority that issued the certificates of the table."""
    return Holder(certificate=authority().certificate, private_key=authority().private_key)


def crl(
    *revoked: x509.Certificate, at: datetime = NOW, lasts: timedelta = DAY, by: Holder | None = None, **said: Any
) -> bytes:
    """Its CRL of that moment, which revokes these."""
    serials = [each.serial_number for each in revoked]
    return issuing.crl(by or ours(), *serials, since=at - HOUR, this_update=at, next_update=at + lasts, **said)


def response(
    certificate: x509.Certificate, *, revoked: bool = False, at: datetime = NOW, lasts: timedelta = DAY, **said: Any
) -> bytes:
    """Its OCSP response of that moment."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    since = at - HOUR if revoked else None
    return issuing.ocsp_response(
        certificate, ours(), status=status, since=since, this_update=at, next_update=at + lasts, **said
    )
