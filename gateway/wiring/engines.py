"""The engines that a store can stand on: the one place that names them."""

from __future__ import annotations

from gateway.store.engine import Engine
from gateway.store.sqlite.embedded import EmbeddedEngine


def embedded() -> Engine:
    """The engine that needs nothing but a directory."""
    return EmbeddedEngine()
