"""What was found out about one certificate, and what CRLs and OCSP responses share: the time for which they count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

RevocationStatus: TypeAlias = Literal["good", "revoked", "unknown", "unusable"]

# An answer may be made the moment before it is judged, so its maker's clock is held against ours.
CLOCK_DIFFERENCE: Final = timedelta(minutes=5)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedAnswer:
    """A CRL or an OCSP response whose signature holds, and from when until when it counts: what its findings share."""

    name: str  # as a sentence begins with it
    this_update: datetime
    next_update: datetime | None
    crl_number: int | None = None

    def revoked(self, since: datetime, reason: str | None, *, by: str) -> RevocationFinding:
        """It says revoked, and that counts at any time."""
        because = "" if reason is None else f", reason {reason}"
        return self.found("revoked", f"{by} says revoked since {moment_text(since)}{because}", since, reason)

    def now(self, status: RevocationStatus, detail: str, at: datetime) -> RevocationFinding:
        """It says something else, and that counts in its time alone."""
        objection = self._time_objection(at)
        return self.found(status, detail) if objection is None else self.found("unusable", objection)

    def found(
        self, status: RevocationStatus, detail: str, revoked_at: datetime | None = None, reason: str | None = None
    ) -> RevocationFinding:
        """The same with whatever else is found."""
        return RevocationFinding(
            status=status,
            detail=detail,
            this_update=self.this_update,
            next_update=self.next_update,
            revoked_at=revoked_at,
            crl_number=self.crl_number,
            reason=reason,
        )

    def _time_objection(self, at: datetime) -> str | None:
        if at < self.this_update - CLOCK_DIFFERENCE:
            return f"{self.name} is of {moment_text(self.this_update)}, after the moment it is judged at"
        if self.next_update is None:
            return f"{self.name} does not say when the next one comes, so that nobody can tell whether it is stale"
        if at > self.next_update:
            return f"{self.name} is stale: the next one was due at {moment_text(self.next_update)}"
        return None


def moment_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def unusable(detail: str) -> RevocationFinding:
    return RevocationFinding(status="unusable", detail=detail)
