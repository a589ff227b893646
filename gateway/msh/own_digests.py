"""The hub's own SHA-256 of the parts as they pass, for a sender that digests otherwise than it did, or will (decision
0017): then, and only then, the digests that were signed do not tell whether two messages say the same.
"""

from __future__ import annotations

from crypto import names
from crypto.digest import DIGESTS, PartDigest
from crypto.signed_info import VerifiedReference
from gateway.ebms.consistency import content_ids
from gateway.msh.arrival import Envelope, Frame
from gateway.msh.hub import Hub
from gateway.msh.passing import Discard, Indifferent, PartSink, parsed, pass_parts, sealed_parts
from gateway.msh.trust import Signed

_OCTETS = DIGESTS[names.SHA256].octets


def needed(signed: Signed) -> bool:
    """Whether a part of the message is signed by another digest than the hub's own."""
    return any(each.digest_method != names.SHA256 for each in signed.verified.part_digests.values())


def own_digests(signed: Signed, passed: OwnDigests) -> bytes:
    """What is kept of an accepted message: of each part in order the digest that was signed, or that of what passed."""
    order = content_ids(signed.user_message)
    if needed(signed):
        return passed.joined(order)
    return b"".join(signed.verified.part_digests[each].digest_value for each in order)


class OwnDigests:
    """Takes parts, digests them, and hands them on."""

    def __init__(self, behind: PartSink) -> None:
        self._behind = behind
        self._digests: dict[str, PartDigest] = {}
        self._current: PartDigest | None = None

    async def begin_part(self, content_id: str, mime_type: str, signed: VerifiedReference | None) -> None:
        """Start with the next part."""
        self._current = self._digests[content_id] = PartDigest(names.SHA256, mime_type, parse_xml=parsed)
        await self._behind.begin_part(content_id, mime_type, signed)

    async def write_part(self, plain: bytes) -> None:
        """Digest octets and hand them on."""
        if self._current is not None:
            self._current.update(plain)
        await self._behind.write_part(plain)

    async def end_part(self) -> None:
        """The part is whole."""
        self._current = None
        await self._behind.end_part()

    def joined(self, order: tuple[str, ...]) -> bytes:
        """What is kept: the digests of the parts, in the order of the header."""
        return b"".join(self._digests[each].finish() for each in order)

    def equal(self, kept: bytes, order: tuple[str, ...]) -> bool:
        """Whether these are the parts of which such digests were kept."""
        values = [kept[start : start + _OCTETS] for start in range(0, len(kept), _OCTETS)]
        return len(values) == len(order) and all(
            self._digests[each].matches(value) for each, value in zip(order, values, strict=True)
        )


async def digest_parts(envelope: Envelope, framed: Frame, signed: Signed, hub: Hub) -> OwnDigests:
    """Open the parts into nothing and digest them; what was signed of them has to hold.

    No limit of today's P-Mode is asked: a message that was accepted passed those of its day.
    """
    parts = sealed_parts(
        envelope, signed.user_message, signed.verified, signed.suite, signed.signer.sender, hub, required=False
    )
    own = OwnDigests(Discard())
    await pass_parts(framed, parts, own, judge=lambda _name: Indifferent(), undeclared=lambda: None)
    return own
