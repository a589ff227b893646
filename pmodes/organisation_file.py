"""From the file of one organisation to the organisation and its business units, each a participant of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from crypto.key_references import KeyReference
from crypto.suites import Suite
from gateway.ebms.model import AgreementRef
from gateway.ebms.party_ids import kvk_in, mailbox_mpc, unit_parts
from gateway.ebms.text import Language
from gateway.ebms.values import is_uri
from gateway.written.close import did_you_mean
from gateway.written.complaints import Complaint, line_of, shown
from pmodes.consistency import ORGANISATION_ROLES
from pmodes.legal_basis import objection
from pmodes.model import Attachments, HubParty, Leg, Mailbox, Organisation, Overrides, PropertyProfile
from pmodes.participation import ActiveVersion, Agreements, UnitOf
from pmodes.shapes import (
    HUB_FILE,
    AgreementsShape,
    AttachmentsShape,
    HubShape,
    MailboxShape,
    OrganisationShape,
    UnitShape,
)
from pmodes.source_file import LoadCertificates, SourceFile
from xsd.catalogue import Catalogue

# What a unit never has from its organisation, or has beside what it says itself.
ITS_OWN: Final = frozenset(
    {
        "name", "party", "certificates", "establishment", "acts_for", "tls_thumbprints", "compromised",
        "mailbox", "attachments", "overrides", "suspended",
    }
)  # fmt: skip
_MAILBOX_MPC: Final = "PMode[1].BusinessInfo.MPC"
_NOTHING: Final[Overrides] = MappingProxyType({leg: MappingProxyType({}) for leg in Leg})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What holds for whoever says nothing else: the hub's rules, or for a unit those of its organisation."""

    mailbox: Mailbox
    attachments: Attachments
    overrides: Overrides = field(default_factory=lambda: _NOTHING)
    unit_of: UnitOf | None = None


