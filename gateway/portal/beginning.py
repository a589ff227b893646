"""A new message: which kinds a unit may begin a conversation with, or go on with in one that there is.

To whom one goes the signed address book says, which the browser verifies; the form, and all that is typed, is the
browser's alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.portal.faults import Missing
from gateway.portal.messages import unit_named, wording
from gateway.portal.of_own_accord import of_own_accord
from gateway.portal.portal import Portal
from gateway.portal.shown_messages import Wording
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.model import Kind, MessageFilter, MessageRecord
from pmodes.legal_basis import required_documents
from pmodes.model import Organisation

_BEFORE: Final = "bij."  # begins the names of those fields of a query that name a message of a conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningType:
    """One kind of message that the unit may send of its own accord."""

    module: str
    version: str
    type: str
    label: str
    documents: tuple[str, ...]  # the kinds that the unit has to send along, by its legal basis


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOn:
    """A conversation that goes on, and with whom."""

    conversation: str
    party: str
    party_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningView:
    """The unit, what it may begin, and the conversations in which: none where new ones begin."""

    unit: str
    unit_name: str
    types: tuple[BeginningType, ...]
    goes_on: tuple[GoesOn, ...]


async def beginning(visit: Visit, portal: Portal) -> Outcome:
    """What the unit may send today that answers nothing; what only ever answers needs its question. Where the query
    names messages of the unit, only what belongs to the module version of their conversations.
    """
    unit, language = unit_named(visit, portal), visit.texts.language
    before = [await _message_of(unit, each, portal) for name, each in visit.query.items() if name.startswith(_BEFORE)]
    services = {each.metadata.service for each in before}
    types = [
        BeginningType(
            module=each.module,
            version=each.version,
            type=each.name,
            label=portal.type_words.label(each.service, each.name, language),
            documents=required_documents(each, unit.roles, unit.legal_basis),
        )
        for each in of_own_accord(unit, visit, portal)
        if not services or services == {each.service}
    ]
    words = wording(visit, portal)
    goes_on = {_goes_on(unit, each, words) for each in before}
    return Shown(
        view=BeginningView(
            unit=unit.party_id,
            unit_name=unit.name,
            types=tuple(types),
            goes_on=tuple(sorted(goes_on, key=lambda each: each.party_name)),
        )
    )


async def _message_of(unit: Organisation, message_id: str, portal: Portal) -> MessageRecord:
    """A message that the unit sent or got; Missing for every other."""
    for each in await portal.hub.store.messages(MessageFilter(message_id=message_id)):
        about = each.metadata
        if about.kind is Kind.MESSAGE and unit.party_id in (about.sender, about.receiver):
            return each
    raise Missing("no such message of that unit")


def _goes_on(unit: Organisation, record: MessageRecord, words: Wording) -> GoesOn:
    about = record.metadata
    party = about.final_recipient if about.sender == unit.party_id else about.original_sender
    return GoesOn(conversation=about.conversation_id, party=party, party_name=words.name_of(party))
