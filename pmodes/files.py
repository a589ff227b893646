"""From texts to a `Configuration`, or to every complaint at once.

One file `hub.yaml` for the hub, one file for each organisation, all in one folder. Nothing is read here: texts come by
name, certificates through a function, so that a folder, an archive or a test can stand behind them; `pmodes.folder` is
the ordinary case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from crypto.key_references import KeyReference
from crypto.suites import SUITES, Suite
from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.configuration import Configuration, configure
from pmodes.consistency import contradictions
from pmodes.model import Attachments, HubParty, Mailbox
from pmodes.organisation_file import (
    OrganisationReader,
    attachments_of,
    look_through,
    mailbox_of,
    no_suite,
    units_joined,
)
from pmodes.revocation import read_sources
from pmodes.shapes import HUB_FILE, HubShape, OrganisationShape
from pmodes.source_file import LoadCertificates, SourceFile
from pmodes.trust import read_trust
from xsd.catalogue import BASE, Catalogue


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
    complaints = list(complaints)
    sources = {name: SourceFile(name, text, complaints) for name, text in sorted(texts.items())}
    source = sources.pop(HUB_FILE, None)
    hub_shape = remainder = hub = None
    if source is None and any(each.file == HUB_FILE for each in complaints):
        pass  # it is there and could not be read
    elif source is None:
        complaints.append(Complaint(file=HUB_FILE, line=1, path="", sentence="the file is missing; write it"))
    else:
        hub_shape = source.shape(HubShape, others={"the file of an organisation": OrganisationShape})
        if hub_shape is not None:
            hub = _hub(source, hub_shape, load, base, suites)
        elif (remainder := source.remainder(HubShape)) is not None:
            look_through(source, remainder, load, for_all=True)
        if (seen := hub_shape or remainder) is not None and seen.suite not in suites:
            source.complain(("suite",), no_suite(seen.suite, suites))
    reader = OrganisationReader(catalogue, load, base, suites, hub_shape, hub)
    organisations = [found for each in sources.values() for found in reader.read(each)]
    organisations = list(units_joined(organisations, reader, complaints))
    complaints.extend(contradictions(hub, organisations, catalogue, suites))
    if complaints or hub is None:
        raise ConfigurationFault(complaints)
    return configure(hub, organisations, catalogue=catalogue, suites=suites)


def _hub(
    source: SourceFile, shape: HubShape, load: LoadCertificates, base: str, suites: Mapping[str, Suite]
) -> HubParty:
    signing = source.certificates("signing", shape.certificates.signing, load)
    encryption = source.certificates("encryption", shape.certificates.encryption, load)
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
