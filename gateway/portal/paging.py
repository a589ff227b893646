"""Lines that are numbered and read a page at a time, the newest first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from gateway.portal.faults import Unusable
from gateway.portal.visit import Visit

_NUMBER: Final = re.compile(r"[0-9]{1,18}")


class Numbered(Protocol):
    """A line with its number."""

    @property
    def number(self) -> int:
        """Newer lines have higher ones."""


L = TypeVar("L", bound=Numbered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged(Generic[L]):
    """The lines of one page, and the number before which the next one begins; None where nothing is older."""

    lines: tuple[L, ...]
    older: int | None


async def page_of(visit: Visit, read: Callable[[int | None], Awaitable[Sequence[L]]], *, most: int) -> Paged[L]:
    """The page that the query asks for with `before`, or the first; `read` answers one line more than there is room
    for, where there are so many. Raises `Unusable`.
    """
    said = visit.query.get("before")
    if said is not None and not _NUMBER.fullmatch(said):
        raise Unusable("before: no number")
    found = await read(None if said is None else int(said))
    lines = tuple(found[:most])
    return Paged(lines=lines, older=lines[-1].number if len(found) > most else None)
