"""The parts of a stored message, held against their digest before the first octet, and a second look at what failed."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncGenerator

import apsw

from gateway.store.interface import DamagedBlob, Unreadable
from gateway.store.model import Offer, Rechecked
from gateway.store.sqlite import doubting
from gateway.store.sqlite.connections import Connections

RECHECK_BATCH = 50


async def read_checked(connections: Connections, offer: Offer) -> AsyncGenerator[bytes, None]:
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
    chunks = connections.blobs.read(offer.blob, octets=offer.parts_octets, sha256=offer.parts_sha256)
    async with contextlib.aclosing(chunks):
        async for chunk in chunks:
            yield chunk


async def recheck(connections: Connections) -> Rechecked:
    """Read damaged and unreadable messages again, a few at a time; what is whole is offered again."""
    found: dict[str, list[str]] = {"whole": [], "damaged": [], "unreadable": []}
    after = 0

    def more(connection: apsw.Connection) -> list[tuple[int, str]]:
        return doubting.doubtful(connection, after, RECHECK_BATCH)

    while doubtful := await connections.list(more):
        for row, message_id in doubtful:
            after = row
            verdict = await _verdict(connections, row)
            if verdict is not None:
                found[verdict].append(message_id)
    return Rechecked(
        whole=tuple(found["whole"]), damaged=tuple(found["damaged"]), unreadable=tuple(found["unreadable"])
    )


async def _verdict(connections: Connections, row: int) -> str | None:
    """What a second look at one message finds; None when it has ended meanwhile."""
    offer = await connections.list(lambda connection: doubting.examine(connection, row))
    if offer is None:
        return None
    try:
        async with contextlib.aclosing(read_checked(connections, offer)) as chunks:
            await anext(chunks, b"")  # all was checked before the first octet
    except DamagedBlob:
        await connections.write(lambda connection: doubting.mark_damaged(connection, offer.message_id))
        return "damaged"
    except Unreadable:
        return "unreadable"
    await connections.write(lambda connection: doubting.mark_whole(connection, row))
    return "whole"
