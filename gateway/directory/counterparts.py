"""What the address book says of a message before it is sent: what a hub would refuse, and what a receiver may not
expect.

A book past its date says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.directory.changes import told_version
from gateway.directory.model import AddressBook, Entry
from xsd.message_type import MessageType

PRE_AGREEMENT: Final = "SaldoverzoekAntwoordVoorafAkkoord"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """A refusal by the hub that the book foretells: why, and what to do."""

    sentence: str
    next_step: str


def foreseen(
    book: AddressBook, message_type: MessageType, *, sender: str, receiver: str, day: date, at: datetime
) -> Foreseen | None:
    """Why the hub would refuse a message of that type between those parties on that day; None where the book knows no
    reason. That a sender is not in the book is no reason: it knows itself.
    """
    if book.issue.valid_until <= at or message_type.is_for_hub:
        return None
    to = book.receiver(receiver)
    if to is None:
        return Foreseen(
            sentence=f"{receiver} is not in the address book of the hub",
            next_step="look it up with `knooppunt directory list`; it may have joined since the book was fetched",
        )
    return next(_of_receiver(to, message_type, day), None) or next(_of_sender(book, sender, message_type, day), None)


def warnings(book: AddressBook, message_type: MessageType, *, receiver: str, at: datetime) -> tuple[str, ...]:
    """What a person has to know of a message that the hub would take."""
    to = book.receiver(receiver)
    if book.issue.valid_until <= at or to is None or message_type.name != PRE_AGREEMENT or to.collectief:
        return ()
    return (
        f"{to.name} ({receiver}) does not take part in Collectief Schuldregelen, and this answer agrees in"
        " advance: such a counsellor may send a proposal all the same and expect an answer to it",
    )


def _of_receiver(to: Entry, message_type: MessageType, day: date) -> Iterator[Foreseen]:
    wanted, found = _named(message_type), to.version(message_type.module, message_type.version)
    if found is None or not found.is_active(day):
        others = [told_version(each) for each in to.versions if each.module == message_type.module and each != found]
        if found is not None:
            others.insert(0, told_version(found))
        has = f"it has {', '.join(others)}" if others else f"it has no version of {message_type.module}"
        yield Foreseen(
            sentence=f"{wanted} is not active for {to.name} ({to.party}) on {day}: {has}",
            next_step="send it in a version that is active for both, or wait for the day from which it is",
        )
    elif set(to.roles).isdisjoint(message_type.receivers):
        yield Foreseen(
            sentence=f"{to.name} ({to.party}) is {', '.join(to.roles)}, and receives no {message_type.name}",
            next_step="look who receives it with `knooppunt directory list`",
        )


def _of_sender(book: AddressBook, sender: str, message_type: MessageType, day: date) -> Iterator[Foreseen]:
    own = book.entry(sender)
    if own is None:
        return
    found = own.version(message_type.module, message_type.version)
    if found is None or not found.is_active(day):
        has = "" if found is None else f", but {told_version(found)}"
        yield Foreseen(
            sentence=f"{_named(message_type)} is not active for you ({sender}) on {day}{has}",
            next_step="ask the hub's operator to have it active for you",
        )
    elif set(own.roles).isdisjoint(message_type.senders):
        yield Foreseen(
            sentence=f"you ({sender}) are {', '.join(own.roles)}, and send no {message_type.name}",
            next_step="ask the hub's operator for the role that sends it, if it is yours",
        )


def _named(message_type: MessageType) -> str:
    return f"{message_type.module} {message_type.version}"
