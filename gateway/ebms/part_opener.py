"""The parts of a verified message on their way in: each decrypted, held against its signed digest, and inflated.

Pure and synchronous: whoever has octets feeds them, one MIME part after the other, and takes what comes out:

    opener = PartOpener(user_message, verified.part_digests, ...)
    part = opener.begin(event)          # None: no PartInfo names it, and it is dropped
    plain = part.feed(octets)           # as they were signed; what they hold goes into the part's `Content`
    part.close()                        # tag before digest before gzip before size
    opener.close()                      # every declared part came

Clauses: AS4 3.1, 5.1.4 to 5.1.6; ebMS3 Core 5.2.2.12.

SECURITY: what `feed` gives and what a `Content` gets is a peer's word until `close` has returned, so it goes where
nobody else sees it. Every cause of a failed decryption is one error with one text. A gzip fault is held back until tag
and digest agree. No part is ever held in memory here, but for an XML document that is digested in its canonical form.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from crypto.decrypt import PartDecryptor
from crypto.digest import PartDigest
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.key_transports import ContentKey
from crypto.signed_info import VerifiedReference
from gateway.ebms import names, texts
from gateway.ebms.consistency import check_parts_present, content_id
from gateway.ebms.errors import DecompressionFailure, FailedAuthentication, MimeInconsistency, error_for
from gateway.ebms.evidence import ANOTHER, Compared
from gateway.ebms.gzip import GzipFault, Inflater
from gateway.ebms.mime import PartBegin
from gateway.ebms.model import PartInfo, UserMessage
from gateway.limits import PAYLOAD_LIMITS
from xsd.document import DocumentFault, parse_document


class Content(Protocol):
    """Where goes what a part holds, its compression undone; any method may refuse the part by an `EbmsError`."""

    def came(self, octets: int) -> None:
        """So many octets of the part have come, as they were signed; they are not looked at yet."""

    def write(self, octets: bytes) -> bool:
        """Take the next octets, which nobody vouches for yet; False when no more of the part is wanted, and then the
        rest is neither inflated nor judged as gzip.
        """

    def finish(self) -> None:
        """Tag, digest and compression hold: judge what only the whole can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflation:
    """What parts may inflate to: `octets` all together, or `each` one; `ratio` counts above FREE_OCTETS."""

    octets: int
    ratio: int
    each: bool = False


class PartOpener:
    """The parts of one message, told what was `signed` of each. `parts` are those that came, by Content-ID.

    `keys` are the content keys and `mime_types` the types before encryption, of the parts that are encrypted; another
    part has the type of its MIME header. `content` makes the `Content` of a part from its PartInfo and its place in
    the header; without it no part is inflated. Each part is digested by the method that was signed, and by `methods`.
    Unless `parse_xml` an XML part is digested as the octets it is, and kept nowhere.
    """

    def __init__(
        self,
        user_message: UserMessage,
        signed: Mapping[str, VerifiedReference],
        *,
        keys: Mapping[str, ContentKey],
        mime_types: Mapping[str, str],
        content: Callable[[PartInfo, int], Content] | None,
        inflation: Inflation,
        methods: Collection[str] = (),
        parse_xml: bool = True,
        undeclared_refused: bool = True,
    ) -> None:
        self.parts: dict[str, OpeningPart] = {}
        self.dropped = 0  # parts that no PartInfo declares
        self._user_message = user_message
        self._attached = {name: info for info in user_message.parts if (name := content_id(info)) is not None}
        self._places = {name: place for place, name in enumerate(self._attached)}
        self._signed = signed
        self._keys = keys
        self._mime_types = mime_types
        self._used_ivs: dict[ContentKey, set[bytes]] = {}
        self._content = content
        self._inflation = inflation
        self._methods = frozenset(methods)
        self._parse_xml = parsed if parse_xml else None
        self._undeclared_refused = undeclared_refused

    def begin(self, event: PartBegin) -> OpeningPart | None:
        """The part whose MIME header came; None, or MimeInconsistency, for one that no PartInfo declares."""
        name = event.content_id
        info = None if name is None else self._attached.get(name)
        if name is None or info is None or name in self.parts:
            if self._undeclared_refused:
                raise MimeInconsistency(texts.PART_UNDECLARED, "a MIME part is in no PartInfo")
            self.dropped += 1
            return None
        signed, key = self._signed[name], self._keys.get(name)
        mime_type = self._mime_types.get(name) or (event.media_type.type if event.media_type else names.OCTET_STREAM)
        wanted = None if self._content is None else self._content(info, self._places[name])
        part = self.parts[name] = OpeningPart(
            name,
            info,
            signed,
            mime_type,
            place=self._places[name],
            decryptor=None if key is None else PartDecryptor(key, self._used_ivs.setdefault(key, set())),
            digests={
                method: PartDigest(method, mime_type, parse_xml=self._parse_xml)
                for method in {signed.digest_method, *self._methods}
            },
            inflater=None if wanted is None else self._inflater(info),
            content=wanted,
        )
        return part

    def in_order(self) -> list[OpeningPart]:
        """The parts that came, in the order of the header."""
        return sorted(self.parts.values(), key=lambda part: part.place)

    def close(self) -> None:
        """The message has ended: hold the parts that came against those that it declares."""
        check_parts_present(self._user_message, self.parts.keys())

    def _inflater(self, info: PartInfo) -> Inflater | None:
        if info.property(names.COMPRESSION_TYPE) is None:
            return None
        limit = self._inflation
        used = 0 if limit.each else sum(part.inflated_octets for part in self.parts.values())
        return Inflater(limit.octets, ratio=limit.ratio, used_octets=used)


