"""The one XML parser of the project: octets in, a checked lxml tree out; SOAP parts and payloads alike.

What may be counted in the octets is counted before libxml2 sees them; what needs a tree is asked of it before anybody
canonicalises, validates or reads. A document is UTF-8 or UTF-16 (a byte order mark is accepted; UTF-16 must have one,
XML 1.0 4.3.3), and what the byte order mark, the XML declaration and a `charset` parameter say has to agree (ebMS3 Core
5.1.2.5). `xsi:schemaLocation` is an attribute like any other here: nothing fetches it.

Comments stay in the tree, as a signature does not see them (exclusive canonicalisation drops them) and moving nodes
before verifying would break it. A comment inside a value splits it in two text nodes, and `element.text` is only the
first: readers take values with `text_of`, which joins what stands around comments, the text that was signed.

SECURITY: everything here comes from an unauthenticated peer. No DOCTYPE, so no entity and no default attribute; no
processing instruction; no XInclude; no network; libxml2's own limits stay on beneath ours. A fault's reason names kinds
and positions, never a name or a value of the document, and no lxml error leaves this module.
"""

from __future__ import annotations

import re
import threading
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final, cast

from lxml import etree

from gateway.limits import DocumentLimits

XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
LONG_TEXTS: Final = frozenset({f"{{{XENC}}}CipherValue", f"{{{WSSE}}}BinarySecurityToken"})


class DocumentFault(Exception):
    """The document is refused; `code` is a key of `xsd.violations.UNREADABLE`, `reason` private detail without any of
    its values, `line` where reading stopped, from 1, and 0 where no line can be named."""

    def __init__(self, code: str, reason: str, *, line: int = 0) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.line = line


def parse_document(octets: bytes, *, limits: DocumentLimits, charset: str | None = None) -> etree._Element:
    """The root element of the document; `charset` is the parameter of the Content-Type it came with, if any.

    Line numbers (`sourceline`) are those of the octets as they came. Raises DocumentFault.
    """
    if len(octets) > limits.octets:
        raise DocumentFault("too-large", f"{len(octets)} octets, {limits.octets} allowed")
    text = _utf8_without_declaration(octets, charset)
    if text.startswith(BOM_UTF8):
        # libxml2 would swallow it: a second mark, or one after the declaration.
        raise DocumentFault("byte-order-mark", "a byte order mark that is not at the beginning")
    _check_markup(text, limits)
    local = _of_this_thread
    try:
        root = etree.fromstring(text, local.parser)
    except etree.XMLSyntaxError as error:
        fault = _fault_of(error, local.parser.error_log)
    except ValueError:
        fault = DocumentFault("not-well-formed", "the parser refused the octets")
    else:
        _check_tree(root, text, limits, local)
        return root
    raise fault


def text_of(element: etree._Element) -> str:
    """The whole text of an element of simple content: comments inside it do not cut it short.

    Text inside child elements is not part of it; an element without text gives an empty string.
    """
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(child.tail or "" for child in element)


# --- the encoding -------------------------------------------------------------------------------------------------

