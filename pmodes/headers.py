"""The shape of a message header as matching reads it, so that this room need not know who parsed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class PartyIdHeader(Protocol):
    """eb:PartyId (ebMS3 Core 5.2.2.4)."""

    @property
    def value(self) -> str: ...
    @property
    def type(self) -> str | None: ...


class PartyHeader(Protocol):
    """eb:From or eb:To (ebMS3 Core 5.2.2.3, 5.2.2.5)."""

    @property
    def party_ids(self) -> Sequence[PartyIdHeader]: ...
    @property
    def role(self) -> str: ...


class AgreementHeader(Protocol):
    """eb:AgreementRef (ebMS3 Core 5.2.2.7)."""

    @property
    def value(self) -> str: ...
    @property
    def type(self) -> str | None: ...
    @property
    def pmode(self) -> str | None: ...


class ServiceHeader(Protocol):
    """eb:Service (ebMS3 Core 5.2.2.8)."""

    @property
    def value(self) -> str: ...
    @property
    def type(self) -> str | None: ...


class PropertyHeader(Protocol):
    """eb:Property (ebMS3 Core 5.2.2.12)."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...


class PartHeader(Protocol):
    """eb:PartInfo (ebMS3 Core 5.2.2.13)."""

    @property
    def href(self) -> str | None: ...
    @property
    def properties(self) -> Sequence[PropertyHeader]: ...


class MessageHeader(Protocol):
    """eb:UserMessage (ebMS3 Core 5.2.2)."""

    @property
    def from_party(self) -> PartyHeader: ...
    @property
    def to_party(self) -> PartyHeader: ...
    @property
    def service(self) -> ServiceHeader: ...
    @property
    def action(self) -> str: ...
    @property
    def mpc(self) -> str | None: ...
    @property
    def ref_to_message_id(self) -> str | None: ...
    @property
    def agreement_ref(self) -> AgreementHeader | None: ...
    @property
    def properties(self) -> Sequence[PropertyHeader]: ...
    @property
    def parts(self) -> Sequence[PartHeader]: ...
