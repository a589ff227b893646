"""Who is told of what by mail, and what waits to be sent: queued with what it tells, sent once, tried again (PO-67)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support.clocks import StandingClock
from support.portal.engines import OpenPortal
from support.portal.mail_samples import DESK, FORENOON, OFFICE, all_letters, arrives, asked, counting_address
from support.portal.portal_samples import (
    ADMINISTRATOR,
    ORGANISATION,
    OTHER_ORGANISATION,
    OTHER_UNIT,
    UNIT,
    copy,
    counting,
    document,
    key_set,
    paired,
)

from gateway.store.portal import terms
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import AddressRefusal, Letter, LetterSort, MailEvent, MailFault, MailKind, TokenUse
from gateway.store.portal.model import OPERATOR, JournalEvent, RequestState

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def by_day(clock: StandingClock) -> None:
    clock.move(FORENOON - clock.now())


def told(letters: list[Letter]) -> set[tuple[str, MailEvent]]:
    return {(each.address, line.event) for each in letters for line in each.lines}


async def test_an_address_counts_once_its_link_was_opened(portal: PortalStore) -> None:
    await asked(portal)
    letter = await portal.take_letter()
    assert letter is not None
    assert (letter.address, letter.sort, [each.event for each in letter.lines]) == (
        DESK,
        LetterSort.CONFIRMATION,
        [MailEvent.CONFIRMATION],
    )
    opened = await portal.open_link(letter.token)
    assert opened is not None
    assert (opened.token.use, opened.counts, opened.units) == (TokenUse.CONFIRM, False, (UNIT,))
    assert [each.counts_since for each in await portal.addresses(ORGANISATION)] == [None]
    assert await portal.confirm_address(letter.token)
    assert [each.counts_since for each in await portal.addresses(ORGANISATION)] == [FORENOON]
    assert [each.event for each in await portal.journal(ORGANISATION)][:2] == [
        JournalEvent.ADDRESS_COUNTS,
        JournalEvent.ADDRESS_ADDED,
    ]


async def test_an_address_that_does_not_count_hears_nothing(portal: PortalStore, clock: StandingClock) -> None:
    await asked(portal)
    await all_letters(portal)
    await arrives(portal, clock.now())
    await paired(portal)
    assert await all_letters(portal) == []


async def test_a_link_opens_nothing_else_and_nothing_after_its_days(portal: PortalStore, clock: StandingClock) -> None:
    await asked(portal)
    letter = await portal.take_letter()
    assert letter is not None
    assert await portal.open_link("another") is None
    assert not await portal.unsubscribe(letter.token, [MailKind.NEW])
    clock.move(terms.MAIL_UNCONFIRMED)
    assert await portal.open_link(letter.token) is None
    assert not await portal.confirm_address(letter.token)


async def test_an_address_that_was_removed_is_not_confirmed(portal: PortalStore) -> None:
    made = await asked(portal)
    letter = await portal.take_letter()
    assert letter is not None
    assert await portal.remove_address(made.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    assert await portal.open_link(letter.token) is None
    assert not await portal.confirm_address(letter.token)


async def test_an_address_stands_once_at_a_unit(portal: PortalStore) -> None:
    await counting_address(portal)
    again = await portal.add_address(DESK, organisation=ORGANISATION, unit=UNIT, kinds=(), by=ADMINISTRATOR)
    assert again is AddressRefusal.THERE
    await asked(portal, unit=OTHER_UNIT)


async def test_so_many_addresses_are_asked_in_a_day(portal: PortalStore, clock: StandingClock) -> None:
    for number in range(terms.ADDRESSES_OF_A_DAY):
        made = await asked(portal, f"a{number}@example.nl")
        await portal.remove_address(made.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    refused = await portal.add_address(DESK, organisation=ORGANISATION, unit=UNIT, kinds=(), by=ADMINISTRATOR)
    assert refused is AddressRefusal.TOO_MANY
    await asked(portal, organisation=OTHER_ORGANISATION)
    clock.move(timedelta(days=1))
    await asked(portal)


async def test_an_address_of_another_organisation_is_none(portal: PortalStore) -> None:
    made = await counting_address(portal)
    assert not await portal.remove_address(made.id, organisation=OTHER_ORGANISATION, by=ADMINISTRATOR)
    assert await portal.addresses(OTHER_ORGANISATION) == ()
    assert await portal.addresses(ORGANISATION) == (made,)


async def test_new_messages_of_a_unit_are_one_letter_with_their_first_term(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await counting_address(portal, "other@organisatie.example", unit=OTHER_UNIT)
    for number, days in ((1, 6), (2, 4), (3, 9)):
        await arrives(portal, clock.now(), number=number, until=timedelta(days=days))
    (letter,) = await all_letters(portal)
    (line,) = letter.lines
    assert (letter.address, line.event, line.unit, line.times) == (DESK, MailEvent.NEW, UNIT, 3)
    assert line.until == clock.now() + timedelta(days=4)


async def test_letters_about_messages_are_an_hour_apart(portal: PortalStore, clock: StandingClock) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    assert len(await all_letters(portal)) == 1
    await arrives(portal, clock.now(), number=2)
    clock.move(timedelta(hours=1) - SECOND)
    await arrives(portal, clock.now(), number=3)
    assert await all_letters(portal) == []
    clock.move(SECOND)
    (letter,) = await all_letters(portal)
    assert [each.times for each in letter.lines] == [2]


async def test_what_came_while_a_letter_was_tried_waits_for_an_hour_after_it(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    tried = await portal.take_letter()
    assert tried is not None
    await arrives(portal, clock.now(), number=2)
    await portal.letter_sent(tried)
    assert await all_letters(portal) == []
    clock.move(timedelta(hours=1))
    (letter,) = await all_letters(portal)
    assert letter.id != tried.id
    assert [each.times for each in letter.lines] == [1]


@pytest.mark.parametrize(
    ("comes", "goes"),
    [
        pytest.param("2026-03-02T23:00:00+00:00", "2026-03-03T06:00:00+00:00", id="midnight"),
        pytest.param("2026-03-03T05:59:59+00:00", "2026-03-03T06:00:00+00:00", id="before seven"),
        pytest.param("2026-03-28T23:30:00+00:00", "2026-03-29T05:00:00+00:00", id="the night that summer begins"),
        pytest.param("2026-10-24T22:30:00+00:00", "2026-10-25T06:00:00+00:00", id="the night that it ends"),
    ],
)
async def test_nobody_is_told_of_messages_before_seven_PO_67(
    portal: PortalStore, clock: StandingClock, comes: str, goes: str
) -> None:
    await counting_address(portal)
    clock.move(datetime.fromisoformat(comes) - clock.now())
    await arrives(portal, clock.now())
    clock.move(datetime.fromisoformat(goes) - SECOND - clock.now())
    assert await all_letters(portal) == []
    clock.move(SECOND)
    assert len(await all_letters(portal)) == 1


async def test_what_touches_security_is_told_at_night(portal: PortalStore, clock: StandingClock) -> None:
    await counting_address(portal, OFFICE, unit="")
    clock.move(timedelta(hours=14))
    await portal.keep_document(document(1, b"one"))
    assert told(await all_letters(portal)) == {(OFFICE, MailEvent.SETTINGS_KEPT)}


async def test_changes_are_told_to_the_organisation_and_the_unit_that_they_touch_PO_26(portal: PortalStore) -> None:
    for address, unit in ((OFFICE, ""), (DESK, UNIT), ("other@organisatie.example", OTHER_UNIT)):
        await counting_address(portal, address, unit=unit, kinds=())
    person = await paired(portal)
    assert told(await all_letters(portal)) == {(OFFICE, MailEvent.LINKED), (DESK, MailEvent.LINKED)}
    await portal.keep_document(document(1, b"one"))
    assert {address for address, _ in told(await all_letters(portal))} == {OFFICE, DESK, "other@organisatie.example"}
    await portal.unlink(person.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert told(await all_letters(portal)) == {(OFFICE, MailEvent.UNLINKED), (DESK, MailEvent.UNLINKED)}


async def test_keys_and_what_became_of_their_request_are_told(portal: PortalStore) -> None:
    await counting_address(portal, OFFICE, unit="")
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    events = {event for _, event in told(await all_letters(portal))}
    assert events == {
        MailEvent.LINKED,
        MailEvent.LOCK_COUNTS,
        MailEvent.KEYS_PROPOSED,
        MailEvent.REQUEST_SUBMITTED,
    }
    await portal.activate_key_set(keys.id, by=OPERATOR)
    await portal.remove_lock(own.id, organisation=ORGANISATION, unit=UNIT, by=person.id)
    events = {event for _, event in told(await all_letters(portal))}
    assert events == {MailEvent.KEYS_ACTIVE, MailEvent.REQUEST_APPROVED, MailEvent.LOCK_REMOVED}
    lost = key_set(person)
    request = await portal.propose_key_set(lost, [])
    assert request is not None
    assert MailEvent.KEYS_LOST in {event for _, event in told(await all_letters(portal))}
    await portal.decide_request(request.id, RequestState.REFUSED, by=OPERATOR, reason="no")
    assert {event for _, event in told(await all_letters(portal))} == {MailEvent.REQUEST_REFUSED, MailEvent.KEYS_ENDED}
    await portal.end_key_set(keys.id, unit=UNIT, by=OPERATOR)
    assert {event for _, event in told(await all_letters(portal))} == {MailEvent.KEYS_ENDED}


async def test_who_changes_an_address_and_then_an_account_is_told_on_to_the_old_one_PO_82(
    portal: PortalStore, clock: StandingClock
) -> None:
    old = await counting_address(portal, OFFICE, unit="")
    await portal.remove_address(old.id, organisation=ORGANISATION, by="the thief")
    await counting_address(portal, "thief@elsewhere.example", unit="")
    clock.move(terms.MAIL_HEARD_AFTER - SECOND)
    await portal.purge()
    await portal.keep_document(document(1, b"another IBAN"))
    assert (OFFICE, MailEvent.SETTINGS_KEPT) in told(await all_letters(portal))
    clock.move(SECOND)
    await portal.keep_document(document(2, b"two", b"another IBAN"))
    assert OFFICE not in {address for address, _ in told(await all_letters(portal))}


async def test_an_address_is_told_that_it_was_removed_and_what_takes_its_place(portal: PortalStore) -> None:
    old = await counting_address(portal, OFFICE, unit="")
    await portal.remove_address(old.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    await asked(portal, "new@organisatie.example", unit="")
    events = {event for address, event in told(await all_letters(portal)) if address == OFFICE}
    assert events == {MailEvent.ADDRESS_REMOVED, MailEvent.ADDRESS_ADDED}


async def test_a_link_unsubscribes_one_kind_everywhere_and_nothing_else(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await counting_address(portal, unit=OTHER_UNIT)
    await counting_address(portal, OFFICE)
    await arrives(portal, clock.now())
    letter = next(each for each in await all_letters(portal) if each.address == DESK)
    assert not await portal.confirm_address(letter.token)
    clock.move(terms.MAIL_LINK - SECOND)
    assert await portal.unsubscribe(letter.token, [MailKind.NEW])
    kinds = {(each.address, each.unit): each.kinds for each in await portal.addresses(ORGANISATION)}
    left = frozenset({MailKind.REMINDER, MailKind.EXPIRED})
    assert (kinds[(DESK, UNIT)], kinds[(DESK, OTHER_UNIT)]) == (left, left)
    assert MailKind.NEW in kinds[(OFFICE, UNIT)]
    assert JournalEvent.UNSUBSCRIBED in {each.event for each in await portal.journal(ORGANISATION)}
    clock.move(SECOND)
    assert not await portal.unsubscribe(letter.token, [MailKind.REMINDER])


async def test_what_a_reader_ended_no_administrator_begins_again_and_the_reader_does(
    portal: PortalStore, clock: StandingClock
) -> None:
    made = await counting_address(portal)
    other = await counting_address(portal, unit=OTHER_UNIT, kinds=[MailKind.EXPIRED])
    await arrives(portal, clock.now())
    letter = next(each for each in await all_letters(portal) if each.sort is LetterSort.MESSAGES)
    await portal.unsubscribe(letter.token, [MailKind.NEW])
    for each in (made, other):
        asked_for = [MailKind.NEW, MailKind.EXPIRED]
        await portal.change_kinds(each.id, organisation=ORGANISATION, kinds=asked_for, by=ADMINISTRATOR)
    assert [each.kinds for each in await portal.addresses(ORGANISATION)] == [{MailKind.EXPIRED}] * 2
    assert await portal.begin_again(letter.token, [MailKind.NEW, MailKind.REMINDER])
    (one, _two) = await portal.addresses(ORGANISATION)
    assert (one.kinds, one.ended) == ({MailKind.NEW, MailKind.EXPIRED}, frozenset()), "what nobody ended stays as it is"
    await portal.unsubscribe(letter.token, [MailKind.NEW])
    await portal.remove_address(made.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    assert MailKind.NEW in (await counting_address(portal)).kinds, "confirmed anew"
    clock.move(terms.MAIL_LINK)
    assert not await portal.begin_again(letter.token, [MailKind.NEW])


async def test_what_waits_is_not_sent_to_who_unsubscribed_or_was_removed(
    portal: PortalStore, clock: StandingClock
) -> None:
    made = await counting_address(portal)
    await arrives(portal, clock.now())
    (letter,) = await all_letters(portal)
    await arrives(portal, clock.now(), number=2)
    await portal.unsubscribe(letter.token, [MailKind.NEW])
    clock.move(timedelta(hours=1))
    assert MailEvent.NEW not in {event for _, event in told(await all_letters(portal))}
    watched = await arrives(portal, clock.now(), number=3)
    await portal.settle_watched(watched, MailEvent.REMINDER, until=clock.now(), look_at=clock.now())
    await portal.remove_address(made.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    assert told(await all_letters(portal)) == {(DESK, MailEvent.ADDRESS_REMOVED)}


async def test_of_what_an_address_is_told_changes_in_place_and_is_told_on(
    portal: PortalStore, clock: StandingClock
) -> None:
    made = await counting_address(portal)
    await counting_address(portal, OFFICE, unit="")
    await arrives(portal, clock.now())
    wanted = frozenset({MailKind.EXPIRED})
    assert await portal.change_kinds(made.id, organisation=ORGANISATION, kinds=wanted, by=ADMINISTRATOR)
    (after,) = (each for each in await portal.addresses(ORGANISATION) if each.unit)
    assert (after.id, after.kinds, after.counts_since) == (made.id, wanted, made.counts_since)
    assert told(await all_letters(portal)) == {(each, MailEvent.ADDRESS_KINDS) for each in (DESK, OFFICE)}
    assert await portal.change_kinds(made.id, organisation=ORGANISATION, kinds=wanted, by=ADMINISTRATOR)
    assert await all_letters(portal) == [], "nothing changed"
    assert not await portal.change_kinds(made.id, organisation=OTHER_ORGANISATION, kinds=(), by=ADMINISTRATOR)


async def test_a_reminder_of_a_message_is_told_once_PO_67(portal: PortalStore, clock: StandingClock) -> None:
    await counting_address(portal)
    watched = await arrives(portal, clock.now())
    await all_letters(portal)
    clock.move(watched.look_at - clock.now())
    (due,) = await portal.watched_due(10)
    until = clock.now() + timedelta(days=2)
    assert await portal.settle_watched(due, MailEvent.REMINDER, until=until, look_at=until)
    assert not await portal.settle_watched(due, MailEvent.REMINDER, until=until, look_at=until)
    assert await portal.watched_due(10) == ()
    clock.move(until - clock.now())
    (again,) = await portal.watched_due(10)
    assert await portal.settle_watched(again, MailEvent.REMINDER, until=until, look_at=until + SECOND)
    (letter,) = await all_letters(portal)
    assert [(each.event, each.times) for each in letter.lines] == [(MailEvent.REMINDER, 1)]


async def test_arrivals_are_told_once_whoever_looks(portal: PortalStore, clock: StandingClock) -> None:
    await counting_address(portal)
    watched = await arrives(portal, clock.now())
    assert not await portal.note_arrivals(None, 1, [(watched, clock.now())])
    assert await portal.arrivals_seen() == 1
    (letter,) = await all_letters(portal)
    assert [each.times for each in letter.lines] == [1]


async def test_a_letter_is_sent_by_one_and_after_a_failure_again_with_the_same_words(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    first = await portal.take_letter()
    assert first is not None
    assert await portal.take_letter() is None
    assert not await portal.letter_failed(first, "451 later", MailFault.PASSING)
    assert (await portal.mail_standing()).failure == "451 later"
    pauses = []
    while await portal.take_letter() is None and len(pauses) < 10:
        clock.move(timedelta(minutes=1))
        pauses.append(clock.now())
    assert len(pauses) == 5
    await arrives(portal, clock.now(), number=2)
    clock.move(terms.MAIL_LEASE)
    again = await portal.take_letter()
    assert again is not None
    assert (again.id, [each.times for each in again.lines]) == (first.id, [1])
    assert again.token != first.token
    assert await portal.open_link(first.token) is not None


async def test_pauses_double_from_five_minutes_to_a_day_and_end_after_days(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await portal.keep_document(document(1, b"one"))  # which is told at night, too
    began, pauses = clock.now(), []
    while letter := await portal.take_letter():
        if await portal.letter_failed(letter, "greylisted", MailFault.PASSING):
            break
        due = letter.lines[0].due_at
        failed = clock.now()
        next_at = (await portal.mail_standing()).next_at
        assert next_at is not None
        clock.move(next_at - failed)
        pauses.append((clock.now() - failed) / timedelta(minutes=5))
        assert due <= failed
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 288, 288, 288, 288][: len(pauses)]
    assert clock.now() - began >= terms.MAIL_TRIED
    (address,) = await portal.addresses(ORGANISATION)
    assert (address.bounce, address.bounced_at) == ("greylisted", clock.now())
    assert (await portal.mail_standing()).waiting == 0


async def test_what_a_server_refuses_for_good_is_shown_at_its_address(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    letter = await portal.take_letter()
    assert letter is not None
    assert await portal.letter_failed(letter, "550 no such user", MailFault.GONE)
    (address,) = await portal.addresses(ORGANISATION)
    assert (address.bounce, address.bounced_at) == ("550 no such user", clock.now())
    await arrives(portal, clock.now(), number=2)
    await portal.keep_document(document(1, b"one"))
    clock.move(timedelta(hours=1))
    assert told(await all_letters(portal)) == {(DESK, MailEvent.SETTINGS_KEPT)}
    await asked(portal)  # again: it is asked anew, and counts when its link was opened
    assert [each.bounce for each in await portal.addresses(ORGANISATION)] == [None]


async def test_a_letter_whose_sender_died_is_sent_by_the_next_process(
    open_portal: OpenPortal, clock: StandingClock
) -> None:
    portal = await open_portal()
    await counting_address(portal)
    await arrives(portal, clock.now())
    taken = await portal.take_letter()
    assert taken is not None
    portal = await open_portal()
    assert await portal.take_letter() is None
    clock.move(terms.MAIL_LEASE)
    (letter,) = await all_letters(portal)
    assert letter.id == taken.id
    assert await all_letters(portal) == []


async def test_somebody_whose_address_is_kept_nowhere_is_written_to(portal: PortalStore) -> None:
    await portal.write_to("asks@example.nl", MailEvent.WELCOME, organisation=ORGANISATION)
    (letter,) = await all_letters(portal)
    assert (letter.address, letter.sort) == ("asks@example.nl", LetterSort.CHANGES)
    assert await portal.addresses(ORGANISATION) == ()


async def test_units_are_told_of_where_an_address_of_theirs_counts(portal: PortalStore) -> None:
    await counting_address(portal, OFFICE, unit="")
    await asked(portal, unit=OTHER_UNIT)
    made = await counting_address(portal)
    assert await portal.units_told() == {UNIT: ORGANISATION}
    await portal.remove_address(made.id, organisation=ORGANISATION, by=ADMINISTRATOR)
    assert await portal.units_told() == {}


async def test_a_node_that_stood_still_until_another_took_its_letter_changes_nothing_of_it(
    portal: PortalStore, clock: StandingClock
) -> None:
    """The other one is sending it: neither may it be taken a third time, nor count as sent before that one says so."""
    await counting_address(portal)
    await arrives(portal, clock.now())
    first = await portal.take_letter()
    clock.move(terms.MAIL_LEASE)
    second = await portal.take_letter()
    assert first is not None
    assert second is not None
    assert second.id == first.id
    assert not await portal.letter_failed(first, "550 no such user", MailFault.GONE)
    assert (await portal.addresses(ORGANISATION))[0].bounce is None
    assert not await portal.letter_failed(first, "451 later", MailFault.PASSING)
    await portal.letter_sent(first)
    standing = await portal.mail_standing()
    assert (standing.waiting, standing.failing) == (1, 0)
    clock.move(timedelta(minutes=2))
    assert await portal.take_letter() is None
    await portal.letter_sent(second)
    assert (await portal.mail_standing()).waiting == 0
