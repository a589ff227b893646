"""Abuse of XML (XP cases of the test plan), over sockets against a running hub.

Every kind of case of the parser's own tests once, to see that the hub puts no other parser before it and that the
refusal keeps the contract; the many forms of each are in the tests of `xsd.document`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Refused, unreadable
from support.hubs.hub import TestedHub
from support.hubs.raw import listener
from support.hubs.rows import Row, Stimulus, both, refused, taken
from support.messages.bending import attribute, plain, resigned
from support.messages.wire import Wire, ping

from gateway.ebms import names

Change = Callable[[bytes], bytes]
UNREADABLE = unreadable("EBMS:0009")
BOMB = b"".join(b'<!ENTITY a%d "%s">' % (n + 1, b"&a%d;" % n * 10) for n in range(9))
XINCLUDE = b'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="%s"/>'


def changed(change: Change, content_type: str = names.SOAP_XML_UTF8) -> Stimulus:
    """A message without payload whose envelope is changed, octet by octet."""

    def make() -> Wire:
        wire = ping().wire()
        return plain(wire, change(wire.envelope), content_type)

    return make


def before_envelope(octets: bytes) -> Stimulus:
    """Something between the XML declaration and the envelope."""
    return changed(lambda envelope: envelope.replace(b"<S12:Envelope", octets + b"<S12:Envelope", 1))


def in_header(octets: bytes) -> Stimulus:
    """Something first in the SOAP header."""
    return changed(lambda envelope: envelope.replace(b"<S12:Header>", b"<S12:Header>" + octets, 1))


def in_value(octets: bytes) -> Stimulus:
    """Something in the text of a value."""
    return changed(lambda envelope: envelope.replace(b"</eb:Action>", octets + b"</eb:Action>", 1))


def in_properties(octets: bytes) -> Stimulus:
    """Something last among the message properties."""
    return changed(
        lambda envelope: envelope.replace(
            b"</eb:CollaborationInfo>",
            b"</eb:CollaborationInfo><eb:MessageProperties>" + octets + b"</eb:MessageProperties>",
            1,
        )
    )


def in_security(octets: bytes) -> Stimulus:
    """Something last in the security header."""
    return changed(lambda envelope: envelope.replace(b"</wsse:Security>", octets + b"</wsse:Security>", 1))


def on_header(octets: bytes) -> Stimulus:
    """Something among the attributes of the SOAP header."""
    return changed(lambda envelope: envelope.replace(b"<S12:Header>", b"<S12:Header " + octets + b">", 1))


def in_encoding(encoding: str, codec: str) -> Stimulus:
    """The envelope in another encoding, which it declares."""

    def change(envelope: bytes) -> bytes:
        text = etree.tostring(etree.fromstring(envelope), encoding="unicode")
        return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(codec)

    return changed(change, names.SOAP_XML)


def structure(*order: str) -> Stimulus:
    """An envelope with these children, each taken from a good one."""

    def change(envelope: bytes) -> bytes:
        root = etree.fromstring(envelope)
        found = {name: etree.tostring(root.find(f"{{{names.SOAP12}}}{name}")) for name in ("Header", "Body")}
        return f'<S12:Envelope xmlns:S12="{names.SOAP12}">'.encode() + b"".join(
            found[name] for name in order
        ) + b"</S12:Envelope>"  # fmt: skip

    return changed(change)


async def xp03(hub: TestedHub) -> None:
    async with listener() as nobody:
        secret = hub.folder / "secret.xml"
        secret.write_text("canary-4711")
        for url in (nobody.url, secret.as_uri()):
            await refused(
                UNREADABLE,
                before_envelope(b'<!DOCTYPE x [<!ENTITY c SYSTEM "%s">]>' % url.encode()),
                before_envelope(b'<!DOCTYPE x [<!ENTITY %% c SYSTEM "%s"> %%c;]>' % url.encode()),
            )(hub)
        await refused(UNREADABLE, in_value(b"&undeclared;"))(hub)


async def xp04(hub: TestedHub) -> None:
    async with listener() as nobody:
        url = nobody.url.encode()
        await refused(
            UNREADABLE,
            before_envelope(b'<!DOCTYPE x SYSTEM "%s">' % url),
            before_envelope(b'<!DOCTYPE x PUBLIC "-//X//Y" "%s">' % url),
            before_envelope(b'<?xml-stylesheet href="%s"?>' % url),
            in_header(b'<?xml-model href="%s"?>' % url),
        )(hub)
        xsi = "{http://www.w3.org/2001/XMLSchema-instance}"
        for name, value in (("schemaLocation", f"{names.EB} {nobody.url}"), ("noNamespaceSchemaLocation", nobody.url)):
            await taken(lambda at=xsi + name, value=value: resigned(ping(), attribute("Messaging", at, value)))(hub)


async def xp05(hub: TestedHub) -> None:
    async with listener() as nobody:
        await refused(UNREADABLE, in_header(XINCLUDE % nobody.url.encode()), in_value(XINCLUDE % nobody.url.encode()))(
            hub
        )


TABLE = (
    Row(
        "XP-01",
        "any document type is refused",
        refused(UNREADABLE, before_envelope(b"<!DOCTYPE Envelope>"), before_envelope(b"<!-- --><!DOCTYPE a []>")),
    ),
    Row(
        "XP-02",
        "entities that grow, or that go round, are refused",
        refused(
            UNREADABLE,
            before_envelope(b'<!DOCTYPE x [<!ENTITY a0 "ha">%s]>' % BOMB),
            before_envelope(b'<!DOCTYPE x [<!ENTITY a "%s">]>' % (b"x" * 100_000)),
            before_envelope(b'<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'),
        ),
    ),
    Row("XP-03", "external entities are refused and not fetched", xp03),
    Row("XP-04", "document types, stylesheets and schema locations are not fetched", xp04),
    Row("XP-05", "XInclude is refused and not followed", xp05),
    Row(
        "XP-06",
        "deep nesting is refused",
        refused(
            UNREADABLE,
            in_header(b"<a>" * 63 + b"</a>" * 63),
            in_header(b"<a>" * 257 + b"</a>" * 257),
            in_header(b"<a>" * 30_000 + b"</a>" * 30_000),
            in_header(b"<a>" * 80_000),
        ),
    ),
    Row(
        "XP-07",
        "many attributes on one element are refused",
        refused(
            UNREADABLE,
            on_header(b" ".join(b'a%d=""' % number for number in range(65))),
            on_header(b" ".join(b'a%d=""' % number for number in range(20_000))),
        ),
    ),
    Row(
        "XP-08",
        "many elements, and an envelope that is too large, are refused",
        both(
            refused(UNREADABLE, in_header(b"<a/>" * 10_001)),
            refused(unreadable("EBMS:0009", 413), changed(lambda octets: octets.ljust(256 * 1024 + 1))),
        ),
    ),
    Row(
        "XP-08 of a request",
        "what nobody has signed yet may have fewer nodes than a document, and many of each kind nowhere",
        both(
            refused(
                UNREADABLE,
                in_header(b"<a/>" * 4_200),
                in_header((b"<a " + b" ".join(b"a%d=''" % n for n in range(60)) + b"/>") * 52),
                in_header(b"".join(b"<a ID='%d'/>" % n for n in range(513))),
                in_value(b"&#65;" * 4_200),
            ),
            refused(Refused("EBMS:0009", about=None), in_header(b"<a/>" * 65)),
            refused(Refused("EBMS:0009"), in_properties(b"<eb:Property name='a'>b</eb:Property>" * 81)),
            refused(Refused("EBMS:0103"), in_security(b"<a/>" * 161), in_security(b"<!---->" * 161)),
            taken(changed(lambda octets: octets.replace(b"<S12:Header>", b"<S12:Header>" + b"<!-- -->" * 60, 1))),
        ),
    ),
    Row(
        "XP-09",
        "many namespace declarations are refused",
        refused(
            UNREADABLE,
            on_header(b" ".join(b'xmlns:n%d="u:"' % number for number in range(257))),
            in_header(b'<b xmlns="u:x"/>' * 257),
        ),
    ),
    Row(
        "XP-10",
        "overlong names, texts and attributes are refused",
        refused(
            UNREADABLE,
            in_header(b"<%s/>" % (b"a" * 60_000)),
            in_value(b"x" * 65_537),
            on_header(b'a="%s"' % (b"x" * 65_537)),
        ),
    ),
    Row(
        "XP-12",
        "encodings other than UTF-8 and UTF-16 are refused",
        both(
            refused(
                UNREADABLE,
                in_encoding("UTF-7", "utf-7"),
                in_encoding("ISO-8859-1", "iso-8859-1"),
                in_encoding("cp037", "cp037"),
                in_encoding("UTF-32", "utf-32"),
                in_encoding("UTF-16", "utf-8"),
                changed(lambda octets: octets, "application/soap+xml; charset=ISO-8859-1"),
                changed(lambda octets: octets, "application/soap+xml; charset=UTF-16"),
            ),
            taken(
                in_encoding("UTF-16", "utf-16"),
                changed(lambda octets: b"\xef\xbb\xbf" + octets),
                changed(lambda octets: octets, names.SOAP_XML),
            ),
        ),
    ),
    Row(
        "XP-13",
        "characters that XML does not have are refused",
        refused(
            UNREADABLE, *map(in_value, (b"\0", "\ufffe".encode(), b"\xed\xa0\x80", b"\xc0\xaf", b"&#0;", b"&#xD800;"))
        ),
    ),
    Row(
        "XP-14",
        "a second root, text after the root and a stray CDATA end are refused",
        refused(
            UNREADABLE,
            changed(lambda octets: octets + b"<a/>"),
            changed(lambda octets: octets + b"text"),
            changed(lambda octets: octets + octets),
            in_value(b"]]>"),
        ),
    ),
    Row(
        "XP-15",
        "an envelope that is not one Header and one Body, in this order, is refused",
        refused(
            Refused("EBMS:0009", about=None),
            structure("Header", "Header", "Body"),
            structure("Header", "Body", "Body"),
            structure("Body", "Header"),
            structure("Header"),
            structure("Body"),
            structure(),
        ),
    ),
    Row(
        "XP-18",
        "something else where XML is expected is refused",
        refused(
            UNREADABLE,
            *(
                changed(lambda octets, each=each: each)  # type: ignore[misc]
                for each in (b"", b" ", b"\x1f\x8b\x08\0\0\0\0\0", b"PK\x03\x04\0\0", b"%PDF-1.7", b"{}", b"\0" * 100)
            ),
        ),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in TABLE])
async def test_abuse_of_xml(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
