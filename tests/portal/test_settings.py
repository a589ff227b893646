"""The organisation's settings at the server: one chain under one key, who may say what in them, and their page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.portal.key_calls import Desk, desk_of, issued, signature
from support.portal.portals import UNIT_A1, UNIT_A2, Page, TestedPortal, running_portal

from crypto.desk_keys import framed

PATH = "/organisatie/instellingen"
IBAN = "NL91ABNA0417164300"


class SettingsDesk:
    """An administrator's desk whose set is in force, with what was kept last."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.last = desk, b""

    async def keep(self, **says: Any) -> Page:
        signed = self.desk.signed("settings", self.last, **says)
        page = await self.desk.say("settings", settings=signed)
        if page.status == 200:
            self.last = signed["text"].encode()
        return page


async def settled(portal: TestedPortal, desk: Desk) -> tuple[str, str]:
    """A set in force and a lock of that desk that counts; the id of its person comes first."""
    lock, challenge = await desk.lock()
    assert (await desk.propose(lock)).status == 200
    keys = await desk.keys()
    said = signature(issued("signing"), framed("enrol", UNIT_A1, lock, challenge))
    assert (await desk.say(f"locks/{lock}/count", set=keys["sets"][0]["id"], signature=said)).status == 200
    assert await portal.store.activate_key_set(keys["sets"][0]["id"], by="operator")
    return keys["person"], keys["sets"][0]["id"]


def account(by: str, agreed: str | None = None) -> Mapping[str, Any]:
    return {"iban": IBAN, "name": "Incasso", "by": by, "agreedBy": agreed}


