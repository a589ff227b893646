"""The engines that a store can stand on: the one place that names them."""

from __future__ import annotations

from pathlib import Path

from gateway.store.engine import Engine
from gateway.store.sqlite.embedded import EmbeddedEngine


def embedded(*, mark: Path | None = None) -> Engine:
    """The engine that needs nothing but a directory, and takes a folder outside for its mark."""
    return EmbeddedEngine(mark)
