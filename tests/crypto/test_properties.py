"""Properties: whatever is signed verifies, whatever is altered does not."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.keys.pki import identity
from support.messages.envelopes import envelopes
from support.messages.signed_messages import Wire, check, make, open_parts, positions

from crypto import names
from crypto.canonical import canonical_octets
from crypto.digest import PartDigest
from crypto.faults import SecurityFault
from crypto.key_references import KeyReference

_VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="<>")
CONTENT_IDS = st.text(_VISIBLE, min_size=1, max_size=20)
PARTS = st.dictionaries(CONTENT_IDS, st.binary(max_size=300), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    envelope=envelopes(), parts=PARTS, form=st.sampled_from(KeyReference), recipient_form=st.sampled_from(KeyReference)
)
def test_any_message_verifies_and_opens(
    envelope: str, parts: dict[str, bytes], form: KeyReference, recipient_form: KeyReference
) -> None:
    wire = make(
        envelope=envelope,
        parts=parts,
        key_reference=form,
        recipient=identity("hub") if parts else None,
        encrypted_reference=recipient_form,
    )
    verified = check(wire)
    opened = open_parts(wire)
    assert opened == parts
    for content_id, reference in verified.part_digests.items():
        digest = PartDigest(reference.digest_method, "application/gzip")
        digest.update(opened[content_id])
        assert digest.matches(reference.digest_value)


GOOD = make(parts={"one@knooppunt.example": b"octets"})


def meaning(wire: Wire) -> tuple[bytes, bytes]:
    """What a receiver goes on with."""
    where = positions(wire.document())
    return canonical_octets(where.messaging), canonical_octets(where.body)


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, len(GOOD.envelope) - 1), bit=st.integers(0, 7))
def test_DS_19_a_flipped_bit_is_refused_or_changes_nothing_that_was_signed(at: int, bit: int) -> None:
    octets = bytearray(GOOD.envelope)
    octets[at] ^= 1 << bit
    flipped = replace(GOOD, envelope=bytes(octets))
    try:
        flipped.document()
        positions(flipped.document())
    except (etree.XMLSyntaxError, AssertionError):
        return
    try:
        verified = check(flipped)
    except SecurityFault:
        return
    assert meaning(flipped) == meaning(GOOD)
    assert verified.references == check(GOOD).references


def test_DS_19_a_flipped_bit_in_every_octet_of_the_signed_parts_is_refused() -> None:
    begin = GOOD.envelope.index(b"<ds:SignedInfo>")
    end = GOOD.envelope.index(b"</ds:SignatureValue>")
    refused = 0
    for at in range(begin, end):
        octets = bytearray(GOOD.envelope)
        octets[at] ^= 1
        flipped = replace(GOOD, envelope=bytes(octets))
        try:
            check(flipped)
        except (SecurityFault, etree.XMLSyntaxError):
            refused += 1
    assert refused == end - begin


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_rearrangement_of_the_security_header_is_accepted_unchanged_or_refused_as_a_fault(
    data: st.DataObject,
) -> None:
    """Elements and attributes dropped, doubled and moved about: no exception but ours, no other content verified."""
    document = GOOD.document()
    for _ in range(data.draw(st.integers(1, 3))):
        everything = list(document.iter("*"))[1:]
        if not everything:
            break
        element = everything[data.draw(st.integers(0, len(everything) - 1))]
        action = data.draw(st.sampled_from(["drop", "double", "move", "strip", "empty"]))
        parent = element.getparent()
        assert parent is not None
        if action == "drop":
            parent.remove(element)
        elif action == "double":
            parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
        elif action == "move":
            target = everything[data.draw(st.integers(0, len(everything) - 1))]
            if element not in (target, *target.iterancestors()):
                target.append(element)
        elif action == "strip":
            element.attrib.clear()
        else:
            element.clear()
    altered = replace(GOOD, envelope=etree.tostring(document))
    try:
        positions(altered.document())
    except AssertionError:
        return
    try:
        check(altered)
    except SecurityFault:
        return
    assert meaning(altered) == meaning(GOOD)
    assert len(list(altered.document().iter(names.SIGNED_INFO))) >= 1
