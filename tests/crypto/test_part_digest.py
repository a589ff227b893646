"""Digests of parts by the SwA content rules: S39, S40, S41, DS-24."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crypto import names
from crypto.digest import DIGESTS, PartDigest
from crypto.elements import Element

PRETTY = b'<?xml version="1.0"?>\n<a  b = "1"\n xmlns:unused="urn:x"><!-- gone --><c/></a>\n'
CANONICAL = b'<a b="1"><c></c></a>'


def sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def parse_xml(octets: bytes) -> Element | None:
    try:
        return etree.fromstring(octets)
    except etree.XMLSyntaxError:
        return None


def digest_of(octets: bytes, mime_type: str, step: int = 1000) -> PartDigest:
    digest = PartDigest(names.SHA256, mime_type, parse_xml=parse_xml)
    for at in range(0, len(octets), step):
        digest.update(octets[at : at + step])
    return digest


@pytest.mark.parametrize(
    ("clause", "mime_type", "octets", "digested"),
    [
        ("S39", "text/xml", PRETTY, CANONICAL),
        ("S39", "application/xml; charset=UTF-8", PRETTY, CANONICAL),
        ("S39", "Application/Soap+XML", PRETTY, CANONICAL),
        ("S39", "image/svg+xml", PRETTY, CANONICAL),
        ("S39-not-xml", "text/xml", b"no xml", b"no xml"),
        ("S39-no-canonical-form", "text/xml", b'<a xmlns="b"/>', b'<a xmlns="b"/>'),
        ("S39-other-xml", "text/x+xml", b"a\nb", b"a\r\nb"),
        ("S40", "text/plain", b"a\nb\rc\r\nd\r\r\n\n", b"a\r\nb\r\nc\r\nd\r\n\r\n\r\n"),
        ("S40", "text/csv;header=present", b"\n", b"\r\n"),
        ("S41", "application/gzip", b"a\nb", b"a\nb"),
        ("S41", "application/octet-stream", PRETTY, PRETTY),
        ("S41", "", b"a\nb", b"a\nb"),
        ("S41", "application/xml-dtd", b"<a/>", b"<a/>"),
    ],
)
def test_a_part_is_digested_by_the_rule_for_its_type(
    clause: str, mime_type: str, octets: bytes, digested: bytes
) -> None:
    for step in (1, 1000):
        digest = digest_of(octets, mime_type, step)
        assert digest.finish() == sha256(digested)
        assert digest.octets == len(octets)


@pytest.mark.parametrize(("mime_type", "octets"), [("text/xml", PRETTY), ("text/plain", b"a\nb")])
def test_S39_S40_a_digest_over_the_plain_octets_counts_as_well(mime_type: str, octets: bytes) -> None:
    digest = digest_of(octets, mime_type)
    assert digest.matches(sha256(octets))
    assert digest.matches(digest.finish())
    assert digest.as_it_is() == sha256(octets) != digest.finish()
    assert not digest.matches(sha256(octets + b"\n"))
    assert not digest.matches(b"")


def test_without_a_parser_an_xml_part_is_digested_as_it_is() -> None:
    digest = PartDigest(names.SHA256, "text/xml")
    digest.update(PRETTY)
    assert digest.finish() == sha256(PRETTY)


@pytest.mark.parametrize("uri", DIGESTS)
def test_every_digest_of_the_table_has_the_size_it_says(uri: str) -> None:
    digest = PartDigest(uri)
    assert len(digest.finish()) == DIGESTS[uri].octets == len(DIGESTS[uri].digest(b""))
    assert digest.matches(DIGESTS[uri].digest(b""))


@given(st.lists(st.binary(max_size=5).map(lambda each: bytes(b"\r\nab"[octet % 4] for octet in each))))
def test_line_ends_do_not_depend_on_how_the_part_was_cut(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    digest = PartDigest(names.SHA256, "text/plain")
    for chunk in chunks:
        digest.update(chunk)
    assert digest.finish() == sha256(b"\r\n".join(whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")))
