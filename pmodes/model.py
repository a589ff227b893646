"""Organisations, the hub, and the processing mode of one leg, as frozen values.

An `Organisation` is what an administrator wrote down; a `PMode` is what follows from it for one message type on one leg
(ebMS3 Core appendix D), as far as anything of the hub reads it. Leg 1 is One-Way/Push: the organisation is the
Initiator and sends to the hub. Leg 2 is One-Way/Pull: the organisation is again the Initiator, for it sends the
PullRequest, and the hub as Responder sends the user message. `pmodes.parameters` says which field is which parameter of
the specification and what it is by default, `pmodes.derive` fills them, and `pmodes.effective` tells where a value came
from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from crypto.certificates import WHOLE_VALIDITY, Certificate, Terms, term_of
from crypto.key_references import KeyReference
from crypto.paths import TrustedRoot
from crypto.suites import Suite
from gateway.ebms.model import AgreementRef, Party, PartyId, Service
from gateway.ebms.text import Language
from pmodes.legal_basis import LegalBasis
from pmodes.participation import Access, ActiveVersion, Agreements, UnitOf
from xsd.catalogue import BASE
from xsd.message_type import MessageType

Value: TypeAlias = str | int | bool
Network: TypeAlias = IPv4Network | IPv6Network
RevocationCheck: TypeAlias = Literal["off", "soft", "hard"]

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Leg(IntEnum):
    """Which half of a message's journey: from the sender to the hub, or from the hub to the receiver."""

    SENDING = 1
    RECEIVING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the configuration something stands; lines count from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A parameter that an administrator set by its ebMS name; `path` is the key in its file that sets it."""

    value: Value
    place: Place
    path: str = "overrides"


Overrides: TypeAlias = Mapping[Leg, Mapping[str, Override]]


Extension: TypeAlias = Literal["acceptance", "request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """The rules of one organisation's mailbox."""

    lease_seconds: int = 900
    open_leases: int = 100
    quota_messages: int = 10_000
    term_working_days: int = 4
    extension_days: Literal[0, 7, 14, 28] = 0
    extension: Extension | None = None  # None: as the access of its owner has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """What may come with a document; proof of origin takes one of the 64 parts of a message, the document another."""

    mime_types: frozenset[str] = frozenset({"application/pdf"})
    max_count: int = 62
    max_octets: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyProfile:
    """One entry of PMode[1].BusinessInfo.Properties (ebMS3 Core D.3.3)."""

    name: str
    required: bool = False
    data_type: Literal["string", "int", "boolean", "date", "uri"] = "string"
    max_length: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class PartProfile:
    """One entry of PMode[1].BusinessInfo.PayloadProfile (ebMS3 Core D.3.3); sizes are after decompression."""

    name: str
    mime_types: frozenset[str]
    required: bool
    max_count: int
    max_octets: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayloadProfile:
    """Which parts a message may have; an open profile takes anything and its parts are thrown away."""

    parts: tuple[PartProfile, ...]
    open: bool = False

    def part(self, index: int) -> PartProfile | None:
        """The profile of the part at that place in eb:PayloadInfo: the document first, then attachments."""
        if index < len(self.parts):
            return self.parts[index]
        return self.parts[-1] if len(self.parts) > 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessInfo:
    """PMode[1].BusinessInfo; `mpc` None is the default MPC."""

    service: Service
    action: str
    mpc: str | None
    properties: tuple[PropertyProfile, ...]
    part_properties: tuple[PropertyProfile, ...]  # besides those that every part may have
    property_types: tuple[str, ...]  # besides those that are always known
    payload_profile: PayloadProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """PMode[1].Security; certificates are those that may stand behind a message of this leg, current and next."""

    signature_certificates: tuple[Certificate, ...]
    encryption_certificates: tuple[Certificate, ...]
    suite: Suite
    key_reference: KeyReference
    encryption_key_reference: KeyReference
    encrypt: bool
    minimum_strength: int
    minimum_rsa_bits: int
    signature_terms: Terms
    encryption_terms: Terms
    revocation: RevocationCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Strictness:
    """What the specification leaves to the receiver, or forbids and senders do all the same."""

    must_understand_required: bool
    type_parameter_required: bool
    compressed_when_off: bool
    undeclared_parts_refused: bool
    ref_to_message_id_refused: bool
    layer_two: bool  # beyond the specifications: rules that XSD 1.0 cannot say are judged by the hub too


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom the hub trusts to vouch for signing certificates: roots, and candidates for the way to them."""

    roots: tuple[TrustedRoot, ...] = ()
    intermediates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One participant: what its file says, with defaults filled in. A business unit is a participant of its own, whose
    place in the file of its organisation is `at` (`units[0]`), and `unit_of` says whose it is.

    `party_ids` is one identity: a message carries all of them, and the first names the organisation, its mailbox and
    its P-Modes. `acts_for` are parties in whose name it sends, and whose messages come to its mailbox unless they have
    a mailbox of their own. `addresses` are those that it may call from, all where there are none. Who is `suspended`
    neither pushes nor pulls; what waits for it, waits on. Whose access is `desk` has no system that calls the hub.

    All its certificates are valid from `valid_since` until `valid_until`, and none of its module versions ends before
    `modules_until`: kept, as thousands are asked for it.
    """

    name: str
    file: str
    party_ids: tuple[PartyId, ...]
    roles: frozenset[str]
    language: Language
    signing_certificates: tuple[Certificate, ...]
    encryption_certificates: tuple[Certificate, ...]
    modules: Mapping[str, tuple[ActiveVersion, ...]]
    suite: Suite
    key_reference: KeyReference
    mpc: str
    unit_of: UnitOf | None = None
    at: str = ""
    kvk: str | None = None
    establishment: str | None = None
    legal_basis: LegalBasis | None = None
    access: Access = "system"
    desk_lists: bool = False  # it answers questions by lists at its desk
    collectief: bool = False
    suspended: bool = False
    is_listed: bool = True
    agreements: Agreements = field(default_factory=Agreements)
    addresses: tuple[Network, ...] = ()
    mailbox: Mailbox = field(default_factory=Mailbox)
    acts_for: tuple[PartyId, ...] = ()
    agreement: AgreementRef | None = None
    attachments: Attachments = field(default_factory=Attachments)
    signing_terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    encryption_terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    endorsements: Mapping[Certificate, bytes] = field(default_factory=lambda: MappingProxyType({}))
    properties: tuple[PropertyProfile, ...] = ()
    part_properties: tuple[PropertyProfile, ...] = ()
    property_types: tuple[str, ...] = ()
    trust: Literal["pinned", "roots"] = "pinned"
    tls_thumbprints: frozenset[str] = frozenset()
    compromised: frozenset[str] = frozenset()
    overrides: Overrides = field(default_factory=lambda: MappingProxyType({}))
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)
    valid_since: datetime = field(init=False, compare=False, repr=False)
    valid_until: datetime = field(init=False, compare=False, repr=False)
    modules_until: date = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        certificates = (*self.signing_certificates, *self.encryption_certificates)
        ends = (each.ends for versions in self.modules.values() for each in versions if each.ends is not None)
        keep = partial(object.__setattr__, self)  # it is frozen
        keep("valid_since", max((each.not_valid_before_utc for each in certificates), default=_EVER))
        keep("valid_until", min((each.not_valid_after_utc for each in certificates), default=_NEVER))
        keep("modules_until", min(ends, default=date.max))

    @property
    def party_id(self) -> str:
        """The value of the first party id."""
        return self.party_ids[0].value

    @property
    def speaks_for(self) -> frozenset[str]:
        """The values of the party ids that it may name as originalSender."""
        return frozenset(each.value for each in (*self.party_ids, *self.acts_for))

    @property
    def prolongs_at_request(self) -> bool:
        """Whether the days of its extension come one message at a time, when it asks."""
        said = self.mailbox.extension
        return self.access == "desk" if said is None else said == "request"

    @property
    def days_with_acceptance(self) -> int:
        """How many calendar days every message gets with its acceptance, beyond the working days."""
        return 0 if self.prolongs_at_request else self.mailbox.extension_days

    def version_of(self, message_type: MessageType) -> ActiveVersion | None:
        """The module version of a message type as its file has it, on whatever days it is active."""
        for each in self.modules.get(message_type.module, ()):
            if each.version == message_type.version:
                return each
        return None

    def takes_part_in(self, message_type: MessageType, day: date | None) -> bool:
        """Whether the module version of a message type is active for it on that day; None is for any day at all."""
        found = self.version_of(message_type)
        return found is not None and (day is None or found.is_active(day))

    def sends(self, message_type: MessageType, day: date | None) -> bool:
        """Whether it may send messages of that type on that day, or on any."""
        return self.takes_part_in(message_type, day) and not self.roles.isdisjoint(message_type.senders)

    def receives(self, message_type: MessageType, day: date | None) -> bool:
        """Whether it may be sent messages of that type on that day, or on any."""
        return self.takes_part_in(message_type, day) and not self.roles.isdisjoint(message_type.receivers)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationSource:
    """Where an authority tells which of its certificates it revoked: a CRL, an OCSP responder, or both."""

    issuer: Certificate
    crl: str | None
    ocsp: str | None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class HubParty:
    """The hub as an ebMS party, and what holds for every organisation unless its file says otherwise."""

    name: str
    file: str
    party_ids: tuple[PartyId, ...]
    language: Language
    environment: Literal["production", "test"]
    signing_certificates: tuple[Certificate, ...]
    encryption_certificates: tuple[Certificate, ...]
    suite: Suite
    key_reference: KeyReference
    trust: Trust = field(default_factory=Trust)
    base: str = BASE
    signing_terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    encryption_terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY)
    mailbox: Mailbox = field(default_factory=Mailbox)
    attachments: Attachments = field(default_factory=Attachments)
    compromised: frozenset[str] = frozenset()
    closing_days: frozenset[date] = frozenset()
    revocation: tuple[RevocationSource, ...] = ()
    overrides: Overrides = field(default_factory=lambda: MappingProxyType({}))
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)

    @property
    def party_id(self) -> str:
        """The value of the first party id."""
        return self.party_ids[0].value


@dataclass(frozen=True, slots=True, kw_only=True)
class PMode:
    """The effective processing mode of one leg for one message type; `message_type` None is the test service."""

    id: str
    leg: Leg
    organisation: Organisation
    message_type: MessageType | None
    agreement: AgreementRef | None
    initiator: Party
    responder: Party
    business_info: BusinessInfo
    security: Security
    compression_type: str
    strictness: Strictness
    origin: bool

    @property
    def sender(self) -> Party:
        """The party that eb:From names."""
        return self.initiator if self.leg is Leg.SENDING else self.responder

    @property
    def receiver(self) -> Party:
        """The party that eb:To names."""
        return self.responder if self.leg is Leg.SENDING else self.initiator


def newest_active(
    certificates: tuple[Certificate, ...], at: datetime, terms: Terms = WHOLE_VALIDITY
) -> Certificate | None:
    """The certificate to seal to at that moment: of those that count then, the one that began to last."""
    active = [each for each in certificates if term_of(each, terms).holds(at)]
    return max(active, key=lambda each: term_of(each, terms).begins_at, default=None)
