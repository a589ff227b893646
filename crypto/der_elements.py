"""The few elements of a certificate's DER that the library does not tell: how its key is written down, and its serial
number whatever that is.

SECURITY: the octets are those of a certificate that the library has read, so their structure is right; a length that
leads outside ends what is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from crypto.certificates import Certificate, der

_INTEGER: Final = 0x02
_BIT_STRING: Final = 0x03
_OBJECT_IDENTIFIER: Final = 0x06
_VERSION: Final = 0xA0
_KEPT: Final = 4_096
_BEFORE_THE_KEY: Final = 5  # serial number, algorithm, issuer, validity, subject


def key_is_of_named_curve(certificate: Certificate) -> bool:
    """Whether the parameters of an elliptic-curve key are the name of a curve, and not the curve (RFC 5480 2.1.1)."""
    algorithm = next(_key_fields(certificate), (0, b""))[1]
    return [tag for tag, _ in _elements(algorithm)] == [_OBJECT_IDENTIFIER, _OBJECT_IDENTIFIER]


@lru_cache(maxsize=_KEPT)
def public_key_bits(certificate: Certificate) -> bytes:
    """The octets of the key alone, without its algorithm: what RFC 6960 4.1.1 has digested."""
    return next((content[1:] for tag, content in _key_fields(certificate) if tag == _BIT_STRING), b"")


def serial_number_of(certificate: Certificate) -> int:
    """The serial number, whatever its sign: the library warns of one that is not positive, and will read none."""
    return serial_number_in(der(certificate))


def serial_number_in(octets: bytes) -> int:
    """That of a certificate in DER which nobody has read yet; 0 where there is none."""
    found = next((content for tag, content in _elements(_only(_only(octets))) if tag == _INTEGER), b"")
    return int.from_bytes(found, signed=True)


def _key_fields(certificate: Certificate) -> Iterator[tuple[int, bytes]]:
    """What SubjectPublicKeyInfo holds: the algorithm, then the key."""
    fields = [each for each in _elements(_only(certificate.tbs_certificate_bytes)) if each[0] != _VERSION]
    if len(fields) > _BEFORE_THE_KEY:
        yield from _elements(fields[_BEFORE_THE_KEY][1])


def _only(octets: bytes) -> bytes:
    """What the one element of these octets holds."""
    return next(_elements(octets), (0, b""))[1]


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element, one after the other; ends where they cannot be read."""
    at = 0
    while at + 2 <= len(octets):
        tag, length = octets[at], octets[at + 1]
        at += 2
        if length & 0x80:
            more = length & 0x7F
            length = int.from_bytes(octets[at : at + more])
            at += more
        if at + length > len(octets):
            return
        yield tag, octets[at : at + length]
        at += length
