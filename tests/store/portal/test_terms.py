"""Every table has a term: what is over goes with the next purge, what is not stays, and nothing is left on the disk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.engines import PortalPlace, SqlitePlace
from support.portal.portal_samples import (
    ADMINISTRATOR,
    ISSUER,
    ORGANISATION,
    OTHER_ORGANISATION,
    OTHER_UNIT,
    UNIT,
    begun,
    copy,
    counting,
    document,
    handling,
    key,
    key_set,
    lock,
    login,
    paired,
)

from gateway.identity.login import LoginKind
from gateway.store.portal import terms
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import UNSUBSCRIBABLE, WatchedMessage
from gateway.store.portal.model import OPERATOR, LockKind, PortalNotice, RequestState
from gateway.store.portal.verbs import forgetting

SECOND = timedelta(seconds=1)


async def some_session(portal: PortalStore, _clock: StandingClock) -> None:
    await begun(portal, await portal.find_or_make_person(key(1)))


async def some_login(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.open_login(login())


async def some_assertion(portal: PortalStore, clock: StandingClock) -> None:
    await portal.note_assertion(ISSUER, "_a", forget_at=clock.now() + timedelta(days=400))


async def some_wrong_code(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.link_by_code("wrong", organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)


async def some_ceremony(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="b", said=b"1")


async def some_notice(portal: PortalStore, clock: StandingClock) -> None:
    await portal.set_notice(PortalNotice(text="x", until=clock.now() + timedelta(days=1)))


async def some_metadata(portal: PortalStore, clock: StandingClock) -> None:
    await portal.rely_on_metadata(ISSUER, clock.now() + timedelta(days=7))


async def some_journal(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.find_or_make_person(key(1))
    await portal.keep_document(document(1, b"one"))


async def some_ended_link(portal: PortalStore, _clock: StandingClock) -> None:
    person = await paired(portal)
    await portal.unlink(person.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)


async def some_person(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.find_or_make_person(key(1))


async def some_uncounted_lock(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.add_lock(lock(await paired(portal)))


async def some_decided_request(portal: PortalStore, _clock: StandingClock) -> None:
    request = await portal.propose_key_set(key_set(await paired(portal)), [])
    assert request is not None
    await portal.decide_request(request.id, RequestState.REFUSED, by=OPERATOR)


async def some_begun_approval(portal: PortalStore, _clock: StandingClock) -> None:
    request = await portal.propose_key_set(key_set(await paired(portal)), [])
    assert request is not None
    await portal.begin_approval(request.id)


async def some_document(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.keep_document(document(1, b"one"))


async def some_copies(portal: PortalStore, _clock: StandingClock) -> None:
    """Of a sheet, which stays as long as anybody of the organisation is known."""
    person = await paired(portal)
    sheet = await counting(portal, person, kind=LockKind.SHEET)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, sheet)])
    await portal.activate_key_set(keys.id, by=OPERATOR)


async def some_address(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.add_address(
        "post@example.nl", organisation=ORGANISATION, unit=UNIT, kinds=UNSUBSCRIBABLE, by=ADMINISTRATOR
    )


async def some_letter(portal: PortalStore, clock: StandingClock) -> None:
    await some_address(portal, clock)
    assert await portal.take_letter() is not None


async def some_watched_message(portal: PortalStore, clock: StandingClock) -> None:
    watched = WatchedMessage(
        message_id="m@hub", unit=UNIT, organisation=ORGANISATION, look_at=clock.now(), reminded=False
    )
    await portal.note_arrivals(await portal.arrivals_seen(), 1, [(watched, clock.now())])


async def some_administrator(portal: PortalStore, _clock: StandingClock) -> None:
    await begun(portal, await portal.find_or_make_person(key(1)), kind=LoginKind.ADMINISTRATOR)


async def some_handling(portal: PortalStore, _clock: StandingClock) -> None:
    await portal.note_handlings([handling()])


Making = Callable[[PortalStore, StandingClock], Awaitable[None]]
# table -> what makes a row of it, and how long that row stays
TABLES: Mapping[str, tuple[Making, timedelta]] = {
    "session": (some_session, terms.SESSION_IDLE),
    "open_login": (some_login, terms.LOGIN_OPEN),
    "assertion": (some_assertion, terms.ASSERTION_LONGEST),
    "wrong_code": (some_wrong_code, terms.PAIRING_TRIES_WITHIN),
    "ceremony": (some_ceremony, terms.CEREMONY_OPEN),
    "notice": (some_notice, timedelta(days=1)),
    "broker_metadata": (some_metadata, timedelta(days=7)),
    "journal": (some_journal, terms.MEMORY),
    "administrator": (some_administrator, terms.DORMANT),
    "handling": (some_handling, terms.MEMORY),
    "link": (some_ended_link, terms.MEMORY),
    "person": (some_person, terms.DORMANT),
    "lock": (some_uncounted_lock, terms.LOCK_UNCOUNTED),
    "request": (some_decided_request, terms.MEMORY),
    "key_set": (some_decided_request, terms.MEMORY),
    "document": (some_document, terms.MEMORY),
    "wrapped_copy": (some_copies, terms.DORMANT),
    "approving": (some_begun_approval, terms.REQUEST_UNDECIDED),
    "mail_address": (some_address, terms.MAIL_UNCONFIRMED),
    "mail_line": (some_address, terms.MAIL_WAITS),
    "mail_token": (some_letter, terms.MAIL_UNCONFIRMED),
    "watched_message": (some_watched_message, terms.WATCHED_STAYS),
    "arrivals": (some_watched_message, terms.WATCHED_STAYS),
}


async def test_every_table_has_a_term(portal: PortalStore, place: PortalPlace) -> None:
    assert (await place.count_rows()).keys() == TABLES.keys()


@pytest.mark.parametrize("table", TABLES)
async def test_a_row_stays_until_its_term_is_over(
    portal: PortalStore, clock: StandingClock, place: PortalPlace, table: str
) -> None:
    make, term = TABLES[table]
    await make(portal, clock)
    clock.move(term - SECOND)
    await portal.purge()
    assert (await place.count_rows())[table] == 1
    clock.move(SECOND)
    assert await portal.purge() >= 1
    assert (await place.count_rows())[table] == 0


async def test_after_all_terms_nothing_is_left_of_anybody(
    portal: PortalStore, clock: StandingClock, place: PortalPlace
) -> None:
    for make, _ in TABLES.values():
        await make(portal, clock)
    clock.move(terms.DORMANT)
    await portal.purge()
    clock.move(terms.MEMORY)  # what ended with the last person is remembered for as long
    await portal.purge()
    assert set((await place.count_rows()).values()) == {0}


async def test_a_link_that_is_used_does_not_end(portal: PortalStore, clock: StandingClock) -> None:
    person = await paired(portal)
    for _ in range(3):
        clock.move(terms.DORMANT - SECOND)
        await portal.find_or_make_person(key(1))
        await portal.purge()
    assert await portal.is_linked(person.id, UNIT)


async def test_who_is_dormant_leaves_the_sheet_of_the_unit_in_its_safe(
    portal: PortalStore, clock: StandingClock
) -> None:
    dormant, colleague = await paired(portal, 1), await paired(portal, 2)
    own, sheet = await counting(portal, dormant), await counting(portal, dormant, kind=LockKind.SHEET)
    keys = key_set(colleague)
    await portal.propose_key_set(keys, [copy(keys, own), copy(keys, sheet)])
    await portal.activate_key_set(keys.id, by=OPERATOR)
    clock.move(terms.DORMANT - SECOND)
    await portal.find_or_make_person(key(2))
    clock.move(SECOND)
    await portal.purge()
    assert [each.id for each in await portal.locks(UNIT)] == [sheet.id]
    assert [each.lock for each in await portal.copies(UNIT)] == [sheet.id]
    assert [each.id for each in await portal.persons(ORGANISATION)] == [colleague.id]


async def test_the_newest_version_stays_and_the_one_before_goes_in_its_time(
    portal: PortalStore, clock: StandingClock
) -> None:
    await portal.keep_document(document(1, b"one"))
    clock.move(terms.MEMORY)
    await portal.find_or_make_person(key(1))
    await portal.keep_document(document(2, b"two", b"one"))
    await portal.purge()
    newest, before = await portal.documents(document(1, b"").kind, organisation=ORGANISATION)
    assert (newest.counter, before.counter) == (2, 1)
    clock.move(terms.MEMORY - SECOND)
    await portal.find_or_make_person(key(1))
    clock.move(SECOND)
    await portal.purge()
    assert await portal.documents(newest.kind, organisation=ORGANISATION) == (newest,)


async def test_a_request_that_nobody_decides_is_withdrawn_with_its_set(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    request = await portal.propose_key_set(key_set(person), [])
    assert request is not None
    clock.move(terms.REQUEST_UNDECIDED)
    await portal.purge()
    found = await portal.find_request(request.id)
    assert found is not None
    assert (found.state, found.decided_by) == (RequestState.WITHDRAWN, OPERATOR)


async def test_what_is_of_others_stays(portal: PortalStore, clock: StandingClock) -> None:
    other = await portal.find_or_make_person(key(1, OTHER_ORGANISATION))
    await counting(portal, other, OTHER_UNIT, organisation=OTHER_ORGANISATION, kind=LockKind.SHEET)
    await some_copies(portal, clock)
    clock.move(terms.DORMANT - SECOND)
    await portal.find_or_make_person(key(1, OTHER_ORGANISATION))
    clock.move(SECOND)
    await portal.purge()
    assert await portal.locks(UNIT) == ()
    assert len(await portal.locks(OTHER_UNIT)) == 1


async def test_nothing_goes_while_the_time_is_suspect(portal: PortalStore, clock: StandingClock) -> None:
    async def no() -> bool:
        return False

    await portal.open_login(login())
    clock.move(terms.LOGIN_OPEN)
    assert await portal.purge(trusted=no) == 0
    assert await portal.purge() == 1


async def test_more_than_one_batch_goes_with_one_purge(portal: PortalStore, clock: StandingClock) -> None:
    many = forgetting.BATCH + 5
    for number in range(many):
        await portal.note_assertion(ISSUER, str(number), forget_at=clock.now() + SECOND)
    clock.move(SECOND)
    assert await portal.purge() == many


async def test_what_was_wrapped_for_a_leaver_is_not_on_the_disk_any_more_PO_28(
    clock: StandingClock, tmp_path: Path
) -> None:
    """By SQLite: what was deleted a server of PostgreSQL keeps until it writes there anew, as its docs and ours say."""
    portal = await SqlitePlace(folder=tmp_path).open(clock)
    person = await paired(portal)
    own, keys = await counting(portal, person), key_set(person)
    wrapped = b"wrapped for the leaver " * 200
    await portal.propose_key_set(keys, [copy(keys, own, wrapped)])
    assert wrapped[:23] in whole(tmp_path)
    await portal.unlink(person.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    await portal.purge()
    assert wrapped[:23] not in whole(tmp_path)
    await portal.aclose()


def whole(folder: Path) -> bytes:
    """All octets of the portal's files."""
    return b"".join(each.read_bytes() for each in folder.iterdir() if each.name.startswith("portal.db"))
