"""Sends what waits in the outbox, one letter at a time, and looks before that at what else is to be told.

A letter that a server took and whose end could not be written is sent again under the same Message-ID. Nothing is
lost; what else is sent twice is a letter whose server fell silent after it had all of it, or whose node stood still
while it sent it until another had taken it. While the server does not answer, one letter a round tries. No letter and
no look at the hub keeps the others from being sent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Final

from gateway import failpoints
from gateway.clock import Clock
from gateway.events import EventLog, place_of
from gateway.jobs.letters import Letterhead, test_letter, written
from gateway.jobs.message_news import MessageNews
from gateway.net.mail_server import NotDelivered
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import Letter, MailFault
from gateway.store.portal.terms import MAIL_LEASE

MOST_OF_A_ROUND: Final = 200  # letters; the next round goes on
_OF_THE_ADDRESS: Final = (1, 2)  # subjects of a status code, RFC 3463 3: the address, and its mailbox


class MailRound:
    """One portal's mail; `send` hands a letter to the server, and raises `NotDelivered`."""

    def __init__(
        self,
        store: PortalStore,
        news: MessageNews,
        head: Letterhead,
        send: Callable[[EmailMessage], Awaitable[None]],
        clock: Clock,
        log: EventLog,
    ) -> None:
        self._store = store
        self._news = news
        self._head = head
        self._send = send
        self._clock = clock
        self._log = log
        self._ending = False

    def finish(self) -> None:
        """Begin no further letter: the process ends."""
        self._ending = True

    async def look(self) -> None:
        """Queue what is to be told, and send what is due; that first failing, the second is done all the same."""
        try:
            await self._news.look()
        except Exception:  # whoever called hears of it, once the letters that wait were sent
            await self._send_due()
            raise
        failpoints.reach("N1.after")
        await self._send_due()

    async def test(self, address: str) -> str | None:
        """Send a letter that says that mail works, at once; why it was not taken, or None."""
        try:
            await self._send(test_letter(address, self._head, self._clock.now()))
        except NotDelivered as fault:
            return str(fault)
        return None

    async def _send_due(self) -> None:
        for _ in range(MOST_OF_A_ROUND):
            if self._ending or not await self._send_one():
                return

    async def _send_one(self) -> bool:
        """Whether to go on with the next."""
        taken_at = self._clock.now()
        letter = await self._store.take_letter()
        if letter is None:
            return False
        failpoints.reach("N2.after")
        attempts = max(each.attempts for each in letter.lines)
        message = await self._written(letter)
        if message is None or self._clock.now() - taken_at >= MAIL_LEASE:  # then it is another node's to send
            return True
        try:
            await self._send(message)
        except NotDelivered as fault:
            is_over = await self._store.letter_failed(letter, str(fault), fault_of(fault))
            if is_over:
                self._log("mail_given_up", sort=letter.sort, attempts=attempts)
            else:
                why = str(fault) if fault.of_server else None  # else it names the address
                self._log("mail_not_taken", sort=letter.sort, attempts=attempts, detail=why)
            return not fault.of_server
        failpoints.reach("N3.before")
        await self._store.letter_sent(letter)
        failpoints.reach("N3.after")
        self._log("mail_sent", sort=letter.sort, count=len(letter.lines))
        return True

    async def _written(self, letter: Letter) -> EmailMessage | None:
        """The letter; None where none can be made of it, which ends it: another try would fare no better."""
        try:
            return written(letter, self._head, self._clock.now())
        except Exception as defect:
            kind = type(defect).__name__  # and not its text, which may hold the address
            await self._store.letter_failed(letter, kind, MailFault.UNWRITABLE)
            self._log("mail_unwritable", sort=letter.sort, kind=kind, where=place_of(defect))
            return None


def fault_of(refused: NotDelivered) -> MailFault:
    """Whose fault it is that a letter was not taken, by what the server said, and to what."""
    if refused.of_server:
        return MailFault.SERVER
    is_about = refused.subject in _OF_THE_ADDRESS
    if not refused.at_address or not (is_about or refused.subject is None):
        return MailFault.LETTER
    if refused.code < 500:
        return MailFault.PASSING
    return MailFault.GONE if is_about else MailFault.REFUSED
