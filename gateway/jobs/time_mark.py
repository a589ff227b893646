"""The mark of the time: a file that remembers over a stop what the hub knew of its clock.

Such a file is read whole and exact or not at all. It carries a digest of itself, and what is read has to be, octet for
octet, what would be written for it; a hub that understood half of a mark could trust a clock that the mark doubts.
Grounds that this version does not know were found by a newer one, and stay grounds.
"""

from __future__ import annotations

import hashlib
import json
import math
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.named_file import FileRefused, read_named
from gateway.whole_file import write_whole

_MOST_OCTETS = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMark:
    """What is remembered of the time over a stop."""

    at: str  # the latest wall time that was trusted
    seen_at: str  # wall time and monotonic time of the last look
    seen_seconds: float
    boot: str | None
    excess: tuple[float, float] = (0.0, 0.0)
    grounds: tuple[str, ...] = ()
    confirmed: bool = False  # by the operator, and nothing happened since
    unsynchronised_confirmed: bool = False

    def __post_init__(self) -> None:
        """ValueError for values that no hub writes."""
        numbers = (self.seen_seconds, *self.excess)
        sound = (
            isinstance(self.at, str)
            and isinstance(self.seen_at, str)
            and (self.boot is None or isinstance(self.boot, str))
            and len(self.excess) == 2
            and all(type(each) in (int, float) and math.isfinite(each) for each in numbers)
            and min(self.excess) >= 0
            and all(isinstance(each, str) and each for each in self.grounds)
            and isinstance(self.confirmed, bool)
            and isinstance(self.unsynchronised_confirmed, bool)
            and bool(self.at or self.grounds)  # a time was trusted, or there is a reason why none was
        )
        if not sound:
            raise ValueError("no mark of the time")


class TimeMarkUnreadable(Exception):
    """A file that holds no mark, or whose mark cannot be read; the text says which file, and why."""


def read_mark(path: Path) -> tuple[TimeMark, datetime | None, datetime]:
    """The mark with its two times; a mark of earlier versions has no digest, or is a time alone. What is no plain file
    is not waited for. Raises `TimeMarkUnreadable`.
    """
    try:
        text = read_named(path, most_octets=_MOST_OCTETS).decode("ascii").strip()
        if not text.startswith("{"):
            moment = _moment(text)
            return TimeMark(at=text, seen_at=text, seen_seconds=0.0, boot=None), moment, moment
        mark, digested = _parsed(text)
        if text != _text(mark, digested=digested):
            raise ValueError("another text than that of this mark")
        return mark, _moment(mark.at) if mark.at else None, _moment(mark.seen_at)
    except FileRefused as refused:
        step = "; move it away" if path.is_dir() else ""  # nothing can be written in the place of a folder
        raise TimeMarkUnreadable(f"{path}: {refused}{step}") from None
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise TimeMarkUnreadable(f"{path}: it holds no mark of the time") from None


def write_mark(path: Path, mark: TimeMark) -> None:
    """Put this in the place of the mark before it. One that is lost costs only the comparison at the next start, unless
    it has grounds: such a one is on stable storage on return, octets and name. Raises `OSError`.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            path.unlink()  # a pipe or a link was no mark; a folder stays, and this raises
    write_whole(path, _text(mark).encode("ascii"), is_secret=True, durable=bool(mark.grounds))


def _parsed(text: str) -> tuple[TimeMark, bool]:
    fields: dict[str, Any] = json.loads(text)
    digested = fields.pop("digest", None) is not None
    for name in ("excess", "grounds"):
        if not isinstance(fields.get(name, []), list):
            raise ValueError(f"{name} is no list")
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
    return TimeMark(**given), digested


def _text(mark: TimeMark, *, digested: bool = True) -> str:
    fields = asdict(mark)
    if digested:
        fields["digest"] = hashlib.sha256(json.dumps(fields).encode("ascii")).hexdigest()
    return json.dumps(fields)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time of no zone")
    return moment.astimezone(UTC)
