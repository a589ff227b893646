"""knooppunt org: the organisations of a hub, as their files say. What the commands do stands in `gateway.cli.org_files`
and its neighbours.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


@click.group()
def org() -> None:
    """The organisations of a hub: who they are, what follows from their files, and changing these."""


@org.command("list")
@hub_option
@speaks
def list_organisations(settings: Path, as_json: bool) -> None:
    """List every organisation and business unit of the P-Mode files: which modules are active today and from when the
    next ones are, how it works with the hub, and until when it has valid certificates.
    """
    from gateway.cli.org_files import list_all  # late, for whoever asks for help

    list_all(settings, as_json)


@org.command("show")
@click.argument("party", type=FILLED)
@hub_option
@speaks
def show(party: str, settings: Path, as_json: bool) -> None:
    """Tell all that follows from the file of PARTY, which is a party id or the name of a file: what it is and may do,
    the days of its modules, who may send what to it and it to whom, its terms, certificates and units.
    """
    from gateway.cli.org_files import show_one  # late, for whoever asks for help

    show_one(settings, party, as_json)
