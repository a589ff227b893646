"""A hub as a real process, with two participants, for rows in which it is killed or told to stop.

    async with hub_site(site) as running:            # started; killed at the end
        await running.desk("counsellor") ...

The failpoints of `gateway.failpoints` reach it through its environment.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from support.client.client_rows import ONCE

from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox
from gateway.client.participant import Participant
from gateway.client.participant_file import load_participant
from gateway.client.pull import pull
from gateway.client.push import PushResult, push
from gateway.client.taking import PullResult
from gateway.client.transport import open_session
from gateway.failpoints import ALLOWED_VARIABLE, VARIABLE
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import Planned, planned
from xsd.samples import sample

COUNSELLOR = planned("Counsellor", "shv-fase-1", "shv-fase-2")
CREDITOR = planned("Creditor", "schuldeiser")


def new_site(folder: Path, organisations: tuple[Planned, ...] = (COUNSELLOR, CREDITOR)) -> Site:
    """A hub, a counsellor and a creditor or whoever is named, on a port that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return make_site(folder, organisations, at=datetime.now(UTC), port=port)


@contextmanager
def failing(point: str) -> Iterator[None]:
    """Arm a failpoint for the hub that is started next."""
    os.environ |= {VARIABLE: point, ALLOWED_VARIABLE: "1"}
    try:
        yield
    finally:
        del os.environ[VARIABLE], os.environ[ALLOWED_VARIABLE]


@dataclass
class Desk:
    """A participant of the site."""

    who: Participant
    inbox: Inbox
    outbox: Outbox
    means: Means

    async def push(self, receiver: str, *, message_id: str | None = None) -> PushResult:
        """Send a Saldoverzoek once."""
        payload = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=self.who.party, ontvanger=receiver)
        return await push(
            self.who, payload, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
            outbox=self.outbox, checks=None, means=self.means, retry=ONCE, message_id=message_id,
        )  # fmt: skip

    async def pull(self) -> PullResult:
        """Take one message."""
        return await pull(self.who, inbox=self.inbox, means=self.means, retry=ONCE)


class RunningSite:
    """The hub process of a site; started as often as a test wants."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.process = HubProcess(site.settings, site.folder / "hub.log")

    async def start(self, failpoint: str | None = None, *, moved: timedelta = timedelta()) -> None:
        """Start it, with a failpoint or without."""
        if failpoint is None:
            await self.process.start(moved=moved)
        else:
            with failing(failpoint):
                await self.process.start(moved=moved)

    async def ended(self) -> None:
        """Wait until it has ended by itself, or by its failpoint."""
        await self.process.ended()
        await self.process.kill()

    def party(self, slug: str) -> str:
        """The party id of a participant."""
        return self.site.organisation(slug).party

    @asynccontextmanager
    async def desk(self, slug: str, state: Path) -> AsyncIterator[Desk]:
        """A participant at work; its inbox and outbox lie in that folder."""
        who = load_participant(self.site.organisation(slug).folder)
        inbox, outbox = await Inbox.open(state / slug / "inbox"), await Outbox.open(state / slug / "outbox")
        try:
            async with open_session(who) as session:
                yield Desk(who, inbox, outbox, Means(session=session))
        finally:
            await inbox.aclose()
            await outbox.aclose()


@asynccontextmanager
async def running_site(site: Site) -> AsyncIterator[RunningSite]:
    """The hub of a site, not started yet, dead at the end."""
    running = RunningSite(site)
    try:
        yield running
    finally:
        await running.process.kill()
