"""Reader and writer of multipart/related, driven by one table; whole, cut anywhere, and one octet at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.messages.mime_vectors import BOTH, FAULTS, SOAP, VECTORS, Part, Vector, related, wire
from support.published.reference import reference

from crypto.content_ids import content_id_of, content_id_uri
from gateway.ebms.mime import (
    MimeFault,
    MultipartReader,
    PartBegin,
    PartData,
    content_type_header,
    multipart_head,
    multipart_tail,
    parse_content_type,
    part_head,
)
from gateway.limits import MimeLimits


def read(content_type: str, portions: Iterable[bytes], limits: MimeLimits | None = None) -> list[Part]:
    reader = MultipartReader(parse_content_type(content_type), limits=limits)
    parts: list[Part] = []
    begun: PartBegin | None = None
    octets = b""
    for portion in portions:
        for event in reader.feed(portion):
            if isinstance(event, PartBegin):
                assert begun is None
                begun, octets = event, b""
            elif isinstance(event, PartData):
                assert event.octets
                octets += event.octets
            else:
                assert begun is not None
                media_type = begun.media_type.type if begun.media_type else None
                parts.append(Part(content_id=begun.content_id, octets=octets, media_type=media_type, root=begun.root))
                begun = None
    reader.close()
    assert begun is None
    return parts


def outcome(content_type: str, portions: Iterable[bytes]) -> list[Part] | str:
    try:
        return read(content_type, portions)
    except MimeFault as fault:
        return fault.reason


def octet_by_octet(body: bytes) -> list[bytes]:
    return [body[n : n + 1] for n in range(len(body))]


def cut(body: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % (len(body) + 1) for place in places} | {len(body)})
    return [body[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_message_is_read_the_same_however_it_arrives(vector: Vector) -> None:
    assert read(vector.content_type, [vector.body]) == list(vector.parts)
    assert read(vector.content_type, octet_by_octet(vector.body)) == list(vector.parts)
    assert read(vector.content_type, [b"", vector.body, b""]) == list(vector.parts)


@pytest.mark.parametrize("vector", [each for each in VECTORS if each.ours], ids=lambda vector: vector.name)
def test_the_writer_writes_what_the_reader_reads(vector: Vector) -> None:
    boundary = parse_content_type(vector.content_type).parameters["boundary"]
    root, *others = vector.parts
    assert root.content_id is not None
    written = multipart_head(boundary, root.content_id) + root.octets
    for part in others:
        assert part.content_id is not None
        assert part.media_type is not None
        written += part_head(part.content_id, part.media_type, boundary=boundary) + part.octets
    assert written + multipart_tail(boundary) == vector.body
    assert parse_content_type(content_type_header(boundary, root.content_id)) == parse_content_type(vector.content_type)


@pytest.mark.parametrize(
    ("content_type", "body", "reason"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_broken_message_is_refused_however_it_arrives(content_type: str, body: bytes, reason: str) -> None:
    whole = outcome(content_type, [body])
    assert isinstance(whole, str)
    assert reason in whole
    assert outcome(content_type, octet_by_octet(body)) == whole


@given(
    vector=st.sampled_from(VECTORS[:20]),
    changes=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from([b"", b"\r\n", b"\n", b"-", b"--b", b"--b--", b":", b" ", b"\0", b"%41"]),
        ),
        max_size=3,
    ),
    places=st.lists(st.integers(0, 2_000), max_size=5),
)
def test_a_mutant_has_one_meaning_wherever_it_is_cut(
    vector: Vector, changes: list[tuple[int, bytes]], places: list[int]
) -> None:
    body = vector.body
    for place, inserted in changes:
        place %= len(body)
        body = body[:place] + inserted + body[place + (inserted == b"") :]
    whole = outcome(vector.content_type, [body])
    assert outcome(vector.content_type, cut(body, places)) == whole
    assert outcome(vector.content_type, octet_by_octet(body)) == whole


identifiers = st.text("abcXYZ019@.-_+!$&'()*,/:=?~{}|^`#", min_size=1, max_size=20)


@given(
    contents=st.lists(st.binary(max_size=60) | st.sampled_from([b"\r\n--", b"\r", b"\r\n--x", b"--xyz--"]), max_size=5),
    names=st.lists(identifiers, min_size=6, max_size=6, unique_by=str.casefold),
    boundary=st.text("xyz'()+_,-./:=?", min_size=40, max_size=70),
    places=st.lists(st.integers(0, 2_000), max_size=8),
)
def test_what_was_written_is_read(contents: list[bytes], names: list[str], boundary: str, places: list[int]) -> None:
    written = multipart_head(boundary, names[0]) + b"<e/>"
    for name, octets in zip(names[1:], contents, strict=False):
        written += part_head(name, "application/gzip", boundary=boundary) + octets
    written += multipart_tail(boundary)
    expected = [Part(content_id=names[0], octets=b"<e/>", media_type=SOAP, root=True)] + [
        Part(content_id=name, octets=octets, media_type="application/gzip")
        for name, octets in zip(names[1:], contents, strict=False)
    ]
    assert read(content_type_header(boundary, names[0]), cut(written, places)) == expected


@given(identifiers)
def test_a_content_id_survives_its_url(name: str) -> None:
    assert content_id_of(content_id_uri(name)) == name


def test_a_reader_that_failed_stays_failed() -> None:
    reader = MultipartReader(parse_content_type(related()))
    with pytest.raises(MimeFault, match="goes on"):
        reader.feed(b"--bb\r\n")
    with pytest.raises(MimeFault, match="goes on"):
        reader.feed(BOTH)
    with pytest.raises(MimeFault, match="goes on"):
        reader.close()


def test_limits_are_the_callers() -> None:
    with pytest.raises(MimeFault, match="too many parts"):
        read(related(), [BOTH], MimeLimits(parts=1))
    with pytest.raises(MimeFault, match="too many part headers"):
        read(related(), [BOTH], MimeLimits(part_headers=2))
    with pytest.raises(MimeFault, match="header too long"):
        read(related(), [BOTH], MimeLimits(part_header_octets=64))


def test_no_octet_of_a_large_part_is_held_back_for_long() -> None:
    reader = MultipartReader(parse_content_type(related()))
    reader.feed(BOTH[: BOTH.index(b"payload")])
    handed_out = 0
    for _ in range(64):
        events = reader.feed(b"\r\n--a" * 1_000)
        handed_out += sum(len(event.octets) for event in events if isinstance(event, PartData))
    assert 64 * 5_000 - handed_out < 80


def test_a_line_that_does_not_end_is_not_gathered() -> None:
    reader = MultipartReader(parse_content_type(related()))
    reader.feed(BOTH[: BOTH.index(b"\r\n--b--")] + b"\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
    with pytest.raises(MimeFault, match="line too long"):
        reader.feed(b"a" * 1_100)


@pytest.mark.parametrize(
    "octets",
    [b"\r" * 4_000_000, b"\r\n--" * 1_000_000, b"\r\n--b" * 800_000, b"-" * 4_000_000, b"\n" * 4_000_000],
    ids=["CR", "CRLF--", "nearly", "dashes", "LF"],
)
@pytest.mark.parametrize("begin", [b"", BOTH[: BOTH.index(b"payload")]], ids=["preamble", "part"])
def test_reading_is_quick_however_the_octets_look(begin: bytes, octets: bytes) -> None:
    boundary = "c" if b"\r\n--b" in octets else "b"
    reader = MultipartReader(parse_content_type(related(boundary)))
    before = time.thread_time()
    try:
        for portion in (begin, octets[:1_000_000], octets[1_000_000:]):
            reader.feed(portion)
    except MimeFault:
        pass
    assert time.thread_time() - before < 0.5


def test_octet_by_octet_is_linear() -> None:
    reader = MultipartReader(parse_content_type(related()))
    before = time.thread_time()
    for octet in octet_by_octet(BOTH[: BOTH.index(b"payload")]):
        reader.feed(octet)
    for _ in range(50_000):
        reader.feed(b"\r")
        reader.feed(b"\n")
    assert time.thread_time() - before < 1


@pytest.mark.parametrize(
    ("content_id", "media_type", "boundary"),
    [
        ("a b", "text/xml", "b"),
        ("a>b", "text/xml", "b"),
        ("a%41", "text/xml", "b"),
        ('a"b', "text/xml", "b"),
        ("a\r\nX: y", "text/xml", "b"),
        ("", "text/xml", "b"),
        ("a", "text/xml", "b "),
        ("a", "text/xml", "b\r\n"),
        ("a", "text/xml", ""),
        ("a", "text/xml", "b" * 71),
        ("a", "text/xml\r\nX: y", "b"),
        ("a", "text", "b"),
    ],
)
def test_nothing_is_written_that_could_be_read_otherwise(content_id: str, media_type: str, boundary: str) -> None:
    with pytest.raises((ValueError, MimeFault)):
        part_head(content_id, media_type, boundary=boundary)


@pytest.mark.parametrize(
    ("folder", "name", "parts"),
    [
        ("golden", "usermessage-encrypted-compressed-oaep.as4", 3),
        ("golden", "usermessage-signed-encrypted-ski.as4", 3),
        ("golden", "usermessage-phase4-full-http.as4in", 2),
    ],
)
def test_what_other_products_write_is_taken_apart(folder: str, name: str, parts: int) -> None:
    content_type, octets = wire(reference("as4", "messages", folder, name).read_bytes())
    found = read(content_type, [octets])
    assert len(found) == parts
    assert found[0].root
    assert b"Envelope" in found[0].octets
    assert read(content_type, cut(octets, list(range(0, len(octets), 997)))) == found
