"""How the verbs of the portal's store reach its engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from gateway.store.portal.verbs.records import PortalRows

T = TypeVar("T")
Work: TypeAlias = Callable[[PortalRows, datetime], Awaitable[T]]
"""What one transaction does, as of the moment that the engine says it is. An engine may have to do it anew from its
beginning, so it changes nothing but rows.
"""


class Access(Protocol):
    """An open engine. Each raises as `gateway.store.portal.interface` says of every verb."""

    async def now(self) -> datetime:
        """What time the engine says it is."""

    async def read(self, work: Work[T]) -> T:
        """What this work reads, all of it as of one moment."""

    async def write(self, work: Work[T]) -> T:
        """The result of this work, once its transaction is on stable storage. None runs at the same time that it
        would see anything of, or that would see anything of it.
        """

    async def touch(self, work: Work[T]) -> T:
        """As `write`, for work that changes nothing but one row, which its first statement reads for that: others of
        its kind run at the same time.
        """
