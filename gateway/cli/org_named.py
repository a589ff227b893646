"""Which organisation of the P-Mode files an administrator means."""

from __future__ import annotations

from gateway.cli.administration import refusals_told
from gateway.cli.output import Failure
from gateway.wiring.owners import owner_named
from pmodes.configuration import Configuration
from pmodes.model import Organisation


def organisation_named(configuration: Configuration, party: str) -> Organisation:
    """Whose party id that is, or whose file, with or without its ending; a Failure where nobody's."""
    with refusals_told():
        found = owner_named(configuration, party)
    if not isinstance(found, Organisation):
        raise Failure(f"{party} is the hub itself, and no organisation", next_step="`knooppunt org list` shows all")
    return found
