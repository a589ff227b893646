"""A process that tells of messages by mail until a failpoint kills it, and says on its output what a server took.

Run with where the store lies, and how many units to tell.
"""

from __future__ import annotations

import asyncio
import os
import sys
from email.message import EmailMessage

from support.clocks import StandingClock
from support.portal.engines import place_of
from support.portal.mail_samples import FORENOON, arrives, round_of


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


async def run(where: str, count: int) -> None:
    clock = StandingClock(FORENOON)
    store = await place_of(where).open(clock)

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
    asyncio.run(run(sys.argv[1], int(sys.argv[2])))
