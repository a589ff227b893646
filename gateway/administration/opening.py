"""Who answers the verbs for a data directory: the hub that runs there, or its store itself where none runs."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from gateway.administration import verbs
from gateway.administration.administered import Administered
from gateway.administration.asking import Administration, Directly
from gateway.administration.client import AnsweringHub
from gateway.clock import Clock
from gateway.limits import StoreLimits
from gateway.refused import Refused
from gateway.store.engine import Engine
from gateway.store.refused import refusals_told, refuse_no_store

P = ParamSpec("P")
T = TypeVar("T")

_LOG_DAYS = StoreLimits().log_days


async def open_for_administration(
    engine: Engine,
    data_directory: Path,
    clock: Clock,
    *,
    time_suspect: Callable[[bool], bool] = lambda _used: False,
    log_days: int = _LOG_DAYS,
) -> Administration:
    """The running hub through its socket, or the store itself when no hub runs; that is opened with the first verb that
    asks something of it, and a verb that only a hub can answer is refused without.

    `time_suspect` tells for a store that was used before, or not, whether the time is in doubt; it is asked, as
    `log_days` counts, only where no hub runs. Raises `Refused`. The caller closes what it gets.
    """
    refuse_no_store(engine, data_directory)
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return await AnsweringHub.connect(data_directory)

    async def opened() -> Directly:
        with refusals_told(data_directory):
            store = await engine.open(data_directory, clock=clock, log_days=log_days)
        used = True  # where it cannot be counted, whatever is asked for will tell why
        with contextlib.suppress(Refused):
            used = (await Directly(Administered(store=store, clock=clock)).ask(verbs.counts)).any_message
        administered = Administered(store=store, clock=clock, time_suspect=lambda: time_suspect(used))
        return Directly(administered, owns_store=True)

    def doubt() -> str | None:
        with refusals_told(data_directory):
            return engine.look(data_directory, clock.now()).doubt

    return _WithoutHub(opened, doubt)


class _WithoutHub:
    """The verbs where no hub runs."""

    def __init__(self, open_store: Callable[[], Awaitable[Directly]], doubt: Callable[[], str | None]) -> None:
        self._open = open_store
        self._doubt = doubt
        self._directly: Directly | None = None

    async def ask(
        self, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the verb answers of the store, or why no hub answers it."""
        if verbs.needs_hub(work):
            # The store that is open here already cannot be looked at beside itself.
            doubt = self._doubt() if self._directly is None else await self._directly.ask(verbs.doubt)
            raise verbs.no_hub(work, doubt)
        if self._directly is None:
            self._directly = await self._open()
        return await self._directly.ask(work, *args, **kwargs)

    async def aclose(self) -> None:
        """Close the store if anything was asked of it."""
        if self._directly is not None:
            await self._directly.aclose()
