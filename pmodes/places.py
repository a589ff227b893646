"""Where in the files a key of the hub or of an organisation stands, also after they were read."""

from __future__ import annotations

from gateway.written.complaints import line_of
from pmodes.model import HubParty, Organisation, Place


def place_in(owner: HubParty | Organisation, key: str) -> Place:
    """File and line of a key, seen from the owner, or of the nearest thing around it."""
    return Place(file=owner.file, line=line_of(owner.lines, key))


def place_of(owner: HubParty | Organisation, key: str) -> str:
    """The same with the key, as the file has it, for people."""
    at = f"{owner.at}." if isinstance(owner, Organisation) and owner.at else ""
    return f"{place_in(owner, key)}: {at}{key}"
