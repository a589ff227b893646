"""Adds an organisation: one short file in the folder of P-Modes, and its certificates beneath the folder.

What it would come to is judged first, by the very reading that the hub does: with the new file the whole folder has to
be without complaint, so a party id or certificate that somebody has already, a role that none of the modules knows, a
key that does not fit is refused before anything is written. Then the certificates are written, whole, and the file that
names them last: a hub that watches its folder never sees one without the other.

SECURITY: certificates come from outside and are taken as `gateway.wiring.handed_over` takes them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from crypto.certificates import Certificate
from crypto.pki import certificates_pem
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.handed_over import certificate_in, folder_with
from gateway.wiring.pmode_changes import alone_in, lay_schema, put_files, refuse_taken
from gateway.written.organisation_text import organisation_text
from gateway.written.slug import slug_of
from gateway.written.yaml_list import Flow
from pmodes.configuration import Configuration
from pmodes.folder import SUFFIX
from pmodes.model import Organisation

_FOLDER: Final = "certificates"
_IF_TAKEN: Final = "give --file another name; a certificate that no P-Mode file names may be put aside as well"
_WITH_IT: Final = "nothing was written, for with it the P-Mode files would have faults"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedVersion:
    """A module version that is to be active, from its first day where that is named."""

    module: str
    version: str
    begins: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What an administrator says of an organisation; what is empty is not written. `party` may be the establishment
    number alone for a unit of `unit_of`. `more` are further keys of the file. Of one that acts only by its units there
    are no certificates, and it `is_party` to nothing itself.
    """

    name: str
    party: str
    roles: Sequence[str]
    modules: Sequence[AddedVersion]
    signing: Sequence[Path | Certificate]  # none yet of whoever works at a desk
    encryption: Sequence[Path | Certificate]
    unit_of: str | None = None
    file: str | None = None
    more: Mapping[str, Flow]
    is_party: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was written."""

    organisation: Organisation
    file: Path
    certificates: tuple[Path, ...]


def add_organisation(settings: Settings, asked: Described, *, at: datetime) -> Added:
    """Write the file of an organisation with its certificates; raises `Refused`, with nothing written."""
    with alone_in(settings.pmodes.folder):
        return _add(settings, asked, at)


def _add(settings: Settings, asked: Described, at: datetime) -> Added:
    folder = settings.pmodes.folder
    name, files = files_of(settings, asked, at=at)
    refuse_taken(folder, files, _IF_TAKEN)
    found = folder_with(settings, files, _WITH_IT)
    organisation = next(each for each in found.organisations if each.file == name)
    put_files(folder, files, if_taken=_IF_TAKEN)
    lay_schema(folder)
    pems = tuple(folder / each for each in files if each != name)
    return Added(organisation=organisation, file=folder / name, certificates=pems)


def files_of(settings: Settings, asked: Described, *, at: datetime) -> tuple[str, Mapping[str, bytes]]:
    """The name of the file of an organisation, and the files that would be written for it: its certificates, and that
    one last. Raises `Refused`.
    """
    stem = slug_of(asked.name) if asked.file is None else asked.file.removesuffix(SUFFIX)
    if os.path.basename(stem) != stem or stem.startswith("."):
        raise Refused(f"{stem} cannot be the name of its file", "give --file a name without a folder or dot before it")
    pems: dict[str, bytes] = {}
    listed = {
        "signing": _named(asked.signing, f"{stem}-signing", pems, at),
        "encryption": _named(asked.encryption, f"{stem}-encryption", pems, at),
    }
    party, roles, modules = asked.party, tuple(asked.roles), _versions(asked.modules)
    if asked.unit_of is not None:
        whose = _organisation_of(folder_with(settings, {}, "the P-Mode files have faults already"), asked.unit_of)
        party = f"{whose.party_id}:{party}" if len(party) == _ESTABLISHMENT_DIGITS else party
        roles = roles or tuple(sorted(whose.roles))
        modules = modules or as_of(whose)
    content: Mapping[str, Flow] = {
        "name": asked.name,
        "party": party,
        "roles": roles,
        **asked.more,
        "modules": modules,
        **({"certificates": listed} if asked.is_party else {}),
    }
    name = f"{stem}{SUFFIX}"
    return name, {**pems, name: organisation_text(content, empty=listed).encode()}


_ESTABLISHMENT_DIGITS: Final = 12


def _named(files: Sequence[Path | Certificate], stem: str, into: dict[str, bytes], at: datetime) -> tuple[str, ...]:
    """The names under which these certificates are to lie; one that serves two uses lies there once."""
    names: list[str] = []
    for file in files:
        certificate = certificate_in(file, at) if isinstance(file, Path) else file
        pem = certificates_pem(certificate)
        known = next((name for name, octets in into.items() if octets == pem), None)
        number = f"-{1 + sum(name.startswith(f'{_FOLDER}/{stem}') for name in into)}" if names else ""
        name = known or f"{_FOLDER}/{stem}{number}.pem"
        into[name] = pem
        names.append(name)
    return tuple(names)


def _versions(modules: Sequence[AddedVersion]) -> dict[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for each in modules:
        begins = None if each.begins is None else each.begins.isoformat()
        item: Flow = each.version if begins is None else {"version": each.version, "from": begins}
        found.setdefault(each.module, []).append(item)
    return found


def as_of(organisation: Organisation) -> dict[str, list[Flow]]:
    """The module versions that its file names, with their days and the terms that it agreed to answer in."""
    return {
        module: [
            {"version": each.version}
            | ({} if each.begins is None else {"from": each.begins.isoformat()})
            | ({} if each.ends is None else {"until": each.ends.isoformat()})
            | ({} if each.answer_working_days is None else {"answer_working_days": each.answer_working_days})
            for each in versions
            if not each.of_itself
        ]
        for module, versions in organisation.modules.items()
    }


def _organisation_of(configuration: Configuration, party: str) -> Organisation:
    """The organisation of which something is to be a unit."""
    found = configuration.by_party.get(party) or next(
        (each for each in configuration.organisations if each.file == f"{party.removesuffix(SUFFIX)}{SUFFIX}"), None
    )
    if found is None or found.unit_of is not None:
        step = "`knooppunt org list` shows all of them; where only units act for it, write this one under its `units`"
        raise Refused(f"no organisation with certificates of its own has the party id or file {party}", step)
    return found
