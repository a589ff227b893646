"""What `knooppunt pki` does: makes a site for tests, or a hub for production, and says what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.output import USAGE, Failure, command_line, print_json, print_table
from gateway.clock import SystemClock
from gateway.ebms.party_ids import default_type, fault_of, is_test_party
from gateway.site.making import LOOPBACK, Site, make_site
from gateway.site.organisations import Planned, SameName, planned, three
from gateway.site.production import LEAST_PRODUCTION_BITS, MOST_NAME_CHARACTERS, make_production
from xsd.catalogue import ROLES


def make(
    folder: Path, organisations: tuple[str, ...], host: str, port: int, bits: int, party: str, as_json: bool
) -> None:
    """Make a site for tests: an authority, a hub, and a folder for every organisation."""
    if party:
        raise Failure("--party goes with --production; a test hub has a test OIN", code=USAGE)
    _refuse_no_folder(folder)
    wanted = [_planned(each) for each in organisations] or three()
    try:
        site = make_site(folder, wanted, at=datetime.now(UTC), host=host, port=port, key_bits=bits)
    except SameName as fault:
        step = "name them so that their letters a to z and digits differ; nothing was made"
        raise Failure(f"--organisation: {fault}", next_step=step, code=USAGE) from None
    except FileExistsError as fault:
        raise Failure(str(fault), next_step="choose another folder; nothing was changed", code=USAGE) from None
    first = site.organisations[0]
    tries = (
        command_line("knooppunt", "serve", site.settings),
        command_line("knooppunt", "pull", "--as", first.folder),
    )
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


def make_for_production(
    folder: Path, organisations: tuple[str, ...], host: str, port: int, bits: int, party: str, name: str, as_json: bool
) -> None:
    """Make a hub for real use, with keys of its own and nothing of anybody else."""
    fault = _unfit_for_production(organisations, host, party, bits)
    if fault is None and (wrong := unfit_name(name)) is not None:
        fault = f"--name {wrong}"
    if fault:
        raise Failure(fault, next_step="see `knooppunt pki new --help`; nothing was made", code=USAGE)
    _refuse_no_folder(folder)
    try:
        at = SystemClock().now()
        made = make_production(folder, party=party, name=name, host=host, port=port, key_bits=bits, at=at)
    except FileExistsError as there:
        raise Failure(str(there), next_step="choose another folder; nothing was changed", code=USAGE) from None
    asked = zip(made.requests, made.certificates, strict=True)
    steps = [f"have {request} signed, and put the certificate at {place}" for request, place in asked]
    for verb in (("store", "new"), ("pmode", "check")):
        steps.append(command_line("knooppunt", *verb, "--hub", made.settings))
    steps.append(command_line("knooppunt", "serve", made.settings))
    steps.append(f"hand {made.directory} to participants, who list it as `hub.directory`")
    if as_json:
        facts = {"folder": str(made.folder), "settings": str(made.settings), "url": made.url, "organisations": []}
        print_json(facts, next_step="; ".join(steps))
        return
    lacks = "without certificates of an authority, organisations or a store"
    click.echo(f"made a hub for production in {made.folder}, {lacks}")
    click.echo("\nnext:")
    for step in steps:
        click.echo(f"  {step}")


def unfit_name(name: str) -> str | None:
    """What is wrong with a name that is to stand in certificates, as the end of a sentence; None if nothing is."""
    if not name.strip():
        return "must not be empty"
    if not name.isprintable():
        return "has signs that break a line or cannot be seen"
    if len(name) > MOST_NAME_CHARACTERS:
        return f"has {len(name)} characters, and a certificate has room for {MOST_NAME_CHARACTERS}"
    return None


def _refuse_no_folder(folder: Path) -> None:
    """Where a name on the way stands for nothing, no folder can be made."""
    for each in (folder, *folder.parents):
        if each.is_symlink() and not each.exists():
            raise Failure(
                f"{each} is a link to {each.readlink()}, which is not there",
                next_step="choose another folder; nothing was changed",
                code=USAGE,
            )


def _unfit_for_production(organisations: tuple[str, ...], host: str, party: str, bits: int) -> str | None:
    if organisations:
        return "--organisation makes keys of others for tests; in production organisations make their own"
    if host in LOOPBACK:
        return f"--host {host} is this machine alone; give the name or address by which participants reach the hub"
    if not party:
        return "--party has to be the OIN of the hub"
    fault = fault_of(party, default_type(party))
    if fault is not None or is_test_party(party):
        return f"--party {party} {fault or 'is a test OIN'}"
    if len(party) > MOST_NAME_CHARACTERS:
        return f"--party has {len(party)} characters, and a certificate has room for {MOST_NAME_CHARACTERS}"
    if bits < LEAST_PRODUCTION_BITS:
        return f"--bits {bits} is less than the {LEAST_PRODUCTION_BITS} that keys for production have"
    return None


def _planned(text: str) -> Planned:
    name, _, listed = text.rpartition(":")
    roles = tuple(dict.fromkeys(each.strip() for each in listed.split(",") if each.strip()))
    unknown = [each for each in roles if name and (each not in ROLES or each == "knooppunt")]
    if not name.strip() or not roles or unknown:
        raise Failure(
            f"--organisation {text!r} is not NAME:ROLE[,ROLE]"
            + (f"; no such role: {', '.join(unknown)}" if unknown else ""),
            next_step="for instance --organisation 'Kredietbank Voorbeeld:shv-fase-2,kredietbank'",
            code=USAGE,
        )
    if (wrong := unfit_name(name)) is not None:
        raise Failure(f"--organisation: the name {wrong}", next_step="shorten it, or write it anew", code=USAGE)
    return planned(name.strip(), *roles)


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
