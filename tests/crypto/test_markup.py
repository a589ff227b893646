"""Values in XML that we write as text: what a parser reads is what was given, and the form is the canonical one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crypto.canonical import canonical_octets
from crypto.markup import attribute, text

VALUES = st.text(
    st.one_of(
        st.sampled_from("<>&'\"\t\n\r]]> \u00e9\ufffd\U0001f600"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=0x20),
    )
)


@given(VALUES)
def test_a_text_is_read_as_it_was_written(value: str) -> None:
    element = etree.fromstring(f"<a>{text(value)}</a>".encode())

    assert (element.text or "") == value
    assert canonical_octets(element) == f"<a>{text(value)}</a>".encode()


@given(VALUES)
def test_an_attribute_is_read_as_it_was_written(value: str) -> None:
    written = f'<a b="{attribute(value)}"></a>'.encode()
    element = etree.fromstring(written)

    assert element.get("b") == value
    assert canonical_octets(element) == written


@pytest.mark.parametrize("write", [text, attribute])
@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_not_written(write: object, character: str) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match="does not allow"):
        write(f"a{character}b")
