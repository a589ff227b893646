"""knooppunt mail: what a hub mails to organisations at a desk."""

from __future__ import annotations

import click

from gateway.cli.administration import add_commands


@click.group()
def mail() -> None:
    """The mail of a hub to organisations at a desk: whether its server takes a letter."""


add_commands("mail", mail)
