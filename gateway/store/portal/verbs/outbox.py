"""What waits to be mailed: functions inside a transaction.

`tell` is for whatever changes something: what it queues is there with the change or not at all.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from gateway import failpoints
from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.mail import (
    KINDS,
    SORTS,
    Letter,
    LetterSort,
    MailEvent,
    MailFault,
    MailLine,
    MailStanding,
    NotificationAddress,
    TokenUse,
)
from gateway.store.portal.mail_rules import (
    being_sent,
    blames_address,
    due_from,
    hearers,
    is_over,
    listeners,
    tried_again,
    with_more,
)
from gateway.store.portal.terms import CHARACTERS_OF_A_FAILURE
from gateway.store.portal.tokens import kept_of, new_token
from gateway.store.portal.verbs.records import PortalRows, read_all, read_one, run, write
from gateway.store.rows import optional_datetime, to_microseconds


async def tell(
    transaction: PortalRows,
    event: MailEvent,
    organisation: OrganisationNumber,
    unit: str,
    now: datetime,
    *,
    also: str | None = None,
) -> None:
    """Have a change of a unit, or of the organisation where that is empty, told to all who hear of it, and to the
    address with the id `also`.
    """
    for address in sorted(hearers(await addresses(transaction, organisation), unit, now, also=also)):
        await queue(transaction, event, organisation, unit, address, now)


async def tell_of_messages(
    transaction: PortalRows,
    event: MailEvent,
    organisation: OrganisationNumber,
    unit: str,
    until: datetime,
    now: datetime,
) -> None:
    """Have a message of a unit told to those who want to know of it."""
    for each in listeners(await addresses(transaction, organisation), unit, KINDS[event]):
        await queue(transaction, event, organisation, unit, each.address, now, until=until)


async def queue(
    transaction: PortalRows,
    event: MailEvent,
    organisation: OrganisationNumber,
    unit: str,
    address: str,
    now: datetime,
    *,
    until: datetime | None = None,
    about: str = "",
) -> None:
    """One thing for one address, whoever has it; what waits already and says the same says it once more."""
    sort = SORTS[KINDS[event]]
    line = MailLine(
        number=0,
        organisation=organisation,
        unit=unit,
        address=address,
        sort=sort,
        event=event,
        times=1,
        until=until,
        about=about,
        made_at=now,
        due_at=due_from(sort, await _told_at(transaction, organisation, address), now),
    )
    alike = await read_one(transaction, "mail_line", "mail_line_alike", rows.columns_of(line))
    if alike is None:
        await write(transaction, "mail_line", rows.columns_of(line) | {"number": None})
    else:
        await write(transaction, "mail_line", rows.columns_of(with_more(rows.read_mail_line(alike), line)))
    failpoints.reach("N1.before")


async def take_letter(transaction: PortalRows, now: datetime) -> Letter | None:
    """What is due to one address, leased; what it was told meanwhile puts off what is of messages."""
    while True:
        columns = await read_one(transaction, "mail_line", "mail_line_due", {"at": to_microseconds(now)})
        if columns is None:
            return None
        first = rows.read_mail_line(columns)
        lines = await _together(transaction, first)
        due_at = due_from(first.sort, await _told_at(transaction, first.organisation, first.address), now)
        if due_at <= now:
            break
        for each in lines:
            await write(transaction, "mail_line", rows.columns_of(replace(each, due_at=due_at)))
    letter, token = first.letter or str(uuid.uuid4()), new_token()
    taken = tuple(being_sent(each, letter, now) for each in lines)
    for each in taken:
        await write(transaction, "mail_line", rows.columns_of(each))
    is_to_confirm = first.sort is LetterSort.CONFIRMATION
    if first.sort is not LetterSort.CHANGES:
        use = TokenUse.CONFIRM if is_to_confirm else TokenUse.UNSUBSCRIBE
        columns = {
            "token_sha256": kept_of(token),
            "use": use.value,
            "organisation": rows.write_organisation(first.organisation),
            "address": first.address,
            "about": first.about,
            "made_at": to_microseconds(now),
        }
        await write(transaction, "mail_token", columns)
    failpoints.reach("N2.before")
    return Letter(
        id=letter,
        organisation=first.organisation,
        address=first.address,
        sort=first.sort,
        lines=taken,
        token=token,
    )


async def letter_sent(transaction: PortalRows, letter: Letter, now: datetime) -> None:
    """A server took it: its lines are gone, and what was wrong with the address is. Nothing, where somebody else has
    taken the letter since: it is up to him.
    """
    if not await _still_taken(transaction, letter):
        return
    if await run(transaction, "delete_letter", {"letter": letter.id}) and letter.sort is not LetterSort.CHANGES:
        is_of_messages = letter.sort is LetterSort.MESSAGES
        for each in await _of_letter(transaction, letter):
            told = replace(each, told_at=now if is_of_messages else each.told_at, bounced_at=None, bounce=None)
            await write(transaction, "mail_address", rows.address_columns(told))


async def letter_failed(transaction: PortalRows, letter: Letter, failure: str, fault: MailFault, now: datetime) -> bool:
    """It is tried again later, or never: then its address shows why, where it is to blame. Whether it is over. Nothing,
    where somebody else has taken the letter since.
    """
    said = failure[:CHARACTERS_OF_A_FAILURE]
    lines = await _still_taken(transaction, letter)
    if not any(is_over(each, fault, said, now) for each in lines):
        told_at = await _told_at(transaction, letter.organisation, letter.address)
        for line in lines:
            await write(transaction, "mail_line", rows.columns_of(tried_again(line, fault, said, told_at, now)))
        return False
    await run(transaction, "delete_letter", {"letter": letter.id})
    if blames_address(fault):
        for each in await _of_letter(transaction, letter):
            await write(transaction, "mail_address", rows.address_columns(replace(each, bounced_at=now, bounce=said)))
    return True


async def standing(transaction: PortalRows) -> MailStanding:
    """How much waits."""
    waiting, oldest, due, failing = (await transaction.select("count_mail", {}))[0]
    last = await read_one(transaction, "mail_line", "mail_failed_last", {})
    return MailStanding(
        waiting=waiting,
        oldest_at=optional_datetime(oldest),
        next_at=optional_datetime(due),
        failing=failing,
        failure=None if last is None else last["failure"],
    )


async def addresses(transaction: PortalRows, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
    """All that are kept of an organisation."""
    bindings = {"organisation": rows.write_organisation(organisation)}
    return tuple(
        rows.read_address(each) for each in await read_all(transaction, "mail_address", "mail_addresses", bindings)
    )


async def _together(transaction: PortalRows, first: MailLine) -> list[MailLine]:
    """What goes into one letter: what it said when a server had it before, or all that no server had yet; but what is
    to be confirmed has a link of its own each.
    """
    if first.sort is LetterSort.CONFIRMATION:
        return [first]
    statement = "mail_lines_untried" if first.letter is None else "mail_lines_of_letter"
    found = await read_all(transaction, "mail_line", statement, rows.columns_of(first))
    return [rows.read_mail_line(each) for each in found]


async def _still_taken(transaction: PortalRows, letter: Letter) -> list[MailLine]:
    """What is left of the lines of a letter; none where it was taken again, as from a node that stood still for longer
    than its lease. The number of the attempt is the token of that lease: each taking draws the next.
    """
    found = await read_all(transaction, "mail_line", "mail_lines_of_letter", {"letter": letter.id})
    lines, taken = [rows.read_mail_line(each) for each in found], {each.number: each.attempts for each in letter.lines}
    return lines if all(each.attempts == taken.get(each.number) for each in lines) else []


async def _of_letter(transaction: PortalRows, letter: Letter) -> list[NotificationAddress]:
    found = await addresses(transaction, letter.organisation)
    return [each for each in found if each.address == letter.address and each.removed_at is None]


async def _told_at(transaction: PortalRows, organisation: OrganisationNumber, address: str) -> datetime | None:
    found = (each.told_at for each in await addresses(transaction, organisation) if each.address == address)
    return max((each for each in found if each is not None), default=None)
