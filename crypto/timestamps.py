"""wsu:Timestamp: optional in AS4, judged when it is signed (WSS SOAP Message Security 1.1.1 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto import names
from crypto.elements import Element, child_elements, trimmed_text_of
from crypto.faults import FailedAuthentication
from crypto.findings import MomentOutOfBounds
from crypto.forms import form_fault
from crypto.moments import read_date_time

# How far a sender's clock may run ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """What a wsu:Timestamp says, not judged yet."""

    created: datetime | None = None
    expires: datetime | None = None


def read_lifetime(timestamp: Element) -> Lifetime:
    """The two moments of a Timestamp; PolicyNoncompliance for another form."""
    moments: dict[str, datetime] = {}
    for child in child_elements(timestamp):
        if child.tag not in (names.CREATED, names.EXPIRES) or child.tag in moments:
            raise form_fault("the Timestamp has an unknown part")
        moments[child.tag] = _moment(trimmed_text_of(child))
    return Lifetime(created=moments.get(names.CREATED), expires=moments.get(names.EXPIRES))


def check_lifetime(lifetime: Lifetime, at: datetime) -> None:
    """FailedAuthentication when the timestamp has expired or lies in the future at that time."""
    if lifetime.expires is not None and lifetime.expires < at:
        finding = MomentOutOfBounds.at_earliest("wsu:Expires", at, lifetime.expires)
        raise FailedAuthentication("the Timestamp has expired", finding)
    if lifetime.created is not None and lifetime.created > at + CLOCK_SKEW:
        finding = MomentOutOfBounds.at_latest("wsu:Created", at + CLOCK_SKEW, lifetime.created)
        raise FailedAuthentication("the Timestamp lies in the future", finding)


def _moment(text: str) -> datetime:
    moment = read_date_time(text)
    if moment is None or moment.tzinfo is None:
        raise form_fault("the Timestamp holds no time with a zone")
    return moment
