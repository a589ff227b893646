"""The parts of a stored message, held against their digest before the first octet, and a second look at what failed.

Small ones lie in a row, large ones in rows of pieces or, where the settings name object storage, there.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator
from typing import Final, Protocol

from gateway.postgres import Transaction
from gateway.store.interface import DamagedBlob, StoreUnavailable, Unreadable
from gateway.store.model import Offer, Rechecked
from gateway.store.postgres import doubting
from gateway.store.postgres.objects import ObjectParts, object_of
from gateway.store.postgres.transactions import Transacting

RECHECK_BATCH: Final = 50


class HoldingParts(Transacting, Protocol):
    """A database, and where large parts may lie besides."""

    @property
    def objects(self) -> ObjectParts | None:
        """Object storage, if there is one."""


async def read_checked(access: HoldingParts, offer: Offer) -> AsyncGenerator[bytes, None]:
    """The parts of an offer, checked whole before the first octet. Raises `DamagedBlob` and `Unreadable`."""
    if offer.damage is not None:
        raise DamagedBlob(f"{offer.damage}: {offer.message_id}")
    if offer.blob is None:
        octets = offer.parts or b""
        if len(octets) != offer.parts_octets or hashlib.sha256(octets).digest() != offer.parts_sha256:
            raise DamagedBlob(f"the parts in the row of {offer.message_id} have another digest")
        if octets:
            yield octets
        return
    name = object_of(offer.blob)
    if name is None:
        checked = _checked_pieces(access, offer, int(offer.blob))
    elif access.objects is None:
        raise Unreadable(
            f"the parts of {offer.message_id} lie in object storage, of which nothing is known", lacking=False
        )
    else:
        checked = access.objects.read_checked(offer, name)
    async with contextlib.aclosing(checked) as pieces:
        async for piece in pieces:
            yield piece


async def _checked_pieces(access: HoldingParts, offer: Offer, message_row: int) -> AsyncGenerator[bytes, None]:
    number = await _check(access, offer, message_row)
    for each in range(number):
        octets = await _piece(access, offer, message_row, each)
        if octets is None:
            raise DamagedBlob(f"the parts of {offer.message_id} became shorter")
        yield octets


async def _check(access: HoldingParts, offer: Offer, message_row: int) -> int:
    """How many pieces there are, once all of them were held against the digest."""
    digest, size_octets, number = hashlib.sha256(), 0, 0
    while (octets := await _piece(access, offer, message_row, number)) is not None:
        digest.update(octets)
        size_octets += len(octets)
        number += 1
    if size_octets != offer.parts_octets or digest.digest() != offer.parts_sha256:
        raise DamagedBlob(f"the parts of {offer.message_id} have another digest or length")
    return number


async def _piece(access: HoldingParts, offer: Offer, message_row: int, number: int) -> bytes | None:
    async def read(tx: Transaction) -> bytes | None:
        row = await tx.first("read_piece", {"message": message_row, "number": number})
        return None if row is None else bytes(row[0])

    try:
        return await access.read(read)
    except StoreUnavailable as error:
        raise Unreadable(f"the parts of {offer.message_id} cannot be read now: {error}", lacking=False) from error


async def recheck(access: HoldingParts) -> Rechecked:
    """Read damaged and unreadable messages again, a few at a time; what is whole is offered again."""
    found: dict[str, list[str]] = {"whole": [], "damaged": [], "unreadable": []}
    after = 0

    async def more(tx: Transaction) -> list[int]:
        return await doubting.doubtful(tx, after, RECHECK_BATCH)

    while doubtful := await access.read(more):
        for row in doubtful:
            after = row
            if (seen := await _verdict(access, row)) is not None:
                verdict, message_id = seen
                found[verdict].append(message_id)
    return Rechecked(
        whole=tuple(found["whole"]), damaged=tuple(found["damaged"]), unreadable=tuple(found["unreadable"])
    )


async def _verdict(access: HoldingParts, row: int) -> tuple[str, str] | None:
    """What a second look at one message finds, and its MessageId; None when it has ended meanwhile."""
    offer = await access.read(lambda tx: doubting.examine(tx, row))
    if offer is None:
        return None
    try:
        async with contextlib.aclosing(read_checked(access, offer)) as chunks:
            await anext(chunks, b"")  # all was checked before the first octet
    except DamagedBlob:
        await access.commit(lambda tx: doubting.mark_damaged(tx, offer.message_id))
        return "damaged", offer.message_id
    except Unreadable:
        return "unreadable", offer.message_id
    await access.commit(lambda tx: doubting.mark_whole(tx, row))
    return "whole", offer.message_id
