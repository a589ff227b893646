"""What `knooppunt status` does: looks at a hub and tells how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import click

from gateway.administration.administered import Vitals
from gateway.cli.administration import settings_of
from gateway.cli.output import Failure, print_fields, print_json, print_table
from gateway.clock import SystemClock
from gateway.metrics import EventCount
from gateway.refused import LOOK_AT_DISK
from gateway.storage import EXIT_STORAGE
from gateway.store.data_directory import Space
from gateway.store.model import MailboxRecord
from gateway.store.states import WAITING
from gateway.wiring.standing import Marks, Standing, standing_of

_RUNNING: Final[Mapping[bool | None, str]] = {True: "running", False: "not running", None: "does not answer"}
MOST_CERTIFICATES: Final = 12  # on one screen, those that end first
MOST_WARNINGS: Final = 8
LATELY: Final = timedelta(days=1)


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
    print_fields({"hub": f"{url}, {_RUNNING[found.running]}", **dict(_fields(found))})
    click.echo()
    certificates = sorted(found.certificates, key=lambda one: one.ends_at)
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
            for each in certificates[:MOST_CERTIFICATES]
        ],
        empty="no certificate could be read",
    )
    if (more := len(certificates) - MOST_CERTIFICATES) > 0:
        click.echo(f"and {more} more that end later; --json has all of them")
    late = sorted(_lately(found), key=lambda one: -one.count)
    for each in late[:MOST_WARNINGS]:
        times = f"{each.count} since the start, last at {_moment(each.last_at)}" if each.last_at else ""
        click.echo(f"in the log: {each.event}, {times}")
    for worry in found.worries:
        click.echo(f"worry: {worry}")
    if not found.worries:
        click.echo(f"{'' if found.running else 'the hub does not run; else '}nothing to worry about")


def _fields(found: Standing) -> Iterator[tuple[str, object]]:
    """What is told in a line each."""
    vitals, mail = found.vitals, found.mail
    if vitals is not None:
        stops = ", and about to stop" if vitals.is_draining else ""
        yield "since", f"{_moment(vitals.started_at)}{stops}"
    if found.configuration is not None:
        hub = found.configuration.hub
        yield "party", f"{hub.party_id}, {hub.environment}"
        yield "organisations", len(found.configuration.organisations)
    if found.counts is not None:
        waits = [f"{count} {state.value}" for state, count in found.counts.states if state in WAITING]
        yield "waiting", f"{', '.join(waits)}, {found.counts.waiting_octets} octets, {found.counts.damaged} damaged"
        if found.mailboxes is not None:
            yield "", _said_of_mailboxes(found.mailboxes)
        closed = [f"{count} {state.value}" for state, count in found.counts.states if state not in WAITING]
        yield "closed", ", ".join(closed)
        yield "open questions", found.counts.open_questions
    if found.space is not None:
        yield "disk", _said_of_disk(found.space, found.marks)
    for number, each in enumerate(found.nodes if len(found.nodes) > 1 else ()):
        works = f"{each.node.version}, configuration {each.node.configuration[:12]}"
        yield "" if number else "nodes", f"{each.node.name}, {works}, heard of at {_moment(each.seen_at)}"
    if vitals is not None:
        yield "at work", f"{vitals.requests_in_progress} requests, {vitals.connections} connections"
        yield "flushes", _said_of_flushes(vitals)
    if mail is not None:
        since = f" since {_moment(mail.oldest_at)}" if mail.oldest_at else ""
        refused = sum(each.count for each in found.warnings if each.event == "mail_given_up")
        yield "mail", f"{mail.waiting} waiting{since}, {mail.failing} tried in vain, {refused} refused since the start"
    if found.time_suspect is not None:
        yield "time", "suspect" if found.time_suspect else "trusted"


def _said_of_disk(space: Space, marks: Marks) -> str:
    part = space.free_octets / max(space.total_octets, 1)
    below = f"told below {marks.alarm:.0%}, no message over 1 MiB below {marks.large:.0%}, none below {marks.any:.0%}"
    return f"{space.free_octets} octets free of {space.total_octets}, {part:.0%}; {below}"


def _said_of_flushes(vitals: Vitals) -> str:
    if vitals.flush_p99_seconds is None or vitals.slowest_flush_seconds is None:
        return "none yet"
    most, slowest = vitals.flush_p99_seconds * 1000, vitals.slowest_flush_seconds * 1000
    return f"{vitals.flushes}, 99 of 100 within {most:.4g} ms, the slowest {slowest:.0f} ms"


def _oldest(mailboxes: Sequence[MailboxRecord]) -> datetime | None:
    return min((each.oldest_accepted_at for each in mailboxes if each.oldest_accepted_at), default=None)


def _first_end(mailboxes: Sequence[MailboxRecord]) -> datetime | None:
    return min((each.next_expires_at for each in mailboxes if each.next_expires_at), default=None)


def _said_of_mailboxes(mailboxes: Sequence[MailboxRecord]) -> str:
    oldest, first = _oldest(mailboxes), _first_end(mailboxes)
    since = f", the oldest since {_moment(oldest)}" if oldest else ""
    ends = f", the first until {_moment(first)}" if first else ""
    return f"{sum(each.leased for each in mailboxes)} under lease{since}{ends}"


def _lately(found: Standing) -> list[EventCount]:
    """What somebody should look at and happened within a day."""
    return [each for each in found.warnings if each.last_at is not None and found.at - each.last_at < LATELY]


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
            "overdue": counts.overdue,
            "open_questions": counts.open_questions,
            "waiting_octets": counts.waiting_octets,
            "free_octets": counts.free_octets,
            "log_octets": counts.log_octets,
        },
        "mailboxes": None if found.mailboxes is None else _facts_of(found.mailboxes),
        "disk": found.space
        and {
            "free_octets": found.space.free_octets,
            "total_octets": found.space.total_octets,
            "alarm_fraction": found.marks.alarm,
            "large_message_fraction": found.marks.large,
            "any_message_fraction": found.marks.any,
        },
        "vitals": found.vitals
        and {
            "started_at": _moment(found.vitals.started_at),
            "is_draining": found.vitals.is_draining,
            "connections": found.vitals.connections,
            "requests_in_progress": found.vitals.requests_in_progress,
            "flushes": found.vitals.flushes,
            "flush_p99_seconds": found.vitals.flush_p99_seconds,
            "slowest_flush_seconds": found.vitals.slowest_flush_seconds,
        },
        "warnings": [
            {"event": each.event, "count": each.count, "last_at": each.last_at and _moment(each.last_at)}
            for each in found.warnings
        ],
        "mail": found.mail
        and {
            "waiting": found.mail.waiting,
            "failing": found.mail.failing,
            "oldest_at": found.mail.oldest_at and _moment(found.mail.oldest_at),
            "failure": found.mail.failure,
        },
        "nodes": [
            {
                "name": each.node.name,
                "version": each.node.version,
                "configuration": each.node.configuration,
                "since": _moment(each.since),
                "clock_ahead_seconds": each.clock_ahead.total_seconds(),
                "seen_at": _moment(each.seen_at),
            }
            for each in found.nodes
        ],
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


def _facts_of(mailboxes: Sequence[MailboxRecord]) -> dict[str, object]:
    oldest, first = _oldest(mailboxes), _first_end(mailboxes)
    return {
        "with_messages": sum(1 for each in mailboxes if each.waiting),
        "leased": sum(each.leased for each in mailboxes),
        "oldest_accepted_at": oldest and _moment(oldest),
        "next_expires_at": first and _moment(first),
    }


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
