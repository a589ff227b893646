"""Who follows a tutorial of the portal, or the page on arranging one's own organisation, presses what stands there in
bold, in that order, fills what stands there in italics, gives the operator's commands, and sees its pictures.

The pictures of the tutorials are made here, with KNOOPPUNT_PICTURES=write; otherwise they have to be there. Who follows
one meets a site that nobody used, so they are made without what arranges an organisation: -k "not arranges".
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect
from support.browser.chromium import context
from support.browser.looks import WRITES
from support.documents.documents import DOCS

from gateway.demo.left_running import ServedSite, site_to_serve
from gateway.desk_files import FOLDER
from gateway.pages.texts import Texts, read_texts
from gateway.site.hub_process import HubProcess
from gateway.site.ports import free_ports

TUTORIALS = DOCS / "tutorial"
TEXTS = read_texts(FOLDER / "texts")
BOLD = re.compile(r"\*\*([^*]+)\*\*")
PICTURE = re.compile(r"!\[[^\]]+\]\((pictures/[\w.-]+\.png)\)")
SIZE: ViewportSize = {"width": 1000, "height": 620}

# A balance request: its name, a gender, and the fields in which something has to be typed.
BALANCE = {
    "nl": (
        "Saldoverzoek", "vrouw", "Klantnummer bij de schuldhulpverlener", "Voorletters", "Achternaam", "Geboortedatum",
        "Straat", "Huisnummer", "Postcode", "Woonplaats", "Naam", "Factuurnummer (volgens de schuldhulpverlener)",
    ),
    "en": (
        "Balance request", "woman", "Client number at the debt counsellor", "Initials", "Surname", "Date of birth",
        "Street", "House number", "Postcode", "Town", "Name", "Invoice number (as the debt counsellor knows it)",
    ),
}  # fmt: skip
INVENTED = (
    "SHV 1", "V.", "Voorbeeld", "02-03-1980", "Dorpsstraat", "1", "1234 AB", "Voorbeeldstad", "B. Bakker", "F 1"
)  # fmt: skip


@dataclass
class Served:
    """What `make serve` leaves running, for one language; `came` is told of each desk to which messages came."""

    site: ServedSite
    language: str
    came: asyncio.Queue[tuple[str, int]]

    async def command(self, *words: str) -> dict[str, Any]:
        """What a command of the operator says."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "gateway.cli", *words, "--hub", str(self.site.settings), "--json"),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said
        return dict(json.loads(said))

    async def approve_what_waits(self) -> list[str]:
        """What the operator was asked, and approves; each is told before as what it changes."""
        listed = await self.command("request", "list")
        told = []
        for each in listed["facts"]["requests"]:
            if each["state"] == "submitted":
                shown = (await self.command("request", "show", each["request"]))["facts"]["request"]
                assert shown["changes"]
                await self.command("request", "approve", each["request"])
                told.append(shown["wants"])
        return told


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["nl", pytest.param("en", marks=pytest.mark.soak)])
async def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    made = site_to_serve(tmp_path_factory.mktemp("served"), free_ports(1)[0])
    hub = HubProcess(made.settings, made.folder / "hub" / "hub.log")
    came: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    async with AsyncExitStack() as until:
        await made.start_broker(until)
        await hub.start()
        until.push_async_callback(hub.stop)
        asking = asyncio.create_task(made.ask_who_has_keys(lambda name, taken: came.put_nowait((name, taken))))
        until.callback(asking.cancel)
        yield Served(made, str(request.param), came)


