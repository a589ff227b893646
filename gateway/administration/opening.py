"""Who answers the verbs for a data directory: the hub that runs there, or its store itself where none runs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from gateway.administration import verbs
from gateway.administration.administered import Administered
from gateway.administration.asking import Administration, Directly
from gateway.administration.client import AnsweringHub
from gateway.clock import Clock
from gateway.limits import StoreLimits
from gateway.refused import Refused
from gateway.store.engine import Engine
from gateway.store.refused import refusals_told, refuse_no_store

_LOG_DAYS = StoreLimits().log_days


async def open_for_administration(
    engine: Engine,
    data_directory: Path,
    clock: Clock,
    *,
    time_suspect: Callable[[bool], bool] = lambda _used: False,
    log_days: int = _LOG_DAYS,
) -> Administration:
    """The running hub through its socket, or the store itself when no hub runs.

    `time_suspect` tells for a store that was used before, or not, whether the time is in doubt; it is asked, as
    `log_days` counts, only where no hub runs. Raises `Refused`. The caller closes what it gets.
    """
    refuse_no_store(engine, data_directory)
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return await AnsweringHub.connect(data_directory)
    with refusals_told(data_directory):
        store = await engine.open(data_directory, clock=clock, log_days=log_days)
    used = True  # where it cannot be counted, whatever is asked for will tell why
    with contextlib.suppress(Refused):
        used = (await Directly(Administered(store=store, clock=clock)).ask(verbs.counts)).any_message
    administered = Administered(store=store, clock=clock, time_suspect=lambda: time_suspect(used))
    return Directly(administered, owns_store=True)
