"""What a test reads at one go: a part that is all there, and the references of a signature that nobody doubts."""

from __future__ import annotations

from crypto import names
from crypto.decrypt import ContentKey, PartDecryptor
from crypto.elements import Element, only_child
from crypto.signed_info import VerifiedReference, read_reference
from crypto.suites import Suite
from gateway.ebms.gzip import Deflater


def decrypt_part(key: ContentKey, octets: bytes) -> bytes:
    """A part, opened; FailedDecryption as `PartDecryptor.finish`."""
    decryptor = PartDecryptor(key)
    plaintext = decryptor.update(octets)
    decryptor.finish()
    return plaintext


def compress(octets: bytes, *, salt: bytes) -> bytes:
    """A part as gzip with `salt`, 16 octets, in its header."""
    deflater = Deflater(salt)
    return deflater.feed(octets) + deflater.finish()


def signed_references(signature: Element, suite: Suite) -> tuple[VerifiedReference, ...]:
    """The references of a ds:Signature, to compare a receipt with (AS4 5.1.8)."""
    signed_info = only_child(signature, names.SIGNED_INFO)
    return tuple(read_reference(each, suite) for each in signed_info.iterchildren(names.REFERENCE))
