"""A new message: which kinds a unit may begin a conversation with. To whom one goes the signed address book says, which
the browser verifies; the form, and everything that is typed, is the browser's alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.portal.messages import unit_named
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from pmodes.legal_basis import required_documents
from pmodes.term import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningType:
    """One kind of message that the unit may send of its own accord."""

    module: str
    version: str
    type: str
    label: str
    documents: tuple[str, ...]  # the kinds that the unit has to send along, by its legal basis


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningView:
    """The unit, and what it may begin."""

    unit: str
    unit_name: str
    types: tuple[BeginningType, ...]


async def beginning(visit: Visit, portal: Portal) -> Outcome:
    """What the unit may send today that answers nothing; what only ever answers needs its question."""
    unit, configuration = unit_named(visit, portal), portal.hub.configuration()
    today, language = local_day(visit.now), visit.texts.language
    types = [
        BeginningType(
            module=each.module,
            version=each.version,
            type=each.name,
            label=portal.type_words.label(each.service, each.name, language),
            documents=required_documents(each, unit.roles, unit.legal_basis),
        )
        for each in configuration.catalogue
        if unit.sends(each, today) and not each.is_for_hub and (each.question or not each.answers_to)
    ]
    return Shown(view=BeginningView(unit=unit.party_id, unit_name=unit.name, types=tuple(types)))
