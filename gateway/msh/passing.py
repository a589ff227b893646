"""Passing: the parts of a message on their way, each decrypted and held against its signed digest as its octets come.

The one walk over parts: of a message that is taken (`gateway.msh.opening`), and of one that is only compared with an
earlier one (`gateway.msh.own_digests`). What more is asked of a part is its `Judge`'s.

SECURITY: every cause of a failed decryption is one error with one text, and nothing of a part is believed before its
tag and then its digest agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crypto.decrypt import DecryptionPolicy, PartDecryptor, read_encryption, unwrap
from crypto.digest import PartDigest
from crypto.elements import Element
from crypto.faults import EndedKey, SecurityFault
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from crypto.suites import Suite
from crypto.verify import Verified
from gateway.ebms.consistency import check_parts_present, content_ids
from gateway.ebms.errors import FailedAuthentication, error_for
from gateway.ebms.mime import PartBegin, PartData
from gateway.ebms.model import UserMessage
from gateway.ebms.names import OCTET_STREAM
from gateway.msh.arrival import Envelope, Frame
from gateway.msh.freshness import ShownTime, refuse_for_time
from gateway.msh.hub import Hub
from gateway.msh.later import Cause, Postponed
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


class Judge(Protocol):
    """What is asked of one part besides its tag and its digest."""

    def feed(self, plain: bytes) -> None:
        """Octets that nobody vouches for yet."""

    def finish(self) -> None:
        """Tag and digest agree."""


class Indifferent:
    """Asks nothing more."""

    def feed(self, plain: bytes) -> None:
        """Whatever they are."""

    def finish(self) -> None:
        """That was all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedParts:
    """What is known of the parts of a verified message before the first of them comes."""

    user_message: UserMessage
    verified: Verified
    keys: Mapping[str, ContentKey]
    mime_types: Mapping[str, str]  # before encryption
    used_ivs: dict[ContentKey, set[bytes]] = field(default_factory=dict)

    def begin(self, content_id: str, event: PartBegin) -> _Passing:
        """The part of that name, whose head has come."""
        key = self.keys.get(content_id)
        return _Passing(
            self.verified.part_digests[content_id],
            None if key is None else PartDecryptor(key, self.used_ivs.setdefault(key, set())),
            self.mime_types.get(content_id) or (event.media_type.type if event.media_type else OCTET_STREAM),
        )


class _Passing:
    """One part on its way: octets of leg 1 in, plain octets out, its tag judged at the end and then its digest."""

    def __init__(self, signed: VerifiedReference, decryptor: PartDecryptor | None, mime_type: str) -> None:
        self.signed = signed
        self.mime_type = mime_type
        self._decryptor = decryptor
        self._digest = PartDigest(signed.digest_method, mime_type, parse_xml=parsed)

    def feed(self, octets: bytes) -> bytes:
        try:
            plain = octets if self._decryptor is None else self._decryptor.update(octets)
        except SecurityFault as fault:
            raise error_for(fault) from None
        self._digest.update(plain)
        return plain

    def finish(self) -> None:
        try:
            if self._decryptor is not None:
                self._decryptor.finish()
        except SecurityFault as fault:
            raise error_for(fault) from None
        if not self._digest.matches(self.signed.digest_value):
            raise FailedAuthentication(detail="the digest of a part differs from the signed one")


async def pass_parts(
    framed: Frame,
    parts: SealedParts,
    sink: PartSink,
    *,
    judge: Callable[[str], Judge],
    undeclared: Callable[[], None],
) -> None:
    """Take every part off the wire. Comes back only when the whole message has arrived and each was judged.

    `undeclared` is told of every part that no PartInfo names, and such a part goes nowhere.
    """
    declared = frozenset(content_ids(parts.user_message))
    arrived: set[str] = set()
    current: tuple[_Passing, Judge] | None = None
    async for event in framed.events:
        if isinstance(event, PartBegin):
            name = event.content_id
            if name is None or name not in declared:
                undeclared()
                continue
            arrived.add(name)
            passing, asks = current = parts.begin(name, event), judge(name)
            await sink.begin_part(name, passing.mime_type, passing.signed)
        elif current is not None:
            passing, asks = current
            if isinstance(event, PartData):
                plain = passing.feed(event.octets)
                asks.feed(plain)
                await sink.write_part(plain)
                continue
            passing.finish()
            asks.finish()
            await sink.end_part()
            current = None
    check_parts_present(parts.user_message, arrived)


def sealed_parts(
    envelope: Envelope,
    user_message: UserMessage,
    verified: Verified,
    suite: Suite,
    party: str,
    hub: Hub,
    *,
    required: bool,
) -> SealedParts:
    """The keys and types of the parts of that party's message; judged whole before a private key is used."""
    said = ShownTime.by(party, user_message, verified)
    keys, mime_types = _content_keys(envelope, verified, suite, said, hub, required=required)
    return SealedParts(user_message=user_message, verified=verified, keys=keys, mime_types=mime_types)


def _content_keys(
    envelope: Envelope, verified: Verified, suite: Suite, said: ShownTime, hub: Hub, *, required: bool
) -> tuple[Mapping[str, ContentKey], Mapping[str, str]]:
    """Content key and type before encryption of every encrypted part."""
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


def parsed(octets: bytes) -> Element | None:
    """The document that a part of an XML type is digested as; None for what is none within the limits."""
    try:
        return parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault:
        return None
