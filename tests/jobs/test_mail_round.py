"""What organisations at a desk are told by mail: of their messages, of changes, and nothing that a message says
(PO-67, PO-82, and of PO-66 what is mailed). The letters go to a mail server on loopback over TLS.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.hubs.pulling import push, records
from support.identity.logins import KVK_NUMBER
from support.keys.pki import PARTIES
from support.net.mail_taker import MailTaker, taking_mail
from support.portal.mail_samples import asked
from support.portal.portal_samples import document
from support.portal.portals import HELPDESK, ORIGIN, UNIT_A1, UNIT_A2, TestedPortal, running_portal

from gateway.identity.login import OrganisationNumber
from gateway.jobs.mail_round import MailRound
from gateway.msh.submit import submit_test
from gateway.store.model import DeskRequest
from gateway.store.portal.mail import UNSUBSCRIBABLE, Letter, MailKind
from gateway.store.portal.terms import MAIL_LEASE
from gateway.wiring.mail import assemble_mail

A = OrganisationNumber(kind="KVK", value=KVK_NUMBER)
OFFICE, DESK = "beheer@organisatie.example", "loket@organisatie.example"
SENDER = "meldingen@hub.example"
HOUR = timedelta(hours=1)
UNIT_NAME = "Incassobureau Proef B.V."


@dataclass
class Mailed:
    """A portal, its mail server, and its round."""

    portal: TestedPortal
    taker: MailTaker
    round: MailRound
    _seen: int = field(default=0)

    async def letters(self, after: timedelta = timedelta()) -> list[EmailMessage]:
        """What a round so much later sends."""
        self.portal.clock.move(after)
        await self.round.look()
        new, self._seen = self.taker.taken[self._seen :], len(self.taker.octets)
        return new

    async def counting(
        self, address: str = DESK, *, unit: str = UNIT_A1, kinds: tuple[MailKind, ...] = UNSUBSCRIBABLE
    ) -> str:
        """An address whose link was opened; its id."""
        made = await asked(self.portal.store, address, unit=unit, kinds=kinds, organisation=A)
        (letter,) = [each for each in await self.letters() if each["Subject"] == "Bevestig dit mailadres"]
        assert await self.portal.store.confirm_address(link_of(letter).rpartition("/")[2])
        await self.letters()
        return made.id

    async def until(self, moment: str) -> list[EmailMessage]:
        """What a round at that moment sends."""
        return await self.letters(datetime.fromisoformat(moment) - self.portal.clock.now())


def said(letter: EmailMessage) -> str:
    content: str = letter.get_content()
    return content.replace("\r\n", "\n")


def link_of(letter: EmailMessage) -> str:
    """The one link besides that to the start page."""
    (found,) = [each for each in said(letter).split() if each.startswith(ORIGIN) and each != f"{ORIGIN}/"]
    return found


@asynccontextmanager
async def mailed(folder: Path, **creditor: object) -> AsyncIterator[Mailed]:
    """Organisation A is the creditor, and reads Dutch."""
    extra = {"creditor": {"language": "nl", **creditor}}
    async with running_portal(folder, extra=extra) as portal, taking_mail() as taker:
        made = Mailed(portal, taker, assemble_mail(portal.running.portal, taker.server(), SENDER))
        await made.letters()
        yield made


async def test_a_new_message_is_told_with_its_unit_and_term_and_nothing_else_PO_67(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        await push(mail.portal.hub)
        (letter,) = await mail.letters()
        (record,) = await records(mail.portal.hub)
        about = record.metadata
        whole = bytes(letter).decode() + said(letter)
        for secret in (about.tracking_identifier, about.conversation_id, about.message_id, about.action, about.sender):
            assert secret.casefold() not in whole.casefold()
        assert PARTIES["counsellor"][1] not in whole
        assert (letter["From"], letter["To"]) == (f"Meldingen portaal <{SENDER}>", DESK)
        assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "nl")
        assert letter["List-Unsubscribe"] == f"<{link_of(letter)}/in-een-keer>"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", "RFC 8058 3.1"
        assert letter.get_content_type() == "text/plain"
        assert said(letter) == (
            f"- {UNIT_NAME}: 1 nieuw bericht. Het blijft staan tot en met ma 7 dec 2026.\n\n"
            f"Log in om te lezen wat er wacht:\n{ORIGIN}/\n\n"
            "In deze mail staat met opzet niet van wie een bericht komt of waar het over gaat.\n\n"
            f"Geen mail meer over berichten? Meld dit adres af:\n{link_of(letter)}\n"
        )


async def test_an_organisation_reads_its_own_language(tmp_path: Path) -> None:
    async with mailed(tmp_path, language="en") as mail:
        await asked(mail.portal.store, organisation=A, unit=UNIT_A1)
        (letter,) = await mail.letters()
        assert letter["Subject"] == "Confirm this mail address"
        assert said(letter).startswith(f"Somebody of {UNIT_NAME} gave this mail address")


async def test_messages_are_batched_and_a_unit_without_an_address_is_not_told_PO_26(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await push(mail.portal.hub)  # before anybody was told of anything
        await mail.counting()
        assert await mail.letters() == []
        await mail.counting(OFFICE, unit=UNIT_A2)
        for _ in range(3):
            await push(mail.portal.hub)
        (letter,) = await mail.letters()
        assert letter["To"] == DESK
        assert "3 nieuwe berichten. Het eerste blijft staan tot en met" in said(letter)
        await push(mail.portal.hub)
        assert await mail.letters(HOUR - timedelta(seconds=1)) == []
        (letter,) = await mail.letters(timedelta(seconds=1))
        assert "1 nieuw bericht." in said(letter)


async def test_nobody_is_told_of_messages_at_night_PO_67(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        assert await mail.until("2026-12-01T23:30:00+00:00") == []
        await push(mail.portal.hub)
        assert await mail.until("2026-12-02T05:59:00+00:00") == []
        assert len(await mail.until("2026-12-02T06:00:00+00:00")) == 1


async def test_a_message_is_reminded_of_once_the_working_day_before_its_last_PO_67(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:  # accepted on Tuesday 1 December, to stay until Monday the 7th
        await mail.counting()
        await push(mail.portal.hub)
        assert len(await mail.letters()) == 1
        assert await mail.until("2026-12-04T05:59:59+00:00") == []
        (letter,) = await mail.until("2026-12-04T06:00:00+00:00")
        assert (
            f"- {UNIT_NAME}: 1 bericht wacht nog en verdwijnt binnenkort. Het blijft staan tot en met ma 7 dec"
            in said(letter)
        )
        for hours in (1, 24, 24, 20):
            assert await mail.letters(timedelta(hours=hours)) == []


async def test_what_came_before_an_address_counted_is_reminded_of_there(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await push(mail.portal.hub)
        assert await mail.letters() == []
        await mail.counting()
        assert await mail.letters(HOUR) == []  # it is not new any more
        (letter,) = await mail.until("2026-12-04T06:00:00+00:00")
        assert "1 bericht wacht nog" in said(letter)


async def test_what_came_before_an_address_counted_is_told_there_once_it_expired(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await push(mail.portal.hub)
        await mail.letters()
        await mail.counting(kinds=(MailKind.EXPIRED,))
        mail.portal.clock.move(datetime.fromisoformat("2026-12-07T23:02:00+00:00") - mail.portal.clock.now())
        await mail.portal.hub.running.keeper.keep()
        (letter,) = await mail.until("2026-12-08T06:00:00+00:00")
        assert "1 bericht is niet op tijd behandeld" in said(letter)


async def test_a_message_that_was_handled_is_not_reminded_of(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        await push(mail.portal.hub)
        await mail.letters()
        (record,) = await records(mail.portal.hub)
        await _collected(mail, record.metadata.message_id)
        await mail.portal.hub.running.keeper.keep()  # which removes it
        assert await mail.until("2026-12-04T06:00:00+00:00") == []
        assert await mail.until("2026-12-08T06:00:00+00:00") == []
        assert await mail.portal.store.watched_due(10) == ()


async def _collected(mail: Mailed, message_id: str) -> None:
    store = mail.portal.hub.store
    leased = await store.open_at_desk(DeskRequest(message_id=message_id, party=UNIT_A1, person="somebody"))
    assert leased is not None
    await store.close(message_id, party=UNIT_A1, receipt=b"<r/>")


async def test_what_expired_is_told_in_the_morning(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting(kinds=(MailKind.EXPIRED,))
        await push(mail.portal.hub)
        assert await mail.until("2026-12-07T22:59:00+00:00") == []
        mail.portal.clock.move(timedelta(minutes=2))
        await mail.portal.hub.running.keeper.keep()
        assert await mail.until("2026-12-07T23:10:00+00:00") == []
        (letter,) = await mail.until("2026-12-08T06:00:00+00:00")
        assert said(letter).startswith(f"- {UNIT_NAME}: 1 bericht is niet op tijd behandeld en is verdwenen.")
        assert await mail.letters(timedelta(days=1)) == []


async def test_a_term_that_was_prolonged_is_reminded_of_before_its_new_end(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting(kinds=(MailKind.REMINDER,))
        await push(mail.portal.hub)
        await mail.letters()
        (record,) = await records(mail.portal.hub)
        about = record.metadata
        until = about.expires_at + timedelta(days=7)
        await mail.portal.hub.store.prolong_term(about.message_id, party=UNIT_A1, expires_at=until)
        assert await mail.until("2026-12-04T06:00:00+00:00") == []
        (letter,) = await mail.until("2026-12-11T06:00:00+00:00")
        assert "tot en met ma 14 dec 2026" in said(letter)


async def test_a_server_that_refuses_tls_leaves_the_letter_in_the_outbox_PO_67(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail, taking_mail(begins="plain") as plain:
        await mail.counting()
        refused = assemble_mail(mail.portal.running.portal, plain.server(), SENDER)
        await push(mail.portal.hub)
        await push(mail.portal.hub)
        await refused.look()
        assert plain.octets == []
        standing = await mail.portal.store.mail_standing()
        assert (standing.waiting, standing.failing) == (1, 1)
        assert "STARTTLS" in (standing.failure or "")
        (line,) = mail.portal.log.of("mail_not_taken")
        assert (line["sort"], line["attempts"]) == ("messages", 1)
        assert DESK not in str(mail.portal.log.lines)
        assert await mail.letters() == []
        (letter,) = await mail.letters(timedelta(minutes=5))
        assert "2 nieuwe berichten" in said(letter)


async def test_what_a_server_refuses_for_good_is_shown_at_the_address_and_logged_without_it(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        mail.taker.says_of = lambda address: f"550 5.1.1 <{address}>: no such user\r\n" if address == DESK else "250 OK"
        await push(mail.portal.hub)
        assert await mail.letters() == []
        (address,) = await mail.portal.store.addresses(A)
        assert address.bounce == f"550 5.1.1 <{DESK}>: no such user"
        (line,) = mail.portal.log.of("mail_given_up")
        assert DESK not in str(line)


async def test_a_round_goes_on_after_one_address_failed_and_stops_where_the_server_did(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        await mail.counting(OFFICE)
        mail.taker.says_of = lambda address: "451 later" if address == DESK else "250 OK"
        await push(mail.portal.hub)
        assert [each["To"] for each in await mail.letters()] == [OFFICE]


async def test_a_process_that_died_after_its_letter_was_taken_sends_the_same_letter_again(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        await push(mail.portal.hub)

        async def die(_letter: object) -> None:
            raise ConnectionResetError

        store = mail.portal.store
        kept, store.letter_sent = store.letter_sent, die  # type: ignore[method-assign]
        with pytest.raises(ConnectionResetError):
            await mail.round.look()
        store.letter_sent = kept  # type: ignore[method-assign]
        (first,) = await mail.letters()
        (second,) = await mail.letters(MAIL_LEASE)
        assert first["Message-ID"] == second["Message-ID"]
        assert said(first).partition("Geen mail")[0] == said(second).partition("Geen mail")[0]


async def test_a_process_that_stood_still_past_its_lease_sends_nothing_when_it_wakes(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        await push(mail.portal.hub)
        store = mail.portal.store
        kept = store.take_letter

        async def stand_still() -> Letter | None:
            letter, store.take_letter = await kept(), kept  # type: ignore[method-assign]
            mail.portal.clock.move(MAIL_LEASE)
            assert await kept() is not None, "another has it now"
            return letter

        store.take_letter = stand_still  # type: ignore[method-assign]
        assert await mail.letters() == []
        assert (await store.mail_standing()).waiting == 1


@pytest.mark.parametrize(
    "address", ["a@example.nl\r\nBcc: b@example.nl", "=?utf-8?q?x?=@example.org", "a@b@example.nl", "", "a"]
)
async def test_an_address_of_which_no_header_can_be_made_ends_its_letter_and_no_other_PO_67(
    tmp_path: Path, address: str
) -> None:
    """No page takes it; and were one in the store, no header is made of it, and the same round sends the others."""
    async with mailed(tmp_path) as mail:
        await asked(mail.portal.store, address, organisation=A, unit=UNIT_A1)
        await asked(mail.portal.store, organisation=A, unit=UNIT_A1)
        assert [each["To"] for each in await mail.letters()] == [DESK]
        (line,) = mail.portal.log.of("mail_unwritable")
        assert line.keys() == {"sort", "kind", "where"}
        assert (await mail.portal.store.mail_standing()).waiting == 0
        assert all(each.bounced_at is None for each in await mail.portal.store.addresses(A))


async def test_a_look_at_the_hub_that_fails_keeps_no_letter_from_being_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mailed(tmp_path) as mail:
        await asked(mail.portal.store, organisation=A, unit=UNIT_A1)

        async def broken() -> None:
            raise LookupError

        monkeypatch.setattr(mail.portal.store, "watched_due", lambda _limit: broken())
        with pytest.raises(LookupError):
            await mail.round.look()
        assert [each["To"] for each in mail.taker.taken] == [DESK]


async def test_a_server_that_nobody_vouches_for_is_no_fault_of_an_address_PO_67(tmp_path: Path) -> None:
    """Five days of it: the addresses still count, and all that was to be told goes in one letter once it is mended."""
    async with mailed(tmp_path) as mail:
        await mail.counting()
        before = len(mail.taker.octets)
        untrusted = mail.taker.server(trusted=ssl.create_default_context())
        refused = assemble_mail(mail.portal.running.portal, untrusted, SENDER)
        for _ in range(6):
            await push(mail.portal.hub)
            await refused.look()
            mail.portal.clock.move(timedelta(hours=22))
        assert len(mail.taker.octets) == before
        (address,) = await mail.portal.store.addresses(A)
        assert (address.bounced_at, address.bounce) == (None, None)
        (letter,) = await mail.letters(timedelta(hours=1))
        assert "6 nieuwe berichten" in said(letter)


async def test_names_of_units_stand_in_no_header(tmp_path: Path) -> None:
    async with mailed(tmp_path, name="Bcc: x@example.nl") as mail:
        await asked(mail.portal.store, organisation=A, unit=UNIT_A1)
        (letter,) = await mail.letters()
        assert letter.keys().count("Bcc") == 0
        assert "Bcc: x@example.nl" in said(letter)


async def test_changes_are_mailed_to_all_and_say_how_to_reach_the_helpdesk_PO_66(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting(OFFICE, unit="", kinds=())
        await mail.counting(DESK, kinds=())
        await mail.portal.store.keep_document(replace(document(1, b"NL00 AN ACCOUNT"), organisation=A))
        letters = await mail.letters()
        assert {each["To"] for each in letters} == {OFFICE, DESK}
        for letter in letters:
            assert letter["List-Unsubscribe"] is None
            assert said(letter) == (
                f"- {UNIT_NAME}, di 1 dec 2026: de instellingen zijn gewijzigd: rekeningnummers, contactpersonen, of"
                f" waarmee medewerkers berichten mogen openen.\n\nLog in om te zien wat er is gewijzigd"
                f" en door wie:\n{ORIGIN}/\n\n"
                "Weet u hier niets van, en uw collega’s ook niet? Neem dan meteen contact op met de helpdesk."
                f" {HELPDESK}\n"
            )


async def test_who_changes_the_address_and_then_an_account_is_told_on_PO_82(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        old = await mail.counting(OFFICE, unit="", kinds=())
        store = mail.portal.store
        await store.remove_address(old, organisation=A, by="the thief")
        await mail.counting("thief@elsewhere.example", unit="", kinds=())
        mail.portal.clock.move(timedelta(days=6))
        await store.purge()
        await store.keep_document(replace(document(1, b"another IBAN"), organisation=A))
        told = {each["To"]: said(each) for each in await mail.letters()}
        assert "de instellingen zijn gewijzigd" in told[OFFICE]


async def test_a_test_message_of_the_operator_is_not_told(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.counting()
        assert await submit_test(UNIT_A1, mail.portal.hub.hub)
        assert await mail.letters() == []
        assert len(await records(mail.portal.hub)) == 1


async def test_an_operator_tries_whether_mail_works(tmp_path: Path) -> None:
    async with mailed(tmp_path) as mail:
        await mail.round.test("operator@hub.example")
        (letter,) = await mail.letters()
        assert (letter["To"], letter["Subject"]) == ("operator@hub.example", "Proef van de mail van het portaal")
        assert said(letter).endswith(f"{ORIGIN}/\n")
