"""knooppunt event: what happened in a hub that runs, counted."""

from __future__ import annotations

import click

from gateway.cli.administration import add_commands


@click.group()
def event() -> None:
    """What happened in a hub, by the table of events."""


add_commands("event", event)
