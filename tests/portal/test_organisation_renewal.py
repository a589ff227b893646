"""The next key of an organisation: one chain, that its former key signs, and nothing of a leaver's copy after it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.portal.key_calls import Desk, copy, desk_of, issued, public, text
from support.portal.portals import UNIT_A1, UNIT_A2, Page, TestedPortal, running_portal

from crypto.pki import Issued
from gateway.store.portal.model import OPERATOR, KeptDocument

FORMER, NEXT, OTHER = (issued("signing", number) for number in (1, 2, 3))


@asynccontextmanager
async def administered(folder: Path) -> AsyncIterator[tuple[TestedPortal, Desk, str, str]]:
    """A portal, an administrator of a unit whose set is in force, the set and a lock."""
    async with running_portal(folder) as portal:
        browser = await portal.administrator()
        desk = Desk(browser, await browser.token())
        lock, _ = await desk.lock()
        await desk.propose(lock)
        (made,) = (await desk.keys())["sets"]
        assert await portal.store.activate_key_set(made["id"], by=OPERATOR)
        yield portal, desk, made["id"], lock


def document(desk: Desk, key: Issued, *, by: Issued = FORMER, before: bytes = b"", **says: Any) -> dict[str, str]:
    return desk.signed("organisation", before, key=by, organisation=text(public(key)), **says)


async def renew(desk: Desk, set_id: str, lock: str, key: Issued = NEXT, *, settings: str = "", **changes: Any) -> Page:
    """Ask for that key, with a roster that takes these settings along."""
    endorsed = hashlib.sha256(settings.encode()).hexdigest() if settings else ""
    roster = desk.signed("roster", desk.roster, key=key, unit=UNIT_A1, locks=[{"id": lock}], endorsed=endorsed)
    copies = [{"set": set_id, "lock": lock, "copy": copy()}]
    unit = {"unit": desk.unit, "roster": roster, "copies": copies}
    unit |= {name: changes.pop(name) for name in ("roster", "copies") if name in changes}
    page = await desk.say("organisation", **{"renewal": document(desk, key), "units": [unit], **changes})
    if page.status == 200:
        desk.roster, desk.organisation = unit["roster"]["text"].encode(), key
    return page


async def test_what_the_former_key_signs_counts_no_more_and_what_the_next_one_does_is_taken_PO_78(
    tmp_path: Path,
) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, lock):
        assert (await desk.keys())["holders"] == [UNIT_A1]
        first = desk.signed("settings", accounts=[])
        assert (await desk.say("settings", settings=first)).status == 200
        settings = first["text"]
        leaver = await desk_of(portal)
        assert (await renew(desk, set_id, lock, settings=settings)).status == 200
        keys = await desk.keys()
        assert [json.loads(each["text"])["organisation"] for each in keys["renewals"]] == [text(public(NEXT))]
        assert [each["organisation"] for each in keys["sets"]] == [text(public(NEXT))]
        assert keys["roster"]["text"].encode() == desk.roster

        leaver.roster = desk.roster
        before = first["text"].encode()
        assert (await leaver.say("settings", settings=leaver.signed("settings", before, accounts=[]))).status == 400
        listed = [{"set": set_id, "lock": lock, "copy": copy()}]
        assert (await leaver.say("copies", copies=listed, roster=leaver.listing(lock))).status == 400
        assert (await leaver.propose(lock)).status == 403
        again = Desk(desk.browser, desk.token, FORMER, desk.roster)
        assert (await renew(again, set_id, lock, OTHER, settings=settings)).status == 400, "one more after the former"
        assert (await desk.say("settings", settings=desk.signed("settings", before, accounts=[]))).status == 200
        assert (await desk.propose(lock)).status == 200


async def test_a_page_that_waited_at_its_lock_brings_back_no_copy_of_before_PO_78(tmp_path: Path) -> None:
    async with administered(tmp_path) as (_, desk, set_id, lock):
        anew = {"set": set_id, "lock": lock, "copy": copy("cGlucw==").replace("b25l", "bmV4dA==")}
        assert (await renew(desk, set_id, lock, copies=[anew])).status == 200
        before = await desk.keys()
        late = await desk.say("copies", copies=[{**anew, "copy": copy("bGF0ZXI=")}])
        assert (late.status, json.loads(late.text)["error"]) == (409, "error.keys_changed")
        assert await desk.keys() == before
        assert (await desk.say("copies", copies=[anew])).status == 200


async def test_settings_of_the_former_key_are_refused_that_a_renewal_overtook_while_they_were_judged_PO_78(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, lock):
        late, keep = await desk_of(portal), portal.store.keep_document

        async def overtaken(kept: KeptDocument, **under: Any) -> bool:
            assert (await renew(desk, set_id, lock)).status == 200
            return await keep(kept, **under)

        monkeypatch.setattr(portal.store, "keep_document", overtaken)
        page = await late.say("settings", settings=late.signed("settings", accounts=[]))
        assert (page.status, json.loads(page.text)["error"]) == (409, "error.keys_changed")
        assert (await desk.keys())["settings"] == []


async def test_a_copy_is_refused_whose_giver_lost_his_lock_while_it_was_judged_PO_52(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, lock):
        other, wrap = (await desk.lock())[0], portal.store.wrap

        async def overtaken(*copies: Any, **said: Any) -> bool:
            assert (await desk.say(f"locks/{lock}/remove")).status == 200
            return await wrap(*copies, **said)

        monkeypatch.setattr(portal.store, "wrap", overtaken)
        copies = [{"set": set_id, "lock": other, "copy": copy()}]
        page = await desk.say("copies", copies=copies, roster=desk.listing(lock, other))
        assert (page.status, json.loads(page.text)["error"]) == (409, "error.keys_changed")
        assert (await desk.keys())["copies"] == []


async def test_each_next_key_is_signed_by_the_one_before_it_and_all_are_given_out_oldest_first(tmp_path: Path) -> None:
    async with administered(tmp_path) as (_, desk, set_id, lock):
        assert (await renew(desk, set_id, lock)).status == 200
        (first,) = (await desk.keys())["renewals"]
        before = first["text"].encode()
        skipped = document(desk, OTHER, by=NEXT)
        assert (await renew(desk, set_id, lock, OTHER, renewal=skipped)).status == 409, (
            "it does not name the one before"
        )
        foreign = document(desk, OTHER, by=OTHER, before=before)
        assert (await renew(desk, set_id, lock, OTHER, renewal=foreign)).status == 400
        follows = document(desk, OTHER, by=NEXT, before=before)
        assert (await renew(desk, set_id, lock, OTHER, renewal=follows)).status == 200
        assert [json.loads(each["text"])["counter"] for each in (await desk.keys())["renewals"]] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"renewal": None}, 400),
        ({"renewal": "settings"}, 400),
        ({"renewal": "no key"}, 400),
        ({"roster": "former"}, 400),
        ({"roster": "elsewhere"}, 400),
        ({"roster": "unlisted"}, 400),
        ({"roster": "does not follow"}, 409),
        ({"copies": "of another set"}, 409),
    ],
    ids=str,
)
async def test_a_next_key_comes_with_a_roster_and_copies_or_not_at_all(
    tmp_path: Path, changes: dict[str, Any], status: int
) -> None:
    async with administered(tmp_path) as (_, desk, set_id, lock):
        listed: dict[str, Any] = {"unit": UNIT_A1, "locks": [{"id": lock}]}
        made = {
            "settings": desk.signed("settings", key=FORMER, organisation=text(public(NEXT))),
            "no key": desk.signed("organisation", key=FORMER, organisation="?"),
            "former": desk.signed("roster", desk.roster, key=FORMER, **listed),
            "elsewhere": desk.signed("roster", desk.roster, key=NEXT, **{**listed, "unit": UNIT_A2}),
            "unlisted": desk.signed("roster", desk.roster, key=NEXT, **{**listed, "locks": []}),
            "does not follow": desk.signed("roster", key=NEXT, **listed),
            "of another set": [{"set": "gone", "lock": lock, "copy": copy()}],
        }
        before = await desk.keys()
        said = {name: made.get(each, each) for name, each in changes.items()}
        assert (await renew(desk, set_id, lock, **said)).status == status
        assert await desk.keys() == before


async def test_a_key_that_several_units_hold_is_not_renewed_for_one_of_them_and_the_page_knows(tmp_path: Path) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, lock):
        second = await portal.linked(UNIT_A2, person="Pieters")
        other = Desk(second, await second.token(), FORMER, unit=UNIT_A2)
        theirs, _ = await other.lock()
        assert (await other.propose(theirs)).status == 200
        assert (await desk.keys())["holders"] == [UNIT_A1, UNIT_A2]
        page = await renew(desk, set_id, lock)
        assert (page.status, json.loads(page.text)["error"]) == (409, "error.key_of_several_units")
        assert (await desk.keys())["renewals"] == []


async def test_a_key_that_several_units_hold_is_renewed_for_all_of_them_by_who_has_a_lock_in_each_PO_78(
    tmp_path: Path,
) -> None:
    async with administered(tmp_path) as (_, desk, set_id, lock):
        other = Desk(desk.browser, desk.token, FORMER, unit=UNIT_A2)
        theirs, _ = await other.lock()
        assert (await other.propose(theirs)).status == 200
        (there,) = (await other.keys())["sets"]
        first = desk.signed("settings", accounts=[])
        assert (await desk.say("settings", settings=first)).status == 200
        endorsed = hashlib.sha256(first["text"].encode()).hexdigest()

        def going(at: Desk, key_set: str, own: str, **says: Any) -> dict[str, Any]:
            said = {"unit": at.unit, "locks": [{"id": own}], "endorsed": endorsed, **says}
            copies = [{"set": key_set, "lock": own, "copy": copy()}]
            return {"unit": at.unit, "roster": at.signed("roster", at.roster, key=NEXT, **said), "copies": copies}

        here, along = going(desk, set_id, lock), going(other, there["id"], theirs)
        for units, status in (
            ([here], 409),
            ([here, going(other, there["id"], theirs, endorsed="")], 409),
            ([here, going(other, there["id"], lock)], 409),
            ([here, {**along, "unit": "another"}], 403),
            ([here, "units"], 400),
            ([here, {**along, "roster": here["roster"]}], 400),
        ):
            page = await desk.say("organisation", renewal=document(desk, NEXT), units=units)
            assert page.status == status, page.text
        assert [(await each.keys())["renewals"] for each in (desk, other)] == [[], []]
        page = await desk.say("organisation", renewal=document(desk, NEXT), units=[here, along])
        assert page.status == 200, page.text
        for each in (desk, other):
            keys = await each.keys()
            assert [one["organisation"] for one in keys["sets"]] == [text(public(NEXT))]
            assert [json.loads(one["text"])["organisation"] for one in keys["renewals"]] == [text(public(NEXT))]


async def test_whoever_administers_no_more_makes_no_next_key_with_a_copy_of_the_former_one_PO_78(
    tmp_path: Path,
) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, _):
        leaver = await desk_of(portal)
        leaver.roster = desk.roster
        own, _ = await leaver.lock()
        assert (await renew(leaver, set_id, own)).status == 403
        assert (await desk.keys())["renewals"] == []


async def test_a_next_key_takes_the_newest_settings_along_or_is_refused_PO_78(tmp_path: Path) -> None:
    async with administered(tmp_path) as (_, desk, set_id, lock):
        assert (await renew(desk, set_id, lock, settings="none are there")).status == 409
        first = desk.signed("settings", accounts=[])
        assert (await desk.say("settings", settings=first)).status == 200
        second = desk.signed("settings", first["text"].encode(), accounts=[])
        assert (await desk.say("settings", settings=second)).status == 200
        for settings in (first["text"], ""):
            late = await renew(desk, set_id, lock, settings=settings)
            assert (late.status, json.loads(late.text)["error"]) == (409, "error.keys_changed")
        assert (await desk.keys())["renewals"] == []
        assert (await renew(desk, set_id, lock, settings=second["text"])).status == 200
        (renewal,) = (await desk.keys())["renewals"]
        follows = {"renewal": document(desk, OTHER, by=NEXT, before=renewal["text"].encode())}
        assert (await renew(desk, set_id, lock, OTHER, **follows)).status == 409, "the roster before named them"
        assert (await renew(desk, set_id, lock, OTHER, settings=second["text"], **follows)).status == 200


async def test_settings_of_a_lost_key_need_not_be_taken_along(tmp_path: Path) -> None:
    async with administered(tmp_path) as (portal, desk, _, lock):
        assert (await desk.say("settings", settings=desk.signed("settings", accounts=[]))).status == 200
        desk.organisation = OTHER
        assert (await desk.propose(lock)).status == 200
        (proposed,) = [each["id"] for each in (await desk.keys())["sets"] if each["state"] == "proposed"]
        assert await portal.store.activate_key_set(proposed, by=OPERATOR)
        following = {"renewal": document(desk, NEXT, by=OTHER)}
        assert (await renew(desk, proposed, lock, **following)).status == 200


async def test_a_next_key_needs_a_young_login(tmp_path: Path) -> None:
    async with administered(tmp_path) as (portal, desk, set_id, lock):
        portal.clock.move(timedelta(minutes=16))
        assert (await renew(desk, set_id, lock)).status == 403
