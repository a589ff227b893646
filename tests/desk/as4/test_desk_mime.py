"""The browser reads multipart/related as the hub does: the same vectors, and the same verdict on mutants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.browser.asking import Refused, asked
from support.messages.mime_vectors import BOTH, FAULTS, VECTORS, Part, Vector

from gateway.ebms.media_type import MimeFault, parse_content_type
from gateway.ebms.mime import MultipartReader, PartBegin, PartData

# The hub writes parts as they are; what a reader of strangers undoes is refused here.
ENCODED = {
    "a-length-is-that-of-the-wire",
    "T16-MI-07-base64",
    "C16-base64-empty",
    "T16-MI-07-quoted-printable",
}


def read_mime(content_type: str, body: bytes) -> list[Part]:
    found = asked().ask("mime", octets=body, contentType=content_type)
    return [
        Part(
            content_id=each["contentId"],
            octets=each["octets"],
            media_type=each["mediaType"] and each["mediaType"]["type"],
            root=each["root"],
        )
        for each in found
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_parts_are_read_as_the_hub_reads_them(vector: Vector) -> None:
    if vector.name in ENCODED:
        with pytest.raises(Refused, match="Content-Transfer-Encoding"):
            read_mime(vector.content_type, vector.body)
    else:
        assert read_mime(vector.content_type, vector.body) == list(vector.parts)


@pytest.mark.parametrize(("content_type", "body"), [row[1:3] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_broken_mime_is_refused_MI(content_type: str, body: bytes) -> None:
    with pytest.raises(Refused, match=r"^mime: "):
        read_mime(content_type, body)


def hub_reads(content_type: str, body: bytes) -> list[Part] | None:
    """What the reader of the hub makes of it; None for a fault."""
    parts: list[Part] = []
    try:
        reader = MultipartReader(parse_content_type(content_type))
        for event in reader.feed(body):
            if isinstance(event, PartBegin):
                media_type = event.media_type.type if event.media_type else None
                parts.append(Part(content_id=event.content_id, octets=b"", media_type=media_type, root=event.root))
            elif isinstance(event, PartData):
                last = parts.pop()
                parts.append(
                    Part(
                        content_id=last.content_id,
                        octets=last.octets + event.octets,
                        media_type=last.media_type,
                        root=last.root,
                    )
                )
        reader.close()
    except MimeFault:
        return None
    return parts


@given(
    vector=st.sampled_from([each for each in VECTORS[:20] if each.name not in ENCODED]),
    changes=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from([b"", b"\r\n", b"\n", b"-", b"--b", b"--b--", b":", b" ", b"\0", b"%41"]),
        ),
        max_size=3,
    ),
)
def test_a_mutant_has_one_meaning_for_both_readers(vector: Vector, changes: list[tuple[int, bytes]]) -> None:
    body = vector.body
    for place, inserted in changes:
        place %= len(body)
        body = body[:place] + inserted + body[place + (inserted == b"") :]
    try:
        found: list[Part] | None = read_mime(vector.content_type, body)
    except Refused:
        found = None
    assert found == hub_reads(vector.content_type, body)


def test_no_more_parts_are_read_than_are_asked_for() -> None:
    with pytest.raises(Refused, match="too many parts"):
        asked().ask("mime", octets=BOTH, contentType='multipart/related; boundary="b"', parts=1)
