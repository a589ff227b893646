"""What a user message says, apart from how it is wrapped: by this a message is told from another under its id.

A retry may be signed anew. Its `wsu:Id`s, Content-IDs, Timestamp and keys then differ, and it says the same. So the
whole eb:UserMessage counts, as XML values and not as octets, less a closed list: eb:Timestamp, ids, and the name that
an href gives to a part. What no reader of ours knows counts too. Beside it count the content of the SOAP Body and, part
by part in the order of the header, the method and the value of the digest. Clauses: AS4 3.2.

Two spellings that a specification calls one value are one: the default MPC written out or left out (ebMS3 Core 3.4.3),
a charset and a media type in another case (RFC 2978 2.3, RFC 2045 5.1), the parameters of a media type in another
order, quoted or not (RFC 2045 5.1), an href with blanks around it (xs:anyURI), and the properties of one message or
part in another order, for their names are unique and nothing reads their order.

Every field has its length before it and every element its end, so that no two messages have one encoding.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from crypto import names as security_names
from crypto.blanks import collapsed
from crypto.elements import Element
from crypto.signed_info import VerifiedReference
from gateway.ebms import names
from gateway.ebms.consistency import content_ids, kind_of_href, mpc_of
from gateway.ebms.envelope import has_content
from gateway.ebms.media_type import MimeFault, parse_content_type
from gateway.ebms.model import PartReference, UserMessage

# The first octet of what is kept tells in which form it was made; a new form leaves the older ones comparable.
FORM_OF_REFERENCES: Final = b"\x00"  # the (URI, digest) pairs of SignedInfo, before forms had numbers
FORM_OF_SPELLINGS: Final = b"\x01"  # values, but for mpc, charset, media type, href and order as they were spelt
FORM_OF_VALUES: Final = b"\x02"  # values, but for the parameters of a media type as they were spelt
FORM_OF_PARAMETERS: Final = b"\x03"
_EARLIER_FORMS: Final = frozenset({FORM_OF_SPELLINGS, FORM_OF_VALUES})

_USER_MESSAGE: Final = f"{{{names.EB}}}UserMessage"
_TIMESTAMP: Final = f"{{{names.EB}}}Timestamp"
_PART_INFO: Final = f"{{{names.EB}}}PartInfo"
_PROPERTY: Final = f"{{{names.EB}}}Property"
_MESSAGE_PROPERTIES: Final = f"{{{names.EB}}}MessageProperties"
_PART_PROPERTIES: Final = f"{{{names.EB}}}PartProperties"
_IDS: Final = frozenset({security_names.WSU_ID, f"{{{names.XML}}}id", "id", "Id", "ID"})
# Values of these two elements and of `mpc` are read with their blanks collapsed; all others as they stand.
_TOKENS: Final = frozenset(f"{{{names.EB}}}{local}" for local in ("Action", "ConversationId"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one verified message says; each value is the number of its form and a SHA-256.

    `whole` decides. `apart` leaves the digests of the parts out, for a sender that came to digest otherwise.
    `by_references` is held against what was kept before there were forms, `in_form` makes whole and apart in one of
    the forms before this one, when something that was kept asks for it.
    """

    whole: bytes
    apart: bytes
    by_references: bytes
    in_form: Callable[[bytes], tuple[bytes, bytes]] = field(compare=False, repr=False)

    def repeats_references(self, kept: bytes) -> bool:
        """Whether what was kept before forms had numbers is of the very references that are signed here."""
        return kept == self.by_references

    def equals(self, kept: bytes) -> bool:
        """Whether it is what was kept of an earlier message, in the form in which that was made."""
        if kept[:1] in _EARLIER_FORMS:
            return kept == self.in_form(kept[:1])[0]
        return kept in (self.whole, self.by_references)

    def equals_apart(self, kept: bytes) -> bool:
        """The same without the digests of the parts; never where none was kept."""
        if kept[:1] in _EARLIER_FORMS:
            return kept == self.in_form(kept[:1])[1]
        return kept == self.apart


def said(
    user_message: UserMessage,
    *,
    messaging: Element,
    body: Element,
    digests: Mapping[str, VerifiedReference],
    references: Sequence[VerifiedReference],
) -> Said:
    """What the verified elements and references of a signature say; `digests` are those of the parts by Content-ID.

    `user_message` is what was read from the one eb:UserMessage in `messaging`; nobody changes the elements afterwards.
    """
    element = next(messaging.iterchildren(_USER_MESSAGE))
    parts = [digests[each] for each in content_ids(user_message)]

    def in_form(number: bytes) -> tuple[bytes, bytes]:
        content = _element(body, form=number, exact=True) if has_content(body) else b""
        header = _field(_element(element, form=number) + content)
        fields = _digests((each.digest_method, each.digest_value) for each in parts)
        return number + hashlib.sha256(header + fields).digest(), number + hashlib.sha256(header).digest()

    whole, apart = in_form(FORM_OF_PARAMETERS)
    return Said(
        whole=whole,
        apart=apart,
        by_references=FORM_OF_REFERENCES + content_digest(references),
        in_form=in_form,
    )


