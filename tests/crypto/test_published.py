"""A detail repeats names of algorithms that specifications publish, and nothing else that a message says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import names
from crypto.published import PUBLISHED_NAMES, shown
from crypto.suites import SUITES


def test_what_the_suites_accept_is_published() -> None:
    for suite in SUITES.values():
        accepted = {suite.signature.uri, suite.digest.uri, suite.content.uri, names.EXC_C14N}
        accepted |= {each.uri for each in (*suite.accepted_signatures, *suite.accepted_digests)}
        assert accepted <= PUBLISHED_NAMES


@pytest.mark.parametrize(
    "name",
    [
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2001/04/xmlenc#rsa-1_5",
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    ],
)
def test_an_old_algorithm_is_named(name: str) -> None:
    assert name in shown(name)


@pytest.mark.parametrize("name", [None, ""])
def test_none_is_told_as_none(name: str | None) -> None:
    assert shown(name) == "(none is named)"


@given(st.text().map(lambda text: f"CN-{text}"))
def test_anything_else_is_told_by_its_length(value: str) -> None:
    assert value not in shown(value)
    assert str(len(value)) in shown(value)
    assert shown(names.DS + value) == shown(names.DS + "x" * len(value))