class OrganisationReader:
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
        self.organisations: dict[str, UnitOf] = {}  # by party id: those that units can belong to
        self.all_known = True  # none is missing there because its file could not be read
        self._catalogue = catalogue
        self._load = load
        self._base = base
        self._suites = suites
        self._language: Language = "nl" if hub_shape is None else hub_shape.language
        self._suite_name = next(iter(suites)) if hub_shape is None else hub_shape.suite
        self._key_reference = "token" if hub_shape is None else hub_shape.key_reference
        self._hub = _Around(
            mailbox=Mailbox() if hub is None else hub.mailbox,
            attachments=Attachments() if hub is None else hub.attachments,
        )

    def read(self, source: SourceFile) -> Iterator[Organisation]:
        """Those of one file who are parties; nobody after complaining that its form is not right."""
        shape = source.shape(OrganisationShape, others={HUB_FILE: HubShape})
        if shape is None:
            if (remainder := source.remainder(OrganisationShape)) is not None:
                self._look_through(source, remainder)
            else:
                self.all_known = False
            return
        organisation = self._organisation(source, shape, self._hub)
        if shape.certificates is not None:
            yield organisation
        elif not shape.units and not source.has("certificates"):
            source.complain(("certificates",), "this key is needed; write what it signs with and what is sealed to")
        itself = UnitOf(name=organisation.name, party_id=organisation.party_id)
        self.organisations.update((each.value, itself) for each in organisation.party_ids)
        around = _Around(
            mailbox=organisation.mailbox,
            attachments=organisation.attachments,
            overrides=_without_mailbox(organisation.overrides),
            unit_of=itself,
        )
        for index, unit in enumerate(shape.units):
            yield self._unit(source.within("units", index), unit, shape, organisation, around)

    def _unit(
        self, source: SourceFile, unit: UnitShape, shape: OrganisationShape, organisation: Organisation, around: _Around
    ) -> Organisation:
        left_out = UnitShape.model_fields.keys() - unit.model_fields_set - ITS_OWN
        whole = unit.model_copy(
            update={**{name: getattr(shape, name) for name in left_out}, "suspended": unit.suspended or shape.suspended}
        )
        if unit.certificates is None and not source.has("certificates"):
            source.complain((), "its key certificates is needed: a unit has certificates of its own")
        found = self._organisation(source, whole, around)
        parts = unit_parts(found.party_id)
        if parts is not None and parts[0] not in {each.value for each in organisation.party_ids}:
            source.complain(
                ("party",),
                f"{shown(found.party_id)} is a unit of another organisation; here it begins with"
                f" {organisation.party_id}, or list it in the file of its organisation",
            )
        if parts is not None and found.establishment not in (None, parts[1]):
            source.complain(
                ("establishment",), f"the party id names the establishment {parts[1]}; write that, or leave the key out"
            )
        return replace(
            found,
            unit_of=around.unit_of,
            establishment=found.establishment or (None if parts is None else parts[1]),
            lines=MappingProxyType({**organisation.lines, **source.lines()}),
        )

    def _organisation(self, source: SourceFile, shape: UnitShape, around: _Around) -> Organisation:
        party_ids = source.parties("party", shape.party)
        own = source.overrides(shape.overrides, for_all=False)
        overrides = _together(around.overrides, own)
        mpc = overrides[Leg.RECEIVING].get(_MAILBOX_MPC)
        named = shape.certificates
        signing = source.certificates("signing", [] if named is None else named.signing, self._load)
        encryption = source.certificates("encryption", [] if named is None else named.encryption, self._load)
        if named is not None and shape.access != "desk":
            if named.trust == "pinned" and not named.signing:
                source.complain(("certificates", "signing"), "must not be empty where certificates are pinned")
            if not named.encryption:
                source.complain(("certificates", "encryption"), "must not be empty")
        self._check_names(source, shape)
        return Organisation(
            name=shape.name,
            file=source.name,
            at=source.at,
            party_ids=party_ids,
            roles=frozenset(shape.roles),
            language=shape.language or self._language,
            signing_certificates=signing.certificates,
            encryption_certificates=encryption.certificates,
            signing_terms=signing.terms,
            encryption_terms=encryption.terms,
            endorsements={**signing.endorsements, **encryption.endorsements},
            modules=self._modules(shape),
            suite=self._suite(source, shape),
            key_reference=KeyReference(shape.key_reference or self._key_reference),
            mpc=mailbox_mpc(self._base, party_ids[0].value) if mpc is None else str(mpc.value),
            mailbox=mailbox_of(shape.mailbox, around.mailbox),
            acts_for=source.parties("acts_for", shape.acts_for),
            agreement=None if shape.agreement is None else AgreementRef(**shape.agreement.model_dump()),
            attachments=attachments_of(shape.attachments, around.attachments),
            properties=tuple(PropertyProfile(**each.model_dump()) for each in shape.properties),
            part_properties=tuple(PropertyProfile(**each.model_dump()) for each in shape.part_properties),
            property_types=tuple(shape.property_types),
            trust="pinned" if named is None else named.trust,
            tls_thumbprints=frozenset(shape.tls_thumbprints),
            compromised=frozenset(shape.compromised),
            kvk=shape.kvk or kvk_in(party_ids[0].value),
            establishment=shape.establishment,
            legal_basis=shape.legal_basis,
            access=shape.access,
            desk_lists=shape.desk.lists,
            collectief=shape.collectief,
            suspended=shape.suspended,
            is_listed=shape.listed,
            agreements=Agreements(**_said(shape.agreements)),
            addresses=tuple(shape.addresses),
            overrides=overrides,
            lines=MappingProxyType(source.lines()),
        )

    def _look_through(self, source: SourceFile, remainder: OrganisationShape) -> None:
        """Complain of what is wrong besides in a file that makes no organisation."""
        look_through(source, remainder, self._load, for_all=False)
        self.all_known = self.all_known and bool(remainder.party)
        itself = UnitOf(name=remainder.name, party_id=remainder.party[0].value if remainder.party else "")
        self.organisations.update((each.value, itself) for each in remainder.party)
        source.parties("acts_for", remainder.acts_for)
        self._suite(source, remainder)
        self._check_names(source, remainder)

    def _modules(self, shape: UnitShape) -> Mapping[str, tuple[ActiveVersion, ...]]:
        """What the file names, and what is active of itself for whoever has an earlier version."""
        found: dict[str, tuple[ActiveVersion, ...]] = {}
        for name, versions in shape.modules.items():
            named = tuple(_active(each.version, each.begins, each.ends, each.answer_working_days) for each in versions)
            found[name] = (*named, *self._following(name, named, frozenset(shape.roles)))
        return MappingProxyType(found)

    def _following(self, name: str, named: tuple[ActiveVersion, ...], roles: frozenset[str]) -> Iterator[ActiveVersion]:
        versions = {each.version for each in named}
        for module in self._catalogue.modules:
            if module.name == name and module.version not in versions and not roles.isdisjoint(module.of_itself_for):
                yield ActiveVersion(version=module.version, of_itself=True)

    def _suite(self, source: SourceFile, shape: UnitShape) -> Suite:
        name = shape.suite or self._suite_name
        found = self._suites.get(name)
        if found is None:
            if shape.suite is not None:
                source.complain(("suite",), no_suite(name, self._suites))
            return next(iter(self._suites.values()))
        return found

    def _check_names(self, source: SourceFile, shape: UnitShape) -> None:
        if shape.agreement is not None and shape.agreement.type is None and not is_uri(shape.agreement.value):
            source.complain(
                ("agreement", "value"),
                f"{shown(shape.agreement.value)} is not a URI (ebMS3 Core 5.2.2.7); give a URI, or its type",
            )
        for index, role in enumerate(shape.roles):
            if role not in ORGANISATION_ROLES:
                roles = ", ".join(ORGANISATION_ROLES)
                meant = did_you_mean(role, ORGANISATION_ROLES)
                sentence = f"{shown(role)} is no role of an organisation{meant or f'; roles are {roles}'}"
                source.complain(("roles", index), sentence)
        if shape.legal_basis is not None and (said := objection(shape.roles, shape.legal_basis)) is not None:
            source.complain(("legal_basis",), said)
        self._check_kvk(source, shape)
        self._check_modules(source, shape)

    def _check_kvk(self, source: SourceFile, shape: UnitShape) -> None:
        for party in shape.party:
            named = kvk_in(party.value)
            if shape.kvk is not None and named is not None and named != shape.kvk:
                source.complain(
                    ("kvk",), f"the party id {shown(party.value)} holds the KvK number {named}; correct one of the two"
                )

    def _check_modules(self, source: SourceFile, shape: UnitShape) -> None:
        for name, versions in shape.modules.items():
            known = [each.version for each in self._catalogue.modules if each.name == name]
            if not known:
                names = sorted({each.name for each in self._catalogue.modules})
                meant = did_you_mean(name, names) or f"; modules are {', '.join(names)}"
                source.complain(("modules", name), f"there is no module {shown(name)}{meant}")
                continue
            listed = [each.version for each in versions]
            for index, each in enumerate(versions):
                at = ("modules", name, index)
                if each.version not in known:
                    source.complain(at, f"there is no version {shown(each.version)}; there are {', '.join(known)}")
                if each.version in listed[:index]:
                    source.complain(at, f"the version {shown(each.version)} is listed twice; leave one out")
                if each.begins is not None and each.ends is not None and each.ends < each.begins:
                    source.complain((*at, "until"), f"is before its first day, {each.begins}; correct one of the two")


