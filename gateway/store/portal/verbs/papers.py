"""Documents, requests, the notice and the journal: functions inside a transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.mail_rules import told_of_journal, told_of_request
from gateway.store.portal.model import (
    DocumentKind,
    JournalEvent,
    JournalLine,
    KeptDocument,
    PortalNotice,
    PortalRequest,
    RequestKind,
    RequestState,
)
from gateway.store.portal.rules import decided, follows
from gateway.store.portal.terms import (
    JOININGS_OF_NUMBER,
    JOININGS_WAITING,
    OCTETS_OF_A_DOCUMENT,
    OCTETS_OF_A_WISH,
    REQUESTS_OF_A_DAY,
)
from gateway.store.portal.verbs.outbox import queue, tell
from gateway.store.portal.verbs.records import PortalRows, number, read_all, read_one, run, write
from gateway.store.portal.wishes import JoiningWish, read_wish, told_to
from gateway.store.rows import to_microseconds

_NEVER = (1 << 63) - 1
_DAY: Final = timedelta(days=1)


async def note(
    transaction: PortalRows,
    now: datetime,
    organisation: OrganisationNumber,
    unit: str,
    by: str,
    event: JournalEvent,
    about: str,
) -> None:
    """One line of the journal, in the transaction of what it tells; whoever hears of such a change hears it by mail."""
    line = JournalLine(number=0, at=now, organisation=organisation, unit=unit, by=by, event=event, about=about)
    await write(transaction, "journal", rows.columns_of(line))
    told = told_of_journal(event, about)
    if told is not None:
        await tell(transaction, told, organisation, unit, now)


async def journal(
    transaction: PortalRows, organisation: OrganisationNumber, older_than: int | None, limit: int
) -> tuple[JournalLine, ...]:
    """Newest first."""
    bindings = {
        "organisation": rows.write_organisation(organisation),
        "older_than": _NEVER if older_than is None else older_than,
        "limit": limit,
    }
    return tuple(rows.read_line(each) for each in await read_all(transaction, "journal", "journal", bindings))


async def keep_document(transaction: PortalRows, document: KeptDocument, now: datetime) -> bool:
    """The version after the newest."""
    if not await may_keep(transaction, document):
        return False
    await write(transaction, "document", rows.columns_of(document) | {"kept_at": to_microseconds(now)})
    if document.kind is DocumentKind.KNOWN:  # changes with each address book, and nobody reads what was known before
        organisation = rows.write_organisation(document.organisation)
        await run(
            transaction,
            "forget_known",
            {"organisation": organisation, "unit": document.unit, "below": document.counter},
        )
        return True
    about = f"{document.kind} {document.counter}"
    await note(
        transaction, now, document.organisation, document.unit, document.kept_by, JournalEvent.DOCUMENT_KEPT, about
    )
    return True


async def may_keep(transaction: PortalRows, document: KeptDocument) -> bool:
    """Whether this is the version after the newest, and none too long."""
    if max(len(document.octets), len(document.signature)) > OCTETS_OF_A_DOCUMENT:
        return False
    return follows(document, await find_document(transaction, document.kind, document.organisation, document.unit))


async def find_document(
    transaction: PortalRows, kind: DocumentKind, organisation: OrganisationNumber, unit: str
) -> KeptDocument | None:
    """The newest version."""
    bindings = {"kind": kind.value, "organisation": rows.write_organisation(organisation), "unit": unit}
    columns = await read_one(transaction, "document", "document", bindings)
    return None if columns is None else rows.read_document(columns)


async def documents(
    transaction: PortalRows, kind: DocumentKind, organisation: OrganisationNumber, unit: str
) -> tuple[KeptDocument, ...]:
    """All versions, newest first."""
    bindings = {"kind": kind.value, "organisation": rows.write_organisation(organisation), "unit": unit}
    return tuple(rows.read_document(each) for each in await read_all(transaction, "document", "documents", bindings))


async def forget_rosters_since(
    transaction: PortalRows, organisation: OrganisationNumber, unit: str, since: datetime
) -> None:
    """The rosters of a unit from that moment on."""
    named = {"organisation": rows.write_organisation(organisation), "unit": unit}
    await run(transaction, "forget_rosters_since", named | {"since": to_microseconds(since)})


async def submit(transaction: PortalRows, request: PortalRequest) -> None:
    """A new request."""
    await write(transaction, "request", rows.columns_of(request))
    if request.kind is RequestKind.JOINING:
        return
    event = JournalEvent.REQUEST_SUBMITTED
    await note(transaction, request.asked_at, request.organisation, request.unit, request.asked_by, event, request.id)
    also = told_to(request.kind, request.about)
    await tell(transaction, told_of_request(request), request.organisation, request.unit, request.asked_at, also=also)


async def ask_for(
    transaction: PortalRows,
    kind: RequestKind,
    about: str,
    organisation: OrganisationNumber,
    unit: str,
    by: str,
    now: datetime,
) -> PortalRequest | None:
    """A request for anything but keys, which is not asked twice while it waits."""
    if len(about.encode()) > OCTETS_OF_A_WISH:
        return None
    waiting = await requests(transaction, organisation, (RequestState.SUBMITTED,))
    wish = read_wish(kind, about)
    if any((each.kind, each.unit) == (kind, unit) and read_wish(kind, each.about) == wish for each in waiting):
        return None
    of = {"organisation": rows.write_organisation(organisation), "after": to_microseconds(now - _DAY)}
    if kind is RequestKind.JOINING:
        of_number = sum(each.kind is RequestKind.JOINING for each in waiting)
        if of_number >= JOININGS_OF_NUMBER or await number(transaction, "count_joinings", {}) >= JOININGS_WAITING:
            raise TooManyOpen("requests to take part")
    elif await number(transaction, "count_wishes", of) >= REQUESTS_OF_A_DAY:
        raise TooManyOpen("requests")
    request = PortalRequest(
        id=str(uuid.uuid4()), kind=kind, organisation=organisation, unit=unit, asked_by=by, about=about, asked_at=now
    )
    await submit(transaction, request)
    return request


async def grant(
    transaction: PortalRows,
    request_id: str,
    by: str,
    now: datetime,
    stranger_hears: MailEvent | None,
    about: str | None,
) -> bool:
    """What it asks for, or is `about` from now on, is in force; keys come into force by themselves."""
    request = await find_request(transaction, request_id)
    if request is None or request.kind.is_for_keys:
        return False
    granted = request if about is None else replace(request, about=about)
    return await decide(transaction, granted, RequestState.APPROVED, by, None, now, stranger_hears)


async def requests(
    transaction: PortalRows, organisation: OrganisationNumber | None, states: Collection[RequestState]
) -> tuple[PortalRequest, ...]:
    """Newest first."""
    bindings = {
        "organisation": None if organisation is None else rows.write_organisation(organisation),
        "states": json.dumps(sorted(each.value for each in states)),
    }
    return tuple(rows.read_request(each) for each in await read_all(transaction, "request", "requests", bindings))


async def find_request(transaction: PortalRows, request_id: str) -> PortalRequest | None:
    """One request."""
    columns = await read_one(transaction, "request", "request_by_id", {"id": request_id})
    return None if columns is None else rows.read_request(columns)


async def open_request_about(transaction: PortalRows, about: str) -> PortalRequest | None:
    """What still has to be decided about something."""
    columns = await read_one(transaction, "request", "open_request_about", {"about": about})
    return None if columns is None else rows.read_request(columns)


async def begin_approval(transaction: PortalRows, request_id: str, party: str | None, now: datetime) -> bool:
    """The operator's yes is being carried out."""
    request = await find_request(transaction, request_id)
    if request is None or request.state is not RequestState.SUBMITTED:
        return False
    if (
        party is not None and request.kind is RequestKind.JOINING
    ):  # what it wrote is found by it, should it be cut short
        await write(transaction, "request", rows.columns_of(replace(request, unit=party)))
    if not await is_being_approved(transaction, request_id):
        await write(transaction, "approving", {"request": request_id, "since": to_microseconds(now)})
    return True


