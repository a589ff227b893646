"""What each index, trigger and padding of the embedded store costs a message: `python -m bench.indexes` in a checkout.

A message is accepted with its receipt, leased and closed, in a store that lacks one of them and in a whole one, in
turns; what is told is the CPU time of the thread that writes. An index that a statement names cannot be left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import click

from bench.laying import message_of
from gateway.cli.output import print_table
from gateway.clock import SystemClock
from gateway.store.interface import Store
from gateway.store.model import Acceptance, GivenReceipt, LeaseRequest, Offer, SealedMessage, Signer
from gateway.store.sqlite.store import DATABASE_NAME
from gateway.wiring.engines import engine_called

SENDER, RECEIVER = "00000001234567890000", "00000009876543210000"
RECEIPT_OCTETS, HEAD_OCTETS, PARTS_OCTETS = 3_600, 5_200, 3_000
PADDING = "the padding of an envelope"
_DROPPABLE = "SELECT type, name FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name"


async def measure(rounds: int, messages: int) -> dict[str, list[float]]:
    """CPU microseconds that a store without each spared a message, by round; nothing for what a statement names."""
    with tempfile.TemporaryDirectory(prefix="knooppunt-indexes-", dir=Path.cwd()) as parent:
        parts = await _parts_of(Path(parent) / "first")
        spared: dict[str, list[float]] = {name: [] for name in parts}
        for number in range(rounds):
            for name, drop in parts.items():
                folder = Path(parent) / f"{number}-{uuid.uuid4().hex}"
                whole = await _cost(folder / "whole", None, messages)
                without = await _cost(folder / "without", drop, messages)
                if without is not None and whole is not None:
                    spared[name].append(whole - without)
            click.echo(f"  round {number + 1} of {rounds}", err=True)
    return spared


async def _make(folder: Path) -> None:
    await (await engine_called().open(folder, clock=SystemClock())).aclose()


async def _parts_of(folder: Path) -> Mapping[str, str]:
    """What may be left out, each with the statement that leaves it out."""
    await _make(folder)
    with contextlib.closing(apsw.Connection(str(folder / DATABASE_NAME))) as connection:
        found = {f"{kind} {name}": f"DROP {kind} {name}" for kind, name in connection.execute(_DROPPABLE)}
    return found | {PADDING: "ALTER TABLE envelope DROP COLUMN padding"}


async def _cost(folder: Path, drop: str | None, messages: int) -> float | None:
    """CPU microseconds of one message, as a median; None where the store does not work without that."""
    await _make(folder)
    with contextlib.closing(apsw.Connection(str(folder / DATABASE_NAME))) as connection:
        connection.execute(drop or "SELECT 1")
    store = await engine_called().open(folder, clock=SystemClock())
    try:
        used = [await _message(store, number) for number in range(messages)]
    except Exception as fault:  # what the engine makes of a statement that names what is not there
        click.echo(f"  {drop}: {type(fault).__name__}", err=True)
        return None
    finally:
        with contextlib.suppress(Exception):
            await store.aclose()
    return statistics.median(used) * 1e6


async def _message(store: Store, number: int) -> float:
    message = _sealed(number)
    acceptance = _acceptance(message)
    request = LeaseRequest(
        party=RECEIVER,
        mpc=message.metadata.mpc,
        pull_message_id=f"{uuid.uuid4()}@bench",
        holder="a" * 64,
        lease_seconds=900,
        open_leases=10,
    )
    parts = os.urandom(PARTS_OCTETS)
    began = time.thread_time()
    await store.find_earlier((acceptance.key,), acceptance.receipt.soap_sha256)
    spool = await store.open_spool(len(parts))
    await spool.write(parts)
    await store.accept(message, spool, acceptance, quota_messages=1 << 30)
    offer = await store.lease(request)
    if isinstance(offer, Offer):
        await store.close(offer.message_id, party=RECEIVER, receipt=acceptance.receipt.octets)
    used = time.thread_time() - began
    await store.flushed()
    return used


def _sealed(number: int) -> SealedMessage:
    message = message_of(number, SENDER, RECEIVER, datetime.now(UTC), timedelta(days=4), PARTS_OCTETS)
    fresh: dict[str, Any] = {
        name: f"{uuid.uuid4()}@bench" for name in ("received_message_id", "conversation_id", "tracking_identifier")
    }
    metadata = replace(message.metadata, message_id=f"{time.time_ns():x}@bench", **fresh)
    return replace(message, metadata=metadata, head=os.urandom(HEAD_OCTETS))


def _acceptance(message: SealedMessage) -> Acceptance:
    signer = Signer(sender=SENDER, from_party=frozenset(), certificate=b"der", suite="rsa", key_reference="token")
    receipt = GivenReceipt(soap_sha256=os.urandom(32), octets=os.urandom(RECEIPT_OCTETS), content_type="xml")
    return Acceptance(
        key=os.urandom(32),
        signer=signer,
        said=os.urandom(33),
        said_apart=os.urandom(33),
        own_digests=b"",
        receipt=receipt,
        at=message.metadata.accepted_at,
        forget_at=message.metadata.accepted_at + timedelta(days=90),
    )


@click.command()
@click.option("--rounds", type=click.IntRange(1, 50), default=5, show_default=True, help="Each whole and without.")
@click.option("--messages", type=click.IntRange(20, 10_000), default=150, show_default=True, help="In each store.")
def main(rounds: int, messages: int) -> None:
    """Measure what each index, trigger and padding of the store costs a message."""
    spared = asyncio.run(measure(rounds, messages))
    rows = [
        [name, f"{statistics.median(each):.0f}", f"{min(each):.0f} to {max(each):.0f}"] if each else [name, "", "named"]
        for name, each in sorted(spared.items(), key=lambda item: -statistics.median(item[1] or [0.0]))
    ]
    title = "CPU microseconds of the writing thread that a message costs less without one"
    print_table(title, ["without", "median", "lowest to highest"], rows, empty="nothing can be left out")


if __name__ == "__main__":
    main()
