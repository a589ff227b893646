"""knooppunt schema form: one message type as a form, as a browser gets it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.output import USAGE, Failure, print_json, speaks
from gateway.cli.schema_options import catalogue_of, modules_option
from xsd.forms.description import form_description
from xsd.forms.words import FormFault


@click.command()
@click.argument("module")
@click.argument("version")
@click.argument("type_name", metavar="TYPE")
@modules_option
@speaks
def form(module: str, version: str, type_name: str, folders: tuple[Path, ...], as_json: bool) -> None:
    """Print a message type as the description of a form: fields, words, rules, as a browser gets it."""
    found = catalogue_of(folders).message(module, version, type_name)
    if found is None:
        raise Failure(
            f"there is no message {type_name} in module {module} {version}",
            next_step="See the names with: knooppunt schema list", code=USAGE,
        )  # fmt: skip
    try:
        described = form_description(found)
    except FormFault as fault:
        raise Failure(str(fault), next_step="Mend the file.", code=USAGE) from None
    if as_json:
        print_json(described)
    else:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
