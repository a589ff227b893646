"""knooppunt status: how a hub stands, at one look. What it does stands in `gateway.cli.standing`."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import hub_option
from gateway.cli.output import speaks


@click.command()
@hub_option
@speaks
def status(settings: Path, as_json: bool) -> None:
    """Tell whether a hub runs, what waits in it, whether its time is trusted, and how many days its certificates and
    those of its participants have left.

    Looks at the files and asks the hub; where none runs, it reads the store as it lies there and changes nothing. What
    cannot be read is told as a worry, with whatever else there is to worry about. A database that is broken is one too,
    and the exit code says so.
    """
    from gateway.cli.standing import tell_standing  # late, for whoever asks for help

    tell_standing(settings, as_json)
