"""Open: decrypt each part, hold it against its signed digest, inflate it within limits, and re-encrypt it as it passes.

Only the leading XML document is kept, in memory; every other part streams through (decision 0012). Leg 2's content
key encrypts the same octets that leg 1 signed, so what is written here can be sealed without a second pass.

SECURITY: the one place of the hub that sees plaintext. It imports no logger and no database; a gzip fault is held back
until tag and digest agree; every cause of a failed decryption is one error with one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from crypto.decrypt import DecryptionPolicy, PartDecryptor, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.elements import Element
from crypto.faults import EndedKey, SecurityFault
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from crypto.suites import Suite
from crypto.verify import Verified
from gateway.ebms import names, texts
from gateway.ebms.consistency import check_parts_present, content_id, content_ids
from gateway.ebms.errors import (
    DecompressionFailure,
    EbmsError,
    FailedAuthentication,
    MimeInconsistency,
    ProcessingModeMismatch,
    error_for,
)
from gateway.ebms.gzip import GzipFault, Inflater
from gateway.ebms.mime import PartBegin, PartData
from gateway.ebms.model import PartInfo
from gateway.ebms.names import OCTET_STREAM
from gateway.msh.arrival import Envelope, Frame
from gateway.msh.freshness import ShownTime, refuse_for_time
from gateway.msh.hub import Hub
from gateway.msh.later import Cause, Postponed
from gateway.msh.trust import Trusted
from pmodes.model import PMode
from pmodes.profiles import part_limit, too_large
from xsd.document import PAYLOAD_LIMITS, DocumentFault, parse_document


class PartSink(Protocol):
    """Where the plain octets of the parts go, one part after the other."""

    async def begin_part(self, content_id: str, mime_type: str, signed: VerifiedReference | None) -> None: ...

    async def write_part(self, plain: bytes) -> None: ...

    async def end_part(self) -> None: ...


class Discard:
    """Takes parts and keeps nothing of them."""

    async def begin_part(self, content_id: str, mime_type: str, signed: VerifiedReference | None) -> None:
        """Nothing to prepare."""

    async def write_part(self, plain: bytes) -> None:
        """Gone."""

    async def end_part(self) -> None:
        """Nothing to close."""


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
    user_message = trusted.user_message
    declared = dict(zip(content_ids(user_message), _attached(user_message.parts), strict=True))
    places = {name: index for index, name in enumerate(declared)}
    security = trusted.pmode.security
    keys, mime_types = content_keys(
        envelope,
        trusted.verified,
        security.suite,
        ShownTime.by(trusted.pmode.organisation.party_id, trusted.user_message, trusted.verified),
        hub,
        required=security.encrypt,
    )
    used_ivs: dict[ContentKey | None, set[bytes]] = {}
    leading = next(iter(declared), None)
    document = bytearray()
    arrived: set[str] = set()
    dropped = inflated = 0
    passage: _Passage | None = None
    async for event in framed.events:
        if isinstance(event, PartBegin):
            name = event.content_id
            if name is None or name not in declared:
                if trusted.pmode.strictness.undeclared_parts_refused:
                    raise MimeInconsistency(texts.PART_UNDECLARED, "a MIME part is in no PartInfo")
                dropped += 1
                continue
            arrived.add(name)
            passage = _Passage(
                info=declared[name],
                signed=trusted.verified.part_digests[name],
                key=keys.get(name),
                used_ivs=used_ivs.setdefault(keys.get(name), set()),
                mime_type=mime_types.get(name) or (event.media_type.type if event.media_type else OCTET_STREAM),
                kept=document if name == leading else None,
                place=places[name],
                inflated_before=inflated,
                pmode=trusted.pmode,
                hub=hub,
            )
            await sink.begin_part(name, passage.mime_type, passage.signed)
        elif passage is None:
            continue
        elif isinstance(event, PartData):
            await sink.write_part(passage.feed(event.octets))
        else:
            passage.finish()
            inflated += passage.inflated
            await sink.end_part()
            passage = None
    check_parts_present(user_message, arrived)
    return Opened(document=bytes(document), dropped=dropped)


class _Passage:
    """One part on its way through: octets of leg 1 in, plain octets for leg 2 out, judged at the end."""

    def __init__(
        self,
        *,
        info: PartInfo,
        signed: VerifiedReference,
        key: ContentKey | None,
        used_ivs: set[bytes],
        mime_type: str,
        kept: bytearray | None,
        place: int,
        inflated_before: int,
        pmode: PMode,
        hub: Hub,
    ) -> None:
        self.mime_type = mime_type
        self.signed = signed
        limits = hub.limits
        compressed = info.property(names.COMPRESSION_TYPE) is not None
        self._decryptor = PartDecryptor(key, used_ivs) if key is not None else None
        self._digest = PartDigest(signed.digest_method, mime_type, parse_xml=parsed)
        self._inflater = (
            Inflater(limits.inflated_octets, ratio=limits.inflation_ratio, used_octets=inflated_before)
            if compressed
            else None
        )
        self._kept = kept
        self._place = place
        self._pmode = pmode
        self._limit = limits.document_octets if kept is not None else part_limit(pmode, place)
        self._passed = 0
        self._too_large = False

    @property
    def inflated(self) -> int:
        """How many octets this part inflated to; none where it came uncompressed."""
        return 0 if self._inflater is None else self._inflater.octets_out

    def feed(self, octets: bytes) -> bytes:
        """Take octets off the wire; returns the plain octets they gave, not yet vouched for."""
        try:
            plain = octets if self._decryptor is None else self._decryptor.update(octets)
        except SecurityFault as fault:
            raise error_for(fault) from None
        self._digest.update(plain)
        if self._kept is not None and self._limit is not None and self._digest.octets > self._limit:
            raise ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit as it came")
        if self._inflater is None:
            self._keep(plain)
        else:
            for piece in self._inflater.feed(plain):
                self._keep(piece)
                if self._kept is None and self._too_large:
                    self._inflater = None  # nothing is read beyond the limit (H52)
                    break
        return plain

    def finish(self) -> None:
        """Judge the whole part: its tag before its digest, its digest before its compression, its size last."""
        try:
            if self._decryptor is not None:
                self._decryptor.finish()
        except SecurityFault as fault:
            raise error_for(fault) from None
        if not self._digest.matches(self.signed.digest_value):
            raise FailedAuthentication(detail="the digest of a part differs from the signed one")
        if self._inflater is not None:
            try:
                self._inflater.finish()
            except GzipFault as fault:
                raise DecompressionFailure(fault.public, fault.reason) from None
        if self._too_large:
            raise self._beyond_limit()

    def _beyond_limit(self) -> EbmsError:
        if self._kept is not None:
            return ProcessingModeMismatch(texts.DOCUMENT_TOO_LARGE, "the document is over the limit once inflated")
        return too_large(self._pmode, self._place)

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


def content_keys(
    envelope: Envelope, verified: Verified, suite: Suite, said: ShownTime, hub: Hub, *, required: bool
) -> tuple[Mapping[str, ContentKey], Mapping[str, str]]:
    """Content key and type before encryption of every encrypted part; judged whole before a private key is used."""
    security = envelope.positions.security
    declared = frozenset(verified.part_digests)
    if security is None or not declared:
        return {}, {}
    policy = DecryptionPolicy(suite=suite, required=required, at=hub.clock.now())
    try:
        plan = read_encryption(security, content_ids=declared, policy=policy)
        return unwrap(plan, hub.decryption_keys), plan.mime_types
    except EndedKey as fault:
        if all(each.certificate.not_valid_after_utc < hub.clock.now() for each in hub.decryption_keys):
            raise Postponed(Cause.DECRYPTION_CERTIFICATE, "every decryption certificate of the hub has ended") from None
        refuse_for_time(error_for(fault), said, hub)
    except SecurityFault as fault:
        raise error_for(fault) from None


def _attached(parts: tuple[PartInfo, ...]) -> list[PartInfo]:
    return [part for part in parts if content_id(part) is not None]


def parsed(octets: bytes) -> Element | None:
    """The document that a part of an XML type is digested as; None for what is none within the limits."""
    try:
        return parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault:
        return None
