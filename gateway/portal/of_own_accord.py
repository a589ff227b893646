"""What a unit sends of its own accord: questions, and whatever answers nothing."""

from __future__ import annotations

from gateway.portal.portal import Portal
from gateway.portal.visit import Visit
from gateway.store.model import MessageRecord
from pmodes.model import Organisation
from pmodes.term import local_day
from xsd.message_type import MessageType


def of_own_accord(unit: Organisation, visit: Visit, portal: Portal) -> tuple[MessageType, ...]:
    """The kinds of message that the unit may begin today; what only ever answers needs its question."""
    today = local_day(visit.now)
    return tuple(
        each
        for each in portal.hub.configuration().catalogue
        if unit.sends(each, today) and not each.is_for_hub and (each.question or not each.answers_to)
    )


def goes_on(record: MessageRecord, kinds: tuple[MessageType, ...]) -> bool:
    """Whether one of these kinds may come after that message in its conversation, in the same module version."""
    return any(each.service == record.metadata.service for each in kinds)
