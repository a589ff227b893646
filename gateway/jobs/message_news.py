"""Looks at the hub's messages for what units are told of by mail: new ones, those whose term is about to end, and those
that expired.

What was looked at stands in the portal's store with what is told of it, so a restart loses nothing and tells nothing
twice. The messages are the hub's; both are read in slices, beside the traffic.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from gateway.ebms.names import TEST_ACTION
from gateway.identity.login import OrganisationNumber
from gateway.msh.hub import Hub
from gateway.store.model import EvidenceKind, MessageFilter, MessageRecord, State
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import MailEvent, WatchedMessage
from gateway.store.states import WAITING
from pmodes.term import is_working_day, local_day, time_zone

SLICE: Final = 100
SLICES: Final = 50  # of messages whose moment came, in one look; the next look goes on
REMINDED_FROM: Final = time(7)  # of the working day before the last one, in the Netherlands
_AFTER_TERM: Final = timedelta(minutes=2)  # the hub's own round has ended it by then
_LOOK_AGAIN: Final = timedelta(minutes=10)  # it is over and waits still: somebody has it, or the time is suspect


class MessageNews:
    """One look. `numbers_of` a unit are those of its organisation, the first being what most logins name; none where no
    such unit works at a desk.

    Every message for a desk is watched, whether or not an address of its unit counts: one that counts before the
    message goes is reminded of it.
    """

    def __init__(
        self, store: PortalStore, hub: Hub, numbers_of: Callable[[str], tuple[OrganisationNumber, ...]]
    ) -> None:
        self._store = store
        self._hub = hub
        self._numbers_of = numbers_of

    async def look(self) -> None:
        """Queue what is to be told now."""
        while await self._look_at_arrivals():
            pass
        for _ in range(SLICES):
            due = await self._store.watched_due(SLICE)
            for each in due:
                await self._look_at(each)
            if len(due) < SLICE:
                return

    async def _look_at_arrivals(self) -> bool:
        """One slice of what came; whether there may be more."""
        before = await self._store.arrivals_seen()
        found = await self._hub.store.arrivals(after=before, limit=SLICE)
        units = await self._store.units_told() if found.records else {}
        arrived = [(each, until) for record in found.records for each, until in self._watched(record, units)]
        await self._store.note_arrivals(before, found.seen, arrived)
        return len(found.records) == SLICE

    def _watched(
        self, record: MessageRecord, units: Mapping[str, OrganisationNumber]
    ) -> list[tuple[WatchedMessage, datetime]]:
        about = record.metadata
        if record.state not in WAITING or about.action == TEST_ACTION:
            return []
        numbers = self._numbers_of(about.receiver)
        if not numbers:
            return []
        told = units.get(about.receiver)
        remind_at = reminded_at(about.expires_at, self._closing_days())
        is_late = about.accepted_at >= remind_at  # that it came is reminder enough
        watched = WatchedMessage(
            message_id=about.message_id,
            unit=about.receiver,
            organisation=told if told in numbers else numbers[0],
            look_at=about.expires_at + _AFTER_TERM if is_late else remind_at,
            reminded=is_late,
        )
        return [(watched, about.expires_at)]

    async def _look_at(self, watched: WatchedMessage) -> None:
        found = await self._hub.store.messages(MessageFilter(message_id=watched.message_id))
        record = next((each for each in found if each.metadata.message_id == watched.message_id), None)
        if record is None or record.state is State.RECEIPTED:
            await self._store.settle_watched(watched, None, until=watched.look_at, look_at=None)
            return
        until = record.metadata.expires_at
        if record.state not in WAITING:
            event = None if await self._was_collected(record) else MailEvent.EXPIRED
            await self._store.settle_watched(watched, event, until=until, look_at=None)
            return
        now = self._hub.time.now()
        over = max(until + _AFTER_TERM, now + _LOOK_AGAIN) if until <= now else until + _AFTER_TERM
        remind_at = reminded_at(until, self._closing_days())
        if watched.reminded or until <= now:
            await self._store.settle_watched(watched, None, until=until, look_at=over)
        elif now < remind_at:  # its term was prolonged
            await self._store.settle_watched(watched, None, until=until, look_at=remind_at)
        else:
            await self._store.settle_watched(watched, MailEvent.REMINDER, until=until, look_at=over)

    async def _was_collected(self, record: MessageRecord) -> bool:
        kinds = {kind for kind, _, _ in await self._hub.store.evidence(record.metadata.message_id)}
        return not kinds.isdisjoint({EvidenceKind.TAKEN, EvidenceKind.LATE})

    def _closing_days(self) -> Collection[date]:
        return self._hub.configuration().hub.closing_days


def reminded_at(expires_at: datetime, closing_days: Collection[date]) -> datetime:
    """When a message is reminded of: in the morning of the working day before the last day of its term."""
    day = local_day(expires_at - timedelta(microseconds=1)) - timedelta(days=1)
    while not is_working_day(day, closing_days):
        day -= timedelta(days=1)
    return datetime.combine(day, REMINDED_FROM, tzinfo=time_zone()).astimezone(UTC)
