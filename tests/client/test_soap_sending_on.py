"""What lies in the outbox is sent by itself, and no message keeps another from it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from support.client.client_rows import Office, office
from support.hubs.hub_script import Answer, HubScript, error, html, receipt
from support.keys.pki import PARTIES

from gateway.client.outbox import OutboxState
from gateway.client.push import PushResult, store
from gateway.client.soap.sending_on import SendingOn
from xsd.samples import sample

FULL = error("EBMS:0021")


class Sent:
    """Messages `1`, `2` ... of an office that are kept sending, and what each attempt came to."""

    def __init__(self, at: Office) -> None:
        self.told: list[PushResult] = []
        self.final = asyncio.Semaphore(0)  # once for each message that has its outcome
        self.at = at
        self.on = SendingOn(at.who, outbox=at.outbox, means=at.means, told=self._hear)

    def _hear(self, result: PushResult) -> None:
        self.told.append(result)
        if result.state is not OutboxState.WAITING:
            self.final.release()

    async def store(self, *marks: str) -> None:
        for mark in marks:
            payload = sample(
                "Schuldregeling", "2.0", "Saldoverzoek", afzender=self.at.who.party, ontvanger=PARTIES["creditor"][0]
            )
            await store(
                self.at.who, payload, mark, module="Schuldregeling", version="2.0", message_type="Saldoverzoek",
                outbox=self.at.outbox, means=self.at.means, checks=None,
            )  # fmt: skip

    @property
    def tried(self) -> str:
        """The marks in the order in which they were tried, and a ! for each that has its outcome."""
        return "".join(each.message_id + ("" if each.state is OutboxState.WAITING else "!") for each in self.told)


async def _rounds(folder: Path, marks: str, rounds: int, *answers: Answer) -> tuple[str, list[float]]:
    """What was tried in so many rounds, each a minute and a half or more after the one before."""
    async with HubScript(*answers) as hub, office(hub.url, folder) as at:
        sent = Sent(at)
        await sent.store(*marks)
        for _ in range(rounds):
            await sent.on.round()
            await at.waits(90.0)
        return sent.tried, at.waits.seconds


async def test_a_full_mailbox_keeps_no_other_message_waiting(tmp_path: Path) -> None:
    tried, _ = await _rounds(tmp_path, "123", 1, FULL, FULL, receipt())
    assert tried == "123!"


async def test_a_hub_that_is_away_is_asked_twice_a_round_and_what_was_not_tried_comes_first(tmp_path: Path) -> None:
    away = html(502)
    tried, _ = await _rounds(tmp_path, "1234", 2, away, away, away, receipt(), receipt(), receipt(), receipt())
    assert tried == "1234!1!2!"


async def test_a_message_is_tried_no_sooner_than_its_pause_allows(tmp_path: Path) -> None:
    tried, _ = await _rounds(tmp_path, "1", 4, html(502), html(502), receipt())
    assert tried == "111!"  # after 60 seconds, and after 120 more


async def test_sending_goes_on_by_itself_and_at_once_when_there_is_more(tmp_path: Path) -> None:
    async with HubScript(html(502), FULL, receipt(), receipt()) as hub, office(hub.url, tmp_path) as at:
        sent = Sent(at)
        await sent.store("1")
        working = asyncio.create_task(sent.on.keep_on())
        async with asyncio.timeout(20):
            await sent.final.acquire()
            assert sent.tried == "111!"
            assert at.waits.seconds == [60.0, 120.0]
            await sent.store("2")
            sent.on.wake()
            await sent.final.acquire()
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        assert sent.tried == "111!2!"


async def test_two_attempts_at_the_same_moment_are_one(tmp_path: Path) -> None:
    async with HubScript(receipt()) as hub, office(hub.url, tmp_path) as at:
        sent = Sent(at)
        await sent.store("1")
        one, other = await asyncio.gather(sent.on.attempt("1"), sent.on.attempt("1"))
        assert other is None
        assert one is not None
        assert one.state is OutboxState.ACKNOWLEDGED
        assert len(hub.requests) == 1
