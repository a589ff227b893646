"""Whose command it is: the folder of a participant, and the hub of an administrator. Imports nothing that whoever asks
for help would wait for.
"""

from __future__ import annotations

import os
from typing import Any

import click

from gateway.cli.named_path import NamedPath

# Whoever opens it tells whether it is a file, and may be read.
SETTINGS_FILE = click.Path(path_type=NamedPath, readable=False)


class NamedFolder(click.Path):
    """A folder under a name that a database can have too: not empty, and text."""

    def __init__(self) -> None:
        super().__init__(path_type=NamedPath, file_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; an empty one would stand for the folder where the command runs."""
        name = os.fspath(value)
        if not name:
            self.fail("the name of the folder is empty.", param, ctx)
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            self.fail("the name of the folder is not UTF-8: rename the folder, or reach it by a link.", param, ctx)
        return super().convert(value, param, ctx)


class _Filled(click.types.StringParamType):
    """Text that says something: an empty filter would let everything through."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text as it is."""
        if not value.strip():
            self.fail("it is empty; leave the option out to ask for everything.", param, ctx)
        return value


FILLED = _Filled()

as_option = click.option(
    "--as",
    "folder",
    type=NamedFolder(),
    required=True,
    help="Folder of the participant: participant.yaml with its keys and certificates.",
)

hub_option = click.option(
    "--hub",
    "settings",
    type=SETTINGS_FILE,
    envvar="KNOOPPUNT_HUB",
    required=True,
    help="Settings file of the hub; also from the environment variable KNOOPPUNT_HUB.",
)
