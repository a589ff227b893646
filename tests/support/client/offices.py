"""Offices of the tests: participants of a real hub with their folders, what they ask and answer, and its states."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from support.client.participants import Waits, means_with, participant
from support.hubs.hub import TestedHub, catalogue
from support.keys.pki import PARTIES, identity

from gateway.client.checking import Checks
from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.outbox import Outbox
from gateway.client.outgoing import Attachment
from gateway.client.participant import Participant
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.store.model import MessageFilter
from xsd.samples import sample

QUESTION, CONVERSATION = "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01", "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a02"


ONCE = RetryPolicy(retries=0)


class Stopped(Exception):
    """The participant was stopped while it waited."""


async def stop(_seconds: float) -> None:
    raise Stopped


def stop_at(_result: object) -> None:
    raise Stopped


@dataclass
class Office:
    """A participant with its folders."""

    who: Participant
    inbox: Inbox
    outbox: Outbox
    means: Means

    async def push(
        self, payload: bytes, message_type: str, *attachments: bytes, retry: RetryPolicy = ONCE,
        unchecked: bool = False, module: tuple[str, str] = ("Schuldinventarisatie", "2.0"), **means: object,
    ) -> PushResult:  # fmt: skip
        return await push(
            self.who, payload, module=module[0], version=module[1], message_type=message_type,
            outbox=self.outbox, means=replace(self.means, **means), retry=retry,
            attachments=[Attachment(content=each, mime_type="application/pdf") for each in attachments],
            checks=None if unchecked else Checks(catalogue=catalogue(), inbox=self.inbox),
        )  # fmt: skip

    async def only(self) -> InboxMessage:
        (message,) = await self.inbox.messages()
        return message


@asynccontextmanager
async def office(hub: TestedHub | Participant, name: str, folder: Path) -> AsyncIterator[Office]:
    """A participant of that hub; or that one, of a hub in another process, whose clock stands at the start."""
    inbox = await Inbox.open(folder / name / "inbox")
    outbox = await Outbox.open(folder / name / "outbox")
    book = {PARTIES[each][0]: (identity(each).signing.certificate,) for each in ("counsellor", "creditor")}
    if isinstance(hub, Participant):
        who, waits = hub, Waits()
    else:
        who, waits = participant(hub.url, name, senders=book, origin_required=True), Waits(hub.clock)
    async with means_with(waits) as means:
        yield Office(who, inbox, outbox, means)
    await inbox.aclose()
    await outbox.aclose()


def question() -> bytes:
    return sample(
        "Schuldinventarisatie", "2.0", "Saldoverzoek", referentienummer=QUESTION,
        conversatie_referentienummer=CONVERSATION, afzender=PARTIES["counsellor"][0], ontvanger=PARTIES["creditor"][0],
    )  # fmt: skip


def answer() -> bytes:
    return sample(
        "Schuldinventarisatie", "2.0", "SaldoverzoekAntwoord", cross_referentienummer=QUESTION,
        conversatie_referentienummer=CONVERSATION, afzender=PARTIES["creditor"][0], ontvanger=PARTIES["counsellor"][0],
    )  # fmt: skip


async def states(hub: TestedHub) -> list[str]:
    return sorted(each.state.value for each in await hub.store.messages(MessageFilter()))
