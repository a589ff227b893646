"""The engines that a store can stand on, each as a test opens it: with a clock that stands where the test puts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from support.clocks import StandingClock
from support.store import inside
from support.store.store_samples import START

from gateway.store.interface import Store
from gateway.store.sqlite.store import SqliteStore

AnyStore = TypeVar("AnyStore", bound=Store)

_CLOCKS: WeakKeyDictionary[Store, StandingClock] = WeakKeyDictionary()


class Opening(Protocol):
    """Opens the store in this folder, with the engine's own options, as of this moment."""

    def __call__(self, path: Path, *, at: datetime = START, **options: Any) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedEngine:
    """What the contract suite, the state machine and the kill tests ask of an engine."""

    __test__ = False

    open: Opening
    forget_where_it_was: Callable[[Path], None]  # so that a closed store is in doubt when it opens again
    flush_nothing: Callable[[Any], None]  # from now on, in this process


def _opening(kind: Any) -> Opening:
    async def opened(path: Path, *, at: datetime = START, **options: Any) -> Any:
        clock = StandingClock(at)
        store = await kind.open(path, clock=clock, **options)
        _CLOCKS[store] = clock
        return store

    return opened


def embedded(kind: Any) -> TestedEngine:
    """An embedded store of this class: one folder, with a mark in it."""
    return TestedEngine(
        open=_opening(kind),
        forget_where_it_was=lambda path: (path / "store.mark").unlink(),
        flush_nothing=inside.flush_nothing,
    )


ENGINES: Mapping[str, TestedEngine] = {"sqlite": embedded(SqliteStore)}


async def open_sqlite(path: Path, *, at: datetime = START, **options: Any) -> SqliteStore:
    """The embedded store in this folder, for what only such a store does."""
    store: SqliteStore = await ENGINES["sqlite"].open(path, at=at, **options)
    return store


def as_of(moment: datetime, store: AnyStore) -> AnyStore:
    """The same store, which from now on says that it is that moment."""
    _CLOCKS[store].at = moment
    return store
