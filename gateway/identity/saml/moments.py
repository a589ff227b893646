"""Moments as SAML writes and reads them: UTC, with a zone (SAML 2.0 Core 1.3.3)."""

from __future__ import annotations

from datetime import UTC, datetime

from crypto.moments import read_date_time


def moment(value: datetime) -> str:
    """A moment as it is written, in whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(value: str | None) -> datetime | None:
    """The moment that is written there; None where there is none, or one without a zone."""
    found = read_date_time(value or "")
    return found if found is not None and found.tzinfo is not None else None
