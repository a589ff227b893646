"""Sessions and logins under way: found by what only the browser has, over when their time is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.clocks import StandingClock
from support.portal.engines import OpenPortal
from support.portal.portal_samples import ISSUER, UNIT, begun, key, login, paired

from gateway.identity.login import LoginKind
from gateway.store.portal import terms
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.tokens import csrf_token_of, kept_of
from gateway.store.portal.verbs import sessions


async def test_a_session_says_who_for_what_and_until_when(portal: PortalStore, clock: StandingClock) -> None:
    person = await paired(portal)
    new = await begun(portal, person, branch="000012345678")
    found = await portal.find_session(new.token)
    assert found == new.session
    assert (found.person, found.kind, found.branch, found.units) == (person, LoginKind.USER, "000012345678", (UNIT,))
    assert (found.ends_at, found.idle_ends_at) == (
        clock.now() + terms.SESSION_LONGEST, clock.now() + terms.SESSION_IDLE
    )  # fmt: skip
    assert found.csrf_token == csrf_token_of(new.token) != new.token


async def test_a_session_outlives_a_restart(open_portal: OpenPortal) -> None:
    first = await open_portal()
    new = await begun(first, await paired(first))
    assert await (await open_portal()).find_session(new.token) == new.session


@pytest.mark.parametrize("token", ["", "x", "é\ud800", "0" * 43])
async def test_what_is_no_token_finds_nothing(portal: PortalStore, token: str) -> None:
    await begun(portal, await paired(portal))
    assert await portal.find_session(token) is None
    assert not await portal.end_session(token)


async def test_a_token_that_nobody_has_costs_no_transaction(
    portal: PortalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used(*_: object) -> None:
        raise AssertionError("a stranger made the store write")

    for verb in ("write", "touch"):
        monkeypatch.setattr(portal._access, verb, used)
    assert await portal.find_session("0" * 43) is None


async def test_a_session_ends_when_it_is_idle_and_goes_on_when_it_is_used_PO_22(
    portal: PortalStore, clock: StandingClock
) -> None:
    new = await begun(portal, await paired(portal))
    almost = terms.SESSION_IDLE - timedelta(seconds=1)
    clock.move(almost)
    assert await portal.find_session(new.token) is not None
    clock.move(almost)
    assert await portal.find_session(new.token, touch=False) is not None
    clock.move(timedelta(seconds=1))
    assert await portal.find_session(new.token) is None


async def test_a_session_ends_after_a_working_day_however_much_it_is_used_PO_22(
    portal: PortalStore, clock: StandingClock
) -> None:
    new = await begun(portal, await paired(portal))
    for _ in range(23):
        clock.move(timedelta(minutes=20))
        assert await portal.find_session(new.token) is not None
    clock.move(timedelta(minutes=20))
    assert await portal.find_session(new.token) is None


async def test_a_login_ends_the_session_that_was_in_the_browser_PO_21(portal: PortalStore) -> None:
    person = await paired(portal)
    old = await begun(portal, person)
    new = await begun(portal, person, replaces=old.token)
    assert new.token != old.token
    assert await portal.find_session(old.token) is None
    assert await portal.find_session(new.token) is not None


async def test_a_token_that_was_planted_begins_no_session_PO_21(portal: PortalStore) -> None:
    person = await paired(portal)
    new = await begun(portal, person, replaces="planted")
    assert new.token != "planted"
    assert await portal.find_session("planted") is None


async def test_logout_leaves_nothing_PO_23(portal: PortalStore) -> None:
    new = await begun(portal, await paired(portal))
    assert await portal.end_session(new.token)
    assert await portal.find_session(new.token) is None
    assert not await portal.end_session(new.token)


async def test_all_sessions_of_a_person_end_at_once(portal: PortalStore) -> None:
    person, other = await paired(portal, 1), await paired(portal, 2)
    mine = [await begun(portal, person) for _ in range(3)]
    theirs = await begun(portal, other)
    assert await portal.end_sessions_of(person.id) == 3
    assert [await portal.find_session(each.token) for each in mine] == [None, None, None]
    assert await portal.find_session(theirs.token) is not None


async def test_a_session_needs_a_person(portal: PortalStore) -> None:
    with pytest.raises(ValueError, match="person"):
        await portal.begin_session("nobody", kind=LoginKind.USER)


async def test_a_login_comes_back_once_to_the_browser_that_began_it_PO_10(portal: PortalStore) -> None:
    asked = login(request_id="_1", road="oidc:one", kind=LoginKind.ADMINISTRATOR, memo='{"return":"/sleutel"}')
    handles, others = await portal.open_login(asked), await portal.open_login(login())
    assert await portal.take_login(handles.handle, others.cookie) is None
    assert await portal.take_login(others.handle, handles.cookie) is None
    assert await portal.take_login(kept_of(handles.handle).hex(), handles.cookie) is None
    taken = await portal.take_login(handles.handle, handles.cookie)
    assert taken is not None
    assert (taken.request_id, taken.road, taken.kind, taken.memo) == ("_1", "oidc:one", asked.kind, asked.memo)
    assert await portal.take_login(handles.handle, handles.cookie) is None


async def test_a_login_that_comes_back_too_late_is_none_PO_10(portal: PortalStore, clock: StandingClock) -> None:
    handles = await portal.open_login(login())
    clock.move(terms.LOGIN_OPEN)
    assert await portal.take_login(handles.handle, handles.cookie) is None


async def test_where_as_many_logins_are_open_as_may_be_the_oldest_gives_way(
    portal: PortalStore, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LOGINS_OPEN", 3)
    handles = []
    for _ in range(4):
        clock.move(timedelta(seconds=1))
        handles.append(await portal.open_login(login()))
    taken = [await portal.take_login(each.handle, each.cookie) for each in handles]
    assert [each is not None for each in taken] == [False, True, True, True]


async def test_what_a_road_remembers_is_bounded(portal: PortalStore) -> None:
    with pytest.raises(ValueError, match="octets"):
        await portal.open_login(login(memo="x" * (terms.OCTETS_OF_A_MEMO + 1)))


async def test_an_assertion_is_new_once_for_each_issuer_PO_10(open_portal: OpenPortal, clock: StandingClock) -> None:
    portal = await open_portal()
    until = clock.now() + timedelta(minutes=5)
    assert await portal.note_assertion(ISSUER, "_a", forget_at=until)
    assert await portal.note_assertion(f"{ISSUER}/other", "_a", forget_at=until)
    assert not await portal.note_assertion(ISSUER, "_a", forget_at=until)
    assert not await (await open_portal()).note_assertion(ISSUER, "_a", forget_at=until)


async def test_tokens_and_codes_are_never_the_same(portal: PortalStore) -> None:
    person = await portal.find_or_make_person(key(1))
    made = [await begun(portal, person) for _ in range(20)]
    drawn = [each.token for each in made] + [each.session.csrf_token for each in made]
    drawn += [str(each.session.pairing_code) for each in made]
    assert len(set(drawn)) == 60
