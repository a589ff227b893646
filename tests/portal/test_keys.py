"""The keys of a unit at the server: what a browser may say of them, what it gets back, and what is refused."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.portal.key_calls import Desk, copy, desk_of, issued, signature, text
from support.portal.portals import UNIT_A1, TestedPortal, running_portal

from crypto.certificates import der
from crypto.desk_keys import framed
from gateway.store.portal.model import RequestState
from gateway.store.portal.terms import LOCKS_OF_A_PERSON


async def test_a_set_is_made_opened_and_read_again_by_its_own_browser_PO_50(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, challenge = await desk.lock()
        assert len(challenge) == 32
        assert (await desk.propose(lock)).status == 200
        keys = await desk.keys()
        assert [each["state"] for each in keys["sets"]] == ["proposed"]
        assert [(each["id"], each["counts"]) for each in keys["locks"]] == [(lock, False)]
        assert keys["request"] == {"state": "submitted", "reason": None, "lost": False, "not_before": None}
        assert json.loads(keys["copies"][0]["copy"]) == json.loads(copy())
        assert keys["roster"]["text"].encode() == desk.roster

        said = signature(issued("signing"), framed("enrol", UNIT_A1, lock, challenge))
        counted = await desk.say(f"locks/{lock}/count", set=keys["sets"][0]["id"], signature=said)
        assert counted.status == 200, counted.text
        assert [each["counts"] for each in (await desk.keys())["locks"]] == [True]
        assert (await desk.say(f"locks/{lock}/count", set=keys["sets"][0]["id"], signature=said)).status == 409


async def test_a_lock_counts_only_when_the_units_key_signed_its_own_challenge_PO_51(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, challenge = await desk.lock()
        _, other = await desk.lock("sheet")
        await desk.propose(lock)
        set_id = (await desk.keys())["sets"][0]["id"]
        for octets, key in (
            (framed("enrol", UNIT_A1, lock, other), issued("signing")),
            (framed("enrol", UNIT_A1, lock, challenge), issued("signing", 1)),
            (framed("roster", UNIT_A1, lock, challenge), issued("signing")),
            (challenge, issued("signing")),
        ):
            page = await desk.say(f"locks/{lock}/count", set=set_id, signature=signature(key, octets))
            assert page.status == 400
        assert not any(each["counts"] for each in (await desk.keys())["locks"])


async def test_nothing_that_opens_somebody_elses_lock_is_given_out(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, colleague = await desk_of(portal), await desk_of(portal, "Pieters")
        lock, _ = await desk.lock()
        await desk.propose(lock)
        keys = await colleague.keys()
        (seen,) = keys["locks"]
        assert (seen["sealed_key"], seen["credential"], seen["is_own"], keys["copies"]) == (None, None, False, [])
        assert (await colleague.say(f"locks/{lock}/remove")).status == 404
        browser = await portal.administrator()
        administrator = Desk(browser, await browser.token())
        own, _ = await administrator.lock()
        portal.clock.move(timedelta(minutes=16))
        assert (await administrator.say(f"locks/{lock}/remove")).status == 403, "of another, after an old login"
        assert (await administrator.say(f"locks/{own}/remove")).status == 200
        assert (await desk.say(f"locks/{lock}/remove")).status == 200


async def test_a_set_whose_roster_another_key_signed_is_refused(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        foreign = desk.signed("roster", key=issued("signing"), unit=UNIT_A1, locks=[{"id": lock}])
        elsewhere = desk.signed("roster", unit="another", locks=[{"id": lock}])
        as_settings = desk.signed("settings", unit=UNIT_A1, locks=[{"id": lock}])
        unlisted = desk.listing()
        for roster in (foreign, elsewhere, as_settings, unlisted, {"text": "{}", "signature": ""}, None, "x"):
            assert (await desk.propose(lock, roster=roster)).status == 400
        turned = text(der(issued("encryption").certificate))
        assert (await desk.propose(lock, signing=turned)).status == 400
        assert (await desk.keys())["sets"] == []


async def test_copies_for_others_come_with_a_roster_that_lists_them_PO_52(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, colleague = await desk_of(portal), await desk_of(portal, "Pieters")
        lock, _ = await desk.lock()
        theirs, _ = await colleague.lock()
        await desk.propose(lock)
        set_id = (await desk.keys())["sets"][0]["id"]
        copies = [{"set": set_id, "lock": theirs, "copy": copy()}]
        assert (await desk.say("copies", copies=copies)).status == 403
        assert (await desk.say("copies", copies=copies, roster=desk.listing(lock))).status == 400
        roster = desk.listing(lock, theirs)
        assert (await desk.say("copies", copies=copies, roster=roster)).status == 200
        assert [each["lock"] for each in (await colleague.keys())["copies"]] == [theirs]
        assert (await desk.say("copies", copies=copies, roster=roster)).status == 409


async def test_pins_of_a_lock_go_on_to_its_copy_of_the_next_set_PO_54(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        await desk.propose(lock)
        first = (await desk.keys())["sets"][0]["id"]
        own = [{"set": first, "lock": lock, "copy": copy("cGlucw==")}]
        assert (await desk.say("copies", copies=own)).status == 200
        assert await portal.store.activate_key_set(first, by="operator")
        assert (await desk.propose(lock)).status == 200
        copies = {each["set"]: json.loads(each["copy"])["pins"] for each in (await desk.keys())["copies"]}
        assert len(copies) == 2
        assert set(copies.values()) == {"cGlucw=="}


async def test_settings_follow_one_another_and_are_the_organisations_own_PO_57(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        await desk.propose(lock)
        first = desk.signed("settings", accounts=[])
        assert (await desk.say("settings", settings=first)).status == 404, "nobody has approved this key"
        assert await portal.store.activate_key_set((await desk.keys())["sets"][0]["id"], by="operator")
        assert (await desk.say("settings", settings=first)).status == 200
        assert (await desk.say("settings", settings=first)).status == 409
        foreign = desk.signed("settings", first["text"].encode(), key=issued("signing"), accounts=[])
        assert (await desk.say("settings", settings=foreign)).status == 400
        second = desk.signed("settings", first["text"].encode(), accounts=[])
        assert (await desk.say("settings", settings=second)).status == 200
        kept = (await desk.keys())["settings"]
        assert [each["text"] for each in kept] == [second["text"], first["text"]]


async def test_another_key_of_the_organisation_comes_from_an_administrator_PO_76(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, colleague = await desk_of(portal), await desk_of(portal, "Pieters")
        lock, _ = await desk.lock()
        await desk.propose(lock)
        theirs, _ = await colleague.lock()
        colleague.organisation, colleague.roster = issued("signing", 2), desk.roster
        assert (await colleague.propose(theirs)).status == 403, "while it is asked for"
        set_id = (await desk.keys())["sets"][0]["id"]
        assert await portal.store.activate_key_set(set_id, by="operator")
        assert (await colleague.propose(theirs)).status == 403, "while it is in force"
        keys = await desk.keys()
        assert (keys["roster"]["text"].encode(), len(keys["sets"])) == (desk.roster, 1)
        browser = await portal.administrator()
        administrator = Desk(browser, await browser.token(), issued("signing", 2), desk.roster)
        own, _ = await administrator.lock()
        assert (await administrator.propose(own)).status == 200, "when all locks are lost"


async def test_a_set_whose_roster_does_not_follow_takes_nothing_from_the_one_before(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        await desk.propose(lock)
        before = await desk.keys()
        desk.roster = b""
        assert (await desk.propose(lock)).status == 409
        assert await desk.keys() == before


async def test_who_asked_for_a_set_may_begin_again_with_another_key(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        await desk.propose(lock)
        desk.organisation = issued("signing", 2)
        assert (await desk.propose(lock)).status == 200


@pytest.mark.parametrize("name", ["Laptop\u202e", "Lap\u2066top", "Lap\x00top"])
async def test_a_name_of_a_lock_that_would_not_be_shown_as_it_was_typed_is_refused(tmp_path: Path, name: str) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        said = {"id": str(uuid.uuid4()), "kind": "sheet", "public_key": text(b"point"), "sealed_key": text(b"sealed")}
        assert (await desk.say("locks", **said, name=name)).status == 400
        assert (await desk.keys())["locks"] == []


async def test_more_locks_than_anybody_needs_are_refused(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        for _ in range(LOCKS_OF_A_PERSON):
            await desk.lock("sheet")
        said = {"id": str(uuid.uuid4()), "kind": "sheet", "name": "x", "public_key": "eA==", "sealed_key": "eA=="}
        assert (await desk.say("locks", **said)).status == 429
        assert (await desk.say("locks", **{**said, "name": "\ud800"})).status == 400, "half a character"


async def test_what_changes_keys_needs_a_young_login(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        lock, _ = await desk.lock()
        await desk.propose(lock)
        portal.clock.move(timedelta(minutes=16))
        assert (await desk.propose(lock)).status == 403
        assert (await desk.say("settings", settings=desk.signed("settings", accounts=[]))).status == 403
        assert (await desk.say("copies", copies=[], roster=desk.listing(lock))).status == 403


async def test_a_ceremony_carries_words_between_two_and_nobody_else(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        newcomer, approver = await desk_of(portal), await desk_of(portal, "Pieters")
        other = await desk_of(portal, "Klaassen")
        for each in (approver, other):
            await administering(each)
        begun = json.loads((await newcomer.say("ceremonies", said="commit")).text)
        (open_,) = (await approver.keys())["ceremonies"]
        assert (open_["id"], open_["said"]) == (begun["id"], ["commit"])
        path = f"ceremonies/{begun['id']}"
        assert (await approver.say(path, after="1", said="commit too")).status == 200
        assert (await other.say(path, after="2", said="me")).status == 409
        assert (await newcomer.say(path, after="1", said="show")).status == 409
        assert (await newcomer.say(path, after="2", said="show")).status == 200
        (heard,) = (await newcomer.keys())["ceremonies"]
        assert heard["said"] == ["commit", "commit too", "show"]
        assert (await other.say(f"{path}/end")).status == 404
        assert (await approver.say(f"{path}/end")).status == 200
        assert (await newcomer.keys())["ceremonies"] == []


async def administering(desk: Desk, *, administers: bool = True, count: bool = True) -> str:
    """Give somebody a lock that counts, and is an administrator's by a roster that goes on from the one before."""
    roster = (await desk.keys())["roster"]
    desk.roster = b"" if roster is None else roster["text"].encode()
    listed = [] if roster is None else json.loads(desk.roster)["locks"]
    lock, challenge = await desk.lock()
    locks = [*listed, {"id": lock, "administers": administers}]
    signed = desk.signed("roster", desk.roster, unit=UNIT_A1, locks=locks)
    assert (await desk.propose(lock, roster=signed)).status == 200
    if count:
        said = signature(issued("signing"), framed("enrol", UNIT_A1, lock, challenge))
        set_id = (await desk.keys())["sets"][0]["id"]
        assert (await desk.say(f"locks/{lock}/count", set=set_id, signature=said)).status == 200
    return lock


