"""Lists: questions of one kind that are downloaded together and answered together, in a spreadsheet.

The browser opens the questions, writes the file, reads it and makes the answers. Done here: whether the unit has
lists, which kinds there are, that all questions of a list are leased at once, and what became of those that a file
names.

SECURITY: a reference of another unit, and one that nobody ever used, are the same to who asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from gateway.msh.open_at_desk import keep_list_open, let_list_go, open_list_at_desk
from gateway.portal.desk import KeptView, name_of_person
from gateway.portal.faults import Missing, PortalFault, Unusable
from gateway.portal.in_hand import note
from gateway.portal.messages import unit_named, wording
from gateway.portal.portal import Portal
from gateway.portal.shown_messages import ShownMessage
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.model import AskedRecord, DeskFull, DeskLease, Held, MessageRecord
from gateway.store.portal.model import Deed
from gateway.store.states import WAITING
from pmodes.model import Organisation
from xsd.message_type import MessageType

MOST_TOGETHER: Final = 1_000
"""How many questions a list opens, and references a call names: a thousand are read in some seconds."""

_PAGE: Final = 500


class QuestionState(StrEnum):
    """What became of a question that a file names."""

    OPEN = "open"  # it waits, and is open in this browser now
    HELD = "held"  # it waits, and a colleague has it open
    CONFIRMED = "confirmed"  # its receipt was given, and it has no answer yet
    ANSWERED = "answered"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # to this unit
    DAMAGED = "damaged"  # it waits, and cannot be opened


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKind:
    """A kind of question that has a list, and how many of it wait."""

    module: str
    version: str
    type: str
    label: str
    count: int
    waived: int  # of those, how many need no answer any more


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsView:
    """The lists of a unit; `is_on`: it may use them. `confirmed`: the questions that it confirmed and has not answered,
    newest first; a thousand at most, and `more` where there are others.
    """

    unit: str
    unit_name: str
    is_on: bool
    kinds: tuple[ListKind, ...]
    confirmed: tuple[ShownMessage, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A question of a list. `token` is of its lease, `holder` who has it instead."""

    reference: str
    state: QuestionState
    message: ShownMessage | None = None
    token: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedView:
    """Questions by their deadline; `left` are those of the kind that did not fit into this list. `list`: what they are
    open with, to be named by whoever opens more, prolongs them or gives them up; None where nothing is.
    """

    questions: tuple[QuestionView, ...]
    left: int
    list: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLetGoView:
    """How many questions of the list wait as before."""

    released: int


async def lists(visit: Visit, portal: Portal) -> Outcome:
    """Which lists a unit has, and how many questions wait in each."""
    unit = unit_named(visit, portal)
    waiting = await _waiting(unit, visit, portal) if unit.desk_lists else []
    kinds = [
        ListKind(
            module=each.module,
            version=each.version,
            type=each.name,
            label=portal.type_words.label(each.service, each.name, visit.texts.language),
            count=sum(_is_of(record, each) for record in waiting),
            waived=sum(record.waived and _is_of(record, each) for record in waiting),
        )
        for each in _kinds_of(unit, portal)
    ]
    gone = await portal.hub.store.unanswered(unit.party_id, limit=MOST_TOGETHER + 1) if unit.desk_lists else ()
    words = wording(visit, portal)
    view = ListsView(
        unit=unit.party_id,
        unit_name=unit.name,
        is_on=unit.desk_lists,
        kinds=tuple(kinds),
        confirmed=tuple(words.received(each) for each in gone[:MOST_TOGETHER]),
        more=len(gone) > MOST_TOGETHER,
    )
    return Shown(view=view)


async def open_list(visit: Visit, portal: Portal) -> Outcome:
    """Have the questions of one kind open, all at once: those with the nearest deadlines."""
    unit = _unit_with_lists(visit, portal)
    named = (visit.said("module"), visit.said("version"), visit.said("type"))
    kind = next((each for each in _kinds_of(unit, portal) if (each.module, each.version, each.name) == named), None)
    if kind is None:
        raise Missing("no such list")
    found = [each for each in await _waiting(unit, visit, portal) if _is_of(each, kind)]
    asked = {each.metadata.message_id: each for each in found[:MOST_TOGETHER]}
    questions, name = await _opened(asked, Deed.DOWNLOADED, unit, visit, portal)
    return Shown(view=OpenedView(questions=tuple(questions), left=len(found) - len(asked), list=name))


async def open_questions(visit: Visit, portal: Portal) -> Outcome:
    """What became of the questions of these references; those that wait are open in this browser then."""
    unit = _unit_with_lists(visit, portal)
    references = _references(visit)
    found = await portal.hub.store.asked(unit.party_id, references)
    states = {each: _state(found.get(each), visit) for each in references}
    asked = {
        record.metadata.message_id: record
        for reference, record in ((each, found[each].record) for each in references if each in found)
        if states[reference] is QuestionState.OPEN
    }
    shown, name = await _opened(asked, Deed.OPENED, unit, visit, portal)
    opened = {each.reference: each for each in shown}
    words = wording(visit, portal)
    questions = [
        opened.get(reference)
        or QuestionView(
            reference=reference,
            state=state,
            message=None if reference not in found else words.received(found[reference].record),
        )
        for reference, state in states.items()
    ]
    return Shown(view=OpenedView(questions=tuple(questions), left=0, list=name))


