"""The message units of ebMS 3.0 as frozen values.

Nothing here checks a rule of the specification: `gateway.ebms.read` makes these values from XML that passed the schema,
`gateway.ebms.consistency` holds them against the clauses, `gateway.ebms.write` turns them back into XML. Names are the
specification's; times are aware UTC datetimes; ids are without angle brackets (ebMS3 Core 5.2.2.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyId:
    """One identifier of a party; without a type the value has to be a URI (ebMS3 Core 5.2.2.4)."""

    value: str
    type: str | None = None


PartyKey: TypeAlias = frozenset[PartyId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The content of eb:From or eb:To (ebMS3 Core 5.2.2.3, 5.2.2.5)."""

    party_ids: tuple[PartyId, ...]
    role: str

    @property
    def key(self) -> PartyKey:
        """The ids without their order, as parties are compared."""
        return frozenset(self.party_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRef:
    """ebMS3 Core 5.2.2.7."""

    value: str
    type: str | None = None
    pmode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """ebMS3 Core 5.2.2.8."""

    value: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """An eb:Property of a message or of a part (ebMS3 Core 5.2.2.12; `type` by EBXMLMSG-2)."""

    name: str
    value: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInfo:
    """One eb:PartInfo (ebMS3 Core 5.2.2.13); no href means the SOAP Body."""

    href: str | None
    properties: tuple[Property, ...] = ()

    def property(self, name: str) -> str | None:
        """The value of the first property of that name."""
        return next((each.value for each in self.properties if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMessage:
    """eb:UserMessage (ebMS3 Core 5.2.2); `mpc` None means the attribute was absent: the default MPC."""

    message_id: str
    timestamp: datetime
    from_party: Party
    to_party: Party
    service: Service
    action: str
    conversation_id: str
    mpc: str | None = None
    ref_to_message_id: str | None = None
    agreement_ref: AgreementRef | None = None
    properties: tuple[Property, ...] = ()
    parts: tuple[PartInfo, ...] = ()

    def property(self, name: str) -> str | None:
        """The value of the first message property of that name."""
        return next((each.value for each in self.properties if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """eb:SignalMessage with an eb:PullRequest (ebMS3 Core 5.2.3.1); `selection` names the items of a selective pull."""

    message_id: str
    timestamp: datetime
    mpc: str | None
    selection: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReference:
    """One ds:Reference as a receipt repeats it: what was signed, how, and its digest (AS4 5.1.8).

    `prefix_lists` has one list per transform, or is empty when no transform has one.
    """

    uri: str
    transforms: tuple[str, ...]
    digest_method: str
    digest_value: bytes
    prefix_lists: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """eb:SignalMessage with an eb:Receipt (ebMS3 Core 5.2.3.3).

    `references` is the NonRepudiationInformation, in the order of the SignedInfo that it repeats; it is empty for a
    reception-awareness receipt, which holds a copy of the `user_message` in its place (AS4 5.1.8 a, b).
    """

    message_id: str
    timestamp: datetime
    ref_to_message_id: str | None
    references: tuple[PartReference, ...] = ()
    user_message: UserMessage | None = None


Severity: TypeAlias = Literal["failure", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEntry:
    """One eb:Error (ebMS3 Core 6.2)."""

    code: str
    severity: str
    short_description: str | None = None
    category: str | None = None
    origin: str | None = None
    ref_to_message_in_error: str | None = None
    description: str | None = None
    language: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSignal:
    """eb:SignalMessage with eb:Error elements (ebMS3 Core 5.2.3.2, 6.3); without reference about no message."""

    message_id: str
    timestamp: datetime
    ref_to_message_id: str | None
    errors: tuple[ErrorEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging:
    """All units of one eb:Messaging: at most one user message and one signal of each kind (ebMS3 Core 5.2.4).

    Only of errors there may be more, for nobody may be told that they were too many (X05). Of PullRequests and
    receipts, what comes after the first stands apart, so that each can be refused.
    """

    user_message: UserMessage | None = None
    pull_request: PullRequest | None = None
    receipt: Receipt | None = None
    error: ErrorSignal | None = None
    further_errors: tuple[ErrorSignal, ...] = field(default=())
    surplus: tuple[PullRequest | Receipt, ...] = field(default=())
    # What more errors are about, as far as each says it: those that lack an id or a time that can be read.
    unreadable_errors: tuple[str | None, ...] = field(default=())
    # The local names of signal children in foreign namespaces, which no feature of ours understands (EBMS:0002).
    unknown_signals: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> tuple[ErrorSignal, ...]:
        """Every error that can be read, in the order in which they stand."""
        return () if self.error is None else (self.error, *self.further_errors)
