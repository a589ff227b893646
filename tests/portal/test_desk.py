"""One message at a desk, over real sockets: seen, opened, read, handed on, answered, receipted and gone."""

from __future__ import annotations

import asyncio
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.hubs.pulling import push, states
from support.messages.wire import Draft, Reply, Wire, read_reply, saldoverzoek
from support.portal.portals import (
    KVK_A,
    ORIGIN,
    UNIT_A1,
    UNIT_A2,
    UNIT_B,
    TestBrowser,
    TestedPortal,
    read_document,
    running_portal,
)

from gateway.ebms import names
from gateway.identity.login import OrganisationNumber
from gateway.portal.messages import PAGE_ROWS
from gateway.store.interface import StoreUnavailable
from gateway.store.model import MessageFilter, State
from gateway.store.portal.model import Deed

UNIT = f"/desk/api/units/{quote(UNIT_A1, safe='')}"


async def waiting(portal: TestedPortal) -> str:
    """A question that waits for unit A1, by its id."""
    before = len(await portal.hub.store.messages(MessageFilter()))
    await push(portal.hub)
    found = await portal.hub.store.messages(MessageFilter())
    assert len(found) == before + 1
    return found[0].metadata.message_id


async def call(browser: TestBrowser, message: str, what: str, **said: Any) -> tuple[int, Any]:
    page = await browser.call(
        "POST", f"{UNIT}/messages/{quote(message, safe='')}/{what}", said, token=await browser.token()
    )
    return page.status, read_document(page.text)


