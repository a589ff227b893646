"""Whose keys of which P-Mode file a command is to change."""

from __future__ import annotations

import codecs

from gateway.refused import Refused
from gateway.written.complaints import KeyPath
from pmodes.configuration import Configuration
from pmodes.model import HubParty, Organisation
from pmodes.shapes import HUB_FILE


def owner_named(configuration: Configuration, party: str) -> Organisation | HubParty:
    """Whose party id or file that is, `hub` being the hub itself; raises `Refused`."""
    hub = configuration.hub
    stem = party.removesuffix(".yaml")
    if f"{stem}.yaml" == HUB_FILE or party in (each.value for each in hub.party_ids):
        return hub
    named = [each for each in configuration.organisations if each.file == f"{stem}.yaml"]
    named = [each for each in named if not each.at] or named
    if len(named) > 1:
        units = ", ".join(f"{each.name} ({each.party_id})" for each in named)
        raise Refused(f"{stem}.yaml holds several parties", f"name the party id of one of them: {units}")
    found = configuration.by_party.get(party) or next(iter(named), None)
    if found is None:
        raise Refused(f"no organisation has the party id or file {party}", "`knooppunt org list` shows all of them")
    return found


def place_in_file(owner: Organisation | HubParty) -> KeyPath:
    """Where an owner's keys stand in its file: those of a unit below its organisation's."""
    at = owner.at if isinstance(owner, Organisation) else ""
    name, _, index = at.rstrip("]").partition("[")
    return (name, int(index)) if at else ()


def octets_of(text: str, before: bytes) -> bytes:
    """What is written in the place of the octets that were read, with the mark (BOM) before it that these had."""
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode("utf-8")
