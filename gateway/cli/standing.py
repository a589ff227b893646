"""What `knooppunt status` does: looks at a hub and tells how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from gateway.cli.administration import settings_of
from gateway.cli.output import Failure, print_fields, print_json, print_table
from gateway.clock import SystemClock
from gateway.refused import LOOK_AT_DISK
from gateway.storage import EXIT_STORAGE
from gateway.wiring.standing import Standing, standing_of

_RUNNING: Final[Mapping[bool | None, str]] = {True: "running", False: "not running", None: "does not answer"}


def tell_standing(settings: Path, as_json: bool) -> None:
    """Tell how that hub stands; a Failure where its storage failed."""
    read = settings_of(settings)
    found = asyncio.run(standing_of(read, SystemClock().now()))
    facts = {**_facts(found), "url": read.hub.public_url}
    if not as_json:
        _print(found, read.hub.public_url)
    if found.storage_failed:
        raise Failure("the storage failed", next_step=LOOK_AT_DISK, code=EXIT_STORAGE, facts=facts)
    if as_json:
        print_json(facts)


def _print(found: Standing, url: str) -> None:
    fields: dict[str, object] = {"hub": f"{url}, {_RUNNING[found.running]}"}
    if found.configuration is not None:
        hub = found.configuration.hub
        fields["party"] = f"{hub.party_id}, {hub.environment}"
        fields["organisations"] = len(found.configuration.organisations)
    if found.counts is not None:
        fields |= {state.value: count for state, count in found.counts.states}
        fields |= {"damaged": found.counts.damaged, "open questions": found.counts.open_questions}
        fields |= {"waiting octets": found.counts.waiting_octets, "free octets": found.counts.free_octets}
    if found.mail is not None:
        fields["mail waiting"] = found.mail.waiting
    if found.time_suspect is not None:
        fields["time"] = "suspect" if found.time_suspect else "trusted"
    print_fields(fields)
    click.echo()
    print_table(
        "",
        ("certificate", "of", "use", "begins", "ends", "days left", "revocation"),
        [
            (
                each.place,
                each.owner,
                each.use,
                each.begins_at.date().isoformat(),
                each.ends_at.date().isoformat(),
                each.days_left(found.at),
                known.state if (known := found.revocation.get(each.certificate)) else "",
            )
            for each in sorted(found.certificates, key=lambda one: one.ends_at)
        ],
        empty="no certificate could be read",
    )
    for worry in found.worries:
        click.echo(f"worry: {worry}")
    if not found.worries:
        click.echo(f"{'' if found.running else 'the hub does not run; else '}nothing to worry about")


def _facts(found: Standing) -> dict[str, object]:
    counts, configuration = found.counts, found.configuration
    return {
        "at": _moment(found.at),
        "running": found.running,
        "party": configuration and configuration.hub.party_id,
        "environment": configuration and configuration.hub.environment,
        "organisations": configuration and len(configuration.organisations),
        "time_suspect": found.time_suspect,
        "store": counts
        and {
            "states": {state.value: count for state, count in counts.states},
            "notices": counts.notices,
            "damaged": counts.damaged,
            "open_questions": counts.open_questions,
            "waiting_octets": counts.waiting_octets,
            "free_octets": counts.free_octets,
            "log_octets": counts.log_octets,
        },
        "mail": found.mail
        and {
            "waiting": found.mail.waiting,
            "failing": found.mail.failing,
            "oldest_at": found.mail.oldest_at and _moment(found.mail.oldest_at),
            "failure": found.mail.failure,
        },
        "certificates": [
            {
                "place": each.place,
                "owner": each.owner,
                "party": each.party,
                "use": each.use,
                "begins_at": _moment(each.begins_at),
                "ends_at": _moment(each.ends_at),
                "days_left": each.days_left(found.at),
                "valid": each.valid(found.at),
                "revocation": known.state if (known := found.revocation.get(each.certificate)) else None,
            }
            for each in found.certificates
        ],
        "worries": list(found.worries),
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
