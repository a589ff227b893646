"""Who follows a tutorial of the portal presses what stands there in bold, in that order, and sees its pictures.

The pictures of the tutorials are made here, with KNOOPPUNT_PICTURES=write; otherwise they have to be there.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect
from support.browser.chromium import context
from support.browser.looks import WRITES
from support.documents.documents import DOCS

from gateway.demo.left_running import ServedSite, site_to_serve
from gateway.desk_files import FOLDER
from gateway.portal.texts import Texts, read_texts
from gateway.site.hub_process import HubProcess
from gateway.site.ports import free_ports

TUTORIALS = DOCS / "tutorial"
TEXTS = read_texts(FOLDER / "texts")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
PICTURE = re.compile(r"!\[[^\]]+\]\((pictures/[\w.-]+\.png)\)")
SIZE: ViewportSize = {"width": 1000, "height": 620}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedSite]:
    """What `make serve` leaves running."""
    made = site_to_serve(tmp_path_factory.mktemp("served"), free_ports(1)[0])
    hub = HubProcess(made.settings, made.folder / "hub" / "hub.log")
    async with AsyncExitStack() as until:
        await made.start_broker(until)
        await hub.start()
        until.push_async_callback(hub.stop)
        await made.fill()
        yield made


@dataclass
class Reader:
    """Somebody who follows one page: in which language, what was pressed, which pictures were seen."""

    page: Path
    t: Texts
    url: str
    pressed: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    async def press(self, window: Page, words: str) -> None:
        self.pressed.append(words)
        exactly = re.compile(rf"^\s*{re.escape(words)}\s*$")
        await window.locator("a:visible, button:visible").filter(has_text=exactly).first.click()

    async def open(self, window: Page) -> None:
        await window.set_viewport_size(SIZE)
        await window.goto(self.url)
        if self.t.language == "en":
            await self.press(window, "English")

    async def log_in(self, window: Page, button: str, organisation: str, person: str = "Jansen") -> None:
        await self.press(window, self.t(button))
        await self.press(window, self.t("departure.button"))
        await window.locator("#number").select_option(label=organisation)
        await window.locator("#person").fill(person)
        await self.press(window, "Inloggen")

    async def look(self, window: Page, name: str) -> None:
        """The picture of that name, made when pictures are."""
        place = f"pictures/{name}-{self.t.language}.png"
        self.seen.append(place)
        if WRITES:
            (TUTORIALS / "pictures").mkdir(exist_ok=True)
            await window.screenshot(path=TUTORIALS / place)

    def told(self) -> None:
        """The page told to press just that, and shows just these pictures."""
        text = self.page.read_text("utf-8")
        assert BOLD.findall(text) == self.pressed
        assert PICTURE.findall(text) == self.seen
        assert [each for each in self.seen if not (TUTORIALS / each).exists()] == []


@pytest.fixture(params=["en", "nl"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def reader(site: ServedSite, name: str, language: str) -> Reader:
    assert site.portal is not None
    page = TUTORIALS / f"{name}{'' if language == 'en' else '.nl'}.md"
    return Reader(page=page, t=TEXTS[language], url=site.portal.url)


async def test_a_creditor_links_himself_sees_what_waits_and_lets_a_colleague_in(
    browser: Browser, site: ServedSite, language: str
) -> None:
    one = reader(site, "portal-creditor", language)
    t, creditor = one.t, "Wonen Voorbeeld (90000011)"
    jansen, de_vries = f"Jansen {language}", f"De Vries {language}"
    async with context(browser) as own, context(browser) as private:
        window, other = await own.new_page(), await private.new_page()
        await one.open(window)
        await one.look(window, "start")
        await one.log_in(window, "start.administrator.button", creditor, jansen)
        await window.get_by_label(t("name.label")).fill("J. Jansen")
        await one.press(window, t("name.save"))
        await one.press(window, t("pairing.oneself"))
        await expect(window.get_by_text(f"({t('organisation.you')})")).to_be_visible()
        await one.look(window, "creditor-organisation")
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.user.button", creditor, jansen)
        await expect(window.get_by_text(t.counted("messages.waiting", 3))).to_be_visible()
        await one.look(window, "creditor-messages")
        await one.press(window, {"nl": "Saldoverzoek", "en": "Balance request"}[language])
        await expect(window.get_by_text(t("message.conversation"))).to_be_visible()
        await one.look(window, "creditor-message")
        await one.press(window, t("back.messages"))
        await one.open(other)
        await one.log_in(other, "start.user.button", creditor, de_vries)
        code = await other.locator("strong.code").inner_text()
        await one.look(other, "creditor-pairing")
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.administrator.button", creditor, jansen)
        await window.get_by_label(t("pairing.label")).fill(code)
        rows = await window.get_by_role("row").count()
        await one.press(window, t("pairing.button"))
        await expect(window.get_by_role("row")).to_have_count(rows + 1)
        await other.reload()
        await expect(other.get_by_text(t.counted("messages.waiting", 3))).to_be_visible()
    one.told()


async def test_a_counsellor_sees_what_waits_and_what_was_sent(
    browser: Browser, site: ServedSite, language: str
) -> None:
    one = reader(site, "portal-counsellor", language)
    t, counsellor = one.t, "Schuldhulp Voorbeeld (90000022)"
    person = f"Bakker {language}"
    async with context(browser) as own:
        window = await own.new_page()
        await one.open(window)
        await one.log_in(window, "start.administrator.button", counsellor, person)
        await one.press(window, t("pairing.oneself"))
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.user.button", counsellor, person)
        await expect(window.get_by_text(t.counted("messages.waiting", 1))).to_be_visible()
        await one.look(window, "counsellor-messages")
        await one.press(window, {"nl": "Vraag naar de status", "en": "Question about the status"}[language])
        await expect(window.get_by_text(t("message.conversation"))).to_be_visible()
        await one.press(window, t("nav.sent"))
        await expect(window.get_by_text(t("sent.empty"))).to_be_visible()
        await one.look(window, "counsellor-sent")
        await one.press(window, t("nav.keys"))
        await expect(window.get_by_role("heading", level=1)).to_have_text(t("nav.keys"))
        await one.press(window, t("log_out"))
    one.told()