async def end_approval(transaction: PortalRows, request_id: str) -> None:
    """Nothing of it was put in force."""
    await run(transaction, "delete_approving", {"request": request_id})
    request = await find_request(transaction, request_id)
    if request is not None and request.kind is RequestKind.JOINING and request.state is RequestState.SUBMITTED:
        await write(transaction, "request", rows.columns_of(replace(request, unit="")))


async def is_being_approved(transaction: PortalRows, request_id: str) -> bool:
    """Whether nobody but the operator decides it now."""
    return await read_one(transaction, "approving", "approving", {"request": request_id}) is not None


async def all_being_approved(transaction: PortalRows) -> frozenset[str]:
    """The ids of those that nobody but the operator decides now."""
    return frozenset(each["request"] for each in await read_all(transaction, "approving", "all_approving", {}))


async def decide(
    transaction: PortalRows,
    request: PortalRequest,
    state: RequestState,
    by: str,
    reason: str | None,
    now: datetime,
    stranger_hears: MailEvent | None = None,
) -> bool:
    """Its decision, once. Who asked to take part is written to only then: before, anybody could have any address
    written to.
    """
    after = decided(request, state, by, reason, now)
    if after is None:
        return False
    await write(transaction, "request", rows.columns_of(after))
    await run(transaction, "delete_approving", {"request": request.id})
    if request.kind is RequestKind.JOINING:
        wish = read_wish(request.kind, request.about)
        if isinstance(wish, JoiningWish) and stranger_hears is not None:
            await queue(transaction, stranger_hears, request.organisation, "", wish.email, now)
        return True
    await note(transaction, now, request.organisation, request.unit, by, JournalEvent.REQUEST_DECIDED, request.id)
    also = told_to(request.kind, request.about)
    await tell(transaction, told_of_request(after), request.organisation, request.unit, now, also=also)
    return True


async def set_notice(transaction: PortalRows, notice: PortalNotice | None) -> None:
    """In the place of what stood there."""
    if notice is None:
        await run(transaction, "delete_notice", {})
    else:
        await write(transaction, "notice", rows.columns_of(notice) | {"only_one": 1})


async def find_notice(transaction: PortalRows, now: datetime) -> PortalNotice | None:
    """What stands above the pages now."""
    columns = await read_one(transaction, "notice", "notice", {"at": to_microseconds(now)})
    return None if columns is None else rows.read_notice(columns)
