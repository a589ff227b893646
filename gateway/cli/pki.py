"""knooppunt pki: keys and certificates for tests, demonstrations and first steps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.addresses import read_host
from gateway.cli.output import USAGE, Failure, print_json, print_table, speaks
from gateway.demo.site import Planned, Site, make_site, modules_for
from xsd.catalogue import ROLES


@click.group()
def pki() -> None:
    """Make a test authority, a hub's folder and certificates for organisations."""


@pki.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
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
    "--bits", type=click.Choice(["2048", "3072", "4096"]), default="2048", show_default=True, help="RSA key size."
)
@speaks
def new(folder: Path, organisations: tuple[str, ...], host: str, port: int, bits: str, as_json: bool) -> None:
    """Make FOLDER: an authority, a hub that is ready to serve, and a folder for every organisation.

    Without --organisation it makes the three of the demo: a credit bank, a large creditor, a collection agency.
    """
    planned = [_planned(each) for each in organisations] or list(DEMO)
    try:
        site = make_site(folder, planned, at=datetime.now(UTC), host=host, port=port, key_bits=int(bits))
    except FileExistsError as fault:
        raise Failure(str(fault), next_step="choose another folder; nothing was changed", code=USAGE) from None
    first = site.organisations[0]
    tries = (f"knooppunt serve {site.settings}", f"knooppunt pull --as {first.folder}")
    if as_json:
        print_json(_facts(site), next_step=tries[0])
        return
    click.echo(f"made in {folder}, with keys that are for tests only:\n")
    print_table(
        "",
        ("organisation", "party id", "roles", "its folder"),
        [(each.name, each.party, ", ".join(each.roles), each.folder) for each in site.organisations],
        empty="",
    )
    click.echo(f"\nnext:\n  {tries[0]}\n  {tries[1]}")


DEMO = tuple(
    Planned(name=name, roles=roles, modules=modules_for(roles))
    for name, roles in (
        ("Kredietbank Voorbeeldstad", ("shv-fase-1", "shv-fase-2", "kredietbank")),
        ("Energie Voorbeeld", ("schuldeiser",)),
        ("Incasso Voorbeeld", ("schuldeiser",)),
    )
)


def _planned(text: str) -> Planned:
    name, _, listed = text.rpartition(":")
    roles = tuple(each.strip() for each in listed.split(",") if each.strip())
    unknown = [each for each in roles if name and (each not in ROLES or each == "knooppunt")]
    if not name or not roles or unknown:
        raise Failure(
            f"--organisation {text!r} is not NAME:ROLE[,ROLE]"
            + (f"; no such role: {', '.join(unknown)}" if unknown else ""),
            next_step="for instance --organisation 'Kredietbank Voorbeeld:shv-fase-2,kredietbank'",
            code=USAGE,
        )
    return Planned(name=name.strip(), roles=roles, modules=modules_for(roles))


def _host(text: str) -> str:
    try:
        found = read_host(text)
    except ValueError as fault:
        raise click.BadParameter(f"{text!r} {fault}") from None
    if "%" in found:
        raise click.BadParameter(f"{text!r} holds for one machine alone; give the address without its zone")
    return found


def _facts(site: Site) -> dict[str, object]:
    return {
        "folder": str(site.folder),
        "settings": str(site.settings),
        "url": site.url,
        "organisations": [
            {"name": each.name, "party": each.party, "roles": each.roles, "folder": str(each.folder)}
            for each in site.organisations
        ],
    }
