"""Look up who takes part, in the address book that the participant keeps; nothing is asked of the hub."""

from __future__ import annotations

from itertools import islice

from gateway.client.soap.values import MOST_AT_ONCE, LookUp
from gateway.directory.model import AddressBook, Entry


def look_up(asked: LookUp, book: AddressBook) -> tuple[Entry, ...]:
    """The parties that are all that is asked, in the order of the book, as many as are given at once. A party id finds
    whose mailbox takes what is sent to it: its own, or that of somebody who acts for it.
    """
    entries: tuple[Entry, ...] = book.entries
    if asked.party is not None:
        receiver = book.receiver(asked.party)
        entries = () if receiver is None else (receiver,)
    name = "" if asked.name is None else asked.name.casefold()
    found = (
        each for each in entries if name in each.name.casefold() and (asked.role is None or asked.role in each.roles)
    )
    return tuple(islice(found, MOST_AT_ONCE))
