"""What an organisation asks besides keys: kept as a request, once, so many a day, and decided once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.portal.portal_samples import ADMINISTRATOR, ORGANISATION, OTHER_ORGANISATION, UNIT, key_set, paired

from gateway.store.portal.interface import PortalStore, TooManyOpen
from gateway.store.portal.model import OPERATOR, JournalEvent, PortalRequest, RequestKind, RequestState
from gateway.store.portal.terms import OCTETS_OF_A_WISH, REQUESTS_OF_A_DAY
from gateway.store.portal.wishes import (
    WISHES,
    CertificateWish,
    ExtensionWish,
    LeavingWish,
    ModuleWish,
    UnitWish,
    kind_of_wish,
    read_wish,
    write_wish,
)

TEXT = st.text(max_size=40)
WISH = st.one_of(
    st.builds(ExtensionWish, days=st.integers(0, 28)),
    st.builds(
        ModuleWish, module=TEXT, version=TEXT, begins=st.dates(), environment=st.sampled_from(["production", "test"])
    ),
    st.builds(UnitWish, name=TEXT, establishment=TEXT),
    st.builds(
        CertificateWish,
        use=st.sampled_from(["signing", "encryption"]),
        certificate=st.binary(max_size=64),
        begins=st.none() | st.dates(),
    ),
    st.builds(LeavingWish, last_day=st.dates()),
)
FOURTEEN = ExtensionWish(days=14)


async def asked(
    portal: PortalStore, wish: object = FOURTEEN, *, organisation: object = ORGANISATION, unit: str = UNIT
) -> PortalRequest | None:
    kind = kind_of_wish(wish)  # type: ignore[arg-type]
    about = write_wish(wish)  # type: ignore[arg-type]
    return await portal.submit_request(kind, about, organisation=organisation, unit=unit, by=ADMINISTRATOR)  # type: ignore[arg-type]


@given(WISH)
def test_whatever_is_asked_is_read_back_as_it_was_written(wish: ExtensionWish) -> None:
    assert read_wish(kind_of_wish(wish), write_wish(wish)) == wish


def test_every_kind_of_request_is_for_keys_or_has_its_wish() -> None:
    assert {each for each in RequestKind if not each.is_for_keys} == WISHES.keys()


async def test_a_request_is_kept_with_its_line_in_the_journal(portal: PortalStore) -> None:
    found = await asked(portal)
    assert found is not None
    assert await portal.requests(organisation=ORGANISATION) == (found,)
    assert (found.state, found.asked_by, read_wish(found.kind, found.about)) == (
        RequestState.SUBMITTED, ADMINISTRATOR, FOURTEEN,
    )  # fmt: skip
    (line,) = await portal.journal(ORGANISATION)
    assert (line.event, line.about, line.by) == (JournalEvent.REQUEST_SUBMITTED, found.id, ADMINISTRATOR)


async def test_the_same_is_not_asked_twice_for_a_unit_while_it_waits(portal: PortalStore) -> None:
    first = await asked(portal)
    assert first is not None
    assert await asked(portal) is None
    assert await asked(portal, ExtensionWish(days=7)) is not None
    assert await asked(portal, unit="another") is not None
    assert await portal.decide_request(first.id, RequestState.WITHDRAWN, by=ADMINISTRATOR)
    assert await asked(portal) is not None


async def test_an_organisation_asks_so_much_in_a_day_besides_keys(portal: PortalStore, clock: StandingClock) -> None:
    for number in range(REQUESTS_OF_A_DAY):
        assert await asked(portal, UnitWish(name=str(number), establishment="")) is not None
    with pytest.raises(TooManyOpen):
        await asked(portal)
    assert await asked(portal, organisation=OTHER_ORGANISATION) is not None
    assert await portal.propose_key_set(key_set(await paired(portal)), []) is not None
    clock.move(timedelta(days=1))
    assert await asked(portal) is not None


async def test_what_is_longer_than_anybody_needs_is_not_kept(portal: PortalStore) -> None:
    assert await asked(portal, UnitWish(name="a" * OCTETS_OF_A_WISH, establishment="")) is None
    assert await portal.requests() == ()


async def test_a_request_is_granted_once_and_keys_come_into_force_by_themselves(portal: PortalStore) -> None:
    found = await asked(portal)
    keys = await portal.propose_key_set(key_set(await paired(portal)), [])
    assert found is not None
    assert keys is not None
    assert not await portal.grant_request(keys.id, by=OPERATOR)
    assert not await portal.grant_request("no such id", by=OPERATOR)
    assert await portal.grant_request(found.id, by=OPERATOR)
    assert not await portal.grant_request(found.id, by=OPERATOR)
    assert not await portal.decide_request(found.id, RequestState.REFUSED, by=OPERATOR)
    decided = await portal.find_request(found.id)
    assert decided is not None
    assert (decided.state, decided.decided_by) == (RequestState.APPROVED, OPERATOR)


async def test_nobody_withdraws_what_is_being_put_in_force_until_that_has_ended(portal: PortalStore) -> None:
    found = await asked(portal, LeavingWish(last_day=date(2027, 1, 1)))
    assert found is not None
    assert await portal.begin_approval(found.id)
    assert not await portal.decide_request(found.id, RequestState.WITHDRAWN, by=ADMINISTRATOR)
    await portal.end_approval(found.id)
    assert await portal.approving() == frozenset()
    assert await portal.decide_request(found.id, RequestState.WITHDRAWN, by=ADMINISTRATOR)
