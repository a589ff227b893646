"""A real browser: the system's Chromium, driven by Playwright, in contexts that share nothing.

Traps. `page.wait_for_function` is blocked by the policy of our pages, which lets nothing be evaluated: wait by
locators. `bypass_csp` is never set; a test that needs it tests another page than users get.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Request, async_playwright

# As root Chromium refuses its sandbox; pages of these tests are ours. /dev/shm is small in containers.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none")
WAIT_MILLISECONDS = 20_000  # for what appears on a page, on a machine where others run too


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """Chromium without a window, until the block ends."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("there is no Chromium: run tests/interop/prepare.sh")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def context(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A profile of its own: cookies, storage and passkeys end with the block."""
    usual = {"locale": "nl-NL", "timezone_id": "Europe/Amsterdam", "reduced_motion": "reduce"}
    made = await browser.new_context(**{**usual, **options})
    made.set_default_timeout(WAIT_MILLISECONDS)
    try:
        yield made
    finally:
        await made.close()


@dataclass(slots=True)
class Told:
    """What a page tells developers while it is looked at: what its policy blocked, what it did not get, and errors that
    nobody caught."""

    lines: list[str] = field(default_factory=list)

    def blocked(self) -> list[str]:
        """What the Content-Security-Policy or Integrity-Policy did not let happen."""
        words = ("Policy", "integrity", "Trusted", "not loaded")
        return [each for each in self.lines if any(word in each for word in words)]


LEFT = "net::ERR_ABORTED"
"""How what a page had asked for ends when the page is left; what a policy blocks has names of its own."""


def listen(page: Page) -> Told:
    """Keep what the page tells from now on."""
    told = Told()
    page.on("console", lambda message: told.lines.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.lines.append(f"uncaught: {error}"))

    def failed(request: Request) -> None:
        if request.failure != LEFT:
            told.lines.append(f"not loaded: {request.url} {request.failure}")

    page.on("requestfailed", failed)
    return told


@dataclass(frozen=True, slots=True)
class Authenticator:
    """A passkey device without a person: it says yes, and its secret (PRF) is as a real one's."""

    session: CDPSession
    identity: str

    async def says(self, *, yes: bool) -> None:
        """Whether the person at the device is recognised."""
        await self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.identity, "isUserVerified": yes})

    async def credentials(self) -> list[dict[str, Any]]:
        """The passkeys that it holds."""
        told = await self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.identity})
        return list(told["credentials"])

    async def remove(self) -> None:
        """Take it away from the machine."""
        await self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.identity})


async def passkeys(page: Page, *, prf: bool = True, verified: bool = True) -> Authenticator:
    """Give the machine on which a page is looked at a passkey device; without `prf` it knows no such secret."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": verified, "hasPrf": prf, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, made["authenticatorId"])
