"""The tables under a hub's store: how old they are, bringing them up to date on purpose, and reading all of them."""

from __future__ import annotations

import asyncio

from gateway.clock import Clock
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.settings import Settings
from gateway.store.engine import Checked, Tables
from gateway.store.refused import refuse_no_store
from gateway.wiring.from_settings import duplicate_key_place, key_fingerprint
from gateway.wiring.moving import hub_is_stopped
from gateway.wiring.stores import engine_of


def tables_of(settings: Settings) -> tuple[Tables, ...]:
    """How old the tables of that hub are; raises `Refused`, for those of a newer program or of others, too."""
    engine, directory = engine_of(settings), settings.data.directory
    refuse_no_store(engine, directory)
    with hub_is_stopped(settings):
        return engine.tables(directory)


def bring_up_to_date(settings: Settings, *, clock: Clock) -> None:
    """Run what a start would run, and start nothing; raises `Refused`."""
    engine, directory = engine_of(settings), settings.data.directory
    refuse_no_store(engine, directory)
    with hub_is_stopped(settings):
        asyncio.run(engine.bring_up_to_date(directory, clock=clock))


def check_all(settings: Settings, *, clock: Clock) -> Checked:
    """Read all of that store and change nothing; raises `Refused`."""
    engine, directory = engine_of(settings), settings.data.directory
    refuse_no_store(engine, directory)
    try:
        keyed_by = key_fingerprint(read_named(duplicate_key_place(settings), most_octets=KEY_OCTETS))
    except FileRefused:
        keyed_by = b""  # of no key
    with hub_is_stopped(settings):
        return engine.check(directory, clock.now(), keyed_by=keyed_by)
