"""What is to be said of the address book that a hub hands out, by the file in its data directory."""

from __future__ import annotations

from datetime import datetime

from gateway.directory.chain import is_to_come
from gateway.directory.document import BOOK_LIMITS, BookFault, read_unverified
from gateway.jobs.address_book import FILE_NAME
from gateway.named_file import FileRefused, read_named
from gateway.settings import Settings


def book_worries(settings: Settings, at: datetime) -> list[str]:
    """Why no participant takes it at that moment; nothing where there is none, or none that can be read: the hub tells
    of that itself, and makes the next.
    """
    if settings.directory is None:
        return []
    try:
        found = read_unverified(read_named(settings.data.directory / FILE_NAME, most_octets=BOOK_LIMITS.octets))
    except (FileRefused, BookFault):
        return []
    issue = found.book.issue
    if is_to_come(found, at):
        why = f"was issued at {issue.issued_at:%Y-%m-%dT%H:%M:%SZ}, which is still to come: the clock was ahead then"
    elif issue.valid_until <= at:
        why = f"was valid until {issue.valid_until:%Y-%m-%dT%H:%M:%SZ}, and that is over"
    else:
        return []
    return [
        f"the address book, serial {issue.serial}, {why}, and participants do not take it; a hub that runs and whose"
        " time is not suspect issues the next by itself, at once after `knooppunt reload`"
    ]
