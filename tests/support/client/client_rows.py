"""Rows that are about a participant: what it makes of the answers of a hub, real or playing a script.

    ClientRow("R11", "an unsigned receipt acknowledges nothing", not_acknowledged(unsigned_receipt, "EBMS:0103")),

An act gets a folder of its own for the inbox and the outbox.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from support.client.participants import Waits, means_with, participant
from support.hubs.hub_script import Answer, HubScript, Request, receipt
from support.keys.pki import PARTIES

from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.participant import Participant
from gateway.client.pull import pull_until_empty
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import PullResult
from xsd.samples import sample

ClientAct = Callable[[Path], Awaitable[None]]
ONCE = RetryPolicy(retries=0)
TWICE = RetryPolicy(first_seconds=60.0, factor=1.0, retries=1)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One row of a table: its id, what it asks for in one sentence, and what is done and expected."""

    id: str
    says: str
    act: ClientAct

    async def run(self, folder: Path) -> None:
        """Act in that folder."""
        await self.act(folder)


@dataclass
class Office:
    """A participant with its folders, and the waits that it would have made."""

    who: Participant
    inbox: Inbox
    outbox: Outbox
    means: Means
    waits: Waits

    async def push(
        self, *, receiver: str = "creditor", retry: RetryPolicy = ONCE, message_id: str | None = None
    ) -> PushResult:
        """Send a Saldoverzoek."""
        payload = sample(
            "Schuldregeling", "2.0", "Saldoverzoek", afzender=self.who.party, ontvanger=PARTIES[receiver][0]
        )  # fmt: skip
        return await push(
            self.who, payload, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
            outbox=self.outbox, checks=None, means=self.means, retry=retry, message_id=message_id,
        )  # fmt: skip

    async def pull(self, *, retry: RetryPolicy = ONCE, limit: int | None = None) -> tuple[PullResult, ...]:
        """Empty the mailbox."""
        return await pull_until_empty(self.who, inbox=self.inbox, means=self.means, retry=retry, limit=limit)


@asynccontextmanager
async def office(url: str, folder: Path, name: str = "counsellor", waits: Waits | None = None) -> AsyncIterator[Office]:
    """A participant of the hub at that address."""
    waits = waits or Waits()
    inbox, outbox = await Inbox.open(folder / name / "inbox"), await Outbox.open(folder / name / "outbox")
    try:
        async with means_with(waits) as means:
            yield Office(participant(url, name), inbox, outbox, means, waits)
    finally:
        await inbox.aclose()
        await outbox.aclose()


@dataclass
class Pushed:
    """What a push to a script came to."""

    result: PushResult
    requests: list[Request]
    seconds: list[float]

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [each.code for each in self.result.errors]


async def pushed(
    folder: Path,
    *answers: Answer,
    retry: RetryPolicy = ONCE,
    change: Callable[[Participant], Participant] = lambda who: who,
) -> Pushed:
    """Push to a hub that answers so."""
    async with HubScript(*answers) as hub, office(hub.url, folder) as at:
        at.who = change(at.who)
        result = await at.push(retry=retry)
        return Pushed(result, hub.requests, at.waits.seconds)


def acknowledged(*answers: Answer, **changes: object) -> ClientAct:
    """The last of these answers acknowledges the message, for a participant with these changes."""

    async def act(folder: Path) -> None:
        done = await pushed(
            folder,
            *answers,
            retry=RetryPolicy(first_seconds=60.0, retries=len(answers) - 1),
            change=lambda who: replace(who, **changes),  # type: ignore[arg-type]
        )
        assert (done.result.state, done.result.attempts) == (OutboxState.ACKNOWLEDGED, len(answers)), done.result
        assert len({each.user_message.message_id for each in done.requests}) == 1

    return act


def not_acknowledged(answer: Answer, code: str | None) -> ClientAct:
    """That answer is no outcome: it is noted under that code, and the same message is sent again."""

    async def act(folder: Path) -> None:
        done = await pushed(folder / "again", answer, receipt(), retry=TWICE)
        assert (done.result.state, done.result.attempts) == (OutboxState.ACKNOWLEDGED, 2), done.result
        assert len({each.body for each in done.requests}) == 1
        given_up = await pushed(folder / "given up", answer)
        assert given_up.result.state is OutboxState.GIVEN_UP
        assert given_up.codes == ["EBMS:0301", *([] if code is None else [code])]

    return act
