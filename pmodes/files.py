"""From texts to a `Configuration`, or to every complaint at once.

One file `hub.yaml` for the hub, one file for each organisation, all in one folder. Nothing is read here: texts come by
name, certificates through a function, so that a folder, an archive or a test can stand behind them; `pmodes.folder` is
the ordinary case.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crypto.certificates import Certificate
from crypto.key_references import KeyReference
from crypto.suites import SUITES, Suite
from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.changed import as_before, changed
from pmodes.configuration import Configuration, configure
from pmodes.consistency import contradictions
from pmodes.model import Attachments, HubParty, Mailbox, Organisation
from pmodes.organisation_file import (
    OrganisationReader,
    attachments_of,
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
    """What the file of an organisation says by itself: who its parties are, whose units others can be, and where the
    certificates lie that it names.
    """

    organisations: tuple[Organisation, ...]
    belonging: tuple[tuple[str, UnitOf], ...]
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
    unchanged: Collection[str] = (),
) -> FilesRead:
    """The same, with what each file came to. The `unchanged` files are those of `before` that say what they said, as do
    the certificates that they name; `texts` has them not, and either `hub.yaml` is among them or there are none.
    """
    complaints = list(complaints)
    loading = _Loading(load)
    if before is not None and HUB_FILE in unchanged:
        hub_shape: HubShape | None = before.defaults
        hub: HubParty | None = before.configuration.hub
        of_hub = before.of_hub
        known = {name: file for name, file in before.organisations.items() if name in unchanged}
    else:
        source = SourceFile(HUB_FILE, texts[HUB_FILE], complaints) if HUB_FILE in texts else None
        hub_shape, hub = _read_hub(source, loading, base, suites, complaints)
        of_hub, known = loading.taken(), {}
    reader = OrganisationReader(catalogue, loading, base, suites, hub_shape, hub)
    read: dict[str, FileRead] = {}
    for name in sorted([*known, *(each for each in texts if each != HUB_FILE)]):  # in order already, but for a few
        if (file := known.get(name)) is None:
            reader.organisations = {}
            parties = tuple(reader.read(SourceFile(name, texts[name], complaints)))
            whose = tuple(reader.organisations.items())
            file = FileRead(organisations=parties, belonging=whose, certificates=loading.taken())
        read[name] = file
    reader.organisations = {party: whose for file in read.values() for party, whose in file.belonging}
    parties = tuple(each for file in read.values() for each in file.organisations)
    organisations = tuple(units_joined(parties, reader, complaints))
    configuration = None
    if before is not None and known and not complaints:
        organisations = tuple(as_before(before.configuration, organisations))
        configuration = changed(before.configuration, organisations)
    if configuration is None or hub_shape is None:
        complaints.extend(contradictions(hub, organisations, catalogue, suites))
        if complaints or hub is None or hub_shape is None:
            raise ConfigurationFault(complaints)
        configuration = configure(hub, organisations, catalogue=catalogue, suites=suites)
    return FilesRead(configuration=configuration, defaults=hub_shape, of_hub=of_hub, organisations=read)


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