_ENCODINGS: Final = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
_DECLARATION: Final = re.compile(
    rb"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?P<vq>["'])(?P<version>[A-Za-z0-9._:-]{1,16})(?P=vq)"""
    rb"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?P<eq>["'])(?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})(?P=eq))?"""
    rb"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*["'](?:yes|no)["'])?[ \t\r\n]*\?>"""
)
_BLANKS: Final = b" \t\r\n"


def _utf8_without_declaration(octets: bytes, charset: str | None) -> bytes:
    """The document in UTF-8 with its byte order mark and XML declaration taken off, line for line the same."""
    if not octets:
        raise DocumentFault("empty", "no octets")
    if octets.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise DocumentFault("compressed", "the octets begin as gzip or zip")
    if octets.startswith((BOM_UTF32_LE, BOM_UTF32_BE, b"<\0\0\0", b"\0\0\0<")):
        raise DocumentFault("encoding", "the octets begin as UTF-32")
    marked = True
    if octets.startswith(BOM_UTF8):
        encoding, octets = "utf-8", octets[len(BOM_UTF8) :]
    elif octets.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        encoding = "utf-16-le" if octets.startswith(BOM_UTF16_LE) else "utf-16-be"
        octets = _recoded(octets[2:], encoding)
    else:
        encoding, marked = "utf-8", False
        if octets.startswith((b"<\0", b"\0<")):
            raise DocumentFault("byte-order-mark", "UTF-16 without a byte order mark")
    if charset is not None:
        _check_agreement(charset, encoding, "charset parameter")
    if b"\0" in octets:
        raise DocumentFault("nul", "a NUL in the document", line=_line_at(octets, octets.index(b"\0")))
    if encoding == "utf-8" and not octets.isascii():
        _recoded(octets, encoding)
    # Some senders write a blank between a byte order mark and the declaration; without a mark that is not XML.
    start = octets.lstrip(_BLANKS) if marked else octets
    if start.startswith(b"<?xml") and start[5:6] in (b" ", b"\t", b"\r", b"\n"):
        declaration = _DECLARATION.match(start)
        if declaration is None:
            raise DocumentFault("declaration", "the XML declaration is malformed")
        if declaration["version"] != b"1.0":
            raise DocumentFault("declaration", "a version other than XML 1.0")
        if declaration["encoding"] is not None:
            _check_agreement(declaration["encoding"].decode("ascii"), encoding, "XML declaration")
        before = len(octets) - len(start)
        lines = octets.count(b"\n", 0, before + declaration.end())
        return b"\n" * lines + start[declaration.end() :]
    late = octets.lstrip(_BLANKS)
    if len(late) < len(octets) and _DECLARATION.match(late):
        line = _line_at(octets, len(octets) - len(late))
        raise DocumentFault("declaration", "blanks before the XML declaration", line=line)
    return octets


def _check_agreement(name: str, encoding: str, where: str) -> None:
    named = _ENCODINGS.get(name.strip().lower())
    if named is None:
        raise DocumentFault("other-encoding", f"the {where} names another encoding than UTF-8 and UTF-16")
    if not encoding.startswith(named):
        raise DocumentFault("charset", f"the {where} contradicts the octets")


def _recoded(octets: bytes, encoding: str) -> bytes:
    try:
        return octets.decode(encoding).encode("utf-8")
    except UnicodeDecodeError as fault:
        line = 1 + octets[: fault.start].decode(encoding, "replace").count("\n")
    except UnicodeError:  # half a character, which UTF-8 cannot hold
        line = 0
    raise DocumentFault("encoding", f"octets that are not {encoding}", line=line)


def _line_at(text: bytes, position: int) -> int:
    return 1 + text.count(b"\n", 0, position)


# --- what the octets tell -----------------------------------------------------------------------------------------

# What never ends takes everything after it, so that one pass is enough however often it begins.
_NO_MARKUP: Final = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
# What looks like an attribute; text that looks like thousands of them is refused with them.
_ATTRIBUTE: Final = re.compile(rb"=[ \t\r\n]*[\"']")
# An attribute that is an id, in octets made lower case, and seldom anything else.
_ID: Final = re.compile(rb"id[ \t\r\n]*=")


def _more(pattern: re.Pattern[bytes], octets: bytes, most: int) -> bool:
    """Whether a pattern occurs more often than so many times, without going on to the end."""
    return next(islice(pattern.finditer(octets), most, None), None) is not None


def _check_markup(text: bytes, limits: DocumentLimits) -> None:
    """Refuse by counting what is written, exact for well-formed text: comments and CDATA are no markup.

    Each quick count is an upper bound, so that an ordinary document pays for nothing else.
    """
    doctype = b"<!DOCTYPE" in text
    instruction = b"?" in text and b"<?" in text  # one octet is found much faster than two
    crowded = len(text) > 4 * limits.elements and text.count(b"<") > limits.elements
    declared = text.count(b"xmlns") > limits.namespaces
    quotes = text.count(b'"') + text.count(b"'")
    assigned = quotes > 2 * limits.attributes_in_all and text.count(b"=") > limits.attributes_in_all
    referring = text.count(b"&") > limits.references
    if not (doctype or instruction or crowded or declared or assigned or referring):
        return
    if text.count(b"<!--") > limits.elements:
        raise DocumentFault("elements", f"more than {limits.elements} comments")
    markup = _NO_MARKUP.sub(b"", text)
    if doctype and b"<!DOCTYPE" in markup:
        raise DocumentFault("doctype", "a document type declaration", line=_line_of_markup(text, b"<!DOCTYPE"))
    if instruction and b"<?" in markup:
        raise DocumentFault("processing-instruction", "a processing instruction", line=_line_of_markup(text, b"<?"))
    if crowded and markup.count(b"<") - markup.count(b"</") > limits.elements:
        raise DocumentFault("elements", f"more than {limits.elements} elements")
    if declared and markup.count(b"xmlns") > limits.namespaces:
        raise DocumentFault("namespaces", f"more than {limits.namespaces} namespace declarations")
    if referring and markup.count(b"&") > limits.references:
        raise DocumentFault("entity", f"more than {limits.references} references")
    if assigned and _more(_ATTRIBUTE, markup, limits.attributes_in_all):
        raise DocumentFault("attributes", f"more than {limits.attributes_in_all} attributes")


def _line_of_markup(text: bytes, mark: bytes) -> int:
    """The line of a mark that stands in the text outside comments and CDATA."""
    position = text.index(mark)
    for passed in _NO_MARKUP.finditer(text):
        if position < passed.start():
            break
        if position < passed.end():
            position = text.index(mark, passed.end())
    return _line_at(text, position)


# --- what the tree tells ------------------------------------------------------------------------------------------


class _OfThisThread(threading.local):
    """A parser and the compiled questions of one thread: sharing them would make threads wait for each other."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            attribute_defaults=False,
            huge_tree=False,
            recover=False,
            remove_comments=False,
            remove_pis=False,
            collect_ids=False,
        )
        self.beyond: dict[DocumentLimits, _Questions] = {}
        self.includes = etree.XPath(
            "boolean(/descendant::a:*) or boolean(/descendant::b:*)",
            namespaces={"a": "http://www.w3.org/2001/XInclude", "b": "http://www.w3.org/2003/XInclude"},
        )

    def questions(self, limits: DocumentLimits) -> _Questions:
        """The questions for these limits, compiled once."""
        if limits not in self.beyond:
            self.beyond[limits] = _Questions(limits)
        return self.beyond[limits]


