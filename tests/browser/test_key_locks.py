"""Locks of a unit's keys, where something is in the way: no secret in the passkey, nobody verified, a slip of the pen,
a colleague who is not in yet, a certificate in force that is somebody else's, a Worker that was changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from support.browser.chromium import context, listen
from support.browser.key_desk import MAKING_MILLISECONDS, KeyDesk, key_desk
from support.portal.portals import UNIT_A1

NO_SECRET = (
    "Deze passkey kan geen sleutel bewaren. Neem dit apparaat als slot, of uw herstelblad; er is niets te kopen of te "
    "installeren."
)
NOT_USED = "Er is geen passkey gebruikt. Probeer het opnieuw, of neem een ander slot."
WRONG_LETTER = "Hier klopt een teken niet. Vergelijk wat u typte met het herstelblad."
OPENS_NOT = "Dit opent de sleutel niet. Probeer een ander slot."
FAILED = "Dit is niet gelukt. Er is niets verloren; laad de pagina opnieuw en probeer het nog eens."
WORKS = "De sleutel is van uw afdeling en werkt. Hij is nu weer op slot."
# As an authenticator whose secret at its first use is not that of later ones.
ANOTHER_SECRET_LATER = """
const own = navigator.credentials.get.bind(navigator.credentials);
let times = 0;
navigator.credentials.get = async (options) => {
  const found = await own(options);
  times += 1;
  const first = new Uint8Array(32).fill(times);
  found.getClientExtensionResults = () => ({ prf: { results: { first: first.buffer } } });
  return found;
};
"""
STORED = """async () => {
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) {
      const values = await new Promise((done) => {
        const asked = database.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      for (const each of values) {
        const exported = await crypto.subtle.exportKey('raw', each).then(() => 'exported', () => 'kept in');
        found.push([each.constructor.name, each.algorithm.name, exported]);
      }
    }
    database.close();
  }
  return { found, others: localStorage.length + sessionStorage.length };
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path: Path) -> AsyncIterator[KeyDesk]:
    async with key_desk(tmp_path) as made:
        yield made


async def locks_that_count(desk: KeyDesk) -> list[str]:
    return sorted(each.kind.value for each in await desk.portal.store.locks(UNIT_A1) if each.counts_since is not None)


async def test_without_a_secret_in_the_passkey_the_device_and_a_sheet_do_PO_51(
    desk: KeyDesk, profile: BrowserContext
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True, prf=False)
    await anna.button("Eerste sleutel maken met passkey").click()
    await expect(anna.alert).to_have_text(NO_SECRET)
    assert await desk.portal.store.locks(UNIT_A1) == ()
    await anna.make_first_lock("device")
    await anna.make_sheet("device")
    await desk.approve(await anna.words("device"))
    assert await locks_that_count(desk) == ["device", "sheet"]


async def test_who_is_not_verified_makes_no_lock_and_reads_what_to_do_PO_51(
    desk: KeyDesk, profile: BrowserContext
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)
    assert anna.device is not None
    await anna.device.says(yes=False)
    await anna.button("Eerste sleutel maken met passkey").click()
    await expect(anna.alert).to_have_text(NOT_USED)
    assert await desk.portal.store.locks(UNIT_A1) == ()
    await anna.make_first_lock("device")


async def test_a_passkey_with_another_secret_later_never_counts_PO_51(desk: KeyDesk, profile: BrowserContext) -> None:
    await profile.add_init_script(ANOTHER_SECRET_LATER)
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.button("Eerste sleutel maken met passkey").click()
    await expect(anna.alert).to_have_text(OPENS_NOT, timeout=MAKING_MILLISECONDS)
    assert await locks_that_count(desk) == []
    await anna.make_first_lock("device")
    assert await locks_that_count(desk) == ["device"]


