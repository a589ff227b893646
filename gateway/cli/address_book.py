"""What `knooppunt directory` does: fetches the address book, lists it, takes a person's word, vouches for a
certificate.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from crypto.certificates import (
    Certificate,
    CertificateUsage,
    certificate_objection,
    load_certificates,
    thumbprint_sha256,
)
from crypto.elements import base64_text
from crypto.endorsements import endorse
from crypto.faults import UnusableCredential
from gateway.cli import deed
from gateway.cli.book_not_fetched import failed_pulls, not_fetched, not_taken
from gateway.cli.output import (
    USAGE,
    Failure,
    command_line,
    print_fields,
    print_json,
    print_table,
)
from gateway.cli.participant import book_folder, book_told, desk, fingerprint, participant_of
from gateway.client.address_book import NAME_THE_KEY, NAMES_NO_KEY, KeptBook, KeptBookFault, held, keep, load_kept
from gateway.client.fetching_book import BookNotFetched, BookNotTaken, FetchedBook, fetch_address_book
from gateway.client.participant import Participant
from gateway.client.retry import RetryPolicy
from gateway.directory.chain import SKEW
from gateway.directory.changes import told_version
from gateway.directory.model import AddressBook, Entry
from gateway.directory.trust import TakenCertificate, WaitingCertificate, accept, waiting
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from pmodes.counting import counted
from pmodes.term import local_day

_USAGES: Final[dict[str, CertificateUsage]] = {"signing": "signing", "encryption": "encryption"}
_TOLD: Final = 20  # changes and certificates to a person; --json has all


def fetch_book(folder: Path, *, anew: bool, retries: int, as_json: bool) -> None:
    """Fetch the address book as the participant of the folder, and tell what came of it."""
    found, concerns = asyncio.run(_fetch(folder, anew, RetryPolicy(first_seconds=1.0, retries=retries), quiet=as_json))
    deed.is_done()
    step = _accept_step(folder, found.waiting)
    if as_json:
        print_json(_fetched_facts(found), next_step="\n  ".join(filter(None, (*concerns, step))))
        return
    issue = found.signed.book.issue
    print_fields(
        {
            "serial": issue.serial,
            "issued": f"{issue.issued_at:%Y-%m-%d %H:%M:%SZ}",
            "valid until": f"{issue.valid_until:%Y-%m-%d %H:%M:%SZ}",
            "sha256": found.signed.sha256,
            "parties": len(found.signed.book.entries),
        }
    )
    _print_some([f"{each.name} ({each.party}) {each.sentence}" for each in found.changes])
    for concern in concerns:
        click.echo(f"knooppunt: {concern}", err=True)
    for each in found.waiting:
        click.echo(f"knooppunt: {_told_waiting(each)}", err=True)
    if step:
        click.echo(f"  {step}", err=True)


def list_book(folder: Path, module: str | None, as_json: bool) -> None:
    """Print who stands in the book that is kept."""
    participant = participant_of(folder)
    kept = _kept(folder, participant)
    book, today = _book(kept, folder), local_day(datetime.now(UTC))
    entries = [
        each
        for each in book.entries
        if module is None or any(one.module == module and one.is_active(today) for one in each.versions)
    ]
    if as_json:
        print_json(
            {
                "serial": book.issue.serial,
                "valid_until": book.issue.valid_until,
                "parties": [_entry_facts(each) for each in entries],
                "waiting": [_waiting_facts(each) for each in waiting(book, kept.known)],
            },
            next_step=if_untimely(book, folder, datetime.now(UTC)),
        )
        return
    print_table(
        "",
        ("name", "party id", "unit of", "roles", "modules", "collectief"),
        [
            (
                each.name,
                each.party,
                each.unit_of and each.unit_of[0],
                ", ".join(each.roles),
                "\n".join(map(told_version, each.versions)),
                "yes" if each.collectief else "",
            )
            for each in entries
        ],
        empty="nobody in the address book has that module" if module else "the address book is empty",
    )
    if step := if_untimely(book, folder, datetime.now(UTC)):
        click.echo(f"knooppunt: {step}", err=True)


def accept_party(folder: Path, party: str, *, yes: bool, as_json: bool) -> None:
    """Take what waits for a party, after a person said yes."""
    participant = participant_of(folder)
    kept = _kept(folder, participant)
    book = _book(kept, folder)
    entry = book.entry(party)
    if entry is None:
        raise Failure(f"{party} is not in the address book", next_step=_list_step(folder))
    waits = [each for each in waiting(book, kept.known) if each.entry is entry]
    if not waits:
        raise Failure(
            f"nothing waits for {entry.name} ({entry.party})",
            next_step="there is nothing to do: its certificates are known",
        )
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise Failure(
                "\n  ".join(_told_waiting(each) for each in waits),
                next_step="compare the fingerprints with what that party says itself, then give the command with --yes",
                code=USAGE,
                facts=_accepted_facts(entry, (), waits),
            )
        for each in waits:
            click.echo(_told_waiting(each))
        click.confirm("did you compare these with what that party says itself?", abort=True)
    with held(book_folder(folder)):
        kept = _kept(folder, participant)  # that may take a telephone call, in which an issue may have been fetched
        if _book(kept, folder) != book:
            raise Failure(
                "another address book was fetched meanwhile, and nothing was taken from either",
                next_step="give the command again, and compare what it shows then",
            )
        known, taken = accept(book, kept.known, entry.party)
        keep(book_folder(folder), KeptBook(signed=kept.signed, known=known), participant)
    if as_json:
        print_json(_accepted_facts(entry, taken, ()))
        return
    for one in taken:
        click.echo(
            f"{entry.name} ({entry.party}): {one.listed.usage} {fingerprint(one.listed.certificate)} is known now"
        )


def endorse_certificate(folder: Path, file: Path, party: str | None, use: str, as_json: bool) -> None:
    """Print the signature by which today's key vouches for a certificate."""
    participant, usage = participant_of(folder), _USAGES[use]
    own = {each.value for each in participant.party_ids}
    whose = party or participant.party
    if whose not in own and whose.partition(":")[0] not in own:
        raise Failure(f"{whose} is neither you nor a business unit of yours", code=USAGE)
    certificate = _certificate(file)
    objection = certificate_objection(certificate, certificate.not_valid_before_utc, usage=usage)
    if objection is not None:
        raise Failure(f"{file}: {objection}", next_step="name the certificate that is to come next", code=USAGE)
    said = base64_text(endorse(certificate, party=whose, usage=usage, key=participant.signing_key))
    facts = {
        "party": whose,
        "use": usage,
        "certificate": thumbprint_sha256(certificate).hex(),
        "endorsement": said,
    }
    step = "give this to the hub's operator with the certificate: it stands beside it in your file, as `endorsement`"
    if as_json:
        print_json(facts, next_step=step)
        return
    click.echo(said)
    click.echo(f"  {step}", err=True)


