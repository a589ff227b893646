"""The opener of parts: what was sent comes out however it is cut, and of several faults the first in order is told."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.messages.part_vectors import DOCUMENT, IV, KEY, PRETTY, TAG_OCTETS, VECTORS, Kept, PartVector, cut
from support.messages.units import USER_MESSAGE

from crypto import names as security_names
from gateway.ebms.errors import EbmsError, FailedAuthentication, ProcessingModeMismatch
from gateway.ebms.gzip import DEFAULT_RATIO, FREE_OCTETS
from gateway.ebms.media_type import parse_content_type
from gateway.ebms.mime import PartBegin
from gateway.ebms.model import PartInfo
from gateway.ebms.part_opener import Inflation, OpeningPart, PartOpener

MiB = 1024 * 1024
CUTS = pytest.mark.parametrize("size", [0, 1], ids=["whole", "octet by octet"])


def opener(
    *vectors: PartVector,
    content: Callable[[PartInfo, int], Kept] | None = None,
    inflation: Inflation | None = None,
    methods: tuple[str, ...] = (),
    parse_xml: bool = True,
    undeclared_refused: bool = True,
) -> PartOpener:
    return PartOpener(
        replace(USER_MESSAGE, parts=tuple(each.info for each in vectors)),
        {each.content_id: each.reference for each in vectors},
        keys={each.content_id: KEY for each in vectors if each.encrypted},
        mime_types={each.content_id: each.wire_type for each in vectors if each.encrypted},
        content=content,
        inflation=inflation or Inflation(octets=64 * MiB, ratio=DEFAULT_RATIO),
        methods=methods,
        parse_xml=parse_xml,
        undeclared_refused=undeclared_refused,
    )


def begin(parts: PartOpener, vector: PartVector) -> OpeningPart:
    media_type = parse_content_type(vector.media_type)
    part = parts.begin(PartBegin(root=False, content_id=vector.content_id, media_type=media_type))
    assert part is not None
    return part


def opened(parts: PartOpener, vector: PartVector, pieces: Iterable[bytes]) -> bytes:
    """The octets as they were signed, of a part that was judged whole."""
    part = begin(parts, vector)
    plain = b"".join([part.feed(each) for each in pieces])
    part.close()
    return plain


@CUTS
@pytest.mark.parametrize("vector", VECTORS, ids=lambda each: each.name)
def test_a_part_that_holds_comes_out_however_it_is_cut(vector: PartVector, size: int) -> None:
    kept = Kept()
    parts = opener(vector, content=lambda info, place: kept)
    assert opened(parts, vector, cut(vector.sent, size)) == vector.octets
    parts.close()
    assert kept.octets == vector.content
    assert kept.finished
    assert kept.told == parts.parts[vector.content_id].octets == len(vector.octets)


@given(st.binary(max_size=3000), st.lists(st.integers(1, 700)), st.booleans(), st.booleans())
def test_any_octets_in_any_pieces_come_out(content: bytes, sizes: list[int], compressed: bool, encrypted: bool) -> None:
    vector = DOCUMENT.changed("any", content=content, compressed=compressed, encrypted=encrypted, mime_type="a/b")
    pieces, rest = [], vector.sent
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    kept = Kept()
    assert opened(opener(vector, content=lambda info, place: kept), vector, [*pieces, rest]) == vector.octets
    assert kept.octets == content


TORN = gzip.compress(b"x" * 500)[:-3]
FAULTS = {
    # name: (the part, what goes over the wire instead of it, code, a word of the detail)
    "one bit of the tag": (DOCUMENT, lambda sent: sent[:-1] + bytes([sent[-1] ^ 1]), "EBMS:0102", "encrypted"),
    "one bit of the ciphertext": (
        DOCUMENT,
        lambda sent: sent[:40] + bytes([sent[40] ^ 1]) + sent[41:],
        "EBMS:0102",
        "encrypted",
    ),
    "cut off": (DOCUMENT, lambda sent: sent[:-5], "EBMS:0102", "encrypted"),
    "shorter than IV and tag": (DOCUMENT, lambda sent: sent[: 12 + TAG_OCTETS - 1], "EBMS:0102", "shorter"),
    "no octet of an encrypted part": (DOCUMENT, lambda sent: b"", "EBMS:0102", "shorter"),
    "other octets than were signed": (
        DOCUMENT,
        lambda sent: DOCUMENT.changed("other", content=b"<other/>").sent,
        "EBMS:0101",
        "digest",
    ),
    "broken gzip": (DOCUMENT.changed("torn", plain=TORN), lambda sent: sent, "EBMS:0303", "truncated"),
    "no gzip": (DOCUMENT.changed("none", plain=b"<a/>"), lambda sent: sent, "EBMS:0303", "not gzip"),
    "too much once inflated": (
        DOCUMENT.changed("much", content=bytes(2001)),
        lambda sent: sent,
        "EBMS:0303",
        "larger than allowed",
    ),
    # Several faults at once: tag before digest before gzip.
    "tag, digest and gzip": (
        DOCUMENT.changed("all", plain=TORN, signed_as=b"else"),
        lambda sent: sent[:-1] + bytes([sent[-1] ^ 1]),
        "EBMS:0102",
        "encrypted",
    ),
    "tag and gzip": (
        DOCUMENT.changed("tag", plain=TORN),
        lambda sent: sent[:-1] + bytes([sent[-1] ^ 1]),
        "EBMS:0102",
        "encrypted",
    ),
    "digest and gzip": (
        DOCUMENT.changed("digest", plain=TORN, signed_as=b"else"),
        lambda sent: sent,
        "EBMS:0101",
        "digest",
    ),
    "digest and gzip, in clear": (
        DOCUMENT.changed("clear", plain=TORN, signed_as=b"else", encrypted=False),
        lambda sent: sent,
        "EBMS:0101",
        "digest",
    ),
    "digest and size": (
        DOCUMENT.changed("size", content=bytes(2001), signed_as=b"else"),
        lambda sent: sent,
        "EBMS:0101",
        "digest",
    ),
}


@CUTS
@pytest.mark.parametrize("name", FAULTS)
def test_of_several_faults_the_first_in_order_is_told_at_the_end(name: str, size: int) -> None:
    vector, change, code, word = FAULTS[name]
    kept = Kept()
    parts = opener(vector, content=lambda info, place: kept, inflation=Inflation(octets=2000, ratio=DEFAULT_RATIO))
    part = begin(parts, vector)
    for piece in cut(change(vector.sent), size):
        part.feed(piece)  # silent, however wrong it is
    with pytest.raises(EbmsError) as caught:
        part.close()
    assert caught.value.code == code
    assert word in caught.value.detail
    assert not kept.finished
    assert len(kept.octets) <= 2000


@pytest.mark.parametrize("size", [0, 1000, 65_536])
def test_C12_a_part_grows_a_hundredfold_beyond_what_is_free_and_no_more(size: int) -> None:
    bomb = DOCUMENT.changed("bomb", content=bytes(FREE_OCTETS + 16 * MiB))
    longest = 0

    class Measured(Kept):
        def write(self, octets: bytes) -> bool:
            nonlocal longest
            longest = max(longest, len(octets))
            return True

    parts = opener(bomb, content=lambda info, place: Measured())
    part = begin(parts, bomb)
    for piece in cut(bomb.sent, size):
        part.feed(piece)
    with pytest.raises(EbmsError, match="beyond the allowed ratio"):
        part.close()
    assert longest <= 256 * 1024, "one step at a time, however much a piece unfolds to"


@CUTS
def test_what_is_inflated_counts_for_all_parts_together_or_for_each_alone(size: int) -> None:
    one, other = (
        DOCUMENT.changed("one", content=bytes(1200)),
        DOCUMENT.changed("other", content=b"1" * 900, iv=IV[::-1]),
    )
    each = opener(one, other, content=lambda info, place: Kept(), inflation=Inflation(octets=2000, ratio=9, each=True))
    for vector in (one, other):
        opened(each, vector, cut(vector.sent, size))
    each.close()
    together = opener(one, other, content=lambda info, place: Kept(), inflation=Inflation(octets=2000, ratio=9))
    opened(together, one, cut(one.sent, size))
    with pytest.raises(EbmsError, match="larger than allowed"):
        opened(together, other, cut(other.sent, size))


@CUTS
@pytest.mark.parametrize("compressed", [True, False])
def test_H52_nothing_is_inflated_or_judged_as_gzip_beyond_what_is_wanted(size: int, compressed: bool) -> None:
    large = DOCUMENT.changed("large", content=bytes(MiB), mime_type="a/b", compressed=compressed)
    if compressed:
        large = large.changed("torn", plain=large.octets[:-4])
    kept = Kept(100)
    parts = opener(large, content=lambda info, place: kept)
    sent = large.sent
    with pytest.raises(ProcessingModeMismatch, match="too large"):
        opened(parts, large, cut(sent, size) if compressed else cut(sent, 999))
    assert len(kept.octets) <= 256 * 1024 or not compressed
    forged = large.changed("forged", signed_as=b"else")
    with pytest.raises(FailedAuthentication):
        opened(opener(forged, content=lambda info, place: Kept(100)), forged, [forged.sent])


def test_without_a_content_no_part_is_inflated() -> None:
    torn = DOCUMENT.changed("torn", plain=TORN)
    parts = opener(torn)
    assert opened(parts, torn, [torn.sent]) == TORN
    assert parts.parts[torn.content_id].inflated_octets == 0


def test_a_content_may_refuse_a_part_by_how_much_of_it_came() -> None:
    class Bounded(Kept):
        def came(self, octets: int) -> None:
            if octets > 10:
                raise ProcessingModeMismatch(detail="too much came")

    part = begin(opener(DOCUMENT, content=lambda info, place: Bounded()), DOCUMENT)
    assert len(part.feed(DOCUMENT.sent[: 12 + TAG_OCTETS + 10])) == 10
    with pytest.raises(ProcessingModeMismatch, match="too much came"):
        part.feed(DOCUMENT.sent[12 + TAG_OCTETS + 10 :])


def test_a_part_is_digested_by_every_method_that_is_asked_for() -> None:
    parts = opener(DOCUMENT, methods=(security_names.SHA256, security_names.SHA512))
    opened(parts, DOCUMENT, [DOCUMENT.sent])
    digests = parts.parts[DOCUMENT.content_id].digests
    assert {method: each.finish() for method, each in digests.items()} == {
        security_names.SHA256: hashlib.sha256(DOCUMENT.octets).digest(),
        security_names.SHA512: hashlib.sha512(DOCUMENT.octets).digest(),
    }


def test_an_xml_part_is_held_for_its_canonical_form_only_where_that_is_asked_for() -> None:
    spelt = next(each for each in VECTORS if each.name == "XML in its canonical form")
    opened(opener(spelt), spelt, [spelt.sent])
    with pytest.raises(FailedAuthentication):
        opened(opener(spelt, parse_xml=False), spelt, [spelt.sent])


def test_two_parts_under_one_key_have_two_ivs() -> None:
    one, other = DOCUMENT.changed("one"), DOCUMENT.changed("other", content=PRETTY)
    parts = opener(one, other)
    opened(parts, one, [one.sent])
    with pytest.raises(EbmsError, match="one IV") as caught:
        opened(parts, other, [other.sent])
    assert caught.value.code == "EBMS:0103"


@pytest.mark.parametrize("content_id", [None, "another@tests.example"])
def test_a_part_that_no_part_info_declares_is_refused_or_dropped(content_id: str | None) -> None:
    event = PartBegin(root=False, content_id=content_id, media_type=None)
    with pytest.raises(EbmsError) as caught:
        opener(DOCUMENT).begin(event)
    assert caught.value.code == "EBMS:0007"
    lenient = opener(DOCUMENT, undeclared_refused=False)
    assert lenient.begin(event) is None
    assert lenient.dropped == 1
    opened(lenient, DOCUMENT, [DOCUMENT.sent])
    lenient.close()


def test_a_part_that_comes_twice_is_undeclared_the_second_time() -> None:
    parts = opener(DOCUMENT)
    opened(parts, DOCUMENT, [DOCUMENT.sent])
    with pytest.raises(EbmsError) as caught:
        begin(parts, DOCUMENT)
    assert caught.value.code == "EBMS:0007"


def test_a_declared_part_that_did_not_come_is_missed_at_the_end() -> None:
    other = DOCUMENT.changed("other", iv=IV[::-1])
    parts = opener(DOCUMENT, other)
    opened(parts, other, [other.sent])
    with pytest.raises(EbmsError) as caught:
        parts.close()
    assert caught.value.code == "EBMS:0011"


def test_parts_may_come_in_another_order_than_they_are_declared_in() -> None:
    other = DOCUMENT.changed("other", iv=IV[::-1])
    places: list[tuple[PartInfo, int]] = []

    def content(info: PartInfo, place: int) -> Kept:
        places.append((info, place))
        return Kept()

    parts = opener(DOCUMENT, other, content=content)
    for vector in (other, DOCUMENT):
        opened(parts, vector, [vector.sent])
    parts.close()
    assert places == [(other.info, 1), (DOCUMENT.info, 0)]
