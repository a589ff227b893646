"""Which organisation of the P-Mode files an administrator means."""

from __future__ import annotations

from gateway.cli.output import Failure
from pmodes.configuration import Configuration
from pmodes.folder import SUFFIX
from pmodes.model import Organisation

WHICH = "`knooppunt org list` shows all of them"


def organisation_named(configuration: Configuration, party: str) -> Organisation:
    """Whose party id that is, or whose file, with or without its ending; a Failure where nobody's."""
    found = configuration.by_party.get(party)
    if found is not None:
        return found
    name = f"{party.removesuffix(SUFFIX)}{SUFFIX}"
    in_file = [each for each in configuration.organisations if each.file == name]
    if len(in_file) == 1 or (in_file and in_file[0].unit_of is None):
        return in_file[0]
    if in_file:
        parties = ", ".join(each.party_id for each in in_file)
        raise Failure(f"{name} holds several parties", next_step=f"name one of them: {parties}")
    raise Failure(f"no organisation has the party id or file {party}", next_step=WHICH)
