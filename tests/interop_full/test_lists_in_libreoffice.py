"""Lists through LibreOffice, without a window: what a spreadsheet makes of a file, and the portal of that."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from browser.conftest import browser, profile  # noqa: F401 - fixtures
from playwright.async_api import BrowserContext, Route, expect
from support.browser.list_desk import LINES, asking, filled, list_desk, read, reference, saved
from support.browser.node import TESTS, node
from support.browser.spreadsheet import AS_IT_LIKES, through

from gateway.limits import PAYLOAD_LIMITS
from xsd.document import parse_document

IN_BROWSER = pytest.mark.asyncio(loop_scope="module")

COUNT, BROKEN_AT = 120, 37
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u2007=1", "\ufeff=1", "\u200b=1",
    "Jansen,=1+1,", "Jansen;=1+1;", "Jansen\t=1+1\t", 'Jansen,"=1+1",',
    "＝1+1", "＋1", "－1", "＠x", "naam\n=1+1", "naam\r\n@x", "'=1", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://x\")",
]  # fmt: skip


@pytest.mark.parametrize("separator", [";", ",", "\t"], ids=["semicolon", "comma", "tab"])
def test_libreoffice_computes_nothing_of_a_cell_whatever_it_takes_for_its_end_PO_63(
    separator: str, tmp_path: Path
) -> None:
    opened = AS_IT_LIKES.replace("CSV:59", f"CSV:{ord(separator)}")
    bare = through(b'"naam"\r\n"=1+1"\r\n', tmp_path, "fods", opened=opened).decode()
    assert re.findall("table:formula", bare), "what nothing guards is computed, so this looks where it should"
    rows = [["naam", "kenmerk"], *(["x", each] for each in FORMULAS)]
    made = json.loads(node([TESTS / "desk" / "js" / "lists" / "rows.js"], text=json.dumps(rows)).stdout)
    shown = through(base64.b64decode(made["octets"]), tmp_path, "fods", opened=opened).decode()
    assert re.findall("table:formula", shown) == []


@IN_BROWSER
async def test_120_questions_go_through_libreoffice_and_broken_sending_ends_with_the_same_120_PO_60_PO_65(
    profile: BrowserContext,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    async with list_desk(profile, tmp_path, questions=COUNT) as at:
        taken = 0

        async def lose(route: Route) -> None:
            nonlocal taken
            is_answer = not route.request.headers["content-type"].startswith("application/soap+xml")
            taken += is_answer
            if taken <= BROKEN_AT:
                await route.continue_()
            else:
                await route.abort()

        await at.open()
        opened = through(await at.download(), tmp_path)
        rows = filled(read(opened))
        assert len(rows) == COUNT * LINES
        for row in rows:
            row["Klantnummer SE"] = f"SE-{row['Referentienummer'][-4:]}"
        await at.desk.press("Terug naar de lijsten")
        await at.choose(through(saved(rows), tmp_path))
        await at.says(f"Te versturen antwoorden: {COUNT}.")
        await at.desk.page.route("**/desk/as4/**", lose)
        await at.desk.press(f"Versturen ({COUNT})")
        await at.says(f"Verstuurd: {BROKEN_AT} van {COUNT}.")
        await at.desk.page.close()
        at.desk.page = await profile.new_page()
        await at.desk.page.clock.install(time=at.desk.seen.portal.clock.now())
        await at.open()
        await expect(at.desk.page.get_by_text(f"{BROKEN_AT} van {COUNT} verstuurd")).to_be_visible()
        await at.desk.press("Verdergaan")
        await at.says(f"Alle antwoorden zijn verstuurd: {COUNT}.")
        answers = await at.collected(COUNT)
        assert sorted(each.cross_reference or "" for each in answers) == [reference(each + 1) for each in range(COUNT)]
        for answer in answers:
            root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
            assert [each.text for each in root.iter("{*}KlantnummerSE")] == [
                f"SE-{(answer.cross_reference or '')[-4:]}"
            ]
            assert [each.text for each in root.iter("{*}ActueelBedrag")] == ["1300.50"] * LINES
            assert [each.text for each in root.iter("{*}Ontstaansdatum")] == ["2025-06-01"] * LINES
            assert [each.text for each in root.iter("{*}FactuurnummerSE")] == ["F-00017"] * LINES
        asked = await at.desk.seen.portal.hub.store.asked(at.unit, [reference(each + 1) for each in range(COUNT)])
        assert [(each.record.answered, each.confirmed) for each in asked.values()] == [(True, True)] * COUNT


@IN_BROWSER
async def test_what_libreoffice_does_to_values_by_itself_is_undone_or_told_with_its_place_PO_61(
    profile: BrowserContext,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """The number of a claim loses its zeros, which come back; a date gets a year of two digits, which is told."""

    def question(number: int) -> bytes:
        return asking(number, **{"F-2025-0001": "0017", "F-2025-0002": "0018", "F-2025-0003": "0019"})

    async with list_desk(profile, tmp_path, questions=1, question=question) as at:
        await at.open()
        rows = filled(read(await at.download()))
        damaged = through(saved(rows), tmp_path, opened=AS_IT_LIKES)
        assert [row["Vordering.FactuurnummerSEVolgensSHV"] for row in read(damaged)] == ["17", "18", "19"]
        await at.desk.press("Terug naar de lijsten")
        await at.choose(damaged)
        await at.says("Er is nog niets verstuurd.")
        told = {(row, column) for _, row, column, *_ in await at.complaints()}
        assert told == {("2", "Datum"), *((f"{2 + line}", "openstaand.Ontstaansdatum") for line in range(LINES))}
        mended = [{**row, "Datum": "1-3-2026", "openstaand.Ontstaansdatum": "1-6-2025"} for row in read(damaged)]
        await at.desk.press("Andere bestanden kiezen")
        await at.choose(saved(mended))
        await at.desk.press("Versturen (1)")
        await at.says("Alle antwoorden zijn verstuurd: 1.")
        (answer,) = await at.collected(1)
        root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
        assert [each.text for each in root.iter("{*}FactuurnummerSEVolgensSHV")] == ["0017", "0018", "0019"]
