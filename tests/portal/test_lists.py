"""Lists as the portal serves them: which there are, their questions leased at once, and what became of a reference."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from support.keys.pki import PARTIES
from support.portal.portals import UNIT_A1, UNIT_A2, UNIT_B, TestBrowser, TestedPortal, read_document, running_portal
from support.store.store_samples import accept, sealed_message

from gateway.portal.lists import MOST_TOGETHER

COUNSELLOR = PARTIES["counsellor"][0]
KIND = {"module": "Schuldregeling", "version": "2.0", "type": "Saldoverzoek"}


@pytest_asyncio.fixture
async def portal(tmp_path: Path) -> AsyncIterator[TestedPortal]:
    """Three questions and a notice wait for A1, one question for A2; both work with lists."""
    async with running_portal(tmp_path, extra={"creditor": {"desk": {"lists": True}}}) as running:
        base = {"sender": COUNSELLOR, "original_sender": COUNSELLOR, "question": True}
        for number in (1, 2, 3):
            await accept(running.hub.store, sealed_message(number, receiver=UNIT_A1, at=running.clock.now(), **base))
        notice = sealed_message(4, receiver=UNIT_A1, at=running.clock.now(), **{**base, "question": False})
        await accept(running.hub.store, notice)
        await accept(running.hub.store, sealed_message(5, receiver=UNIT_A2, at=running.clock.now(), **base))
        yield running


async def ask(browser: TestBrowser, unit: str, what: str, document: Any) -> tuple[int, Any]:
    path = f"/desk/api/units/{quote(unit, safe='')}/lists{what}"
    method = "GET" if document is None else "POST"
    page = await browser.call(method, path, document, token=await browser.token())
    return page.status, read_document(page.text)


def told(answer: Any) -> list[tuple[str, str]]:
    return [(each["reference"], each["state"]) for each in answer["questions"]]


async def test_a_unit_sees_its_lists_with_how_many_questions_wait_in_each_PO_29(portal: TestedPortal) -> None:
    both = await portal.linked(UNIT_A1, person="De Wit")
    await portal.linked(UNIT_A2, person="De Wit")
    counts = {}
    for unit in (UNIT_A1, UNIT_A2):
        status, view = await ask(both, unit, "", None)
        assert (status, view["is_on"]) == (200, True)
        assert view["kinds"][0].keys() == {"module", "version", "type", "label", "count", "waived"}
        counts[unit] = {(each["type"], each["count"]) for each in view["kinds"] if each["version"] == "2.0"}
    assert counts == {
        UNIT_A1: {("Saldoverzoek", 3), ("Betaalvoorstel", 0)},
        UNIT_A2: {("Saldoverzoek", 1), ("Betaalvoorstel", 0)},
    }


async def test_a_list_opens_the_questions_of_its_kind_and_unit_and_no_other_PO_29(portal: TestedPortal) -> None:
    both = await portal.linked(UNIT_A1, person="De Wit")
    await portal.linked(UNIT_A2, person="De Wit")
    status, opened = await ask(both, UNIT_A1, "/open", KIND)
    assert (status, opened["left"]) == (200, 0)
    assert told(opened) == [(f"tracking-{number}", "open") for number in (1, 2, 3)]
    assert len({each["token"] for each in opened["questions"]}) == 3
    _, other = await ask(both, UNIT_A2, "/open", KIND)
    assert told(other) == [("tracking-5", "open")]
    _, asked = await ask(both, UNIT_A2, "/questions", {"references": ["tracking-1", "tracking-5", "nobody's"]})
    assert told(asked) == [("tracking-1", "unknown"), ("tracking-5", "open"), ("nobody's", "unknown")]
    assert asked["questions"][0] == {**asked["questions"][2], "reference": "tracking-1"}
    assert (await ask(both, UNIT_B, "/open", KIND))[0] == 404


async def test_what_a_colleague_has_open_is_told_and_not_taken_PO_35(portal: TestedPortal) -> None:
    first, second = [await portal.linked(UNIT_A1, person=each) for each in ("Een", "Twee")]
    await ask(first, UNIT_A1, "/questions", {"references": ["tracking-2"]})
    _, opened = await ask(second, UNIT_A1, "/open", KIND)
    states = {each["reference"]: (each["state"], each["holder"], each["token"] is None) for each in opened["questions"]}
    assert states["tracking-2"] == ("held", "een collega", True)
    assert [state for state, *_ in states.values()] == ["open", "held", "open"]


async def test_the_limit_of_open_messages_says_of_lists_what_to_do(portal: TestedPortal) -> None:
    first = await portal.linked(UNIT_A1, person="Een")
    for number in range(20, 26):
        await accept(
            portal.hub.store,
            sealed_message(
                number,
                receiver=UNIT_A1,
                at=portal.clock.now(),
                sender=COUNSELLOR,
                original_sender=COUNSELLOR,
                question=True,
            ),
        )
    for number in range(20, 25):
        assert (await ask(first, UNIT_A1, "/questions", {"references": [f"tracking-{number}"]}))[0] == 200
    status, told = await ask(first, UNIT_A1, "/questions", {"references": ["tracking-25"]})
    assert (status, "vijf berichten of lijsten" in str(told)) == (429, True)


async def test_reading_a_file_again_notes_no_second_opening_of_its_questions_PO_29(portal: TestedPortal) -> None:
    browser = await portal.linked(UNIT_A1, person="Een")
    asked = {"references": ["tracking-1", "tracking-2"]}
    await ask(browser, UNIT_A1, "/questions", asked)
    portal.clock.move(timedelta(minutes=1))
    await ask(browser, UNIT_A1, "/questions", asked)
    administrator = await portal.administrator()
    path = f"/desk/api/units/{quote(UNIT_A1, safe='')}/in-hand"
    page = await administrator.call("GET", path, None, token=await administrator.token())
    assert [each["messages"] for each in read_document(page.text)["lines"]] == [2]


async def test_a_list_in_use_is_prolonged_and_given_up_at_once_by_its_name_PO_85(portal: TestedPortal) -> None:
    first, second = [await portal.linked(UNIT_A1, person=each) for each in ("Een", "Twee")]
    _, opened = await ask(first, UNIT_A1, "/questions", {"references": ["tracking-1"]})
    _, more = await ask(first, UNIT_A1, "/open", {**KIND, "list": opened["list"]})
    assert more["list"] == opened["list"] is not None
    named = {"list": more["list"]}
    portal.clock.move(timedelta(minutes=20))
    status, kept = await ask(first, UNIT_A1, "/prolong", named)
    assert (status, list(kept)) == (200, ["until"])
    assert await ask(second, UNIT_A1, "/release", named) == (200, {"released": 0})
    assert (await ask(second, UNIT_A1, "/prolong", named))[0] == 410
    portal.clock.move(timedelta(minutes=20))
    _, held = await ask(second, UNIT_A1, "/open", KIND)
    assert ({state for _, state in told(held)}, held["list"]) == ({"held"}, None)
    assert await ask(first, UNIT_A1, "/release", named) == (200, {"released": 3})
    _, free = await ask(second, UNIT_A1, "/open", KIND)
    assert {state for _, state in told(free)} == {"open"}


async def test_a_unit_sees_what_it_confirmed_and_did_not_answer_and_nobody_elses_PO_29(portal: TestedPortal) -> None:
    both = await portal.linked(UNIT_A1, person="De Wit")
    await portal.linked(UNIT_A2, person="De Wit")
    for unit, reference in ((UNIT_A1, "tracking-2"), (UNIT_A2, "tracking-5")):
        _, opened = await ask(both, unit, "/questions", {"references": [reference]})
        (question,) = opened["questions"]
        message, lease = question["message"]["id"], question["token"]
        await portal.hub.store.close(message, party=unit, receipt=b"receipt", desk_lease=lease)
    found = {}
    for unit in (UNIT_A1, UNIT_A2):
        _, view = await ask(both, unit, "", None)
        found[unit] = ([each["reference"] for each in view["confirmed"]], view["more"])
    assert found == {UNIT_A1: (["tracking-2"], False), UNIT_A2: (["tracking-5"], False)}
    page = await both.get(f"/lijsten/{quote(UNIT_A1, safe='')}")
    assert "tracking-5" not in page.text


async def test_a_question_that_needs_no_answer_any_more_is_marked_in_its_list(portal: TestedPortal) -> None:
    between = {"conversation_id": "c", "service": "urn:knooppunt:Schuldregeling:2.0"}
    asked = sealed_message(
        30, receiver=UNIT_A1, at=portal.clock.now(), sender=COUNSELLOR, original_sender=COUNSELLOR,
        action="Betaalvoorstel", question=True, **between,
    )  # fmt: skip
    agreed = sealed_message(
        31, receiver=COUNSELLOR, at=portal.clock.now(), sender=UNIT_A1, original_sender=UNIT_A1,
        action="SaldoverzoekAntwoordVoorafAkkoord", cross_reference="tracking-1", **between,
    )  # fmt: skip
    await accept(portal.hub.store, replace(agreed, waives=("Betaalvoorstel",)))
    await accept(portal.hub.store, replace(asked, waived_by=("SaldoverzoekAntwoordVoorafAkkoord",)))
    browser = await portal.linked(UNIT_A1, person="Een")
    _, view = await ask(browser, UNIT_A1, "", None)
    counts = {(each["type"], each["version"]): (each["count"], each["waived"]) for each in view["kinds"]}
    assert counts[("Betaalvoorstel", "2.0")] == (1, 1)
    assert counts[("Saldoverzoek", "2.0")] == (3, 0)
    _, opened = await ask(browser, UNIT_A1, "/open", {**KIND, "type": "Betaalvoorstel"})
    assert [each["message"]["is_waived"] for each in opened["questions"]] == [True]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"references": []},
        {"references": "tracking-1"},
        {"references": [1]},
        {"references": [""]},
        {"references": ["x" * 101]},
        {"references": [str(number) for number in range(MOST_TOGETHER + 1)]},
        {"references": ["tracking-1"], "list": ""},
        {"references": ["tracking-1"], "list": ["x"]},
    ],
    ids=["nothing", "none", "a text", "a number", "a blank", "too long", "too many", "no list", "many lists"],
)
async def test_what_is_no_list_of_references_is_refused(portal: TestedPortal, said: dict[str, Any]) -> None:
    browser = await portal.linked(UNIT_A1, person="Een")
    assert (await ask(browser, UNIT_A1, "/questions", said))[0] == 400


@pytest.mark.parametrize("wrong", [{"type": "Kennisgeving"}, {"version": "9.9"}, {"module": "Schuldinventarisatie"}])
async def test_a_kind_that_has_no_list_is_nowhere(portal: TestedPortal, wrong: dict[str, str]) -> None:
    browser = await portal.linked(UNIT_A1, person="Een")
    assert (await ask(browser, UNIT_A1, "/open", {**KIND, **wrong}))[0] == 404


async def test_every_column_is_explained_to_anybody_and_comes_as_an_empty_file(portal: TestedPortal) -> None:
    anybody = portal.browser()
    page = await anybody.get("/uitleg/lijsten")
    assert page.status == 200
    table = read_document((await anybody.get("/desk/lists/Schuldregeling/2.0/Saldoverzoek.json")).text)
    template = await anybody.get("/desk/lists/Schuldregeling/2.0/Saldoverzoek.csv")
    names = [each.strip('"') for each in template.text.removeprefix("\ufeff").strip().split(";")]
    assert names[:3] == ["ConversatieReferentienummer", "Referentienummer", "Schuldhulpverlener"]
    assert names[11] == "Klantnummer SE"
    assert sorted(names) == sorted(
        [*(each["name"] for each in (*table["question"], *table["answer"])), table["control"]]
    )
    assert [each for each in names if each not in page.text] == []
    for nowhere in ("Kennisgeving.json", "Saldoverzoek", "Saldoverzoek.xml"):
        assert (await anybody.get(f"/desk/lists/Schuldregeling/2.0/{nowhere}")).status == 404


async def test_without_lists_the_page_says_what_to_do_and_no_call_opens_anything(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as running:
        browser = await running.linked(UNIT_A1, person="Een")
        page = await browser.get(f"/lijsten/{quote(UNIT_A1, safe='')}")
        assert (page.status, "werkt nog niet met lijsten" in page.text) == (200, True)
        assert "/lijsten/" not in (await browser.get("/berichten")).text
        assert (await ask(browser, UNIT_A1, "/open", KIND))[0] == 403
        assert (await ask(browser, UNIT_A1, "/questions", {"references": ["tracking-1"]}))[0] == 403
