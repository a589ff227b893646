"""What an exchange needs besides the message: a session, a clock, a way to wait, and chance. All of it is handed in."""

from __future__ import annotations

import asyncio
import os
import random
import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from gateway.client.answers import HubAnswer
from gateway.client.transport import Progress, no_progress
from gateway.clock import Clock, SystemClock

_ID_HOST_CHARACTERS = 200  # of 255 in all

WaitTold = Callable[[HubAnswer, float], None]
"""Told what the hub said and how many seconds are waited for it, before each wait between two tries."""


def untold(answer: HubAnswer, seconds: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The surroundings of push and pull. The defaults are those of a running participant; tests hand in others."""

    session: aiohttp.ClientSession
    clock: Clock = field(default_factory=SystemClock)
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep  # seconds; cancel the task to end a wait
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex  # the part of a MessageId or Content-ID before the @
    random_octets: Callable[[int], bytes] = os.urandom
    chance: Callable[[], float] = random.random  # in 0..1, for the spread of pauses
    progress: Progress = no_progress
    tell_wait: WaitTold = untold

    async def wait_before_retry(self, answer: HubAnswer, seconds: float) -> None:
        """Wait before the same is sent again, after whoever looks on was told why."""
        self.tell_wait(answer, seconds)
        await self.wait(seconds)

    def message_id(self, party: str) -> str:
        """A fresh MessageId or Content-ID of this party, without angle brackets (ebMS3 Core 5.2.2.1)."""
        host = re.sub(r"[^0-9A-Za-z-]+", ".", party)[:_ID_HOST_CHARACTERS].strip(".")
        return f"{self.new_id()}@{host or 'knooppunt'}"
