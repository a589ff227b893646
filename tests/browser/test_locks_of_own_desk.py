"""Locks that are made at the desk on somebody's own machine, for an organisation that makes them nowhere else."""

from __future__ import annotations

import base64
import ssl
from contextlib import AsyncExitStack
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Page, expect
from support.browser.broker_page import answer_as_broker
from support.browser.chromium import chromium, context, passkeys
from support.browser.key_desk import MAKING_MILLISECONDS, Person, key_desk
from support.browser.portal import AWAY
from support.keys.tls import tls_folder
from support.portal.own_desk import own_desk
from support.portal.portals import TestedPortal

pytestmark = pytest.mark.soak
DESK_ONLY = "Uw organisatie maakt sloten alleen op een eigen computer, en niet op deze site."
WORKS = "De sleutel is van uw afdeling en werkt. Hij is nu weer op slot."


@pytest.mark.parametrize("name", ["localhost", "jansen.localhost"])
async def test_a_passkey_of_an_organisation_that_is_desk_only_is_made_at_its_own_desk_and_not_at_the_portal_PO_80_PO_81(
    tmp_path: Path, name: str
) -> None:
    """At a name of its own the desk has TLS; the passkey belongs to that name."""
    named, arguments = ({}, []) if name == "localhost" else _tls(name)
    async with AsyncExitStack() as stack:
        browser = await stack.enter_async_context(chromium(*arguments))
        profile = await stack.enter_async_context(context(browser))
        desk = await stack.enter_async_context(key_desk(tmp_path, host=AWAY))
        own = await stack.enter_async_context(own_desk(desk.seen.address, **named))
        there = await desk.person(profile, "Jansen", administrator=True, prf=None)
        page = there.page
        await there.make_first_lock("device")
        sheet = await there.make_sheet("device")
        await desk.approve(await there.words("device"))
        await log_in_at(own.address, page, desk.portal)
        await make_desk_only(there, own.address, sheet)
        device = await passkeys(page)
        await page.goto(f"{own.address}/sleutel")
        await there.button("Passkey toevoegen").click()
        await there.open_by("sheet", sheet)
        await expect(there.status).to_have_text("Dit slot werkt: passkey.", timeout=MAKING_MILLISECONDS)
        assert [each["rpId"] for each in await device.credentials()] == [name]
        await there.check("passkey")
        await expect(there.status).to_have_text(WORKS)

        await desk.seen.give(profile, await desk.portal.administrator(person="Jansen"))
        await page.goto(f"{desk.seen.address}/sleutel")
        await there.button("Passkey toevoegen").click()
        await there.open_by("device")
        await expect(there.alert).to_have_text(DESK_ONLY)


async def log_in_at(desk: str, page: Page, portal: TestedPortal) -> None:
    """As an administrator, by way of the portal."""
    await answer_as_broker(page, portal, "administrator")
    await page.goto(desk)
    await page.get_by_role("button", name="Inloggen voor Beheer").click()
    await page.get_by_role("button", name="Ja, verder met inloggen").click()
    await page.get_by_role("button", name="Ga verder").click()
    await page.get_by_role("link", name="terug").click()
    await page.get_by_role("link", name="Verder op uw eigen computer").click()
    await expect(page.get_by_role("link", name="Mijn organisatie")).to_be_visible()


async def make_desk_only(there: Person, desk: str, sheet: str) -> None:
    """Say so in the organisation's settings."""
    await there.page.goto(f"{desk}/organisatie/instellingen")
    await there.button("Instellingen openen").click()
    await there.open_by("sheet", sheet)
    await there.page.get_by_label("Alleen sloten die op een eigen computer van de organisatie zijn gemaakt").check()
    await there.button("Ondertekenen en opslaan").click()
    await there.open_by("sheet", sheet)
    await expect(there.status).to_contain_text("ondertekend en opgeslagen")


def _tls(name: str) -> tuple[dict[str, Any], list[str]]:
    """What serves under that name, and how a browser is told to trust it."""
    files = tls_folder().server()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.certificate, files.key)
    key = tls_folder().issued["server"].certificate.public_key()
    digest = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    trusted = f"--ignore-certificate-errors-spki-list={base64.b64encode(digest).decode()}"
    return {"name": name, "tls": tls}, [trusted]
