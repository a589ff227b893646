"""What the commands of an administrator share: which hub, and how its store is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from gateway.cli.output import REFUSED, USAGE, Failure
from gateway.settings import Settings, SettingsFault, read_settings
from gateway.storage import EXIT_STORAGE
from gateway.store.administration import AdminBroken, Administration, AdminRefused

T = TypeVar("T")

hub_option = click.option(
    "--hub",
    "settings",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="KNOOPPUNT_HUB",
    required=True,
    help="Settings file of the hub; also from the environment variable KNOOPPUNT_HUB.",
)


def settings_of(path: Path) -> Settings:
    """The settings in that file; a Failure with every complaint."""
    try:
        return read_settings(path)
    except SettingsFault as fault:
        raise Failure("\n  ".join(("the settings cannot be used:", *fault.complaints)), code=USAGE) from None


def ask(settings: Path, work: Callable[[Administration], Awaitable[T]]) -> T:
    """Do something with the store of that hub, whether the hub runs or not."""
    from gateway.wiring.administration import administration_of  # a whole hub: too much for whoever asks for help

    read = settings_of(settings)

    async def asked() -> T:
        async with administration_of(read) as administration:
            return await work(administration)

    try:
        return asyncio.run(asked())
    except AdminRefused as refused:
        code = EXIT_STORAGE if isinstance(refused, AdminBroken) else REFUSED
        raise Failure(refused.reason, next_step=refused.next_step, code=code) from None