async def test_browsers_get_the_versions_of_a_day_and_the_one_before_them(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        await settled(portal, desk)
        kept = SettingsDesk(desk)
        for _ in range(3):
            assert (await kept.keep(accounts=[])).status == 200
        assert len((await desk.keys())["settings"]) == 3, "none of them is a day old"
        portal.clock.move(timedelta(days=1))
        again = await desk_of(portal)
        kept.desk = again
        shown = [json.loads(each["text"])["counter"] for each in (await again.keys())["settings"]]
        assert shown == [3]
        assert (await kept.keep(accounts=[])).status == 200
        shown = [json.loads(each["text"])["counter"] for each in (await again.keys())["settings"]]
        assert shown == [4, 3]


async def test_an_account_is_proposed_and_agreed_with_in_ones_own_name(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        anna, bert = await desk_of(portal), await desk_of(portal, "Pieters")
        person, set_id = await settled(portal, anna)
        lock, challenge = await bert.lock()
        said = signature(issued("signing"), framed("enrol", UNIT_A1, lock, challenge))
        copies = [{"set": set_id, "lock": lock, "copy": json.dumps({"oneOff": "", "keys": {}, "pins": None})}]
        listing = anna.listing(*[each["id"] for each in (await anna.keys())["locks"]])
        assert (await anna.say("copies", copies=copies, roster=listing)).status == 200
        assert (await bert.say(f"locks/{lock}/count", set=set_id, signature=said)).status == 200
        other = (await bert.keys())["person"]
        kept = SettingsDesk(anna)
        for wrong in (account(other), account(person, other), account(person, person)):
            assert (await kept.keep(accounts=[wrong])).status == 403
        assert (await kept.keep(accounts=["x"])).status == 400
        assert (await kept.keep(accounts=[account(person)])).status == 200
        assert (await kept.keep(accounts=[account(person, person)])).status == 403, "with oneself"
        assert (await kept.keep(accounts=[account(person, other)])).status == 403, "for somebody else"
        kept.desk = bert
        page = await kept.keep(accounts=[account(person, other)])
        assert (page.status, json.loads(page.text)["error"]) == (403, "error.agrees_too_early")
        portal.clock.move(timedelta(days=7))
        kept.desk = await desk_of(portal)
        for agreed in (person, other):
            assert (await kept.keep(accounts=[account(person, agreed)])).status == 403, "however long the lock is there"
        kept.desk = await desk_of(portal, "Pieters")
        assert (await kept.keep(accounts=[account(person, other)])).status == 200
        assert (await kept.keep(accounts=[{**account(person, other), "name": "Bert"}])).status == 403, "of another name"
        assert (await kept.keep(accounts=[account(person, other)], contacts=[])).status == 200
        assert (await kept.keep(accounts=[])).status == 200


async def elsewhere(portal: TestedPortal, number: int) -> Desk:
    """An administrator at the organisation's other unit, who brings the organisation's key of that number."""
    browser = await portal.administrator()
    return Desk(browser, await browser.token(), issued("signing", number), unit=UNIT_A2)


async def test_an_organisation_has_one_key_of_its_own_unless_all_was_lost_PO_57(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await settled(portal, await desk_of(portal))
        desk = await elsewhere(portal, 2)
        lock, _ = await desk.lock()
        for said in ({}, {"lost": "yes"}):
            page = await desk.propose(lock, **said)
            assert (page.status, json.loads(page.text)["error"]) == (409, "error.other_organisation_key")
        desk.organisation = issued("signing", 1)
        assert (await desk.propose(lock)).status == 200, "under the key that is there"
        desk.organisation = issued("signing", 2)
        assert (await desk.propose(lock, lost=True)).status == 200, "when all is lost"
        colleague = await desk_of(portal)
        colleague.organisation = issued("signing", 2)
        own, _ = await colleague.lock("sheet")
        assert (await colleague.propose(own, lost=True)).status == 403, "as an administrator says"


async def test_settings_go_on_under_the_key_that_was_approved_last(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        await settled(portal, desk)
        kept = SettingsDesk(desk)
        assert (await kept.keep(accounts=[])).status == 200
        other = await elsewhere(portal, 2)
        lock, _ = await other.lock()
        assert (await other.propose(lock, lost=True)).status == 200
        portal.clock.move(timedelta(minutes=1))
        (proposed, *_) = await portal.store.key_sets(UNIT_A2)
        assert (await kept.keep(accounts=[])).status == 200, "nobody has approved the other one"
        assert await portal.store.activate_key_set(proposed.id, by="operator")
        assert (await kept.keep(accounts=[])).status == 400
        kept.desk = other
        assert (await kept.keep(accounts=[])).status == 200


async def test_a_unit_that_lost_all_its_locks_begins_its_settings_anew_once_its_next_set_is_in_force(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        await settled(portal, desk)
        kept = SettingsDesk(desk)
        assert (await kept.keep(accounts=[])).status == 200
        portal.clock.move(timedelta(minutes=1))
        browser, roster = await portal.administrator(), (await desk.keys())["roster"]["text"].encode()
        desk = Desk(browser, await browser.token(), issued("signing", 2), roster)
        lock, _ = await desk.lock()
        assert (await desk.propose(lock, lost=True)).status == 200
        assert await portal.store.activate_key_set((await desk.keys())["sets"][0]["id"], by="operator")
        kept.desk = desk
        assert (await kept.keep(accounts=[], anew=True)).status == 200


@pytest.mark.parametrize("path", [PATH, "/desk/api/organisation/settings"])
async def test_the_page_shows_versions_and_leaves_what_they_say_to_the_browser(path: str, tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        await settled(portal, desk)
        await SettingsDesk(desk).keep(accounts=[account((await desk.keys())["person"])])
        browser = await portal.administrator()
        page = await browser.get(path) if path == PATH else await browser.call("GET", path, token=await browser.token())
        assert page.status == 200
        if path == PATH:
            (row,) = page.document.xpath("//main//tbody/tr")
            assert row.xpath("string(th)") == "1"
            assert IBAN not in page.text
            assert "uw browser controleert en ondertekent" in page.document.xpath("string(//noscript)")
        else:
            found = json.loads(page.text)
            assert [each["id"] for each in found["units"]] == [UNIT_A1]
            assert {each["id"] for each in found["people"]} >= {found["oneself"], found["versions"][0]["by"]}