def _digests(digests: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(_text(method) + _field(value) for method, value in digests)


def content_digest(references: Iterable[VerifiedReference | PartReference]) -> bytes:
    """SHA-256 over what a signature covers: URIs and digests, in any order. A hub repeats a message octet for octet, so
    by this alone its receiver tells that from another message under the same id.
    """
    pairs = sorted(f"{each.uri}\0{each.digest_value.hex()}" for each in references)
    return hashlib.sha256("\n".join(pairs).encode()).digest()


def _element(element: Element, *, form: bytes, exact: bool = False) -> bytes:
    """An element and everything in it; blanks between elements count only where the content is `exact`.

    What a specification calls one value is told apart by its spelling where the form that is made did so.
    """
    spelt = form == FORM_OF_SPELLINGS
    fields = [b"<", _text(element.tag)]
    if attributes := element.items():
        for name, value in sorted(_attributes(element, attributes, spelt)):
            fields += (b"@", _text(name), _text(value))
    text, simple = element.text or "", True
    in_any_order: list[bytes] = []
    sorts = not spelt and element.tag in (_MESSAGE_PROPERTIES, _PART_PROPERTIES)
    for child in element.iterchildren():
        if isinstance(child, etree._Comment):  # nobody signs it
            text += child.tail or ""
            continue
        fields += _between(text, exact)
        if sorts and child.tag == _PROPERTY:
            in_any_order.append(_element(child, form=form, exact=exact))
        elif child.tag != _TIMESTAMP:
            fields.append(_element(child, form=form, exact=exact))
        text, simple = child.tail or "", False
    if not simple:
        fields += _between(text, exact)
    elif text:
        fields += (b"=", _text(_value(element, text, form)))
    return b"".join((*fields, *sorted(in_any_order), b">"))


def _between(text: str, exact: bool) -> tuple[bytes, ...]:
    return (b"=", _text(text)) if (text if exact else collapsed(text)) else ()


def _value(element: Element, text: str, form: bytes) -> str:
    """The text of an element that holds nothing else, as its type or its property reads it."""
    if element.tag in _TOKENS:
        return collapsed(text)
    parent = element.getparent()
    if form == FORM_OF_SPELLINGS or element.tag != _PROPERTY or parent is None or parent.tag != _PART_PROPERTIES:
        return text
    match element.get("name"):
        case names.CHARACTER_SET:
            return _lowered(text)
        case names.MIME_TYPE:
            return _media_type(text) if form == FORM_OF_PARAMETERS else _essence_lowered(text)
    return text


def _media_type(text: str) -> str:
    """A media type in one spelling: names and a charset in lower case, parameters by name; as it stands where none can
    be read.
    """
    try:
        found = parse_content_type(text)
    except MimeFault:
        return _essence_lowered(text)
    values = {**found.parameters, **({} if found.charset is None else {"charset": _lowered(found.charset)})}
    return "; ".join((found.type, *(f"{name}={_quoted(value)}" for name, value in sorted(values.items()))))


def _quoted(value: str) -> str:
    return json.dumps(value)  # whatever stands in it, it ends where it says


def _essence_lowered(text: str) -> str:
    essence, semicolon, parameters = text.partition(";")
    return _lowered(essence) + semicolon + parameters


def _lowered(name: str) -> str:
    return name.lower() if name.isascii() else name


def _attributes(
    element: Element, attributes: Iterable[tuple[str | bytes, str | bytes]], spelt: bool
) -> Iterator[tuple[str, str]]:
    """The attributes that count; of an href only whether it names a MIME part, for the name is new on every try."""
    for each, written in attributes:
        name, value = str(each), str(written)
        if name == "href" and element.tag == _PART_INFO:
            yield name, _spelt_kind(value) if spelt else kind_of_href(collapsed(value))
        elif name == "mpc":
            if spelt or element.tag != _USER_MESSAGE or collapsed(value) != mpc_of(None):
                yield name, collapsed(value)
        elif name not in _IDS:
            yield name, value


def _spelt_kind(href: str) -> str:
    return href.partition(":")[0] if ":" in href else "#"


def _text(value: str) -> bytes:
    octets = value.encode()
    return len(octets).to_bytes(8, "big") + octets


def _field(octets: bytes) -> bytes:
    return len(octets).to_bytes(8, "big") + octets
