"""Keep sending what lies in a participant's outbox without an outcome, for as long as it takes.

A message whose answer is about itself, such as that its receiver's mailbox is full, waits for its own pause and keeps
none behind it waiting. Where two answers in a row are about the hub, such as none at all, the rest of the round is left
out: it would come to the same, and each attempt may take half a minute. What was tried comes after what was not, so
that one message which the hub never answers keeps nothing from it. Nothing is ever given up: after a day each is tried
once an hour, and its state says what the last attempt came to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.client.answers import AnswerKind
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.participant import Participant
from gateway.client.push import RETRY, PushResult, send
from gateway.client.soap.sending import ONE_ATTEMPT

AWAY_IN_A_ROW: Final = 2
_ABOUT_THE_MESSAGE: Final = (AnswerKind.FULL, AnswerKind.FAILURE, AnswerKind.WARNING, AnswerKind.RECEIPT)


@dataclass(frozen=True, slots=True)
class _Planned:
    """When a message is tried again after so many tries of this process; None: never, for the disk changed it."""

    tries: int
    at: datetime | None


class SendingOn:
    """What one process knows of the messages that it keeps sending; `told` hears what each attempt came to."""

    def __init__(
        self, participant: Participant, *, outbox: Outbox, means: Means, told: Callable[[PushResult], None]
    ) -> None:
        self._participant = participant
        self._outbox = outbox
        self._means = means
        self._told = told
        self._planned: dict[str, _Planned] = {}
        self._in_hand: set[str] = set()
        self._more = asyncio.Event()

    def wake(self) -> None:
        """There is something more to send, or the hub is known to answer: try everything now."""
        self._planned = {mark: each for mark, each in self._planned.items() if each.at is None}
        self._more.set()

    async def attempt(self, mark: str) -> PushResult | None:
        """Make one attempt, unless somebody makes one at this moment."""
        if mark in self._in_hand:
            return None
        self._in_hand.add(mark)
        try:
            result = await send(
                self._participant,
                mark,
                outbox=self._outbox,
                means=self._means,
                retry=ONE_ATTEMPT,
                give_up=False,
                waits_for_room=False,
            )
        finally:
            self._in_hand.discard(mark)
        self._plan(result)
        self._told(result)
        return result

    async def keep_on(self) -> None:
        """Send until cancelled; raises what the outbox raises of its disk."""
        while True:
            self._more.clear()
            await self.round()
            await self._wait_for_more()

    async def _wait_for_more(self) -> None:
        """Wait until somebody calls `wake`, or until the time of a message has come."""
        waits: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._more.wait())}
        times = [each.at for each in self._planned.values() if each.at is not None]
        if times:
            seconds = (min(times) - self._means.clock.now()).total_seconds()
            waits.add(asyncio.ensure_future(self._means.wait(max(0.0, seconds))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def round(self) -> None:
        """Try once everything whose time has come."""
        waiting = await self._outbox.waiting()
        self._planned = {mark: self._planned[mark] for mark in waiting if mark in self._planned}
        now, away = self._means.clock.now(), 0
        due = [mark for mark in waiting if self._is_due(mark, now)]
        for mark in sorted(due, key=lambda mark: self._tries(mark)):
            result = await self.attempt(mark)
            if result is None or result.is_damaged:
                continue
            is_away = result.state is OutboxState.WAITING and result.kind not in _ABOUT_THE_MESSAGE
            away = away + 1 if is_away else 0
            if away == AWAY_IN_A_ROW:
                return

    def _tries(self, mark: str) -> int:
        return self._planned[mark].tries if mark in self._planned else 0

    def _is_due(self, mark: str, now: datetime) -> bool:
        planned = self._planned.get(mark)
        return planned is None or (planned.at is not None and planned.at <= now)

    def _plan(self, result: PushResult) -> None:
        mark, tries = result.message_id, self._tries(result.message_id)
        if result.state is not OutboxState.WAITING:
            self._planned.pop(mark, None)
            return
        if result.is_damaged:
            self._planned[mark] = _Planned(tries, None)
            return
        seconds = RETRY.pause_seconds(
            retries_made=tries,
            elapsed_seconds=0.0,  # it has no end
            retry_after_seconds=result.retry_after_seconds,
            chance=self._means.chance(),
        )
        at = self._means.clock.now() + timedelta(seconds=seconds or RETRY.longest_seconds)
        self._planned[mark] = _Planned(tries + 1, at)
