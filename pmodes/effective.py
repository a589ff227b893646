"""The effective view: every parameter of a P-Mode with where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.findings import Term
from crypto.suites import Suite
from gateway.ebms.consistency import mpc_of
from gateway.ebms.model import AgreementRef, PartyId, Service
from gateway.written.complaints import line_of
from pmodes.configuration import Configuration
from pmodes.derive import overrides_of
from pmodes.model import HubParty, Leg, Organisation, PartProfile, PayloadProfile, Place, PMode, PropertyProfile
from pmodes.parameter import DefaultSource, Parameter
from pmodes.parameters import PARAMETERS

_MOMENT: Final = "%Y-%m-%d %H:%M:%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownParameter:
    """One parameter as `pmode show` prints it."""

    name: str
    value: str
    origin: str
    description: str


def effective(configuration: Configuration, pmode: PMode) -> tuple[ShownParameter, ...]:
    """Every parameter of a P-Mode's leg, in the order of the table."""
    return tuple(
        ShownParameter(
            name=parameter.name,
            value=_value(pmode, parameter),
            origin=_origin(configuration.hub, pmode, parameter),
            description=parameter.description,
        )
        for parameter in PARAMETERS
        if pmode.leg in parameter.legs
    )


def _value(pmode: PMode, parameter: Parameter) -> str:
    if parameter.always is not None:
        return parameter.always[pmode.leg]
    return _text(attrgetter(parameter.path)(pmode), parameter)


def _origin(hub: HubParty, pmode: PMode, parameter: Parameter) -> str:
    override = overrides_of(hub, pmode.organisation, pmode.leg).get(parameter.name)
    if override is not None:
        return str(override.place)
    if parameter.name == "PMode[1].BusinessInfo.Properties" and pmode.organisation.properties:
        return f"{DefaultSource.PROFILE.value} and {_place(pmode.organisation, 'properties')}"
    if parameter.name.endswith((".Certificate", "Terms")):
        signing = "Signature" in parameter.name
        owner = pmode.organisation if signing is (pmode.leg is Leg.SENDING) else hub
        return str(_place(owner, f"certificates.{'signing' if signing else 'encryption'}"))
    if parameter.source is DefaultSource.HUB:
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
            return mpc_of(None) if parameter.path == "business_info.mpc" else ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return ", ".join(_text(each, parameter) for each in value)
        case Certificate():
            return f"sha256:{thumbprint_sha256(value).hex()}"
        case Mapping():
            return ", ".join(f"{_text(each, parameter)} {_told(term)}" for each, term in value.items())
        case Suite():
            return value.name
        case PartyId() | AgreementRef() | Service():
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


def _told(term: Term) -> str:
    return f"from {term.begins_at:{_MOMENT}} until {term.ends_at:{_MOMENT}}"
