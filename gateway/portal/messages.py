"""Berichten and Verstuurd: what waits for each unit of whoever asks, what it sent, and one message of either.

Each unit has a list of its own. What another unit has, and what nobody has, are the same to whoever asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from gateway.msh.prolong import NotProlonged, find_waiting, may_add, prolong
from gateway.pages.rendering import segment
from gateway.portal.faults import Missing, Unusable
from gateway.portal.of_own_accord import goes_on, of_own_accord
from gateway.portal.portal import Portal
from gateway.portal.shown_messages import ShownMessage, Wording
from gateway.portal.visit import Outcome, See, Shown, Visit
from gateway.store.model import Fate, MessageFilter, MessageRecord, State
from pmodes.model import Organisation

PAGE_ROWS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One message that waits, and who has it open."""

    message: ShownMessage
    holder: str | None  # None: nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """One message that a unit sent, what became of it, and the answers to it, oldest first."""

    message: ShownMessage
    state: Fate
    answers: tuple[ShownMessage, ...]
    may_go_on: bool  # with another message in the conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOfUnit:
    """What waits for one unit, by its deadline: to do, and in somebody's hands; `more` is where a next page begins."""

    unit: str
    name: str
    has_keys: bool  # in force; without any nobody can send it anything
    has_lists: bool  # it answers questions by lists, too
    to_do: tuple[WaitingRow, ...]
    in_hand: tuple[WaitingRow, ...]
    count: int  # of all that waits, on this page and others
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOfUnit:
    """What one unit sent, newest first."""

    unit: str
    name: str
    rows: tuple[SentRow, ...]
    more: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesView:
    """The overview; without a unit it says by what code one is linked to one."""

    units: tuple[WaitingOfUnit, ...]
    pairing_code: str | None
    name: str | None
    said: str | None  # what became of the message before, a key of the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class SentView:
    """What the units of whoever asks sent."""

    units: tuple[SentOfUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message: what is known of it here, and what can be done about its term."""

    unit: str
    unit_name: str
    waiting: WaitingRow
    prolongs_by: tuple[int, ...]  # days; none where the organisation has no extension
    fault: str | None  # the key of what was wrong with a form
    is_over: bool  # its term: nothing can be done with it any more
    may_go_on: bool  # with a message of the unit's own accord in the conversation


async def overview(visit: Visit, portal: Portal) -> Outcome:
    """What waits, unit by unit."""
    visitor = visit.somebody
    units = [await waiting_of(each, visit, portal) for each in units_of(visit, portal)]
    code = None if visitor.linked else visitor.pairing_code
    said = _DONE.get(visit.query.get("done", ""))
    return Shown(view=MessagesView(units=tuple(units), pairing_code=code, name=visitor.name, said=said))


_DONE = {"answered": "messages.answered", "removed": "messages.removed", "sent": "messages.new_sent"}


async def of_unit(visit: Visit, portal: Portal) -> Outcome:
    """What waits for one unit."""
    return Shown(view=await waiting_of(unit_named(visit, portal), visit, portal))


async def sent(visit: Visit, portal: Portal) -> Outcome:
    """What was sent, unit by unit."""
    return Shown(view=SentView(units=tuple([await _sent_of(each, visit, portal) for each in units_of(visit, portal)])))


async def message(visit: Visit, portal: Portal) -> Outcome:
    """One message that waits; Missing for every other."""
    return Shown(view=await _message_view(visit, portal))


async def prolong_message(visit: Visit, portal: Portal) -> Outcome:
    """Let one message wait longer, by so many days; what was not agreed on is said on its page."""
    said = visit.said("days", most=3)
    if not said.isascii() or not said.isdigit():
        raise Unusable("days that are no number")
    outcome = await prolong(visit.path["message"], unit=visit.unit, days=int(said), hub=portal.hub)
    if outcome is None:
        raise Missing("no such message waits for that unit")
    if isinstance(outcome, NotProlonged):
        view = await _message_view(visit, portal, fault="prolong.refused")
        return Shown(view=view, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return See(path=f"/berichten/{segment(visit.unit)}/{segment(visit.path['message'])}")


async def _message_view(visit: Visit, portal: Portal, *, fault: str | None = None) -> MessageView:
    unit = unit_named(visit, portal)
    record = await find_waiting(visit.path["message"], unit.party_id, portal.hub)
    is_over = record is None
    if record is None:
        record = await _ended(unit, visit.path["message"], portal)
    return MessageView(
        unit=unit.party_id,
        unit_name=unit.name,
        waiting=_waiting_row(record, wording(visit, portal), await _names(visit, portal, [record])),
        prolongs_by=() if is_over else may_add(record, unit),
        fault=fault,
        is_over=is_over,
        may_go_on=goes_on(record, of_own_accord(unit, visit, portal)),
    )


async def _ended(unit: Organisation, message_id: str, portal: Portal) -> MessageRecord:
    """A message of that unit whose term is over, for who had its page open; Missing for whatever was handled."""
    for each in await portal.hub.store.messages(MessageFilter(message_id=message_id, receiver=unit.party_id)):
        if each.metadata.message_id == message_id and each.state not in (State.RECEIPTED, State.REMOVED):
            return each
    raise Missing("no such message of that unit")


async def waiting_of(unit: Organisation, visit: Visit, portal: Portal) -> WaitingOfUnit:
    """A page of what waits for a unit."""
    store = portal.hub.store
    found = await store.waiting(unit.party_id, after=_page(visit, unit), limit=PAGE_ROWS + 1)
    words, names = wording(visit, portal), await _names(visit, portal, found)
    rows = [_waiting_row(each, words, names) for each in found[:PAGE_ROWS] if each.metadata.expires_at > visit.now]
    return WaitingOfUnit(
        unit=unit.party_id,
        name=unit.name,
        has_keys=bool(unit.encryption_certificates),
        has_lists=unit.desk_lists,
        to_do=tuple(each for each in rows if each.holder is None),
        in_hand=tuple(each for each in rows if each.holder is not None),
        count=await store.count_waiting(unit.party_id),
        more=found[PAGE_ROWS - 1].metadata.message_id if len(found) > PAGE_ROWS else None,
    )


async def _sent_of(unit: Organisation, visit: Visit, portal: Portal) -> SentOfUnit:
    found = await portal.hub.store.sent(unit.party_id, before=_page(visit, unit), limit=PAGE_ROWS + 1)
    words, kinds = wording(visit, portal), of_own_accord(unit, visit, portal)
    return SentOfUnit(
        unit=unit.party_id,
        name=unit.name,
        rows=tuple(
            SentRow(
                message=words.sent(each.record),
                state=each.fate,
                answers=tuple(words.received(answer) for answer in each.answers),
                may_go_on=goes_on(each.record, kinds),
            )
            for each in found[:PAGE_ROWS]
        ),
        more=found[PAGE_ROWS - 1].record.metadata.message_id if len(found) > PAGE_ROWS else None,
    )


async def waiting_message(unit: Organisation, message_id: str, portal: Portal) -> MessageRecord:
    """The message of that id in the mailbox of that unit, as long as it waits; Missing otherwise."""
    found = await find_waiting(message_id, unit.party_id, portal.hub)
    if found is None:
        raise Missing("no such message waits for that unit")
    return found


def units_of(visit: Visit, portal: Portal) -> tuple[Organisation, ...]:
    """The units that whoever asks is linked to, by name; one of them alone where the query names it."""
    by_party = portal.hub.configuration().by_party
    linked = (by_party[each] for each in visit.somebody.linked if each in by_party)  # the files may be newer
    found = sorted(linked, key=lambda each: (each.name, each.party_id))
    wanted = visit.query.get("unit")
    return tuple(each for each in found if wanted is None or each.party_id == wanted)


def unit_named(visit: Visit, portal: Portal) -> Organisation:
    """The unit that the path names, of which the right was judged."""
    found = portal.hub.configuration().by_party.get(visit.unit)
    if found is None:  # the files were read again a moment ago
        raise Missing("no such unit any more")
    return found


def wording(visit: Visit, portal: Portal) -> Wording:
    """How rows are worded for whoever asks."""
    return Wording(visit.texts, portal.type_words, portal.hub.configuration(), visit.now)


def _waiting_row(record: MessageRecord, words: Wording, names: Mapping[str, str | None]) -> WaitingRow:
    holder = None
    if record.state is State.OFFERED:
        holder = names.get(record.desk_holder or "") or words.texts("message.somebody")
    return WaitingRow(message=words.received(record), holder=holder)


async def _names(visit: Visit, portal: Portal, records: Sequence[MessageRecord]) -> Mapping[str, str | None]:
    """The names of the people of the organisation, where one of these messages is in somebody's hands."""
    if not any(each.state is State.OFFERED for each in records):
        return {}
    return {each.id: each.name for each in await portal.store.persons(visit.somebody.organisation)}


def _page(visit: Visit, unit: Organisation) -> str | None:
    """After which message the page begins, of that unit's list alone."""
    return visit.query.get("after") if visit.query.get("unit") == unit.party_id else None
