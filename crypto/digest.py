"""Digests: of canonical octets at once, of parts while they stream by.

A part is digested by the rules of the SwA content transform: a part of an XML type in exclusive canonical form,
another text type with its line ends as CRLF, everything else octet for octet (WSS SwA Profile 1.1.1 5.4.2). The type
is the one the signer saw: the part's Content-Type when the part came in clear, EncryptedData/@MimeType when it was
encrypted. Products differ on the first two kinds, so the digest over the plain octets counts as well.

SECURITY: the type is not signed, so whoever encrypts a part may choose its rule. What came as XML can then differ from
what was signed in comments and spelling, what came as text in its line ends; a compressed part would no longer inflate.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crypto import names
from crypto.canonical import canonical_octets
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.media_types import essence_of

MOST_KEPT_OCTETS = 4 * 1024 * 1024  # no document that is read here is larger
_XML_TYPE = re.compile(r"text/xml|application/xml|(application|image)/[^/;\s]+\+xml")

ParseXml = Callable[[bytes], "Element | None"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAlgorithm:
    """One entry of the digest table; `name` is hashlib's."""

    uri: str
    name: str
    octets: int

    def digest(self, octets: bytes) -> bytes:
        """The digest of octets that are all there."""
        return self.digest_of((octets,))

    def digest_of(self, pieces: Iterable[bytes]) -> bytes:
        """The digest of octets that come in pieces, as if they were one."""
        found = hashlib.new(self.name, usedforsecurity=True)
        for each in pieces:
            found.update(each)
        return found.digest()


DIGESTS: Mapping[str, DigestAlgorithm] = MappingProxyType(
    {
        entry.uri: entry
        for entry in (
            DigestAlgorithm(uri=names.SHA256, name="sha256", octets=32),
            DigestAlgorithm(uri=names.SHA384, name="sha384", octets=48),
            DigestAlgorithm(uri=names.SHA512, name="sha512", octets=64),
        )
    }
)


def same_digest(one: bytes, other: bytes) -> bool:
    """Whether two digests are equal, in constant time."""
    return hmac.compare_digest(one, other)


class PartDigest:
    """The digest of one part, fed as the part streams by: decrypted, and still compressed when it was sent compressed.

    `mime_type` is the type the signer saw. A part of an XML type is kept until the end and given to `parse_xml`,
    which answers None for what it does not accept as a document; without `parse_xml`, for other types and beyond
    MOST_KEPT_OCTETS nothing is kept.
    """

    __slots__ = ("_after_cr", "_algorithm", "_kept", "_parse_xml", "_raw", "_ruled", "_text", "octets")

    def __init__(self, digest_uri: str, mime_type: str = "", *, parse_xml: ParseXml | None = None) -> None:
        self._algorithm = DIGESTS[digest_uri]
        self._raw = hashlib.new(self._algorithm.name)
        self._ruled: bytes | None = None
        self._parse_xml = parse_xml
        self._after_cr = False
        self.octets = 0
        essence = essence_of(mime_type) or ""
        is_xml = _XML_TYPE.fullmatch(essence) is not None
        self._kept: bytearray | None = bytearray() if is_xml and parse_xml is not None else None
        self._text = hashlib.new(self._algorithm.name) if essence.startswith("text/") and not is_xml else None

    def update(self, octets: bytes) -> None:
        """Takes the next octets of the part."""
        self.octets += len(octets)
        self._raw.update(octets)
        if self._kept is not None:
            self._kept += octets
            if len(self._kept) > MOST_KEPT_OCTETS:
                self._kept = None
        elif self._text is not None:
            self._text.update(self._with_crlf(octets))

    def finish(self) -> bytes:
        """The digest by the rule for the part's type: what a signer writes."""
        if self._ruled is None:
            self._ruled = self._digest_by_rule()
        return self._ruled

    def as_it_is(self) -> bytes:
        """The digest octet for octet, whatever the part's type."""
        return self._raw.digest()

    def matches(self, digest_value: bytes) -> bool:
        """Whether the finished part has this digest, by the rule for its type or octet for octet."""
        by_rule = same_digest(self.finish(), digest_value)
        as_it_is = same_digest(self.as_it_is(), digest_value)
        return by_rule or as_it_is

    def _digest_by_rule(self) -> bytes:
        if self._text is not None:
            return self._text.digest()
        if self._kept is not None and self._parse_xml is not None:
            document = self._parse_xml(bytes(self._kept))
            self._kept = None
            if document is not None:
                try:
                    return self._algorithm.digest(canonical_octets(document))
                except SecurityFault:
                    pass
        return self._raw.digest()

    def _with_crlf(self, octets: bytes) -> bytes:
        begins_in_line_end = self._after_cr and octets.startswith(b"\n")
        if octets:
            self._after_cr = octets.endswith(b"\r")
        octets = octets[1:] if begins_in_line_end else octets
        return octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
