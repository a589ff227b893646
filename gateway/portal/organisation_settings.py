"""The page on which an organisation's signed settings are seen and changed: accounts, contacts, which locks it allows.

The server knows the versions, who kept each and when. What they say is read, verified and signed in the browser, with
the lock of an administrator; so without JavaScript the page shows the versions alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.portal.key_values import base64_text
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.notifications import WantedAddress, wanted_address
from gateway.portal.organisations import desk_units
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.portal.model import DocumentKind, KeptDocument, KeySetState


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """One version as it was signed, and what the server knows of it; `by` is the id of a person."""

    counter: int
    kept: ShownMoment | None
    by: str
    by_name: str | None
    text: str
    signature: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWithKeys:
    """A unit whose keys may open the settings."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """Somebody of the organisation, by the name that this person typed."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """All versions that are kept, newest first, and who their ids stand for."""

    versions: tuple[VersionView, ...]
    units: tuple[UnitWithKeys, ...]
    people: tuple[PersonView, ...]
    oneself: str
    wants_address: WantedAddress | None  # else nobody, or whoever signs alone, hears of what is signed here


async def settings(visit: Visit, portal: Portal) -> Outcome:
    """The versions of the settings."""
    visitor = visit.somebody
    versions = await portal.store.documents(DocumentKind.SETTINGS, organisation=visitor.organisation)
    units = [
        each
        for each in desk_units(portal.hub.configuration(), visitor.organisation)
        if each.party_id in visitor.administers
    ]
    names: dict[str, str | None] = {visitor.person: visitor.name}
    with_keys: list[UnitWithKeys] = []
    for unit in units:
        sets = await portal.store.key_sets(unit.party_id)
        if any(each.state is KeySetState.ACTIVE for each in sets):
            with_keys.append(UnitWithKeys(id=unit.party_id, name=unit.name))
        for lock in await portal.store.locks(unit.party_id):
            names.setdefault(lock.person, None)
    for version in versions:
        names.setdefault(version.kept_by, None)
    for person in names:
        found = await portal.store.person(person, organisation=visitor.organisation)
        names[person] = None if found is None else found.name
    return Shown(
        view=SettingsView(
            versions=tuple(_version(each, names, visit) for each in versions),
            units=tuple(with_keys),
            people=tuple(PersonView(id=each, name=name) for each, name in names.items()),
            oneself=visitor.person,
            wants_address=await wanted_address([""], visitor.organisation, portal),
        )
    )


def _version(document: KeptDocument, names: dict[str, str | None], visit: Visit) -> VersionView:
    return VersionView(
        counter=document.counter,
        kept=None if document.kept_at is None else shown_moment(document.kept_at, visit.texts),
        by=document.kept_by,
        by_name=names.get(document.kept_by),
        text=document.octets.decode("utf-8"),
        signature=base64_text(document.signature),
        received_at=document.kept_at,
    )