async def keep_list(visit: Visit, portal: Portal) -> Outcome:
    """The list is in use; one of which nothing is open to this person any more is gone (410)."""
    person = visit.somebody.person
    until = await keep_list_open(visit.said("list"), unit=visit.unit, person=person, hub=portal.hub)
    await portal.hub.store.flushed()
    if until is None:
        raise PortalFault(HTTPStatus.GONE, "error.lease_lost", detail="nothing of that list is open to this person")
    return Shown(view=KeptView(until=until))


async def release_list(visit: Visit, portal: Portal) -> Outcome:
    """Done with the list: what of it was not handled waits for everybody."""
    person = visit.somebody.person
    released = await let_list_go(visit.said("list"), unit=visit.unit, person=person, hub=portal.hub)
    await portal.hub.store.flushed()
    return Shown(view=ListLetGoView(released=released))


async def _opened(
    asked: Mapping[str, MessageRecord], deed: Deed, unit: Organisation, visit: Visit, portal: Portal
) -> tuple[Sequence[QuestionView], str | None]:
    """What became of these, and the name of the list that they are open with."""
    person, joins = visit.somebody.person, _list_named(visit)
    outcome = await open_list_at_desk(tuple(asked), unit=unit.party_id, person=person, hub=portal.hub, desk_list=joins)
    await portal.hub.store.flushed()
    if isinstance(outcome, DeskFull):
        detail = f"{outcome.limit} are open{' by this person' if outcome.of_person else ''}"
        text = "error.too_many_lists" if outcome.of_person else "error.too_many_at_desks"
        raise PortalFault(HTTPStatus.TOO_MANY_REQUESTS, text, detail=detail)
    leases = {each.message_id: each for each in outcome.leases}
    # Who has a question open already did not open it again by reading a file; a download is one each time.
    done = {each for each, lease in leases.items() if deed is not Deed.OPENED or not lease.again}
    await note(visit, portal, deed, [record.metadata for key, record in asked.items() if key in done])
    words = wording(visit, portal)
    questions = [
        await _question(record, words.received(record), leases.get(key), outcome.held.get(key), visit, portal)
        for key, record in asked.items()
    ]
    return questions, outcome.desk_list


def _list_named(visit: Visit) -> str | None:
    """The list that is open in this browser already, which is one with what is opened now."""
    given = visit.json.get("list") if isinstance(visit.json, dict) else None
    return None if given is None else visit.said("list")


async def _question(
    record: MessageRecord,
    shown: ShownMessage,
    lease: DeskLease | None,
    held: Held | None,
    visit: Visit,
    portal: Portal,
) -> QuestionView:
    reference = record.metadata.tracking_identifier
    if lease is not None:
        return QuestionView(reference=reference, state=QuestionState.OPEN, message=shown, token=lease.token)
    if held is not None:
        holder = await name_of_person(held.person, visit, portal) or visit.texts("message.somebody")
        return QuestionView(reference=reference, state=QuestionState.HELD, message=shown, holder=holder)
    return QuestionView(reference=reference, state=QuestionState.DAMAGED, message=shown)


def _state(found: AskedRecord | None, visit: Visit) -> QuestionState:
    if found is None:
        return QuestionState.UNKNOWN
    if found.record.answered:
        return QuestionState.ANSWERED
    if found.record.state in WAITING:
        return QuestionState.OPEN if found.record.metadata.expires_at > visit.now else QuestionState.EXPIRED
    return QuestionState.CONFIRMED if found.confirmed else QuestionState.EXPIRED


def _references(visit: Visit) -> tuple[str, ...]:
    given = visit.json.get("references") if isinstance(visit.json, dict) else None
    if not isinstance(given, list) or not 0 < len(given) <= MOST_TOGETHER:
        raise Unusable(f"references: not 1 to {MOST_TOGETHER} of them")
    if not all(isinstance(each, str) and 0 < len(each) <= 100 for each in given):
        raise Unusable("references: not texts of 100 characters at most")
    return tuple(dict.fromkeys(given))


def _unit_with_lists(visit: Visit, portal: Portal) -> Organisation:
    unit = unit_named(visit, portal)
    if not unit.desk_lists:
        raise PortalFault(HTTPStatus.FORBIDDEN, "error.lists_off", detail="the unit has no lists")
    return unit


async def _waiting(unit: Organisation, visit: Visit, portal: Portal) -> list[MessageRecord]:
    """The questions that wait for a unit and have no answer, by their deadline."""
    found: list[MessageRecord] = []
    after = None
    while True:
        page = await portal.hub.store.waiting(unit.party_id, after=after, limit=_PAGE)
        found += [
            each
            for each in page
            if each.metadata.question and not each.answered and each.metadata.expires_at > visit.now
        ]
        if len(page) < _PAGE:
            return found
        after = page[-1].metadata.message_id


def _kinds_of(unit: Organisation, portal: Portal) -> Iterator[MessageType]:
    """The kinds of questions that a unit may get and that have a list."""
    catalogue = portal.hub.configuration().catalogue
    for module in catalogue.modules:
        if module.name not in unit.modules:
            continue
        tables = portal.forms.lists(module.name, module.version)
        yield from (each for each in module.messages if each.name in tables and unit.roles & set(each.receivers))


def _is_of(record: MessageRecord, kind: MessageType) -> bool:
    return (record.metadata.service, record.metadata.action) == (kind.service, kind.name)
