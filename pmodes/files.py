"""From texts to a `Configuration`, or to every complaint at once.

One file `hub.yaml` for the hub, one file for each organisation, all in one folder. Nothing is read here: texts come by
name, certificates through a function, so that a folder, an archive or a test can stand behind them; `pmodes.folder` is
the ordinary case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crypto.certificates import Certificate
from crypto.key_references import KeyReference
from crypto.suites import SUITES, Suite
from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.changed import as_before, changed_from
from pmodes.configuration import Configuration, configure
from pmodes.consistency import contradictions
from pmodes.model import Attachments, HubParty, Mailbox, Organisation
from pmodes.organisation_file import (
    OrganisationReader,
    attachments_of,
    is_unit_apart,
    look_through,
    mailbox_of,
    no_suite,
    units_joined,
)
from pmodes.participation import UnitOf
from pmodes.revocation import read_sources
from pmodes.shapes import HUB_FILE, HubShape, OrganisationShape
from pmodes.source_file import LoadCertificates, SourceFile
from pmodes.trust import read_trust
from xsd.catalogue import BASE, Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """What the file of an organisation says by itself: who its parties are, whose units others can be, whether one of
    them is a unit of another file's, and where the certificates lie that it names.
    """

    organisations: tuple[Organisation, ...]
    belonging: tuple[tuple[str, UnitOf], ...]
    has_unit_apart: bool
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesRead:
    """What files came to, all of them and each: enough to read some of them anew and leave the others as they are."""

    configuration: Configuration
    defaults: HubShape
    of_hub: tuple[str, ...]  # where the certificates lie that hub.yaml names
    organisations: Mapping[str, FileRead]


def read_configuration(
    texts: Mapping[str, str],
    *,
    catalogue: Catalogue,
    load: LoadCertificates,
    base: str = BASE,
    suites: Mapping[str, Suite] = SUITES,
    complaints: Sequence[Complaint] = (),
) -> Configuration:
    """The configuration that these files hold, by file name; raises ConfigurationFault with all complaints.

    `load` gives the certificates at a path as it stands in a file, joined to the folder of that file; it may raise
    FileRefused, OSError or ValueError. `base` is the same that the catalogue was loaded with; `complaints` are those
    that whoever read the texts has already.
    """
    found = read_files(texts, catalogue=catalogue, load=load, base=base, suites=suites, complaints=complaints)
    return found.configuration


def read_files(
    texts: Mapping[str, str],
    *,
    catalogue: Catalogue,
    load: LoadCertificates,
    base: str = BASE,
    suites: Mapping[str, Suite] = SUITES,
    complaints: Sequence[Complaint] = (),
    before: FilesRead | None = None,
    changed: Collection[str] = (),
) -> FilesRead:
    """The same, with what each file came to. Of `before` everything stays but the `changed` files, of which `texts` has
    those that are there and can be read; `hub.yaml` is not among them.
    """
    complaints = list(complaints)
    loading = _Loading(load)
    if before is not None:
        hub_shape: HubShape | None = before.defaults
        hub: HubParty | None = before.configuration.hub
        of_hub = before.of_hub
        read = dict(before.organisations)
    else:
        source = SourceFile(HUB_FILE, texts[HUB_FILE], complaints) if HUB_FILE in texts else None
        hub_shape, hub = _read_hub(source, loading, base, suites, complaints)
        of_hub, read = loading.taken(), {}
    reader = OrganisationReader(catalogue, loading, base, suites, hub_shape, hub)
    for name in read.keys() & changed - texts.keys():
        del read[name]
    came = sorted(texts.keys() - {HUB_FILE})
    in_place = read.keys() >= set(came)
    for name in came:
        read[name] = _read_file(SourceFile(name, texts[name], complaints), reader, loading)
    if not in_place:
        read = {name: read[name] for name in sorted(read)}
    organisations = tuple(_parties(read.values(), reader, complaints))
    configuration = None
    if before is not None and not complaints:
        organisations = tuple(as_before(before.configuration, organisations))
        configuration = changed_from(before.configuration, organisations)
    if configuration is None or hub_shape is None:
        complaints.extend(contradictions(hub, organisations, catalogue, suites))
        if complaints or hub is None or hub_shape is None:
            raise ConfigurationFault(complaints)
        configuration = configure(hub, organisations, catalogue=catalogue, suites=suites)
    return FilesRead(configuration=configuration, defaults=hub_shape, of_hub=of_hub, organisations=read)


def _read_file(source: SourceFile, reader: OrganisationReader, loading: _Loading) -> FileRead:
    reader.organisations = {}
    parties = tuple(reader.read(source))
    return FileRead(
        organisations=parties,
        belonging=tuple(reader.organisations.items()),
        has_unit_apart=any(is_unit_apart(each) for each in parties),
        certificates=loading.taken(),
    )


def _parties(
    files: Collection[FileRead], reader: OrganisationReader, complaints: list[Complaint]
) -> Iterator[Organisation]:
    """Those of all files, each unit with the organisation that it is of."""
    if any(file.has_unit_apart for file in files):
        reader.organisations = {party: whose for file in files for party, whose in file.belonging}
    for file in files:  # there are thousands
        if file.has_unit_apart:
            yield from units_joined(file.organisations, reader, complaints)
        else:
            yield from file.organisations


class _Loading:
    """Loads certificates, and tells from where since it was asked that last."""

    def __init__(self, load: LoadCertificates) -> None:
        self._load = load
        self._paths: dict[str, None] = {}

    def __call__(self, path: str) -> Sequence[Certificate]:
        self._paths[path] = None
        return self._load(path)

    def taken(self) -> tuple[str, ...]:
        """Those paths, each once."""
        found, self._paths = tuple(self._paths), {}
        return found


def _read_hub(
    source: SourceFile | None,
    load: LoadCertificates,
    base: str,
    suites: Mapping[str, Suite],
    complaints: list[Complaint],
) -> tuple[HubShape | None, HubParty | None]:
    if source is None:
        if not any(each.file == HUB_FILE for each in complaints):  # else it is there and could not be read
            complaints.append(Complaint(file=HUB_FILE, line=1, path="", sentence="the file is missing; write it"))
        return None, None
    hub = remainder = None
    shape = source.shape(HubShape, others={"the file of an organisation": OrganisationShape})
    if shape is not None:
        hub = _hub(source, shape, load, base, suites)
    elif (remainder := source.remainder(HubShape)) is not None:
        look_through(source, remainder, load, for_all=True)
    if (seen := shape or remainder) is not None and seen.suite not in suites:
        source.complain(("suite",), no_suite(seen.suite, suites))
    return shape, hub


def _hub(
    source: SourceFile, shape: HubShape, load: LoadCertificates, base: str, suites: Mapping[str, Suite]
) -> HubParty:
    signing = source.certificates("signing", shape.certificates.signing, load)
    encryption = source.certificates("encryption", shape.certificates.encryption, load)
    for use in ("signing", "encryption"):
        for index, each in enumerate(getattr(shape.certificates, use)):
            if each.endorsement is not None:
                said = "the address book has no entry for the hub; leave this key out"
                source.complain(("certificates", use, index, "endorsement"), said)
    for index, each in enumerate(shape.certificates.encryption):
        if each.since is not None:
            said = "the hub opens what is encrypted to it whenever it comes; leave this key out"
            source.complain(("certificates", "encryption", index, "from"), said)
    return HubParty(
        name=shape.name,
        file=source.name,
        party_ids=source.parties("party", shape.party),
        language=shape.language,
        # Where the key itself is wrong, nobody is to be told that his party does not belong there.
        environment="test" if source.complained_of(("environment",)) else shape.environment,
        signing_certificates=signing.certificates,
        encryption_certificates=encryption.certificates,
        signing_terms=signing.terms,
        encryption_terms=encryption.terms,
        suite=suites.get(shape.suite) or next(iter(suites.values())),
        key_reference=KeyReference(shape.key_reference),
        trust=read_trust(source, shape.trust, load),
        base=base,
        mailbox=mailbox_of(shape.mailbox, Mailbox()),
        attachments=attachments_of(shape.attachments, Attachments()),
        compromised=frozenset(shape.compromised),
        closing_days=frozenset(shape.closing_days),
        revocation=read_sources(source, shape.revocation, load),
        overrides=source.overrides(shape.overrides, for_all=True),
        lines=MappingProxyType(source.lines()),
    )
