"""A portal with something to see: messages of every kind of haste, long names, people who are linked, one who is not.

Every page and state that people meet has its name here, with the way there; tests of pages go through all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from playwright.async_api import BrowserContext, Page
from support.browser.portal import SeenPortal
from support.keys.pki import PARTIES
from support.portal.mail_samples import all_letters, arrives, asked, counting_address
from support.portal.portals import KVK_A, KVK_B, KVK_NOBODY, UNIT_A1, UNIT_A2, UNIT_B, TestBrowser
from support.store.store_samples import accept, sealed_message

from gateway.identity.login import OrganisationNumber
from gateway.store.portal.mail import LetterSort, MailFault
from gateway.store.portal.model import OPERATOR, Deed, Handling, RequestState

COUNSELLOR = PARTIES["counsellor"][0]
HOSTILE = "<b>&\"'>" + "\u202e" + "x" * 40
"""A reference as somebody might choose one: markup, an override of direction, and no place to break a line."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled portal and who is logged in to it, by the part that they have."""

    seen: SeenPortal
    people: Mapping[str, TestBrowser]
    first: str  # the id of the message that opens the overview
    links: Mapping[str, str]  # of letters, by their use

    async def open(self, name: str, profile: BrowserContext) -> Page:
        """That page, as whoever it is for sees it."""
        who, way = WAYS[name]
        if who is not None:
            await self.seen.give(profile, self.people[who])
        page = await profile.new_page()
        await way(self, page)
        return page


async def fill(seen: SeenPortal) -> Filled:
    """Put people and messages into a portal."""
    portal = seen.portal
    at = portal.clock.now() - timedelta(days=1)
    store = portal.hub.store
    base = {"receiver": UNIT_A1, "sender": COUNSELLOR, "original_sender": COUNSELLOR, "question": True}
    for number in range(1, 8):
        due = at + timedelta(days=2 * number)
        message = sealed_message(
            number,
            at=at + timedelta(minutes=number),
            expires_at=at + timedelta(days=number * 1.5),
            answer_due=due,
            **base,
        )
        await accept(store, message)
    long = sealed_message(
        8, at=at + timedelta(hours=1), answer_due=at + timedelta(days=9), action="Berichttypemeteenheellangenaam",
        tracking_identifier=HOSTILE, conversation_id=HOSTILE, **{**base, "original_sender": HOSTILE},
    )  # fmt: skip
    await accept(store, long)
    for number in range(20, 24):
        sent = sealed_message(
            number, at=at + timedelta(minutes=number), sender=UNIT_A1, original_sender=UNIT_A1, receiver=COUNSELLOR,
            question=True, answer_due=at + timedelta(days=number - 19),
        )  # fmt: skip
        await accept(store, sent)
    people = {
        "employee": await portal.linked(UNIT_A1, person="Jansen"),
        "employee of two": await portal.linked(UNIT_A1, person="De Wit"),
        "employee without messages": await portal.linked(UNIT_B, person="Pietersen"),
        "nobody yet": portal.browser(),
        "administrator": await portal.administrator(),
        "administrator of another": await portal.administrator(number=KVK_B),
    }
    await portal.linked(UNIT_A2, person="De Wit")
    await _asked(seen, people["administrator"])
    assert (await people["nobody yet"].log_in(person="De Vries")).status == 303
    return Filled(seen, people, long.metadata.message_id, await _mailed(seen))


async def _mailed(seen: SeenPortal) -> Mapping[str, str]:
    """Addresses that are asked, that count, and that a server refused; the links of letters to them."""
    store, now = seen.portal.store, seen.portal.clock.now()
    of: Mapping[str, Any] = {"organisation": OrganisationNumber(kind="KVK", value=KVK_A)}
    await counting_address(store, "post@organisatie.example", unit="", kinds=(), **of)
    await counting_address(store, f"{'zeer.lang.' * 6}adres@organisatie.example", unit=UNIT_A1, **of)
    await counting_address(store, "weg@organisatie.example", unit=UNIT_A2, **of)
    await arrives(store, now, unit=UNIT_A2, **of)
    refused = await store.take_letter()
    assert refused is not None
    await store.letter_failed(refused, "550 5.1.1 <weg@organisatie.example>: no such user", MailFault.GONE)
    await arrives(store, now, number=2, unit=UNIT_A1, **of)
    told = await store.take_letter()
    assert told is not None
    await store.letter_sent(told)
    await asked(store, "nieuw@organisatie.example", unit=UNIT_A1, **of)
    letters = await all_letters(store)
    (ask,) = [each.token for each in letters if each.sort is LetterSort.CONFIRMATION]
    return {"unsubscribe": told.token, "confirm": ask}