# A text beyond the limit stands in one piece at least of this part of it, or in more pieces than this.
_PIECES: Final = 32


class _Questions:
    """What is asked of a tree: answered by libxml2 without leaving C, however much there is of it."""

    def __init__(self, limits: DocumentLimits) -> None:
        longest = limits.text_octets // 4  # a character has four octets at most
        self.too_deep = etree.XPath("boolean(" + "/*" * (limits.depth + 1) + ")")
        self.crowded = etree.XPath(f"boolean(/descendant::*/@*[{limits.attributes + 1}])")
        self.ids = etree.XPath("count(//@*[translate(local-name(), 'ID', 'id') = 'id'])")
        self.wordy = etree.XPath(f"//text()[string-length() > {longest // _PIECES}]/..")
        self.scattered = etree.XPath(f"/descendant::*/text()[{_PIECES + 1}]/..")
        self.long_values = etree.XPath(f"//@*[string-length() > {longest}]", smart_strings=False)
        self.own_text = etree.XPath("text()", smart_strings=False)


_of_this_thread: Final = _OfThisThread()


def _check_tree(root: etree._Element, text: bytes, limits: DocumentLimits, local: _OfThisThread) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentFault("doctype", "a document type declaration")
    ask = local.questions(limits)
    if ask.too_deep(root):
        raise DocumentFault("depth", f"elements nested deeper than {limits.depth}")
    # A namespace may be written with character references, so its absence from the octets proves nothing beside one.
    if (b"XInclude" in text or b"&" in text) and local.includes(root):
        raise DocumentFault("xinclude", "an XInclude element")
    if ask.crowded(root):
        raise DocumentFault("attributes", f"more than {limits.attributes} attributes on one element")
    perhaps = text.count(b"=") > limits.ids and _more(_ID, text.lower(), limits.ids)
    if perhaps and cast("float", ask.ids(root)) > limits.ids:
        raise DocumentFault("attributes", f"more than {limits.ids} ids")
    if len(text) > limits.text_octets:
        _check_texts(root, text, limits.text_octets, ask)


def _check_texts(root: etree._Element, text: bytes, limit: int, ask: _Questions) -> None:
    """Refuse a text or value that is too long, asking Python about those alone that may be."""
    suspects = cast("list[etree._Element]", ask.wordy(root)) if _has_run(text, limit // _PIECES) else []
    for element in (*suspects, *cast("list[etree._Element]", ask.scattered(root))):
        if element.tag not in LONG_TEXTS and _longer("".join(cast("list[str]", ask.own_text(element))), limit):
            raise DocumentFault("text", f"a text longer than {limit} octets")
    if _has_run(text, limit):
        for value in cast("list[str]", ask.long_values(root)):
            if _longer(value, limit):
                raise DocumentFault("text", f"an attribute value longer than {limit} octets")


def _has_run(text: bytes, octets: int) -> bool:
    """Whether so many octets in a row may be without a tag: always true if they are, seldom if not."""
    half = octets // 2
    return any(text.find(b"<", at, at + half) == -1 for at in range(0, len(text) - half, half))


def _longer(text: str, limit: int) -> bool:
    return len(text) * 4 > limit and len(text.encode("utf-8", "surrogatepass")) > limit


def _fault_of(error: etree.XMLSyntaxError, complaints: Iterable[Any]) -> DocumentFault:
    """The parser's complaint as kind and position; its message may quote the document and stays behind. `complaints`
    are those of this reading alone: the error's own log has those of the readings before, too.
    """
    kind, code = "ERR_UNKNOWN", "not-well-formed"
    for entry in complaints:
        kind = entry.type_name
        if code == "not-well-formed":  # one of its limits has others follow that are none
            code = _code_of(kind, entry.message)
    line, column = error.position
    return DocumentFault(code, f"{kind} at line {line}, column {column}", line=max(line, 0))


def _code_of(kind: str, said: str) -> str:
    """libxml2 has limits of its own, of 10,000,000 octets in one piece, 50,000 in a name and 256 elements deep; it
    tells a comment or CDATA beyond them as one that has no end.
    """
    if "ENTITY" in kind:
        return "entity"
    if kind == "ERR_RESOURCE_LIMIT" and "depth" in said:
        return "depth"
    if kind in ("ERR_RESOURCE_LIMIT", "ERR_NAME_TOO_LONG") or said.rstrip().endswith("too big found"):
        return "text"
    return "not-well-formed"
