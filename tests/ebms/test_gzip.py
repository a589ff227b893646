"""Gzip of parts: what goes in comes out, and what is wrong with it is told at the end."""

from __future__ import annotations

import gzip
import hashlib
import random
import struct
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.messages.gzip_vectors import BAD, BOMB, GOOD, PLAIN, SALT, MiB, member
from support.messages.mime_vectors import wire
from support.messages.whole_parts import compress
from support.published.reference import reference

from gateway.ebms import gzip as ours
from gateway.ebms.gzip import FREE_OCTETS, STEP_OCTETS, Deflater, GzipFault, Inflater
from gateway.ebms.mime import MultipartReader, PartBegin, PartData, parse_content_type


def inflate(octets: bytes, size: int = 0, limit: int = 64 * MiB, ratio: int = 100) -> tuple[bytes, str | None]:
    """What came out, and the reason of the fault if any; fed in portions of a size, or whole."""
    inflater = Inflater(limit, ratio=ratio)
    out = bytearray()
    size = size or max(1, len(octets))
    for begin in range(0, len(octets), size):
        for piece in inflater.feed(octets[begin : begin + size]):
            assert 0 < len(piece) <= STEP_OCTETS
            out += piece
    assert inflater.octets_in <= len(octets)
    assert inflater.octets_out == len(out)
    try:
        inflater.finish()
    except GzipFault as fault:
        return bytes(out), fault.reason
    assert inflater.fault is None
    return bytes(out), None


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("case", GOOD)
def test_gzip_is_read_however_it_arrives(case: str, size: int) -> None:
    octets, content = GOOD[case]
    assert inflate(octets, size) == (content, None)
    assert (gzip.decompress(octets) if octets else b"") == content


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_told_at_the_end(case: str, size: int) -> None:
    octets, reason = BAD[case]
    told = inflate(octets, size)[1]
    assert told is not None
    assert reason in told


def test_a_fault_is_held_back_while_feeding_goes_on() -> None:
    inflater = Inflater(MiB)
    assert list(inflater.feed(PLAIN + b"rommel")) == [b"hallo"]
    fault = inflater.fault
    assert fault is not None
    assert list(inflater.feed(PLAIN * 100)) == []
    with pytest.raises(GzipFault) as caught:
        inflater.finish()
    assert caught.value is fault


@pytest.mark.parametrize("size", [0, 1, 1_000])
def test_the_limit_is_exact(size: int) -> None:
    content = bytes(range(250)) * 8
    octets = compress(content, salt=SALT)
    assert inflate(octets, size, limit=2_000) == (content, None)
    out, reason = inflate(octets, size, limit=1_999)
    assert out == content[:1_999]
    assert reason == "larger than allowed"
    assert inflate(compress(b"", salt=SALT), size, limit=0) == (b"", None)


@pytest.mark.parametrize("size", [0, 1_000, 65_536])
def test_C12_EN_12_a_bomb_is_stopped_by_its_ratio(size: int) -> None:
    out, reason = inflate(BOMB, size, limit=1 << 40)
    assert reason == "inflates beyond the allowed ratio"
    assert len(out) <= FREE_OCTETS + 100 * 65_536
    assert inflate(BOMB, size, limit=1 << 40, ratio=2_000)[1] is None


def test_the_ratio_counts_above_32_MiB_only() -> None:
    octets = gzip.compress(bytes(32 * MiB))
    assert inflate(octets, limit=1 << 40, ratio=1) == (bytes(32 * MiB), None)
    beyond = gzip.compress(bytes(33 * MiB))
    assert len(beyond) < 64 * 1024
    assert inflate(beyond, limit=1 << 40, ratio=1)[1] == "inflates beyond the allowed ratio"


def test_a_scan_of_white_pages_is_no_bomb() -> None:
    page = b"\xff" * 3_860_000 + b"\0" * 14_000
    assert inflate(compress(page * 3, salt=SALT)) == (page * 3, None)