async def _fetch(folder: Path, anew: bool, retry: RetryPolicy, *, quiet: bool) -> tuple[FetchedBook, tuple[str, ...]]:
    """The book, and what a person has to know besides."""
    async with desk(folder, quiet=quiet) as at:
        if not at.participant.hub_directory:
            raise Failure(NAMES_NO_KEY, next_step=NAME_THE_KEY, code=USAGE)
        own = participant_of(folder)  # without what the book said before
        try:
            found = await fetch_address_book(
                own,
                folder=book_folder(folder),
                outbox=at.outbox,
                inbox=at.inbox,
                means=at.means,
                retry=retry,
                pull_retry=retry,
                anew=anew,
            )
            failed = failed_pulls(found.pulled, own)
            beside = () if failed is None else (f"beside the address book: {failed.sentence}\n  {failed.next_step}",)
            return found, (*own.concerns, *beside)
        except BookNotFetched as fault:
            held_back = await at.inbox.not_taken(at=at.means.clock.now())
            raise not_fetched(fault, own, held_back) from None
        except BookNotTaken as fault:
            raise not_taken(fault, folder, own) from None
        except KeptBookFault as fault:
            raise book_told(fault, folder) from None


def _kept(folder: Path, participant: Participant) -> KeptBook:
    try:
        return load_kept(book_folder(folder), participant)
    except KeptBookFault as fault:
        raise book_told(fault, folder) from None


def _book(kept: KeptBook, folder: Path) -> AddressBook:
    if kept.book is None:
        fetch = command_line("knooppunt", "directory", "fetch", "--as", folder)
        raise Failure("no address book is here yet", next_step=f"`{fetch}` gets it from the hub")
    return kept.book


def _certificate(file: Path) -> Certificate:
    try:
        (certificate,) = load_certificates(read_named(file, most_octets=KEY_OCTETS))
    except FileRefused as fault:
        raise Failure(f"{file}: {fault.told}", code=USAGE) from None
    except UnusableCredential as fault:
        raise Failure(f"{file}: {fault}", next_step="name a certificate in PEM or DER form", code=USAGE) from None
    except ValueError:
        raise Failure(f"{file}: holds several certificates", next_step="name a file with one", code=USAGE) from None
    return certificate


