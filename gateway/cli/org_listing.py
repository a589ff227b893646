"""What `knooppunt org list` does: every organisation of the P-Mode files in a line, and when it was in touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import click

from gateway.administration import verbs
from gateway.cli.administration import ask, settings_of
from gateway.cli.org_facts import by_party, contact_facts, facts_of, until
from gateway.cli.output import Failure, print_json, print_table
from gateway.cli.pmode_files import configuration_of
from gateway.clock import SystemClock
from gateway.store.model import Contact
from pmodes.model import Organisation
from pmodes.term import local_day
from pmodes.validity import Listed, listed


def list_all(settings: Path, as_json: bool) -> None:
    """Print every organisation and unit of the files, and when it was in touch; where nobody can tell that, why."""
    read, at = settings_of(settings), SystemClock().now()
    configuration, has_portal = configuration_of(read), read.portal is not None
    certificates = by_party(listed(configuration))
    contacts, unknown = _contacts(settings)
    if as_json:
        print_json({
            "organisations": [
                facts_of(each, certificates.get(each.party_id, ()), at) | contact_facts(contacts.get(each.party_id))
                for each in configuration.organisations
            ],
            "contacts_unknown": unknown,
            "portal": has_portal,
        })  # fmt: skip
        return
    print_table(
        "",
        (
            "organisation",
            "party id",
            "unit of",
            "roles",
            "modules",
            "access",
            "certificates until",
            "last ping",
            "last heard",
        ),
        [
            (
                each.name,
                each.party_id,
                each.unit_of and each.unit_of.name,
                ", ".join(sorted(each.roles)),
                "\n".join(_modules_told(each, local_day(at))),
                _access_told(each, has_portal=has_portal),
                _until_told(certificates.get(each.party_id, ()), at),
                *_contact_told(contacts.get(each.party_id)),
            )
            for each in configuration.organisations
        ],
        empty="there are no organisations; `knooppunt org add` makes the file of one",
    )
    if unknown is not None:
        click.echo(f"warning: when they were last in touch cannot be told: {unknown}", err=True)


def _access_told(found: Organisation, *, has_portal: bool) -> str:
    """How it works with the hub, and what keeps it from that."""
    without = "no portal" if found.access == "desk" and not has_portal else None
    return ", ".join(filter(None, (found.access, without, "suspended" if found.suspended else None)))


def _contacts(settings: Path) -> tuple[Mapping[str, Contact], str | None]:
    """When parties were last in touch, or why nobody can tell; the files are there to be listed all the same."""
    try:
        return {each.party: each for each in ask(settings, verbs.contacts)}, None
    except Failure as fault:
        return {}, fault.sentence


def _contact_told(contact: Contact | None) -> tuple[str, str]:
    """What became of its last test message, and when it last came."""
    if contact is None:
        return "", ""
    heard = "" if contact.heard_at is None else f"{contact.heard_at:%Y-%m-%d %H:%MZ}"
    found: list[tuple[datetime, str]] = []
    if contact.pinged_at is not None:
        found.append((contact.pinged_at, "its own"))
    if contact.test_laid_at is not None and contact.test_closed_at is None:
        found.append((contact.test_laid_at, "waits since"))
    elif contact.test_closed_at is not None:
        found.append((contact.test_closed_at, "confirmed" if contact.is_confirmed else "never came, ended"))
    last = max(found, default=None)
    return "" if last is None else f"{last[1]} {last[0]:%Y-%m-%d %H:%MZ}", heard


def _modules_told(found: Organisation, today: date) -> list[str]:
    """Versions that are active today, and those that will be; what has ended is left out."""
    told = []
    for module, versions in found.modules.items():
        active = [each for each in versions if each.ends is None or each.ends >= today]
        if active:
            told.append(f"{module} {', '.join(each.told for each in active)}")
    return told


def _until_told(certificates: Sequence[Listed], at: datetime) -> str:
    ends = {use: until(certificates, use, at) for use in ("signing", "encryption")}
    without = [use for use, end in ends.items() if end is None]
    if without:
        return f"none valid for {' and '.join(without)}"
    return f"{min(end for end in ends.values() if end is not None):%Y-%m-%d}"
