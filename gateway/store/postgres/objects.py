"""Large parts in object storage: written and read back before the commit, removed after it, and swept.

Each object lies there in pieces under one random name. Before the first is written a row of `object` says that they
come; the commit of the message binds that row, and a row that is being removed cannot be bound. So nobody removes what
a message has or is about to get, however long a node stood still, and several nodes may sweep at once. What no row
knows, as after a restored backup, is found by listing, once a day.

SECURITY: pieces are ciphertext that is sealed to the receiver; names tell nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway import failpoints
from gateway.objects import Bucket, NoObject, ObjectsAway
from gateway.postgres import Transaction
from gateway.storage import DatabaseRefused
from gateway.store import rows
from gateway.store.blobs import CHUNK_OCTETS, PartSpool
from gateway.store.engine import ObjectsStanding
from gateway.store.interface import DamagedBlob, OutcomeUnknown, StoreUnavailable, Unreadable
from gateway.store.model import Offer
from gateway.store.postgres.transactions import Transacting

PIECE_OCTETS: Final = 2 << 20  # in one request; of each transfer some of these are in memory
TRANSFERS: Final = 4  # pieces on their way at once
ARRIVE_SECONDS: Final = 86_400  # from an announcement until what no message has is removed
LISTING_SECONDS: Final = 86_400
LOOK_SECONDS: Final = 3.0  # for a look that somebody waits for
_REMOVED_AT_ONCE: Final = 20
_MARK: Final = "mark"
_MARK_OCTETS: Final = 1024
_OBJECT: Final = "object "  # how the place of parts begins that lie in one


def object_of(place: str) -> str | None:
    """The name of the object in which parts lie; None where they lie in the database."""
    return place.removeprefix(_OBJECT) if place.startswith(_OBJECT) else None


class ObjectParts:
    """The objects of one store: below a folder that has its id."""

    def __init__(self, bucket: Bucket, store_id: str, from_octets: int) -> None:
        self.from_octets = from_octets
        self._bucket = bucket
        self._folder = store_id
        self._transfers = asyncio.Semaphore(TRANSFERS)
        self._is_marked = False

    async def look_at_mark(self, *, may_make: bool) -> None:
        """See that this is where the objects of this store are; with `may_make` it is, if nothing says so yet.

        Raises `DatabaseRefused` where it is not, and `ObjectsAway`.
        """
        mark = f"{self._folder}/{_MARK}"
        try:
            found = await self._bucket.read(mark, most_octets=_MARK_OCTETS)
        except NoObject:
            if not may_make:
                raise DatabaseRefused(
                    f"{self._bucket.place} holds nothing of this hub, whose large parts lie in object storage; correct"
                    f" store.objects, or, if what lay there is lost for good, put an object {mark} there whose content"
                    f" is {self._folder}: the hub then tells of each message that is damaged"
                ) from None
            await self._bucket.put(mark, self._folder.encode())
            found = await self._bucket.read(mark, most_octets=_MARK_OCTETS)
        if found is None or found.decode("ascii", "replace").strip() != self._folder:
            raise DatabaseRefused(f"{self._bucket.place}: {mark} is not what this hub wrote; correct store.objects")
        self._is_marked = True

    # --- in ------------------------------------------------------------------------------------------------------

    async def keep(self, access: Transacting, spool: PartSpool, sha256: bytes) -> str:
        """Write the parts of a spool, read them back, and return their name; raises `StoreUnavailable`."""
        name, octets = secrets.token_hex(16), spool.size_octets
        pieces = -(-octets // PIECE_OCTETS)

        async def announce(tx: Transaction) -> None:
            remove_at = rows.to_microseconds(tx.now + timedelta(seconds=ARRIVE_SECONDS))
            await tx.change("announce_object", {"name": name, "remove_at": remove_at, "pieces": pieces})

        try:
            if not self._is_marked:  # it was away when the store was opened
                await self.look_at_mark(may_make=await _holds_none(access))
            await access.commit(announce)
            failpoints.reach("O1.before")
            await self._write(name, spool, sha256)
        except (ObjectsAway, NoObject, DatabaseRefused) as fault:
            await self.let_go(access, name)
            raise StoreUnavailable(f"large parts cannot be stored now: {fault}") from fault
        except BaseException:
            await self.let_go(access, name)
            raise
        failpoints.reach("O1.after")
        return name

    async def _write(self, name: str, spool: PartSpool, sha256: bytes) -> None:
        digest, offset, number = hashlib.sha256(), 0, 0
        while offset < spool.size_octets:
            async with self._transfers:
                piece = await _read_piece(spool, offset)
                await asyncio.to_thread(digest.update, piece)
                await self._bucket.put(self._named(name, number), piece)
                if await self._bucket.read(self._named(name, number), most_octets=len(piece)) != piece:
                    raise ObjectsAway(f"{self._bucket.place} gave back other octets than it took")
            offset += len(piece)
            number += 1
        if digest.digest() != sha256:
            raise ObjectsAway("the file of arriving parts gave back other octets than it took")

    async def bind(self, tx: Transaction, name: str, message_row: int) -> None:
        """From this commit on a message has that object; raises `StoreUnavailable` where it is being removed."""
        bindings = {"name": name, "message": message_row, "at": rows.to_microseconds(tx.now)}
        if await tx.change("bind_object", bindings) != 1:
            raise StoreUnavailable("large parts took too long to arrive and are being removed")

    async def let_go(self, access: Transacting, name: str) -> None:
        """Remove an object unless a message has it; what cannot be removed now, is by a purge."""
        with contextlib.suppress(StoreUnavailable, OutcomeUnknown):
            if await access.commit(lambda tx: tx.change("let_go_object", {"name": name})):
                await self._remove_due(access)

    # --- out -----------------------------------------------------------------------------------------------------

    async def read_checked(self, offer: Offer, name: str) -> AsyncGenerator[bytes, None]:
        """The parts of an offer, checked whole before the first octet, and each piece once more as it leaves.

        Raises `DamagedBlob` for what is proven, `Unreadable` for whatever else stands between the octets and us.
        """
        digest, pieces, size_octets = hashlib.sha256(), list[bytes](), 0
        piece = b""
        while size_octets < offer.parts_octets:
            piece = await self._read(offer, name, len(pieces), offer.parts_octets - size_octets)
            await asyncio.to_thread(digest.update, piece)
            pieces.append(await asyncio.to_thread(_sha256, piece))
            size_octets += len(piece)
        if digest.digest() != offer.parts_sha256:
            raise DamagedBlob(f"the object of {offer.message_id} has another digest")
        left = offer.parts_octets
        for number, expected in enumerate(pieces):
            if len(pieces) > 1:  # of one piece it is in memory still
                piece = await self._read(offer, name, number, left)
                if await asyncio.to_thread(_sha256, piece) != expected:
                    raise DamagedBlob(f"the object of {offer.message_id} changed while it was read")
            left -= len(piece)
            for start in range(0, len(piece), CHUNK_OCTETS):
                yield piece[start : start + CHUNK_OCTETS]

    async def _read(self, offer: Offer, name: str, number: int, most_octets: int) -> bytes:
        try:
            async with self._transfers:
                piece = await self._bucket.read(self._named(name, number), most_octets=most_octets)
        except NoObject as missing:
            await self._refuse_elsewhere(offer)
            raise DamagedBlob(f"piece {number} of the object of {offer.message_id} is missing") from missing
        except ObjectsAway as away:
            raise _unreadable(offer, away) from away
        if not piece:
            raise DamagedBlob(f"piece {number} of the object of {offer.message_id} has another length")
        return piece

    async def _refuse_elsewhere(self, offer: Offer) -> None:
        """That an object is missing is proven only where the mark of this store is there."""
        try:
            await self.look_at_mark(may_make=False)
        except (ObjectsAway, NoObject, DatabaseRefused) as fault:
            raise _unreadable(offer, fault) from fault

    # --- gone ----------------------------------------------------------------------------------------------------

    async def sweep(self, access: Transacting) -> None:
        """Remove what messages had, what none got in a day, and once a day what no row knows; what cannot be removed
        now stays known.
        """
        failpoints.reach("O2.before")
        await self._remove_due(access)
        if await access.commit(_begin_listing):
            with contextlib.suppress(ObjectsAway):
                await self._remove_unknown(access)

    async def _remove_due(self, access: Transacting) -> None:
        """Until nothing is left or something cannot be removed, which then comes behind all others."""
        stuck: str | None = None
        while stuck is None and (due := await access.commit(_claim)):
            gone = []
            for name, pieces in due:
                try:
                    await self._bucket.remove([self._named(name, number) for number in range(pieces)])
                except ObjectsAway:
                    stuck = name
                    break
                gone.append(name)
            failpoints.reach("O2.after")
            await access.commit(partial(_forget, gone, stuck))

    async def _remove_unknown(self, access: Transacting) -> None:
        now = await access.read(_now)
        async with contextlib.aclosing(self._bucket.pages(self._folder)) as pages:
            async for page in pages:
                old = {
                    each.name: each.name.split("/")[1]
                    for each in page
                    if each.name.count("/") == 2 and now - each.changed_at >= timedelta(seconds=LISTING_SECONDS)
                }
                known = await access.read(partial(_known, sorted(set(old.values()))))
                await self._bucket.remove([name for name, of in old.items() if of not in known])

    async def standing(self, access: Transacting) -> ObjectsStanding:
        """How object storage stands; asks it for the mark."""
        held, leaving = await access.read(_count)
        away = None
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self.look_at_mark(may_make=held == 0)
        except TimeoutError:
            away = f"{self._bucket.place} does not answer"
        except (ObjectsAway, NoObject, DatabaseRefused) as fault:
            away = str(fault)
        return ObjectsStanding(held=held, leaving=leaving, away=away)

    def _named(self, name: str, number: int) -> str:
        return f"{self._folder}/{name}/{number:06}"


async def open_parts(access: Transacting, bucket: Bucket | None, store_id: str, from_octets: int) -> ObjectParts | None:
    """The objects of a store, or None for one that has none; one whose storage is away is opened all the same.

    Raises `DatabaseRefused` where the settings name no object storage, or another, and large parts lie in one.
    """
    holds_none = await _holds_none(access)
    if bucket is None:
        if not holds_none:
            raise DatabaseRefused(
                "large parts of messages in the database lie in object storage, and the settings name none; name it in"
                " store.objects"
            )
        return None
    parts = ObjectParts(bucket, store_id, from_octets)
    with contextlib.suppress(ObjectsAway, NoObject):
        await parts.look_at_mark(may_make=holds_none)
    return parts


async def _holds_none(access: Transacting) -> bool:
    return (await access.read(_count))[0] == 0


async def _count(tx: Transaction) -> tuple[int, int]:
    held, leaving = await tx.first("count_objects") or (0, 0)
    return int(held), int(leaving)


async def _claim(tx: Transaction) -> list[tuple[str, int]]:
    asked = {"at": rows.to_microseconds(tx.now), "limit": _REMOVED_AT_ONCE}
    due = sorted(await tx.rows("claim_objects", asked), key=lambda row: -row[2])  # RETURNING has an order of its own
    return [(name, pieces) for name, pieces, _ in due]


async def _forget(gone: list[str], stuck: str | None, tx: Transaction) -> None:
    await tx.change("forget_objects", {"names": gone})
    if stuck is not None:
        await tx.change("put_back_object", {"name": stuck})


async def _known(names: list[str], tx: Transaction) -> set[str]:
    return {name for (name,) in await tx.rows("known_objects", {"names": names})}


async def _begin_listing(tx: Transaction) -> int:
    at = rows.to_microseconds(tx.now)
    before = rows.to_microseconds(tx.now - timedelta(seconds=LISTING_SECONDS))
    return await tx.change("begin_listing", {"at": at, "before": before})


async def _now(tx: Transaction) -> datetime:
    return tx.now


async def _read_piece(spool: PartSpool, offset: int) -> bytes:
    """The next piece from the file of a spool; shorter only at its end."""
    piece = bytearray()
    while len(piece) < PIECE_OCTETS and (octets := await spool.read_back(offset + len(piece))):
        piece += octets
    if not piece:
        raise ObjectsAway("the file of arriving parts became shorter")
    return bytes(piece)


def _sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def _unreadable(offer: Offer, fault: Exception) -> Unreadable:
    return Unreadable(f"the parts of {offer.message_id} cannot be read now: {fault}", lacking=False)
