"""Which organisations a site has: planned by name and role, and those that everything here is tried with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.written.slug import slug_of
from xsd.catalogue import load_catalogue

CREDIT_BANK, CREDITOR, AGENCY = "kredietbank-voorbeeldstad", "energie-voorbeeld", "incasso-voorbeeld"
FUND = "waarborgfonds-voorbeeld"
DESK_CREDITOR, DESK_COUNSELLOR = "wonen-voorbeeld", "schuldhulp-voorbeeld"


HUB_SLUG: Final = "hub"  # under which the hub's own files lie among those of the organisations


class SameName(ValueError):
    """An organisation cannot have files of its own name; the text says whose they would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One organisation to make: what people call it, and its roles in the catalogue's words.

    One with a number in the trade register works at a desk of the portal, where its people log in with that number. It
    may still be without keys, which are made there.
    """

    name: str
    roles: tuple[str, ...]
    modules: dict[str, tuple[str, ...]]
    desk_kvk: str | None = None
    has_keys: bool = True

    @property
    def slug(self) -> str:
        """The name as files and commands use it."""
        return slug_of(self.name)


def refuse_same_names(organisations: Sequence[Planned]) -> None:
    """Raise `SameName` where two names come to one in files and commands, or one comes to the hub's."""
    taken = {HUB_SLUG: "the hub"}
    for each in organisations:
        if each.slug in taken:
            raise SameName(f"{each.name!r} and {taken[each.slug]} would have the same files, by the name {each.slug}")
        taken[each.slug] = repr(each.name)


def planned(name: str, *roles: str, desk_kvk: str | None = None) -> Planned:
    """An organisation with these roles, in every module version in which they take part.

    At a desk it has no keys yet.
    """
    return Planned(name=name, roles=roles, modules=modules_for(roles), desk_kvk=desk_kvk, has_keys=desk_kvk is None)


def modules_for(roles: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Every module version in which one of these roles sends or receives something, but the hub's own."""
    found: dict[str, tuple[str, ...]] = {}
    for module in load_catalogue().modules:
        taking_part = {role for each in module.messages for role in (*each.senders, *each.receivers)}
        if module.name != "Knooppunt" and taking_part & set(roles):
            found[module.name] = (*found.get(module.name, ()), module.version)
    return found


def three() -> tuple[Planned, ...]:
    """A credit bank, a large creditor and a collection agency."""
    return (
        planned("Kredietbank Voorbeeldstad", "shv-fase-1", "shv-fase-2", "kredietbank"),
        planned("Energie Voorbeeld", "schuldeiser"),
        planned("Incasso Voorbeeld", "schuldeiser"),
    )


def five() -> tuple[Planned, ...]:
    """These three, and the two without whom some modules have nobody to talk to."""
    return (
        *three(),
        planned("Bewind Voorbeeld", "bewindvoerder"),
        planned("Waarborgfonds Voorbeeld", "waarborgfonds"),
    )


def at_desks() -> tuple[Planned, ...]:
    """A housing corporation and a municipality's debt counsellors, whose people work in a browser and make their keys
    there.
    """
    return (
        planned("Wonen Voorbeeld", "schuldeiser", desk_kvk="90000011"),
        planned("Schuldhulp Voorbeeld", "shv-fase-1", "shv-fase-2", desk_kvk="90000022"),
    )
