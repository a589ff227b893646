"""Large parts wherever they lie: in files, in rows of a database, in object storage. The first rows are asked of all
three, the others of object storage alone, on a line that fails as a test says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.longer import longer
from support.store import objects
from support.store.engines import ENGINES, PLACES, TestedEngine, as_of
from support.store.objects import Line, line_to
from support.store.store_samples import (
    RECEIVER,
    START,
    TERM,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    sealed_message,
)

from gateway.objects import ObjectsAway
from gateway.objects.s3 import S3Bucket
from gateway.storage import DatabaseRefused
from gateway.store.blobs import CHUNK_OCTETS
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.store.model import Accepted, Duplicate, MessageFilter, Offer
from gateway.store.postgres.objects import PIECE_OCTETS

LARGE = PIECE_OCTETS + 100_000  # of two pieces
ID = "leg2-1@hub.example"


@pytest.fixture(params=sorted(PLACES))
def place(request: pytest.FixtureRequest) -> TestedEngine:
    return PLACES[request.param]


async def offered(store: Any, number: int | str = 1) -> Offer:
    offer = await store.lease(pull(number))
    assert isinstance(offer, Offer)
    return offer


async def is_damaged(store: Any, number: int = 1) -> bool:
    (record,) = await store.messages(MessageFilter(message_id=f"leg2-{number}@hub.example"))
    return bool(record.damaged)


@pytest.mark.parametrize("octets", [65_537, LARGE, *longer(PIECE_OCTETS, PIECE_OCTETS + 1, 3 * PIECE_OCTETS)])
async def test_large_parts_come_out_bit_for_bit_after_a_restart_and_are_gone_after_the_purge(
    place: TestedEngine, tmp_path: Path, octets: int
) -> None:
    store = await place.open(tmp_path / "data")
    assert await accept(store, sealed_message(1), parts_of(1, octets)) == Accepted()
    await store.aclose()
    store = await place.open(tmp_path / "data")
    assert place.count_large_parts(tmp_path / "data") == 1
    offer = await offered(store)
    assert parts_of(1, octets) in await read_whole(store, offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    await store.purge()
    assert place.count_large_parts(tmp_path / "data") == 0
    await store.aclose()


@pytest.mark.parametrize("outcome", ["duplicate", "quota", "fault"])
async def test_a_refused_message_leaves_no_large_parts(place: TestedEngine, tmp_path: Path, outcome: str) -> None:
    store = await place.open(tmp_path / "data")
    await accept(store, sealed_message(1))
    number = 2 if outcome == "quota" else 1
    acceptance = acceptance_for(sealed_message(2 if outcome != "duplicate" else 1))
    again = accept(store, sealed_message(number), parts_of(1, 100_000), acceptance=acceptance, quota_messages=1)
    if outcome == "fault":
        acceptance = acceptance_for(sealed_message(2))
        again.close()
        with pytest.raises(StoreUnavailable):  # the hub's own id twice
            await accept(store, sealed_message(1), parts_of(1, 100_000), acceptance=acceptance)
    else:
        assert isinstance(await again, Duplicate) == (outcome == "duplicate")
    assert place.count_large_parts(tmp_path / "data") == 0
    await store.aclose()


async def test_large_parts_that_are_gone_damage_one_message_whose_term_ends_as_ever(
    place: TestedEngine, tmp_path: Path
) -> None:
    store = await place.open(tmp_path / "data")
    for number in (1, 2):
        await accept(store, sealed_message(number), parts_of(number, LARGE))
    place.hide_large_parts(tmp_path / "data", tmp_path / "away", ID, parts_of(1, LARGE))
    with pytest.raises(DamagedBlob):
        await read_whole(store, await offered(store, "one"))
    assert await is_damaged(store)
    second = await offered(store, "two")
    assert second.message_id == "leg2-2@hub.example"
    assert parts_of(2, LARGE) in await read_whole(store, second)
    due = await as_of(START + TERM + timedelta(hours=1), store).due(limit=10)  # so that its sender finds a notice
    assert ID in {each.metadata.message_id for each in due}
    place.show_large_parts(tmp_path / "data", tmp_path / "away")
    assert (await as_of(START, store).recheck()).whole == (ID,)
    assert parts_of(1, LARGE) in await read_whole(store, await offered(store, "three"))
    await store.aclose()


# --- object storage ----------------------------------------------------------------------------------------------


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    objects.place_objects(tmp_path / "data")
    async with line_to(str(objects.place_of(tmp_path / "data").endpoint)) as line:
        yield line


async def opened(tmp_path: Path, line: Line, *, answer_seconds: float = 5.0, **options: Any) -> Any:
    reached = {"endpoint": line.endpoint, "answer_seconds": answer_seconds}
    return await PLACES["objects"].open(tmp_path / "data", reached=reached, **options)


def on(method: str, fault: str, *, nth: int = 1) -> Callable[[str, str], str | None]:
    """That fault for the n-th request of a method about a piece, and for all after it."""
    seen = 0

    def judged(asked: str, path: str) -> str | None:
        nonlocal seen
        seen += asked == method and not path.endswith("/mark")
        return fault if asked == method and seen >= nth and not path.endswith("/mark") else None

    return judged


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("PUT", "error"),
        ("PUT", "hang"),
        ("PUT", "swallowed"),
        ("GET", "altered"),
        ("GET", "cut"),
        *longer(("PUT", "denied"), ("GET", "error"), ("GET", "shorter"), ("GET", "hang")),
    ],
)
async def test_what_was_not_read_back_as_it_was_written_is_not_accepted(
    tmp_path: Path, line: Line, method: str, fault: str
) -> None:
    store = await opened(tmp_path, line, answer_seconds=0.3)
    line.fault = on(method, fault, nth=2)
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(1), parts_of(1, LARGE))
    assert await store.messages(MessageFilter()) == ()
    assert await accept(store, sealed_message(2), parts_of(2, 500)) == Accepted(), "small ones need no object"
    line.fault = lambda _method, _path: None
    assert await accept(store, sealed_message(1), parts_of(1, LARGE)) == Accepted()
    assert objects.count_objects(tmp_path / "data") == 1
    await store.aclose()


@pytest.mark.parametrize("fault", ["error", "cut", *longer("hang", "denied")])
@pytest.mark.parametrize("nth", [1, 2], ids=["first", "in-the-middle"])
async def test_no_fault_of_object_storage_proves_damage_SR_17(tmp_path: Path, line: Line, fault: str, nth: int) -> None:
    store = await opened(tmp_path, line, answer_seconds=0.3)
    await accept(store, sealed_message(1), parts_of(1, LARGE))
    offer = await offered(store)
    line.fault = on("GET", fault, nth=nth)
    with pytest.raises(Unreadable):
        await anext(store.read_parts(offer))
    assert not await is_damaged(store)
    line.fault = on("GET", "slow")
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    await store.aclose()


async def test_a_read_that_breaks_when_octets_have_left_proves_no_damage(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, LARGE))
    chunks = store.read_parts(await offered(store))
    line.fault = on("GET", "cut", nth=4)  # each piece is read twice, and this is the second of the last
    got = b"".join([await anext(chunks) for _ in range(PIECE_OCTETS // CHUNK_OCTETS)])
    assert got == parts_of(1, LARGE)[:PIECE_OCTETS]
    with pytest.raises(Unreadable):
        await anext(chunks)
    assert not await is_damaged(store)
    await store.aclose()


async def test_no_octet_leaves_that_is_another_than_was_checked(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, LARGE))
    chunks = store.read_parts(await offered(store))
    line.fault = on("GET", "altered", nth=3)  # when the two pieces were checked
    with pytest.raises(DamagedBlob, match="changed while it was read"):
        await anext(chunks)
    await store.aclose()


@pytest.mark.parametrize("fault", ["altered", *longer("shorter")])
async def test_other_octets_are_damage_of_one_message(tmp_path: Path, line: Line, fault: str) -> None:
    store = await opened(tmp_path, line)
    for number in (1, 2):
        await accept(store, sealed_message(number), parts_of(number, LARGE))
    offer = await offered(store)
    line.fault = on("GET", fault)
    with pytest.raises(DamagedBlob):
        await read_whole(store, offer)
    line.fault = lambda _method, _path: None
    assert await is_damaged(store)
    assert parts_of(2, LARGE) in await read_whole(store, await offered(store, "two"))
    await store.aclose()


async def test_an_object_that_grew_is_damage_and_not_read_to_its_end(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))

    async def grow(bucket: S3Bucket) -> None:
        (name,) = await objects.names_in(bucket)
        await bucket.put(name, bytes(100_001))

    objects.apart(grow, tmp_path / "data")
    with pytest.raises(DamagedBlob, match="another length"):
        await read_whole(store, await offered(store))
    await store.aclose()


async def test_a_bucket_that_is_gone_damages_no_message(tmp_path: Path, line: Line) -> None:
    """It answers that there is no such object, and so does another bucket: that proves nothing."""
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    await store.aclose()

    async def empty(bucket: S3Bucket) -> None:
        await bucket.remove([each.name async for page in bucket.pages("") for each in page])

    line.fault = lambda _method, _path: "error"
    store = await opened(tmp_path, line)  # away: it starts all the same
    line.fault = lambda _method, _path: None
    objects.apart(empty, tmp_path / "data")
    with pytest.raises(Unreadable):
        await read_whole(store, await offered(store))
    assert not await is_damaged(store)
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(2), parts_of(2, 100_000))
    await store.aclose()
    with pytest.raises(DatabaseRefused, match="holds nothing of this hub"):
        await opened(tmp_path, line)


async def test_a_hub_whose_settings_name_no_object_storage_does_not_start_where_parts_lie_in_one(
    tmp_path: Path, line: Line
) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    await store.aclose()
    with pytest.raises(DatabaseRefused, match=r"store\.objects"):
        await ENGINES["postgres"].open(tmp_path / "data")


async def test_a_hub_starts_and_takes_small_messages_while_object_storage_is_away(tmp_path: Path, line: Line) -> None:
    line.fault = lambda _method, _path: "error"
    store = await opened(tmp_path, line)
    assert await accept(store, sealed_message(1)) == Accepted()
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(2), parts_of(2, 100_000))
    line.fault = lambda _method, _path: None
    assert await accept(store, sealed_message(2), parts_of(2, 100_000)) == Accepted()
    await store.aclose()


async def test_parts_below_the_size_of_the_settings_lie_in_the_database(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line, from_octets=200_000)
    await accept(store, sealed_message(1), parts_of(1, 199_999))
    await accept(store, sealed_message(2), parts_of(2, 200_000))
    assert (ENGINES["postgres"].count_large_parts(tmp_path / "data"), objects.count_objects(tmp_path / "data")) == (
        1,
        1,
    )
    for number in (1, 2):
        assert parts_of(number, 199_999) in await read_whole(store, await offered(store, number))
    await store.aclose()


async def test_what_cannot_be_removed_now_is_removed_by_a_later_purge(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    offer = await offered(store)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    line.fault = lambda method, _path: "error" if method in ("POST", "DELETE") else None
    assert await store.purge() == 1
    assert objects.count_objects(tmp_path / "data") == 1
    standing = await store.objects_standing()
    assert (standing.held, standing.leaving, standing.away) == (0, 1, None)
    line.fault = lambda _method, _path: None
    await store.purge()
    assert objects.count_objects(tmp_path / "data") == 0
    assert (await store.objects_standing()).leaving == 0
    await store.aclose()


async def test_an_object_that_cannot_be_removed_holds_no_other_up(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    for number in (1, 2, 3):
        await accept(store, sealed_message(number), parts_of(number, 100_000))
        if number == 1:
            (kept,) = objects.apart(objects.names_in, tmp_path / "data")
        offer = await offered(store, number)
        await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    line.refused = kept.encode()
    for _ in range(2):
        await store.purge()
    assert objects.apart(objects.names_in, tmp_path / "data") == [kept]
    line.refused = None
    await store.purge()
    assert objects.count_objects(tmp_path / "data") == 0
    await store.aclose()


@pytest.mark.parametrize("fault", [None, "error"], ids=["removed", "being-removed"])
async def test_nobody_sweeps_what_is_arriving_and_nobody_gets_what_was_swept(
    tmp_path: Path, line: Line, fault: str | None
) -> None:
    """A node that stood still between its object and its commit, for longer than an object may be without a message."""
    store = await opened(tmp_path, line)
    other = await PLACES["objects"].open(_other_node(tmp_path), reached={"endpoint": line.endpoint})
    committing, may_commit = asyncio.Event(), asyncio.Event()
    real_bind = store.objects.bind

    async def bind_late(*arguments: Any) -> None:
        committing.set()
        await may_commit.wait()
        await real_bind(*arguments)

    store.objects.bind = bind_late
    arriving = asyncio.ensure_future(accept(store, sealed_message(1), parts_of(1, 100_000)))
    await committing.wait()
    await as_of(START + timedelta(hours=23), other).purge()
    assert objects.count_objects(tmp_path / "data") == 1, "it may still arrive"
    line.fault = lambda method, _path: fault if method in ("POST", "DELETE") else None
    await as_of(START + timedelta(hours=25), other).purge()
    assert objects.count_objects(tmp_path / "data") == (1 if fault else 0)
    may_commit.set()
    with pytest.raises(StoreUnavailable, match="being removed"):
        await arriving
    assert await store.messages(MessageFilter()) == ()
    store.objects.bind = real_bind
    line.fault = lambda _method, _path: None
    assert await accept(store, sealed_message(1), parts_of(1, 100_000)) == Accepted()
    await other.aclose()
    await store.aclose()


def _other_node(tmp_path: Path) -> Path:
    """The folder of a second node on the same database and bucket."""
    for kind in ("url", "bucket"):
        (tmp_path / f"other.{kind}").write_text((tmp_path / f"data.{kind}").read_text())
    return tmp_path / "other"


async def test_what_no_row_knows_is_found_once_a_day_and_only_when_it_is_old(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))

    async def stray(bucket: S3Bucket) -> None:
        (name,) = await objects.names_in(bucket)
        await bucket.put(f"{name.partition('/')[0]}/{'0' * 32}/000000", b"of a database that went back")
        await bucket.put("another-hub/0123/000000", b"of somebody else")

    objects.apart(stray, tmp_path / "data")
    await store.purge()
    assert objects.count_objects(tmp_path / "data") == 3, "it is young"
    await as_of(START + timedelta(days=3650), store).purge()
    left = objects.apart(objects.names_in, tmp_path / "data")
    assert len(left) == 2
    assert left[0] == "another-hub/0123/000000" or left[1] == "another-hub/0123/000000"
    await store.aclose()


async def test_objects_have_names_that_tell_nothing(tmp_path: Path, line: Line) -> None:
    store = await opened(tmp_path, line)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    (name,) = objects.apart(objects.names_in, tmp_path / "data")
    folder, random, piece = name.split("/")
    assert (len(folder), len(random), piece) == (32, 32, "000000")
    assert all(path.startswith(f"/{objects.place_of(tmp_path / 'data').bucket}/messages/") for _, path in line.asked)
    await store.aclose()


async def test_whoever_may_not_read_is_told_nothing_and_the_storage_is_away(tmp_path: Path, line: Line) -> None:
    line.fault = lambda _method, _path: "denied"
    bucket = S3Bucket(objects.place_of(tmp_path / "data", endpoint=line.endpoint))
    with pytest.raises(ObjectsAway):
        await bucket.read("anything", most_octets=10)
