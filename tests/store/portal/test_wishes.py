"""What an organisation asks besides keys: kept as a request, once, so many a day, and decided once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.portal.engines import PortalPlace, SqlitePlace
from support.portal.portal_samples import ADMINISTRATOR, ORGANISATION, OTHER_ORGANISATION, UNIT, key_set, paired

from gateway.identity.login import OrganisationNumber
from gateway.store.portal.interface import PortalStore, TooManyOpen
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import OPERATOR, STRANGER, JournalEvent, PortalRequest, RequestKind, RequestState
from gateway.store.portal.terms import (
    JOINING_STAYS,
    JOININGS_OF_NUMBER,
    JOININGS_WAITING,
    OCTETS_OF_A_WISH,
    REQUEST_UNDECIDED,
    REQUESTS_OF_A_DAY,
)
from gateway.store.portal.wishes import (
    WISHES,
    CertificateWish,
    ExtensionWish,
    JoiningWish,
    LeavingWish,
    ListsWish,
    ModuleWish,
    UnitWish,
    kind_of_wish,
    read_wish,
    write_wish,
)

TEXT = st.text(max_size=40)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
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
    st.builds(ListsWish, on=st.booleans()),
    st.builds(LeavingWish, last_day=st.dates()),
    st.builds(
        JoiningWish,
        name=TEXT,
        kvk=TEXT,
        establishments=TEXTS,
        role=TEXT,
        modules=TEXTS,
        environment=st.sampled_from(["production", "test"]),
        access=st.sampled_from(["system", "desk"]),
        contact=TEXT,
        email=TEXT,
        telephone=TEXT,
        connection_agreed=st.none() | st.dates(),
        processing_agreed=st.none() | st.dates(),
        signing=st.none() | st.binary(max_size=64),
        encryption=st.none() | st.binary(max_size=64),
    ),
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


JOINING = JoiningWish(
    name="Energie Proef", kvk="12345678", establishments=(), role="schuldeiser", modules=("Schuldregeling 2.0",),
    environment="test", access="desk", contact="A. Bos", email="a.bos@proef.example", telephone="010 1234567",
)  # fmt: skip


async def joins(portal: PortalStore, wish: JoiningWish = JOINING) -> PortalRequest | None:
    number = OrganisationNumber(kind="KVK", value=wish.kvk)
    return await portal.submit_request(RequestKind.JOINING, write_wish(wish), organisation=number, unit="", by=STRANGER)


async def letters(portal: PortalStore) -> list[tuple[str, list[MailEvent]]]:
    """What waits to be sent, and to whom."""
    found = []
    while (letter := await portal.take_letter()) is not None:
        found.append((letter.address, [each.event for each in letter.lines]))
    return found


async def test_who_asks_to_take_part_is_written_to_once_somebody_decided(portal: PortalStore) -> None:
    approved, refused = await joins(portal), await joins(portal, replace(JOINING, email="c@proef.example"))
    withdrawn = await joins(portal, replace(JOINING, email="d@proef.example"))
    assert approved is not None
    assert refused is not None
    assert withdrawn is not None
    assert await letters(portal) == [], "anybody can write any address down"
    unheard = await joins(portal, replace(JOINING, kvk="87654321", email="e@proef.example"))
    assert unheard is not None
    assert await portal.grant_request(approved.id, by=OPERATOR, stranger_hears=MailEvent.WELCOME)
    assert await portal.grant_request(unheard.id, by=OPERATOR)
    assert await portal.decide_request(
        refused.id, RequestState.REFUSED, by=OPERATOR, reason="no", stranger_hears=MailEvent.JOINING_REFUSED
    )
    assert await portal.decide_request(withdrawn.id, RequestState.WITHDRAWN, by=OPERATOR)
    assert sorted(await letters(portal)) == [
        ("a.bos@proef.example", [MailEvent.WELCOME]), ("c@proef.example", [MailEvent.JOINING_REFUSED]),
    ]  # fmt: skip


async def test_the_organisation_of_a_number_that_a_stranger_wrote_down_hears_and_sees_nothing(
    portal: PortalStore,
) -> None:
    found = await joins(portal, replace(JOINING, kvk=ORGANISATION.value))
    assert found is not None
    await portal.grant_request(found.id, by=OPERATOR)
    assert await portal.journal(ORGANISATION) == ()


async def test_strangers_have_so_many_requests_waiting_of_a_number_and_in_all(portal: PortalStore) -> None:
    for number in range(JOININGS_OF_NUMBER):
        assert await joins(portal, replace(JOINING, name=str(number))) is not None
    with pytest.raises(TooManyOpen):
        await joins(portal)
    assert await asked(portal) is not None, "whoever logged in asks on"
    for number in range(JOININGS_WAITING - JOININGS_OF_NUMBER):
        assert await joins(portal, replace(JOINING, kvk=f"{number:08d}")) is not None
    with pytest.raises(TooManyOpen):
        await joins(portal, replace(JOINING, kvk="99999999"))


async def test_leaving_far_ahead_waits_for_its_last_day_and_as_long_after_it_as_anything_else_does(
    portal: PortalStore, clock: StandingClock
) -> None:
    last_day = (clock.now() + timedelta(days=700)).date()
    leaving, other = await asked(portal, LeavingWish(last_day=last_day)), await asked(portal)
    assert leaving is not None
    assert other is not None

    async def waiting() -> set[str]:
        await portal.purge()
        return {each.id for each in await portal.requests(states=[RequestState.SUBMITTED])}

    assert await waiting() == {leaving.id, other.id}
    clock.move(REQUEST_UNDECIDED)
    assert await waiting() == {leaving.id}
    clock.move(timedelta(days=700))
    assert await waiting() == {leaving.id}
    clock.move(timedelta(days=1))
    assert await waiting() == set()


async def test_of_whom_a_request_to_take_part_names_nothing_stays_a_month_after_its_decision(
    portal: PortalStore, clock: StandingClock, place: PortalPlace
) -> None:
    found = await joins(portal)
    assert found is not None
    clock.move(REQUEST_UNDECIDED)
    await portal.purge()
    (withdrawn,) = await portal.requests()
    assert withdrawn.state is RequestState.WITHDRAWN
    clock.move(JOINING_STAYS - timedelta(seconds=1))
    await portal.purge()
    assert len(await portal.requests()) == 1
    clock.move(timedelta(seconds=1))
    await portal.purge()
    assert await portal.requests() == ()
    if isinstance(place, SqlitePlace):  # what a server of PostgreSQL leaves in its files is not the store's to wipe
        assert b"a.bos@proef.example" not in octets_in(place.folder)


def octets_in(folder: Path) -> bytes:
    """All that lies there."""
    return b"".join(each.read_bytes() for each in folder.iterdir() if each.is_file())
