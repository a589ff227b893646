"""The participants of a site at work: each with its own keys, outbox and inbox, as `knooppunt push` and `pull` have
them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.client.checking import Checks
from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.outgoing import Attachment
from gateway.client.participant import Participant
from gateway.client.participant_file import load_participant
from gateway.client.pull import pull_until_empty
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import PullResult
from gateway.client.transport import open_session
from gateway.clock import MovedClock
from gateway.ebms.names import APPLICATION_PDF
from gateway.site.documents import Document
from gateway.site.making import Made
from xsd.catalogue import Catalogue

# A hub that was killed is back within seconds; a player asks again soon, under the same MessageId.
RETRY = RetryPolicy(first_seconds=0.3, factor=1.5, longest_seconds=2.0, retries=25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """One participant at work."""

    made: Made
    participant: Participant
    outbox: Outbox
    inbox: Inbox
    means: Means
    clock: MovedClock
    checks: Checks

    async def push(self, document: Document, *, unchecked: bool = False) -> PushResult:
        """Check a document and send it until the hub has answered for good."""
        kind = document.message_type
        return await push(
            self.participant,
            document.octets,
            module=kind.module,
            version=kind.version,
            message_type=kind.name,
            outbox=self.outbox,
            means=self.means,
            checks=None if unchecked else self.checks,
            attachments=[Attachment(content=each, mime_type=APPLICATION_PDF) for each in document.attachments],
            retry=RETRY,
        )

    async def pull(self, *, limit: int | None = None) -> tuple[PullResult, ...]:
        """Empty the mailbox, or take so many messages."""
        return await pull_until_empty(self.participant, inbox=self.inbox, means=self.means, retry=RETRY, limit=limit)

    async def process(self) -> list[tuple[InboxMessage, bytes]]:
        """Every message not processed yet, with its leading document, marked as processed."""
        found = []
        number = 0
        while (message := await self.inbox.next(number)) is not None:
            number = message.number
            found.append((message, message.parts[0].read() if message.parts else b""))
            await self.inbox.mark_processed(message.number, at=self.means.clock.now())
        return found

    def move_clock(self, by: timedelta) -> None:
        """Let so much time pass for this participant."""
        self.clock.offset += by

    def asking_for(self, other: Player) -> Player:
        """The same, asking for another's mailbox with its own keys."""
        return replace(self, participant=replace(self.participant, mpc=other.participant.mpc))


def acknowledged(results: Sequence[PushResult]) -> int:
    """How many messages have the hub's receipt, its signature and every digest checked."""
    return sum(each.state is OutboxState.ACKNOWLEDGED for each in results)


@asynccontextmanager
async def cast(organisations: Sequence[Made], catalogue: Catalogue) -> AsyncIterator[dict[str, Player]]:
    """All players, by short name; closed together."""
    async with AsyncExitStack() as stack:
        players = {}
        for made in organisations:
            participant = load_participant(made.folder)
            outbox = await Outbox.open(made.folder / "state" / "outbox")
            stack.push_async_callback(outbox.aclose)
            inbox = await Inbox.open(made.folder / "state" / "inbox")
            stack.push_async_callback(inbox.aclose)
            session = await stack.enter_async_context(open_session(participant))
            clock = MovedClock()
            players[made.slug] = Player(
                made=made,
                participant=participant,
                outbox=outbox,
                inbox=inbox,
                means=Means(session=session, clock=clock),
                clock=clock,
                checks=Checks(catalogue=catalogue, inbox=inbox),
            )
        yield players
