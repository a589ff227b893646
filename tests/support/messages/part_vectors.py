"""Parts of messages as they are signed, encrypted and sent, made by other means than those that are tested: the
standard library's gzip and hashes, and AES-GCM at one go.

One table for opener and packer: what the one opens, the other has to pack, whole and octet by octet.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto import names as security_names
from crypto.content_ids import content_id_uri
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from crypto.suites import AS4_1_15_RSA
from gateway.ebms import names
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.model import PartInfo, Property

KEY = ContentKey(algorithm=AS4_1_15_RSA.content, octets=bytes(range(AS4_1_15_RSA.content.key_octets)))
IV = bytes(range(100, 112))
TAG_OCTETS = 16
PRETTY = b'<?xml version="1.0"?>\n<a  b = "1"><!-- gone --><c/></a>\n'
CANONICAL = b'<a b="1"><c></c></a>'

HASHES = {security_names.SHA256: "sha256", security_names.SHA384: "sha384", security_names.SHA512: "sha512"}


@dataclass(frozen=True, kw_only=True)
class PartVector:
    """One part: what it holds, and how it is signed and sent. `signed_as` are the octets of the digest, where they are
    not those that are encrypted.
    """

    name: str
    content: bytes
    mime_type: str = names.APPLICATION_XML
    compressed: bool = True
    encrypted: bool = True
    method: str = security_names.SHA256
    signed_as: bytes | None = None
    plain: bytes | None = None  # instead of what compression gives
    iv: bytes = IV

    @property
    def content_id(self) -> str:
        return f"{self.name.replace(' ', '-')}@tests.example"

    @property
    def wire_type(self) -> str:
        """The type that its signer sees."""
        return names.GZIP if self.compressed else self.mime_type

    @cached_property
    def octets(self) -> bytes:
        """As they are digested and encrypted."""
        if self.plain is not None:
            return self.plain
        return gzip.compress(self.content, mtime=0) if self.compressed else self.content

    @cached_property
    def sent(self) -> bytes:
        """As they are on the wire."""
        return self.iv + AESGCM(KEY.octets).encrypt(self.iv, self.octets, None) if self.encrypted else self.octets

    @property
    def info(self) -> PartInfo:
        """Its eb:PartInfo."""
        properties = (Property(name=names.MIME_TYPE, value=self.mime_type),)
        if self.compressed:
            properties += (Property(name=names.COMPRESSION_TYPE, value=names.GZIP),)
        return PartInfo(href=content_id_uri(self.content_id), properties=properties)

    @property
    def reference(self) -> VerifiedReference:
        """What a verified signature says of it."""
        digested = self.octets if self.signed_as is None else self.signed_as
        return VerifiedReference(
            uri=content_id_uri(self.content_id),
            transforms=(),
            prefix_lists=(),
            digest_method=self.method,
            digest_value=hashlib.new(HASHES[self.method], digested).digest(),
        )

    @property
    def media_type(self) -> str:
        """What its MIME header says."""
        return names.OCTET_STREAM if self.encrypted else self.wire_type

    def changed(self, name: str, **changes: object) -> PartVector:
        """Another part, made from this one."""
        return replace(self, name=name, **changes)  # type: ignore[arg-type]


DOCUMENT = PartVector(name="a document", content=PRETTY * 40)
VECTORS = (
    DOCUMENT,
    DOCUMENT.changed("in clear", encrypted=False),
    DOCUMENT.changed("nothing, compressed", content=b""),
    DOCUMENT.changed("one octet", content=b"x"),
    DOCUMENT.changed("the gzip of nothing may be nothing", content=b"", plain=b""),
    DOCUMENT.changed("another digest method", method=security_names.SHA512),
    DOCUMENT.changed("nothing at all", content=b"", compressed=False),
    DOCUMENT.changed("octets that do not compress", content=bytes(range(256)) * 8, mime_type="application/pdf"),
    DOCUMENT.changed("not compressed", compressed=False, mime_type="application/pdf"),
    DOCUMENT.changed("neither compressed nor encrypted", compressed=False, encrypted=False, mime_type="image/png"),
    DOCUMENT.changed("XML as it is", content=PRETTY, compressed=False),
    DOCUMENT.changed("XML in its canonical form", content=PRETTY, compressed=False, signed_as=CANONICAL),
    DOCUMENT.changed(
        "text with line ends", content=b"a\nb\r\nc", compressed=False, mime_type="text/csv", signed_as=b"a\r\nb\r\nc"
    ),
    DOCUMENT.changed("two members", content=b"ab", plain=gzip.compress(b"a") + gzip.compress(b"b")),
)


def cut(octets: bytes, size: int) -> Iterator[bytes]:
    """The octets in pieces of that size; 0: whole."""
    return (octets[at : at + size] for at in range(0, len(octets), size)) if size else iter((octets,))


class Kept:
    """Keeps what a part holds, and counts what it was told; wants no more than `most`."""

    def __init__(self, most: int | None = None) -> None:
        self.octets = b""
        self.told = 0
        self.finished = False
        self._most = most

    def came(self, octets: int) -> None:
        assert octets >= self.told
        self.told = octets

    def write(self, octets: bytes) -> bool:
        assert self._most is None or len(self.octets) <= self._most, "nothing comes that is not wanted"
        self.octets += octets
        return self._most is None or len(self.octets) <= self._most

    def finish(self) -> None:
        self.finished = True
        if self._most is not None and len(self.octets) > self._most:
            raise ProcessingModeMismatch(detail="too large")
