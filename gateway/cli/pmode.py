"""knooppunt pmode: the P-Mode files of a hub, before they are in force and as they work out. What the commands do
stands in `gateway.cli.pmode_files`.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.options import hub_option
from gateway.cli.output import print_json, speaks
from gateway.written.editor_schema import EditorSchema


@click.group()
def pmode() -> None:
    """The P-Mode files of a hub: check them, see what follows from them."""


@pmode.command("check")
@hub_option
@speaks
def check(settings: Path, as_json: bool) -> None:
    """Read the files as the hub would, and say everything that is wrong with them, with file and line.

    The hub's own keys and certificates are looked at too, whether its log is where the settings say, and whether its
    store is such that a hub would serve it; every certificate is held against the longest term of a message: what has
    ended, has not begun or ends within it is warned of. A hub that runs takes the files over with `knooppunt reload`;
    this changes nothing.
    """
    from gateway.cli.pmode_files import check_files  # late, for whoever asks for help

    check_files(settings, as_json)


@pmode.command("show")
@hub_option
@click.argument("party")
@click.argument("module")
@click.argument("version")
@click.argument("type_name", metavar="TYPE")
@click.option("--leg", type=click.Choice(["1", "2"]), help="1: it sends to the hub; 2: it pulls. As its role says.")
@speaks
def show(settings: Path, party: str, module: str, version: str, type_name: str, leg: str | None, as_json: bool) -> None:
    """Show the effective P-Mode of one organisation (PARTY) for one message, and where each value comes from."""
    from gateway.cli.pmode_files import show_effective  # late, for whoever asks for help

    show_effective(settings, party, module, version, type_name, leg, as_json)


@pmode.command("schema")
@click.argument("kind", type=click.Choice(list(EditorSchema)), default=EditorSchema.ORGANISATION, metavar="[KIND]")
@speaks
def schema(kind: str, as_json: bool) -> None:
    """Print the JSON Schema that an editor checks a file with while it is written.

    KIND is organisation (the default), hub for hub.yaml, settings for hub.toml, or participant for participant.yaml.
    Files that this program writes name it in their first line, and have it beside them as KIND.schema.json; after an
    upgrade, write it there anew.
    """
    asked = EditorSchema(kind)
    text = asked.octets.decode("utf-8")
    if as_json:
        print_json({"file": asked.file_name, "first_line": asked.first_line.rstrip(), "schema": json.loads(text)})
    else:
        click.echo(text, nl=False)
