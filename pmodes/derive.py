"""From an organisation to the processing mode of a leg: what profile, catalogue and overrides make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar, cast

from crypto.key_references import KeyReference
from crypto.suites import Suite
from gateway.ebms import names
from gateway.ebms.model import Party, PartyId, Service
from gateway.limits import Limits
from pmodes.model import (
    BusinessInfo,
    ErrorHandling,
    HubParty,
    Leg,
    Organisation,
    Override,
    PartProfile,
    PayloadProfile,
    PMode,
    PropertyProfile,
    ReceptionAwareness,
    Security,
    Strictness,
)
from xsd.message_type import MessageType

_T = TypeVar("_T")

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
    initiator: Party
    responder: Party
    mpc: str | None
    payload_profile: PayloadProfile
    error_handling: ErrorHandling
    security: Security
    reception_awareness: ReceptionAwareness
    compression_type: str
    strictness: Strictness
    origin: bool


def overrides_of(hub: HubParty, organisation: Organisation, leg: Leg) -> Mapping[str, Override]:
    """What was overridden by name on that leg; the organisation's file goes before the hub's."""
    return {**hub.overrides.get(leg, {}), **organisation.overrides.get(leg, {})}


def template(hub: HubParty, organisation: Organisation, leg: Leg, suites: Mapping[str, Suite]) -> Template:
    """The shared part of an organisation's P-Modes on a leg."""
    overrides = overrides_of(hub, organisation, leg)
    sending = leg is Leg.SENDING
    return Template(
        organisation=organisation,
        leg=leg,
        initiator=Party(
            party_ids=organisation.party_ids, role=_pick(overrides, "PMode.Initiator.Role", names.INITIATOR)
        ),
        responder=Party(party_ids=hub.party_ids, role=_pick(overrides, "PMode.Responder.Role", names.RESPONDER)),
        mpc=_pick(overrides, "PMode[1].BusinessInfo.MPC", None) if sending else organisation.mpc,
        payload_profile=_payload_profile(organisation, leg),
        error_handling=ErrorHandling(as_response=sending),
        security=_security(hub, organisation, leg, overrides, suites),
        reception_awareness=ReceptionAwareness(),
        compression_type=_pick(overrides, "PMode[1].PayloadService.CompressionType", names.GZIP),
        strictness=Strictness(
            must_understand_required=_pick(overrides, "Knooppunt.MustUnderstandRequired", False),
            type_parameter_required=_pick(overrides, "Knooppunt.TypeParameterRequired", False),
            compressed_when_off=_pick(overrides, "Knooppunt.CompressedWhenOff", False),
            undeclared_parts_refused=_pick(overrides, "Knooppunt.UndeclaredPartsRefused", True),
            ref_to_message_id_refused=_pick(overrides, "Knooppunt.RefToMessageIdRefused", False),
            layer_two=_pick(overrides, "Knooppunt.LayerTwo", False),
        ),
        origin=not sending and _pick(overrides, "Knooppunt.Origin", True),
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
        agreement=organisation.agreement,
        initiator=initiator,
        responder=shared.responder,
        mep_binding=names.PUSH if leg is Leg.SENDING else names.PULL,
        business_info=BusinessInfo(
            service=Service(value=names.TEST_SERVICE if message_type is None else message_type.service),
            action=names.TEST_ACTION if message_type is None else message_type.name,
            mpc=shared.mpc,
            properties=_properties(organisation, message_type),
            payload_profile=_OPEN_PAYLOAD if message_type is None else shared.payload_profile,
        ),
        error_handling=shared.error_handling,
        security=shared.security,
        reception_awareness=shared.reception_awareness,
        compression_type=shared.compression_type,
        strictness=shared.strictness,
        language=organisation.language,
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


def _pick(overrides: Mapping[str, Override], name: str, default: _T) -> _T:
    override = overrides.get(name)
    return default if override is None else cast(_T, override.value)  # its type was checked when it was read


def _security(
    hub: HubParty, organisation: Organisation, leg: Leg, overrides: Mapping[str, Override], suites: Mapping[str, Suite]
) -> Security:
    sending = leg is Leg.SENDING
    suite = _pick(overrides, "Knooppunt.Suite", organisation.suite.name)
    return Security(
        signature_certificates=organisation.signing_certificates if sending else hub.signing_certificates,
        encryption_certificates=hub.encryption_certificates if sending else organisation.encryption_certificates,
        suite=organisation.suite if suite == organisation.suite.name else suites[suite],
        key_reference=KeyReference(_pick(overrides, "Knooppunt.KeyReference", organisation.key_reference.value)),
        encryption_key_reference=KeyReference(
            _pick(overrides, "Knooppunt.EncryptionKeyReference", KeyReference.SKI.value)
        ),
        encrypt=_pick(overrides, "PMode[1].Security.X509.Encryption.Encrypt", True),
        minimum_strength=_pick(overrides, "PMode[1].Security.X509.Encryption.MinimumStrength", 128),
        minimum_rsa_bits=_pick(overrides, "Knooppunt.MinimumRsaBits", 2048),
        reply_pattern="Response" if sending else "Callback",
    )


def _properties(organisation: Organisation, message_type: MessageType | None) -> tuple[PropertyProfile, ...]:
    if message_type is None:
        return ()
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
