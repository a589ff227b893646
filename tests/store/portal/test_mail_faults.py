"""What becomes of a letter that was not taken, and of its address, by whose fault it was (PO-67)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.clocks import StandingClock
from support.portal.mail_samples import DESK, FORENOON, all_letters, arrives, counting_address
from support.portal.portal_samples import ORGANISATION, document

from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import Letter, MailEvent, MailFault
from gateway.store.portal.terms import MAIL_TRIED

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def by_day(clock: StandingClock) -> None:
    clock.move(FORENOON - clock.now())


async def failed(portal: PortalStore, said: str, fault: MailFault) -> bool:
    """The letter that is due fails so; whether it is over."""
    letter = await portal.take_letter()
    assert letter is not None
    return await portal.letter_failed(letter, said, fault)


async def bounce(portal: PortalStore) -> str | None:
    (address,) = await portal.addresses(ORGANISATION)
    return address.bounce


async def sent_by(portal: PortalStore, clock: StandingClock, moment: datetime) -> list[Letter]:
    """What is sent at that moment."""
    clock.move(moment - clock.now())
    return await all_letters(portal)


@pytest.mark.parametrize("fault", [MailFault.SERVER, MailFault.LETTER, MailFault.UNWRITABLE])
async def test_days_of_a_fault_that_is_not_the_addresss_leave_it_as_it_was(
    portal: PortalStore, clock: StandingClock, fault: MailFault
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    while not await failed(portal, "535 wrong password", fault) and clock.now() < FORENOON + 6 * DAY:
        standing = await portal.mail_standing()
        assert standing.next_at is not None
        clock.move(standing.next_at - clock.now())
    (address,) = await portal.addresses(ORGANISATION)
    assert (address.bounced_at, address.bounce) == (None, None)
    await arrives(portal, clock.now(), number=2)
    clock.move(DAY)
    assert [each.address for each in await all_letters(portal)] == [DESK]


async def test_a_refusal_that_says_nothing_of_the_address_counts_when_it_is_repeated_on_another_day(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    assert not await failed(portal, "550 relay not permitted", MailFault.REFUSED)
    clock.move(DAY - SECOND)
    assert await portal.take_letter() is None
    assert await bounce(portal) is None
    clock.move(SECOND)
    assert await failed(portal, "550 relay not permitted", MailFault.REFUSED)
    assert await bounce(portal) == "550 relay not permitted"


async def test_a_refusal_after_one_that_was_the_servers_is_the_first(portal: PortalStore, clock: StandingClock) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    assert not await failed(portal, "535 wrong password", MailFault.SERVER)
    clock.move(HOUR)
    assert not await failed(portal, "550 no", MailFault.REFUSED)
    assert await bounce(portal) is None


async def test_ten_hours_without_a_server_are_one_letter_within_the_hour(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    for number in range(10):
        await arrives(portal, clock.now(), number=number + 1)
        assert not await failed(portal, "no connection", MailFault.SERVER)
        clock.move(HOUR)
    (letter,) = await all_letters(portal)
    assert [(each.event, each.times) for each in letter.lines] == [(MailEvent.NEW, 10)]
    clock.move(DAY)
    assert await all_letters(portal) == []


async def test_what_a_server_kept_back_for_longer_than_others_are_tried_is_sent(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await portal.keep_document(document(1, b"one"))
    assert not await failed(portal, "no connection", MailFault.SERVER)
    clock.move(MAIL_TRIED + DAY)
    assert not await failed(portal, "no connection", MailFault.SERVER)
    clock.move(HOUR)
    assert len(await all_letters(portal)) == 1


async def test_what_was_changed_after_a_fault_of_the_server_does_not_wait_for_its_pause(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await portal.keep_document(document(1, b"one"))
    assert not await failed(portal, "no connection", MailFault.SERVER)
    await portal.keep_document(document(2, b"two", b"one"))
    (letter,) = await all_letters(portal)
    assert [(each.event, each.times) for each in letter.lines] == [(MailEvent.SETTINGS_KEPT, 2)]


async def test_what_waits_for_the_server_is_kept_as_long_as_the_newest_of_it(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await portal.keep_document(document(1, b"one"))
    for days in (7, 7):
        assert not await failed(portal, "no connection", MailFault.SERVER)
        clock.move(timedelta(days=days))
        await portal.keep_document(document(2, b"two", b"one") if days else document(1, b"one"))
        await portal.purge()
    assert len(await all_letters(portal)) == 1


@pytest.mark.parametrize("fault", [MailFault.SERVER, MailFault.PASSING, MailFault.LETTER])
async def test_what_fails_before_midnight_is_not_tried_before_seven_PO_67(
    portal: PortalStore, clock: StandingClock, fault: MailFault
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    clock.move(datetime(2026, 3, 2, 22, 55, tzinfo=UTC) - clock.now())  # 23:55 in the Netherlands
    assert not await failed(portal, "451 greylisted", fault)
    assert await sent_by(portal, clock, datetime(2026, 3, 3, 5, 59, 59, tzinfo=UTC)) == []
    assert len(await sent_by(portal, clock, datetime(2026, 3, 3, 6, 0, tzinfo=UTC))) == 1


async def test_what_was_due_before_midnight_of_a_process_that_slept_is_not_tried_before_seven_PO_67(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    assert not await failed(portal, "451 greylisted", MailFault.PASSING)
    assert await sent_by(portal, clock, datetime(2026, 3, 3, 1, 0, tzinfo=UTC)) == []
    assert len(await sent_by(portal, clock, datetime(2026, 3, 3, 6, 0, tzinfo=UTC))) == 1


async def test_a_letter_that_is_tried_again_keeps_the_hour_after_another(
    portal: PortalStore, clock: StandingClock
) -> None:
    await counting_address(portal)
    await arrives(portal, clock.now())
    assert not await failed(portal, "451 greylisted", MailFault.PASSING)
    await arrives(portal, clock.now(), number=2)
    assert len(await all_letters(portal)) == 1
    clock.move(HOUR - SECOND)
    assert await all_letters(portal) == []
    clock.move(SECOND)
    assert len(await all_letters(portal)) == 1
