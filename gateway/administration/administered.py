"""What the verbs work on: a store, and the hub that runs on it if one does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from gateway.clock import Clock
from gateway.metrics import EventCount
from gateway.store.engine import HeldStore
from pmodes.change import Change

if TYPE_CHECKING:
    from gateway.msh.hub import Hub
    from gateway.store.portal.interface import PortalStore
    from gateway.store.portal.wishes import Access, Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class NowInForce:
    """What a hub works with after a reload: how many organisations, with how many keys of its own it signs and opens,
    and whether it speaks TLS, on connections that begin now with the certificate that was read.
    """

    organisations: int
    signing_keys: int
    decryption_keys: int
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What is to become of the certificates (DER) that an organisation's file lists for a unit (party id)."""

    unit: str
    there: tuple[bytes, bytes] | None  # of a signing and of an encryption key: stand in it afterwards
    gone: Collection[bytes] = ()
    alone: bool = False  # whatever else it lists goes, too


REFUSE_IT: Final = "refuse the request"  # what to do where granting a wish is impossible: nothing of it is in force


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What it would change to grant a wish, in sentences; nothing where it `is_there` already. Who joins takes part
    here at a desk or with a system once it is granted, `joins`; None for one that takes part in another environment.
    """

    changes: tuple[str, ...]
    is_there: bool = False
    joins: Access | None = None


TakeBack: TypeAlias = Callable[[], Awaitable[None]]  # what was written goes, and what was there is back


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """The portal of a hub that runs: what it keeps, and what changes P-Mode files, which are in force after a reload.
    Raises `Refused`.
    """

    store: PortalStore
    put_certificates: Callable[[FileChange], Awaitable[None]]
    foretold: Callable[[str, Wish], Awaitable[Foretold]]  # what granting it to a unit would change
    grant: Callable[[str, Wish], Awaitable[TakeBack]]  # write it into the files, or nothing
    deciding: asyncio.Lock = field(default_factory=asyncio.Lock)  # one request at a time
    test_mail: Callable[[str], Awaitable[str | None]] | None = None
    """Sends a letter there at once, and says why it was not taken; None where settings want no mail."""

    @property
    def sends_mail(self) -> bool:
        """Whether what is written to somebody ever leaves."""
        return self.test_mail is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How a hub that runs does now; seconds of flushes are None where no exchange waited for one yet."""

    started_at: datetime
    is_draining: bool  # it was told to stop, and serves on for a while
    connections: int  # of participants
    requests_in_progress: int
    flushes: int  # that exchanges waited for
    flush_p99_seconds: float | None
    slowest_flush_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The hub that runs, with what its keeper alone can do."""

    hub: Hub
    confirm_time: Callable[[], Awaitable[None]]
    time_grounds: Callable[[], tuple[str, ...]]  # what speaks against its clock, in words
    reload: Callable[[], Awaitable[tuple[str, ...]]]  # the complaints, after which everything is as it was
    changes: Callable[[], Awaitable[tuple[Change, ...]]]  # what a reload would change in the P-Modes; `Refused`
    in_force: Callable[[], NowInForce]
    reload_refused: Callable[[], tuple[str, ...]]  # the complaints of the last one
    events: Callable[[], tuple[EventCount, ...]]  # how often each happened since it started
    desks: Desks | None = None  # None where settings want no portal
    vitals: Callable[[], Vitals] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Administered:
    """A store, its clock and whether that is in doubt; `running` is None where no hub runs."""

    store: HeldStore
    clock: Clock
    running: Running | None = None
    time_suspect: Callable[[], bool] = lambda: False
