"""What `knooppunt org show` does: reads the P-Mode files as the hub would, and tells what one of them comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click

from gateway.administration import verbs
from gateway.administration.telling import said_of_administrators
from gateway.cli.administration import ask, settings_of
from gateway.cli.org_facts import (
    certificate_facts,
    exchange_facts,
    facts_of,
    more_facts_of,
)
from gateway.cli.org_named import organisation_named
from gateway.cli.output import Failure, print_fields, print_json, print_table
from gateway.cli.pmode_files import configuration_of
from gateway.clock import SystemClock
from gateway.portal.organisations import numbers_of
from pmodes.configuration import Configuration
from pmodes.counterparts import Exchange, answer_working_days, exchanges
from pmodes.counting import counted
from pmodes.legal_basis import required_documents
from pmodes.model import Organisation
from pmodes.participation import ActiveVersion
from pmodes.term import expires_at, local_day
from pmodes.validity import Listed, listed

_NAMED: Final = 5  # counterparts of one message type that are named to a person; --json has all
_BASES: Final[Mapping[str | None, str]] = {
    "wgs": "the Wgs: no document of the client comes with its messages",
    "mandate": "a mandate: the client's consent comes with its messages",
    "court": "an order of the court, which comes with its messages",
    None: "as its roles say",
}


def show_one(settings: Path, party: str, as_json: bool) -> None:
    """Print everything about one organisation."""
    configuration, at = configuration_of(settings_of(settings)), SystemClock().now()
    found = organisation_named(configuration, party)
    certificates = [each for each in listed(configuration) if each.party == found.party_id]
    partners = exchanges(configuration, found, local_day(at))
    units = [each for each in configuration.organisations if each.unit_of and each.unit_of.party_id == found.party_id]
    expires = expires_at(
        at,
        working_days=found.mailbox.term_working_days,
        extension_days=found.days_with_acceptance,
        closing_days=configuration.hub.closing_days,
    )
    administrators = _administrators(settings, found, configuration)
    if as_json:
        print_json({
            "administrators": administrators if isinstance(administrators, int) else None,
            **facts_of(found, certificates, at),
            **more_facts_of(found, configuration),
            "certificates": [certificate_facts(each, at) for each in certificates],
            "exchanges": [exchange_facts(each, found) for each in partners],
            "units": [{"name": each.name, "party": each.party_id} for each in units],
            "expires_at": expires,
        })  # fmt: skip
        return
    told = administrators if isinstance(administrators, str | None) else said_of_administrators(administrators)
    print_fields({**_fields(found, configuration, expires), **({} if told is None else {"administrators": told})})
    _print_modules(found, local_day(at))
    _print_exchanges(partners, found, sends=True)
    _print_exchanges(partners, found, sends=False)
    _print_certificates(certificates, at)
    if units:
        click.echo()
        print_table("its units", ("name", "party id"), [(each.name, each.party_id) for each in units], empty="")


def _administrators(settings: Path, found: Organisation, configuration: Configuration) -> int | str | None:
    """How many people ever logged in for administration of who works at a desk, or why nobody can tell; None of who has
    a system of its own.
    """
    if found.access != "desk":
        return None
    try:
        count = ask(settings, verbs.administrators, numbers_of(configuration, found.party_id))
    except Failure as fault:
        return f"not known: {fault.sentence}"
    return "not known: the hub has no portal" if count is None else count


def _fields(found: Organisation, configuration: Configuration, expires: datetime) -> Mapping[str, object]:
    """What there is to say in a line each."""
    whose = f", a unit of {found.unit_of.name} ({found.unit_of.party_id})" if found.unit_of else ""
    at = f", at {found.at}" if found.at else ""
    numbers = [
        f"KvK {found.kvk}" if found.kvk else "",
        f"establishment {found.establishment}" * bool(found.establishment),
    ]
    return {
        "name": f"{found.name}{whose}",
        "file": f"{found.file}{at}",
        "party id": ", ".join(each.value for each in found.party_ids),
        **({"registered": ", ".join(filter(None, numbers))} if any(numbers) else {}),
        "roles": ", ".join(sorted(found.roles)),
        "legal basis": _BASES[found.legal_basis],
        "works by": _access_told(found),
        "may call from": ", ".join(map(str, found.addresses)) or "every address",
        "signed": _agreements_told(found),
        "acts for": ", ".join(each.value for each in found.acts_for) or "nobody else",
        "lists at the desk": "on" if found.desk_lists else "off",
        "collectief": "takes part in Collectief Schuldregelen" if found.collectief else "does not take part",
        "public page": "named" if found.is_listed else "left out",
        "mailbox": f"{found.mpc}; at most {found.mailbox.quota_messages} messages",
        "term": f"{_term_told(found)}; what comes now ends at {expires:%Y-%m-%d %H:%M:%SZ}",
        "security": f"suite {found.suite.name}, language of errors {found.language}",
    }


def _access_told(found: Organisation) -> str:
    how = (
        "a system of its own over AS4" if found.access == "system" else "a desk in the portal; at AS4 it is a stranger"
    )
    return f"{how}; it is suspended: it neither pushes nor pulls" if found.suspended else how


def _agreements_told(found: Organisation) -> str:
    dates = (
        ("aansluitovereenkomst", found.agreements.connection),
        ("verwerkersovereenkomst", found.agreements.processing),
    )
    return ", ".join(f"{name} {day.isoformat() if day else 'not yet'}" for name, day in dates)


def _term_told(found: Organisation) -> str:
    box = found.mailbox
    asked = " where it asks" if found.prolongs_at_request else ""
    more = f" and {counted(box.extension_days, 'day')} more{asked}" if box.extension_days else ""
    return f"{counted(box.term_working_days, 'working day')}{more}"


def _print_modules(found: Organisation, today: date) -> None:
    rows = [
        (
            module,
            each.version,
            each.begins or "",
            each.ends or "",
            _standing(each, today),
            each.answer_working_days and counted(each.answer_working_days, "working day"),
        )
        for module, versions in found.modules.items()
        for each in versions
    ]
    click.echo()
    print_table("its modules", ("module", "version", "from", "until", "today", "answers within"), rows, empty="none")


def _standing(version: ActiveVersion, today: date) -> str:
    if version.is_active(today):
        return "active of itself" if version.of_itself else "active"
    return "has ended" if version.ends is not None and version.ends < today else "not yet"


def _print_exchanges(partners: Sequence[Exchange], found: Organisation, *, sends: bool) -> None:
    rows = [
        (
            f"{each.message_type.module} {each.message_type.version}",
            each.message_type.name,
            _others_told(each.others),
            ", ".join(required_documents(each.message_type, found.roles, found.legal_basis)) if sends
            else _answer_told(each, found),
        )
        for each in partners
        if each.sends is sends
    ]  # fmt: skip
    click.echo()
    print_table(
        "what it may send today" if sends else "what may be sent to it today",
        ("module", "message", "to" if sends else "by", "documents with it" if sends else "answer within"),
        rows,
        empty="it may send nothing today" if sends else "nothing may be sent to it today",
    )


def _others_told(others: Sequence[Organisation]) -> str:
    if not others:
        return "nobody"
    named = ", ".join(each.name for each in others[:_NAMED])
    return f"{named} and {len(others) - _NAMED} more" if len(others) > _NAMED else named


def _answer_told(exchange: Exchange, found: Organisation) -> str:
    days = answer_working_days(found, exchange.message_type)
    return "" if days is None else counted(days, "working day")


def _print_certificates(certificates: Sequence[Listed], at: datetime) -> None:
    click.echo()
    print_table(
        "its certificates",
        ("use", "from", "until", "days left", "place"),
        [(each.use, f"{each.begins_at:%Y-%m-%d}", f"{each.ends_at:%Y-%m-%d}", each.days_left(at), each.place)
         for each in certificates],
        empty="",
    )  # fmt: skip
