"""From texts to a `Configuration`, or to every complaint at once.

One file `hub.yaml` for the hub, one file for each organisation, all in one folder. Nothing is read here: texts come by
name, certificates through a function, so that a folder, an archive or a test can stand behind them; `pmodes.folder` is
the ordinary case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from crypto.key_references import KeyReference
from crypto.suites import SUITES, Suite
from gateway.ebms.model import AgreementRef
from gateway.ebms.party_ids import mailbox_mpc
from gateway.ebms.text import Language
from gateway.ebms.values import is_uri
from gateway.written.complaints import Complaint, ConfigurationFault, shown
from pmodes.configuration import Configuration, configure
from pmodes.consistency import ORGANISATION_ROLES, contradictions
from pmodes.model import (
    Attachments,
    HubParty,
    Leg,
    Mailbox,
    Organisation,
    PropertyProfile,
)
from pmodes.shapes import HUB_FILE, AttachmentsShape, HubShape, MailboxShape, OrganisationShape
from pmodes.source_file import LoadCertificates, SourceFile
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
        complaints.append(Complaint(file=HUB_FILE, line=1, path="", sentence="the file is missing"))
    else:
        hub_shape = source.shape(HubShape, others={"the file of an organisation": OrganisationShape})
        if hub_shape is not None:
            hub = _hub(source, hub_shape, load, base, suites)
        elif (remainder := source.remainder(HubShape)) is not None:
            _read_values(source, remainder, load, for_all=True)
        if (seen := hub_shape or remainder) is not None and seen.suite not in suites:
            source.complain(("suite",), _no_suite(seen.suite, suites))
    reader = _OrganisationReader(catalogue, load, base, suites, hub_shape, hub)
    organisations = [found for each in sources.values() if (found := reader.read(each)) is not None]
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
        base=base,
        mailbox=_mailbox(shape.mailbox, Mailbox()),
        attachments=_attachments(shape.attachments, Attachments()),
        compromised=frozenset(shape.compromised),
        closing_days=frozenset(shape.closing_days),
        overrides=source.overrides(shape.overrides, for_all=True),
        lines=MappingProxyType(source.lines()),
    )


def _read_values(
    source: SourceFile, shape: HubShape | OrganisationShape, load: LoadCertificates, *, for_all: bool
) -> None:
    """Complain of what the form of a file cannot tell, of the keys that any file has."""
    source.parties("party", shape.party)
    source.certificates("signing", shape.certificates.signing, load)
    source.certificates("encryption", shape.certificates.encryption, load)
    source.overrides(shape.overrides, for_all=for_all)


class _OrganisationReader:
    """Reads organisations with one hub's defaults; without a readable hub, with the defaults of the defaults."""

    def __init__(
        self,
        catalogue: Catalogue,
        load: LoadCertificates,
        base: str,
        suites: Mapping[str, Suite],
        hub_shape: HubShape | None,
        hub: HubParty | None,
    ) -> None:
        self._catalogue = catalogue
        self._load = load
        self._base = base
        self._suites = suites
        self._language: Language = "nl" if hub_shape is None else hub_shape.language
        self._suite_name = next(iter(suites)) if hub_shape is None else hub_shape.suite
        self._key_reference = "token" if hub_shape is None else hub_shape.key_reference
        self._mailbox = Mailbox() if hub is None else hub.mailbox
        self._attachments = Attachments() if hub is None else hub.attachments

    def read(self, source: SourceFile) -> Organisation | None:
        """The organisation of one file, or None after complaining that its form is not right."""
        shape = source.shape(OrganisationShape, others={HUB_FILE: HubShape})
        if shape is None:
            if (remainder := source.remainder(OrganisationShape)) is not None:
                self._look_through(source, remainder)
            return None
        party_ids = source.parties("party", shape.party)
        overrides = source.overrides(shape.overrides, for_all=False)
        mpc = overrides[Leg.RECEIVING].get("PMode[1].BusinessInfo.MPC")
        self._check_names(source, shape)
        signing = source.certificates("signing", shape.certificates.signing, self._load)
        encryption = source.certificates("encryption", shape.certificates.encryption, self._load)
        return Organisation(
            name=shape.name,
            file=source.name,
            party_ids=party_ids,
            roles=frozenset(shape.roles),
            language=shape.language or self._language,
            signing_certificates=signing.certificates,
            encryption_certificates=encryption.certificates,
            signing_terms=signing.terms,
            encryption_terms=encryption.terms,
            modules=MappingProxyType({name: tuple(versions) for name, versions in shape.modules.items()}),
            suite=self._suite(source, shape),
            key_reference=KeyReference(shape.key_reference or self._key_reference),
            mpc=mailbox_mpc(self._base, party_ids[0].value) if mpc is None else str(mpc.value),
            mailbox=_mailbox(shape.mailbox, self._mailbox),
            acts_for=source.parties("acts_for", shape.acts_for),
            agreement=None if shape.agreement is None else AgreementRef(**shape.agreement.model_dump()),
            attachments=_attachments(shape.attachments, self._attachments),
            properties=tuple(PropertyProfile(**each.model_dump()) for each in shape.properties),
            part_properties=tuple(PropertyProfile(**each.model_dump()) for each in shape.part_properties),
            property_types=tuple(shape.property_types),
            tls_thumbprints=frozenset(shape.tls_thumbprints),
            compromised=frozenset(shape.compromised),
            overrides=overrides,
            lines=MappingProxyType(source.lines()),
        )

    def _look_through(self, source: SourceFile, remainder: OrganisationShape) -> None:
        """Complain of what is wrong besides in a file that makes no organisation."""
        _read_values(source, remainder, self._load, for_all=False)
        source.parties("acts_for", remainder.acts_for)
        self._suite(source, remainder)
        self._check_names(source, remainder)

    def _suite(self, source: SourceFile, shape: OrganisationShape) -> Suite:
        name = shape.suite or self._suite_name
        found = self._suites.get(name)
        if found is None:
            if shape.suite is not None:
                source.complain(("suite",), _no_suite(name, self._suites))
            return next(iter(self._suites.values()))
        return found

    def _check_names(self, source: SourceFile, shape: OrganisationShape) -> None:
        if shape.agreement is not None and shape.agreement.type is None and not is_uri(shape.agreement.value):
            source.complain(
                ("agreement", "value"), f"{shown(shape.agreement.value)} is not a URI; give a URI, or its type"
            )
        for index, role in enumerate(shape.roles):
            if role not in ORGANISATION_ROLES:
                roles = ", ".join(ORGANISATION_ROLES)
                source.complain(("roles", index), f"{shown(role)} is no role of an organisation; roles are {roles}")
        for name, versions in shape.modules.items():
            known = [each.version for each in self._catalogue.modules if each.name == name]
            if not known:
                names = ", ".join(sorted({each.name for each in self._catalogue.modules}))
                source.complain(("modules", name), f"there is no module {shown(name)}; modules are {names}")
                continue
            for index, version in enumerate(versions):
                if version not in known:
                    source.complain(
                        ("modules", name, index), f"there is no version {shown(version)}; there are {', '.join(known)}"
                    )


def _no_suite(name: str, suites: Mapping[str, Suite]) -> str:
    return f"there is no suite {shown(name)}; there are {', '.join(sorted(suites))}"


def _mailbox(shape: MailboxShape, defaults: Mailbox) -> Mailbox:
    return replace(defaults, **shape.model_dump(exclude_none=True))


def _attachments(shape: AttachmentsShape, defaults: Attachments) -> Attachments:
    values = shape.model_dump(exclude_none=True)
    if "mime_types" in values:
        values["mime_types"] = frozenset(values["mime_types"])
    return replace(defaults, **values)
