"""What the commands of `knooppunt org` do that change the file of an organisation, and what they say then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from crypto.certificates import thumbprint_sha256
from gateway.cli.administration import refusals_told, settings_of
from gateway.cli.output import USAGE, Failure, command_line, print_json
from gateway.clock import SystemClock
from gateway.wiring.new_organisation import AddedVersion, Described, add_organisation
from gateway.wiring.suspending import set_suspended
from gateway.written.yaml_list import Flow
from pmodes.counting import counted
from pmodes.model import Organisation

_MODULE = "name them as in --module Schuldregeling:2.0, or --module Schuldregeling:2.0:2026-10-01 with a first day"


def add_one(settings: Path, given: Mapping[str, Any], as_json: bool) -> None:
    """Write the file of one more organisation, and say what to do next."""
    read, at = settings_of(settings), SystemClock().now()
    with refusals_told():
        found = add_organisation(read, _asked(given), at=at)
    steps = in_force_by(settings)
    organisation = found.organisation
    if as_json:
        facts = {
            "name": organisation.name,
            "party": organisation.party_id,
            "unit_of": organisation.unit_of and organisation.unit_of.party_id,
            "file": organisation.file,
            "paths": [str(each) for each in (*found.certificates, found.file)],
            "certificates": [{"use": use, "thumbprint": each} for use, each in _thumbprints(organisation)],
        }
        print_json(facts, next_step="; ".join(steps))
        return
    click.echo(f"wrote {found.file}: {organisation.name} with the party id {organisation.party_id}")
    for use, thumbprint in _thumbprints(organisation):
        click.echo(f"hold against what it says itself: its {use} certificate, sha256:{thumbprint}")
    click.echo("\nnext:")
    for step in steps:
        click.echo(f"  {step}")


def suspend_one(settings: Path, party: str, suspended: bool, as_json: bool) -> None:
    """Suspend an organisation or take that back, and say what to do next."""
    read = settings_of(settings)
    with refusals_told():
        found = set_suspended(read, party, suspended)
    organisation = found.organisation
    steps = in_force_by(settings) if found.is_changed else ()
    if as_json:
        facts = {
            "name": organisation.name,
            "party": organisation.party_id,
            "file": organisation.file,
            "suspended": suspended,
            "changed": found.is_changed,
            "units": [each.party_id for each in found.units],
        }
        print_json(facts, next_step="; ".join(steps))
        return
    now = "suspended" if suspended else "not suspended"
    if not found.is_changed:
        click.echo(f"{organisation.name} is {now} already; nothing was changed")
        return
    units = f", and {counted(len(found.units), 'unit')} with it" if found.units else ""
    click.echo(f"{found.file} says now that {organisation.name} is {now}{units}\n\nnext:")
    for step in steps:
        click.echo(f"  {step}")


def in_force_by(settings: Path) -> tuple[str, str]:
    """The commands by which what was written is looked at and comes into force."""
    hub = ("--hub", settings)
    return command_line("knooppunt", "pmode", "check", *hub), command_line("knooppunt", "reload", *hub)


def _thumbprints(found: Organisation) -> Iterator[tuple[str, str]]:
    for use, certificates in (("signing", found.signing_certificates), ("encryption", found.encryption_certificates)):
        yield from ((use, thumbprint_sha256(each).hex()) for each in certificates)


def _asked(given: Mapping[str, Any]) -> Described:
    signing, encryption = (*given["signing"], *given["both"]), (*given["encryption"], *given["both"])
    if not (signing and encryption) and given["access"] != "desk":
        step = "name them with --signing and --encryption, or one for both uses with --certificate"
        raise Failure("an organisation needs a certificate to sign with and one to be encrypted to", next_step=step,
                      code=USAGE)  # fmt: skip
    if given["unit_of"] is None and not (given["roles"] and given["modules"]):
        step = "name them with --role and --module; `knooppunt schema list` shows who sends what"
        raise Failure("an organisation needs a role and a module version", next_step=step, code=USAGE)
    return Described(
        name=given["name"],
        party=given["party"],
        roles=given["roles"],
        modules=[_version(each) for each in given["modules"]],
        signing=signing,
        encryption=encryption,
        unit_of=given["unit_of"],
        file=given["file"],
        more=_more(given),
    )


def _more(given: Mapping[str, Any]) -> Mapping[str, Flow]:
    agreed = {"connection": given["connection_agreed"], "processing": given["processing_agreed"]}
    more: dict[str, Flow] = {
        "kvk": given["kvk"] or "",
        "legal_basis": given["legal_basis"] or "",
        "access": given["access"] or "",
        "addresses": given["addresses"],
        "agreements": {name: day.isoformat() for name, day in agreed.items() if day is not None},
    }
    if given["collectief"]:
        more["collectief"] = True
    if given["unlisted"]:
        more["listed"] = False
    if given["extension_days"] is not None:
        more["mailbox"] = {"extension_days": int(given["extension_days"])}
    return more


def _version(text: str) -> AddedVersion:
    name, _, rest = text.partition(":")
    version, _, day = rest.partition(":")
    try:
        begins = date.fromisoformat(day) if day else None
    except ValueError:
        raise Failure(f"--module {text!r} does not end in a day", next_step=_MODULE, code=USAGE) from None
    if not name or not version:
        raise Failure(f"--module {text!r} is no module and version", next_step=_MODULE, code=USAGE)
    return AddedVersion(module=name, version=version, begins=begins)
