"""CORRUPT, NOTADB and IOERR anywhere, reads included, are treated like a failed flush (FA-04, FA-11)."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest
from support.longer import longer
from support.store.engines import open_sqlite
from support.store.faulty_storage import failing_storage, spoil_pages
from support.store.inside import break_pages
from support.store.store_samples import RECEIVER, START, accept, pull, sealed_message

from gateway.sqlite import is_broken, is_damage
from gateway.sqlite.opening import PAGE_OCTETS
from gateway.storage import DatabaseBroken
from gateway.store.interface import OutcomeUnknown, Store, StoreUnavailable
from gateway.store.model import MessageFilter, Offer
from gateway.store.sqlite.look import look_at_store
from gateway.store.sqlite.store import DATABASE_NAME

VERBS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "find_offered": lambda store: store.find_offered("leg2-1@hub.example"),
    "lease": lambda store: store.lease(pull(1)),
    "accept": lambda store: accept(store, sealed_message(2)),
    "close": lambda store: store.close("leg2-1@hub.example", party=RECEIVER, receipt=b"<r/>"),
    "messages": lambda store: store.messages(MessageFilter()),
    "counts": lambda store: store.counts(),
    "mailboxes": lambda store: store.mailboxes(),
    "sealed_to": lambda store: store.sealed_to(),
    "contacts": lambda store: store.contacts(),
    "note_ping": lambda store: store.note_ping(RECEIVER),
    "due": lambda store: store.due(limit=10),
    "purge": lambda store: store.purge(),
    "recheck": lambda store: store.recheck(),
}
ERRORS = {
    "corrupt": apsw.CorruptError("database disk image is malformed"),
    "not-a-database": apsw.NotADBError("file is not a database"),
    "io-error": apsw.IOError("disk I/O error"),
}


@pytest.mark.parametrize("error", sorted(ERRORS))
@pytest.mark.parametrize("verb", sorted(VERBS))
async def test_a_broken_page_under_any_verb_ends_the_store(tmp_path: Path, verb: str, error: str) -> None:
    failures: list[BaseException] = []
    store = await open_sqlite(tmp_path / "data", at=START, on_failure=failures.append)
    await accept(store, sealed_message(1))
    break_pages(store, ERRORS[error])
    with pytest.raises(StoreUnavailable):
        await VERBS[verb](store)
    for _ in range(3):
        await asyncio.sleep(0)
    assert failures == [ERRORS[error]]
    with pytest.raises(StoreUnavailable):
        await store.find_offered("leg2-1@hub.example")
    await store.aclose()


@pytest.mark.parametrize(
    "error", [apsw.BusyError("locked"), apsw.FullError("full"), apsw.CantOpenError("no"), apsw.ConstraintError("no")]
)
def test_what_passes_ends_nothing(error: apsw.Error) -> None:
    assert not is_broken(error)


@pytest.mark.parametrize(
    ("error", "damage"),
    [
        (apsw.CorruptError("malformed"), True),
        (apsw.NotADBError("no database"), True),
        (apsw.exception_for(apsw.SQLITE_IOERR_READ), True),
        (apsw.exception_for(apsw.SQLITE_IOERR_SHORT_READ), True),
        (apsw.exception_for(apsw.SQLITE_IOERR_WRITE), False),
        (apsw.exception_for(apsw.SQLITE_IOERR_FSYNC), False),
        (OSError(errno.EIO, "a flush"), False),
        (apsw.FullError("full"), False),
        (None, False),
    ],
)
def test_damage_of_what_lies_there_is_told_apart_from_a_write_that_failed(
    error: BaseException | None, damage: bool
) -> None:
    assert is_damage(error) is damage


async def test_a_spoiled_page_is_met_while_reading_FA_11(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    store = await open_sqlite(tmp_path / "data", at=START)
    await accept(store, sealed_message(1))
    await store.aclose()
    store = await open_sqlite(tmp_path / "data", at=START, on_failure=failures.append)
    spoil_pages(tmp_path / "data", table="evidence")
    with pytest.raises(StoreUnavailable):
        await store.evidence("leg2-1@hub.example")
    for _ in range(3):
        await asyncio.sleep(0)
    assert [type(each) for each in failures] == [apsw.CorruptError]
    await store.aclose()


def _no_database(data: Path) -> None:
    (data / DATABASE_NAME).write_bytes(b"no database at all" * 500)


def _no_schema(data: Path) -> None:
    spoil_pages(data, table="parts")
    with (data / DATABASE_NAME).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)


@pytest.mark.parametrize("spoil", [_no_database, _no_schema], ids=["not-a-database", "spoiled-schema"])
async def test_a_database_that_cannot_be_read_is_not_opened_and_the_line_says_what_to_do(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    await (await open_sqlite(tmp_path / "data", at=START)).aclose()
    spoil(tmp_path / "data")
    for _ in range(2):
        with pytest.raises(DatabaseBroken, match="look at the disk or restore the directory"):
            await open_sqlite(tmp_path / "data", at=START)


async def test_no_page_of_zeros_that_a_look_finds_is_passed_over_by_the_start(quick_path: Path) -> None:
    """Each page but the first in its turn, of a store in which nothing has been read yet; nothing is written then."""
    data = quick_path / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    await store.aclose()
    whole = (data / DATABASE_NAME).read_bytes()
    found = 0
    for start in range(PAGE_OCTETS, len(whole), PAGE_OCTETS):
        spoilt = whole[:start] + bytes(PAGE_OCTETS) + whole[start + PAGE_OCTETS :]
        (data / DATABASE_NAME).write_bytes(spoilt)
        try:
            look_at_store(data, START, mark=None)
        except DatabaseBroken:
            found += 1
            with pytest.raises(DatabaseBroken, match="look at the disk or restore the directory"):
                await open_sqlite(data, at=START)
            assert (data / DATABASE_NAME).read_bytes() == spoilt
    assert found > 30
    (data / DATABASE_NAME).write_bytes(whole)
    store = await open_sqlite(data, at=START)
    assert (store.doubt, (await store.counts()).any_message) == (None, True)
    await store.aclose()


FAULTS = {
    "io-error-while-reading": ("xRead", False),
    "octets-that-nobody-wrote": ("xRead", True),
    "io-error-while-writing": ("xWrite", False),
    "io-error-while-flushing": ("xSync", False),
}


@pytest.mark.parametrize("first", [1, *longer(2, 3)])
@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_whichever_call_fails_the_store_ends_or_had_no_need_of_it_and_every_promise_holds(
    quick_path: Path, fault: str, first: int
) -> None:
    """Every third call from the first one on, until a whole life of a store makes fewer (FA-04, FA-11). Octets that
    nobody wrote may end in the database; then nothing is said any more, and never something else.
    """
    call, spoils = FAULTS[fault]
    data = quick_path / "data"
    ended = 0
    await _life(data, 0)
    lives = 0
    for at in range(first, 1000, 3):
        with failing_storage(call, at, spoils=spoils) as vfs:
            promises, failure = await _life(data, at)
        if not await _holds(data, promises):
            assert spoils
            shutil.rmtree(data)
            await _life(data, 0)
        if not vfs.failed:
            break
        lives += 1
        ended += failure
    assert not vfs.failed
    assert ended > lives / 3


async def _life(data: Path, number: int) -> tuple[list[str], bool]:
    """What a store promised before it ended, and whether it ended because its storage failed."""
    promises: list[str] = []
    failures: list[BaseException] = []
    try:
        store = await open_sqlite(data, at=START, on_failure=failures.append)
    except DatabaseBroken:
        return promises, True
    try:
        await accept(store, sealed_message(number))
        promises.append(f"leg2-{number}@hub.example")
        offer = await store.lease(pull(number))
        assert isinstance(offer, Offer)
        await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
        promises.append(f"receipt {offer.message_id}")
        await store.purge()
    except (StoreUnavailable, OutcomeUnknown):
        assert failures
    finally:
        await store.aclose()
    return promises, bool(failures)


async def _holds(data: Path, promises: list[str]) -> bool:
    """Whether the store still speaks; what it then says is what was promised."""
    try:
        store = await open_sqlite(data, at=START)
    except DatabaseBroken:
        return False
    try:
        assert store.doubt is None
        for promise in promises:
            kind, _, message_id = promise.rpartition(" ")
            if kind:
                assert [each for each, _, _ in await store.evidence(message_id)] == ["receipt-given", "receipt-taken"]
            else:
                (record,) = await store.messages(MessageFilter(message_id=message_id))
                assert record.metadata.message_id == message_id
    except StoreUnavailable:
        return False
    finally:
        await store.aclose()
    return store.failed is None
