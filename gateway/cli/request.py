"""knooppunt request: what organisations at a desk ask of the operator."""

from __future__ import annotations

import click

from gateway.cli.administration import add_commands


@click.group()
def request() -> None:
    """What organisations at a desk ask for, such as new keys of a unit: it counts once you said yes."""


add_commands("request", request)
