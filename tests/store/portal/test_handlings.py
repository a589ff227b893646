"""Who had messages of a unit in hand, and who ever administered an organisation."""

from __future__ import annotations

from datetime import timedelta

from support.clocks import StandingClock
from support.portal.portal_samples import ORGANISATION, OTHER_ORGANISATION, OTHER_UNIT, UNIT, begun, handling, key

from gateway.identity.login import LoginKind
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import Deed


async def test_what_somebody_had_in_hand_is_read_page_by_page(portal: PortalStore, clock: StandingClock) -> None:
    for deed in (Deed.OPENED, Deed.ANSWERED):
        await portal.note_handlings([handling(deed=deed)])
        clock.move(timedelta(minutes=1))
    await portal.note_handlings([handling(deed=Deed.DOWNLOADED, messages=120, action=each) for each in ("a", "b")])
    first = await portal.handlings(ORGANISATION, UNIT, limit=2)
    rest = await portal.handlings(ORGANISATION, UNIT, older_than=first[-1].number)
    assert [each.deed.value for each in (*first, *rest)] == ["downloaded", "downloaded", "answered", "opened"]
    assert (first[0].messages, first[0].at) == (120, clock.now())
    assert rest[-1].at == clock.now() - timedelta(minutes=2)


async def test_of_another_unit_or_organisation_nothing_is_shown_PO_27(portal: PortalStore) -> None:
    await portal.note_handlings([handling(), handling(unit=OTHER_UNIT), handling(organisation=OTHER_ORGANISATION)])
    (found,) = await portal.handlings(ORGANISATION, UNIT)
    assert (found.unit, found.organisation) == (UNIT, ORGANISATION)
    assert len(await portal.handlings(ORGANISATION, OTHER_UNIT)) == 1
    assert await portal.handlings(OTHER_ORGANISATION, OTHER_UNIT) == ()


async def test_whoever_logs_in_for_administration_is_remembered_once(portal: PortalStore, clock: StandingClock) -> None:
    people = [await portal.find_or_make_person(key(number)) for number in range(3)]
    stranger = await portal.find_or_make_person(key(3, OTHER_ORGANISATION))
    await begun(portal, people[2])
    for each in (people[1], people[0], people[1], stranger):
        await begun(portal, each, kind=LoginKind.ADMINISTRATOR)
        clock.move(timedelta(minutes=1))
    assert await portal.administrators(ORGANISATION) == (people[1].id, people[0].id)
    assert await portal.administrators(OTHER_ORGANISATION) == (stranger.id,)
