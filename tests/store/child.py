"""A process that works on a store until a failpoint kills it, and says on its output what it was promised.

Each line is written only after the store returned, as an answer to a peer would be. Run with the engine, the
data directory and the steps to take: (a)ccept small and large messages, (o)ffer them, pull and (r)eceipt them,
e(x)pire, keep (l)ate receipts, give receipts for messages (s)igned anew, p(u)rge. The step (n)ever flush breaks the
store, to see that a check finds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from support.store.engines import PLACES, as_of
from support.store.store_samples import (
    RECEIVER,
    START,
    TERM,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    receipt_sample,
    sealed_message,
)

from gateway.storage import EXIT_STORAGE, DatabaseBroken
from gateway.store import blobs
from gateway.store.interface import Store, StoreUnavailable
from gateway.store.model import Kind, Offer

SIZES = {0: 500, 1: 100_000}
ANEW = b"<Envelope signed='anew'/>"


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


async def promise(store: Store, line: str) -> None:
    """As an exchange does: what the store was told is on stable storage first."""
    await store.flushed()
    say(line)


async def run(engine: str, path: Path, steps: str, count: int) -> None:
    blobs.THREADS = 1  # strace counts the calls of each thread: the n-th flush is one and the same in every run
    try:
        store = await PLACES[engine].open(path, on_failure=lambda _error: os._exit(EXIT_STORAGE))
    except DatabaseBroken:
        os._exit(EXIT_STORAGE)
    if "n" in steps:
        PLACES[engine].flush_nothing(store)
    numbers = range(1, count + 1)
    if "a" in steps:
        for number in numbers:
            with contextlib.suppress(StoreUnavailable):
                await accept(store, sealed_message(number), parts_of(number, SIZES[number % 2]))
                await promise(store, f"accepted {number}")
    if "s" in steps:
        for number in numbers:
            again = receipt_sample(f"leg1-{number}@sender.example", ANEW)
            await as_of(START, store).keep_receipt(acceptance_for(sealed_message(number)).key, again, most=8)
            await promise(store, f"given again {number}")
    if "o" in steps:
        for number in numbers:
            await as_of(START, store).lease(pull(number))
    if "r" in steps:
        for number in numbers:
            offer = await as_of(START, store).lease(pull(number))
            assert isinstance(offer, Offer)
            await read_whole(store, offer)
            await promise(store, f"offered {offer.message_id}")
            await as_of(START, store).close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
            await promise(store, f"receipted {offer.message_id}")
    if "x" in steps:
        for number in numbers:
            spool = await store.open_spool(None)
            await spool.write(parts_of(100 + number, 100_000))
            notice = sealed_message(100 + number, at=START + TERM, kind=Kind.NOTICE, receiver="sender")
            message_id = f"leg2-{number}@hub.example"
            if await as_of(START + TERM, store).expire(message_id, notice=notice, notice_parts=spool):
                say(f"expired {message_id}")
    if "l" in steps:
        for number in numbers:
            spool = await store.open_spool(None)
            await spool.write(parts_of(200 + number, 100_000))
            notice = sealed_message(200 + number, at=START + TERM, kind=Kind.NOTICE, receiver="sender")
            await as_of(START + TERM, store).keep_late(
                f"leg2-{number}@hub.example", party=RECEIVER, receipt=b"<l/>",
                notice=notice, notice_parts=spool,
            )  # fmt: skip
            await promise(store, f"late {number}")
    if "u" in steps:
        await as_of(START + TERM, store).purge()
        say("purged")
    await store.aclose()
    say("done")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
