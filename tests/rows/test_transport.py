"""Rows of T01 to T40 about packaging, over sockets against a running hub; connections, HTTP and TLS stand beside.

What the rows left open: leniencies are parameters of the P-Mode and on unless it says otherwise (T08); what cannot be
framed is 400 with a signed error that relates to nothing (T06, T09 to T11, T17, T19, T33); an envelope in UTF-16 is
read (T31).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import (
    Before,
    Refused,
    assert_refused,
    bare,
    fault,
    unreadable,
)
from support.hubs.hub import TestedHub
from support.hubs.raw import chunked, connected, head, listener, pieces
from support.hubs.rows import Row, Sent, Stimulus, both, delivered, refused, taken
from support.hubs.rows import ids as ids_of
from support.messages.bending import MimePart, added, lines_of, packed, plain, related, soap, unpacked
from support.messages.wire import ROOT_ID, Draft, Wire, ping, saldoverzoek, with_attachment
from support.published.reference import reference

from gateway.ebms import names
from gateway.limits import Limits

Parts = tuple[MimePart, ...]
Arrange = Callable[[Parts], Parts]
Change = Callable[[bytes], bytes]
ODD_BOUNDARY = "'()+_,-./:=?" + "0123456789" * 5 + "ABCDEFGH"  # 70 characters, all that RFC 2046 knows besides letters


# ---- stimuli


def packaged(
    *, arrange: Arrange | None = None, draft: Callable[[], Draft] = saldoverzoek, **choices: object
) -> Stimulus:
    """A question in other MIME: its parts rearranged, or any choice of `support.bending.packed`."""

    def make() -> Sent:
        draft = saldoverzoek()
        wire = draft.wire()
        parts = unpacked(wire)
        return Sent(wire=packed(wire, arrange(parts) if arrange else parts, **choices), draft=draft)  # type: ignore[arg-type]

    return make


def header_lines(index: int, *lines: str) -> Arrange:
    """That part with these header lines."""

    def arrange(parts: Parts) -> Parts:
        return (*parts[:index], replace(parts[index], lines=lines), *parts[index + 1 :])

    return arrange


def payload_lines(change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Arrange:
    """The first payload part with its header lines changed."""
    return lambda parts: (parts[0], replace(parts[1], lines=change(parts[1].lines)), *parts[2:])


def encoded(encoding: str, encode: Change) -> Arrange:
    """Every payload part in that transfer encoding."""

    def arrange(parts: Parts) -> Parts:
        changed = (
            replace(each, lines=(*each.lines[:1], f"Content-Transfer-Encoding: {encoding}", each.lines[2]))
            for each in parts[1:]
        )
        return (parts[0], *(replace(each, octets=encode(each.octets)) for each in changed))

    return arrange


def base64_lines(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def quoted_printable(octets: bytes) -> bytes:
    return b"=\r\n".join(b"".join(b"=%02X" % octet for octet in line) for line in pieces(octets, 25))


def alone(
    content_type: str = names.SOAP_XML_UTF8, change: Callable[[bytes], bytes] = lambda octets: octets
) -> Stimulus:
    """A message without payload as a plain SOAP body, its octets changed."""

    def make() -> Wire:
        wire = ping().wire()
        return replace(plain(wire, change(wire.envelope), content_type), message_id=wire.message_id)

    return make


def declared(encoding: str, codec: str) -> Change:
    """The envelope with another encoding declaration, in that codec."""

    def change(envelope: bytes) -> bytes:
        text = etree.tostring(etree.fromstring(envelope), encoding="unicode")
        return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(codec)

    return change


def doctype(declaration: str) -> Stimulus:
    """A message whose envelope begins with a document type."""
    return alone(change=lambda octets: declaration.encode() + octets[octets.index(b"<S12:Envelope") :])


def with_block(block: str) -> Stimulus:
    """A message with one SOAP header block more, which nobody signed."""
    return lambda: ping().wire(alter=added("", block))


def sample(name: str) -> Stimulus:
    """A published message, as it is."""
    return lambda: soap(reference("as4", "messages", "negative", name).read_bytes())


def percent_encoded() -> Draft:
    """A part whose Content-ID is `a@b` and whose href is written `cid:a%40b`."""
    draft = saldoverzoek()
    draft = draft.with_parts(replace(draft.parts[0], content_id="a@b"))
    (info,) = draft.user_message.parts
    return draft.saying(parts=(replace(info, href="cid:a%40b"),))


async def t28(hub: TestedHub) -> None:
    async with listener() as nobody:
        act = refused(
            unreadable("EBMS:0009"),
            doctype("<!DOCTYPE Envelope>"),
            doctype('<!DOCTYPE Envelope [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'),
            doctype(f'<!DOCTYPE Envelope [<!ENTITY x SYSTEM "{nobody.url}">]>'),
            doctype(f'<!DOCTYPE Envelope [<!ENTITY % x SYSTEM "{nobody.url}"> %x;]>'),
            doctype(f'<!DOCTYPE Envelope SYSTEM "{nobody.url}">'),
        )
        await act(hub)


async def t33(hub: TestedHub) -> None:
    wire = saldoverzoek().wire()
    length = f"Content-Length: {len(wire.body)}"
    over = hub.hub.limits.message_octets + 1
    requests = (
        (400, "", head(wire.content_type, length, "X-Long: " + "y" * 9_000)),
        (400, "", head(wire.content_type, length, *(f"X-{number}: y" for number in range(101)))),
        (400, "", head(wire.content_type, length, path="/as4?" + "y" * 9_000)),
        (413, "EBMS:0007", head(wire.content_type, f"Content-Length: {over}")),
        (413, "EBMS:0007", head(wire.content_type, "Transfer-Encoding: chunked") + chunked(
            wire.body[:-10] + bytes(over - len(wire.body) + 10), 1 << 14)),
        (413, "EBMS:0009", head(names.SOAP_XML, f"Content-Length: {256 * 1024 + 1}")),
    )  # fmt: skip
    for status, code, octets in requests:
        before = Before.of(hub)
        async with connected(hub) as peer:
            await peer.send(octets)
            reply = await peer.answer()
            assert_refused(hub, wire, reply, unreadable(code, status), before)
    many = tuple(MimePart(lines=lines_of(f"{number}@x", "text/plain"), octets=b"") for number in range(65))
    act = both(
        refused(
            unreadable(),
            packaged(arrange=lambda parts: (parts[0], *many)),
            packaged(arrange=payload_lines(lambda lines: (*lines, *(f"X-{n}: y" for n in range(14))))),
            packaged(arrange=payload_lines(lambda lines: (*lines, "X: " + "y" * 8_192))),
        ),
        refused(
            unreadable("EBMS:0009", 413),
            packaged(arrange=lambda parts: (replace(parts[0], octets=parts[0].octets + b" " * 256 * 1024), *parts[1:])),
        ),
    )
    await act(hub)


# ---- the table

STRICT_TYPE = {"counsellor": {"overrides": {"Knooppunt.TypeParameterRequired": True}}}
TWO_WAYS = (
    '; boundary="other"', "; BOUNDARY=b", '; start="<a@b>"', "; type=text/xml", "; boundary*=utf-8''b",
    "; boundary*0=b", "; boundary", "; =",
)  # fmt: skip


def more_parameters(more: str) -> Stimulus:
    """A message whose Content-Type goes on."""
    return lambda: (made := with_attachment(10).wire()) and replace(made, content_type=made.content_type + more)


TABLE = (
    Row("T01", "a plain SOAP message is taken", taken(alone())),
    Row("T02", "a multipart message with one payload is taken", delivered(saldoverzoek)),
    Row(
        "T03",
        "a multipart message with the SOAP part alone is taken",
        taken(lambda: packed(w := ping().wire(), unpacked(w))),
    ),
    Row("T04", "start selects the root, wherever it stands", delivered(packaged(arrange=lambda parts: parts[::-1]))),
    Row("T05", "without start the first part is the root", delivered(packaged(content_type=related(start=None)))),
    Row(
        "T06",
        "a start that names no part is refused",
        refused(unreadable(), packaged(content_type=related(start="<nobody@tests.example>"))),
    ),
    Row(
        "T07",
        "the root needs no Content-ID",
        delivered(
            packaged(arrange=header_lines(0, f"Content-Type: {names.SOAP_XML_UTF8}"), content_type=related(start=None))
        ),
    ),
    Row("T08", "a missing type parameter is forgiven", delivered(packaged(content_type=related(kind=None)))),
    Row(
        "T09",
        "a type that contradicts the root part is refused",
        refused(unreadable(), packaged(content_type=related(kind="text/xml"))),
    ),
    Row(
        "T10",
        "multipart without a boundary, or with a parameter that can be read in two ways, is refused",
        both(
            refused(unreadable(), packaged(content_type=related(boundary=None))),
            refused(unreadable(), *(more_parameters(each) for each in TWO_WAYS)),
        ),
    ),
    Row(
        "T11",
        "a body that ends before its final boundary is refused",
        refused(
            unreadable(),
            lambda: (w := with_attachment(300_000).wire()) and replace(w, body=w.body[:-20]),
            lambda: (w := saldoverzoek().wire()) and replace(w, body=w.body[: w.body.rindex(b"\r\n--")]),
        ),
    ),
    Row(
        "T13",
        "quoted, long and odd boundaries are read",
        delivered(packaged(boundary=ODD_BOUNDARY), packaged(boundary="b"), packaged(boundary="=_a b")),
    ),
    Row(
        "T14",
        "preamble and epilogue are ignored",
        delivered(packaged(preamble=b"Not for machines.\r\n--almost", epilogue=b"Nor this.\r\n")),
    ),
    Row(
        "T15",
        "a folded Content-Type and odd cases of header names are read",
        delivered(
            packaged(
                arrange=header_lines(
                    0,
                    "CONTENT-TYPE: application/soap+xml;\r\n charset=UTF-8",
                    "content-transfer-ENCODING: 8bit",
                    f"CONTENT-ID: <{ROOT_ID}>",
                )
            )
        ),
    ),
    Row(
        "T16",
        "base64 and quoted-printable are undone before the digest",
        delivered(
            packaged(arrange=encoded("base64", base64_lines)),
            packaged(arrange=encoded("Quoted-Printable", quoted_printable)),
        ),
    ),
    Row(
        "T17",
        "an unknown transfer encoding is refused",
        refused(unreadable(), packaged(arrange=encoded("x-foo", lambda octets: octets))),
    ),
    Row("T18", "a percent-encoded cid finds its part", delivered(percent_encoded)),
    Row(
        "T19",
        "two parts with one Content-ID are refused",
        refused(unreadable(), packaged(arrange=lambda parts: (*parts, parts[1]))),
    ),
    Row(
        "T24",
        "a SOAP 1.1 envelope gets a VersionMismatch fault",
        both(
            refused(
                fault("VersionMismatch"),
                alone(change=lambda octets: octets.replace(names.SOAP12.encode(), names.SOAP11.encode())),
                sample("ebms-sed-messaging_soap11.xml"),
            ),
            refused(bare(415), alone("text/xml; charset=UTF-8")),
        ),
    ),
    Row(
        "T25",
        "an envelope of an unknown namespace gets a VersionMismatch fault",
        refused(
            fault("VersionMismatch"),
            alone(change=lambda octets: octets.replace(names.SOAP12.encode(), b"urn:soap:of:nobody")),
            alone(change=lambda octets: b"<Anything/>"),
        ),
    ),
    Row(
        "T26",
        "a mandatory header block that is not known gets a MustUnderstand fault",
        refused(
            fault("MustUnderstand"),
            with_block('<x:canary xmlns:x="urn:x" S12:mustUnderstand="true"/>'),
            with_block('<x:canary xmlns:x="urn:x" S12:mustUnderstand="1" S12:role="' + names.ROLE_NEXT + '"/>'),
        ),
    ),
    Row(
        "T27",
        "a mandatory header block for another role is ignored",
        taken(with_block('<x:a xmlns:x="urn:x" S12:mustUnderstand="true" S12:role="urn:another"/>')),
    ),
    Row("T28", "a document type is refused, and nothing it names is fetched", t28),
    Row(
        "T29",
        "an envelope that is not well-formed is refused",
        refused(
            unreadable("EBMS:0009"),
            alone(change=lambda octets: octets[:-5]),
            alone(change=lambda octets: octets.replace(b"</eb:Action>", b"</eb:Reaction>")),
            sample("phase4-UserMessageWithCompressedPayload12-not-wellformed.xml"),
        ),
    ),
    Row("T30", "a UTF-8 byte order mark is read over", taken(alone(change=lambda octets: b"\xef\xbb\xbf" + octets))),
    Row(
        "T31",
        "an envelope in UTF-16 is read",
        taken(alone("application/soap+xml; charset=UTF-16", declared("UTF-16", "utf-16"))),
    ),
    Row(
        "T32",
        "a charset that contradicts the encoding declaration is refused",
        refused(
            unreadable("EBMS:0009"),
            alone(change=declared("ISO-8859-1", "iso-8859-1")),
            alone("application/soap+xml; charset=UTF-16", declared("UTF-8", "utf-8")),
        ),
    ),
    Row("T33", "one over each limit is refused", t33, limits=Limits(message_octets=400_000)),
)
ROWS = ids_of(TABLE)

# Second cases of a row, under other settings.
VARIANTS = (
    Row(
        "T08 strict",
        "a missing type parameter is refused where the P-Mode demands it",
        both(
            refused(Refused("EBMS:0007"), packaged(content_type=related(kind=None))),
            delivered(saldoverzoek),
        ),
        extra=STRICT_TYPE,
    ),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *VARIANTS)])
async def test_transport(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
