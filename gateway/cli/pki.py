"""knooppunt pki: keys and certificates for tests, demonstrations and first steps."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.addresses import read_host
from gateway.cli.output import USAGE, Failure, print_json, print_table, speaks
from gateway.ebms.party_ids import default_type, fault_of, is_test_party
from gateway.site.making import LOOPBACK, Site, make_site
from gateway.site.organisations import Planned, planned, three
from gateway.site.production import make_production
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
@click.option("--production", is_flag=True, help="A hub for real use: keys and requests for certificates, no tests.")
@click.option("--party", default="", help="OIN of the hub, for --production.")
@click.option("--name", default="Knooppunt", show_default=True, help="What people call the hub, for --production.")
@speaks
def new(
    folder: Path,
    organisations: tuple[str, ...],
    host: str,
    port: int,
    bits: str,
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
    if production:
        _production(folder, organisations, host, port, max(int(bits), 3072), party, name, as_json)
        return
    if party:
        raise Failure("--party goes with --production; a test hub has a test OIN", code=USAGE)
    wanted = [_planned(each) for each in organisations] or three()
    try:
        site = make_site(folder, wanted, at=datetime.now(UTC), host=host, port=port, key_bits=int(bits))
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


def _production(
    folder: Path, organisations: tuple[str, ...], host: str, port: int, bits: int, party: str, name: str, as_json: bool
) -> None:
    fault = _unfit_for_production(organisations, host, party)
    if fault:
        raise Failure(fault, next_step="see `knooppunt pki new --help`; nothing was made", code=USAGE)
    try:
        made = make_production(folder, party=party, name=name, host=host, port=port, key_bits=bits)
    except FileExistsError as there:
        raise Failure(str(there), next_step="choose another folder; nothing was changed", code=USAGE) from None
    asked = zip(made.requests, made.certificates, strict=True)
    steps = [f"have {request} signed, and put the certificate at {place}" for request, place in asked]
    steps += [f"knooppunt {verb} --hub {made.settings}" for verb in ("store new", "pmode check")]
    steps.append(f"knooppunt serve {made.settings}")
    if as_json:
        facts = {"folder": str(made.folder), "settings": str(made.settings), "url": made.url, "organisations": []}
        print_json(facts, next_step="; ".join(steps))
        return
    click.echo(f"made a hub for production in {made.folder}, without certificates, organisations or a store\n\nnext:")
    for step in steps:
        click.echo(f"  {step}")


def _unfit_for_production(organisations: tuple[str, ...], host: str, party: str) -> str | None:
    if organisations:
        return "--organisation makes keys of others for tests; in production organisations make their own"
    if host in LOOPBACK:
        return "--host has to be the name or address by which participants reach the hub"
    if not party:
        return "--party has to be the OIN of the hub"
    fault = fault_of(party, default_type(party))
    if fault is not None or is_test_party(party):
        return f"--party {party} {fault or 'is a test OIN'}"
    return None


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
    return planned(name.strip(), *roles)


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
