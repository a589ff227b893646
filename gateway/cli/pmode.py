"""knooppunt pmode: the P-Mode files of a hub, before they are in force and as they work out. What the commands do
stands in `gateway.cli.pmode_files`.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import print_json, speaks
from gateway.ebms.names import INITIATOR
from gateway.written.editor_schema import EditorSchema

_KINDS = [each.value for each in EditorSchema]  # an enumeration itself would be asked for by its names in the code


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
    """Show the effective P-Mode of one organisation (PARTY: its party id, or the name of its file) for one message, and
    where each value comes from.
    """
    from gateway.cli.pmode_files import show_effective  # late, for whoever asks for help

    show_effective(settings, party, module, version, type_name, leg, as_json)


@pmode.command("match")
@hub_option
@click.argument("file", type=click.Path(path_type=NamedPath, allow_dash=True), required=False)
@click.option("--content-type", help="The Content-Type that FILE came with, where it does not begin with it.")
@click.option("--from", "sender", type=FILLED, metavar="PARTY", help="eb:From: a party id of the sender.")
@click.option("--to", type=FILLED, metavar="PARTY", help="eb:To; the hub unless given.")
@click.option("--recipient", type=FILLED, metavar="PARTY", help="The property finalRecipient: whose mailbox it is for.")
@click.option("--message", "module", nargs=3, metavar="MODULE VERSION TYPE", help="Service and Action by their names.")
@click.option("--service", type=FILLED, help="eb:Service.")
@click.option("--action", type=FILLED, help="eb:Action.")
@click.option("--mpc", type=FILLED, help="The MPC; the default MPC unless given.")
@click.option("--agreement", type=FILLED, help="eb:AgreementRef; none unless given.")
@click.option("--role", default=INITIATOR, help="eb:Role of the sender; the initiator's unless given.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="On which day; today unless given.")
@speaks
def match(
    settings: Path, file: Path | None, content_type: str | None, day: datetime | None, as_json: bool, **given: Any
) -> None:
    """Tell which P-Mode a message would get, or for each candidate why not.

    FILE is a message: a whole HTTP body, a bare SOAP envelope, or a plain XML document, for which the header is made up
    that its sender would give it; - is standard input. Without FILE the options are the values of a header. It is
    judged as by a hub with these files, which need not be in force; signature, encryption, document, and whether its
    question was asked are not looked at.
    """
    from gateway.cli.pmode_match import Values, match_file, match_values  # late, for whoever asks for help

    on = None if day is None else day.date()
    wrong = [name for name, value in given.items() if value is not None and name != "role"]
    if file is not None and wrong:
        raise click.UsageError("FILE has a header of its own; give it, or the values of one")
    if file is not None:
        match_file(settings, file, content_type, on, as_json)
    elif given["sender"] is None:
        raise click.UsageError("name a FILE, or give the values of a header, --from among them")
    else:
        match_values(settings, Values(**given), on, as_json)


@pmode.command("diff")
@hub_option
@click.argument("before", metavar="[FOLDER]", type=click.Path(path_type=NamedPath, file_okay=False), required=False)
@speaks
def diff(settings: Path, before: Path | None, as_json: bool) -> None:
    """Say in sentences what a change of the files changes, and for whom, before it is in force.

    The files of the hub are held against what is in force in the hub that runs, or against the files in FOLDER, a copy
    or checkout of how they were. Nothing is taken over; `knooppunt reload` does that.
    """
    from gateway.cli.pmode_diff import tell_changes  # late, for whoever asks for help

    tell_changes(settings, before, as_json)


@pmode.command("schema")
@click.argument("kind", type=click.Choice(_KINDS), default=EditorSchema.ORGANISATION.value, metavar="[KIND]")
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
