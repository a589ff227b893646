"""Open: take every part through the chain, decrypted and digested as it passes, inflated within limits, re-encrypted.

Only the leading XML document is kept, in memory; every other part streams through (decision 0012). Leg 2's content
key encrypts the same octets that leg 1 signed, so what is written here can be sealed without a second pass.

SECURITY: the one place of the hub that keeps plaintext. It imports no logger and no database.
"""

from __future__ import annotations

from collections.abc import Sequence

from crypto.decrypt import DecryptionPolicy
from crypto.keys import Unwrapper
from gateway.ebms import texts
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.model import PartInfo
from gateway.limits import Limits
from gateway.msh.journey import Opened, Trusted
from gateway.msh.steps.passing import opener_for, pass_parts
from gateway.msh.steps.sealing import Sealing
from gateway.msh.timekeeping import Timekeeping
from gateway.traced import step
from pmodes.model import PMode
from pmodes.profiles import part_limit, too_large


@step("open")
async def open_parts(
    trusted: Trusted, sealing: Sealing | None, keys: Sequence[Unwrapper], limits: Limits, time: Timekeeping
) -> Opened:
    """Take every part off the wire and through the chain, into leg 2 where there is one.

    Comes back only when the whole message has arrived and every part has been judged. A part that no PartInfo declares
    is refused, or dropped where the P-Mode says so.
    """
    signed, pmode, document = trusted.signed, trusted.pmode, bytearray()
    security = pmode.security

    def content(_info: PartInfo, place: int) -> _Document | _Attachment:
        if place == 0:
            return _Document(document, limits.document_octets)
        return _Attachment(pmode, place)

    opener = opener_for(
        signed,
        DecryptionPolicy(
            suite=security.suite.at_least(security.minimum_strength),
            required=security.encrypt,
            at=time.now(),
            terms=security.encryption_terms,
        ),
        keys,
        limits,
        time,
        content=content,
        undeclared_refused=pmode.strictness.undeclared_parts_refused,
    )
    await pass_parts(signed.envelope.frame, opener, sealing)
    return Opened(document=bytes(document), parts=opener.parts, dropped=opener.dropped)


class _Document:
    """The leading document: all of it in memory, up to its limit. Beyond that it is still judged as gzip."""

    def __init__(self, kept: bytearray, limit_octets: int) -> None:
        self._kept = kept
        self._limit = limit_octets
        self._octets = 0

    def came(self, octets: int) -> None:
        if octets > self._limit:
            raise ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit as it came")

    def write(self, octets: bytes) -> bool:
        self._octets += len(octets)
        if self._octets > self._limit:
            self._kept.clear()
        else:
            self._kept += octets
        return True

    def finish(self) -> None:
        if self._octets > self._limit:
            raise ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit once inflated")


class _Attachment:
    """Another part: counted, and gone."""

    def __init__(self, pmode: PMode, place: int) -> None:
        self._pmode = pmode
        self._place = place
        self._limit = part_limit(pmode, place)
        self._octets = 0

    @property
    def _too_large(self) -> bool:
        return self._limit is not None and self._octets > self._limit

    def came(self, octets: int) -> None:
        """However many: the message has its limit."""

    def write(self, octets: bytes) -> bool:
        self._octets += len(octets)
        return not self._too_large

    def finish(self) -> None:
        if self._too_large:
            raise too_large(self._pmode, self._place)
