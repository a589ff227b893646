"""Moving a hub's store to another engine, by the settings of the hub as it is and as it is to be."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.clock import Clock
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.refused import Refused, Unanswered
from gateway.settings import Settings
from gateway.storage import flush_folder
from gateway.store.refused import refusals_told, refuse_no_store
from gateway.whole_file import write_whole
from gateway.wiring.from_settings import duplicate_key_place, duplicate_secret, key_fingerprint
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.stores import engine_of, password_of

if TYPE_CHECKING:
    from gateway.store.moving.copying import Copied

_SAME_KEY: Final = "name another file, or move that one aside, and the key of the store is put there"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedHub:
    """A store that was copied, where to, and the file that holds the key of its duplicates from now on."""

    copied: Copied
    to: str
    key_file: str


def copy_hub(settings: Settings, to: Settings, *, clock: Clock) -> MovedHub:
    """Copy the embedded store of one hub into the PostgreSQL database of the other settings, for the same hub.

    Raises `Refused`; while a hub serves the store, too.
    """
    if settings.store is not None or to.store is None:
        raise Refused(
            "a store is copied from a data directory into a PostgreSQL database, and not any other way",
            "give --hub the settings without store.url, and --to those that name the database there",
        )
    refuse_no_store(engine_of(settings), settings.data.directory)
    engine_of(to)  # says what is not installed
    from gateway.postgres import read_address  # an extra
    from gateway.store.moving.copying import copy_store
    from gateway.store.postgres.seen import SEEN_NAME

    address = read_address(to.store.url, password=password_of(to.store))
    with hub_is_stopped(settings):
        copied = asyncio.run(
            copy_store(
                settings.data.directory,
                mark=settings.data.mark,
                to=address,
                keyed_by=lambda: _key_for(settings, to),
                at=clock.now(),
                ready=lambda: _keep_key(settings, to),
            )
        )
    if not copied.ended_earlier:
        (to.data.directory / SEEN_NAME).unlink(missing_ok=True)  # what this node saw of a database before that one
    return MovedHub(copied=copied, to=str(address), key_file=str(duplicate_key_place(to)))


def _key_for(settings: Settings, to: Settings) -> bytes:
    """The fingerprint of the store's key; raises `Refused` where another lies in the place that it is to have."""
    secret, place = _secret_of(settings), duplicate_key_place(to)
    try:
        there = read_named(place, most_octets=KEY_OCTETS)
    except FileRefused as refused:
        if refused.errno != errno.ENOENT:
            raise Refused(f"{place}: {refused}", _SAME_KEY) from None
        there = secret
    if there != secret:
        raise Refused(f"{place} holds another key than the one under which this store knows its duplicates", _SAME_KEY)
    return key_fingerprint(secret)


def _keep_key(settings: Settings, to: Settings) -> None:
    """Put the key where the hub on the database looks for it, unless it lies there."""
    place = duplicate_key_place(to)
    if place.exists():
        return
    if not place.parent.exists():
        place.parent.mkdir(mode=0o700, parents=True)
        flush_folder(place.parent.parent)
    write_whole(place, _secret_of(settings), is_secret=True)


def _secret_of(settings: Settings) -> bytes:
    try:
        return duplicate_secret(settings)
    except NotStartable as fault:
        reason, _, step = fault.complaints[0].rpartition("; ")
        raise Refused(reason, step) from None


@contextlib.contextmanager
def hub_is_stopped(settings: Settings) -> Iterator[None]:
    """Whatever keeps the store from being worked on becomes a `Refused`, and so does a hub that has it."""
    try:
        with refusals_told(settings.data.directory):
            yield
    except Unanswered as held:
        raise Refused(
            f"a process holds {settings.data.directory}, such as the hub", "stop the hub, then give it again"
        ) from held
