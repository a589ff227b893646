"""Documents that follow one another, requests, the notice and the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.portal.portal_samples import ORGANISATION, OTHER_ORGANISATION, OTHER_UNIT, UNIT, document, key_set, paired

from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import OPERATOR, DocumentKind, PortalNotice, RequestState, SignedUnder
from gateway.store.portal.rules import follows
from gateway.store.portal.terms import OCTETS_OF_A_DOCUMENT

SETTINGS = DocumentKind.SETTINGS


async def test_the_next_version_names_the_one_before_PO_57(portal: PortalStore) -> None:
    assert await portal.document(SETTINGS, organisation=ORGANISATION) is None
    refused = [
        document(2, b"two", b"one"),
        document(1, b"one", b"zero"),
    ]
    for each in refused:
        assert not await portal.keep_document(each)
    assert await portal.keep_document(document(1, b"one"))
    for each in (document(1, b"one"), document(2, b"two"), document(2, b"two", b"two"), document(3, b"x", b"one")):
        assert not await portal.keep_document(each)
    assert await portal.keep_document(document(2, b"two", b"one"))
    newest = await portal.document(SETTINGS, organisation=ORGANISATION)
    assert newest is not None
    assert (newest.counter, newest.octets) == (2, b"two")
    assert [each.counter for each in await portal.documents(SETTINGS, organisation=ORGANISATION)] == [2, 1]


@given(octets=st.binary(max_size=64), counter=st.integers(1, 9))
def test_whatever_a_version_says_it_follows_on_the_one_that_it_names(octets: bytes, counter: int) -> None:
    newest = document(counter, octets)
    assert follows(document(counter + 1, b"next", octets), newest)
    assert not follows(document(counter + 1, b"next", octets + b"x"), newest)
    assert not follows(document(counter, b"next", octets), newest)


async def test_each_kind_organisation_and_unit_has_versions_of_its_own(portal: PortalStore) -> None:
    roster = {"kind": DocumentKind.ROSTER, "unit": UNIT}
    others = [{"organisation": OTHER_ORGANISATION}, roster, roster | {"unit": "another"}]
    for number, each in enumerate([{}, *others]):
        assert await portal.keep_document(document(1, str(number).encode(), **each))
    found = await portal.document(DocumentKind.ROSTER, organisation=ORGANISATION, unit=UNIT)
    assert found is not None
    assert found.octets == b"2"
    assert await portal.document(DocumentKind.ROSTER, organisation=OTHER_ORGANISATION, unit=UNIT) is None


async def test_what_a_key_signed_is_kept_only_while_that_key_counts_PO_57(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    under = SignedUnder(key=b"organisation", units=frozenset({UNIT, OTHER_UNIT}))
    assert not await portal.keep_document(document(1, b"one"), under=under), "no set is in force"
    for unit, key in ((UNIT, b"organisation"), (OTHER_UNIT, b"another")):
        keys = key_set(person, unit, organisation_key=key)
        assert await portal.propose_key_set(keys, []) is not None
        if unit == OTHER_UNIT:
            assert await portal.keep_document(document(1, b"one"), under=under), (
                "another one that waits changes nothing"
            )
            clock.move(timedelta(seconds=1))
        assert await portal.activate_key_set(keys.id, by=OPERATOR)
    assert not await portal.keep_document(document(2, b"two", b"one"), under=under)
    assert len(await portal.documents(SETTINGS, organisation=ORGANISATION)) == 1
    assert await portal.keep_document(document(2, b"two", b"one"), under=replace(under, key=b"another"))


async def test_of_what_a_unit_knows_the_newest_version_is_kept_and_the_journal_is_silent(portal: PortalStore) -> None:
    known = {"kind": DocumentKind.KNOWN, "unit": UNIT}
    assert await portal.keep_document(document(1, b"settings"))
    for counter, octets, before in ((1, b"one", None), (2, b"two", b"one"), (3, b"three", b"two")):
        assert await portal.keep_document(document(counter, octets, before, **known))
    assert not await portal.keep_document(document(3, b"another", b"two", **known))
    kept = await portal.documents(DocumentKind.KNOWN, organisation=ORGANISATION, unit=UNIT)
    assert [each.octets for each in kept] == [b"three"]
    assert [each.about for each in await portal.journal(ORGANISATION)] == ["settings 1"]
    assert len(await portal.documents(SETTINGS, organisation=ORGANISATION)) == 1


async def test_a_document_is_bounded(portal: PortalStore) -> None:
    assert not await portal.keep_document(document(1, bytes(OCTETS_OF_A_DOCUMENT + 1)))


async def test_requests_are_found_by_organisation_and_state(portal: PortalStore) -> None:
    person = await paired(portal)
    first = await portal.propose_key_set(key_set(person), [])
    second = await portal.propose_key_set(key_set(person), [])
    other = await portal.propose_key_set(key_set(person, "another", organisation=OTHER_ORGANISATION), [])
    assert None not in (first, second, other)
    open_ones = await portal.requests(states=[RequestState.SUBMITTED])
    assert set(open_ones) == {second, other}
    withdrawn = [RequestState.WITHDRAWN, RequestState.REFUSED]
    (found,) = await portal.requests(organisation=ORGANISATION, states=withdrawn)
    assert first is not None
    assert found.id == first.id
    assert len(await portal.requests()) == 3
    assert await portal.find_request("no such id") is None


async def test_a_notice_stands_until_its_time_is_over_or_it_is_taken_away(
    portal: PortalStore, clock: StandingClock
) -> None:
    notice = PortalNotice(text="Maandag onderhoud", until=clock.now() + timedelta(hours=1))
    await portal.set_notice(notice)
    assert await portal.notice() == notice
    clock.move(timedelta(hours=1))
    assert await portal.notice() is None
    for text in ("een", "twee"):
        await portal.set_notice(PortalNotice(text=text, until=clock.now() + timedelta(hours=1)))
    found = await portal.notice()
    assert found is not None
    assert found.text == "twee"
    await portal.set_notice(None)
    assert await portal.notice() is None


async def test_the_journal_is_read_page_by_page(portal: PortalStore) -> None:
    for number in range(1, 6):
        before = str(number - 1).encode() if number > 1 else None
        await portal.keep_document(document(number, str(number).encode(), before))
    first = await portal.journal(ORGANISATION, limit=2)
    rest = await portal.journal(ORGANISATION, older_than=first[-1].number)
    assert [each.about for each in (*first, *rest)] == [f"settings {number}" for number in (5, 4, 3, 2, 1)]
