"""Exclusive canonicalization: what the library underneath does not do by itself (S26)."""

from __future__ import annotations

import subprocess
import sys
from threading import Thread

import pytest
from lxml import etree

from crypto.canonical import canonical_octets
from crypto.elements import Element
from crypto.faults import FailedAuthentication

DOCUMENT = '<s:a xmlns:s="urn:s" xmlns="urn:d" xmlns:q="urn:q"><s:b><s:c/><d/></s:b><!-- after --></s:a>'
PLAIN = b'<s:b xmlns:s="urn:s"><s:c></s:c><d xmlns="urn:d"></d></s:b>'
WITH_DEFAULT = b'<s:b xmlns="urn:d" xmlns:s="urn:s"><s:c></s:c><d></d></s:b>'
WITH_BOTH = b'<s:b xmlns="urn:d" xmlns:q="urn:q" xmlns:s="urn:s"><s:c></s:c><d></d></s:b>'


@pytest.mark.parametrize(
    ("prefixes", "canonical"),
    [
        ([], PLAIN),
        (["s"], PLAIN),
        (["absent"], PLAIN),
        (["#default"], WITH_DEFAULT),
        (["q", "#default"], WITH_BOTH),
    ],
)
def test_S26_a_prefix_list_adds_what_it_names(prefixes: list[str], canonical: bytes) -> None:
    assert canonical_octets(etree.fromstring(DOCUMENT)[0], prefixes) == canonical


def test_S26_default_is_honoured_in_a_document_of_another_thread() -> None:
    parsed: list[Element] = []
    seen: list[bytes] = []
    for work in (
        lambda: parsed.append(etree.fromstring(DOCUMENT)),
        lambda: seen.append(canonical_octets(parsed[0][0], ["#default"])),
    ):
        thread = Thread(target=work)
        thread.start()
        thread.join()
    assert [*seen, canonical_octets(parsed[0][0], ["#default"])] == [WITH_DEFAULT] * 2


def test_S26_default_is_honoured_in_a_fresh_process() -> None:
    program = (
        "import sys; from lxml import etree; document = etree.fromstring(sys.argv[1]);"
        "from crypto.canonical import canonical_octets;"
        "sys.stdout.buffer.write(canonical_octets(document[0], ['#default']))"
    )
    answer = subprocess.run([sys.executable, "-c", program, DOCUMENT], capture_output=True, check=True)
    assert answer.stdout == WITH_DEFAULT


def test_what_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(FailedAuthentication):
        canonical_octets(etree.fromstring('<a xmlns="relative/name"/>'))
