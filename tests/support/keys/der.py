"""DER in pieces, for certificates that no library writes: what is inside an element, and elements made of it."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30


def element(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes([tag]) + length + content


def inside(octets: bytes) -> list[bytes]:
    """The elements within one element, each whole."""
    content, found = octets[_header(octets) :], []
    while content:
        size = _header(content) + _length(content)
        found.append(content[:size])
        content = content[size:]
    return found


def signed_anew(octets: bytes, key: ec.EllipticCurvePrivateKey, change: Callable[[list[bytes]], None]) -> bytes:
    """A certificate whose fields were changed, signed by that key as ecdsa-with-SHA256."""
    tbs, algorithm, _ = inside(octets)
    fields = inside(tbs)
    change(fields)
    tbs = element(SEQUENCE, b"".join(fields))
    signature = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return element(SEQUENCE, tbs + algorithm + element(BIT_STRING, b"\0" + signature))


def explicit_parameters(fields: list[bytes]) -> None:
    """Say P-256 by its parameters and not by its name."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    n = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    generator = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )
    curve = element(
        SEQUENCE,
        element(INTEGER, b"\1")
        + element(
            SEQUENCE, element(OBJECT_IDENTIFIER, bytes.fromhex("2a8648ce3d0101")) + element(INTEGER, b"\0" + _octets(p))
        )
        + element(SEQUENCE, element(OCTET_STRING, _octets(p - 3)) + element(OCTET_STRING, _octets(b)))
        + element(OCTET_STRING, generator)
        + element(INTEGER, b"\0" + _octets(n))
        + element(INTEGER, b"\1"),
    )
    algorithm, bits = inside(fields[6])
    name = inside(algorithm)[0]
    fields[6] = element(SEQUENCE, element(SEQUENCE, name + curve) + bits)


def serial_number(content: bytes) -> Callable[[list[bytes]], None]:
    """Have these octets for a serial number."""

    def change(fields: list[bytes]) -> None:
        fields[1] = element(INTEGER, content)

    return change


def _octets(number: int) -> bytes:
    return number.to_bytes(32)


def _header(octets: bytes) -> int:
    return 2 + (octets[1] & 0x7F if octets[1] & 0x80 else 0)


def _length(octets: bytes) -> int:
    return int.from_bytes(octets[2 : _header(octets)]) if octets[1] & 0x80 else octets[1]
