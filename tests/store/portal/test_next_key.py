"""The next key of an organisation: kept with all that comes with it, and only on what holds in that moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.clocks import StandingClock
from support.portal.portal_samples import ORGANISATION, OTHER_UNIT, UNIT, copy, counting, document, key, key_set, paired

from gateway.store.portal import terms
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import OPERATOR, DocumentKind, KeptDocument, KeySet, NextKey, UnderNextKey, WrappedCopy

ROSTER = DocumentKind.ROSTER


def next_key(*rosters: KeptDocument, copies: Sequence[WrappedCopy] = ()) -> NextKey:
    """The organisation's first next key, of these units, without settings; the copies are those of the first."""
    return NextKey(
        key=b"next key",
        former=b"organisation",
        renewal=document(1, b"next", kind=DocumentKind.ORGANISATION),
        going=tuple(UnderNextKey(roster=each, copies=() if at else tuple(copies)) for at, each in enumerate(rosters)),
        units=frozenset({UNIT, OTHER_UNIT}),
        settings=None,
    )


async def test_the_next_key_of_an_organisation_comes_with_its_roster_and_copies_or_not_at_all_PO_78(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    former, gone = key_set(person), key_set(person)
    await portal.propose_key_set(gone, [copy(gone, own)], roster=document(1, b"1", kind=ROSTER, unit=UNIT))
    await portal.end_key_set(gone.id, unit=UNIT, by=person.id)
    await portal.propose_key_set(former, [copy(former, own)], roster=document(2, b"2", b"1", kind=ROSTER, unit=UNIT))
    roster = document(3, b"3", b"2", kind=ROSTER, unit=UNIT)

    async def renew(of: KeySet = former, **changes: Any) -> bool:
        given = [copy(of, own, b"with the next key")]
        asked = replace(next_key(changes.pop("roster", roster), copies=given), **changes)
        return await portal.renew_organisation_key(asked)

    assert not await renew(), "no set is in force"
    await portal.activate_key_set(former.id, by=OPERATOR)
    assert not await renew(renewal=document(2, b"next", b"none", kind=DocumentKind.ORGANISATION))
    assert not await renew(roster=document(3, b"3", b"1", kind=ROSTER, unit=UNIT))
    assert not await renew(of=gone)
    assert not await renew(roster=replace(roster, unit=OTHER_UNIT))
    assert not await renew(former=b"another key")
    assert await portal.documents(DocumentKind.ORGANISATION, organisation=ORGANISATION) == ()
    assert [each.octets for each in await portal.copies(UNIT)] == [b"wrapped"]
    assert await renew()
    assert not await renew()
    keys = {each.id: each.organisation_key for each in await portal.key_sets(UNIT)}
    assert keys == {former.id: b"next key", gone.id: b"organisation"}
    assert [each.octets for each in await portal.copies(UNIT)] == [b"with the next key"]
    newest = await portal.document(ROSTER, organisation=ORGANISATION, unit=UNIT)
    assert newest is not None
    assert newest.octets == b"3"


async def test_a_next_key_is_refused_where_meanwhile_another_unit_came_under_the_former_one_PO_78(
    portal: PortalStore,
) -> None:
    person = await paired(portal)
    own, there = await counting(portal, person), await counting(portal, person, OTHER_UNIT)
    keys, theirs = key_set(person), key_set(person, OTHER_UNIT)
    await portal.propose_key_set(keys, [copy(keys, own)])
    await portal.activate_key_set(keys.id, by=OPERATOR)
    await portal.propose_key_set(theirs, [copy(theirs, there)])
    asked = next_key(document(1, b"1", kind=ROSTER, unit=UNIT))
    assert not await portal.renew_organisation_key(asked)
    assert {each.organisation_key for each in await portal.key_sets(UNIT)} == {asked.former}
    await portal.end_key_set(theirs.id, unit=OTHER_UNIT, by=person.id)
    assert await portal.renew_organisation_key(asked)


async def test_units_that_hold_a_key_go_under_the_next_one_all_of_them_or_none_PO_78(portal: PortalStore) -> None:
    person = await paired(portal)
    own, there = await counting(portal, person), await counting(portal, person, OTHER_UNIT)
    keys, theirs = key_set(person), key_set(person, OTHER_UNIT)
    for each, lock in ((keys, own), (theirs, there)):
        await portal.propose_key_set(each, [copy(each, lock)])
        await portal.activate_key_set(each.id, by=OPERATOR)
    here = UnderNextKey(roster=document(1, b"1", kind=ROSTER, unit=UNIT), copies=(copy(keys, own, b"next"),))
    late = UnderNextKey(roster=document(2, b"2", kind=ROSTER, unit=OTHER_UNIT), copies=())
    other = UnderNextKey(roster=document(1, b"1", kind=ROSTER, unit=OTHER_UNIT), copies=(copy(theirs, there, b"next"),))
    for going in ([here], [other], [here, here, other], [here, late]):
        assert not await portal.renew_organisation_key(replace(next_key(), going=tuple(going)))
    sets = [*await portal.key_sets(UNIT), *await portal.key_sets(OTHER_UNIT)]
    assert {each.organisation_key for each in sets} == {b"organisation"}
    assert await portal.document(ROSTER, organisation=ORGANISATION, unit=UNIT) is None
    assert await portal.renew_organisation_key(replace(next_key(), going=(here, other)))
    sets = [*await portal.key_sets(UNIT), *await portal.key_sets(OTHER_UNIT)]
    assert {each.organisation_key for each in sets} == {b"next key"}
    assert [each.octets for unit in (UNIT, OTHER_UNIT) for each in await portal.copies(unit)] == [b"next", b"next"]


async def test_a_next_key_is_refused_where_meanwhile_the_settings_changed_PO_78(portal: PortalStore) -> None:
    person = await paired(portal)
    own, keys = await counting(portal, person), key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    await portal.activate_key_set(keys.id, by=OPERATOR)
    asked = next_key(document(1, b"1", kind=ROSTER, unit=UNIT))
    assert await portal.keep_document(document(1, b"settings"))
    assert not await portal.renew_organisation_key(asked)
    settings = await portal.document(DocumentKind.SETTINGS, organisation=ORGANISATION)
    assert await portal.renew_organisation_key(replace(asked, settings=settings))


async def test_a_next_key_comes_to_the_sets_under_the_former_one_and_waits_for_what_another_one_asked_PO_78(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    sets = [key_set(person, organisation_key=each) for each in (b"lost", b"organisation", b"organisation", b"claimed")]
    for each in sets:
        clock.move(timedelta(hours=1))
        assert await portal.propose_key_set(each, [copy(each, own)], follows=[other.id for other in sets]) is not None
        if each is not sets[-1]:
            await portal.activate_key_set(each.id, by=OPERATOR)
    asked = next_key(document(1, b"1", kind=ROSTER, unit=UNIT))
    assert not await portal.renew_organisation_key(asked)
    assert {each.id: each.organisation_key for each in await portal.key_sets(UNIT)} == {
        each.id: each.organisation_key for each in sets
    }
    await portal.end_key_set(sets[-1].id, unit=UNIT, by=person.id)
    assert await portal.renew_organisation_key(asked)
    found = {each.id: each.organisation_key for each in await portal.key_sets(UNIT)}
    assert [found[each.id] for each in sets] == [b"lost", b"next key", b"next key", b"claimed"]


async def test_no_key_of_the_chain_is_forgotten_for_whoever_comes_back_follows_it(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    for counter, (octets, before) in enumerate([(b"1", None), (b"2", b"1"), (b"3", b"2")], start=1):
        for kind in (DocumentKind.ORGANISATION, DocumentKind.SETTINGS):
            assert await portal.keep_document(document(counter, octets, before, kind=kind))
    clock.move(terms.MEMORY)
    await portal.find_or_make_person(key(1))
    await portal.purge()
    assert await portal.find_or_make_person(key(1)) == replace(person, logged_in_at=clock.now())
    assert len(await portal.documents(DocumentKind.SETTINGS, organisation=ORGANISATION)) == 1
    assert len(await portal.documents(DocumentKind.ORGANISATION, organisation=ORGANISATION)) == 3