def _accept_step(folder: Path, waits: Sequence[WaitingCertificate]) -> str:
    parties = list(dict.fromkeys(each.entry.party for each in waits))
    if not parties:
        return ""
    accepts = command_line("knooppunt", "directory", "accept", parties[0], "--as", folder)
    more = f", and so for {counted(len(parties) - 1, 'other')}" if len(parties) > 1 else ""
    return f"compare the fingerprint with what that party says itself, then `{accepts}`{more}"


def _list_step(folder: Path) -> str:
    return f"`{command_line('knooppunt', 'directory', 'list', '--as', folder)}` names who is"


def if_untimely(book: AddressBook, folder: Path, now: datetime) -> str:
    """What to do about a book that is over, or that is of a moment to come; empty for any other."""
    fetch = command_line("knooppunt", "directory", "fetch", "--as", folder)
    if book.issue.issued_at > now + SKEW:  # it was taken by a clock that was ahead like the hub's
        issued = f"{book.issue.issued_at:%Y-%m-%d %H:%M:%SZ}"
        return f"this was issued at {issued}, which is still to come; `{fetch}` gets the one of now"
    if book.issue.valid_until > now:
        return ""
    return f"this was valid until {book.issue.valid_until:%Y-%m-%d %H:%M:%SZ}; `{fetch}` gets the one of now"


def _told_waiting(each: WaitingCertificate) -> str:
    known = ", ".join(map(fingerprint, each.known)) or "none of its own"
    return (
        f"{each.entry.name} ({each.entry.party}) has another certificate for {each.listed.usage}, for which nobody"
        f" vouches:\n    known  {known}\n    new    {fingerprint(each.listed.certificate)}"
    )


def _print_some(lines: Sequence[str]) -> None:
    for each in lines[:_TOLD]:
        click.echo(f"  {each}")
    if len(lines) > _TOLD:
        click.echo(f"  and {counted(len(lines) - _TOLD, 'change')} more, which --json tells")


def _fetched_facts(found: FetchedBook) -> dict[str, object]:
    issue = found.signed.book.issue
    return {
        "serial": issue.serial,
        "issued_at": issue.issued_at,
        "valid_until": issue.valid_until,
        "sha256": found.signed.sha256,
        "parties": len(found.signed.book.entries),
        "changes": [{"party": each.party, "name": each.name, "sentence": each.sentence} for each in found.changes],
        "taken": [_taken_facts(each) for each in found.taken],
        "waiting": [_waiting_facts(each) for each in found.waiting],
    }


def _accepted_facts(
    entry: Entry, taken: Sequence[TakenCertificate], waits: Sequence[WaitingCertificate]
) -> dict[str, object]:
    return {
        "party": entry.party,
        "name": entry.name,
        "taken": [_taken_facts(each) for each in taken],
        "waiting": [_waiting_facts(each) for each in waits],
    }


def _taken_facts(each: TakenCertificate) -> dict[str, object]:
    return {
        "party": each.entry.party,
        "use": each.listed.usage,
        "certificate": thumbprint_sha256(each.listed.certificate).hex(),
        "why": each.why,
    }


def _waiting_facts(each: WaitingCertificate) -> dict[str, object]:
    return {
        "party": each.entry.party,
        "use": each.listed.usage,
        "certificate": thumbprint_sha256(each.listed.certificate).hex(),
        "known": [thumbprint_sha256(one).hex() for one in each.known],
    }


def _entry_facts(entry: Entry) -> dict[str, object]:
    return {
        "name": entry.name,
        "party": entry.party,
        "unit_of": None if entry.unit_of is None else {"name": entry.unit_of[0], "party": entry.unit_of[1]},
        "roles": list(entry.roles),
        "access": entry.access,
        "collectief": entry.collectief,
        "acts_for": list(entry.acts_for),
        "modules": [
            {
                "name": each.module,
                "version": each.version,
                "begins": None if each.begins is None else each.begins.isoformat(),
                "ends": None if each.ends is None else each.ends.isoformat(),
            }
            for each in entry.versions
        ],
        "certificates": [
            {
                "use": each.usage,
                "certificate": thumbprint_sha256(each.certificate).hex(),
                "begins_at": each.begins_at,
                "ends_at": each.ends_at,
            }
            for each in entry.certificates
        ],
    }
