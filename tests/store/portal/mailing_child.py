"""A process that tells of messages by mail until a failpoint kills it, and says on its output what a server took.

Run with the data directory and how many units to tell.
"""

from __future__ import annotations

import asyncio
import os
import sys
from email.message import EmailMessage
from pathlib import Path

from support.clocks import StandingClock
from support.portal.mail_samples import FORENOON, arrives, round_of

from gateway.store.portal.sqlite.store import SqlitePortalStore


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


async def run(path: Path, count: int) -> None:
    clock = StandingClock(FORENOON)
    store = await SqlitePortalStore.open(path, clock=clock)

    async def take(letter: EmailMessage) -> None:
        say(f"taken {letter['To']} {letter['Message-ID']}")

    async def look() -> None:
        for number in range(1, count + 1):
            await arrives(store, clock.now(), number=number, unit=f"unit-{number}")
            say(f"told {number}")

    await round_of(store, look, take, clock).look()
    await store.aclose()
    say("done")


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2])))
