"""What was relied on of brokers: it goes forward only, for each broker by itself, and no restart takes it back."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.portal.engines import OpenPortal
from support.portal.portal_samples import ISSUER

from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import BrokerMetadata
from gateway.store.portal.rules import metadata_that_count

DAY = timedelta(days=1)


async def test_metadata_that_end_earlier_do_not_count_also_after_a_restart_PO_09(
    open_portal: OpenPortal, clock: StandingClock
) -> None:
    portal = await open_portal()
    now = clock.now()
    first = await portal.rely_on_metadata(ISSUER, now + 7 * DAY)
    assert first == BrokerMetadata(broker=ISSUER, valid_until=now + 7 * DAY, relied_at=now)
    clock.move(DAY)
    portal = await open_portal()
    assert await portal.rely_on_metadata(ISSUER, now + 6 * DAY) == first
    same = await portal.rely_on_metadata(ISSUER, now + 7 * DAY)
    assert (same.valid_until, same.relied_at) == (now + 7 * DAY, now + DAY)
    assert (await portal.rely_on_metadata(ISSUER, now + 9 * DAY)).valid_until == now + 9 * DAY


async def test_another_broker_is_not_held_to_it(portal: PortalStore, clock: StandingClock) -> None:
    await portal.rely_on_metadata(ISSUER, clock.now() + 7 * DAY)
    other = await portal.rely_on_metadata(f"{ISSUER}/other", clock.now() + DAY)
    assert other.valid_until == clock.now() + DAY


async def test_what_was_relied_on_before_a_moment_that_the_operator_names_stands_against_nothing(
    portal: PortalStore, clock: StandingClock
) -> None:
    now = clock.now()
    await portal.rely_on_metadata(ISSUER, now + 7 * DAY)
    clock.move(DAY)
    to_come, passed = now + 2 * DAY, now + DAY / 2
    for moment, end in ((now, 7), (to_come, 7), (passed, 6), (passed, 6)):
        found = await portal.rely_on_metadata(ISSUER, now + 6 * DAY, anew_from=moment)
        assert found.valid_until == now + end * DAY
    assert (await portal.rely_on_metadata(ISSUER, now + 5 * DAY, anew_from=passed)).valid_until == now + 6 * DAY


OFFERS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3)), min_size=1, max_size=20)


@given(offers=OFFERS)
def test_without_the_operators_word_no_end_that_counts_is_before_one_that_counted(
    offers: list[tuple[int, int]],
) -> None:
    clock, kept = StandingClock(), None
    begun = clock.now()
    for ends, waits in offers:
        clock.move(timedelta(hours=waits))
        offered = BrokerMetadata(broker=ISSUER, valid_until=begun + ends * DAY, relied_at=clock.now())
        found = metadata_that_count(offered, kept, None, clock.now())
        assert found.valid_until == max(offered.valid_until, begun if kept is None else kept.valid_until)
        kept = found
