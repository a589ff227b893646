"""One part on its way from the spool of an answer to the inbox: decrypted, digested, inflated, in one pass.

SECURITY: plaintext goes to memory or to a file without a name, and counts for nothing before `finish` has returned: tag
before digest before gzip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set

from crypto.decrypt import PartDecryptor
from crypto.digest import PartDigest
from crypto.elements import Element
from crypto.faults import FailedDecryption
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from crypto.suites import SUITES
from gateway.client.inbox import ArrivedPart
from gateway.client.participant import Participant
from gateway.client.records import Records, Spool
from gateway.ebms import names
from gateway.ebms.errors import DecompressionFailure, FailedAuthentication, error_for
from gateway.ebms.gzip import GzipFault, Inflater
from gateway.ebms.model import PartInfo
from xsd.document import PAYLOAD_LIMITS, DocumentFault, parse_document


class Passage:
    """One part on its way from the spool to the inbox."""

    def __init__(
        self,
        part: str,
        info: PartInfo,
        expected: VerifiedReference,
        key: ContentKey,
        mime_type: str,
        small: bool,
        participant: Participant,
        records: Records,
    ) -> None:
        self.content_id = part
        self.info = info
        self.sink = Sink(records)
        # The sender may have signed with another digest method than the hub; which one its proof tells too late.
        methods = {expected.digest_method, *(each.uri for suite in SUITES.values() for each in suite.accepted_digests)}
        parse_xml = _parse_xml if small else None  # a digest by the rule for XML keeps the part in memory
        self.digests = {method: PartDigest(method, mime_type, parse_xml=parse_xml) for method in methods}
        self.raw_digests = {method: PartDigest(method, names.OCTET_STREAM) for method in methods}
        self._expected = expected
        self._decryptor = PartDecryptor(key)
        limits = participant.limits
        compressed = info.property(names.COMPRESSION_TYPE) is not None
        if compressed:
            self.raw_digests = self.digests  # gzip is octets by every rule
        self._inflater = Inflater(limits.inflated_octets, ratio=limits.inflation_ratio) if compressed else None

    def feed(self, octets: bytes) -> None:
        plain = self._decryptor.update(octets)
        for digests in (self.digests,) if self.digests is self.raw_digests else (self.digests, self.raw_digests):
            for digest in digests.values():
                digest.update(plain)
        if self._inflater is None:
            self.sink.write(plain)
        else:
            for piece in self._inflater.feed(plain):
                self.sink.write(piece)

    def finish(self) -> None:
        try:
            self._decryptor.finish()
        except FailedDecryption as fault:
            raise error_for(fault) from None
        if not self.digests[self._expected.digest_method].matches(self._expected.digest_value):
            raise FailedAuthentication(detail="a part is not what the hub signed")
        if self._inflater is not None:
            try:
                self._inflater.finish()
            except GzipFault as fault:
                raise DecompressionFailure(fault.public, fault.reason) from None

    def digest_as_claimed(self, method: str, claimed: Set[bytes]) -> bytes:
        """The digest by the rule for the part's type, or of its octets as they are when that is what was claimed."""
        raw = self.raw_digests[method].finish()
        return raw if raw in claimed else self.digests[method].finish()

    def arrived(self) -> ArrivedPart:
        return ArrivedPart(
            content_id=self.content_id,
            mime_type=self.info.property(names.MIME_TYPE) or names.OCTET_STREAM,
            character_set=self.info.property(names.CHARACTER_SET),
            octets=self.sink.octets,
            sha256=self.sink.sha256,
            body=self.sink.body(),
        )


class Sink(Spool):
    """Where a part's plain octets go, and the SHA-256 of all of them."""

    def __init__(self, records: Records) -> None:
        super().__init__(records)
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> bytes:
        """Of all octets written."""
        return self._hash.digest()

    def write(self, octets: bytes) -> None:
        """Append."""
        super().write(octets)
        self._hash.update(octets)


def _parse_xml(octets: bytes) -> Element | None:
    try:
        return parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault:
        return None