async def _asked(seen: SeenPortal, administrator: TestBrowser) -> None:
    """What an administrator asked of the operator, and how that stands; and who had messages in hand."""
    store, token = seen.portal.store, await administrator.token()
    long = "Afdeling met een heel lange naam in het midden van het land"
    for said in (
        {"kind": "extension", "days": "14"},
        {"kind": "unit", "name": long, "establishment": "000012340003"},
        {"kind": "extension", "days": "28"},
    ):
        await administrator.post("/organisatie/aanvragen", {"token": token, "unit": UNIT_A1, **said})
        seen.portal.clock.move(timedelta(seconds=1))  # or nothing says in which order they are listed
    refused, *_ = await store.requests()
    await store.decide_request(refused.id, RequestState.REFUSED, by=OPERATOR, reason=HOSTILE)
    organisation = OrganisationNumber(kind="KVK", value=KVK_A)
    for deed, person in ((Deed.OPENED, "somebody who left"), (Deed.DOWNLOADED, "another")):
        line = Handling(
            organisation=organisation,
            unit=UNIT_A1,
            person=person,
            deed=deed,
            service="urn:knooppunt:Schuldregeling:2.0",
            action="Saldoverzoek",
            messages=120 if deed is Deed.DOWNLOADED else 1,
        )
        await store.note_handlings([line])


Way = Callable[[Filled, Page], Awaitable[None]]


def _at(path: str) -> Way:
    async def go(filled: Filled, page: Page) -> None:
        await page.goto(filled.seen.address + path)

    return go


async def _message(filled: Filled, page: Page) -> None:
    await page.goto(f"{filled.seen.address}/berichten/{quote(UNIT_A1, safe='')}/{quote(filled.first, safe='')}")
    # it has said why it is shut, or never will
    await page.locator("main .state, noscript p").first.wait_for(state="attached")


