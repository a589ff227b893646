"""What `knooppunt org promote` does: takes an organisation from acceptance to production, as far as its file goes."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.administration import refusals_told, settings_of
from gateway.cli.output import print_json
from gateway.cli.passing_report import refuse_report, refuse_without
from gateway.clock import SystemClock
from gateway.wiring.promoting import ForProduction, parties_of_file, promote

_NEXT = "mend what is missing, then `knooppunt pmode check` and `knooppunt reload` at the hub in production"


def promote_one(
    settings: Path,
    party: str,
    to: Path,
    real: str | None,
    signing: Path | None,
    encryption: Path | None,
    certificates: Path | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Write the file for production, and say what is still missing."""
    read, at = settings_of(settings), SystemClock().now()
    with refusals_told():
        if report is not None or read.pmodes.promotes_by_report:
            parties = parties_of_file(read, party)
            active = {(name, v.version) for each in parties for name, all_ in each.modules.items() for v in all_}
            if report is None:
                refuse_without(active)
            refuse_report(report, active, at=at)
        given = ForProduction(party=real, signing=signing, encryption=encryption, certificates=certificates)
        found = promote(read, party, to, given, at=at)
    if as_json:
        facts = {
            "name": found.organisation.name,
            "party": found.organisation.party_id,
            "path": str(found.file),
            "certificates": [str(each) for each in found.certificates],
            "missing": list(found.missing),
        }
        print_json(facts, next_step=_NEXT)
        return
    click.echo(f"wrote {found.file}: {found.organisation.name} with the party id {found.organisation.party_id}")
    if found.missing:
        click.echo("\nstill missing:")
        for each in found.missing:
            click.echo(f"  {each}")
    else:
        click.echo("nothing is missing")
    click.echo(f"\nnext:\n  {_NEXT}")
