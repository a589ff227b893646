"""knooppunt pki: keys and certificates for tests, demonstrations and first steps. What it does stands in
`gateway.cli.making`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.addresses import read_host
from gateway.cli.named_path import NamedPath
from gateway.cli.output import speaks
from xsd.catalogue import ROLES


@click.group()
def pki() -> None:
    """Make a test authority, a hub's folder and certificates for organisations."""


@pki.command("new")
@click.argument("folder", type=click.Path(path_type=NamedPath, file_okay=False))
@click.option(
    "--organisation",
    "organisations",
    multiple=True,
    metavar="NAME:ROLE[,ROLE]",
    help=f"An organisation; may be repeated. Roles: {', '.join(each for each in ROLES if each != 'knooppunt')}.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    callback=lambda _context, _option, value: _host(value),
    help="Name or address at which the hub will be reached.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8443, show_default=True, help="Port of the hub.")
@click.option(
    "--bits", type=click.Choice(["2048", "3072", "4096"]), help="RSA key size: 2048, or 3072 with --production."
)
@click.option("--production", is_flag=True, help="A hub for real use: keys and requests for certificates, no tests.")
@click.option("--party", default="", help="OIN of the hub, for --production.")
@click.option("--name", default="Knooppunt", show_default=True, help="What people call the hub, for --production.")
@speaks
def new(
    folder: Path,
    organisations: tuple[str, ...],
    host: str,
    port: int,
    bits: str | None,
    production: bool,
    party: str,
    name: str,
    as_json: bool,
) -> None:
    """Make FOLDER: an authority, a hub that is ready to serve, and a folder for every organisation.

    Without --organisation it makes the three of the demo: a credit bank, a large creditor, a collection agency. With
    --production it makes a hub and nothing of a test: keys, requests for their certificates, and settings; --party and
    --host are needed then, and RSA keys have 3072 bits at least.
    """
    from gateway.cli.making import make, make_for_production  # late, for whoever asks for help

    if production:
        make_for_production(folder, organisations, host, port, int(bits or 3072), party, name, as_json)
    else:
        make(folder, organisations, host, port, int(bits or 2048), party, as_json)


def _host(text: str) -> str:
    try:
        found = read_host(text)
    except ValueError as fault:
        raise click.BadParameter(f"{text!r} {fault}") from None
    if "%" in found:
        raise click.BadParameter(f"{text!r} holds for one machine alone; give the address without its zone")
    return found