async def read(portal: TestedPortal, browser: TestBrowser, message: str, lease: str) -> tuple[int, str, bytes]:
    """The stored octets as the browser gets them: status, their type, and they themselves."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    async with portal.session.get(
        f"http://127.0.0.1:{portal.port}{UNIT}/messages/{quote(message, safe='')}/octets",
        headers={"Cookie": cookies, "Knooppunt-Lease": lease},
    ) as response:
        return response.status, response.headers.get("Knooppunt-Content-Type", ""), await response.read()


async def send(
    portal: TestedPortal, browser: TestBrowser, wire: Wire, *, unit: str = UNIT_A1, lease: str | None = None
) -> Reply:
    """AS4 octets through the door of a unit's desk; whatever AS4 answers is verified as the hub's."""
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        "Content-Type": wire.content_type,
        "Knooppunt-Token": await browser.token(),
        "Origin": ORIGIN,
    }
    if lease is not None:
        headers["Knooppunt-Lease"] = lease
    async with portal.session.post(
        f"http://127.0.0.1:{portal.port}/desk/as4/units/{quote(unit, safe='')}",
        headers=headers,
        data=io.BytesIO(wire.body),
    ) as response:
        body = await response.read()
        return read_reply(response.status, dict(response.headers), body, at=portal.clock.now())


def answer_to(question: Draft, portal: TestedPortal) -> Wire:
    """Another answer to it by its receiver, each time."""
    asked = question.user_message
    return saldoverzoek(
        "creditor",
        "counsellor",
        at=portal.clock.now(),
        action="SaldoverzoekAntwoord",
        answering={
            "conversation": asked.conversation_id,
            "reference": asked.property(names.TRACKING_IDENTIFIER) or "",
        },
    ).wire()


async def test_a_message_is_seen_opened_read_answered_and_receipted_at_the_desk_PO_35_PO_36(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        question = await push(portal.hub, saldoverzoek(at=portal.clock.now()))
        page = await browser.get("/berichten")
        assert "Gemeente Testdrecht Schuldhulp" in page.words
        (link,) = page.document.xpath("//tbody//th/a/@href")
        message = read_document((await browser.call("GET", f"{UNIT}/messages")).text)["to_do"][0]["message"]["id"]
        assert (await browser.get(link)).status == 200

        status, opened = await call(browser, message, "lease")
        assert status == 200
        kind, content_type, octets = await read(portal, browser, message, opened["token"])
        assert kind == 200
        got = read_reply(200, {"Content-Type": content_type}, octets, at=portal.clock.now())
        assert question.parts[0].octets in got.plain("creditor").values()

        answer = answer_to(question, portal)
        assert (await send(portal, browser, answer, lease=opened["token"])).receipt is not None
        receipt = got.receipt_wire("creditor", at=portal.clock.now())
        assert (await send(portal, browser, receipt)).codes == ("EBMS:0302",), "it needs the lease"
        assert (await send(portal, browser, receipt, lease=opened["token"])).status == 204
        assert State.RECEIPTED in await states(portal.hub)

        assert "Er wacht niets." in (await browser.get("/berichten")).words
        sent = await browser.get("/verstuurd")
        assert "Opgave van het saldo" in sent.words
        assert "Wacht bij de ontvanger" in sent.words
        await portal.hub.running.keeper.keep()
        assert "Statement of the balance" in (await browser.get("/verstuurd?lang=en")).words


async def test_a_colleague_sees_who_has_it_and_takes_it_over_PO_35(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        ann, bob = await portal.linked(person="Ann"), await portal.linked(person="Bob")
        await ann.post("/naam", {"name": "Ann Aalders", "token": await ann.token()})
        message = await waiting(portal)
        _, first = await call(ann, message, "lease")
        status, held = await call(bob, message, "lease")
        assert (status, held["holder"]) == (409, "Ann Aalders")
        page = await bob.get("/berichten")
        assert "Ann Aalders" in page.document.xpath("string(//table[starts-with(@aria-labelledby, 'inhand')])")
        status, second = await call(bob, message, "lease/take-over")
        assert (status, second["taken_from"]) == (200, "Ann Aalders")
        status, _ = await call(ann, message, "lease/prolong", token=first["token"])
        assert status == 410
        assert (await read(portal, ann, message, first["token"]))[0] == 410
        assert (await read(portal, bob, message, second["token"]))[0] == 200


async def test_a_lease_goes_on_while_it_is_used_lapses_and_is_given_back_PO_35(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        message = await waiting(portal)
        _, opened = await call(browser, message, "lease")
        portal.clock.move(timedelta(minutes=25))
        status, kept = await call(browser, message, "lease/prolong", token=opened["token"])
        assert status == 200
        assert kept["until"] > opened["until"]
        assert await call(browser, message, "lease/release", token=opened["token"]) == (200, {"released": True})
        assert await call(browser, message, "lease/release", token=opened["token"]) == (200, {"released": False})
        _, again = await call(browser, message, "lease")
        portal.clock.move(timedelta(minutes=29))
        await browser.get("/berichten")
        portal.clock.move(timedelta(minutes=2))
        assert (await call(browser, message, "lease/prolong", token=again["token"]))[0] == 410


async def test_opening_is_no_get_and_one_person_has_five_open_PO_85(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        messages = [await waiting(portal) for _ in range(6)]
        path = f"{UNIT}/messages/{quote(messages[0], safe='')}/lease"
        assert (await browser.ask("GET", path, headers={"Sec-Fetch-Site": "cross-site"})).status == 405
        assert await states(portal.hub) == [State.STORED] * 6
        assert [(await call(browser, each, "lease"))[0] for each in messages] == [200] * 5 + [429]


async def test_what_is_another_units_and_what_is_nowhere_are_the_same_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        owner = await portal.linked(UNIT_A1)
        colleague = await portal.linked(UNIT_A2, person="Twee")
        stranger = await portal.linked(UNIT_B, person="Bee")
        sent = await push(portal.hub)
        (record,) = await portal.hub.store.messages(MessageFilter())
        message = record.metadata.message_id
        assert (await call(owner, sent.user_message.message_id, "lease"))[0] == 404, "its sender's id is no address"
        path = f"/berichten/{quote(UNIT_A1, safe='')}/{quote(sent.user_message.message_id, safe='')}"
        assert (await owner.get(path)).status == 404
        _, opened = await call(owner, message, "lease")
        for browser, own in ((colleague, UNIT_A2), (stranger, UNIT_B)):
            answers = set()
            for unit in (UNIT_A1, own, "00000099000000008888"):
                for one in (message, sent.user_message.message_id, "unknown"):
                    base = f"/desk/api/units/{quote(unit, safe='')}/messages/{quote(one, safe='')}"
                    token = await browser.token()
                    said = {"token": opened["token"]}
                    for method, path, document in (
                        ("GET", base, None),
                        ("POST", f"{base}/lease", {}),
                        ("POST", f"{base}/lease/take-over", {}),
                    ):
                        page = await browser.call(method, path, document, token=token)
                        view = read_document(page.text)
                        answers.add((page.status, view["error"], view["text"]))
                    page = await browser.ask("GET", f"{base}/octets", headers={"Knooppunt-Lease": opened["token"]})
                    assert page.status in ((404,) if unit != own else (410,))
                    kept = await browser.call("POST", f"{base}/lease/prolong", said, token=token)
                    assert kept.status == page.status
            assert answers == {(404, "error.missing", "Deze pagina is er niet, of niet voor u.")}


async def test_a_desk_takes_what_its_own_unit_signed_and_nothing_else_PO_77(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        other = await portal.linked(UNIT_A2, person="Twee")
        wire = saldoverzoek("creditor", "counsellor", at=portal.clock.now()).wire()
        assert (await send(portal, other, wire, unit=UNIT_A2)).codes != ()
        assert (await send(portal, other, wire, unit=UNIT_A1)).status == 404
        foreign = saldoverzoek("counsellor", "creditor", at=portal.clock.now()).wire()
        assert (await send(portal, browser, foreign)).codes != ()
        assert await states(portal.hub) == []


async def test_of_two_answers_at_once_one_is_taken_and_who_sent_the_other_is_told_PO_43(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        ann, bob = await portal.linked(person="Ann"), await portal.linked(person="Bob")
        question = await push(portal.hub, saldoverzoek(at=portal.clock.now()))
        (record,) = await portal.hub.store.messages(MessageFilter())
        message = record.metadata.message_id
        _, first = await call(ann, message, "lease")
        _, second = await call(bob, message, "lease/take-over")
        wires = [answer_to(question, portal) for _ in range(4)]
        assert (await send(portal, bob, wires[2])).codes == ("EBMS:0010",), "it needs the lease"
        told, taken = await asyncio.gather(
            send(portal, ann, wires[0], lease=first["token"]), send(portal, bob, wires[1], lease=second["token"])
        )
        assert (told.codes, told.receipt) == (("EBMS:0010",), None)
        assert taken.receipt is not None
        assert len(await states(portal.hub)) == 2

        _, third = await call(ann, message, "lease/take-over")
        late = await send(portal, ann, wires[3], lease=third["token"])
        assert late.codes == ("EBMS:0010",), "who has it open now answers nothing twice"
        assert (await send(portal, bob, wires[1])).receipt is not None, "what was taken has its receipt, once more"
        assert len(await states(portal.hub)) == 2


async def test_a_message_that_expires_while_it_is_open_says_so_and_is_gone_PO_33(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        message = await waiting(portal)
        (record,) = await portal.hub.store.messages(MessageFilter())
        portal.clock.move(record.metadata.expires_at - portal.clock.now() - timedelta(minutes=5))
        portal.hub.hub.time.confirm()
        await browser.log_in()
        page = await browser.get("/berichten")
        assert "vandaag nog" in page.words
        assert page.document.xpath("//span[contains(@class, 'haste-soon')]")
        assert "Er wacht 1 bericht." in page.words
        assert "Een bericht verdwijnt op het moment bij" in page.words
        assert (await call(browser, message, "lease"))[0] == 200
        in_hand = await browser.get("/berichten")
        assert "Alles wat hier wacht is in behandeling." in in_hand.words
        assert "Er wacht niets." not in in_hand.words
        portal.clock.move(timedelta(minutes=6))
        link = f"/berichten/{quote(UNIT_A1, safe='')}/{quote(message, safe='')}"
        gone = await browser.get(link)
        assert "De termijn van dit bericht is voorbij" in gone.words
        assert gone.document.xpath("//main//form | //*[@id='content-place']") == []
        assert (await call(browser, message, "lease"))[0] == 404
        assert "Er wacht niets." in (await browser.get("/berichten")).words


async def prolonged_page(portal: TestedPortal, browser: TestBrowser, days: str) -> Any:
    """What comes of asking for so many days more for the only message that waits."""
    (record,) = await portal.hub.store.waiting(UNIT_A1)
    path = f"/berichten/{quote(UNIT_A1, safe='')}/{quote(record.metadata.message_id, safe='')}"
    return await browser.post(f"{path}/verlengen", {"token": await browser.token(), "days": days})


async def test_without_an_extension_there_is_no_button_and_no_way_to_prolong_PO_34(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        message = await waiting(portal)
        page = await browser.get(f"/berichten/{quote(UNIT_A1, safe='')}/{quote(message, safe='')}")
        assert page.document.xpath("//button[@name='days']") == []
        refused = await prolonged_page(portal, browser, "7")
        assert refused.status == 422
        assert "Zoveel langer kan dit bericht niet blijven" in refused.words


async def test_a_message_is_prolonged_by_its_button_within_what_was_agreed_PO_34(tmp_path: Path) -> None:
    agreed = {"creditor": {"mailbox": {"extension": "request", "extension_days": 14}}}
    async with running_portal(tmp_path, extra=agreed) as portal:
        browser = await portal.linked()
        message = await waiting(portal)
        page = await browser.get(f"/berichten/{quote(UNIT_A1, safe='')}/{quote(message, safe='')}")
        assert page.document.xpath("//button[@name='days']/@value") == ["7", "14"]
        (before,) = page.document.xpath("//dl//dd[4]/time/@datetime")
        assert (await prolonged_page(portal, browser, "7")).status == 303
        after = await browser.get(f"/berichten/{quote(UNIT_A1, safe='')}/{quote(message, safe='')}")
        (until,) = after.document.xpath("//dl//dd[4]/time/@datetime")
        assert datetime.fromisoformat(until).date() - datetime.fromisoformat(before).date() == timedelta(days=7)
        assert after.document.xpath("//button[@name='days']/@value") == ["7"]
        shown = (await browser.get("/berichten")).document.xpath("//td[3]/time/@datetime")
        assert shown == [until]
        for days, status in (("14", 422), ("28", 422), ("3", 422), ("7", 303), ("7", 422), ("x", 400), ("-7", 400)):
            assert (await prolonged_page(portal, browser, days)).status == status, days


async def test_a_long_list_has_pages_of_its_own_unit_PO_29(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        await portal.linked(UNIT_A2)
        for _ in range(PAGE_ROWS + 2):
            await push(portal.hub)
        first = await browser.get("/berichten")
        assert f"Er wachten {PAGE_ROWS + 2} berichten" in first.words
        assert len(first.document.xpath("//tbody/tr")) == PAGE_ROWS
        (more,) = first.document.xpath("//p[@class='older']/a/@href")
        second = await browser.get(f"/berichten{more.removeprefix('/berichten')}")
        links = [set(each.document.xpath("//tbody//a/@href")) for each in (first, second)]
        assert len(links[1]) == 2
        assert links[0] & links[1] == set()
        assert second.document.xpath("//p[@class='older']") == []


async def test_a_conversation_goes_on_from_a_message_of_the_unit_and_no_other_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        message = quote(await waiting(portal), safe="")
        (record,) = await portal.hub.store.messages(MessageFilter())
        creditor, stranger = await portal.linked(UNIT_A1), await portal.linked(UNIT_B)
        found = read_document((await creditor.call("GET", f"{UNIT}/new?bij.1={message}")).text)
        (goes_on,) = found["goes_on"]
        assert goes_on["conversation"] == record.metadata.conversation_id
        assert goes_on["party"] == record.metadata.original_sender
        assert {f"urn:knooppunt:{each['module']}:{each['version']}" for each in found["types"]} == {
            record.metadata.service
        }
        other = f"/desk/api/units/{quote(UNIT_B, safe='')}/new"
        assert (await stranger.call("GET", f"{other}?bij.1={message}")).status == 404
        assert (await stranger.call("GET", f"{other}?bij.1=nowhere")).status == 404
        assert (await stranger.call("GET", other)).status == 200


async def test_who_answered_is_written_down_before_an_answer_is_taken_so_that_no_end_of_the_hub_loses_it_PO_27(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_portal(tmp_path) as portal:
        ann = await portal.linked(person="Ann")
        question = await push(portal.hub, saldoverzoek(at=portal.clock.now()))
        message = read_document((await ann.call("GET", f"{UNIT}/messages")).text)["to_do"][0]["message"]["id"]
        _, opened = await call(ann, message, "lease")
        store = portal.hub.hub.store
        accept = store.accept

        async def ends_once_it_is_durable(*args: Any, **named: Any) -> None:
            await accept(*args, **named)
            monkeypatch.undo()
            raise StoreUnavailable("the hub ends")

        monkeypatch.setattr(store, "accept", ends_once_it_is_durable)
        answer = answer_to(question, portal)
        assert (await send(portal, ann, answer, lease=opened["token"])).status == 503
        assert (await send(portal, ann, answer, lease=opened["token"])).receipt is not None, "a repetition"
        kept = await portal.store.handlings(OrganisationNumber(kind="KVK", value=KVK_A), UNIT_A1)
        assert [each.deed for each in kept] == [Deed.ANSWERED, Deed.OPENED]


async def test_an_administrator_sees_who_had_which_type_in_hand_and_nothing_else_of_it_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        ann, bob = await portal.linked(person="Ann"), await portal.linked(person="Bob")
        await ann.post("/naam", {"name": "Ann Aalders", "token": await ann.token()})
        question = await push(portal.hub, saldoverzoek(at=portal.clock.now()))
        message = read_document((await ann.call("GET", f"{UNIT}/messages")).text)["to_do"][0]["message"]["id"]
        _, opened = await call(ann, message, "lease")
        assert (await call(bob, message, "lease"))[0] == 409
        answer = answer_to(question, portal)
        for _ in range(2):  # a repetition is answered as before, and is no second answer
            assert (await send(portal, ann, answer, lease=opened["token"])).receipt is not None
        administrator = await portal.administrator()
        page = await administrator.get(f"/organisatie/{quote(UNIT_A1, safe='')}/inzage")
        lines = [" ".join(row.text_content().split()) for row in page.document.xpath("//tbody/tr")]
        assert ["Ann Aalders Beantwoord Opgave van het saldo" in lines[0], len(lines)] == [True, 2]
        assert "Ann Aalders Geopend Saldoverzoek" in lines[1]
        kept = await portal.store.handlings(OrganisationNumber(kind="KVK", value=KVK_A), UNIT_A1)
        asked = question.user_message
        for told in (message, asked.message_id, asked.conversation_id, "Gemeente Testdrecht"):
            assert told not in page.text
            assert told not in repr(kept)
        other = await administrator.get(f"/organisatie/{quote(UNIT_A2, safe='')}/inzage")
        assert other.document.xpath("//tbody/tr") == []


async def test_who_confirms_a_message_without_an_answer_has_a_line_and_who_answered_it_no_second_one(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        ann = await portal.linked(person="Ann")
        for is_answered in (True, False):
            question = await push(portal.hub, saldoverzoek(at=portal.clock.now()))
            message = read_document((await ann.call("GET", f"{UNIT}/messages")).text)["to_do"][0]["message"]["id"]
            lease = (await call(ann, message, "lease"))[1]["token"]
            _, content_type, octets = await read(portal, ann, message, lease)
            got = read_reply(200, {"Content-Type": content_type}, octets, at=portal.clock.now())
            if is_answered:
                assert (await send(portal, ann, answer_to(question, portal), lease=lease)).receipt is not None
            receipt = got.receipt_wire("creditor", at=portal.clock.now())
            assert (await send(portal, ann, receipt)).codes == ("EBMS:0302",), "it needs the lease, and is no deed"
            for _ in range(2):  # a repetition is no second deed
                assert (await send(portal, ann, receipt, lease=lease)).status == 204
        page = await (await portal.administrator()).get(f"/organisatie/{quote(UNIT_A1, safe='')}/inzage")
        assert [each.text_content() for each in page.document.xpath("//tbody/tr/td[2]")] == [
            "Bevestigd zonder antwoord", "Geopend", "Beantwoord", "Geopend",
        ]  # fmt: skip


async def test_of_a_list_that_was_downloaded_an_administrator_sees_how_many_of_which_type(tmp_path: Path) -> None:
    async with running_portal(tmp_path, extra={"creditor": {"desk": {"lists": True}}}) as portal:
        ann = await portal.linked(person="Ann")
        for _ in range(3):
            await push(portal.hub, saldoverzoek(at=portal.clock.now()))
        (kind,) = [
            each for each in read_document((await ann.call("GET", f"{UNIT}/lists")).text)["kinds"] if each["count"]
        ]
        said = {name: kind[name] for name in ("module", "version", "type")}
        opened = await ann.call("POST", f"{UNIT}/lists/open", said, token=await ann.token())
        references = [each["reference"] for each in read_document(opened.text)["questions"]]
        bob, some = await portal.linked(person="Bob"), {"references": references[:2]}
        again = await ann.call("POST", f"{UNIT}/lists/questions", some, token=await ann.token())  # no second deed
        given_up = {"list": read_document(again.text)["list"]}
        await ann.call("POST", f"{UNIT}/lists/release", given_up, token=await ann.token())
        await bob.call("POST", f"{UNIT}/lists/questions", some, token=await bob.token())
        kept = await portal.store.handlings(OrganisationNumber(kind="KVK", value=KVK_A), UNIT_A1)
        assert [(each.deed.value, each.messages) for each in kept] == [("opened", 2), ("downloaded", 3)]
