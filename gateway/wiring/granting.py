"""Puts in the P-Mode files what an organisation at a desk asked for and the operator grants, and tells before what that
would change.

What the folder would come to is judged first, by the very reading that the hub does, and by what `knooppunt pmode
check` complains of. Then every file is written whole, or nothing. What stands there already is not written again, so an
approval that was cut short can be given once more.

SECURITY: what is asked comes from outside. It is written by the YAML writers, whose text is read back and has to be
what was there with the one key or item more; and what is told of it has signs that cannot be seen escaped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from crypto.certificates import CertificateUsage, load_der
from crypto.faults import UnusableCredential
from gateway.administration.administered import REFUSE_IT, Foretold, TakeBack
from gateway.named_file import TEXT_OCTETS, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.store.portal.wishes import (
    CertificateWish,
    ExtensionWish,
    JoiningWish,
    LeavingWish,
    ListsWish,
    ModuleWish,
    UnitWish,
    Wish,
)
from gateway.wiring.handed_over import folder_with, refuse_apart, refuse_ended
from gateway.wiring.joining import joining_files
from gateway.wiring.new_certificate import APART, entry_of
from gateway.wiring.new_organisation import as_of
from gateway.wiring.owners import octets_of, place_in_file
from gateway.wiring.pmode_changes import alone_in, lay_schema, put_files
from gateway.written.complaints import KeyPath, dotted, shown
from gateway.written.utf8 import text_of
from gateway.written.yaml_key import with_key
from gateway.written.yaml_list import Flow, flow_text, with_item
from gateway.written.yaml_text import read_yaml
from pmodes.changes import changes
from pmodes.configuration import Configuration
from pmodes.model import Organisation
from pmodes.term import local_day

_FAULTY: Final = "the P-Mode files have faults already"
_WITH_IT: Final = "with it the P-Mode files would have faults"
_AGAIN: Final = "approve it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What granting would write, in the order of the files, in the place of what was read; and what that changes."""

    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    read: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    foretold: Foretold = field(default_factory=lambda: Foretold(changes=()))


async def foretold(settings: Settings, unit: str, wish: Wish, *, at: datetime) -> Foretold:
    """What granting that to the unit (party id) would change; raises `Refused` where it cannot be. Who joins has the
    party id that is said there, or where nothing is the one of its number in the trade register.
    """
    return (await asyncio.to_thread(_prospect, settings, unit, wish, at)).foretold


async def grant(settings: Settings, unit: str, wish: Wish, *, at: datetime) -> TakeBack:
    """Write it into the files; what is given back undoes that. Raises `Refused`, with nothing written."""
    return await asyncio.to_thread(_grant, settings, unit, wish, at)


def _grant(settings: Settings, unit: str, wish: Wish, at: datetime) -> TakeBack:
    folder = settings.pmodes.folder
    with alone_in(folder):
        found = _prospect(settings, unit, wish, at)
        put_files(folder, found.files, read=found.read, if_taken=_AGAIN)
        if isinstance(wish, JoiningWish) and found.files:
            lay_schema(folder)

    async def take_back() -> None:
        await asyncio.to_thread(_take_back, folder, found)

    return take_back


def _take_back(folder: Path, done: Prospect) -> None:
    with alone_in(folder):
        put_files(folder, done.read, read=done.files, if_taken="put back by hand what was there")
        for name in done.files.keys() - done.read.keys():
            with suppress(FileNotFoundError):
                (folder / name).unlink()


def _prospect(settings: Settings, unit: str, wish: Wish, at: datetime) -> Prospect:
    before = folder_with(settings, {}, _FAULTY)
    if isinstance(wish, ModuleWish | JoiningWish) and wish.environment != before.hub.environment:
        said = f"nothing here: it is asked for {wish.environment}, and this hub is for {before.hub.environment}"
        return Prospect(foretold=Foretold(changes=(f"{said}; write it there, then approve it",)))
    if isinstance(wish, JoiningWish):
        name, files = joining_files(settings, wish, unit or None, before.hub.environment, at=at)
        found = _judged(settings, before, Prospect(files=files), name, at)
        return replace(found, foretold=replace(found.foretold, joins=wish.access))
    owner = before.by_party.get(unit)
    if owner is None:
        raise Refused(f"no organisation has the party id {shown(unit)} any more", REFUSE_IT)
    found = _FILES[type(wish)](_Place(settings=settings, before=before, owner=owner, at=at), wish)
    return _judged(settings, before, found, owner.file, at)


