"""The public list of participants: its pages made anew when the P-Modes or the day change, in a thread, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from gateway.clock import Clock
from gateway.directory.public import PublicPage, public_pages
from pmodes.configuration import Configuration
from pmodes.directory import entries_of
from pmodes.term import local_day

NONE: Final[Mapping[str, PublicPage]] = MappingProxyType({})


class PublicList:
    """One look; `listed` gives the P-Modes in force, None where settings want no public list."""

    def __init__(
        self,
        listed: Callable[[], Configuration | None],
        clock: Clock,
        beside: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._listed = listed
        self._clock = clock
        self._beside = beside  # in whose context a thread works while the hub serves
        self._made_of: tuple[Configuration, date] | None = None
        self._pages = NONE

    @property
    def pages(self) -> Mapping[str, PublicPage]:
        """The pages by their paths; none where settings want none, from the moment that they say so."""
        return NONE if self._listed() is None else self._pages

    async def look(self) -> None:
        """Make the pages where they would say something else."""
        configuration, at = self._listed(), self._clock.now()
        if configuration is None:
            self._made_of, self._pages = None, NONE
            return
        made_of = (configuration, local_day(at))
        if self._made_of is not None and self._made_of[0] is configuration and self._made_of[1] == made_of[1]:
            return
        self._pages = await asyncio.to_thread(self._make, configuration, at)
        self._made_of = made_of

    def _make(self, configuration: Configuration, at: datetime) -> Mapping[str, PublicPage]:
        with self._beside():
            return public_pages(configuration.hub.name, entries_of(configuration, at, public=True))
