"""Who has messages of a unit in hand is written down when it is, by type and number alone; and the page on which an
administrator of the organisation reads it.

Of an answer that is written before the answer is taken, so that none is taken unwritten: one that the store refuses at
the last moment, as for a mailbox that is full, has its line, too.

SECURITY: nothing of a message stands there but its type: no reference, no counterpart. No verb of the operator reads
it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.portal.messages import unit_named
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.paging import Paged, page_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.model import Metadata
from gateway.store.portal.model import Deed, Handling

LINES: Final = 50  # on a page


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHandling:
    """One line: who did what, with how many of which type."""

    at: ShownMoment
    person: str | None
    deed: Deed
    message_type: str
    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InHandView:
    """The lines of a unit, newest first; `older` is where the page before goes on."""

    unit: str
    name: str
    lines: tuple[ShownHandling, ...]
    older: int | None


async def in_hand(visit: Visit, portal: Portal) -> Outcome:
    """What was opened, answered, sent and downloaded for a unit."""
    visitor, unit = visit.somebody, unit_named(visit, portal)
    found: Paged[Handling] = await page_of(
        visit,
        lambda older: portal.store.handlings(visitor.organisation, unit.party_id, older_than=older, limit=LINES + 1),
        most=LINES,
    )
    people = {each.id: each.name for each in await portal.store.persons(visitor.organisation)}
    return Shown(
        view=InHandView(
            unit=unit.party_id,
            name=unit.name,
            lines=tuple(_shown(each, people, visit, portal) for each in found.lines),
            older=found.older,
        )
    )


async def note(visit: Visit, portal: Portal, deed: Deed, messages: Iterable[Metadata]) -> None:
    """Write down that whoever asks did that with these messages of the unit that the route names."""
    visitor = visit.somebody
    counts = Counter((each.service, each.action) for each in messages)
    await portal.store.note_handlings(
        [
            Handling(
                organisation=visitor.organisation,
                unit=visit.unit,
                person=visitor.person,
                deed=deed,
                service=service,
                action=action,
                messages=count,
            )
            for (service, action), count in counts.items()
        ]
    )


def _shown(handling: Handling, people: dict[str, str | None], visit: Visit, portal: Portal) -> ShownHandling:
    if handling.at is None:
        raise ValueError("a line that was not kept")
    return ShownHandling(
        at=shown_moment(handling.at, visit.texts),
        person=people.get(handling.person),
        deed=handling.deed,
        message_type=portal.type_words.label(handling.service, handling.action, visit.texts.language),
        messages=handling.messages,
    )
