"""To several at a desk: each gets its own, once, also where the tab is closed halfway, and it goes on later."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Route, expect
from support.browser.looks import accessibility_faults, layout_faults
from support.browser.writing_desk import CLIENT, UNDER_COURT, WritingDesk, writing_desk
from support.keys.pki import PARTIES

START = "Melding van het begin van een bewind (MeldingenBewindvoering 1.0)"
END = "Melding van het einde van een bewind (MeldingenBewindvoering 1.0)"
ENDED = {**CLIENT, "Einddatum": "04-03-2026"}


async def write_end(at: WritingDesk) -> None:
    """The form of an end, to its preview."""
    await at.fill("MeldingBewindEinde", ENDED, Reden="OPGEHEVEN")
    await at.attach("Beschikking")
    await at.press("Controleren")
    await at.says("Zo gaat uw bericht weg")


async def test_each_of_several_gets_its_own_message_once_although_the_tab_was_closed_halfway(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The hub has the second message, and its answer is lost with the tab."""
    async with writing_desk(profile, tmp_path, UNDER_COURT) as at:
        pushed = 0

        async def lose(route: Route) -> None:
            nonlocal pushed
            pushed += 1
            if pushed == 2:
                await route.fetch()
                return
            await route.continue_()

        await at.page.route("**/desk/as4/**", lose)
        await at.begin(END)
        await at.choose("creditor", "counsellor")
        await write_end(at)
        await at.press("Versturen")
        progress = at.page.get_by_role("status").filter(has_text="Verstuurd: 1 van 2.")
        await expect(progress).to_be_visible()
        assert await accessibility_faults(at.page) == []
        await at.page.close()

        at.page = await profile.new_page()
        await at.page.clock.install(time=at.seen.portal.clock.now())
        await at.open()
        await expect(at.page.locator(".begun li")).to_contain_text("Verstuurd: 1 van 2.")
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await at.press("Verder versturen")
        await at.says("Zo gaat uw bericht weg")
        await at.press("Versturen")
        await at.says("aan alle 2 ontvangers verstuurd")
        await expect(at.page.locator(".letters li")).to_have_count(2)
        got = [await at.collected(name) for name in ("creditor", "counsellor")]
        assert [len(each) for each in got] == [1, 1]
        for name in ("message_id", "conversation_id", "tracking_identifier"):
            assert len({getattr(message, name) for (message,) in got}) == 2, name
        await at.open()
        await expect(at.page.locator(".begun")).to_have_count(0)


@pytest.mark.soak
async def test_an_end_goes_on_in_the_conversation_of_each_begin_that_is_chosen_under_sent(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with writing_desk(profile, tmp_path, UNDER_COURT) as at:
        await at.begin(END)
        await at.choose("creditor", "counsellor")
        await write_end(at)
        await at.press("Versturen")
        await at.says("aan alle 2 ontvangers verstuurd")
        await at.press("Naar Verstuurd")
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        for box in await at.page.get_by_role("checkbox").all():
            await box.check()
        await at.press("Verder in deze gesprekken")
        await at.unlock()
        await at.press(END)
        await expect(at.page.get_by_text("Dit gaat verder in het gesprek met:")).to_be_visible()
        await at.press("Bericht schrijven")
        await write_end(at)
        await at.press("Versturen")
        await at.says("aan alle 2 ontvangers verstuurd")
        for name in ("creditor", "counsellor"):
            first, second = await at.collected(name)
            assert first.conversation_id == second.conversation_id
            assert first.tracking_identifier != second.tracking_identifier


@pytest.mark.soak
async def test_who_cannot_take_it_is_told_before_and_whom_the_hub_refuses_after(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """By the address book one creditor has no version of the module; by the P-Modes of the hub the other has not."""
    without = {"counsellor": {"modules": {"Schuldinventarisatie": ["2.0"]}}}
    async with writing_desk(profile, tmp_path, UNDER_COURT, p_modes=without) as at:
        await at.begin(END)
        await at.choose("creditor", "counsellor")
        await write_end(at)
        await at.press("Versturen")
        await expect(at.page.locator("#f-summary")).to_contain_text("Verstuurd: 1 van 2.")
        refused = at.page.locator(".letters li").filter(has_text=PARTIES["counsellor"][1])
        await expect(refused).to_contain_text("niet aangenomen")
        assert [len(await at.collected(name)) for name in ("creditor", "counsellor")] == [1, 0]
    async with writing_desk(profile, tmp_path / "told", UNDER_COURT, listed={"counsellor": {"versions": ()}}) as at:
        await at.begin(END)
        option = at.page.get_by_label("Aan wie").locator("option").filter(has_text="(ontvangt dit nu niet)")
        await expect(option).to_have_count(1)
        await expect(option).to_be_disabled()
