"""XML in the browser: one canonical form with lxml, one verdict with the hub on what is no document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.browser.asking import Refused, Unwritable, asked

from crypto import markup
from crypto.canonical import canonical_octets
from gateway.limits import PAYLOAD_LIMITS
from xsd.document import DocumentFault, parse_document

# What XML may hold, the odd ones often.
CHARACTERS = st.one_of(
    st.sampled_from("\t\n\r &<>\"'\x85\u2028\ue000\ufffd\U00010000\U0010ffff"),
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"),
)
VALUES = st.text(CHARACTERS, max_size=20)


@given(VALUES, VALUES)
def test_the_browser_writes_values_as_canonicalization_would_PO_47(text: str, value: str) -> None:
    """What is signed is what stands there: lxml and libxml2 in the browser canonicalize it to the very same octets."""
    written_text, written_value = asked().ask("text", value=text), asked().ask("attribute", value=value)
    assert (written_text, written_value) == (markup.text(text), markup.attribute(value))
    document = f'<a b="{written_value}">{written_text}</a>'.encode()
    assert canonical_octets(etree.fromstring(document)) == document
    assert asked().ask("canonical", octets=document) == document


@pytest.mark.parametrize("value", ["\0", "\x0b", "\ufffe", "\ud800", "a\udc00b"])
def test_what_xml_cannot_hold_is_not_written(value: str) -> None:
    for writer in ("text", "attribute"):
        with pytest.raises(Unwritable):
            asked().ask(writer, value=value)


PREFIXES = ["", "a", "b", "c"]
ELEMENTS = st.recursive(
    st.tuples(st.sampled_from(PREFIXES), st.sampled_from(["n", "m"]), VALUES, st.just(())),
    lambda inner: st.tuples(
        st.sampled_from(PREFIXES), st.sampled_from(["n", "m"]), VALUES, st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


def written(element: tuple[str, str, str, tuple[object, ...]], depth: int = 0) -> str:
    prefix, local, value, children = element
    name = f"{prefix}:{local}" if prefix else local
    declared = "".join(
        f' xmlns{":" + each if each else ""}="urn:{each or "d"}{depth % 2 if each == prefix else ""}"'
        for each in PREFIXES
    )
    attributes = f" z='1' {prefix + ':' if prefix else ''}y=\"{markup.attribute(value)}\""
    inside = markup.text(value) + "<!-- gone -->" + "".join(written(each, depth + 1) for each in children)  # type: ignore[arg-type]
    return f"<{name}{declared}{attributes}>{inside}</{name}>"


@given(
    ELEMENTS,
    st.lists(st.sampled_from(["a", "b", "#default"]), max_size=2, unique=True),
    st.lists(st.integers(0, 2), max_size=3),
)
def test_the_browser_canonicalizes_as_lxml_does_PO_47(
    element: tuple[str, str, str, tuple[object, ...]], prefixes: list[str], places: list[int]
) -> None:
    octets = written(element).encode()
    found, path = etree.fromstring(octets), []
    for place in places:
        children = list(found.iterchildren("*"))
        if not children:
            break
        path.append(place % len(children))
        found = children[path[-1]]
    assert asked().ask("canonical", octets=octets, place=path, prefixes=prefixes) == canonical_octets(found, prefixes)


CHANGES = [b"", b"<", b">", b"&", b"\0", b"<!--", b"<![CDATA[", b"<?x?>", b"<!DOCTYPE a>", b"\xff", b" "]
DOCUMENT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<a xmlns="urn:a" xmlns:b="urn:b"><b:c d="e">text</b:c><!-- x --><f/></a>'
)


@settings(max_examples=300)
@given(
    place=st.integers(0, 400),
    change=st.sampled_from(CHANGES),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]),
)
def test_an_altered_document_is_one_for_both_parsers_or_for_none(place: int, change: bytes, mark: bytes) -> None:
    place %= len(DOCUMENT)
    octets = mark + DOCUMENT[:place] + change + DOCUMENT[place + (change == b"") :]
    try:
        parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault:
        with pytest.raises(Refused, match=r"^xml: "):
            asked().ask("document", octets=octets, kind="payload")
    else:
        asked().ask("document", octets=octets, kind="payload")


def test_a_line_is_that_of_the_octets_as_they_came() -> None:
    root = asked().ask("document", octets=b'<?xml version="1.0"\n?>\n<a>\n<b/></a>', kind="payload")
    assert (root["line"], root["children"][1]["line"]) == (3, 4)
