"""An engine: how a store of one kind is found, opened and looked at where it lies.

`gateway.wiring` picks one by the settings and hands it on; nobody else knows which there are. What opens is a store as
the use cases see it, with the few things beside that whoever holds it has to know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

from gateway.clock import Clock
from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.interface import Store
from gateway.store.model import Counts
from gateway.store.nodes import Nodes
from gateway.store.portal.interface import PortalStore

OnStuck: TypeAlias = Callable[[Mapping[str, OSError]], None]  # blobs that could not be unlinked, with the reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a store says of itself; `doubt` is why a hub would not serve it."""

    counts: Counts
    doubt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectsStanding:
    """How object storage stands: in how many objects messages have parts there, how many are still to be removed, and
    why it cannot be used now, if it cannot.
    """

    held: int
    leaving: int
    away: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A directory in which a store was and whose database is gone: what happened, and the one way on."""

    reason: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """One set of tables of a store: how many scripts made them, and how many this program knows."""

    name: str
    version: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of reading all of a store: rows by table, what is not as it was written, why it would not be served,
    what could not be looked at, and how many files no message has.
    """

    rows: Mapping[str, int]
    faults: tuple[str, ...]
    doubt: str | None
    not_checked: tuple[str, ...]
    orphans: int


def all_doubts(*doubts: str | None) -> str | None:
    """What makes the databases of one directory doubtful, in one sentence; None where nothing does."""
    return "; and ".join(filter(None, doubts)) or None


class HeldStore(Store, Protocol):
    """A store as who opened it sees it."""

    @property
    def failed(self) -> BaseException | None:
        """What ended this store before it was closed."""

    @property
    def doubt(self) -> str | None:
        """Why this store is not served: what shows that it went back. None when all is here."""

    @property
    def nodes(self) -> Nodes:
        """The hubs that serve this store."""

    @property
    def away(self) -> str | None:
        """Why the server of its database did not answer when it was asked last; None where it did, or is none."""

    async def keyed_by(self, fingerprint: bytes) -> bool:
        """Whether its duplicates stand under the key of this fingerprint. Who says so first decides it for all that
        share the store; where nobody can share it the key lies beside it, and is the one.
        """

    async def objects_standing(self) -> ObjectsStanding | None:
        """How the object storage stands in which large parts lie; None where they lie in none."""

    async def confirm_restored(self) -> None:
        """An operator says that what is here is to count from now on, and knows what that costs."""


class Engine(Protocol):
    """One kind of store, for the data directory of a hub."""

    @property
    def database_name(self) -> str:
        """What a directory lacks in which no store of this kind is."""

    def exists(self, directory: Path) -> bool:
        """Whether a store was made there."""

    def lost(self, directory: Path) -> Lost | None:
        """None where the database is, or where no store ever was."""

    async def open(
        self,
        directory: Path,
        *,
        clock: Clock,
        marks: FreeSpaceMarks = ...,
        ballast_octets: int | None = None,
        on_failure: Callable[[BaseException], None] = ...,
        on_stuck: OnStuck = ...,
        log_days: int = ...,
    ) -> HeldStore:
        """The store there, made if it is not; with a `doubt` where it went back, and then it takes and gives nothing
        until `confirm_restored`. `on_failure` is called when the process has to end with
        `gateway.storage.EXIT_STORAGE`.

        Raises `DataDirectoryRefused`, `gateway.storage.DatabaseRefused` and `gateway.storage.DiskFull`.
        """

    async def open_portal(
        self,
        directory: Path,
        *,
        clock: Clock,
        on_failure: Callable[[BaseException], None] = ...,
    ) -> PortalStore:
        """What the portal keeps, beside that store, which the caller holds; made if it is not there. Raises as `open`
        does.
        """

    def look(self, directory: Path, at: datetime) -> Look:
        """Read what can be read of a store that nobody has open, and leave everything as it was; `at` stands in for the
        time of an engine that runs. Raises as `open` does, and `OSError`.
        """

    def tables(self, directory: Path) -> tuple[Tables, ...]:
        """Which tables are there, of the store and of a portal, and how old; changes nothing. Raises as `open` does,
        for those of a newer program and of others, too.
        """

    async def bring_up_to_date(self, directory: Path, *, clock: Clock) -> None:
        """Run the scripts that were not run yet, of all that is there. Raises as `open` does."""

    def check(self, directory: Path, at: datetime, *, keyed_by: bytes) -> Checked:
        """Read all and hold it against what was written; changes nothing. `keyed_by` is the fingerprint of the key of
        duplicates. Raises as `look` does.
        """
