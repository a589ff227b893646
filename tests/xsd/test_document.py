"""The one XML parser: what it takes, what it refuses before anybody works with it, and that it tells nothing."""

from __future__ import annotations

import contextlib
import socket
import time
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import replace

import pytest
from lxml import etree

from gateway.limits import ENVELOPE_LIMITS, PAYLOAD_LIMITS, DocumentLimits
from xsd.checking.violations import UNREADABLE
from xsd.document import WSSE, XENC, DocumentFault, parse_document, text_of

CANARY = "geheim-4711"


def parse(octets: bytes, charset: str | None = None) -> etree._Element:
    return parse_document(octets, limits=ENVELOPE_LIMITS, charset=charset)


def fault_of(octets: bytes, charset: str | None = None) -> DocumentFault:
    with pytest.raises(DocumentFault) as caught:
        parse(octets, charset)
    return caught.value


def declared(encoding: str, codec: str | None = None, bom: bytes = b"") -> bytes:
    return bom + f'<?xml version="1.0" encoding="{encoding}"?><a>é</a>'.encode(codec or encoding)


BOMB = b"<!ENTITY a0 'x'>" + b"".join(b"<!ENTITY a%d '%b'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
NAMESPACES_257 = b"<a " + b" ".join(b'xmlns:p%d="u:%d"' % (n, n) for n in range(257)) + b"/>"
ATTRIBUTES_64 = b"<a " + b" ".join(b"a%d=''" % n for n in range(64)) + b"/>"

# id, what arrives, the charset it came with, the code of the fault
REFUSED: list[tuple[str, bytes, str | None, str]] = [
    ("XP-01-empty", b"<!DOCTYPE a><a/>", None, "doctype"),
    ("XP-01-after-comment", b"<!-- <a> --><!DOCTYPE a><a/>", None, "doctype"),
    ("XP-01-declared", b'<?xml version="1.0"?>\n<!DOCTYPE a []><a/>', None, "doctype"),
    ("XP-01-utf-16", BOM_UTF16_LE + "<!DOCTYPE a><a/>".encode("utf-16-le"), None, "doctype"),
    ("XP-01-inside", b"<a><!DOCTYPE a></a>", None, "doctype"),
    ("XP-02-billion-laughs", b"<!DOCTYPE a [" + BOMB + b"]><a>&a9;</a>", None, "doctype"),
    (
        "XP-02-quadratic",
        b"<!DOCTYPE a [<!ENTITY x '" + b"x" * 100_000 + b"'>]><a>" + b"&x;" * 3000 + b"</a>",
        None,
        "doctype",
    ),
    ("XP-02-cyclic", b"<!DOCTYPE a [<!ENTITY x '&y;'><!ENTITY y '&x;'>]><a>&x;</a>", None, "doctype"),
    ("XP-03-general", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', None, "doctype"),
    ("XP-03-parameter", b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a/>', None, "doctype"),
    ("XP-03-undeclared", b"<a>&x;</a>", None, "entity"),
    ("XP-03-in-attribute", b'<a b="&x;"/>', None, "entity"),
    ("XP-04-system", b'<!DOCTYPE a SYSTEM "http://localhost/a.dtd"><a/>', None, "doctype"),
    ("XP-04-public", b'<!DOCTYPE a PUBLIC "-//A//B" "http://localhost/a.dtd"><a/>', None, "doctype"),
    ("XP-04-stylesheet", b'<?xml-stylesheet href="http://localhost/a.xsl"?><a/>', None, "processing-instruction"),
    ("XP-04-pi-inside", b"<a><?php echo 1 ?></a>", None, "processing-instruction"),
    ("XP-04-pi-after", b"<a/><?x?>", None, "processing-instruction"),
    ("XP-04-second-declaration", b'<?xml version="1.0"?><?xml version="1.0"?><a/>', None, "processing-instruction"),
    ("XP-05-2001", b'<a><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="x"/></a>', None, "xinclude"),
    ("XP-05-2003", b'<a><i:include xmlns:i="http://www.w3.org/2003/XInclude" href="x"/></a>', None, "xinclude"),
    ("XP-05-default", b'<include xmlns="http://www.w3.org/2001/XInclude" href="x"/>', None, "xinclude"),
    ("XP-05-hidden", b'<a><i:fallback xmlns:i="http://www.w3.org/2001/X&#73;nclude"/></a>', None, "xinclude"),
    ("XP-06-65", b"<a>" * 65 + b"</a>" * 65, None, "depth"),
    ("XP-06-257", b"<a>" * 257 + b"</a>" * 257, None, "depth"),  # libxml2 itself goes no deeper than 256
    ("XP-06-unclosed", b"<a>" * 80_000, None, "elements"),
    ("XP-07-65", b"<a " + b" ".join(b'a%d=""' % n for n in range(65)) + b"/>", None, "attributes"),
    ("XP-07-deep", b"<a><b><c " + b" ".join(b"a%d=''" % n for n in range(65)) + b"/></b></a>", None, "attributes"),
    ("XP-07-20000", b"<a " + b" ".join(b'a%d=""' % n for n in range(20_000)) + b"/>", None, "attributes"),
    ("XP-07-in-all", b"<r>" + ATTRIBUTES_64 * 64 + b"<a b=''/></r>", None, "attributes"),
    ("XP-07-in-all-blanks", b"<r>" + ATTRIBUTES_64.replace(b"=", b" = ") * 65 + b"</r>", None, "attributes"),
    ("XP-07-ids", b"<r>" + b"".join(b"<a Id='%d'/>" % n for n in range(513)) + b"</r>", None, "attributes"),
    (
        "XP-07-ids-of-all-kinds",
        b"<r xmlns:p='u:p'>"
        + b"".join(b"<a id='a%d' ID = 'b%d' p:iD='c%d' xml:id='d%d'/>" % (n, n, n, n) for n in range(129))
        + b"</r>",
        None,
        "attributes",
    ),
    ("XP-02-references", b"<a>" + b"&lt;" * 10_000 + b"&#65;" * 6_385 + b"</a>", None, "entity"),
    ("XP-08-elements", b"<a>" + b"<b/>" * 10_000 + b"</a>", None, "elements"),
    ("XP-08-comments", b"<a>" + b"<!---->" * 10_001 + b"</a>", None, "elements"),
    ("XP-08-octets", b"<a>" + b" " * (256 * 1024 - 6) + b"</a>", None, "too-large"),
    ("XP-09-one-element", NAMESPACES_257, None, "namespaces"),
    ("XP-09-default", b"<a>" + b'<b xmlns="u:"/>' * 257 + b"</a>", None, "namespaces"),
    ("XP-10-name", b"<" + b"a" * 60_000 + b"/>", None, "text"),
    ("XP-10-text", b"<a>" + b"x" * 65_537 + b"</a>", None, "text"),
    ("XP-10-attribute", b'<a b="' + b"x" * 65_537 + b'"/>', None, "text"),
    ("XP-10-not-latin", b"<a>" + "é".encode() * 32_769 + b"</a>", None, "text"),
    ("XP-10-around-comments", b"<a>" + b"x" * 40_000 + b"<!-- -->" + b"x" * 40_000 + b"</a>", None, "text"),
    ("XP-10-between-elements", b"<a>" + (b"x" * 1_100 + b"<b/>") * 60 + b"</a>", None, "text"),
    ("XP-10-around-many-comments", b"<a>" + (b"x" * 110 + b"<!-- -->") * 600 + b"</a>", None, "text"),
    ("XP-10-foreign-cipher-value", b'<CipherValue xmlns="u:">' + b"x" * 65_537 + b"</CipherValue>", None, "text"),
    ("XP-12-utf-7", b'<?xml version="1.0" encoding="UTF-7"?><a/>', None, "other-encoding"),
    ("XP-12-ebcdic", '<?xml version="1.0" encoding="cp037"?><a/>'.encode("cp037"), None, "encoding"),
    ("XP-12-iso-8859-1", declared("ISO-8859-1"), None, "encoding"),
    ("XP-12-iso-8859-1-without-any", b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', None, "other-encoding"),
    ("XP-12-ascii", declared("us-ascii", "utf-8"), None, "other-encoding"),
    ("XP-12-utf-32", declared("UTF-32"), None, "encoding"),
    ("XP-12-utf-32-be", "<a/>".encode("utf-32-be"), None, "encoding"),
    ("XP-12-charset-utf-7", b"<a/>", "utf-7", "other-encoding"),
    ("XP-12-charset-latin", declared("UTF-8"), "iso-8859-1", "other-encoding"),
    ("T32", b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "UTF-8", "other-encoding"),
    ("XP-12-charset-utf-16", declared("UTF-8"), "utf-16", "charset"),
    ("XP-12-charset-other-end", declared("UTF-16", "utf-16-le", BOM_UTF16_LE), "utf-16be", "charset"),
    ("XP-12-declared-utf-16", declared("UTF-16", "utf-8"), None, "charset"),
    ("XP-12-declared-utf-8", declared("UTF-8", "utf-16-le", BOM_UTF16_LE), None, "charset"),
    ("XP-12-bom-contradicts", declared("UTF-16", "utf-8", BOM_UTF8), None, "charset"),
    ("XP-12-utf-16-without-mark", "<a/>".encode("utf-16-le"), "utf-16", "byte-order-mark"),
    ("XP-12-utf-16-be-without-mark", "<a/>".encode("utf-16-be"), None, "byte-order-mark"),
    ("XP-12-two-marks", BOM_UTF8 + BOM_UTF8 + b"<a/>", None, "byte-order-mark"),
    ("XP-12-two-marks-utf-16", BOM_UTF16_LE + "\ufeff<a/>".encode("utf-16-le"), None, "byte-order-mark"),
    ("XP-12-late-mark", b'<?xml version="1.0"?>' + BOM_UTF8 + b"<a/>", None, "byte-order-mark"),
    ("XP-13-nul", b"<a>\0</a>", None, "nul"),
    ("XP-13-nul-utf-16", BOM_UTF16_LE + "<a>\0</a>".encode("utf-16-le"), None, "nul"),
    ("XP-13-fffe", "<a>\ufffe</a>".encode(), None, "not-well-formed"),
    ("XP-13-surrogate", b"<a>\xed\xa0\x80</a>", None, "encoding"),
    ("XP-13-lone-surrogate-utf-16", BOM_UTF16_LE + b"<\0a\0>\0\0\xd8<\0/\0a\0>\0", None, "encoding"),
    ("XP-13-half-utf-16", BOM_UTF16_LE + b"<\0a\0/\0>", None, "encoding"),
    ("XP-13-overlong", b"<a>\xc0\xaf</a>", None, "encoding"),
    ("XP-13-reference", b"<a>&#0;</a>", None, "not-well-formed"),
    ("XP-13-control", b"<a>&#1;</a>", None, "not-well-formed"),
    ("XP-14-two-roots", b"<a/><b/>", None, "not-well-formed"),
    ("XP-14-text-after", b"<a/>x", None, "not-well-formed"),
    ("XP-14-cdata-end", b"<a>]]></a>", None, "not-well-formed"),
    ("XP-14-cdata-open", b"<a><![CDATA[ </a>", None, "not-well-formed"),
    ("XP-18-gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\0\0", None, "compressed"),
    ("XP-18-zip", b"PK\x03\x04\0\0", None, "compressed"),
    ("T29-truncated", b"<a><b></b>", None, "not-well-formed"),
    ("T29-mismatch", b"<a></b>", None, "not-well-formed"),
    ("T29-no-xml", b"geen xml", None, "not-well-formed"),
    ("T29-blank", b"  \n", None, "not-well-formed"),
    ("T29-nothing", b"", None, "empty"),
    ("T29-only-mark", BOM_UTF8, None, "not-well-formed"),
    ("T29-prefix", b"<p:a/>", None, "not-well-formed"),
    ("T29-attribute-prefix", b'<a p:b=""/>', None, "not-well-formed"),
    ("T29-attribute-twice", b'<a b="" b=""/>', None, "not-well-formed"),
    ("T29-attribute-twice-by-namespace", b'<a xmlns:p="u:" xmlns:q="u:" p:b="" q:b=""/>', None, "not-well-formed"),
    ("T29-undeclared-prefix", b'<a xmlns:p=""/>', None, "not-well-formed"),
    ("T29-blank-before-declaration", b' <?xml version="1.0"?><a/>', None, "declaration"),
    ("T29-line-before-declaration", b'\n<?xml version="1.0" encoding="UTF-8"?><a/>', None, "declaration"),
    ("T29-version", b'<?xml version="1.1"?><a/>', None, "declaration"),
    ("T29-declaration", b"<?xml encoding='utf-8'?><a/>", None, "declaration"),
    ("T29-declaration-order", b'<?xml encoding="utf-8" version="1.0"?><a/>', None, "declaration"),
    ("T29-declaration-open", b'<?xml version="1.0" <a/>', None, "declaration"),
]

ACCEPTED: list[tuple[str, bytes, str | None]] = [
    ("utf-8", declared("UTF-8"), None),
    ("utf-8-charset", declared("utf-8"), "UTF-8"),
    ("utf-8-undeclared", "<a>é</a>".encode(), None),
    ("no-encoding", '<?xml version="1.0"?><a>é</a>'.encode(), "utf-8"),
    ("standalone", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a>é</a>".encode(), None),
    ("T30-mark", BOM_UTF8 + "<a>é</a>".encode(), None),
    ("T30-mark-and-declaration", declared("utf-8", "utf-8", BOM_UTF8), "utf-8"),
    ("T30-mark-and-blank", BOM_UTF8 + b"\r\n " + declared("UTF-8"), None),
    ("T31-little", declared("UTF-16", "utf-16-le", BOM_UTF16_LE), "utf-16"),
    ("T31-big", declared("UTF-16", "utf-16-be", BOM_UTF16_BE), "UTF-16"),
    ("T31-named-end", declared("UTF-16LE", "utf-16-le", BOM_UTF16_LE), "utf-16le"),
    ("T31-undeclared", BOM_UTF16_LE + "<a>é</a>".encode("utf-16-le"), None),
    ("XP-01-quoted", "<!-- <!DOCTYPE a> --><a>é<!-- <!DOCTYPE --></a>".encode(), None),
    ("XP-04-quoted", "<a>é<!-- <?pi?> --></a>".encode(), None),
    (
        "XP-04-schema-location",
        '<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u: file:///etc/passwd">é</a>'.encode(),
        None,
    ),
    ("XP-05-mentioned", '<a b="http://www.w3.org/2001/XInclude">é</a>'.encode(), None),
    ("references", b"<a>&#xe9;</a>", None),
    ("references-decimal", b"<a b='&lt;&amp;&gt;&quot;&apos;'>&#233;</a>", None),
]


@pytest.mark.parametrize(("octets", "charset", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_document_that_asks_for_more_than_reading_is_refused(octets: bytes, charset: str | None, code: str) -> None:
    fault = fault_of(octets, charset)
    assert fault.code == code
    assert code in UNREADABLE


@pytest.mark.parametrize(("octets", "charset"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_every_allowed_spelling_gives_the_same_text(octets: bytes, charset: str | None) -> None:
    assert text_of(parse(octets, charset)) == "é"


@pytest.mark.parametrize(
    "octets",
    [
        b"<a>" + b"<b>" * 63 + b"</b>" * 63 + b"</a>",
        b"<a>" + b"<b/>" * 9_999 + b"</a>",
        b"<a " + b" ".join(b'a%d=""' % n for n in range(64)) + b' xmlns:p="u:"/>',
        b"<r>" + ATTRIBUTES_64 * 64 + b"</r>",
        b"<r>" + b"<a>" + b'b="" ' * 4_000 + b"</a><!-- " + b'b="" ' * 9_000 + b"--></r>",
        b"<r>" + b"".join(b"<a Id='%d'/>" % n for n in range(512)) + b"<b>" + b"id='' " * 900 + b"</b></r>",
        b"<a>" + b"&lt;" * 16_384 + b"<![CDATA[" + b"&" * 9_000 + b"]]></a>",
        b"<a>" + (b"x" * 1_000 + b"<b/>") * 60 + b"</a>",
        b"<a " + b" ".join(b'xmlns:p%d="u:%d"' % (n, n) for n in range(256)) + b"/>",
        b"<a>" + b"x" * 65_536 + b"</a>",
        b'<a b="' + b"x" * 65_536 + b'"/>',
        b"<a>" + "é".encode() * 32_768 + b"</a>",
        b"<a>" + (b"<b>" + b"x" * 65_000 + b"</b>") * 4 + b"</a>",
        f'<c:CipherValue xmlns:c="{XENC}">'.encode() + b"x" * 200_000 + b"</c:CipherValue>",
        f'<w:BinarySecurityToken xmlns:w="{WSSE}">'.encode() + b"x" * 200_000 + b"</w:BinarySecurityToken>",
        b"<a><![CDATA[" + b"<b/>" * 15_000 + b"<!DOCTYPE a><?pi?>" + b"]]></a>",
        b"<a><![CDATA[" + b"xmlns=''" * 1_000 + b"]]><!-- " + b"xmlns=''" * 1_000 + b"--></a>",
    ],
    ids=[
        "depth-64",
        "elements-10000",
        "attributes-64",
        "attributes-4096-in-all",
        "what-looks-like-attributes",
        "ids-512",
        "references-16384",
        "text-between-elements",
        "namespaces-256",
        "text-64K",
        "attribute-value-64K",
        "text-64K-of-two-octets",
        "several-texts",
        "cipher-value",
        "security-token",
        "markup-in-cdata",
        "declarations-in-cdata-and-comment",
    ],
)
def test_a_document_at_a_limit_is_taken(octets: bytes) -> None:
    parse(octets)


def test_a_payload_may_be_larger_than_an_envelope_but_not_without_end() -> None:
    rows = b"<r>" + b"<v/>" * 199_999 + b"</r>"
    assert len(parse_document(rows, limits=PAYLOAD_LIMITS)) == 199_999
    with pytest.raises(DocumentFault, match="elements"):
        parse_document(b"<r>" + b"<v/>" * 200_000 + b"</r>", limits=PAYLOAD_LIMITS)
    with pytest.raises(DocumentFault, match="too-large"):
        parse_document(b" " * (4 * 1024 * 1024 + 1), limits=PAYLOAD_LIMITS)


HOSTILE = {
    "XP-02": (b"<!DOCTYPE a [" + BOMB + b"]><a>&a9;</a>", ENVELOPE_LIMITS),
    "XP-06-closed": (b"<a>" * 30_000 + b"</a>" * 30_000, ENVELOPE_LIMITS),
    "XP-06-unclosed": (b"<a>" * 1_000_000, PAYLOAD_LIMITS),
    "XP-07": (b"<a " + b" ".join(b"a%d=''" % n for n in range(100_000)) + b"/>", PAYLOAD_LIMITS),
    "XP-08": (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", PAYLOAD_LIMITS),
    "XP-09": (
        b"".join(
            b"<a %b>" % b" ".join(b'xmlns:p%d_%d="u:%d"' % (depth, n, n) for n in range(50)) for depth in range(64)
        ),
        ENVELOPE_LIMITS,
    ),
    "comments-without-end": (b"<a>" + b"<!--x" * 800_000, PAYLOAD_LIMITS),
    "fewer-comments-without-end": (b"<?" + b"<!--xxxxxxxxxxxx" * 199_000, PAYLOAD_LIMITS),
    "cdata-without-end": (b"<a>" + b"<![CDATA[x" * 400_000 + b"<!DOCTYPE", PAYLOAD_LIMITS),
    "open-tags": (b"<" * 4_000_000, PAYLOAD_LIMITS),
    "open-declaration": (b"<?xml " + b" " * 4_000_000, PAYLOAD_LIMITS),
    "quotes": (b"<a b='" + b'"' * 4_000_000, PAYLOAD_LIMITS),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_refusing_costs_no_more_than_a_few_honest_documents_however_one_is_built(case: str) -> None:
    """A count that went back over what it had seen would cost a hundred of them."""
    octets, limits = HOSTILE[case]
    honest = b"<r>" + b"<v>value of it</v>" * 190_000 + b"</r>"
    assert cpu_seconds(octets, limits) < 5 * cpu_seconds(honest, PAYLOAD_LIMITS)


def cpu_seconds(octets: bytes, limits: DocumentLimits) -> float:
    """The lower of two measurements in this thread."""
    found = []
    for _ in range(2):
        before = time.thread_time()
        with contextlib.suppress(DocumentFault):
            parse_document(octets, limits=replace(limits, octets=5 * 1024 * 1024))
        found.append(time.thread_time() - before)
    return min(found)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_built_to_cost_is_refused(case: str) -> None:
    octets, limits = HOSTILE[case]
    with pytest.raises(DocumentFault):
        parse_document(octets, limits=replace(limits, octets=5 * 1024 * 1024))


def test_nothing_is_fetched_whatever_the_document_names() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.05)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        for octets in (
            f'<!DOCTYPE a SYSTEM "{url}"><a/>',
            f'<!DOCTYPE a [<!ENTITY x SYSTEM "{url}">]><a>&x;</a>',
            f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{url}"> %x;]><a/>',
            f'<a><i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{url}"/></a>',
            f'<?xml-stylesheet href="{url}"?><a/>',
        ):
            with pytest.raises(DocumentFault):
                parse(octets.encode())
        parse(f'<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:noNamespaceSchemaLocation="{url}"/>'.encode())
        with pytest.raises(TimeoutError):
            listener.accept()


LONG = b"x" * 11_000_000
PARSERS_OWN: dict[str, tuple[bytes, str]] = {
    "text": (b"<a>" + LONG + b"</a>", "text"),
    "text-that-does-not-end": (b"<a>" + LONG, "text"),
    "blanks": (b"<a>" + b" " * len(LONG) + b"</a>", "text"),
    "value": (b"<a b='" + LONG + b"'/>", "text"),
    "namespace": (b"<a xmlns:b='" + LONG + b"'/>", "text"),
    "comment": (b"<a><!--" + LONG + b"--></a>", "text"),
    "comment-before-the-root": (b"<!--" + LONG + b"--><a/>", "text"),
    "CDATA": (b"<a><![CDATA[" + LONG + b"]]></a>", "text"),
    "name": (b"<" + LONG[:60_000] + b"/>", "text"),
    "prefix": (b"<" + LONG[:60_000] + b":a/>", "text"),
    "attribute-name": (b"<a " + LONG[:60_000] + b"=''/>", "text"),
    "depth": (b"<a>" * 257 + b"</a>" * 257, "depth"),
    "comment-that-does-not-end": (b"<a><!--" + LONG[:1_000] + b"</a>", "not-well-formed"),
    "CDATA-that-does-not-end": (b"<a><![CDATA[" + LONG[:1_000] + b"</a>", "not-well-formed"),
    "torn": (b"<a>" + LONG[:1_000] + b"<b></a>", "not-well-formed"),
}


@pytest.mark.parametrize("kind", PARSERS_OWN)
def test_what_is_longer_than_the_parser_itself_takes_is_told_as_too_long(kind: str) -> None:
    """Whatever limits are asked for, and whatever was read before."""
    octets, code = PARSERS_OWN[kind]
    limits = replace(PAYLOAD_LIMITS, octets=1 << 30, text_octets=1 << 30)
    with pytest.raises(DocumentFault) as refused:
        parse_document(octets, limits=limits)
    assert refused.value.code == code
    with pytest.raises(DocumentFault) as after:
        parse_document(b"<a><b></a>", limits=limits)
    assert after.value.code == "not-well-formed"


@pytest.mark.parametrize(
    "octets",
    [
        f"<{CANARY}><b></{CANARY}>",
        f"<a>&{CANARY};</a>",
        f"<a {CANARY}='1' {CANARY}='2'/>",
        f"<{CANARY}:a/>",
        f"<!DOCTYPE {CANARY}><a/>",
        f"<?{CANARY}?><a/>",
        f"<a xmlns='{CANARY} %%'/>",
        f"<?xml version='{CANARY}'?><a/>",
        f"<?xml version='1.0' encoding='{CANARY}'?><a/>",
        f"<a>{CANARY}",
        f"<a/>{CANARY}",
    ],
)
def test_a_fault_tells_nothing_of_the_document(octets: str) -> None:
    fault = fault_of(octets.encode())
    assert CANARY not in str(fault)
    assert fault.__cause__ is None
    assert fault.__suppress_context__ or fault.__context__ is None


def test_a_fault_tells_kind_and_position_of_what_is_not_well_formed() -> None:
    fault = fault_of(b"<a>\n <b></c>\n</a>")
    assert (fault.code, fault.reason) == ("not-well-formed", "ERR_TAG_NAME_MISMATCH at line 2, column 9")


@pytest.mark.parametrize(
    "prolog",
    [
        b"",
        BOM_UTF8,
        b'<?xml version="1.0"?>',
        b'<?xml version="1.0"\n encoding="utf-8"?>\n\n',
        BOM_UTF8 + b'\n\n<?xml version="1.0"?>\n',
    ],
)
def test_lines_are_counted_as_they_came(prolog: bytes) -> None:
    octets = prolog + b"<a>\n\n<b/></a>"
    assert parse(octets)[0].sourceline == octets.count(b"\n") + 1