def is_unit_apart(organisation: Organisation) -> bool:
    """Whether it is a unit in a file of its own, and not in that of its organisation."""
    return organisation.unit_of is None and unit_parts(organisation.party_id) is not None


def units_joined(
    organisations: Iterable[Organisation], reader: OrganisationReader, complaints: list[Complaint]
) -> Iterator[Organisation]:
    """The same, those that are units in files of their own as units of the organisation that their party id begins
    with; complains of one that has none, unless its file may be one that could not be read.
    """
    for each in organisations:
        parts = unit_parts(each.party_id) if is_unit_apart(each) else None
        if parts is None:
            yield each
            continue
        if (whose := reader.organisations.get(parts[0])) is None and reader.all_known:
            sentence = (
                f"{shown(each.party_id)} is a business unit, and no file has its organisation, {parts[0]}; add that"
                " organisation, with this unit under its key units or beside it"
            )
            line = line_of(each.lines, "party")
            complaints.append(Complaint(file=each.file, line=line, path="party", sentence=sentence))
        yield replace(each, unit_of=whose, establishment=each.establishment or parts[1])


def look_through(
    source: SourceFile, shape: HubShape | OrganisationShape, load: LoadCertificates, *, for_all: bool
) -> None:
    """Complain of what the form of a file cannot tell, of the keys that any file has."""
    source.parties("party", shape.party)
    if shape.certificates is not None:
        source.certificates("signing", shape.certificates.signing, load)
        source.certificates("encryption", shape.certificates.encryption, load)
    source.overrides(shape.overrides, for_all=for_all)


def no_suite(name: str, suites: Mapping[str, Suite]) -> str:
    """That no suite has this name, and which there are."""
    return f"there is no suite {shown(name)}{did_you_mean(name, suites) or f'; there are {_listed(suites)}'}"


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def mailbox_of(shape: MailboxShape, defaults: Mailbox) -> Mailbox:
    """The rules of a mailbox, where the file says nothing as they are around it."""
    values = _said(shape)
    return replace(defaults, **values) if values else defaults


def attachments_of(shape: AttachmentsShape, defaults: Attachments) -> Attachments:
    """What may come with a document, where the file says nothing as it is around it."""
    values = _said(shape)
    if "mime_types" in values:
        values["mime_types"] = frozenset(values["mime_types"])
    return replace(defaults, **values) if values else defaults


def _said(shape: MailboxShape | AttachmentsShape | AgreementsShape) -> dict[str, Any]:
    """What a file says, and nothing that it leaves out."""
    return {name: value for name in shape.model_fields_set if (value := getattr(shape, name)) is not None}


@lru_cache(maxsize=4096)  # thousands of files name the same versions, and most of them no days
def _active(version: str, begins: date | None, ends: date | None, answer_working_days: int | None) -> ActiveVersion:
    return ActiveVersion(version=version, begins=begins, ends=ends, answer_working_days=answer_working_days)


def _together(around: Overrides, own: Overrides) -> Overrides:
    """Those around it and its own, which go before; the same nothing for thousands that have none."""
    if not any(around.values()) and not any(own.values()):
        return _NOTHING
    return {leg: {**around[leg], **own[leg]} for leg in Leg}


def _without_mailbox(overrides: Overrides) -> Overrides:
    """Without the MPC of the mailbox, which is nobody else's."""
    kept = {name: each for name, each in overrides[Leg.RECEIVING].items() if name != _MAILBOX_MPC}
    return {**overrides, Leg.RECEIVING: kept}
