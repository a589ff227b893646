"""What `knooppunt org directory` does: reads the address book that the hub issued last, and tells which it is and what
changed in it.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

import click

from gateway.cli.administration import settings_of
from gateway.cli.output import REFUSED, Failure, code_of, print_fields, print_json
from gateway.clock import SystemClock
from gateway.directory.chain import is_to_come
from gateway.directory.changes import BookChange, changes
from gateway.directory.document import BOOK_LIMITS, BookFault, read_signed, read_unverified
from gateway.directory.model import SignedBook
from gateway.jobs.address_book import BEFORE_NAME, FILE_NAME
from gateway.named_file import FileRefused, read_named
from gateway.settings import Settings
from gateway.whole_file import write_whole
from gateway.wiring.own_keys import own_certificates
from pmodes.counting import counted

_TOLD: Final = 40  # changes to a person; --json has all


def tell_directory(settings_file: Path, out: Path | None, as_json: bool) -> None:
    """Tell of the issue that lies in the data directory, and write it to a file where one is named."""
    settings = settings_of(settings_file)
    found = _issued(settings)
    if out is not None:
        write_whole(out, found.octets)
    before = _before(settings, found)
    told = changes(None if before is None else before.book, found.book)
    if as_json:
        print_json(_facts(found, told, out))
        return
    issue = found.book.issue
    print_fields(
        {
            "serial": issue.serial,
            "issued": f"{issue.issued_at:%Y-%m-%d %H:%M:%SZ}{_if_to_come(found)}",
            "valid until": f"{issue.valid_until:%Y-%m-%d %H:%M:%SZ}{_if_over(found)}",
            "sha256": found.sha256,
            "before it": "none" if issue.before is None else f"{issue.before[0]} ({issue.before[1]})",
            "parties": len(found.book.entries),
        }
    )
    _print_changes(before, told)
    if out is not None:
        click.echo(f"\nthe signed file is {out}")


def _print_changes(before: SignedBook | None, told: tuple[BookChange, ...]) -> None:
    if before is None:
        click.echo("\nthe issue before it is not here, so nothing is compared")
        return
    click.echo(f"\nsince {before.book.issue.serial}:" if told else f"\nit says what {before.book.issue.serial} says")
    for each in told[:_TOLD]:
        click.echo(f"  {each.name} ({each.party}) {each.sentence}")
    if len(told) > _TOLD:
        click.echo(f"  and {counted(len(told) - _TOLD, 'change')} more, which --json tells")


def _issued(settings: Settings) -> SignedBook:
    if settings.directory is None:
        raise Failure(
            "the settings have no section [directory], so the hub makes no address book",
            next_step="name a key for it alone, with its certificate, in a section [directory], and start the hub",
        )
    path = settings.data.directory / FILE_NAME
    own, _complaints = own_certificates(settings)
    try:
        octets = read_named(path, most_octets=BOOK_LIMITS.octets)
        return read_signed(octets, tuple(each.certificate for each in own if each.use == "directory"))
    except FileRefused as fault:
        if fault.errno != errno.ENOENT:
            step = fault.remedy
            raise Failure(f"{path}: {fault}", next_step=step, code=code_of(OSError(fault.errno, ""))) from None
        raise Failure(
            f"{path} is not there: the hub has made no address book yet",
            next_step="start the hub, or `knooppunt reload` if it runs; it makes one at once",
        ) from None
    except BookFault as fault:
        raise Failure(
            f"{path}: {fault}",
            next_step="`knooppunt reload` has a hub that runs sign it anew with the key of the settings",
            code=REFUSED,
        ) from None


def _before(settings: Settings, found: SignedBook) -> SignedBook | None:
    """The issue before that one, if that is what lies beside it."""
    try:
        octets = read_named(settings.data.directory / BEFORE_NAME, most_octets=BOOK_LIMITS.octets)
        before = read_unverified(octets)
    except (FileRefused, BookFault):
        return None
    return before if found.book.issue.before == (before.book.issue.serial, before.sha256) else None


def _if_to_come(found: SignedBook) -> str:
    return ", which is still to come, so nobody takes it" if is_to_come(found, SystemClock().now()) else ""


def _if_over(found: SignedBook) -> str:
    return ", which is over" if found.book.issue.valid_until <= SystemClock().now() else ""


def _facts(found: SignedBook, told: tuple[BookChange, ...], out: Path | None) -> dict[str, object]:
    issue = found.book.issue
    return {
        "hub": found.book.hub,
        "serial": issue.serial,
        "issued_at": issue.issued_at,
        "valid_until": issue.valid_until,
        "sha256": found.sha256,
        "before": None if issue.before is None else {"serial": issue.before[0], "sha256": issue.before[1]},
        "parties": len(found.book.entries),
        "changes": [{"party": each.party, "name": each.name, "sentence": each.sentence} for each in told],
        "file": out,
    }
