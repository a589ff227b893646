"""Open: take every part through the chain: decrypted and digested as it passes (`gateway.msh.passing`), inflated within
limits, and re-encrypted.

Only the leading XML document is kept, in memory; every other part streams through (decision 0012). Leg 2's content
key encrypts the same octets that leg 1 signed, so what is written here can be sealed without a second pass.

SECURITY: the one place of the hub that keeps plaintext. It imports no logger and no database; a gzip fault is held back
until tag and digest agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ebms import names, texts
from gateway.ebms.consistency import content_id, content_ids
from gateway.ebms.errors import (
    DecompressionFailure,
    EbmsError,
    MimeInconsistency,
    ProcessingModeMismatch,
)
from gateway.ebms.gzip import GzipFault, Inflater
from gateway.ebms.model import PartInfo
from gateway.msh.arrival import Envelope, Frame
from gateway.msh.hub import Hub
from gateway.msh.passing import PartSink, pass_parts, sealed_parts
from gateway.msh.trust import Trusted
from pmodes.profiles import part_limit, too_large


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The leading document, and how many parts were dropped because no PartInfo declares them."""

    document: bytes
    dropped: int


async def open_parts(envelope: Envelope, framed: Frame, trusted: Trusted, sink: PartSink, hub: Hub) -> Opened:
    """Take every part off the wire and through the chain.

    Comes back only when the whole message has arrived and every part has been judged. A part that no PartInfo declares
    is refused, or dropped where the P-Mode says so.
    """
    security = trusted.pmode.security
    parts = sealed_parts(
        envelope,
        trusted.user_message,
        trusted.verified,
        security.suite,
        trusted.pmode.organisation.party_id,
        hub,
        required=security.encrypt,
    )
    opening = _Opening(trusted, hub)
    await pass_parts(framed, parts, sink, judge=opening.judge, undeclared=opening.undeclared)
    return Opened(document=bytes(opening.document), dropped=opening.dropped)


class _Opening:
    """What the parts of one message have in common."""

    def __init__(self, trusted: Trusted, hub: Hub) -> None:
        self.document = bytearray()
        self.dropped = 0
        self.inflated = 0  # octets, of the parts before
        self.pmode = trusted.pmode
        self.limits = hub.limits
        user_message = trusted.user_message
        self._declared = dict(zip(content_ids(user_message), _attached(user_message.parts), strict=True))
        self._places = {name: index for index, name in enumerate(self._declared)}

    def undeclared(self) -> None:
        if self.pmode.strictness.undeclared_parts_refused:
            raise MimeInconsistency(texts.PART_UNDECLARED, "a MIME part is in no PartInfo")
        self.dropped += 1

    def judge(self, name: str) -> _Content:
        return _Content(self, self._declared[name], self._places[name])


class _Content:
    """What one part holds: inflated within limits, and kept where it is the leading document."""

    def __init__(self, opening: _Opening, info: PartInfo, place: int) -> None:
        limits = opening.limits
        compressed = info.property(names.COMPRESSION_TYPE) is not None
        self._opening = opening
        self._inflater = (
            Inflater(limits.inflated_octets, ratio=limits.inflation_ratio, used_octets=opening.inflated)
            if compressed
            else None
        )
        self._kept = opening.document if place == 0 else None
        self._place = place
        self._limit = limits.document_octets if place == 0 else part_limit(opening.pmode, place)
        self._came = 0
        self._passed = 0
        self._too_large = False

    def feed(self, plain: bytes) -> None:
        """Octets as they were signed."""
        self._came += len(plain)
        if self._kept is not None and self._limit is not None and self._came > self._limit:
            raise ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit as it came")
        if self._inflater is None:
            self._keep(plain)
            return
        for piece in self._inflater.feed(plain):
            self._keep(piece)
            if self._kept is None and self._too_large:
                self._inflater = None  # nothing is read beyond the limit (H52)
                break

    def finish(self) -> None:
        """Judge the compression of the whole part, its size last."""
        if self._inflater is not None:
            try:
                self._inflater.finish()
            except GzipFault as fault:
                raise DecompressionFailure(fault.public, fault.reason) from None
            self._opening.inflated += self._inflater.octets_out
        if self._too_large:
            raise self._beyond_limit()

    def _beyond_limit(self) -> EbmsError:
        if self._kept is not None:
            return ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit once inflated")
        return too_large(self._opening.pmode, self._place)

    def _keep(self, octets: bytes) -> None:
        if self._too_large:
            return
        self._passed += len(octets)
        self._too_large = self._limit is not None and self._passed > self._limit
        if self._kept is None:
            return
        if self._too_large:
            self._kept.clear()
        else:
            self._kept += octets


def _attached(parts: tuple[PartInfo, ...]) -> list[PartInfo]:
    return [part for part in parts if content_id(part) is not None]
