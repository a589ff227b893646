"""From an organisation to the processing mode of a leg: what profile, catalogue and overrides make of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from crypto.suites import Suite
from gateway.ebms import names
from gateway.ebms.model import AgreementRef, Party, PartyId, Service
from gateway.limits import Limits
from pmodes.model import (
    BusinessInfo,
    HubParty,
    Leg,
    Organisation,
    Override,
    PartProfile,
    PayloadProfile,
    PMode,
    PropertyProfile,
    Security,
    Strictness,
)
from pmodes.parameter import Ground
from pmodes.parameters import PARAMETERS
from xsd.message_type import MessageType

DOCUMENT_MIME_TYPES: Final = frozenset({"application/xml", "text/xml"})
DOCUMENT_MAX_OCTETS: Final = Limits().document_octets

_PROPERTIES: Final = (
    PropertyProfile(name=names.TRACKING_IDENTIFIER, required=True),
    PropertyProfile(name=names.ORIGINAL_SENDER, required=True),
    PropertyProfile(name=names.FINAL_RECIPIENT, required=True),
)
_ANSWER_PROPERTIES: Final = (*_PROPERTIES, PropertyProfile(name=names.CROSS_REFERENCE))
_OPEN_PAYLOAD: Final = PayloadProfile(parts=(), open=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What all P-Modes of one organisation on one leg share; made once, as most of a P-Mode does not change."""

    organisation: Organisation
    leg: Leg
    agreement: AgreementRef | None
    initiator: Party
    responder: Party
    mpc: str | None
    payload_profile: PayloadProfile
    security: Security
    compression_type: str
    strictness: Strictness
    origin: bool


def overrides_of(hub: HubParty, organisation: Organisation, leg: Leg) -> Mapping[str, Override]:
    """What was overridden by name on that leg; the organisation's file goes before the hub's."""
    of_hub, own = hub.overrides.get(leg, {}), organisation.overrides.get(leg, {})
    return {**of_hub, **own} if of_hub and own else own or of_hub  # asked of thousands that set nothing


def template(hub: HubParty, organisation: Organisation, leg: Leg, suites: Mapping[str, Suite]) -> Template:
    """The shared part of an organisation's P-Modes on a leg: each field of the table of parameters by its path."""
    ground = Ground(hub=hub, organisation=organisation, leg=leg, suites=suites)
    overrides = overrides_of(hub, organisation, leg)
    fields: dict[str, dict[str, Any]] = defaultdict(dict)  # by what stands before the last point of the path
    for parameter in PARAMETERS:
        if parameter.default is not None:
            group, _, name = parameter.path.rpartition(".")
            fields[group][name] = parameter.value(ground, overrides)
    return Template(
        organisation=organisation,
        leg=leg,
        initiator=Party(**fields["initiator"]),
        responder=Party(**fields["responder"]),
        payload_profile=_payload_profile(organisation, leg),
        security=Security(**fields["security"]),
        strictness=Strictness(**fields["strictness"]),
        **fields["business_info"],
        **fields[""],
    )


def derive(
    hub: HubParty, shared: Template, message_type: MessageType | None, *, acting_for: PartyId | None = None
) -> PMode:
    """The P-Mode of a message type (None: of the test service), for the organisation itself or a party it acts for."""
    organisation, leg = shared.organisation, shared.leg
    initiator = shared.initiator if acting_for is None else Party(party_ids=(acting_for,), role=shared.initiator.role)
    return PMode(
        id=pmode_id(hub, organisation, message_type, leg, acting_for),
        leg=leg,
        organisation=organisation,
        message_type=message_type,
        agreement=shared.agreement,
        initiator=initiator,
        responder=shared.responder,
        business_info=BusinessInfo(
            service=Service(value=names.TEST_SERVICE if message_type is None else message_type.service),
            action=names.TEST_ACTION if message_type is None else message_type.name,
            mpc=shared.mpc,
            properties=_properties(organisation, message_type),
            part_properties=organisation.part_properties,
            property_types=organisation.property_types,
            payload_profile=_OPEN_PAYLOAD if message_type is None else shared.payload_profile,
        ),
        security=shared.security,
        compression_type=shared.compression_type,
        strictness=shared.strictness,
        origin=shared.origin,
    )


def pmode_id(
    hub: HubParty,
    organisation: Organisation,
    message_type: MessageType | None,
    leg: Leg,
    acting_for: PartyId | None = None,
) -> str:
    """PMode.ID, unique in the hub: whose file, in whose name, which message type, which leg."""
    party = organisation.party_id if acting_for is None else f"{organisation.party_id}:for:{acting_for.value}"
    subject = "test" if message_type is None else f"{message_type.module}:{message_type.version}:{message_type.name}"
    return f"{hub.base}:pmode:{party}:{subject}:leg{leg.value}"


def _properties(organisation: Organisation, message_type: MessageType | None) -> tuple[PropertyProfile, ...]:
    if message_type is None:  # a test may carry them all, and needs none
        return tuple(replace(each, required=False) for each in (*_ANSWER_PROPERTIES, *organisation.properties))
    return (*(_ANSWER_PROPERTIES if message_type.answers_to else _PROPERTIES), *organisation.properties)


def _payload_profile(organisation: Organisation, leg: Leg) -> PayloadProfile:
    document = PartProfile(
        name="document",
        mime_types=DOCUMENT_MIME_TYPES,
        required=True,
        max_count=1,
        max_octets=DOCUMENT_MAX_OCTETS,
    )
    rules = organisation.attachments
    attachments = PartProfile(
        name="attachment",
        mime_types=rules.mime_types,
        required=False,
        max_count=rules.max_count + (leg is Leg.RECEIVING),
        max_octets=rules.max_octets,
    )
    return PayloadProfile(parts=(document, attachments))
