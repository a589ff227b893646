"""xs:dateTime as every reader of the project reads it: wsu:Timestamp and eb:Timestamp alike (XML Schema 2 3.2.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from crypto.blanks import trimmed

_DATE_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z)|([+-])(\d\d):(\d\d))?", re.ASCII
)
_LARGEST_OFFSET: Final = timedelta(hours=14)


def read_date_time(text: str) -> datetime | None:
    """The moment, aware when the text names a zone; None when it has another form, or when there is no such moment.

    Digits below a microsecond are dropped; 24:00:00 is the midnight that follows. Years are 1 to 9999.
    """
    match = _DATE_TIME.fullmatch(trimmed(text))
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(each) for each in match.group(1, 2, 3, 4, 5, 6))
    fraction = match.group(7) or ""
    try:
        zone = _zone(match)
        if hour == 24 and (minute, second) == (0, 0) and not fraction.strip("0"):
            return datetime(year, month, day, tzinfo=zone) + timedelta(days=1)
        return datetime(year, month, day, hour, minute, second, int(fraction[:6].ljust(6, "0")), zone)
    except (ValueError, OverflowError):
        return None


def _zone(match: re.Match[str]) -> timezone | None:
    if match.group(8):
        return UTC
    sign = match.group(9)
    if sign is None:
        return None
    hours, minutes = int(match.group(10)), int(match.group(11))
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or offset > _LARGEST_OFFSET:
        raise ValueError("an offset that XML Schema does not have")
    return timezone(-offset if sign == "-" else offset)
