"""Lists in a real browser: questions downloaded, filled in elsewhere, read again, and each answered once."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from support.browser.chromium import context
from support.browser.list_desk import FILLED, LINES, filled, list_desk, read, reference, saved
from support.browser.looks import accessibility_faults, layout_faults

from gateway.limits import PAYLOAD_LIMITS
from gateway.store.model import State
from xsd.document import parse_document


async def looks_right(page: Page) -> None:
    """For whoever sees little, and on a small screen."""
    for size in ({"width": 1280, "height": 900}, {"width": 320, "height": 640}):
        await page.set_viewport_size(size)
        assert await layout_faults(page) == []
        assert await accessibility_faults(page) == []


async def test_a_list_is_downloaded_filled_in_and_sent_with_each_answer_once_PO_60(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with list_desk(profile, tmp_path) as at:
        await at.open()
        rows = read(await at.download())
        assert [row["Referentienummer"] for row in rows] == [reference(1 + index // LINES) for index in range(9)]
        await at.desk.says("De lijst is opgeslagen; vragen erin: 3.")
        await looks_right(at.desk.page)
        await at.desk.press("Terug naar de lijsten")
        await at.choose(saved(filled(rows)))
        await at.desk.says("Te versturen antwoorden: 3.")
        await looks_right(at.desk.page)
        labels = {"client": "Klant", "owed": "Bedrag samen"}
        told = {name: at.desk.page.locator(f"td[data-label='{label}']") for name, label in labels.items()}
        await expect(told["client"]).to_have_text([rows[index]["Klant"] for index in range(0, 9, LINES)])
        await expect(told["owed"]).to_have_text(["€ 3.901,50"] * 3)
        await at.desk.press("Versturen (3)")
        await at.desk.says("Alle antwoorden zijn verstuurd: 3.")
        assert at.desk.told.blocked() == []
        assert await at.desk.states() == [State.RECEIPTED] * 3 + [State.STORED] * 3
        answers = await at.collected(3)
        assert [(each.action, each.origin) for each in answers] == [("SaldoverzoekAntwoord", "verified")] * 3
        for answer in answers:
            root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
            assert [each.text for each in root.iter("{*}ActueelBedrag")] == ["1300.50"] * LINES
            assert [each.text for each in root.iter("{*}KlantnummerSE")] == [FILLED["Klantnummer SE"]]


async def test_one_wrong_row_in_the_second_of_three_files_keeps_everything_back_PO_62(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with list_desk(profile, tmp_path) as at:
        pushes: list[str] = []
        await at.open()
        rows = filled(read(await at.download()))
        await at.desk.press("Terug naar de lijsten")
        at.desk.page.on("request", lambda each: pushes.append(each.url) if "/desk/as4/" in each.url else None)
        parts = [rows[:3], rows[3:6], rows[6:]]
        parts[1][2]["openstaand.ActueelBedrag"] = "1.234"
        await at.choose(*map(saved, parts))
        await at.desk.says("Er is nog niets verstuurd. Te verbeteren: 1.")
        assert [each[:4] for each in await at.complaints()] == [
            ["lijst2.csv", "4", "openstaand.ActueelBedrag", "1.234"]
        ]
        assert pushes == []
        await looks_right(at.desk.page)
        assert State.RECEIPTED not in await at.desk.states()


async def test_a_confirmed_question_is_answered_by_its_list_later_and_only_as_it_was_PO_64(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with list_desk(profile, tmp_path) as at:
        await at.open()
        rows = filled(read(await at.download()))
        await at.desk.press("Download bevestigen")
        await at.desk.says("Het opgeslagen bestand is daarna het enige exemplaar.")
        await at.desk.press("Ja, bevestigen")
        await at.desk.says("Bevestigde vragen: 3.")
        assert await at.desk.states() == [State.RECEIPTED] * 3
        await at.desk.press("Terug naar de lijsten")
        forged = [{**row, "Schuldhulpverlener": "Een ander (00000099000000009000)"} for row in rows]
        await at.choose(saved(forged))
        await at.desk.says("Te verbeteren: 9.")
        assert {each[2] for each in await at.complaints()} == {"Controle"}
        await at.desk.press("Andere bestanden kiezen")
        await at.choose(saved(rows))
        await at.desk.says("Te versturen antwoorden: 3.")
        await at.desk.press("Versturen (3)")
        await at.desk.says("Alle antwoorden zijn verstuurd: 3.")
        assert len(await at.collected(3)) == 3
        await at.desk.press("Terug naar de lijsten")
        await at.choose(saved(rows))
        await at.desk.says("Te verbeteren: 3.")
        assert {each[4] for each in await at.complaints()} == {"Dit bericht is al beantwoord. Haal de rijen ervan weg."}


async def test_what_a_colleague_took_over_is_told_and_goes_in_no_list_PO_35(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    async with list_desk(profile, tmp_path, "De Vries", questions=1) as at, context(browser) as second:
        await at.open()
        rows = filled(read(await at.download()))
        other = await at.desk.colleague("De Vries", second)
        await other.open()
        await other.press("Overnemen")
        await other.says("Herkomst bevestigd")
        await at.desk.press("Terug naar de lijsten")
        await at.choose(saved(rows))
        await at.desk.says("Te verbeteren: 1.")
        ((_, _, column, _, said),) = await at.complaints()
        assert (column, said.partition(" heeft ")[0]) == ("Referentienummer", "een collega")
        await at.desk.press("Andere bestanden kiezen")
        await at.desk.press("Downloaden")
        await at.desk.says("vragen erin: 0")
        await expect(at.desk.page.get_by_text("een collega heeft haar open")).to_be_visible()


async def test_an_account_that_is_not_in_the_organisations_list_is_refused_in_a_file_PO_80(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with list_desk(profile, tmp_path, questions=1) as at:
        await at.open()
        account = {"IBAN": "NL02ABNA0123456789", "Ten name van": "Een ander", "Betalingskenmerk": "BK-1"}
        rows = filled(read(await at.download()), **account)
        await at.desk.press("Terug naar de lijsten")
        await at.choose(saved(rows))
        await at.desk.says("Te verbeteren: 1.")
        assert [each[1:4] for each in await at.complaints()] == [["2", "IBAN", "NL02ABNA0123456789"]]
        assert await at.desk.collected() == ()


async def test_sending_that_was_broken_goes_on_where_it_stopped_and_each_answer_goes_once_PO_65(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The tab is closed while the hub's answer to one of them is on its way back: it had taken that one."""
    count, broken_at = 12, 5
    async with list_desk(profile, tmp_path, questions=count) as at:
        taken = 0

        async def lose(route: Route) -> None:
            nonlocal taken
            is_answer = not route.request.headers["content-type"].startswith("application/soap+xml")
            taken += is_answer
            if taken < broken_at:
                await route.continue_()
            elif taken == broken_at and is_answer:
                await route.fetch()
                await route.abort()
            else:
                await route.abort()

        await at.open()
        rows = filled(read(await at.download()))
        await at.desk.press("Terug naar de lijsten")
        await at.choose(saved(rows))
        await at.desk.says(f"Te versturen antwoorden: {count}.")
        await at.desk.page.route("**/desk/as4/**", lose)
        await at.desk.press(f"Versturen ({count})")
        await at.desk.says(f"Verstuurd: {broken_at - 1} van {count}.")
        await at.desk.page.close()
        at.desk.page = await profile.new_page()
        await at.desk.page.clock.install(time=at.desk.seen.portal.clock.now())
        await at.open()
        await expect(at.desk.page.get_by_text(f"{broken_at - 1} van {count} verstuurd")).to_be_visible()
        await at.desk.press("Weggooien")
        await at.desk.says(f"U gooit antwoorden weg die niet zijn verstuurd: {count - broken_at + 1}.")
        await at.desk.press("Terug naar de lijsten")
        await at.desk.press("Verdergaan")
        await at.desk.says(f"Alle antwoorden zijn verstuurd: {count}.")
        answers = await at.collected(count)
        assert sorted(each.cross_reference or "" for each in answers) == [reference(each + 1) for each in range(count)]
        assert await at.desk.states() == [State.RECEIPTED] * 2 * count
        await at.open()
        await expect(at.desk.page.get_by_role("button", name="Verdergaan")).to_have_count(0)