def _judged(settings: Settings, before: Configuration, found: Prospect, file: str, at: datetime) -> Prospect:
    """What is to be written with what it changes; raises `Refused` where a check would complain."""
    if not found.files:
        said = f"nothing: it stands in {shown(file)} already"
        return Prospect(foretold=Foretold(changes=(said,), is_there=True))
    after = folder_with(settings, found.files, _WITH_IT)
    refuse_apart(settings, after, APART, at=at)
    told = Foretold(changes=tuple(map(str, changes(before, after))))
    return Prospect(files=found.files, read=found.read, foretold=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where something is to be written: whose file, among which others."""

    settings: Settings
    before: Configuration
    owner: Organisation
    at: datetime

    @property
    def path(self) -> KeyPath:
        return place_in_file(self.owner)

    def octets(self, file: str) -> bytes:
        folder = self.settings.pmodes.folder
        return read_named(folder / file, most_octets=TEXT_OCTETS, beneath=folder)

    def rewritten(self, change: Callable[[str], str | None], by_hand: str, *, file: str | None = None) -> Prospect:
        """The owner's file, or that one, with that change; `by_hand` is what to write where it cannot be made."""
        name = file or self.owner.file
        octets = self.octets(name)
        changed = change(text_of(octets))
        if changed is None:
            raise Refused(f"{shown(name)} is written in a way that this does not change", f"write by hand: {by_hand}")
        return Prospect(files={name: octets_of(changed, octets)}, read={name: octets})

    def says(self, key: str) -> Any:
        """What stands under that key of the owner's keys in its file; None where nothing does."""
        found: Any = read_yaml(text_of(self.octets(self.owner.file))).value
        for step in (*self.path, key):
            found = found[step] if isinstance(step, int) else (found or {}).get(step)
        return found

    def set_key(self, path: KeyPath, key: str, value: Flow, *, behind: str | None = None) -> Prospect:
        """The owner's file with that key of its keys set."""
        by_hand = f"under {dotted((*self.path, *path)) or 'the organisation'} {key}: {flow_text(value)}"
        return self.rewritten(lambda text: with_key(text, (*self.path, *path), key, value, behind=behind), by_hand)


def _extension(place: _Place, wish: ExtensionWish) -> Prospect:
    if place.owner.mailbox.extension_days == wish.days:
        return Prospect()
    if place.says("mailbox"):
        return place.set_key(("mailbox",), "extension_days", wish.days)
    return place.set_key((), "mailbox", {"extension_days": wish.days}, behind="party")


def _module(place: _Place, wish: ModuleWish) -> Prospect:
    for each in place.owner.modules.get(wish.module, ()):
        if each.version == wish.version and not each.of_itself:
            if each.ends is None and each.is_active(wish.begins):
                return Prospect()
            at = dotted((*place.path, "modules", wish.module))
            if each.ends is not None:
                step = f"take its `until` out by hand, under {at}, then approve it; or refuse it"
            else:
                step = f"approve it with --begins {each.begins} for that day; or write by hand, under {at}, that it is"
                step += f" from {wish.begins}, then approve it; or refuse it"
            raise Refused(f"{shown(wish.module)} {shown(each.told)} stands in the file with other days", step)
    item = {"version": wish.version, "from": wish.begins.isoformat()}
    listed = place.says("modules")
    if listed is None:  # those of its organisation, which its own would take the place of
        return place.set_key((), "modules", {**as_of(place.owner), wish.module: _versions(place, wish.module, item)})
    if wish.module not in listed:
        return place.set_key(("modules",), wish.module, [item])
    path = (*place.path, "modules", wish.module)
    return place.rewritten(lambda text: with_item(text, path, item), f"under {dotted(path)} {flow_text(item)}")


def _versions(place: _Place, module: str, item: Flow) -> Flow:
    return [*as_of(place.owner).get(module, ()), item]


def _unit(place: _Place, wish: UnitWish) -> Prospect:
    owner = place.owner
    organisation = owner.party_id if owner.unit_of is None else owner.unit_of.party_id
    party = f"{organisation}:{wish.establishment}"
    there = place.before.by_party.get(party)
    if there is not None and there.access != "desk":
        step = "write a unit at a desk with a party id of its own by hand, then refuse it and say so"
        raise Refused(f"{shown(party)} is a party with a system, and the same party is not at a desk too", step)
    if there is not None:
        return Prospect()
    unit: Flow = {
        "name": wish.name,
        "party": party,
        "access": "desk",
        "certificates": {"signing": (), "encryption": ()},
    }
    file = next(_files_of(place.before, organisation), owner.file)
    by_hand = f"under units {flow_text(unit)}"
    return place.rewritten(lambda text: _with_unit(text, unit), by_hand, file=file)


def _files_of(configuration: Configuration, organisation: str) -> Iterator[str]:
    """The file of that organisation, a party itself or only around its units."""
    for each in configuration.organisations:
        whole = each.unit_of is not None and each.unit_of.party_id == organisation and each.at
        if each.party_id == organisation or whole:
            yield each.file


def _with_unit(text: str, unit: Flow) -> str | None:
    added = with_item(text, ("units",), unit)
    return added if added is not None else with_key(text, (), "units", [unit])


def _certificate(place: _Place, wish: CertificateWish) -> Prospect:
    try:
        certificate = load_der(wish.certificate)
    except UnusableCredential as fault:
        raise Refused(f"the certificate cannot be used: {fault}", REFUSE_IT) from None
    refuse_ended("what is asked", certificate, place.at)
    owner = place.owner
    use: CertificateUsage = wish.use
    if certificate in (owner.signing_certificates if use == "signing" else owner.encryption_certificates):
        return Prospect()
    entry = entry_of(
        place.settings.pmodes.folder,
        place.before,
        owner,
        certificate,
        (use,),
        since=wish.begins,
        file=Path("the certificate"),
    )
    return Prospect(files=entry.files, read=entry.read)


def _lists(place: _Place, wish: ListsWish) -> Prospect:
    if place.owner.desk_lists == wish.on:
        return Prospect()
    if place.says("desk"):
        return place.set_key(("desk",), "lists", wish.on)
    return place.set_key((), "desk", {"lists": wish.on}, behind="party")


def _leaving(place: _Place, wish: LeavingWish) -> Prospect:
    if local_day(place.at) <= wish.last_day:
        step = "approve it from the day after, or suspend it now by `knooppunt org suspend`"
        raise Refused(f"it takes part until and with {wish.last_day}", step)
    return Prospect() if place.owner.suspended else place.set_key((), "suspended", True, behind="party")


_FILES: Final[Mapping[type[Any], Callable[[_Place, Any], Prospect]]] = {
    ExtensionWish: _extension,
    ModuleWish: _module,
    UnitWish: _unit,
    CertificateWish: _certificate,
    ListsWish: _lists,
    LeavingWish: _leaving,
}
