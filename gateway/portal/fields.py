"""What people type into the fields of a form, held against what has to stand there; what does not fit is said there."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final, TypeVar

from crypto.certificates import Certificate, load_certificates
from crypto.faults import UnusableCredential
from gateway.portal.faults import Unusable
from gateway.portal.names import name_said
from gateway.portal.visit import Visit

T = TypeVar("T", bound=str)

MOST_CERTIFICATE_CHARACTERS: Final = 12_000  # in PEM
_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")  # as a field of the kind `date` sends it
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")  # as it is typed where there is none
_ESTABLISHMENT: Final = re.compile(r"[0-9]{12}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\u2010-\u2015-]")  # blanks, dots, hyphens and dashes of any kind
_AHEAD: Final = timedelta(days=730)  # nobody plans further


class WrongField(Exception):
    """A field of a form does not fit; `text` is a key of the catalogue."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}")
        self.field = field
        self.text = text


def typed(visit: Visit, field: str, text: str, *, most: int = 200) -> str:
    """What stands in that field; `WrongField` with that text where nothing does, or more than fits."""
    try:
        return visit.said(field, most=most)
    except Unusable:
        raise WrongField(field, text) from None


def chosen(visit: Visit, field: str, choices: Collection[T], text: str) -> T:
    """One of these."""
    said = typed(visit, field, text)
    found = next((each for each in choices if each == said), None)
    if found is None:
        raise WrongField(field, text)
    return found


def day_typed(visit: Visit, field: str, today: date) -> date:
    """A day from today on."""
    found = _read_day(typed(visit, field, "fault.day"))
    if found is None or not today <= found <= today + _AHEAD:
        raise WrongField(field, "fault.day")
    return found


def past_day_typed(visit: Visit, field: str, today: date) -> date:
    """A day until today, of this century."""
    found = _read_day(typed(visit, field, "fault.past_day"))
    if found is None or not date(2000, 1, 1) <= found <= today:
        raise WrongField(field, "fault.past_day")
    return found


def name_typed(visit: Visit, field: str = "name") -> str:
    """A name, in that field: what is shown as it was typed."""
    try:
        return name_said(visit, field)
    except Unusable:
        raise WrongField(field, "fault.name") from None


def establishment_typed(visit: Visit, field: str) -> str:
    """The number of an establishment: 12 digits, as people write them."""
    said = digits_alone(typed(visit, field, "fault.establishment"))
    if not _ESTABLISHMENT.fullmatch(said):
        raise WrongField(field, "fault.establishment")
    return said


def digits_alone(said: str) -> str:
    """A number without what people write between its digits; whatever else stands in it stays."""
    return _BETWEEN_DIGITS.sub("", said)


def certificate_typed(visit: Visit, field: str) -> Certificate:
    """The one certificate that was pasted, in PEM.

    SECURITY: what holds a private key is refused, whatever else it holds; its owner is told that it is no secret now.
    """
    said = typed(visit, field, "fault.certificate", most=MOST_CERTIFICATE_CHARACTERS)
    if "PRIVATE KEY" in said:  # of every form of PEM; what has no such line is no text of a certificate either
        raise WrongField(field, "fault.private_key")
    try:
        (found,) = load_certificates(said.encode())
    except (UnusableCredential, ValueError):
        raise WrongField(field, "fault.certificate") from None
    if found.not_valid_after_utc < visit.now:
        raise WrongField(field, "fault.certificate_ended")
    return found


def _read_day(said: str) -> date | None:
    """The day that is written `2027-01-05`, or `5-1-2027` as people here write it; None where it is none."""
    if found := _DAY.fullmatch(said):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(said):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
