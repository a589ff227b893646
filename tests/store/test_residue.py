"""What is left on the disk of a message that was removed: its metadata, and not one octet of envelope or parts (G7)."""

from __future__ import annotations

import random
import re
from pathlib import Path

import apsw
import pytest
from support.store.engines import open_sqlite
from support.store.store_samples import RECEIVER, START, accept, pull, sealed_message

from gateway.store.model import Offer
from gateway.store.sqlite.store import DATABASE_NAME

TOKEN = re.compile(rb"CN-([HP])-(\d{6})-")


def canary(kind: str, number: int, times: int) -> bytes:
    return f"CN-{kind}-{number:06}-".encode() * times


def tokens_on_disk(path: Path) -> set[int]:
    """The numbers of all messages of which any octets of head or parts lie in any file."""
    octets = b"".join(each.read_bytes() for each in path.rglob("*") if each.is_file())
    return {int(number) for _, number in TOKEN.findall(octets)}


@pytest.mark.parametrize("seed", range(4))
async def test_after_a_purge_no_octet_of_a_final_message_is_on_the_disk(quick_path: Path, seed: int) -> None:
    # Rows of many sizes that come and go are what makes SQLite move the content of its pages about.
    chance = random.Random(seed)
    path = quick_path / "data"
    store = await open_sqlite(path, at=START)
    waiting: set[int] = set()
    number = 0
    for _ in range(15):
        for _ in range(chance.randint(1, 60)):
            number += 1
            head, parts = (canary(kind, number, chance.choice([1, 3, 20, 100, 800])) for kind in "HP")
            await accept(store, sealed_message(number, head=head), parts)
            waiting.add(number)
        for each in chance.sample(sorted(waiting), chance.randint(0, len(waiting))):
            await store.expire(f"leg2-{each}@hub.example", notice=None, notice_parts=None, at_once=True)
            waiting.remove(each)
        await store.purge()
        assert tokens_on_disk(path) == waiting
    await store.aclose()


async def test_the_envelope_goes_with_the_receipt_and_the_blob_with_the_purge(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1, head=canary("H", 1, 500)), canary("P", 2, 20_000))
    assert tokens_on_disk(path) == {1, 2}
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    reader = apsw.Connection(str(path / DATABASE_NAME))
    assert reader.execute("SELECT count(*) FROM envelope").get == 0
    reader.close()
    assert [each.read_bytes() for each in (path / "blobs").iterdir()] == [canary("P", 2, 20_000)]
    await store.purge()
    assert tokens_on_disk(path) == set()
    assert (path / f"{DATABASE_NAME}-wal").stat().st_size == 0
    await store.aclose()


async def test_the_log_is_cut_by_a_purge_that_found_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1))
    assert (await store.counts()).log_octets > 0
    await store.purge()
    assert (await store.counts()).log_octets == 0
    await store.aclose()


async def test_what_the_receipt_destroyed_is_not_on_the_disk_while_the_time_is_suspect(tmp_path: Path) -> None:
    # Nothing is purged then, for how long nobody knows; but the wrapped key is gone from the disk all the same.
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1, head=canary("H", 1, 500)), canary("P", 2, 20_000))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    assert tokens_on_disk(path) == {1, 2}
    await store.cut_log()
    assert tokens_on_disk(path) == {2}
    assert (await store.counts()).log_octets == 0
    await store.aclose()
