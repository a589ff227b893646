"""The engines that a store can stand on, each as a test opens it: with a clock that stands where the test puts it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from support.clocks import StandingClock
from support.store.store_samples import START

from gateway.store.interface import Store
from gateway.store.sqlite.store import SqliteStore

AnyStore = TypeVar("AnyStore", bound=Store)

_CLOCKS: WeakKeyDictionary[Store, StandingClock] = WeakKeyDictionary()


class Opening(Protocol):
    """Opens the store in this folder, with the engine's own options, as of this moment."""

    def __call__(self, path: Path, *, at: datetime = START, **options: Any) -> Awaitable[Any]: ...


async def open_sqlite(path: Path, *, at: datetime = START, **options: Any) -> SqliteStore:
    """The embedded store in this folder."""
    clock = StandingClock(at)
    store = await SqliteStore.open(path, clock=clock, **options)
    _CLOCKS[store] = clock
    return store


ENGINES: Mapping[str, Opening] = {"sqlite": open_sqlite}


def as_of(moment: datetime, store: AnyStore) -> AnyStore:
    """The same store, which from now on says that it is that moment."""
    _CLOCKS[store].at = moment
    return store