@pytest.mark.parametrize("able", [{"administers": False}, {"count": False}])
async def test_nobody_takes_the_place_of_who_lets_in_but_who_can_PO_52(tmp_path: Path, able: dict[str, bool]) -> None:
    async with running_portal(tmp_path) as portal:
        newcomer, approver = await desk_of(portal), await desk_of(portal, "Pieters")
        stranger, unable = await desk_of(portal, "Klaassen"), await desk_of(portal, "Visser")
        await administering(approver)
        await administering(unable, **able)
        path = f"ceremonies/{json.loads((await newcomer.say('ceremonies', said='commit')).text)['id']}"
        for each in (stranger, unable):
            assert (await each.say(path, after="1", said="me")).status == 403
        assert (await approver.say(path, after="1", said="commit too")).status == 200
        assert (await newcomer.say(path, after="2", said="show")).status == 200
        assert (await approver.say(path, after="3", said="show too")).status == 200


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("locks", {"id": "no uuid", "kind": "sheet", "name": "x", "public_key": "eA==", "sealed_key": "eA=="}),
        ("locks", {"id": str(uuid.uuid4()), "kind": "key", "name": "x", "public_key": "eA==", "sealed_key": "eA=="}),
        ("locks", {"id": str(uuid.uuid4()), "kind": "sheet", "name": "x", "public_key": "?", "sealed_key": "eA=="}),
        ("locks", {"id": str(uuid.uuid4()), "kind": "sheet", "name": "x", "public_key": 7, "sealed_key": "eA=="}),
        ("copies", {"copies": "x"}),
        ("copies", {"copies": [{}]}),
        ("copies", {"copies": [{"set": "a", "lock": "b", "copy": "[]"}]}),
        ("copies", {"copies": [{"set": "a", "lock": "b", "copy": "{}"}]}),
        ("copies", {"copies": [{"set": "a", "lock": "b", "copy": "x" * 70_000}]}),
        ("sets", {"id": str(uuid.uuid4()), "signing": "eA=="}),
        ("settings", {"settings": {"text": "[" * 100_000, "signature": "eA=="}}),
        ("ceremonies", {"said": ""}),
    ],
)
async def test_what_cannot_be_read_is_refused_and_nothing_is_kept(
    path: str, document: dict[str, Any], tmp_path: Path
) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        assert (await desk.say(path, **document)).status == 400
        keys = await desk.keys()
        assert (keys["locks"], keys["sets"], keys["ceremonies"]) == ([], [], [])


