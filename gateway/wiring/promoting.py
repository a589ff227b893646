"""Makes the production file of an organisation out of that of acceptance, and tells what is still missing.

The text stays as its administrator wrote it; the test OIN in it becomes the real one where that is given. Certificates
of acceptance are not taken along: those for production come with the command, under the names that the file has for
them, or are named as missing. Nothing of the hub that the settings are of is changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from crypto.pki import certificates_pem
from gateway.ebms.party_ids import default_type, fault_of, is_test_party
from gateway.named_file import TEXT_OCTETS, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.handed_over import certificate_in, folder_with
from gateway.wiring.owners import octets_of, owner_named
from gateway.wiring.pmode_changes import alone_in, lay_schema, put_files, refuse_taken
from gateway.written.complaints import ConfigurationFault
from gateway.written.utf8 import text_of
from gateway.written.yaml_text import read_yaml
from pmodes.folder import read_folder
from pmodes.model import Organisation
from pmodes.promotion import missing_for_production
from pmodes.shapes import HUB_FILE
from pmodes.term import local_day
from xsd.catalogue import load_catalogue

_OIN: Final = 20
_IF_TAKEN: Final = "put it aside, or change it by hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What was written for production, and what is still missing there, in sentences."""

    organisation: Organisation
    file: Path
    certificates: tuple[Path, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForProduction:
    """What takes the place of a test in the file: the real OIN, and certificates, each where it is there already. Those
    in the folder of `certificates`, of units as well, lie there under the names that the file has for them.
    """

    party: str | None = None
    signing: Path | None = None
    encryption: Path | None = None
    certificates: Path | None = None


def parties_of_file(settings: Settings, party: str) -> tuple[Organisation, ...]:
    """The parties of the file of that organisation, itself first; raises `Refused`."""
    found = folder_with(settings, {}, "the P-Mode files have faults already")
    owner = owner_named(found, party)
    if not isinstance(owner, Organisation):
        raise Refused("the hub's own file says where it runs; it is not promoted", "name an organisation")
    if owner.at:
        raise Refused(f"{owner.name} is a unit in the file of its organisation", f"promote that one: {owner.file}")
    return (owner, *(each for each in found.organisations if each.file == owner.file and each is not owner))


def promote(settings: Settings, party: str, to: Path, given: ForProduction, *, at: datetime) -> Promoted:
    """Write the file into the folder of P-Modes of the hub in production; raises `Refused`, with nothing written."""
    first, *_ = parties_of_file(settings, party)
    if not to.is_dir():
        raise Refused(f"{to} is no folder", "name the folder of P-Modes of the hub in production")
    if os.path.realpath(to) == os.path.realpath(settings.pmodes.folder):
        raise Refused(f"{to} is the folder that is promoted from", "name that of the hub in production")
    octets = read_named(settings.pmodes.folder / first.file, most_octets=TEXT_OCTETS, beneath=settings.pmodes.folder)
    text = _with_party(text_of(octets), first, given.party)
    written = octets_of(text, octets)
    now = folder_with(settings, {first.file: written}, "with it the P-Mode files would have faults")
    parties = tuple(each for each in now.organisations if each.file == first.file)
    pems = _by_name(_certificates(text, given, at))
    pems = {**_in_folder(text, given.certificates, pems, at), **pems}
    files = {**pems, first.file: written}
    with alone_in(to):
        refuse_taken(to, files, _IF_TAKEN)
        put_files(to, files, if_taken=_IF_TAKEN)
        lay_schema(to)
    missing = [str(each) for each in missing_for_production(parties, local_day(at))]
    return Promoted(
        organisation=next(each for each in parties if not each.at),
        file=to / first.file,
        certificates=tuple(to / name for name in pems),
        missing=(*missing, *_of_folder(settings, to, first.file, missing)),
    )


def _with_party(text: str, organisation: Organisation, party: str | None) -> str:
    """The text with the real OIN wherever the organisation's test OIN stands: in its party id and in those of units."""
    if party is None:
        return text
    fault = "is not an OIN of 20 digits" if len(party) != _OIN else fault_of(party, default_type(party))
    if fault is not None or is_test_party(party):
        raise Refused(f"--party {party} {fault or 'is a test OIN'}", "give the OIN that it has in production")
    before = organisation.party_id[:_OIN]
    if not is_test_party(before):
        raise Refused(f"{organisation.file} has a real OIN already, {before}", "leave --party out")
    after = re.sub(rf"(?<![0-9]){before}(?![0-9])", party, text)
    if read_yaml(after).value != _replaced(read_yaml(text).value, before, party):
        raise Refused(f"{organisation.file} is written in a way that this command does not change", "change it by hand")
    return after


def _replaced(value: object, before: str, after: str) -> object:
    if isinstance(value, str):
        return re.sub(rf"(?<![0-9]){before}(?![0-9])", after, value)
    if isinstance(value, Sequence):
        return [_replaced(each, before, after) for each in value]
    if isinstance(value, Mapping):
        return {key: _replaced(each, before, after) for key, each in value.items()}
    return value


def _certificates(text: str, given: ForProduction, at: datetime) -> Iterator[tuple[str, bytes]]:
    """The certificates for production by the names that the file has for them."""
    content = read_yaml(text).value
    named = content.get("certificates") if isinstance(content, Mapping) else None
    for use, file in (("signing", given.signing), ("encryption", given.encryption)):
        if file is None:
            continue
        listed = named.get(use) if isinstance(named, Mapping) else None
        if not isinstance(listed, Sequence) or len(listed) != 1:
            said = f"the file lists {len(listed or ())} certificates for {use}, and --{use} is for one"
            raise Refused(said, "let the file of acceptance name one alone; others are added with `knooppunt cert add`")
        entry = listed[0]
        yield str(entry["file"] if isinstance(entry, Mapping) else entry), certificates_pem(certificate_in(file, at))


def _in_folder(text: str, folder: Path | None, taken: Container[str], at: datetime) -> dict[str, bytes]:
    """Of the certificates that the file names, for whichever of its parties, those that lie in the folder."""
    found: dict[str, bytes] = {}
    of_name: dict[str, str] = {}
    for name in () if folder is None else dict.fromkeys(_names(read_yaml(text).value)):
        last = PurePosixPath(name).name
        file = Path(folder or "", last)
        if name in taken or not os.path.lexists(file):
            continue
        if (other := of_name.setdefault(last, name)) != name:
            said = f"the file names {other} and {name}, and {file} can be only one of them"
            raise Refused(said, "let the file of acceptance have a name of its own for each certificate")
        found[name] = certificates_pem(certificate_in(file, at))
    return found


def _names(content: object) -> Iterator[str]:
    """What a file names for certificates, its own and those of its units."""
    if not isinstance(content, Mapping):
        return
    named, units = content.get("certificates"), content.get("units")
    for use in ("signing", "encryption"):
        listed = named.get(use) if isinstance(named, Mapping) else None
        for entry in listed if isinstance(listed, Sequence) else ():
            yield str(entry["file"] if isinstance(entry, Mapping) else entry)
    for unit in units if isinstance(units, Sequence) else ():
        yield from _names(unit)


def _by_name(certificates: Iterator[tuple[str, bytes]]) -> Mapping[str, bytes]:
    """One name has one certificate: where the file has one for both uses, two of them cannot both lie there."""
    found: dict[str, bytes] = {}
    for name, pem in certificates:
        if found.setdefault(name, pem) != pem:
            said = f"the file names {name} for signing and for encryption, and two certificates are given"
            raise Refused(said, "give one that is for both, or let the file of acceptance name a file for each use")
    return found


def _of_folder(settings: Settings, to: Path, file: str, known: Sequence[str]) -> Iterator[str]:
    """What the hub in production would say of its folder besides: of this file, and of what it lacks itself."""
    if not (to / HUB_FILE).exists():
        yield f"{HUB_FILE}: is not in {to}, so nothing could be held against the hub in production"
    base = settings.hub.base_urn
    try:
        found = read_folder(to, catalogue=load_catalogue(settings.modules.folders, base=base), base=base)
    except ConfigurationFault as fault:
        places = {each.partition(": ")[0] for each in known}
        for each in fault.complaints:
            if each.file == file and f"{each.file}:{each.line}" not in places:
                yield str(each)
        return
    if found.hub.environment != "production":
        yield f"{HUB_FILE}: says environment: test, and so its hub takes test parties as well"
