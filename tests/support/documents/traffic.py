"""Ten messages a second, or as many as the machine does, from one participant to another while somebody works on their
keys and the hub's.

Both work as their systems would: the sender with its folder as it is at the moment of each message, the receiver as it
is at each pull. Every message that arrives is noted, also what a command of a page pulled meanwhile.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.client.inbox import Inbox
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.participant import Participant
from gateway.client.participant_file import FILE_NAME, load_participant
from gateway.client.pull import pull_until_empty
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome, PullResult
from gateway.client.transport import open_session
from gateway.site.documents import Drawn, make_document
from xsd.catalogue import load_catalogue

PER_SECOND = 10
_AT_ONCE = PER_SECOND  # pushes under way; on a busy machine more of them would only wait for each other
RETRY = RetryPolicy(first_seconds=0.3, longest_seconds=2.0, retries=10)
_PAUSE_SECONDS = 0.1  # between two looks into an empty mailbox
_BAD = frozenset({Outcome.NOT_TAKEN, Outcome.REFUSED, Outcome.NO_ANSWER, Outcome.DAMAGED, Outcome.DUPLICATE})
# What a hub writes of a message, signal or file that did not go as it should.
_REFUSALS = frozenset({
    "refused", "postponed", "request_refused", "connection_refused", "reload_refused", "signal_ignored", "error_taken",
    "error_unmatched", "error_distrusted", "message_expired", "notice_unsealable", "defect", "job_failed",
})  # fmt: skip


class Folder:
    """A participant's folder, read again whenever its file has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[int, int, int] | None = None
        self._read: Participant | None = None

    def participant(self) -> Participant:
        """What the folder says now."""
        about = (self.folder / FILE_NAME).stat()
        seen = (about.st_ino, about.st_mtime_ns, about.st_size)
        if self._read is None or seen != self._seen:
            self._seen, self._read = seen, load_participant(self.folder)
        return self._read


@dataclass
class Traffic:
    """What was sent and what arrived."""

    sender: Folder
    receiver: Folder
    hub_log: Path
    sent: list[bytes] = field(default_factory=list)
    results: list[PushResult] = field(default_factory=list)
    arrived: Counter[bytes] = field(default_factory=Counter)
    pulls: list[PullResult] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)

    def said_against(self) -> list[str]:
        """Everything that was not as if nobody had touched a key, but for what is in the mailbox still."""
        said = [f"the hub: {each}" for each in self.hub_log.read_text("utf-8").splitlines() if _is_refusal(each)]
        for result in self.results:
            if result.state is not OutboxState.ACKNOWLEDGED or result.attempts != 1 or result.errors:
                said.append(f"pushed: {result.state.value} after {result.attempts}, {result.note} {result.errors}")
        said += [f"pulled: {each}" for each in self.pulls if each.outcome in _BAD]
        said += [f"fault: {each!r}" for each in self.faults]
        arrived = self.arrived + self._pulled_by_commands()
        said += [f"arrived {arrived[each]} times" for each in self.sent if arrived[each] != 1]
        if len(arrived) != len(self.sent):
            said.append(f"{len(self.sent)} were sent, and {len(arrived)} arrived")
        return said

    def _pulled_by_commands(self) -> Counter[bytes]:
        sent = set(self.sent)
        files = (each for each in (self.receiver.folder / "in").rglob("*") if each.is_file())
        return Counter(octets for each in files if (octets := each.read_bytes()) in sent)


@asynccontextmanager
async def flowing(sender: Path, receiver: Path, hub_log: Path, state: Path) -> AsyncIterator[Traffic]:
    """Traffic while the context lasts; at its end everything has an outcome, and the mailbox is empty."""
    traffic = Traffic(Folder(sender), Folder(receiver), hub_log)
    async with AsyncExitStack() as ends:
        outbox = await Outbox.open(state / "outbox")
        ends.push_async_callback(outbox.aclose)
        inbox = await Inbox.open(state / "inbox")
        ends.push_async_callback(inbox.aclose)
        sending = Means(session=await ends.enter_async_context(open_session(traffic.sender.participant())))
        pulling = Means(session=await ends.enter_async_context(open_session(traffic.receiver.participant())))
        stop = asyncio.Event()
        together = [
            asyncio.create_task(_push(traffic, outbox, sending, stop)),
            asyncio.create_task(_pull(traffic, inbox, pulling, stop)),
        ]
        try:
            yield traffic
        finally:
            stop.set()
            ended = await asyncio.gather(*together, return_exceptions=True)
            traffic.faults += [each for each in ended if isinstance(each, BaseException)]
        await _take_everything(traffic, inbox, pulling)


async def _push(traffic: Traffic, outbox: Outbox, means: Means, stop: asyncio.Event) -> None:
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    loop, drawn = asyncio.get_running_loop(), Drawn()
    receiver = traffic.receiver.participant().party
    begun, in_flight = loop.time(), asyncio.Semaphore(_AT_ONCE)

    async def one() -> None:
        sender = traffic.sender.participant()
        document = make_document(kind, drawn, sender=sender.party, receiver=receiver, at=datetime.now(UTC))
        traffic.sent.append(document.octets)
        traffic.results.append(
            await push(
                sender, document.octets, module=kind.module, version=kind.version, message_type=kind.name,
                outbox=outbox, checks=None, means=means, retry=RETRY,
            )
        )  # fmt: skip
        in_flight.release()

    async with asyncio.TaskGroup() as pushes:
        number = 0
        while not stop.is_set():
            await in_flight.acquire()
            pushes.create_task(one())
            number += 1
            await asyncio.sleep(max(0.0, begun + number / PER_SECOND - loop.time()))


async def _pull(traffic: Traffic, inbox: Inbox, means: Means, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _take(traffic, inbox, means)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _take_everything(traffic: Traffic, inbox: Inbox, means: Means) -> None:
    while traffic.faults == [] and any(each.outcome is Outcome.STORED for each in await _take(traffic, inbox, means)):
        pass


async def _take(traffic: Traffic, inbox: Inbox, means: Means) -> tuple[PullResult, ...]:
    results = await pull_until_empty(traffic.receiver.participant(), inbox=inbox, means=means, retry=RETRY)
    traffic.pulls += results
    number = 0
    while (message := await inbox.next(number)) is not None:
        number = message.number
        traffic.arrived[message.parts[0].read()] += 1
        await inbox.mark_processed(message.number, at=means.clock.now())
    return results


def _is_refusal(line: str) -> bool:
    return json.loads(line)["event"] in _REFUSALS
