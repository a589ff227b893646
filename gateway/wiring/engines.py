"""The engines that a store can stand on: the one place that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.limits import MIB
from gateway.objects import Bucket, ObjectPlace, refuse_endpoint
from gateway.refused import Refused
from gateway.store.engine import Engine
from gateway.store.sqlite.embedded import EmbeddedEngine

ENGINES: Final[Mapping[str, Callable[[Path | None], Engine]]] = {  # by `data.engine`; each takes `data.mark`
    "sqlite": EmbeddedEngine,
}
_EXTRA: Final = "pip install 'knooppunt[postgresql]'"
_EXTRA_OBJECTS: Final = "pip install 'knooppunt[objects]'"


def engine_called(name: str = "sqlite", *, mark: Path | None = None) -> Engine:
    """The engine of that name; raises `Refused` where there is none."""
    if name not in ENGINES:
        raise Refused(f"data.engine: there is no engine {name}", f"name one of: {', '.join(sorted(ENGINES))}")
    return ENGINES[name](mark)


def engine_on(url: str, *, password: str | None, objects: ObjectPlace | None = None, from_octets: int = MIB) -> Engine:
    """The engine on the PostgreSQL database of that URL, with parts from that size on as objects in that place; raises
    `Refused` where it cannot be one.
    """
    try:
        from gateway.postgres import read_address
        from gateway.store.postgres.engine import PostgresEngine
    except ModuleNotFoundError as missing:
        raise Refused(f"store.url: {missing.name} is not installed", _EXTRA) from None
    bucket = None if objects is None else _bucket_in(objects)
    return PostgresEngine(read_address(url, password=password), bucket=bucket, from_octets=from_octets)


def _bucket_in(place: ObjectPlace) -> Bucket:
    try:
        from gateway.objects.s3 import S3Bucket
    except ModuleNotFoundError as missing:
        raise Refused(f"store.objects: {missing.name} is not installed", _EXTRA_OBJECTS) from None
    if place.endpoint is not None:
        refuse_endpoint(place.endpoint)
    return S3Bucket(place)
