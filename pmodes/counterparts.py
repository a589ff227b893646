"""Who may send what to whom, seen from one organisation: what follows from roles and modules on one day.

Nothing is written down per pair, so an administrator who wants to know what a file comes to asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from pmodes.configuration import Configuration
from pmodes.model import Organisation
from xsd.message_type import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message type that an organisation sends, or receives, with everybody at the other end."""

    message_type: MessageType
    sends: bool
    others: tuple[Organisation, ...]


def exchanges(configuration: Configuration, organisation: Organisation, day: date) -> tuple[Exchange, ...]:
    """Every message type that it may send on that day, and every one that may be sent to it, by the catalogue's order;
    also one with nobody at the other end. Whose access is `desk` works in the portal and counts like any other.
    """
    others = [each for each in configuration.organisations if each is not organisation]
    return tuple(_exchanges(configuration.catalogue, organisation, others, day))


def senders_to(
    configuration: Configuration, roles: Collection[str], modules: Mapping[str, Collection[str]]
) -> tuple[Organisation, ...]:
    """Who may, on whatever day, send something to somebody with these roles and module versions."""
    received = [
        each
        for each in configuration.catalogue
        if each.version in modules.get(each.module, ()) and not set(roles).isdisjoint(each.receivers)
    ]
    return tuple(one for one in configuration.organisations if any(one.sends(each, None) for each in received))


def answer_working_days(receiver: Organisation, message_type: MessageType) -> int | None:
    """How many working days a receiver has to answer a question: as its file says for the module version, else as the
    message type does; None for what awaits no answer, or has no term.
    """
    if not message_type.question:
        return None
    version = receiver.version_of(message_type)
    agreed = None if version is None else version.answer_working_days
    return message_type.answer_term_working_days if agreed is None else agreed


def _exchanges(
    types: Iterable[MessageType], organisation: Organisation, others: list[Organisation], day: date
) -> Iterator[Exchange]:
    for each in types:
        if organisation.sends(each, day):
            yield Exchange(message_type=each, sends=True, others=tuple(o for o in others if o.receives(each, day)))
        if organisation.receives(each, day):
            yield Exchange(message_type=each, sends=False, others=tuple(o for o in others if o.sends(each, day)))
