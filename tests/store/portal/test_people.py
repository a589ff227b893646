"""People: known again by their key, linked by a code, unlinked with all that hangs on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.clocks import StandingClock
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
    key,
    key_set,
    paired,
)

from gateway.identity.login import LoginKind
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import JournalEvent, LockKind, PairingRefusal
from gateway.store.portal.terms import PAIRING_TRIES, PAIRING_TRIES_WITHIN


async def test_a_person_is_known_again_by_issuer_organisation_and_pseudonym(portal: PortalStore) -> None:
    first = await portal.find_or_make_person(key(1))
    assert (await portal.find_or_make_person(key(1))).id == first.id
    others = (key(2), key(1, OTHER_ORGANISATION), replace(key(1), issuer=f"{ISSUER}/other"))
    ids = {(await portal.find_or_make_person(each)).id for each in others}
    assert len(ids | {first.id}) == 4


async def test_the_last_login_moves_on_and_the_first_stays(portal: PortalStore, clock: StandingClock) -> None:
    first = await portal.find_or_make_person(key(1))
    clock.move(timedelta(days=2))
    again = await portal.find_or_make_person(key(1))
    assert (again.made_at, again.logged_in_at - first.logged_in_at) == (first.made_at, timedelta(days=2))


async def test_somebody_of_another_organisation_is_like_nobody_PO_27(portal: PortalStore) -> None:
    person = await paired(portal)
    assert await portal.person(person.id, organisation=ORGANISATION) == person
    assert await portal.person(person.id, organisation=OTHER_ORGANISATION) is None
    assert await portal.person("no such id", organisation=ORGANISATION) is None
    assert not await portal.link(person.id, organisation=OTHER_ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
    assert not await portal.unlink(person.id, organisation=OTHER_ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert await portal.is_linked(person.id, UNIT)
    assert await portal.links(OTHER_ORGANISATION) == ()


async def test_the_name_is_what_the_person_typed(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    assert person.name is None
    await portal.name_person(person.id, "Jan de Vries")
    (found,) = await portal.persons(ORGANISATION)
    assert found == replace(person, name="Jan de Vries")


async def test_a_code_links_whoever_has_it_on_screen_however_it_was_typed_PO_20(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    code = (await begun(portal, person)).session.pairing_code
    assert code is not None
    assert len(code) == 8
    typed = f" {code[:3].lower()}\u2013{code[3:5].lower()}.\u00a0{code[5:].lower()} "
    linked = await portal.link_by_code(typed, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert linked == person
    (link,) = await portal.links(ORGANISATION)
    assert (link.person, link.unit, link.linked_by, link.until) == (person, UNIT, ADMINISTRATOR, None)


async def test_a_code_is_used_up_and_gone_from_every_screen(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    first, second = await begun(portal, person), await begun(portal, person)
    code, other = first.session.pairing_code, second.session.pairing_code
    assert None not in (code, other)
    await portal.link_by_code(str(code), organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    for used in (code, other):
        again = await portal.link_by_code(str(used), organisation=ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
        assert again is PairingRefusal.WRONG
    found = await portal.find_session(second.token)
    assert found is not None
    assert (found.pairing_code, found.units) == (None, (UNIT,))


async def test_a_code_of_another_organisation_links_nobody_PO_20(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    code = (await begun(portal, person)).session.pairing_code
    refused = await portal.link_by_code(str(code), organisation=OTHER_ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert refused is PairingRefusal.WRONG
    assert not await portal.is_linked(person.id, UNIT)


async def test_a_code_lives_as_long_as_its_session(portal: PortalStore, clock: StandingClock) -> None:
    person = await portal.find_or_make_person(key(1))
    session = await begun(portal, person)
    clock.move(timedelta(minutes=30))
    code = str(session.session.pairing_code)
    assert await portal.link_by_code(code, organisation=ORGANISATION, unit=UNIT, by="x") is PairingRefusal.WRONG
    session = await begun(portal, person)
    await portal.end_session(session.token)
    code = str(session.session.pairing_code)
    assert await portal.link_by_code(code, organisation=ORGANISATION, unit=UNIT, by="x") is PairingRefusal.WRONG


async def test_after_so_many_wrong_codes_none_is_looked_at_for_an_hour_PO_20(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await portal.find_or_make_person(key(1))
    for _ in range(PAIRING_TRIES):
        refused = await portal.link_by_code("00000000", organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
        assert refused is PairingRefusal.WRONG
    code = str((await begun(portal, person)).session.pairing_code)
    refused = await portal.link_by_code(code, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert refused is PairingRefusal.TOO_MANY
    other = await portal.find_or_make_person(key(1, OTHER_ORGANISATION))
    theirs = str((await begun(portal, other)).session.pairing_code)
    assert await portal.link_by_code(theirs, organisation=OTHER_ORGANISATION, unit=OTHER_UNIT, by="x") == other
    clock.move(PAIRING_TRIES_WITHIN)
    code = str((await begun(portal, person)).session.pairing_code)
    assert await portal.link_by_code(code, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR) == person


async def test_an_administrator_has_no_code_on_screen(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    assert (await begun(portal, person, kind=LoginKind.ADMINISTRATOR)).session.pairing_code is None


async def test_a_second_unit_needs_no_second_code_and_a_first_one_does(portal: PortalStore) -> None:
    person, stranger = await paired(portal), await portal.find_or_make_person(key(2))
    assert await portal.link(person.id, organisation=ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
    assert not await portal.link(person.id, organisation=ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
    assert not await portal.link(stranger.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert [each.unit for each in await portal.links(ORGANISATION)] == [UNIT, OTHER_UNIT]


async def test_who_is_unlinked_has_no_session_and_no_copy_left_PO_28(portal: PortalStore) -> None:
    leaver, colleague = await paired(portal, 1), await paired(portal, 2)
    await portal.link(leaver.id, organisation=ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
    own, elsewhere = await counting(portal, leaver), await counting(portal, leaver, OTHER_UNIT)
    theirs, sheet = await counting(portal, colleague), await counting(portal, leaver, kind=LockKind.SHEET)
    keys = key_set(colleague)
    await portal.propose_key_set(keys, [copy(keys, each) for each in (own, theirs, sheet)])
    session, other = await begun(portal, leaver), await begun(portal, colleague)
    assert await portal.unlink(leaver.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert await portal.find_session(session.token) is None
    assert await portal.find_session(other.token) is not None
    assert {each.id for each in await portal.locks(UNIT)} == {theirs.id, sheet.id}
    assert {each.lock for each in await portal.copies(UNIT)} == {theirs.id, sheet.id}
    assert [each.id for each in await portal.locks(OTHER_UNIT)] == [elsewhere.id]
    assert not await portal.is_linked(leaver.id, UNIT)
    assert not await portal.unlink(leaver.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)


async def test_an_ended_link_is_shown_to_who_asks_and_may_begin_again(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    await portal.link(person.id, organisation=ORGANISATION, unit=OTHER_UNIT, by=ADMINISTRATOR)
    clock.move(timedelta(days=1))
    await portal.unlink(person.id, organisation=ORGANISATION, unit=UNIT, by="another")
    assert [each.unit for each in await portal.links(ORGANISATION)] == [OTHER_UNIT]
    ended, _ = await portal.links(ORGANISATION, ended=True)
    assert (ended.unit, ended.until, ended.ended_by) == (UNIT, clock.now(), "another")
    assert await portal.link(person.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)


async def test_linking_and_unlinking_stand_in_the_journal(portal: PortalStore) -> None:
    person = await paired(portal)
    await portal.unlink(person.id, organisation=ORGANISATION, unit=UNIT, by="another")
    told = [(each.event, each.by, each.about, each.unit) for each in await portal.journal(ORGANISATION)]
    assert told == [
        (JournalEvent.UNLINKED, "another", person.id, UNIT),
        (JournalEvent.LINKED, ADMINISTRATOR, person.id, UNIT),
    ]
    assert await portal.journal(OTHER_ORGANISATION) == ()