async def test_a_sheet_catches_a_slip_works_on_a_new_machine_and_is_replaced_PO_53(
    desk: KeyDesk, profile: BrowserContext, browser: Browser
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    letters = await anna.see_sheet()
    slip = ("2" if letters[0] != "2" else "3") + letters[1:]
    again = anna.place.get_by_label("Typ over wat op het blad staat")
    await again.fill(slip)
    await anna.button("Controleren").click()
    await expect(anna.place.get_by_text(WRONG_LETTER)).to_be_visible()
    assert await locks_that_count(desk) == ["passkey"]
    await again.fill(letters.lower().replace(" ", ""))
    await anna.button("Controleren").click()
    await expect(anna.status).to_have_text("Dit slot werkt: herstelblad.")
    await desk.approve(await anna.words())

    async with context(browser) as elsewhere:
        there = await desk.person(elsewhere, "Jansen", prf=None)
        await there.check("sheet", letters=slip)
        await expect(there.place.get_by_text(WRONG_LETTER)).to_be_visible()
        await there.open_by("sheet", letters)
        await expect(there.status).to_have_text(WORKS)
        desk.portal.clock.move(timedelta(minutes=1))  # the older one stands before the newer
        new = await there.make_sheet("sheet", "Herstelblad vervangen", letters=letters)
        await there.place.get_by_text("Een slot weghalen").click()
        await there.place.get_by_role("button", name="Weghalen: herstelblad").first.click()
        left = there.place.locator("details button").filter(has_text="herstelblad")
        await expect(left).to_have_count(1)
        assert await locks_that_count(desk) == ["passkey", "sheet"]
        await there.check("sheet", letters=letters)
        await expect(there.place.get_by_text(OPENS_NOT)).to_be_visible()
        await there.open_by("sheet", new)
        await expect(there.status).to_have_text(WORKS)


async def test_a_colleague_is_let_in_by_the_same_seven_words_on_both_screens_PO_52(
    desk: KeyDesk, profile: BrowserContext, browser: Browser
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    await anna.make_sheet()
    await desk.approve(await anna.words())
    async with context(browser) as another:
        bert = await desk.person(another, "Pieters")
        await expect(bert.button("Sleutel controleren")).to_have_count(0)
        await bert.button("Passkey toevoegen").click()
        await expect(bert.place.get_by_text("Houd deze pagina open.")).to_be_visible()
        await anna.page.reload()
        await anna.place.get_by_role("button", name="Binnenlaten").click()
        await anna.open_by("passkey")
        words = await bert.place.locator(".words").inner_text()
        typed = anna.place.get_by_label("Typ de zeven woorden die uw collega voorleest")
        await typed.fill(" ".join(reversed(words.split())))
        await anna.button("Binnenlaten").click()
        await expect(anna.place.get_by_text("Dit zijn niet de woorden die hier horen.")).to_be_visible()
        assert len(await desk.portal.store.copies(UNIT_A1)) == 2, "nothing is sealed before the words were right"
        await typed.fill(words)
        await anna.button("Binnenlaten").click()
        await expect(anna.place.get_by_text("De woorden kloppen. Zeg dat nu tegen uw collega.")).to_be_visible()
        await anna.open_by("passkey")
        await expect(anna.place.get_by_text("Het slot van uw collega heeft de sleutel. Wacht")).to_be_visible()
        await expect(anna.place.get_by_role("button", name="Binnenlaten")).to_have_count(0)
        assert await locks_that_count(desk) == ["passkey", "sheet"], "nothing is taken before the colleague said so"
        await bert.button("Mijn collega zegt dat ze kloppen").click()
        await expect(bert.status).to_have_text("U bent binnengelaten: dit slot werkt.", timeout=MAKING_MILLISECONDS)
        await expect(anna.status).to_have_text("Gelukt: een collega is binnengelaten, en het slot werkt.")
        await expect(bert.page.locator(".own-locks li")).to_have_count(1)
        await expect(bert.page.locator(".own-locks")).not_to_contain_text("niet afgemaakt")
        await bert.check()
        await expect(bert.status).to_have_text(WORKS)
        await expect(bert.button("Sleutel vernieuwen")).to_have_count(0)


async def test_what_the_portal_changes_on_its_way_lets_nobody_in_PO_52(
    desk: KeyDesk, profile: BrowserContext, browser: Browser
) -> None:
    """As a portal does that shows the approver a key of its own."""
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    async with context(browser) as another:
        bert = await desk.person(another, "Pieters")
        await bert.button("Passkey toevoegen").click()
        await expect(bert.place.get_by_text("Houd deze pagina open.")).to_be_visible()

        async def swap(route: Route) -> None:
            answer = await route.fetch()
            keys = await answer.json()
            for each in keys["ceremonies"]:
                if len(each["said"]) > 2:
                    each["said"][2] = each["said"][2].replace('"publicKey":"', '"publicKey":"AAAA')
            await route.fulfill(response=answer, json=keys)

        await anna.page.route("**/keys", swap)
        await anna.page.reload()
        await anna.place.get_by_role("button", name="Binnenlaten").click()
        await anna.open_by("passkey")
        await expect(anna.alert).to_have_text("Het binnenlaten is afgebroken. Begin samen opnieuw.")
        assert len(await desk.portal.store.copies(UNIT_A1)) == 1
        await another.close()


async def test_no_key_of_the_unit_is_in_the_browsers_storage_and_none_there_goes_out_PO_58(
    desk: KeyDesk, profile: BrowserContext
) -> None:
    """What a device keeps is the key of its own lock, and that leaves it in no form."""
    anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
    await anna.make_first_lock("device")
    assert await anna.page.evaluate(STORED) == {"found": [["CryptoKey", "AES-GCM", "kept in"]], "others": 0}


async def test_a_renewed_key_opens_by_the_same_locks_and_the_old_one_stays_until_then_PO_54(
    desk: KeyDesk, profile: BrowserContext
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    await anna.make_sheet()
    await desk.approve(await anna.words())
    await anna.page.reload()
    (first,) = await desk.portal.store.key_sets(UNIT_A1)
    desk.portal.clock.move(timedelta(minutes=1))
    await anna.button("Sleutel vernieuwen").click()
    await anna.open_by("passkey")
    await expect(anna.place.get_by_role("checkbox")).to_have_count(2)
    await expect(anna.place.get_by_role("checkbox", name="dit slot gebruikt u nu")).to_be_disabled()
    await anna.place.get_by_role("checkbox", name="herstelblad").uncheck()
    await anna.button("Vernieuwen voor deze sloten").click()
    await expect(anna.status).to_contain_text("De nieuwe sleutel is gemaakt.", timeout=MAKING_MILLISECONDS)
    await expect(anna.page.get_by_text("De nieuwe sleutel wacht op goedkeuring")).to_be_visible()
    await anna.make_sheet(button="Herstelblad vervangen")
    await anna.check()
    await expect(anna.status).to_have_text(WORKS)
    await desk.approve(await anna.words())
    await anna.page.reload()
    await anna.check()
    await expect(anna.status).to_have_text(WORKS)
    copies = await desk.portal.store.copies(UNIT_A1)
    assert len({each.key_set for each in copies}) == 2, "what waits under the old one still opens"
    (made,) = {each.organisation_key for each in await desk.portal.store.key_sets(UNIT_A1)}
    assert made != first.organisation_key, (
        "the sheet that went may have been copied, and the organisation's key lay in it"
    )


async def test_whoever_lost_every_lock_makes_a_new_key_and_a_lock_that_is_found_opens_until_then_PO_55(
    desk: KeyDesk, profile: BrowserContext, browser: Browser
) -> None:
    """Anna's locks are thought to be lost, and are not."""
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    await anna.make_sheet()
    await desk.approve(await anna.words())
    desk.portal.clock.move(timedelta(minutes=1))
    async with context(browser) as elsewhere:
        other = await desk.person(elsewhere, "Pieters", administrator=True)
        await other.button("Alles kwijt: nieuwe sleutel met passkey").click()
        await expect(other.status).to_contain_text("De sleutel is gemaakt.", timeout=MAKING_MILLISECONDS)
        await other.make_sheet()
        await anna.page.reload()
        for each in (anna, other):
            await expect(each.place).to_contain_text(
                "De nieuwe sleutel wordt goedgekeurd op zijn vroegst op wo 2 dec 2026"
            )
        await anna.check()
        await expect(anna.status).to_have_text(WORKS)
        await desk.approve(await other.words(), sooner="two people of the organisation said so")
        await other.page.reload()
        await expect(other.place).not_to_contain_text("op zijn vroegst op")
        await other.check()
        await expect(other.status).to_have_text(WORKS)
        await anna.check()
        await expect(anna.status).to_be_hidden()


async def test_a_strangers_certificate_in_force_is_shown_and_nothing_opens_PO_56(
    desk: KeyDesk, profile: BrowserContext
) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)
    await anna.make_first_lock()
    await anna.make_sheet()
    await desk.approve(await anna.words())
    await anna.page.reload()
    await anna.check()
    await expect(anna.status).to_have_text(WORKS)
    desk.put_in_force(["made-signing"], ["made-encryption", "creditor-next-encryption"])
    await anna.check()
    await expect(anna.alert).to_contain_text("Pas op: voor uw afdeling geldt een sleutel die niet van u is.")
    await expect(anna.status).to_be_hidden()


async def test_a_worker_with_one_octet_changed_does_not_start_PO_79(desk: KeyDesk, profile: BrowserContext) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True)

    async def spoil(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=await answer.body() + b" ")

    started: list[str] = []
    anna.page.on("worker", lambda worker: started.append(worker.url))
    await anna.page.route("**/js/keys/worker.js", spoil)
    await anna.button("Eerste sleutel maken met dit apparaat").click()
    await expect(anna.alert).to_have_text(FAILED)
    assert started == []
    assert await desk.portal.store.locks(UNIT_A1) == ()


async def test_no_worker_of_another_address_runs_PO_79(desk: KeyDesk, page: Page) -> None:
    told = listen(page)
    await page.goto(f"{desk.seen.address}/uitleg")
    ran = await page.evaluate(
        """async () => {
          const policy = trustedTypes.createPolicy('knooppunt-worker', { createScriptURL: (address) => address });
          const said = [];
          for (const address of ['/desk/api/start', 'https://elsewhere.example/worker.js', 'data:text/javascript,']) {
            try {
              const worker = new Worker(policy.createScriptURL(address));
              said.push(await new Promise((done) => { worker.onerror = () => done('stopped'); }));
            } catch {
              said.push('stopped');
            }
          }
          return said;
        }"""
    )
    assert ran == ["stopped"] * 3
    assert told.blocked() != []
