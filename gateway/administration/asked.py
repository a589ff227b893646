"""What a desk asks of the operator, as it is listed and shown: values, which whoever asks for help reads, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.store.model import KeyLost
from gateway.store.portal.model import RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Petition:
    """One request, as it stands in a list."""

    request: str
    kind: RequestKind
    organisation: str
    unit: str
    asked_at: datetime
    state: RequestState
    decided_at: datetime | None
    reason: str | None
    begun: str | None = None  # what to do where an approval began and was cut short


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLock:
    """One lock that opens the set: whose it is and of what kind; `counts` once it was opened."""

    person: str
    kind: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedKeys:
    """A new set of keys that is asked for, with what to compare."""

    words: tuple[str, ...]  # that whoever made the set sees, too
    signing_thumbprint: str
    encryption_thumbprint: str
    valid_until: datetime
    replaces: bool  # a set of the unit is in force
    same_organisation_key: bool  # as the set approved last has it, of any unit; else all locks were lost, or worse
    locks: tuple[AskedLock, ...]
    lost: bool  # every lock of the unit was: what waits under keys of before expires with the approval
    not_before: datetime | None  # when an approval need not say why it does not wait, where it has to wait
    expired: KeyLost | None = None  # what became of what waited under lost keys, where this is the approval


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRequest:
    """A request, whole: what is asked, what the approval would change, or did."""

    asked: Petition
    asked_by: str
    wants: str  # in words; what an organisation typed has signs that cannot be seen escaped
    changes: tuple[str, ...]  # of the P-Modes, in sentences; of keys it is their certificates, and nothing is told here
    objection: str | None  # what keeps it from being approved now
    administrators: int  # so many people of the organisation ever logged in for administration; two are asked for
    keys: AskedKeys | None = None
    next_step: str | None = None  # what is left to do for who asked to take part, where this is the approval


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRequest:
    """One that waits too long: of which unit or, of who asks to take part, of which number; and why, in words."""

    request: str
    kind: RequestKind
    of: str
    asked_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What stands above all pages of the portal, and until when."""

    text: str
    until: datetime
