"""Key sets, locks, wrapped copies and ceremonies: kept for a unit, and for nobody else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import (
    ADMINISTRATOR,
    ORGANISATION,
    OTHER_ORGANISATION,
    OTHER_UNIT,
    UNIT,
    copy,
    counting,
    document,
    key_set,
    lock,
    paired,
)

from gateway.store.portal import terms
from gateway.store.portal.interface import PortalStore, TooManyOpen
from gateway.store.portal.model import (
    OPERATOR,
    DocumentKind,
    JournalEvent,
    KeptDocument,
    KeySetState,
    PortalRequest,
    RequestKind,
    RequestState,
)
from gateway.store.portal.verbs import ceremonies

ROSTER = DocumentKind.ROSTER


async def test_a_lock_counts_once_its_round_trip_held_PO_51(portal: PortalStore, clock: StandingClock) -> None:
    person, other = await paired(portal, 1), await paired(portal, 2)
    sample = lock(person)
    made = await portal.add_lock(sample)
    assert made is not None
    assert len(made.challenge) == terms.CHALLENGE_OCTETS
    assert (await portal.locks(UNIT))[0].counts_since is None
    assert not await portal.count_lock(sample.id, unit=UNIT, person=other.id)
    assert not await portal.count_lock(sample.id, unit=OTHER_UNIT, person=person.id)
    assert await portal.count_lock(sample.id, unit=UNIT, person=person.id)
    assert not await portal.count_lock(sample.id, unit=UNIT, person=person.id)
    assert await portal.locks(UNIT) == (replace(made, counts_since=clock.now()),)


async def test_the_id_of_a_lock_is_used_once(portal: PortalStore) -> None:
    person = await paired(portal)
    sample = lock(person)
    first, second = await portal.add_lock(sample), await portal.add_lock(replace(sample, name="another"))
    assert first is not None
    assert second is None
    assert [each.name for each in await portal.locks(UNIT)] == [first.name]


async def test_a_roster_and_the_copies_that_it_lists_are_kept_together_or_not_at_all(portal: PortalStore) -> None:
    person = await paired(portal)
    one = await counting(portal, person)
    of_unit: dict[str, Any] = {"kind": DocumentKind.ROSTER, "unit": UNIT}
    first = document(1, b"first", **of_unit)
    keys, other = key_set(person), key_set(person)
    assert await portal.propose_key_set(keys, [copy(keys, one)], roster=first) is not None
    assert await portal.propose_key_set(other, [copy(other, one)], roster=first) is None
    assert [(each.id, each.state) for each in await portal.key_sets(UNIT)] == [(keys.id, KeySetState.PROPOSED)]
    second = document(2, b"second", b"first", **of_unit)
    gone = lock(person)
    assert not await portal.wrap([copy(keys, gone)], unit=UNIT, roster=second)
    assert not await portal.wrap([copy(keys, one, octets=b"other")], unit=UNIT, roster=first)
    assert [each.octets for each in await portal.copies(UNIT)] == [copy(keys, one).octets]
    kept = await portal.document(DocumentKind.ROSTER, organisation=ORGANISATION, unit=UNIT)
    assert kept is not None
    assert kept.octets == b"first"
    assert await portal.wrap([copy(keys, one)], unit=UNIT, roster=second)


async def test_nobody_gives_a_copy_of_a_set_that_lies_in_no_lock_of_his_own_any_more_PO_52(
    portal: PortalStore,
) -> None:
    person, other = await paired(portal, 1), await paired(portal, 2)
    own, second = await counting(portal, person), await counting(portal, person)
    theirs = await counting(portal, other)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    given = copy(keys, theirs)
    assert not await portal.wrap([replace(given, wrapped_by=other.id)], unit=UNIT)
    assert not await portal.wrap(
        [replace(given, wrapped_by=other.id)], unit=UNIT, roster=document(1, b"1", kind=ROSTER, unit=UNIT)
    )
    assert await portal.remove_lock(own.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    for lock_of_his in (theirs, second):
        assert not await portal.wrap([copy(keys, lock_of_his)], unit=UNIT), "his other lock has none of it"
    assert await portal.copies(UNIT) == ()
    assert await portal.document(ROSTER, organisation=ORGANISATION, unit=UNIT) is None


async def test_a_person_has_so_many_locks_of_a_unit_and_no_more(portal: PortalStore) -> None:
    person, other = await paired(portal, 1), await paired(portal, 2)
    for _ in range(terms.LOCKS_OF_A_PERSON):
        assert await portal.add_lock(lock(person)) is not None
    with pytest.raises(TooManyOpen):
        await portal.add_lock(lock(person))
    assert await portal.add_lock(lock(other)) is not None


async def test_so_many_sets_of_a_unit_are_asked_for_in_a_day_and_no_more(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    for _ in range(terms.KEY_SETS_OF_A_DAY):
        assert await portal.propose_key_set(key_set(person), []) is not None
    with pytest.raises(TooManyOpen):
        await portal.propose_key_set(key_set(person), [])
    assert [each.state for each in await portal.key_sets(UNIT)].count(KeySetState.PROPOSED) == 1
    clock.move(timedelta(days=1))
    assert await portal.propose_key_set(key_set(person), []) is not None


async def test_every_challenge_is_another(portal: PortalStore) -> None:
    person = await paired(portal)
    made = [await portal.add_lock(lock(person)) for _ in range(5)]
    assert len({each.challenge for each in made if each is not None}) == 5


async def test_a_lock_that_is_removed_takes_its_copies_along(portal: PortalStore) -> None:
    person = await paired(portal)
    one, two = await counting(portal, person), await counting(portal, person)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, one), copy(keys, two)])
    elsewhere = {"organisation": OTHER_ORGANISATION, "unit": UNIT}, {"organisation": ORGANISATION, "unit": OTHER_UNIT}
    for foreign in elsewhere:
        assert not await portal.remove_lock(one.id, by=ADMINISTRATOR, **foreign)  # type: ignore[arg-type]
    assert await portal.remove_lock(one.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert not await portal.remove_lock(one.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    assert [each.lock for each in await portal.copies(UNIT)] == [two.id]


async def test_a_new_set_is_a_request_and_in_force_after_its_approval(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    request = await portal.propose_key_set(keys, [copy(keys, own)])
    assert request is not None
    assert (request.about, request.unit, request.state) == (keys.id, UNIT, RequestState.SUBMITTED)
    assert await portal.requests(states=[RequestState.SUBMITTED]) == (request,)
    assert [each.state for each in await portal.key_sets(UNIT)] == [KeySetState.PROPOSED]
    assert await portal.activate_key_set(keys.id, by=OPERATOR)
    assert not await portal.activate_key_set(keys.id, by=OPERATOR)
    (active,) = await portal.key_sets(UNIT)
    assert (active.state, active.active_since) == (KeySetState.ACTIVE, clock.now())
    decided = await portal.find_request(request.id)
    assert decided is not None
    assert (decided.state, decided.decided_by, decided.decided_at) == (RequestState.APPROVED, OPERATOR, clock.now())


async def test_rotation_keeps_the_old_copies_until_nothing_waits_PO_54(portal: PortalStore) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    old, new = key_set(person), key_set(person)
    for each in (old, new):
        await portal.propose_key_set(each, [copy(each, own, each.id.encode())])
        await portal.activate_key_set(each.id, by=OPERATOR)
    states = {each.id: each.state for each in await portal.key_sets(UNIT)}
    assert states == {old.id: KeySetState.RETIRED, new.id: KeySetState.ACTIVE}
    assert {each.octets for each in await portal.copies(UNIT, lock=own.id)} == {old.id.encode(), new.id.encode()}
    assert not await portal.end_key_set(old.id, unit=OTHER_UNIT, by=OPERATOR)
    assert await portal.end_key_set(old.id, unit=UNIT, by=OPERATOR)
    assert not await portal.end_key_set(old.id, unit=UNIT, by=OPERATOR)
    assert [each.key_set for each in await portal.copies(UNIT)] == [new.id]
    assert not await portal.wrap([copy(old, own)], unit=UNIT)


async def test_a_second_proposal_withdraws_the_first(portal: PortalStore) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    first, second = key_set(person), key_set(person)
    asked = await portal.propose_key_set(first, [copy(first, own)])
    await portal.propose_key_set(second, [copy(second, own)])
    assert asked is not None
    withdrawn = await portal.find_request(asked.id)
    assert withdrawn is not None
    assert withdrawn.state is RequestState.WITHDRAWN
    assert not await portal.activate_key_set(first.id, by=OPERATOR)
    assert [each.key_set for each in await portal.copies(UNIT)] == [second.id]


async def test_what_is_being_approved_is_withdrawn_by_nobody_and_may_still_be_refused(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    first, second = key_set(person), key_set(person)
    asked = await portal.propose_key_set(first, [copy(first, own)])
    assert asked is not None
    clock.move(timedelta(days=1))
    assert await portal.approving() == frozenset()
    assert await portal.begin_approval(asked.id)
    assert await portal.approving() == {asked.id}
    clock.move(terms.REQUEST_UNDECIDED - timedelta(days=1))
    assert await portal.begin_approval(asked.id), "what was cut short is done again"
    assert await portal.propose_key_set(second, [copy(second, own)]) is None
    assert not await portal.end_key_set(first.id, unit=UNIT, by=person.id)
    assert not await portal.decide_request(asked.id, RequestState.WITHDRAWN, by=person.id)
    await portal.purge()
    assert await portal.find_request(asked.id) == asked
    assert [each.state for each in await portal.key_sets(UNIT)] == [KeySetState.PROPOSED]
    assert await portal.decide_request(asked.id, RequestState.REFUSED, by=OPERATOR, reason="the files have a fault")
    assert not await portal.begin_approval(asked.id)
    assert await portal.approving() == frozenset()
    assert await portal.propose_key_set(second, [copy(second, own)]) is not None


async def test_a_refused_set_ends_with_its_copies(portal: PortalStore) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    request = await portal.propose_key_set(keys, [copy(keys, own)])
    assert request is not None
    assert not await portal.decide_request(request.id, RequestState.APPROVED, by=OPERATOR)
    assert await portal.decide_request(request.id, RequestState.REFUSED, by=OPERATOR, reason="other words")
    assert not await portal.decide_request(request.id, RequestState.WITHDRAWN, by=person.id)
    decided = await portal.find_request(request.id)
    assert decided is not None
    assert (decided.state, decided.reason) == (RequestState.REFUSED, "other words")
    assert [each.state for each in await portal.key_sets(UNIT)] == [KeySetState.ENDED]
    assert await portal.copies(UNIT) == ()
    assert not await portal.activate_key_set(keys.id, by=OPERATOR)


async def test_copies_are_kept_all_or_none_and_only_within_a_unit_PO_27(portal: PortalStore) -> None:
    person = await paired(portal)
    own, foreign = await counting(portal, person), await counting(portal, person, OTHER_UNIT)
    keys, theirs = key_set(person), key_set(person, OTHER_UNIT)
    assert await portal.propose_key_set(keys, [copy(keys, own), copy(keys, foreign)]) is None
    assert await portal.propose_key_set(keys, [copy(theirs, own)]) is None
    assert await portal.key_sets(UNIT) == ()
    await portal.propose_key_set(keys, [])
    await portal.propose_key_set(theirs, [copy(theirs, foreign)])
    for each in (copy(keys, foreign), copy(theirs, own), copy(theirs, foreign), copy(key_set(person), own)):
        assert not await portal.wrap([copy(keys, own), each], unit=UNIT)
    assert not await portal.wrap([copy(keys, own, bytes(terms.OCTETS_OF_A_COPY + 1))], unit=UNIT)
    assert await portal.copies(UNIT) == ()
    assert await portal.copies(UNIT, lock=foreign.id) == ()
    assert [each.lock for each in await portal.copies(OTHER_UNIT)] == [foreign.id]


async def test_a_copy_takes_the_place_of_the_one_before_and_without_a_roster_by_its_pins_alone_PO_78(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    first, pinned = (
        b'{"oneOff": "1", "keys": {"signing": "1"}, "pins": null}',
        b'{"keys":{"signing":"1"},"oneOff":"1","pins":"1"}',
    )
    await portal.propose_key_set(keys, [copy(keys, own, first)], roster=document(1, b"1", kind=ROSTER, unit=UNIT))
    clock.move(timedelta(hours=1))
    assert await portal.wrap([copy(keys, own, pinned)], unit=UNIT)
    (found,) = await portal.copies(UNIT)
    assert (found.octets, found.wrapped_at) == (pinned, clock.now())
    for before, after in ((b'"oneOff":"1"', b'"oneOff":"2"'), (b'"signing":"1"', b'"signing":"2"')):
        anew = copy(keys, own, pinned.replace(before, after))
        assert not await portal.wrap([anew], unit=UNIT), "a page that waited has the keys of before"
        assert await portal.copies(UNIT) == (found,)
    assert await portal.wrap([anew], unit=UNIT, roster=document(2, b"2", b"1", kind=ROSTER, unit=UNIT))
    assert [each.octets for each in await portal.copies(UNIT)] == [anew.octets]


async def test_a_lock_whose_copies_are_asked_for_is_used(portal: PortalStore, clock: StandingClock) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    clock.move(timedelta(hours=1))
    await portal.copies(UNIT)
    assert (await portal.locks(UNIT))[0].used_at is None
    await portal.copies(UNIT, lock=own.id)
    assert (await portal.locks(UNIT))[0].used_at == clock.now()


async def test_what_happens_to_keys_stands_in_the_journal(portal: PortalStore) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    await portal.activate_key_set(keys.id, by=OPERATOR)
    other = await counting(portal, person)
    await portal.wrap([copy(keys, other)], unit=UNIT)
    await portal.end_key_set(keys.id, unit=UNIT, by=person.id)
    told = [(each.event, each.by) for each in reversed(await portal.journal(ORGANISATION))]
    assert told[1:] == [
        (JournalEvent.LOCK_COUNTS, person.id),
        (JournalEvent.KEYS_PROPOSED, person.id),
        (JournalEvent.REQUEST_SUBMITTED, person.id),
        (JournalEvent.REQUEST_DECIDED, OPERATOR),
        (JournalEvent.KEYS_ACTIVE, OPERATOR),
        (JournalEvent.LOCK_COUNTS, person.id),
        (JournalEvent.COPY_WRAPPED, person.id),
        (JournalEvent.KEYS_ENDED, person.id),
    ]


async def test_a_copy_that_was_there_is_no_change_to_tell_when_it_comes_again_or_with_other_pins(
    portal: PortalStore,
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    keys = key_set(person)
    first = b'{"oneOff": "1", "keys": {"signing": "1"}, "pins": null}'
    await portal.propose_key_set(keys, [copy(keys, own, first)])
    before = await portal.journal(ORGANISATION)
    for octets in (first, first.replace(b"null", b'"1"'), first.replace(b"null", b'"2"')):
        assert await portal.wrap([copy(keys, own, octets)], unit=UNIT)
        assert [each.octets for each in await portal.copies(UNIT)] == [octets]
    assert await portal.journal(ORGANISATION) == before
    anew = copy(keys, own, first.replace(b'"signing": "1"', b'"signing": "2"'))
    assert await portal.wrap([anew], unit=UNIT, roster=document(1, b"1", kind=ROSTER, unit=UNIT))
    assert (await portal.journal(ORGANISATION))[0].event is JournalEvent.COPY_WRAPPED


async def test_a_ceremony_hears_two_and_each_word_once(portal: PortalStore) -> None:
    begun = await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="b", said=b"1")
    assert await portal.say(begun.id, unit=UNIT, by="a", after=0, said=b"2") is None
    assert await portal.say(begun.id, unit=OTHER_UNIT, by="a", after=1, said=b"2") is None
    answered = await portal.say(begun.id, unit=UNIT, by="a", after=1, said=b"2")
    assert answered is not None
    assert (answered.approver, answered.said) == ("a", (b"1", b"2"))
    assert await portal.say(begun.id, unit=UNIT, by="a", after=1, said=b"2") is None
    assert await portal.say(begun.id, unit=UNIT, by="c", after=2, said=b"3") is None
    assert await portal.say(begun.id, unit=UNIT, by="b", after=2, said=b"3") is not None
    (found,) = await portal.ceremonies(UNIT)
    assert found.said == (b"1", b"2", b"3")
    assert await portal.ceremonies(OTHER_UNIT) == ()


async def test_a_ceremony_ends_by_one_of_the_two_or_by_its_time(portal: PortalStore, clock: StandingClock) -> None:
    begun = await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="b", said=b"1")
    assert not await portal.end_ceremony(begun.id, unit=UNIT, by="c")
    assert not await portal.end_ceremony(begun.id, unit=OTHER_UNIT, by="b")
    assert await portal.end_ceremony(begun.id, unit=UNIT, by="b")
    begun = await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="b", said=b"1")
    clock.move(terms.CEREMONY_OPEN)
    assert await portal.ceremonies(UNIT) == ()
    assert await portal.say(begun.id, unit=UNIT, by="a", after=1, said=b"2") is None


async def test_a_newcomer_has_one_ceremony_and_a_unit_so_many(
    portal: PortalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ceremonies, "CEREMONIES_OPEN", 2)
    for newcomer in ("a", "a", "b", "b"):
        await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer=newcomer, said=b"1")
    with pytest.raises(TooManyOpen):
        await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="c", said=b"1")
    assert {each.newcomer for each in await portal.ceremonies(UNIT)} == {"a", "b"}
    too_long = bytes(terms.OCTETS_OF_A_WORD + 1)
    with pytest.raises(ValueError, match="octets"):
        await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="a", said=too_long)


async def test_a_ceremony_does_not_go_on_for_ever(portal: PortalStore) -> None:
    begun = await portal.open_ceremony(organisation=ORGANISATION, unit=UNIT, newcomer="b", said=b"1")
    too_long = bytes(terms.OCTETS_OF_A_WORD + 1)
    assert await portal.say(begun.id, unit=UNIT, by="a", after=1, said=too_long) is None
    for number in range(1, terms.CEREMONY_WORDS):
        assert await portal.say(begun.id, unit=UNIT, by="a", after=number, said=b"x") is not None
    assert await portal.say(begun.id, unit=UNIT, by="a", after=terms.CEREMONY_WORDS, said=b"x") is None


async def test_a_loss_that_is_refused_leaves_the_roster_that_the_locks_of_before_know_PO_55(
    portal: PortalStore, clock: StandingClock
) -> None:
    """Also where it was asked for twice, the second in the place of the first, and after an earlier refusal."""
    person = await paired(portal)
    own = await counting(portal, person)
    signed = [b"0"]

    def roster() -> KeptDocument:
        before = signed[-1]
        signed.append(str(len(signed)).encode())
        clock.move(timedelta(hours=1))
        return document(len(signed) - 1, signed[-1], before if len(signed) > 2 else None, kind=ROSTER, unit=UNIT)

    async def asked(follows: Collection[str] = ()) -> PortalRequest:
        made = key_set(person)
        found = await portal.propose_key_set(made, [copy(made, own)], roster=roster(), follows=follows)
        assert found is not None
        return found

    async def newest() -> bytes:
        found = await portal.document(ROSTER, organisation=ORGANISATION, unit=UNIT)
        assert found is not None
        return found.octets

    first = await asked()
    assert first.kind is RequestKind.KEY_SET, "nothing was in force before it"
    await portal.activate_key_set(first.about, by=OPERATOR)
    kept = await newest()
    for _ in range(2):
        assert (await asked()).kind is RequestKind.LOST_KEYS
        again = await asked()
        assert await newest() != kept
        assert await portal.decide_request(again.id, RequestState.REFUSED, by=OPERATOR, reason="a lock was found")
        assert await newest() == kept
        del signed[-2:]
        assert await portal.wrap([], unit=UNIT, roster=roster())
        kept = await newest()
    renewal = await asked(follows=[first.about])
    assert renewal.kind is RequestKind.KEY_SET
    assert await portal.decide_request(renewal.id, RequestState.REFUSED, by=OPERATOR, reason="other words")
    assert await newest() != kept, "who opened it meanwhile takes none of before it"


async def test_keys_are_lost_that_were_made_before_others_came_because_all_locks_were_PO_55(
    portal: PortalStore, clock: StandingClock
) -> None:
    person = await paired(portal)
    own = await counting(portal, person)
    made: list[str] = []
    for lost in (False, False, True, False):
        clock.move(timedelta(hours=1))
        keys = key_set(person)
        await portal.propose_key_set(keys, [copy(keys, own)], follows=() if lost else made)
        await portal.activate_key_set(keys.id, by=OPERATOR, reason="said so")
        made.append(keys.id)
    found = {each.key_set.id: each.is_lost for each in await portal.retired_key_sets()}
    assert found == {made[0]: True, made[1]: True, made[2]: False}
    (request, *_) = await portal.requests()
    assert request.reason == "said so"