WHITE = bytes(MiB)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((WHITE,) * 130, id="white"),
        pytest.param((WHITE, random.Random(1).randbytes(5_000)) * 120, id="white-and-grey"),
        pytest.param((WHITE,) * 70 + (random.Random(2).randbytes(MiB),) + (WHITE,) * 60, id="white-grey-white"),
        pytest.param((b"abc" * 70_001,) * 700, id="a-pattern"),
    ],
)
@pytest.mark.parametrize("library", ["fast", "zlib"])
def test_what_the_deflater_writes_is_never_a_bomb_to_the_inflater(
    pieces: tuple[bytes, ...], library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library == "zlib":
        monkeypatch.setattr(ours, "_deflate", zlib)
    deflater, inflater, judge = Deflater(SALT), Inflater(1 << 40), zlib.decompressobj(31)
    told, seen = hashlib.sha256(), hashlib.sha256()
    written = 0
    for piece in (*pieces, None):
        octets = deflater.finish() if piece is None else deflater.feed(piece)
        told.update(piece or b"")
        written += len(octets)
        for inflated in inflater.feed(octets):
            seen.update(inflated)
        assert judge.decompress(octets) is not None
    inflater.finish()
    assert judge.eof
    assert not judge.unused_data
    assert seen.digest() == told.digest()
    assert written < inflater.octets_out / 30


@pytest.mark.parametrize("library", ["fast", "zlib"])
@pytest.mark.parametrize("content", [bytes(300_000), random.Random(3).randbytes(200_000), b"hallo daar " * 20_000])
def test_the_gzip_octets_do_not_depend_on_how_the_part_was_read(
    content: bytes, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library == "zlib":
        monkeypatch.setattr(ours, "_deflate", zlib)
    whole = compress(content, salt=SALT)
    for size in (99, 4_096, 65_535, 65_536, 100_001):
        deflater = Deflater(SALT)
        pieces = [deflater.feed(content[at : at + size]) for at in range(0, len(content), size)]
        assert b"".join(pieces) + deflater.finish() == whole


NOISE = random.Random(7).randbytes(40 * 65_535)
WORDS = b"hallo daar " * (20 * 65_535 // 11)


@pytest.mark.parametrize("library", ["fast", "zlib"])
def test_what_is_compressed_already_is_stored_and_what_follows_is_deflated_again(
    library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if library == "zlib":
        monkeypatch.setattr(ours, "_deflate", zlib)
    stored, mixed = compress(NOISE, salt=SALT), compress(NOISE + WORDS, salt=SALT)
    assert len(stored) < len(NOISE) + 41 * 10 + 60, "a block's own head, and a flush, for each block"
    assert NOISE[65_535 * 20 : 65_535 * 21] in stored, "as it is"
    assert len(mixed) - len(stored) < 17 * 65_535, "what pays is found again within sixteen blocks"
    assert gzip.decompress(stored) == NOISE
    assert gzip.decompress(mixed) == NOISE + WORDS
    assert inflate(mixed) == (NOISE + WORDS, None)


@given(blocks=st.lists(st.sampled_from(["noise", "words", "nothing"]), max_size=36), rest=st.integers(0, 70_000))
@settings(max_examples=15, deadline=None)
def test_blocks_that_pay_and_that_do_not_are_inflated_whatever_their_order(blocks: list[str], rest: int) -> None:
    kinds = {"noise": NOISE[:65_535], "words": WORDS[:65_535], "nothing": bytes(65_535)}
    content = b"".join(kinds[each] for each in blocks) + NOISE[:rest]
    assert gzip.decompress(compress(content, salt=SALT)) == content


@pytest.mark.parametrize(
    ("limit", "named"), [(1 << 40, ("100 times", "above 32 MiB")), (20 * MiB, (f"{20 * MiB} bytes",))]
)
def test_the_refusal_names_the_limit_that_was_passed(limit: int, named: tuple[str, ...]) -> None:
    inflater = Inflater(limit)
    for _ in inflater.feed(BOMB):
        pass
    with pytest.raises(GzipFault) as refused:
        inflater.finish()
    assert refused.value.public is not None
    assert all(each in refused.value.public.en for each in named)
    assert refused.value.public.nl


@pytest.mark.parametrize("size", [0, 65_536, 7_777])
def test_C12_a_bomb_is_stopped_by_the_limit_with_flat_memory(size: int) -> None:
    inflater = Inflater(20 * MiB, ratio=10_000)
    tracemalloc.start()
    try:
        seen = 0
        size = size or len(BOMB)
        for begin in range(0, len(BOMB), size):
            for piece in inflater.feed(BOMB[begin : begin + size]):
                seen += len(piece)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == 20 * MiB
    assert peak < 4 * MiB
    with pytest.raises(GzipFault, match="larger than allowed"):
        inflater.finish()


@pytest.mark.parametrize(
    "octets",
    [member(b"") * 200_000, PLAIN + b"\x1f" * 4_000_000, member(flags=0x08, rest=b"n" * 4_000_000)],
    ids=["tiny-members", "trailing", "name-without-end"],
)
def test_refusing_is_quick_however_the_octets_look(octets: bytes) -> None:
    before = time.thread_time()
    assert inflate(octets)[1] is not None
    assert time.thread_time() - before < 0.25


@given(content=st.binary(max_size=5_000), salt=st.binary(min_size=16, max_size=16), size=st.integers(0, 700))
def test_what_was_compressed_is_inflated(content: bytes, salt: bytes, size: int) -> None:
    octets = compress(content, salt=salt)
    assert gzip.decompress(octets) == content
    assert inflate(octets, size) == (content, None)
    deflater = Deflater(salt)
    streamed = b"".join(deflater.feed(content[n : n + 99]) for n in range(0, len(content), 99)) + deflater.finish()
    assert gzip.decompress(streamed) == content


def test_the_salt_stands_in_one_extra_field_and_changes_the_digest() -> None:
    octets = compress(b"hallo", salt=SALT)
    magic, method, flags, moment, _, _ = struct.unpack_from("<HBBIBB", octets)
    assert (magic, method, flags, moment) == (0x8B1F, 8, 0x04, 0)
    length, subfield, size = struct.unpack_from("<H2sH", octets, 10)
    assert (length, subfield, size) == (20, b"KP", 16)
    assert octets[16:32] == SALT
    assert zlib.decompressobj(-15).decompress(octets[32:]) == b"hallo"
    assert compress(b"hallo", salt=SALT) == octets
    assert compress(b"hallo", salt=SALT[::-1]) != octets


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="16 octets"):
        compress(b"", salt=bytes(length))


@given(
    octets=st.sampled_from([octets for octets, _ in GOOD.values() if 0 < len(octets) < 500]),
    changes=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=3),
    cut=st.integers(0, 500),
    size=st.integers(0, 20),
)
def test_altered_gzip_gives_what_the_standard_library_gives_or_a_fault(
    octets: bytes, changes: list[tuple[int, int]], cut: int, size: int
) -> None:
    altered = bytearray(octets)
    for place, value in changes:
        altered[place % len(altered)] = value
    mutant = bytes(altered[:cut] if cut < len(altered) else altered)
    out, reason = inflate(mutant, size)
    whole, same_reason = inflate(mutant)
    assert same_reason == reason
    if reason is None:
        assert (gzip.decompress(mutant) if mutant else b"") == out == whole


@given(data=st.binary(max_size=60), prefix=st.sampled_from([b"", b"\x03", b"\x05", b"\x4b\x4c", b"\xed\xbd", b"\x01"]))
def test_the_fast_library_and_zlib_agree_on_any_deflate_data(data: bytes, prefix: bytes) -> None:
    octets = PLAIN[:10] + prefix + data
    fast = inflate(octets, ratio=10_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ours, "_deflate", zlib)
        slow = inflate(octets, ratio=10_000)
    assert (fast[1] is None) == (slow[1] is None)
    assert fast[1] is not None or fast[0] == slow[0]


def test_without_the_fast_library_the_octets_are_understood_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"hallo daar " * 1_000
    fast = compress(content, salt=SALT)
    monkeypatch.setattr(ours, "_deflate", zlib)
    assert inflate(fast) == (content, None)
    assert inflate(compress(content, salt=SALT)) == (content, None)
    assert [inflate(octets)[1] is None for octets, _ in BAD.values()] == [False] * len(BAD)


@pytest.mark.parametrize("name", ["usermessage-bad-gzip.txt"])
def test_C09_what_another_product_called_gzip_is_refused(name: str) -> None:
    content_type, body = wire(reference("as4", "messages", "negative", name).read_bytes())
    reader = MultipartReader(parse_content_type(content_type))
    inflater: Inflater | None = None
    for event in reader.feed(body):
        if isinstance(event, PartBegin):
            inflater = None if event.root else Inflater(64 * MiB)
        elif isinstance(event, PartData) and inflater is not None:
            assert list(inflater.feed(event.octets)) == []
    reader.close()
    assert inflater is not None
    with pytest.raises(GzipFault):
        inflater.finish()
