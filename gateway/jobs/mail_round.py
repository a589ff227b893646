"""Sends what waits in the outbox, one letter at a time, and looks before that at what else is to be told.

A letter that a server took and whose end could not be written is sent again under the same Message-ID; nothing else is
sent twice, and nothing is lost. While the server does not answer, one letter a round tries.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Final

from gateway import failpoints
from gateway.clock import Clock
from gateway.events import EventLog
from gateway.jobs.letters import Letterhead, test_letter, written
from gateway.jobs.message_news import MessageNews
from gateway.net.mail_server import NotDelivered
from gateway.store.portal.interface import PortalStore

MOST_OF_A_ROUND: Final = 200  # letters; the next round goes on


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
        """Queue what is to be told, and send what is due."""
        await self._news.look()
        failpoints.reach("N1.after")
        for _ in range(MOST_OF_A_ROUND):
            if self._ending or not await self._send_one():
                return

    async def test(self, address: str) -> str | None:
        """Send a letter that says that mail works, at once; why it was not taken, or None."""
        try:
            await self._send(test_letter(address, self._head, self._clock.now()))
        except NotDelivered as fault:
            return str(fault)
        return None

    async def _send_one(self) -> bool:
        """Whether to go on with the next."""
        letter = await self._store.take_letter()
        if letter is None:
            return False
        failpoints.reach("N2.after")
        attempts = max(each.attempts for each in letter.lines)
        try:
            message = written(letter, self._head, self._clock.now())
        except ValueError as fault:  # no page takes such an address; nothing waits behind it
            await self._store.letter_failed(letter, f"no letter can be made: {fault}", for_good=True)
            self._log("mail_given_up", sort=letter.sort, attempts=attempts)
            return True
        try:
            await self._send(message)
        except NotDelivered as fault:
            is_over = await self._store.letter_failed(letter, str(fault), for_good=fault.for_good)
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
