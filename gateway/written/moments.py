"""A day or a moment, as people write it where something begins or ends."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MOMENT: Final = _DAY + r"[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
_WANTED: Final = "must be a day such as 2026-05-15, or a moment with its offset such as 2026-05-15T09:00:00+02:00"


def read_day_or_moment(value: Any) -> date | datetime:
    """A day, or an aware moment as UTC; a ValueError that says the forms there are for everything else."""
    if isinstance(value, datetime):  # TOML has a form of its own for both
        return _aware(value)
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(_DAY, value):
            return date.fromisoformat(value)
        if isinstance(value, str) and re.fullmatch(_MOMENT, value):
            return _aware(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        pass
    raise ValueError(_WANTED)


def _aware(value: datetime) -> datetime:
    try:
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except OverflowError:
        pass
    raise ValueError(_WANTED)


DayOrMoment: TypeAlias = Annotated[
    date | datetime,
    BeforeValidator(read_day_or_moment),
    WithJsonSchema({"type": "string", "pattern": f"^({_DAY}|{_MOMENT})$"}),
]