@dataclass
class Reader:
    """Somebody who follows one page: in which language, what was pressed, which pictures were seen."""

    page: Path
    t: Texts
    url: str
    pressed: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)

    async def press(self, window: Page, words: str) -> None:
        self.pressed.append(words)
        exactly = re.compile(rf"^\s*{re.escape(words)}\s*$")
        await window.locator("a:visible, button:visible").filter(has_text=exactly).first.click()

    async def press_below(self, window: Page, heading: str, words: str) -> None:
        """The button of those words in the section of that heading."""
        self.pressed.append(words)
        await window.get_by_role("region", name=heading, exact=True).get_by_role("button", name=words).click()

    async def fill(self, window: Page, label: str, text: str) -> None:
        self.filled.append(label)
        await window.get_by_label(label, exact=True).fill(text)

    async def choose(self, window: Page, label: str) -> None:
        self.filled.append(label)
        await window.get_by_label(label, exact=True).check()

    async def make_keys(
        self, window: Page, served: Served, comes: int, picture: str, hub_picture: str | None = None
    ) -> None:
        """The first key of the unit with its sheet, approved by the operator, upon which messages come; and the hub
        compared.
        """
        await self.press(window, self.t("nav.keys"))
        await self.press(window, self.t("keys.make_first.device"))
        await self.press(window, self.t("keys.make.sheet"))
        await self.press(window, self.t("keys.open.device"))
        letters = await window.locator(".sheet-letters").inner_text()
        await self.press(window, self.t("keys.sheet.ready"))
        await self.fill(window, self.t("keys.sheet.again_label"), letters)
        await self.press(window, self.t("keys.sheet.again"))
        await self.press(window, self.t("keys.words.show"))
        await self.press(window, self.t("keys.open.device"))
        words = await window.locator(".words").inner_text()
        await self.look(window, picture)
        listed = await served.command("request", "list")
        (asked,) = (each for each in listed["facts"]["requests"] if each["state"] == "submitted")
        await served.command("request", "approve", asked["request"], words)
        async with asyncio.timeout(60):
            _, taken = await served.came.get()
        assert taken == comes
        await self.press(window, self.t("keys.words.done"))
        await self.press(window, self.t("keys.hub"))
        await self.press(window, self.t("keys.open.device"))
        await expect(window.get_by_text(self.t("trust.hub.first"))).to_be_visible()
        if hub_picture is not None:
            await self.look(window, hub_picture)
        await self.press(window, self.t("trust.hub.agree"))
        await expect(window.get_by_text(self.t("keys.hub.done"))).to_be_visible()

    async def open_message(self, window: Page, label: str) -> None:
        await self.press(window, label)
        await self.press(window, self.t("keys.open.device"))
        await expect(window.get_by_text(self.t("desk.verified"))).to_be_visible()

    async def send(self, window: Page, picture: str | None = None) -> None:
        """What was filled in, checked and sent; the overview says that it is gone."""
        await self.press(window, self.t("desk.form.check"))
        await expect(window.get_by_text(self.t("desk.preview"))).to_be_visible()
        if picture is not None:
            await self.look(window, picture)
        await self.press(window, self.t("desk.send"))
        await expect(window.get_by_text(self.t("messages.answered"))).to_be_visible()

    async def ask_a_creditor(self, window: Page) -> None:
        """A new message with an invented client, to the overview that says that it went."""
        await self.press(window, self.t("nav.messages"))
        await self.press(window, self.t("new.title"))
        await self.press(window, self.t("keys.open.device"))
        kind, woman, *labels = BALANCE[self.t.language]
        await self.press(window, f"{kind} (Schuldinventarisatie 2.0)")
        self.filled += [self.t("new.receiver"), "Energie Voorbeeld"]
        receiver = window.get_by_label(self.t("new.receiver"))
        found = await receiver.locator("option").filter(has_text="Energie Voorbeeld").get_attribute("value")
        await receiver.select_option(found)
        await self.press(window, self.t("new.write"))
        await self.choose(window, woman)
        for label, text in zip(labels, INVENTED, strict=True):
            await self.fill(window, label, text)
        await window.evaluate("scrollTo(0, 0)")
        await self.look(window, "counsellor-new")
        await self.press(window, self.t("desk.form.check"))
        await expect(window.get_by_text(self.t("new.preview"))).to_be_visible()
        await self.press(window, self.t("desk.send"))
        await expect(window.get_by_text(self.t("messages.new_sent"))).to_be_visible()

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
        assert [each for each in self.filled if f"*{each}*" not in text] == []
        assert [each for each in self.seen if not (TUTORIALS / each).exists()] == []


def reader(served: Served, name: str) -> Reader:
    assert served.site.portal is not None
    page = TUTORIALS / f"{name}{'' if served.language == 'en' else '.nl'}.md"
    return Reader(page=page, t=TEXTS[served.language], url=served.site.portal.url)


async def test_an_administrator_arranges_the_organisation_without_a_call(browser: Browser, served: Served) -> None:
    assert served.site.portal is not None
    name = f"arrange-your-organisation{'' if served.language == 'en' else '.nl'}.md"
    one = Reader(page=DOCS / "how-to" / name, t=TEXTS[served.language], url=served.site.portal.url)
    t, creditor = one.t, "Wonen Voorbeeld (90000011)"
    async with context(browser) as ours, context(browser) as private:
        window, other = await ours.new_page(), await private.new_page()
        await one.open(window)
        await one.log_in(window, "start.administrator.button", creditor, "Smit")
        await one.fill(window, t("name.label"), "S. Smit")
        await one.press(window, t("name.save"))
        await one.open(other)
        await one.log_in(other, "start.user.button", creditor, "De Boer")
        code = await other.locator("strong.code").inner_text()
        await one.fill(window, t("pairing.label"), code)
        linked = window.get_by_role("button", name=t("organisation.unlink"))
        before = await linked.count()
        await one.press(window, t("pairing.button"))
        await expect(linked).to_have_count(before + 1)

        await one.press(window, t("requests.link"))
        one.filled.append(t("request.field.days"))
        await window.get_by_label(t("request.field.days")).select_option("14")
        await one.press_below(window, t("request.kind.extension"), t("requests.ask"))
        row = window.get_by_role("row").filter(has_text=t("request.told.extension", days=14))
        await expect(row).to_contain_text(t("request.state.submitted"))
        await one.fill(window, t("request.field.name"), "Afdeling Twee")
        await one.fill(window, t("request.field.establishment"), "0000 1234 0002")
        await one.press_below(window, t("request.kind.unit"), t("requests.ask"))
        unit = window.get_by_role("row").filter(has_text="Afdeling Twee")
        one.pressed.append(t("requests.withdraw"))
        await unit.get_by_role("button").click()
        await expect(unit).to_contain_text(t("request.state.withdrawn"))
        assert await served.approve_what_waits() == ["at most 14 days more for its messages, one by one as it asks"]
        await window.reload()
        await expect(row).to_contain_text(t("request.state.approved"))

        await one.press(window, t("settings.back"))
        await one.press(window, t("changes.link"))
        await expect(window.get_by_role("row").nth(1)).to_contain_text(t("changes.operator"))
        await one.press(window, t("settings.back"))
        await one.press(window, t("in_hand.link"))
        await expect(window.get_by_role("heading", name=t("in_hand.title"))).to_be_visible()
        await one.press(window, t("log_out"))
    one.told()


