"""Single values of the header, from and to XML: strings, tokens, timestamps.

Every reader of the header takes its values from here, so that all read the same. Times leave as aware UTC datetimes and
are written with a Z (ebMS3 Core 5.2.2.1); an absent zone is UTC, offsets are converted, digits below a microsecond
dropped.

SECURITY: a value with a comment or an element inside is refused: readers disagree on what such a value is, and
canonicalization without comments hides the difference from the signature.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from crypto.elements import Element, local_name
from gateway.ebms import texts
from gateway.ebms.errors import InvalidHeader

_DATE_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII
)
_BLANKS: Final = re.compile(r"[ \t\n\r]+")


def text_of(element: Element) -> str:
    """The text of an element that holds text alone, as it stands (xs:string)."""
    if len(element):
        raise InvalidHeader(detail=f"{local_name(element)} holds more than text")
    return element.text or ""


def collapse(value: str) -> str:
    """The value with XML blanks collapsed (xs:token, xs:anyURI)."""
    if not _BLANKS.search(value):
        return value
    return " ".join(each for each in _BLANKS.split(value) if each)


def token_of(element: Element) -> str:
    """The text of an element of type xs:token."""
    return collapse(text_of(element))


def filled_text_of(element: Element) -> str:
    """The text of an element that may not be empty."""
    text = text_of(element)
    if not text:
        raise InvalidHeader(detail=f"{local_name(element)} is empty")
    return text


def token_attribute(element: Element, name: str) -> str | None:
    """An attribute of type xs:token or xs:anyURI; None when it is absent."""
    value = element.get(name)
    return None if value is None else collapse(value)


def required_child(parent: Element, tag: str) -> Element:
    """The one child of that name."""
    found = list(parent.iterchildren(tag))
    if len(found) != 1:
        raise InvalidHeader(detail=f"{local_name(parent)} holds {len(found)} {tag.rpartition('}')[2]}")
    return found[0]


def optional_child(parent: Element, tag: str) -> Element | None:
    """The child of that name, of which there is one at most."""
    found = list(parent.iterchildren(tag))
    if len(found) > 1:
        raise InvalidHeader(detail=f"{local_name(parent)} holds {len(found)} {tag.rpartition('}')[2]}")
    return found[0] if found else None


def read_timestamp(text: str) -> datetime:
    """An xs:dateTime as aware UTC; InvalidHeader when no such moment exists or it is outside the years 1 to 9999."""
    match = _DATE_TIME.fullmatch(collapse(text))
    if match is None:
        raise InvalidHeader(texts.TIMESTAMP_INVALID, "a Timestamp does not have the form of xs:dateTime")
    year, month, day, hour, minute, second = (int(each) for each in match.group(1, 2, 3, 4, 5, 6))
    fraction, sign = match.group(7) or "", match.group(9)
    microsecond = int(fraction[:6].ljust(6, "0"))
    try:
        zone = UTC
        if sign:
            offset = timedelta(hours=int(match.group(10)), minutes=int(match.group(11)))
            if int(match.group(11)) > 59 or offset > timedelta(hours=14):
                raise ValueError("offset")
            zone = timezone(-offset if sign == "-" else offset)
        if hour == 24 and (minute, second) == (0, 0) and not fraction.strip("0"):
            midnight = datetime(year, month, day, tzinfo=zone) + timedelta(days=1)
            return midnight.astimezone(UTC)
        return datetime(year, month, day, hour, minute, second, microsecond, zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidHeader(texts.TIMESTAMP_INVALID, "a Timestamp is not a moment that exists") from None


def write_timestamp(moment: datetime) -> str:
    """An aware datetime as xs:dateTime in UTC: milliseconds, or microseconds where they say more."""
    utc = moment.astimezone(UTC)
    precision = "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"
