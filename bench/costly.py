"""Envelopes that cost a hub as much as may be before it can tell that their signature does not hold.

Each is an honest push whose signature value was spoiled and whose SOAP part was stuffed in one way, up to the limits of
what is counted, and of its size: some keep to every limit, others go over one as late as they can. `plain` is the push
with nothing but its signature value spoiled; the others are held against it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bench.failure import NotMeasured
from bench.hub_load import Wire
from gateway.msh.steps.arrival import REQUEST_LIMITS

PLAIN: Final = "plain"
ENVELOPE_OCTETS: Final = 256 * 1024
TEXT_OCTETS: Final = 64 * 1024  # of one element or attribute value
ELEMENTS: Final = REQUEST_LIMITS.elements - 150  # the rest is the push itself
ATTRIBUTES: Final = REQUEST_LIMITS.attributes_in_all - 100
MANY: Final = 1_000_000  # as many as there is room for

Change = Callable[[bytes], bytes]
Piece = Callable[[int], bytes]

HEADER, BODY, SECURITY = b"</S12:Header>", b"</S12:Body>", b"</wsse:Security>"
MESSAGING, SIGNED_INFO = b"</eb:Messaging>", b"</ds:SignedInfo>"
PROPERTIES, PARTS = b"</eb:MessageProperties>", b"</eb:PayloadInfo>"


@dataclass(frozen=True, slots=True)
class Inside:
    """Put so many pieces, as far as there is room, before an end tag; within an element `x:e` where `wrapped`."""

    end: bytes
    piece: Piece
    most: int = MANY
    wrapped: bool = False

    def __call__(self, envelope: bytes) -> bytes:
        room = ENVELOPE_OCTETS - len(envelope) - 128
        pieces: list[bytes] = []
        for number in range(self.most):
            each = self.piece(number)
            room -= len(each)
            if room < 0:
                break
            pieces.append(each)
        stuffing = b"".join(pieces)
        if self.wrapped:
            stuffing = b"<x:e xmlns:x='urn:x'>" + stuffing + b"</x:e>"
        return _replaced(envelope, self.end, stuffing + self.end)


def _replaced(envelope: bytes, piece: bytes, by: bytes) -> bytes:
    if piece not in envelope:
        raise NotMeasured(f"the push has no {piece.decode()}")
    return envelope.replace(piece, by, 1)


def _attributes(count: int, value: bytes = b"") -> bytes:
    return b"".join(b" a%d='%s'" % (number, value) for number in range(count))


def _spread(elements: str, more: bytes) -> Change:
    """Put attributes on every one of these elements of SignedInfo."""
    found = re.compile(rb"<ds:(?:%s)(?=[ >])" % elements.encode())
    return lambda envelope: found.sub(lambda each: each[0] + more, envelope)


def _within(element: bytes, text: bytes) -> Change:
    """Put text at the beginning of an element that holds text."""
    found = re.compile(rb"<%s(?: [^>]*)?>" % element)
    return lambda envelope: found.sub(
        lambda each: each[0] + text[: ENVELOPE_OCTETS - len(envelope) - 128], envelope, count=1
    )


def _long(text: bytes) -> Piece:
    """An element of the longest text that is one."""
    return lambda _: b"<a>" + text * ((TEXT_OCTETS - 1024) // len(text)) + b"</a>"


def _part(properties: int, attributes: bytes = b"") -> Piece:
    """A PartInfo with so many properties."""
    inside = b"".join(b"<eb:Property name='p%d'%s>v</eb:Property>" % (each, attributes) for each in range(properties))
    return lambda number: (
        b"<eb:PartInfo href='cid:%d'><eb:PartProperties>" % number + inside + b"</eb:PartProperties></eb:PartInfo>"
    )


def _reference(attributes: bytes = b"") -> Piece:
    return lambda number: (
        b'<ds:Reference URI="cid:p%d@x"><ds:Transforms><ds:Transform Algorithm="http://docs.oasis-open.org/wss/'
        b'oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"/></ds:Transforms><ds:DigestMethod'
        b' Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"%s/><ds:DigestValue>3zoVZFoKEWvYk6Xw4Nn9n1PpK2/pFXCUBVbD'
        b"yHLk1gU=</ds:DigestValue></ds:Reference>" % (number, attributes)
    )


def _longest_properties(number: int) -> bytes:
    return b"<eb:Property name='p%d'>" % number + b"v" * 1_000 + b"</eb:Property>"


def _everything(number: int) -> bytes:
    return b'<n%d:x xmlns:n%d="urn:n:%d" a="1" b="2" c="3" d="4" e="5" f="6"/>' % ((number % 50,) * 3)


def _all_within(number: int) -> bytes:
    """Elements with an attribute and a text of middle length, the first of them with an id and a namespace, too."""
    more = b" Id='%x'" % number if number < 450 else b""
    more += b" xmlns:p='urn:%d'" % number if number < 200 else b""
    return b"<a b='xxxxxxxxxxxxxxxx'%s>xxxxxxxxxxxxxxxxxxxxxxxxxxx</a>" % more


NAMESPACES: Final = b"".join(b" xmlns:q%d='urn:%d' q%d:a='%s'" % (n, n, n, b"x" * 200) for n in range(10))

SHAPES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        PLAIN: lambda envelope: envelope,
        # what is counted of the whole document
        "elements in the header": Inside(HEADER, lambda _: b"<a/>", ELEMENTS, wrapped=True),
        "elements in the body": Inside(BODY, lambda _: b"<a/>", ELEMENTS, wrapped=True),
        "elements with text": Inside(BODY, lambda _: b"<a>x</a>", ELEMENTS, wrapped=True),
        "elements with long text": Inside(BODY, lambda _: b"<a>" + b"x" * 60 + b"</a>", ELEMENTS, wrapped=True),
        "elements that are deep": Inside(
            BODY, lambda _: b"<a><b><c><d><e/></d></c></b></a>", ELEMENTS // 5, wrapped=True
        ),
        "elements, too many": Inside(BODY, lambda _: b"<a/>", wrapped=True),
        "comments": Inside(BODY, lambda _: b"<!---->", ELEMENTS),
        "comments, too many": Inside(BODY, lambda _: b"<!---->"),
        "comments in wsse:Security": Inside(SECURITY, lambda _: b"<!---->", ELEMENTS),
        "comments in eb:Messaging": Inside(MESSAGING, lambda _: b"<!---->", ELEMENTS),
        "attributes": Inside(HEADER, lambda _: b"<a" + _attributes(64) + b"/>", ATTRIBUTES // 64, wrapped=True),
        "attributes with values": Inside(
            HEADER, lambda _: b"<a" + _attributes(64, b"x" * 60) + b"/>", ATTRIBUTES // 64, wrapped=True
        ),
        "attributes, too many": Inside(HEADER, lambda _: b"<a" + _attributes(64) + b"/>", wrapped=True),
        "ids": Inside(HEADER, lambda number: b"<a Id='%x'/>" % number, 490, wrapped=True),
        "ids, too many": Inside(HEADER, lambda number: b"<a Id='%x'/>" % number, 2_900, wrapped=True),
        "ids of every kind": Inside(
            HEADER, lambda n: b"<a id='%x' Id='i%x' wsu:Id='w%x' xml:id='z%x'/>" % (n, n, n, n), wrapped=True
        ),
        "text like ids": Inside(BODY, _long(b"id= "), 4, wrapped=True),
        "namespaces": Inside(BODY, lambda n: b"<p%d:a xmlns:p%d='urn:%d'/>" % (n, n, n), 240, wrapped=True),
        "elements, attributes and namespaces": Inside(BODY, _everything),
        "a little of everything": Inside(BODY, _all_within, 1_800, wrapped=True),
        "everything, and references": lambda envelope: Inside(SIGNED_INFO, _reference(), 63)(
            Inside(BODY, _all_within, 1_450, wrapped=True)(envelope)
        ),
        # texts
        "texts": Inside(BODY, _long(b"x"), 4, wrapped=True),
        "texts of ampersands": Inside(BODY, _long(b"&amp;"), 4, wrapped=True),
        "texts of 4,000 references": Inside(BODY, lambda _: b"<a>" + b"&#9;" * 4_000 + b"x" * 40_000 + b"</a>", 1),
        "texts of two octets": Inside(BODY, _long("é".encode()), 4, wrapped=True),
        "texts in many pieces": Inside(
            BODY, lambda _: b"<a>" + b"xxxx<b/>" * 40 + b"</a>", ELEMENTS // 42, wrapped=True
        ),
        "attribute values": Inside(HEADER, lambda _: b"<a b='" + b"x" * 60_000 + b"'/>", 4, wrapped=True),
        "one long text and many short": Inside(
            BODY, lambda n: b"<a>%s</a>" % (b"x" * (60_000 if n == 0 else 9)), ELEMENTS, wrapped=True
        ),
        # wsse:Security and its signature
        "elements in wsse:Security": Inside(SECURITY, lambda _: b"<a/>", ELEMENTS),
        "tokens": Inside(SECURITY, lambda n: b"<wsse:BinarySecurityToken wsu:Id='t%d'/>" % n, 3_000),
        "references, 66": Inside(SIGNED_INFO, _reference(), 63),
        "references, too many": Inside(SIGNED_INFO, _reference()),
        "references with attributes": Inside(SIGNED_INFO, _reference(_attributes(35, b"x" * 40)), 60),
        "SignedInfo full of attributes": _spread(
            "CanonicalizationMethod|SignatureMethod|Reference|Transforms?|DigestMethod|DigestValue",
            _attributes(50, b"&amp;" * 4),
        ),
        "SignedInfo full of namespaces": _spread("Reference|Transforms?|DigestMethod|DigestValue", NAMESPACES),
        "SignedInfo full of blanks": Inside(SIGNED_INFO, lambda _: b" " * 60_000, 1),
        "a long token": _within(b"wsse:BinarySecurityToken", b"A" * ENVELOPE_OCTETS),
        "a token of blanks": _within(b"wsse:BinarySecurityToken", b" " * ENVELOPE_OCTETS),
        "a signature value of blanks": _within(b"ds:SignatureValue", b" " * 60_000),
        "a long wrapped key": _within(b"xenc:CipherValue", b"A" * ENVELOPE_OCTETS),
        # eb:Messaging
        "blocks": Inside(HEADER, lambda _: b"<a S12:mustUnderstand='false'/>", 2_900),
        "unknown units": Inside(MESSAGING, lambda _: b"<x:a xmlns:x='urn:x'/>", 75),
        "elements in eb:Messaging": Inside(MESSAGING, lambda _: b"<a/>", 3_800),
        "properties": Inside(PROPERTIES, lambda n: b"<eb:Property name='p%d'>v</eb:Property>" % n, 2_300),
        "properties with long values": Inside(PROPERTIES, _longest_properties, 70),
        "elements against the schema": Inside(PROPERTIES, lambda _: b"<eb:X/>", 75),
        "attributes against the schema": Inside(PARTS, _part(5, b" pmode='2'"), 60),
        "parts that are valid": Inside(PARTS, _part(6), 60),
        "parts, too many": Inside(PARTS, _part(34), 62),
    }
)


def spoiled(push: Wire, change: Change) -> Wire:
    """A push with its signature value spoiled and its SOAP part changed."""
    head, _, rest = push.body.partition(b"<S12:Envelope")
    envelope, _, tail = rest.partition(b"</S12:Envelope>")
    opened = re.sub(
        rb"<S12:Body([^>]*)/>", rb"<S12:Body\1></S12:Body>", b"<S12:Envelope" + envelope + b"</S12:Envelope>"
    )
    at = opened.index(b"SignatureValue>") + len(b"SignatureValue>")
    other = b"C" if opened[at : at + 1] == b"B" else b"B"
    return Wire(content_type=push.content_type, body=head + change(opened[:at] + other + opened[at + 1 :]) + tail)


def costly_requests(push: Wire) -> dict[str, Wire]:
    """Every shape of one push, `plain` first."""
    return {name: spoiled(push, change) for name, change in SHAPES.items()}
