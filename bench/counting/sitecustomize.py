"""Puts the clocks into a hub: Python imports a module of this name first, from the folders of its path."""

from __future__ import annotations

import os
from typing import Any

SOCKET = "KNOOPPUNT_BENCH_COUNTERS"


def _count_when_the_hub_runs(path: str) -> None:
    import uvloop

    run = uvloop.run

    def counting_run(*arguments: Any, **named: Any) -> Any:
        from bench.counting.counters import answer_at, install
        from bench.counting.steps import TARGETS

        install(TARGETS)
        answer_at(path)
        return run(*arguments, **named)

    uvloop.run = counting_run


if SOCKET in os.environ:
    _count_when_the_hub_runs(os.environ[SOCKET])
