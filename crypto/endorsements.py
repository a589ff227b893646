"""Endorsements: that the holder of one key says of a certificate that it is his, too.

Whoever knows the key of today takes the certificate of tomorrow on its word, and needs nobody between. What is signed
begins with words that no other signature of this program begins with, names the party and the use, and ends with the
certificate; so an endorsement is worth nothing for another party, for another use or as another kind of message.

SECURITY: the octets that are signed are made here and nowhere else, of values whose forms exclude a NUL.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crypto.certificates import MINIMUM_RSA_BITS, Certificate, CertificateUsage, der, public_key_of
from crypto.enveloped import algorithm_for
from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.keys import Signer

_WORDS: Final = b"knooppunt-directory 1 endorse"
MOST_OCTETS: Final = 1024  # an RSA key of 8192 bits makes as many


def endorse(certificate: Certificate, *, party: str, usage: CertificateUsage, key: Signer) -> bytes:
    """The signature value by which the holder of `key` vouches for a certificate of that party and use."""
    return key.sign(algorithm_for(key.certificate), _said(certificate, party, usage))


def endorser_of(
    certificate: Certificate, endorsement: bytes, *, party: str, usage: CertificateUsage, among: Iterable[Certificate]
) -> Certificate | None:
    """Which of these certificates' keys made the endorsement; None where none did. Whether a certificate has ended
    since is not asked: it was its key that vouched.
    """
    said = _said(certificate, party, usage)
    for each in among:
        try:
            algorithm_for(each).verify(public_key_of(each, minimum_rsa_bits=MINIMUM_RSA_BITS), endorsement, said)
        except (FailedAuthentication, UnusableCredential):
            continue
        return each
    return None


def _said(certificate: Certificate, party: str, usage: CertificateUsage) -> bytes:
    return b"\0".join((_WORDS, party.encode("utf-8"), usage.encode("ascii"), der(certificate)))
