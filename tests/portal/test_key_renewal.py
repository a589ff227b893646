"""When a unit's keys are to be renewed, and where it is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.portal.key_calls import Desk, desk_of
from support.portal.portals import UNIT_A1, running_portal

from gateway.identity.login import OrganisationNumber
from gateway.portal.key_renewal import is_renewal_due, who_left
from gateway.store.portal.model import OPERATOR, KeySet, KeySetState, Link, Person

MADE = datetime(2026, 10, 1, 9, tzinfo=UTC)
BEFORE, AFTER = MADE - timedelta(days=1), MADE + timedelta(days=1)
NUMBER = OrganisationNumber(kind="KVK", value="12345678")


def _set(state: KeySetState, made_at: datetime = MADE) -> KeySet:
    return KeySet(
        id=state.value,
        organisation=NUMBER,
        unit="unit",
        made_by="anna",
        signing_certificate=b"",
        decryption_certificate=b"",
        organisation_key=b"",
        state=state,
        made_at=made_at,
    )


def _link(until: datetime | None, person: str = "bert", unit: str = "unit") -> Link:
    who = Person(id=person, organisation=NUMBER, name=None, made_at=BEFORE, logged_in_at=BEFORE)
    return Link(person=who, unit=unit, since=BEFORE, until=until, linked_by="anna", ended_by=None)


ACTIVE, PROPOSED = _set(KeySetState.ACTIVE), _set(KeySetState.PROPOSED, AFTER + timedelta(days=1))


@pytest.mark.parametrize(
    ("sets", "links", "due"),
    [
        pytest.param([ACTIVE], [_link(AFTER)], True, id="left after the set was made"),
        pytest.param([ACTIVE], [_link(BEFORE)], False, id="left before it was made"),
        pytest.param([ACTIVE], [_link(None)], False, id="is here"),
        pytest.param([ACTIVE], [_link(AFTER), _link(None)], False, id="came back"),
        pytest.param([ACTIVE], [_link(AFTER), _link(None, "carla")], True, id="another is here"),
        pytest.param([ACTIVE], [_link(AFTER, unit="other")], False, id="left another unit"),
        pytest.param([PROPOSED, ACTIVE], [_link(AFTER)], True, id="a new set waits for the operator"),
        pytest.param([_set(KeySetState.PROPOSED)], [_link(AFTER)], False, id="no set is in force"),
        pytest.param([], [_link(AFTER)], False, id="no set"),
    ],
)
def test_keys_are_to_be_renewed_after_somebody_left(sets: list[KeySet], links: list[Link], due: bool) -> None:
    assert is_renewal_due("unit", sets, links) is due


def test_who_left_is_who_came_back_no_more_and_never_somebody_without_a_link() -> None:
    links = [_link(BEFORE), _link(AFTER), _link(AFTER, "carla"), _link(None, "carla"), _link(AFTER, "dirk", "other")]
    assert who_left("unit", links) == {"bert": AFTER}


async def test_removing_somebody_leads_to_renewing_and_both_pages_ask_for_it_until_that_was_done(
    tmp_path: Path,
) -> None:
    said = "Iemand is weggegaan sinds deze sleutel werd gemaakt."
    async with running_portal(tmp_path) as portal:
        desk, store = await desk_of(portal), portal.store
        colleague = await portal.linked(UNIT_A1, person="Pieters")
        lock, _ = await desk.lock()
        sheet, _ = await Desk(colleague, await colleague.token()).lock("sheet")
        await desk.propose(lock)
        assert not any(each["has_left"] for each in (await desk.keys())["locks"])
        await store.activate_key_set((await store.key_sets(UNIT_A1))[0].id, by=OPERATOR)
        administrator = await portal.administrator()
        page = await administrator.get("/organisatie")
        assert said not in page.text
        portal.clock.move(timedelta(seconds=1))
        path = f"/organisatie/{UNIT_A1}/ontkoppelen"
        fields = {
            **page.form(path),
            "person": json.loads((await colleague.get("/desk/api/session")).text)["person"]["id"],
        }
        assert (await administrator.post(path, fields)).see == "/sleutel"
        assert {each["id"]: each["has_left"] for each in (await desk.keys())["locks"]} == {lock: False, sheet: True}
        for each in ("/sleutel", "/organisatie"):
            assert said in (await administrator.get(each)).text

        portal.clock.move(timedelta(seconds=1))
        lock, _ = await desk.lock("sheet")
        assert (await desk.propose(lock)).status == 200
        assert said in (await administrator.get("/sleutel")).text
        await store.activate_key_set((await store.key_sets(UNIT_A1))[0].id, by=OPERATOR)
        for each in ("/sleutel", "/organisatie"):
            assert said not in (await administrator.get(each)).text
