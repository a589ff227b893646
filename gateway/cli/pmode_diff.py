"""What `knooppunt pmode diff` does: what a change of the P-Mode files changes for whom, before it is in force."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.administration import verbs
from gateway.cli.administration import ask, settings_of
from gateway.cli.output import print_json
from gateway.cli.pmode_files import configuration_of
from gateway.written.complaints import printable
from pmodes.changes import changes


def tell_changes(settings: Path, before: Path | None, as_json: bool) -> None:
    """Say what the hub's files change against those of a folder, or against what is in force in the hub that runs."""
    if before is None:
        found = ask(settings, verbs.changes)
    else:
        read = settings_of(settings)
        found = changes(configuration_of(read, before), configuration_of(read))
    if as_json:
        told = [
            {
                "who": [{"name": each.name, "party": each.party} for each in one.who],
                "key": one.key or None,
                "sentence": one.sentence,
            }
            for one in found
        ]
        print_json({"changes": told})
        return
    for one in found:
        click.echo(printable(str(one)))
    if not found:
        click.echo("nothing changes")
