"""The effective view: every parameter of a P-Mode with where its value comes from, and why a message fits or does not.

For the operator only: an explanation shows names of parties and values of the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from crypto.certificates import Certificate, thumbprint_sha256
from gateway.written.complaints import line_of
from pmodes.configuration import Configuration, senders_of
from pmodes.derive import overrides_of
from pmodes.headers import MessageHeader
from pmodes.match import Difference, Mismatch, check_sender, differences, match_user_message
from pmodes.model import (
    Agreement,
    HubParty,
    Leg,
    Organisation,
    PartProfile,
    PartyId,
    PayloadProfile,
    Place,
    PMode,
    PropertyProfile,
)
from pmodes.names import DEFAULT_MPC, TEST_ACTION, TEST_SERVICE
from pmodes.parameters import PARAMETERS, Parameter, Source

_MAX_CANDIDATES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One parameter as `pmode show` prints it."""

    name: str
    value: str
    origin: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A P-Mode that a message might have been meant for, and how it differs; without differences it is the one."""

    pmode_id: str
    file: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What matching says of a message: the P-Mode, or the mismatch; and what was looked at."""

    pmode_id: str | None
    mismatch: Mismatch | None
    candidates: tuple[Candidate, ...]


def effective(configuration: Configuration, pmode: PMode) -> tuple[Row, ...]:
    """Every parameter of a P-Mode's leg, in the order of the table."""
    return tuple(
        Row(
            name=parameter.name,
            value=_text(attrgetter(parameter.field)(pmode), parameter),
            origin=_origin(configuration.hub, pmode, parameter),
            description=parameter.description,
        )
        for parameter in PARAMETERS
        if pmode.leg in parameter.legs
    )


def explain(configuration: Configuration, message: MessageHeader) -> Explanation:
    """Match a message and tell what was compared: P-Modes of everyone who has one of its sender's party ids."""
    pmode_id = mismatch = None
    try:
        pmode = match_user_message(configuration, message)
        check_sender(pmode)
        pmode_id = pmode.id
    except Mismatch as fault:
        mismatch = fault
    return Explanation(pmode_id=pmode_id, mismatch=mismatch, candidates=tuple(_candidates(configuration, message)))


def _candidates(configuration: Configuration, message: MessageHeader) -> Iterable[Candidate]:
    service, action = message.service.value, message.action
    message_type = configuration.catalogue.find(service, action)
    if message_type is None and (service, action) != (TEST_SERVICE, TEST_ACTION):
        return
    values = [each.value for each in message.from_party.party_ids]
    nearby = {
        found.party_id: found
        for value in values
        for found in (configuration.by_party.get(value), configuration.mailboxes.get(value))
        if found is not None
    }
    for organisation in list(nearby.values())[:_MAX_CANDIDATES]:
        for sender in senders_of(organisation):
            if any(each.value in values for each in sender.party_ids):
                pmode = configuration.pmode(organisation, message_type, Leg.SENDING, acting_for=sender.acting_for)
                yield Candidate(
                    pmode_id=pmode.id, file=organisation.file, differences=tuple(differences(pmode, message))
                )


def _origin(hub: HubParty, pmode: PMode, parameter: Parameter) -> str:
    override = overrides_of(hub, pmode.organisation, pmode.leg).get(parameter.name)
    if override is not None:
        return str(override.place)
    if parameter.name == "PMode[1].BusinessInfo.Properties" and pmode.organisation.properties:
        return f"{Source.PROFILE.value} and {_place(pmode.organisation, 'properties')}"
    if parameter.name.endswith(".Certificate"):
        signing = "Signature" in parameter.name
        owner = pmode.organisation if signing is (pmode.leg is Leg.SENDING) else hub
        return str(_place(owner, f"certificates.{'signing' if signing else 'encryption'}"))
    if parameter.source is Source.HUB:
        return str(_place(hub, parameter.key or ""))
    if parameter.key is not None:
        for owner in (pmode.organisation, hub):
            if parameter.key in owner.lines:
                return str(_place(owner, parameter.key))
    return str(parameter.source.value)


def _place(owner: HubParty | Organisation, key: str) -> Place:
    return Place(file=owner.file, line=line_of(owner.lines, key))


def _text(value: object, parameter: Parameter) -> str:
    match value:
        case None:
            return DEFAULT_MPC if parameter.field == "business_info.mpc" else ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(_text(each, parameter) for each in value)
        case Certificate():
            return f"sha256:{thumbprint_sha256(value).hex()}"
        case PartyId() | Agreement():
            return value.value if value.type is None else f"{value.value} ({value.type})"
        case PropertyProfile():
            return f"{value.name} ({value.data_type}, {'required' if value.required else 'optional'})"
        case PayloadProfile():
            return "anything, discarded" if value.open else _text(value.parts, parameter)
        case PartProfile():
            size = "" if value.max_octets is None else f", {value.max_octets} octets at most"
            return f"{value.name} (up to {value.max_count}, {' or '.join(sorted(value.mime_types))}{size})"
        case _:
            return str(value)
