"""What a user message says, apart from how it is wrapped: by this a message is told from another under its id.

A retry may be signed anew. Its `wsu:Id`s, Content-IDs, Timestamp and keys then differ, and it says the same. So the
whole eb:UserMessage counts, as XML values and not as octets, less a closed list: eb:Timestamp, ids, and the name that
an href gives to a part. What no reader of ours knows counts too. Beside it count the content of the SOAP Body and, part
by part in the order of the header, the method and the value of the digest. Clauses: AS4 3.2.

Every field has its length before it and every element its end, so that no two messages have one encoding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crypto import names as security_names
from crypto.blanks import collapsed
from crypto.elements import Element
from crypto.signed_info import VerifiedReference
from gateway.ebms import names
from gateway.ebms.consistency import content_ids
from gateway.ebms.envelope import has_content
from gateway.ebms.model import UserMessage

# The first octet of what is kept tells in which form it was made; a new form leaves the older ones comparable.
FORM_OF_REFERENCES: Final = b"\x00"  # the (URI, digest) pairs of SignedInfo, before forms had numbers
FORM_OF_VALUES: Final = b"\x01"

_USER_MESSAGE: Final = f"{{{names.EB}}}UserMessage"
_TIMESTAMP: Final = f"{{{names.EB}}}Timestamp"
_PART_INFO: Final = f"{{{names.EB}}}PartInfo"
_IDS: Final = frozenset({security_names.WSU_ID, f"{{{names.XML}}}id", "id", "Id", "ID"})
# Values of these two elements and of `mpc` are read with their blanks collapsed; all others as they stand.
_TOKENS: Final = frozenset(f"{{{names.EB}}}{local}" for local in ("Action", "ConversationId"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one verified message says; each value is the number of its form and a SHA-256.

    `whole` decides. `apart` leaves the digests of the parts out, for a sender that came to digest otherwise.
    `by_references` is held against what was kept before there were forms.
    """

    whole: bytes
    apart: bytes
    by_references: bytes

    def repeats_references(self, kept: bytes) -> bool:
        """Whether what was kept before forms had numbers is of the very references that are signed here."""
        return kept == self.by_references

    def equals(self, kept: bytes) -> bool:
        """Whether it is what was kept of an earlier message, in the form in which that was made."""
        return kept in (self.whole, self.by_references)


def said(
    user_message: UserMessage,
    *,
    messaging: Element,
    body: Element,
    digests: Mapping[str, VerifiedReference],
    references: Sequence[VerifiedReference],
) -> Said:
    """What the verified elements and references of a signature say; `digests` are those of the parts by Content-ID.

    `user_message` is what was read from the one eb:UserMessage in `messaging`.
    """
    element = next(messaging.iterchildren(_USER_MESSAGE))
    content = _element(body, exact=True) if has_content(body) else ()
    header = _field(b"".join((*_element(element), *content)))
    parts = [digests[each] for each in content_ids(user_message)]
    return Said(
        whole=_whole(header, ((each.digest_method, each.digest_value) for each in parts)),
        apart=FORM_OF_VALUES + hashlib.sha256(header).digest(),
        by_references=FORM_OF_REFERENCES + _digest_of_pairs(references),
    )


def _whole(header: bytes, digests: Iterable[tuple[str, bytes]]) -> bytes:
    fields = b"".join(_text(method) + _field(value) for method, value in digests)
    return FORM_OF_VALUES + hashlib.sha256(header + fields).digest()


def _digest_of_pairs(references: Sequence[VerifiedReference]) -> bytes:
    pairs = sorted(f"{each.uri}\0{each.digest_value.hex()}" for each in references)
    return hashlib.sha256("\n".join(pairs).encode()).digest()


def _element(element: Element, *, exact: bool = False) -> Iterator[bytes]:
    """An element and everything in it; blanks between elements count only where the content is `exact`."""
    yield b"<" + _text(element.tag)
    for name, value in sorted(_attributes(element)):
        yield b"@" + _text(name) + _text(value)
    text, simple = element.text or "", True
    for child in element.iterchildren():
        if isinstance(child, etree._Comment):  # nobody signs it
            text += child.tail or ""
            continue
        yield from _between(text, exact)
        if child.tag != _TIMESTAMP:
            yield from _element(child, exact=exact)
        text, simple = child.tail or "", False
    if not simple:
        yield from _between(text, exact)
    elif text:
        yield b"=" + _text(collapsed(text) if element.tag in _TOKENS else text)
    yield b">"


def _between(text: str, exact: bool) -> Iterator[bytes]:
    if text if exact else collapsed(text):
        yield b"=" + _text(text)


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    """The attributes that count; of an href only whether it names a MIME part, for the name is new on every try."""
    for each, written in element.attrib.items():
        name, value = str(each), str(written)
        if name == "href" and element.tag == _PART_INFO:
            yield name, value.partition(":")[0] if ":" in value else "#"
        elif name not in _IDS:
            yield name, collapsed(value) if name == "mpc" else value


def _text(value: str) -> bytes:
    return _field(value.encode())


def _field(octets: bytes) -> bytes:
    return len(octets).to_bytes(8, "big") + octets
