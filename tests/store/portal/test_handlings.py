"""Who had messages of a unit in hand, and who ever administered an organisation."""

from __future__ import annotations

from datetime import timedelta

import apsw
import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import ORGANISATION, OTHER_ORGANISATION, OTHER_UNIT, UNIT, begun, handling, key

from gateway.identity.login import LoginKind
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import Deed
from gateway.store.portal.sqlite.database import MIGRATIONS


async def test_what_somebody_had_in_hand_is_read_page_by_page(portal: PortalStore, clock: StandingClock) -> None:
    for deed in (Deed.OPENED, Deed.ANSWERED):
        await portal.note_handlings([handling(deed=deed)])
        clock.move(timedelta(minutes=1))
    await portal.note_handlings([handling(deed=Deed.DOWNLOADED, messages=120, action=each) for each in ("a", "b")])
    await portal.note_handlings([handling(deed=each, unit=OTHER_UNIT) for each in Deed])
    assert {each.deed for each in await portal.handlings(ORGANISATION, OTHER_UNIT)} == set(Deed)
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


def test_lines_of_a_database_of_before_stay_where_confirming_is_written_down_too() -> None:
    texts = {each.name: each.read_text("utf-8") for each in MIGRATIONS.iterdir() if each.name.endswith(".sql")}
    connection = apsw.Connection(":memory:")
    for name in sorted(texts):
        if name == "0011_confirmed.sql":
            line = "(7, 1, 'o', 'u', 'p', '{}', 's', 'a', 1, x'00')"
            connection.execute(f"INSERT INTO handling VALUES {line.format('opened')}")
            with pytest.raises(apsw.ConstraintError):
                connection.execute(f"INSERT INTO handling VALUES {line.format('confirmed').replace('7', '8')}")
        connection.execute(texts[name])
    connection.execute("INSERT INTO handling SELECT NULL, 2, 'o', 'u', 'p', 'confirmed', 's', 'a', 1, x'00'")
    assert connection.execute("SELECT number, deed FROM handling ORDER BY number").fetchall() == [
        (7, "opened"),
        (8, "confirmed"),
    ]
