"""What was found out about one certificate, and the sentences that CRLs and OCSP responses share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

RevocationStatus: TypeAlias = Literal["good", "revoked", "unknown", "unusable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFinding:
    """What was found: `good` and `revoked` as the issuer says, `unknown` where a responder does not know the
    certificate, `unusable` where nothing may rest on it; `detail` is a sentence for the operator.

    `this_update`, `next_update` and `crl_number` are those of a CRL or response whose signature holds; `revoked_at` and
    `reason` (the words of RFC 5280 5.3.1) those of a revocation.
    """

    status: RevocationStatus
    detail: str
    this_update: datetime | None = None
    next_update: datetime | None = None
    revoked_at: datetime | None = None
    crl_number: int | None = None
    reason: str | None = None


def time_objection(
    what: str, at: datetime, this_update: datetime, next_update: datetime | None, *, difference: timedelta = timedelta()
) -> str | None:
    if at < this_update - difference:
        return f"{what} is of {moment_text(this_update)}, after the moment it is judged at"
    if next_update is None:
        return f"{what} does not say when the next one comes, so that nobody can tell whether it is stale"
    if at > next_update:
        return f"{what} is stale: the next one was due at {moment_text(next_update)}"
    return None


def because(reason: str | None) -> str:
    return "" if reason is None else f", reason {reason}"


def moment_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def unusable(detail: str) -> RevocationFinding:
    return RevocationFinding(status="unusable", detail=detail)
