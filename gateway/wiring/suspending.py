"""Suspends an organisation, or takes that back: one key of its file, and nothing else of it.

What the folder comes to with the changed file is judged first, by the very reading that the hub does. Then the file is
written whole, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.named_file import TEXT_OCTETS, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.handed_over import folder_with
from gateway.wiring.owners import octets_of, owner_named, place_in_file
from gateway.wiring.pmode_changes import alone_in, put_files
from gateway.written.complaints import dotted
from gateway.written.utf8 import text_of
from gateway.written.yaml_key import with_key
from pmodes.model import Organisation

_KEY: Final = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """How an organisation stands now, whether that was changed, and its units, which are suspended with it."""

    organisation: Organisation
    file: Path
    is_changed: bool
    units: tuple[Organisation, ...]


def set_suspended(settings: Settings, party: str, suspended: bool) -> Suspension:
    """Let the file of an organisation, named by its party id or its file, say that it is suspended or that it is not.
    Raises `Refused`.
    """
    with alone_in(settings.pmodes.folder):
        return _set_suspended(settings, party, suspended)


def _set_suspended(settings: Settings, party: str, suspended: bool) -> Suspension:
    folder = settings.pmodes.folder
    before = folder_with(settings, {}, "the P-Mode files have faults already")
    found = owner_named(before, party)
    if not isinstance(found, Organisation):
        raise Refused("the hub itself cannot be suspended", "stop it, or name an organisation")
    if found.suspended == suspended:
        return Suspension(organisation=found, file=folder / found.file, is_changed=False, units=())
    octets = read_named(folder / found.file, most_octets=TEXT_OCTETS, beneath=folder)
    path = place_in_file(found)
    changed = with_key(text_of(octets), path, _KEY, suspended, behind="party")
    if changed is None:
        where = f"under {dotted(path)} " if path else ""
        said = f"{found.file} is written in a way that this command does not change"
        raise Refused(said, f"write {where}by hand: {_KEY}: {'true' if suspended else 'false'}")
    written = octets_of(changed, octets)
    after = folder_with(settings, {found.file: written}, "with it the P-Mode files would have faults")
    now = after.by_party[found.party_id]
    if now.suspended != suspended:
        whose = found.file if found.unit_of is None else f"{found.unit_of.name}, whose unit it is,"
        raise Refused(f"{whose} is suspended, and its units are with it", "resume that one")
    put_files(folder, {found.file: written}, read={found.file: octets}, if_taken="give the command again")
    units = tuple(
        each
        for each in after.organisations
        if each is not now and each.file == now.file and each.suspended != before.by_party[each.party_id].suspended
    )
    return Suspension(organisation=now, file=folder / now.file, is_changed=True, units=units)