async def test_a_creditor_makes_a_key_answers_what_came_and_lets_a_colleague_in(
    browser: Browser, served: Served
) -> None:
    one, language = reader(served, "portal-creditor"), served.language
    t, creditor = one.t, "Wonen Voorbeeld (90000011)"
    words = {
        "nl": ("Saldoverzoek", "Opgave van het saldo", "Niet matchen: ik geef mijn eigen overzicht of één totaal",
               "Eén totaal", "Kenmerk", "Bedrag", "Klantnummer bij de schuldeiser", "Naam"),
        "en": ("Balance request", "Statement of the balance", "Do not match: I give my own list or one total",
               "One total", "Reference", "Amount", "Client number at the creditor", "Name"),
    }[language]  # fmt: skip
    question, answer, own, total, reference, amount, client, name = words
    async with context(browser) as ours, context(browser) as private:
        window, other = await ours.new_page(), await private.new_page()
        await one.open(window)
        await one.look(window, "start")
        await one.log_in(window, "start.administrator.button", creditor)
        await window.get_by_label(t("name.label")).fill("J. Jansen")
        await one.press(window, t("name.save"))
        await one.press(window, t("pairing.oneself"))
        await expect(window.get_by_text(f"({t('organisation.you')})")).to_be_visible()
        await one.look(window, "creditor-organisation")
        await one.make_keys(window, served, 3, "creditor-words", "creditor-hub")
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.user.button", creditor)
        await expect(window.get_by_text(t.counted("messages.waiting", 3))).to_be_visible()
        await one.look(window, "creditor-messages")
        await one.open_message(window, question)
        await one.look(window, "creditor-message")
        await one.press(window, answer)
        await one.choose(window, own)
        await one.choose(window, total)
        for label, text in ((reference, "T-1"), (amount, "1.234,50"), (client, "K-1"), (name, "J. Jansen")):
            await one.fill(window, label, text)
        await one.send(window, "creditor-answer")
        await expect(window.get_by_text(t.counted("messages.waiting", 2))).to_be_visible()
        await one.look(window, "creditor-answered")
        await one.open(other)
        await one.log_in(other, "start.user.button", creditor, "De Vries")
        code = await other.locator("strong.code").inner_text()
        await one.look(other, "creditor-pairing")
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.administrator.button", creditor)
        await window.get_by_label(t("pairing.label")).fill(code)
        rows = await window.get_by_role("row").count()
        await one.press(window, t("pairing.button"))
        await expect(window.get_by_role("row")).to_have_count(rows + 1)
        await other.reload()
        await expect(other.get_by_text(t.counted("messages.waiting", 2))).to_be_visible()
    one.told()


async def test_a_counsellor_makes_a_key_answers_what_came_and_asks_a_creditor(browser: Browser, served: Served) -> None:
    one, language = reader(served, "portal-counsellor"), served.language
    t, counsellor = one.t, "Schuldhulp Voorbeeld (90000022)"
    question, answer, status, since = {
        "nl": ("Vraag naar de status", "Statusbericht van de schuldhulpverlener", "de regeling loopt", "Sinds"),
        "en": ("Question about the status", "Status from the debt counsellor", "the arrangement is running", "Since"),
    }[language]
    async with context(browser) as ours:
        window = await ours.new_page()
        await one.open(window)
        await one.log_in(window, "start.administrator.button", counsellor, "Bakker")
        await one.press(window, t("pairing.oneself"))
        await one.make_keys(window, served, 1, "counsellor-words")
        await one.press(window, t("log_out"))
        await one.log_in(window, "start.user.button", counsellor, "Bakker")
        await expect(window.get_by_text(t.counted("messages.waiting", 1))).to_be_visible()
        await one.look(window, "counsellor-messages")
        await one.open_message(window, question)
        await one.press(window, answer)
        await one.choose(window, status)
        await one.fill(window, since, "01-11-2026")
        await one.look(window, "counsellor-answer")
        await one.send(window)
        await one.press(window, t("nav.sent"))
        await expect(window.get_by_text(answer)).to_be_visible()
        await one.look(window, "counsellor-sent")
        await one.ask_a_creditor(window)
        await one.press(window, t("nav.sent"))
        await expect(window.get_by_role("rowheader", name=BALANCE[language][0])).to_be_visible()
        await one.press(window, t("log_out"))
    one.told()
