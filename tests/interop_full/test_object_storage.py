"""Large parts in versitygw, a server of S3 that looks at signatures and has no such bucket where it has none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from interop_full.object_storage import Versitygw
from support.store import databases, objects
from support.store.engines import PLACES, as_of
from support.store.postgres import PostgresServer
from support.store.store_samples import RECEIVER, START, accept, parts_of, pull, read_whole, sealed_message

from gateway.objects import NoObject, ObjectsAway
from gateway.objects.s3 import S3Bucket
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.store.model import Accepted, Offer
from gateway.store.postgres.objects import PIECE_OCTETS

LARGE = 2 * PIECE_OCTETS + 100_000  # of three pieces
PLACE = PLACES["objects"]


@pytest.fixture(autouse=True)
def _served(versitygw: Versitygw, postgres: PostgresServer) -> Iterator[None]:
    databases.serve_from(lambda: postgres)
    objects.serve_objects_from(lambda: versitygw)
    yield
    databases.release()


async def test_large_parts_come_out_bit_for_bit_and_are_gone_after_the_purge(tmp_path: Path) -> None:
    store = await PLACE.open(tmp_path / "data")
    assert await accept(store, sealed_message(1), parts_of(1, LARGE)) == Accepted()
    await store.aclose()
    store = await PLACE.open(tmp_path / "data")
    assert len(objects.apart(objects.names_in, tmp_path / "data")) == 3
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    await store.purge()
    assert objects.apart(objects.names_in, tmp_path / "data") == []
    await store.aclose()


async def test_an_object_that_is_gone_is_damage_and_a_bucket_that_is_gone_is_none(
    tmp_path: Path, versitygw: Versitygw
) -> None:
    store = await PLACE.open(tmp_path / "data")
    await accept(store, sealed_message(1), parts_of(1, LARGE))
    offer = await store.lease(pull(1))
    bucket = versitygw.files / objects.place_of(tmp_path / "data").bucket
    aside = bucket.with_name("aside")
    bucket.rename(aside)
    with pytest.raises(Unreadable):
        await read_whole(store, offer)
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(2), parts_of(2, LARGE))
    aside.rename(bucket)
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    PLACE.hide_large_parts(tmp_path / "data", tmp_path / "away", offer.message_id, parts_of(1, LARGE))
    with pytest.raises(DamagedBlob):
        await read_whole(store, offer)
    PLACE.show_large_parts(tmp_path / "data", tmp_path / "away")
    assert (await store.recheck()).whole == (offer.message_id,)
    await store.aclose()
    shutil.rmtree(bucket)


async def test_what_no_row_knows_is_found_by_listing(tmp_path: Path) -> None:
    store = await PLACE.open(tmp_path / "data")
    await accept(store, sealed_message(1), parts_of(1, 100_000))

    async def stray(bucket: S3Bucket) -> None:
        (name,) = await objects.names_in(bucket)
        await bucket.put(f"{name.partition('/')[0]}/{'0' * 32}/000000", b"of a database that went back")

    objects.apart(stray, tmp_path / "data")
    await as_of(START + timedelta(days=3650), store).purge()
    assert len(objects.apart(objects.names_in, tmp_path / "data")) == 1
    await store.aclose()


async def test_a_key_that_is_not_its_own_is_told_nothing() -> None:
    place = objects.new_place()
    with pytest.raises(NoObject):
        await S3Bucket(place).read("nothing", most_octets=10)
    with pytest.raises(ObjectsAway, match=r"SignatureDoesNotMatch|403"):
        await S3Bucket(replace(place, secret_key="another")).read("nothing", most_octets=10)