async def in_force(portal: TestedPortal, *, count: bool = True) -> tuple[Desk, str]:
    """A desk whose set the operator approved, and the set."""
    desk = await desk_of(portal)
    lock, challenge = await desk.lock()
    await desk.propose(lock)
    (made,) = (await desk.keys())["sets"]
    if count:
        said = signature(issued("signing"), framed("enrol", UNIT_A1, lock, challenge))
        assert (await desk.say(f"locks/{lock}/count", set=made["id"], signature=said)).status == 200
    assert await portal.store.activate_key_set(made["id"], by="operator")
    portal.clock.move(timedelta(minutes=1))
    return desk, made["id"]


async def test_a_set_whose_roster_names_none_that_is_in_force_says_that_all_is_lost_and_waits_PO_55(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        desk, _ = await in_force(portal)
        lock, _ = await desk.lock()
        assert (await desk.propose(lock)).status == 200
        said = (await desk.keys())["request"]
        assert (said["state"], said["lost"], said["not_before"]["text"]) == ("submitted", True, "wo 2 dec 2026, 10:01")
        portal.clock.move(timedelta(hours=24))
        desk = await desk_of(portal)
        assert (await desk.keys())["request"]["not_before"] is None


async def test_a_set_that_follows_on_the_one_in_force_loses_nothing_PO_54(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal)
        lock, _ = await desk.lock()
        roster = desk.signed("roster", desk.roster, unit=UNIT_A1, locks=[{"id": lock}], sets=[{"id": before}])
        assert (await desk.propose(lock, roster=roster)).status == 200
        assert (await desk.keys())["request"]["lost"] is False


async def test_who_signs_with_another_key_of_the_organisation_follows_on_nothing_PO_55(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal)
        browser = await portal.administrator()
        other = Desk(browser, await browser.token(), issued("signing", 2), desk.roster)
        lock, _ = await other.lock()
        roster = other.signed("roster", desk.roster, unit=UNIT_A1, locks=[{"id": lock}], sets=[{"id": before}])
        assert (await other.propose(lock, roster=roster)).status == 200
        assert (await other.keys())["request"]["lost"] is True


async def asked_of_the_operator(portal: TestedPortal) -> None:
    """The unit asks for something that is no matter of keys, after everything else."""
    portal.clock.move(timedelta(seconds=1))
    browser = await portal.administrator()
    form = {"token": await browser.token(), "unit": UNIT_A1, "kind": "extension", "days": "14"}
    assert (await browser.post("/organisatie/aanvragen", form)).status == 303


async def test_what_became_of_another_request_of_the_unit_is_not_told_as_that_of_its_keys(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk = await desk_of(portal)
        await asked_of_the_operator(portal)
        (other,) = await portal.store.requests()
        assert await portal.store.decide_request(other.id, RequestState.REFUSED, by="operator", reason="no")
        assert (await desk.keys())["request"] is None
        assert (await desk.propose((await desk.lock())[0])).status == 200
        await asked_of_the_operator(portal)
        assert (await desk.keys())["request"]["state"] == "submitted"


async def test_who_has_a_lock_after_all_opens_as_before_until_a_loss_is_decided_PO_55(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, colleague = await desk_of(portal), await desk_of(portal, "Pieters")
        lock, _ = await desk.lock()
        set_id = str(uuid.uuid4())
        sealed = [{"set": set_id, "lock": lock, "copy": copy()}]
        kept = desk.signed("roster", unit=UNIT_A1, locks=[{"id": lock}], sets=[{"id": set_id}])
        assert (await desk.propose(lock, id=set_id, roster=kept, copies=sealed)).status == 200
        assert await portal.store.activate_key_set(set_id, by="operator")
        portal.clock.move(timedelta(minutes=1))

        claimed, newer = str(uuid.uuid4()), (await colleague.lock())[0]
        colleague.roster = kept["text"].encode()
        sets = [{"id": claimed}, {"id": set_id}]  # as if it followed on what is in force
        roster = colleague.signed("roster", colleague.roster, unit=UNIT_A1, locks=[{"id": newer}], sets=sets)
        theirs = [{"set": claimed, "lock": newer, "copy": copy()}]
        assert (await colleague.propose(newer, id=claimed, roster=roster, copies=theirs)).status == 200
        keys = await desk.keys()
        assert (keys["request"]["lost"], keys["roster"]["text"]) == (True, kept["text"])
        assert (await colleague.keys())["roster"]["text"] == roster["text"]

        await asked_of_the_operator(portal)
        assert (await desk.keys())["roster"]["text"] == kept["text"]

        assert await portal.store.activate_key_set(claimed, by="operator")
        assert (await desk.keys())["roster"]["text"] == roster["text"]


@pytest.mark.parametrize("number", [1, 2], ids=["the-same-key", "another-key"])
async def test_who_has_a_lock_after_all_changes_locks_once_the_operator_refused_the_loss_and_reads_that_PO_55(
    tmp_path: Path, number: int
) -> None:
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal)
        (own,) = [each["id"] for each in (await desk.keys())["locks"]]
        browser = await portal.administrator(person="Pieters")
        other = Desk(browser, await browser.token(), issued("signing", number), desk.roster)
        newer, _ = await other.lock()
        assert (await other.propose(newer, lost=True)).status == 200
        second, _ = await desk.lock("sheet")
        admitting = {"copies": [{"set": before, "lock": second, "copy": copy()}], "roster": desk.listing(own, second)}
        for refused in (await desk.say("copies", **admitting), await desk.propose(own)):
            assert (refused.status, json.loads(refused.text)["error"]) == (409, "error.loss_asked")
        again, _ = await other.lock("sheet")
        claimed = (await other.keys())["sets"][0]["id"]
        theirs = [{"set": claimed, "lock": again, "copy": copy()}]
        assert (await other.say("copies", copies=theirs, roster=other.listing(newer, again))).status == 200
        (asked, *_) = await portal.store.requests(states=[RequestState.SUBMITTED])
        assert await portal.store.decide_request(asked.id, RequestState.REFUSED, by="operator", reason="not lost")
        assert (await desk.say("copies", **admitting)).status == 200


async def following(desk: Desk, before: str) -> bool:
    """Whether a set whose roster says that it follows on that one counts as made because all was lost."""
    lock, _ = await desk.lock()
    roster = desk.signed("roster", desk.roster, unit=UNIT_A1, locks=[{"id": lock}], sets=[{"id": before}])
    assert (await desk.propose(lock, roster=roster)).status == 200
    return bool((await desk.keys())["request"]["lost"])


async def test_who_was_let_in_by_another_unit_alone_follows_on_nothing_whatever_his_roster_lists_PO_55(
    tmp_path: Path,
) -> None:
    """Units have one key of their organisation, so whoever holds it of another unit can sign rosters of this one."""
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal)
        stranger = await desk_of(portal, "Pieters")
        stranger.roster = desk.roster
        lock, _ = await stranger.lock()
        made_up = [{"set": before, "lock": lock, "copy": copy()}]
        for roster in ({}, {"roster": stranger.listing(lock)}):
            assert (await stranger.say("copies", copies=made_up, **roster)).status == 409, "of a set he has no copy of"
        assert await following(stranger, before) is True


async def test_who_has_no_lock_that_counts_follows_on_nothing_PO_55(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal, count=False)
        assert await following(desk, before) is True


async def test_who_asked_after_a_loss_and_whom_he_lets_in_open_by_the_new_roster_with_lost_locks_there_still_PO_55(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        desk, before = await in_force(portal)
        colleague = await desk_of(portal, "Pieters")
        theirs, _ = await colleague.lock()
        (lost,) = [each["id"] for each in (await desk.keys())["locks"] if each["is_own"]]
        admitting = [{"set": before, "lock": theirs, "copy": copy()}]
        kept = desk.listing(lost, theirs)
        assert (await desk.say("copies", copies=admitting, roster=kept)).status == 200
        desk.roster = kept["text"].encode()
        portal.clock.move(timedelta(minutes=1))

        newer, _ = await desk.lock()
        portal.clock.move(timedelta(minutes=1))  # a lock of before he asked: he is known by having asked
        assert (await desk.propose(newer)).status == 200
        assert (await desk.keys())["roster"]["text"].encode() == desk.roster
        assert (await colleague.keys())["roster"]["text"] == kept["text"]

        again, _ = await colleague.lock()
        claimed = (await desk.keys())["sets"][0]["id"]
        listing = desk.listing(newer, again)
        admitting = [{"set": claimed, "lock": again, "copy": copy()}]
        assert (await desk.say("copies", copies=admitting, roster=listing)).status == 200
        assert (await colleague.keys())["roster"]["text"] == listing["text"]