async def _key(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/sleutel")
    await page.locator(".key-acts > *, noscript p").first.wait_for(state="attached")  # drawn, or never to be


async def _depart(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/")
    await page.get_by_role("button", name="Inloggen met eHerkenning").click()
    await page.wait_for_url("**/inloggen")


async def _wrong_code(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/organisatie")
    await page.get_by_label("Koppelcode").first.fill("AAAA-AAAA")
    await page.get_by_role("button", name="Koppelen", exact=True).first.click()
    await page.wait_for_url("**/koppelen")


async def _wrong_address(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/organisatie/meldingen")
    await page.get_by_label("Mailadres", exact=True).fill("post@organisatie")
    await page.get_by_role("button", name="Toevoegen", exact=True).click()
    await page.wait_for_url("**/toevoegen")


def _link(use: str) -> Way:
    """Where a letter leads to."""
    path = {"confirm": "bevestigen", "unsubscribe": "afmelden"}[use]

    async def go(filled: Filled, page: Page) -> None:
        await page.goto(f"{filled.seen.address}/meldingen/{path}/{filled.links[use]}")

    return go


async def _wrong_unit(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/organisatie/aanvragen")
    await page.locator("#unit-name").fill("Afdeling Vier")
    await page.locator("#unit-establishment").fill("12")
    await page.locator("form", has=page.locator("#unit-name")).get_by_role("button").click()
    await page.locator("section.faults").wait_for()


async def _wrong_joining(filled: Filled, page: Page) -> None:
    await page.goto(filled.seen.address + "/aansluiten")
    said = {"name": "Energie Proef", "kvk": "123", "contact": "A. Bos", "telephone": "010 123 45 67"}
    for field, value in said.items():
        await page.locator(f"#joining-{field}").fill(value)
    await page.locator("#joining-email").fill("a.bos@proef.example")
    await page.locator("#joining-module-0").check()
    await page.get_by_role("button", name="Aanvraag versturen").click()
    await page.locator("section.faults").wait_for()


async def _unknown(filled: Filled, page: Page) -> None:
    by_hand = filled.seen.portal.browser()
    request_id, handle = await by_hand.depart()
    answer = by_hand.answer(request_id, number=KVK_NOBODY)
    artifact = filled.seen.portal.broker.artifact_for(answer)
    await filled.seen.give(page.context, by_hand)
    said = urlencode({"SAMLart": artifact, "RelayState": handle})
    await page.goto(f"{filled.seen.address}/eherkenning/1.13/acs?{said}")


_OWN_MACHINE = "/eigen-computer?" + urlencode(
    {"service": "user", "at": "http://localhost:8555", "challenge": "c" * 43, "state": "s" * 43}
)


async def _back_to_own_machine(filled: Filled, page: Page) -> None:
    """Where a login ends that a desk on somebody's own machine asked for."""
    by_hand = filled.seen.portal.browser()
    asked = await by_hand.get(_OWN_MACHINE)
    request_id, handle = by_hand.departed(await by_hand.post("/inloggen", asked.form("/inloggen")))
    artifact = filled.seen.portal.broker.artifact_for(by_hand.answer(request_id))
    await filled.seen.give(page.context, by_hand)
    said = urlencode({"SAMLart": artifact, "RelayState": handle})
    await page.goto(f"{filled.seen.address}/eherkenning/1.13/acs?{said}")


WAYS: Mapping[str, tuple[str | None, Way]] = {
    "start": (None, _at("/")),
    "start-ended": (None, _at("/?ended=1")),
    "start-english": (None, _at("/?lang=en")),
    "departure": (None, _depart),
    "unknown-organisation": (None, _unknown),
    "own-machine": (None, _at(_OWN_MACHINE)),
    "own-machine-back": (None, _back_to_own_machine),
    "explanation": (None, _at("/uitleg")),
    "lists-explained": (None, _at("/uitleg/lijsten")),
    "lists-off": ("employee", _at(f"/lijsten/{quote(UNIT_A1, safe='')}")),
    "error": (None, _at("/nergens")),
    "messages": ("employee", _at("/berichten")),
    "messages-of-two-units": ("employee of two", _at("/berichten")),
    "messages-empty": ("employee without messages", _at("/berichten")),
    "messages-unpaired": ("nobody yet", _at("/berichten")),
    "message": ("employee", _message),
    "sent": ("employee", _at("/verstuurd")),
    "sent-empty": ("employee without messages", _at("/verstuurd")),
    "key": ("employee", _key),
    "key-first": ("administrator", _key),
    "organisation": ("administrator", _at("/organisatie")),
    "settings": ("administrator", _at("/organisatie/instellingen")),
    "notifications": ("administrator", _at("/organisatie/meldingen")),
    "notifications-wrong-address": ("administrator", _wrong_address),
    "confirm-address": (None, _link("confirm")),
    "unsubscribe": (None, _link("unsubscribe")),
    "link-over": (None, _at("/meldingen/bevestigen/nothing")),
    "organisation-wrong-code": ("administrator", _wrong_code),
    "requests": ("administrator", _at("/organisatie/aanvragen")),
    "requests-wrong": ("administrator", _wrong_unit),
    "requests-empty": ("administrator of another", _at("/organisatie/aanvragen")),
    "changes": ("administrator", _at("/organisatie/wijzigingen")),
    "in-hand": ("administrator", _at(f"/organisatie/{quote(UNIT_A1, safe='')}/inzage")),
    "in-hand-empty": ("administrator", _at(f"/organisatie/{quote(UNIT_A2, safe='')}/inzage")),
    "joining": (None, _at("/aansluiten")),
    "joining-wrong": (None, _wrong_joining),
    "joining-done": (None, _at("/aansluiten?done=1")),
    "not-allowed": ("employee", _at("/organisatie")),
}
