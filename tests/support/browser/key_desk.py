"""People who make and use the keys of unit A1 in real browsers, and the operator at the other end of the telephone.

async with key_desk(tmp_path) as desk:
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_key()
    await desk.approve(await anna.words())
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect
from support.browser.chromium import Authenticator, Told, listen, passkeys
from support.browser.portal import SeenPortal, seen_portal
from support.portal.desks import nothing_asked
from support.portal.portals import UNIT_A1, TestedPortal, desk_configuration

from crypto.certificates import load_der
from gateway.administration import requests
from gateway.administration.administered import Desks, FileChange
from gateway.administration.asked import AskedRequest
from gateway.msh.expire import expire_sealed_to
from gateway.store.model import KeyLost

MAKING_MILLISECONDS = 60_000  # three pairs of RSA-3072, on a machine where others run too


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at his own machine, on the page Mijn sleutel of one unit."""

    page: Page
    told: Told
    device: Authenticator | None
    unit: int = 0  # which of those on the page

    @property
    def place(self) -> Locator:
        return self.page.locator(".key-place").nth(self.unit)

    @property
    def alert(self) -> Locator:
        return self.place.locator("> .fault")

    @property
    def status(self) -> Locator:
        return self.place.locator("> .said")

    def button(self, name: str) -> Locator:
        return self.place.get_by_role("button", name=name, exact=True)

    async def make_first_lock(self, kind: str = "passkey") -> None:
        """A set of keys, behind one lock."""
        how = {"passkey": "met passkey", "device": "met dit apparaat"}[kind]
        await self.button(f"Eerste sleutel maken {how}").click()
        await expect(self.status).to_have_text(
            "De sleutel is gemaakt. Maak nu een tweede slot.", timeout=MAKING_MILLISECONDS
        )

    async def open_by(self, kind: str, letters: str = "") -> None:
        """Open a lock where the page asks for one."""
        if kind == "sheet":
            await self.place.get_by_label("Wat op uw herstelblad staat").fill(letters)
        name = {"passkey": "met passkey", "device": "met dit apparaat", "sheet": "met herstelblad"}[kind]
        await self.button(f"Openen {name}").click()

    async def make_sheet(self, kind: str = "passkey", button: str = "Herstelblad maken", **opening: str) -> str:
        """A recovery sheet, typed in again; what stands on it."""
        letters = await self.see_sheet(kind, button, **opening)
        await self.place.get_by_label("Typ over wat op het blad staat").fill(letters)
        await self.button("Controleren").click()
        await expect(self.status).to_have_text("Dit slot werkt: herstelblad.", timeout=MAKING_MILLISECONDS)
        return letters

    async def see_sheet(self, kind: str = "passkey", button: str = "Herstelblad maken", **opening: str) -> str:
        """A recovery sheet as far as its test entry."""
        await self.button(button).click()
        await self.open_by(kind, **opening)
        letters = await self.place.locator(".sheet-letters").inner_text()
        await self.button("Ik heb het blad").click()
        await expect(self.place.locator(".sheet-letters")).to_have_count(0)
        return letters

    async def words(self, kind: str = "passkey", **opening: str) -> str:
        """The seven words that the page shows for the telephone."""
        await self.button("Zeven woorden tonen").click()
        await self.open_by(kind, **opening)
        words = await self.place.locator(".words").inner_text()
        await self.button("Klaar").click()
        return words

    async def check(self, kind: str = "passkey", **opening: str) -> None:
        """Open the key, and compare what is in force."""
        await self.button("Sleutel controleren").click()
        await self.open_by(kind, **opening)


@dataclass
class KeyDesk:
    """The portal of a unit that has no keys yet."""

    seen: SeenPortal
    certificates: dict[str, Any] = field(default_factory=dict)  # that the operator put in the file

    @property
    def portal(self) -> TestedPortal:
        return self.seen.portal

    async def person(
        self, profile: BrowserContext, name: str, *, administrator: bool = False, prf: bool | None = True
    ) -> Person:
        """Somebody who is linked to the unit and looks at Mijn sleutel; with `prf` None his machine has no passkeys."""
        session = await self.portal.linked(UNIT_A1, person=name)
        if administrator:
            session = await self.portal.administrator(person=name)
        await self.seen.give(profile, session)
        page = await profile.new_page()
        told = listen(page)
        device = None if prf is None else await passkeys(page, prf=prf)
        await page.goto(f"{self.seen.address}/sleutel")
        return Person(page, told, device)

    async def approve(self, words: str, sooner: str | None = None) -> AskedRequest:
        """What the operator does once he heard the words: `knooppunt request approve`."""
        (asked, *_) = await requests.all_requests(self.desks)
        hub = self.portal.hub.hub

        async def expire(sealed_to: str) -> KeyLost:
            return await expire_sealed_to(sealed_to, hub)

        at_hub = requests.ApprovingHub(at=hub.time.now(), reload=self._reload, expire=expire, log=hub.log)
        return await requests.approve(self.desks, asked.request, words, sooner, at_hub)

    @property
    def desks(self) -> Desks:
        async def put(change: FileChange) -> None:
            assert (change.unit, change.gone) == (UNIT_A1, ())
            assert change.there is not None
            signing, decryption = change.there
            self.certificates = {"made-signing": load_der(signing), "made-encryption": load_der(decryption)}

        return Desks(store=self.portal.store, put_certificates=put, foretold=nothing_asked, grant=nothing_asked)

    async def _reload(self) -> tuple[str, ...]:
        self.put_in_force(["made-signing"], ["made-encryption"])
        return ()

    def put_in_force(self, signing: list[str], encryption: list[str]) -> None:
        """Those are the unit's certificates from now on."""
        extra = {"creditor": {"certificates": {"signing": signing, "encryption": encryption}}}
        self.portal.hub.take_over(desk_configuration(extra, load=self.certificates))


@asynccontextmanager
async def key_desk(folder: Path, **options: Any) -> AsyncIterator[KeyDesk]:
    """A portal at which unit A1 has no certificates; `options` are those of `seen_portal`."""
    extra = {"creditor": {"certificates": {"signing": [], "encryption": []}}}
    async with seen_portal(folder, extra=extra, **options) as seen:
        yield KeyDesk(seen)