class OpeningPart:
    """One part on its way in; `mime_type` is the type its signer saw, `place` where the header has it, from 0."""

    def __init__(
        self,
        content_id: str,
        info: PartInfo,
        signed: VerifiedReference,
        mime_type: str,
        *,
        place: int,
        decryptor: PartDecryptor | None,
        digests: Mapping[str, PartDigest],
        inflater: Inflater | None,
        content: Content | None,
    ) -> None:
        self.content_id: Final = content_id
        self.info: Final = info
        self.signed: Final = signed
        self.mime_type: Final = mime_type
        self.place: Final = place
        self.digests: Final = digests  # by method, of the octets as they were signed
        self._decryptor = decryptor
        self._inflater = inflater
        self._content = content
        self._wanted = content is not None

    @property
    def _named(self) -> str:
        """As evidence names it: a Content-ID is a value of the message."""
        return f"part {self.place + 1}"

    @property
    def octets(self) -> int:
        """How many came, as they were signed."""
        return self.digests[self.signed.digest_method].octets

    @property
    def inflated_octets(self) -> int:
        """How many came out of its compression; 0 where it has none."""
        return 0 if self._inflater is None else self._inflater.octets_out

    def feed(self, octets: bytes) -> bytes:
        """Take the next octets as they came; the same octets as they were signed."""
        try:
            plain = octets if self._decryptor is None else self._decryptor.update(octets)
        except SecurityFault as fault:
            raise error_for(fault, of=self._named) from None
        for digest in self.digests.values():
            digest.update(plain)
        if self._content is not None:
            self._content.came(self.octets)
            if self._wanted:
                self._unfold(self._content, plain)
        return plain

    def close(self) -> None:
        """The part has ended: judge its tag, then its digest, then its compression, and then its content."""
        try:
            if self._decryptor is not None:
                self._decryptor.finish()
        except SecurityFault as fault:
            raise error_for(fault, of=self._named) from None
        if not self.digests[self.signed.digest_method].matches(self.signed.digest_value):
            signed = Compared(what="digest", expected=f"the signed one by {self.signed.digest_method}", found=ANOTHER)
            raise FailedAuthentication(
                detail="the digest of a part differs from the signed one", compared=[signed.of(self._named)]
            )
        if self._inflater is not None and self._wanted:
            try:
                self._inflater.finish()
            except GzipFault as fault:
                found = f"{fault.reason}, after {self._inflater.octets_in} octets"
                gzip = Compared(what="compression", expected=fault.expected, found=found)
                raise DecompressionFailure(fault.public, fault.reason, compared=[gzip.of(self._named)]) from None
        if self._content is not None:
            self._content.finish()

    def _unfold(self, content: Content, plain: bytes) -> None:
        for piece in (plain,) if self._inflater is None else self._inflater.feed(plain):
            self._wanted = content.write(piece)
            if not self._wanted:
                break  # nothing is inflated beyond what is wanted (H52)


def parsed(octets: bytes) -> Element | None:
    """The document that a part of an XML type is digested as; None for what is none within the limits."""
    try:
        return parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault:
        return None
