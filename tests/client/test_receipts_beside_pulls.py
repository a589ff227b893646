"""A receipt goes to a real hub with the next pull, and is due until an answer shows that the hub took it.

Between the participant and the hub stands a line that lets a request through, loses its answer, or is busy.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import apsw
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.client.offices import Office, Stopped, office, states, stop, stop_at
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import PARTIES

from gateway.client.participant import Participant
from gateway.client.pull import keep_pulling, pull_until_empty, send_receipts
from gateway.client.receipts import receipt_in, sign_signals
from gateway.client.taking import Outcome, PullResult
from gateway.digest import digest
from gateway.ebms.envelope import locate
from gateway.ebms.model import Messaging
from gateway.ebms.read import read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document
from xsd.samples import sample, sample_attachment


@dataclass
class Line:
    """What the participant sent over it, as units; `faults` is what becomes of each request to come, then all pass."""

    url: str = ""
    faults: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)


@asynccontextmanager
async def line_to(hub: TestedHub) -> AsyncIterator[Line]:
    line = Line()

    async def carry(request: web.Request) -> web.StreamResponse:
        body, fault = await request.read(), line.faults.pop(0) if line.faults else "passes"
        line.sent.append(units(body))
        if fault == "busy":
            return web.Response(status=503, headers={"Retry-After": "5"})
        headers = {"Content-Type": request.headers["Content-Type"]}
        async with session.post(hub.url, data=body, headers=headers) as answer:
            octets, kind = await answer.read(), answer.headers.get("Content-Type")
        if fault == "lost":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer.status, body=octets, headers={} if kind is None else {"Content-Type": kind})

    application = web.Application()
    application.router.add_post("/as4", carry)
    server = TestServer(application)
    async with aiohttp.ClientSession() as session:
        await server.start_server()
        line.url = str(server.make_url("/as4"))
        yield line
        await server.close()


def units(body: bytes) -> str:
    messaging = read_messaging(locate(parse_document(body, limits=ENVELOPE_LIMITS)).messaging)
    there = {"receipt": messaging.receipt, "pull": messaging.pull_request, "error": messaging.error}
    return " + ".join(name for name, unit in there.items() if unit is not None)


@dataclass
class Scene:
    """A hub, and a creditor that pulls from it over a line."""

    hub: TestedHub
    asking: Office
    asked: Office
    line: Line

    async def push(self, count: int) -> None:
        """So many messages for the creditor."""
        for _ in range(count):
            document = sample(
                "Schuldinventarisatie", "2.0", "Saldoverzoek", afzender=PARTIES["counsellor"][0],
                ontvanger=PARTIES["creditor"][0],
            )  # fmt: skip
            await self.asking.push(document, "Saldoverzoek", sample_attachment(), unchecked=True)

    async def pull(
        self, on_result: Callable[[PullResult], None] = lambda _result: None, *, limit: int | None = None
    ) -> list[Outcome]:
        """What came of emptying the mailbox."""
        who, inbox, means = self.asked.who, self.asked.inbox, self.asked.means
        results = await pull_until_empty(who, inbox=inbox, means=means, on_result=on_result, limit=limit)
        return [each.outcome for each in results]

    async def receipts(self) -> list[str]:
        """Where the receipt of each message stands, the oldest message first."""
        return [each.receipt_state for each in reversed(await self.asked.inbox.messages())]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with (
        running_hub(tmp_path) as hub,
        line_to(hub) as line,
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        yield Scene(hub, asking, replace(asked, who=replace(asked.who, url=line.url)), line)


BESIDE = "receipt + pull"


async def test_two_messages_and_the_empty_mailbox_are_three_requests(scene: Scene) -> None:
    await scene.push(2)
    assert await scene.pull() == [Outcome.STORED, Outcome.STORED, Outcome.EMPTY]
    assert scene.line.sent == ["pull", BESIDE, BESIDE]
    assert await scene.receipts() == ["sent", "sent"]
    assert set(await states(scene.hub)) <= {"receipted", "removed"}


async def test_no_receipt_is_due_when_the_pulling_pauses(scene: Scene) -> None:
    await scene.push(2)
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append(await scene.receipts())

    who, inbox, means = scene.asked.who, scene.asked.inbox, replace(scene.asked.means, wait=stop)
    with pytest.raises(Stopped):
        await keep_pulling(who, inbox=inbox, means=means, when_empty=look)
    assert seen == [["sent", "sent"]]
    assert scene.line.sent == ["pull", BESIDE, BESIDE]


async def test_a_receipt_that_the_hub_refuses_goes_alone_once_and_the_next_message_comes(scene: Scene) -> None:
    await scene.push(2)

    def spoil(result: PullResult) -> None:
        if result.number == 1 and result.outcome is Outcome.STORED:
            spoil_receipt(scene.asked.inbox.records.folder, scene.asked.who)

    assert await scene.pull(spoil) == [Outcome.STORED, Outcome.REFUSED, Outcome.STORED, Outcome.EMPTY]
    assert scene.line.sent == ["pull", BESIDE, "receipt", "pull", BESIDE]
    assert await scene.receipts() == ["refused", "sent"]
    assert "offered" in await states(scene.hub)


async def test_a_receipt_that_the_disk_changed_is_not_sent_and_is_made_anew_when_its_message_comes_again(
    scene: Scene,
) -> None:
    """The message counts, and nobody but its receiver can say so to the hub."""
    await scene.push(2)

    def change(result: PullResult) -> None:
        if result.number == 1 and result.outcome is Outcome.STORED:
            change_receipts(scene.asked.inbox.records.folder)

    assert await scene.pull(change) == [Outcome.STORED, Outcome.DAMAGED, Outcome.STORED, Outcome.EMPTY]
    assert scene.line.sent == ["pull", "pull", BESIDE]
    assert "offered" in await states(scene.hub)
    scene.hub.clock.move(timedelta(minutes=16))  # the lease is over
    assert await scene.pull() == [Outcome.DUPLICATE, Outcome.EMPTY]
    assert set(await states(scene.hub)) <= {"receipted", "removed"}


@pytest.mark.parametrize(
    ("limit", "came", "later"),
    [
        (1, [Outcome.DAMAGED, Outcome.STORED], [Outcome.STORED, Outcome.EMPTY]),
        (2, [Outcome.DAMAGED, Outcome.STORED, Outcome.STORED], [Outcome.EMPTY]),
        (None, [Outcome.DAMAGED, Outcome.STORED, Outcome.STORED, Outcome.EMPTY], [Outcome.EMPTY]),
    ],
)
async def test_a_receipt_that_the_disk_changed_is_told_beside_as_many_pulls_as_were_asked_for_and_before_the_last(
    scene: Scene, limit: int | None, came: list[Outcome], later: list[Outcome]
) -> None:
    """Whoever asks for one message at a time is told of it, too."""
    await scene.push(3)
    scene.line.faults = ["passes", *["busy"] * 7]
    await scene.pull()
    change_receipts(scene.asked.inbox.records.folder)
    assert await scene.pull(limit=limit) == came
    assert await scene.pull() == later


BOTH = "content_digest = zeroblob(32), receipt = CAST(receipt || ' ' AS BLOB)"
CHANGED = {
    "what it is told by": ("content_digest = zeroblob(32)", [Outcome.DUPLICATE, Outcome.STORED, Outcome.EMPTY], "sent"),
    "the receipt": (
        "receipt = CAST(receipt || ' ' AS BLOB)",
        [Outcome.DUPLICATE, Outcome.STORED, Outcome.EMPTY],
        "sent",
    ),
    "both": (BOTH, [Outcome.UNKNOWN, Outcome.STORED, Outcome.EMPTY], "refused"),
}


@pytest.mark.parametrize("what", CHANGED)
async def test_a_message_that_comes_again_is_never_called_another_for_what_the_disk_changed(
    scene: Scene, what: str
) -> None:
    """Its receipt tells it where that is whole; where nothing does, the hub is not answered, and the next comes."""
    statement, came, stands = CHANGED[what]
    await scene.push(2)
    scene.line.faults = ["passes", *["busy"] * 7]
    await scene.pull()
    change_inbox(scene.asked.inbox.records.folder, statement)
    for damaged in await scene.asked.inbox.damaged_receipts():
        await scene.asked.inbox.note_damage_told(damaged.number)
    await scene.asked.inbox.note_receipt(1)  # for the hub it is lost all the same
    scene.hub.clock.move(timedelta(minutes=16))  # the lease is over
    scene.line.sent.clear()
    assert await scene.pull() == came
    assert not [each for each in scene.line.sent if "error" in each]
    assert (await scene.receipts())[0] == stands


async def test_a_receipt_that_the_disk_changed_after_the_last_pull_is_told_before_its_result(scene: Scene) -> None:
    await scene.push(1)
    scene.line.faults = ["passes", *["busy"] * 7]

    def change(result: PullResult) -> None:
        if result.outcome is Outcome.NO_ANSWER:
            change_receipts(scene.asked.inbox.records.folder)

    assert await scene.pull(change) == [Outcome.STORED, Outcome.DAMAGED, Outcome.NO_ANSWER]


async def test_a_receipt_that_the_disk_changed_is_among_those_that_are_left_until_it_is_told(scene: Scene) -> None:
    await scene.push(1)
    with pytest.raises(Stopped):
        await scene.pull(stop_at)
    change_receipts(scene.asked.inbox.records.folder)
    who, inbox, means = scene.asked.who, scene.asked.inbox, scene.asked.means
    assert await send_receipts(who, inbox=inbox, means=means) == 1
    assert await scene.pull() == [Outcome.DAMAGED, Outcome.EMPTY]
    assert await send_receipts(who, inbox=inbox, means=means) == 0


async def test_a_run_that_ends_before_it_returned_told_nobody(scene: Scene) -> None:
    await scene.push(1)
    with pytest.raises(Stopped):
        await scene.pull(stop_at)
    change_receipts(scene.asked.inbox.records.folder)
    with pytest.raises(Stopped):
        await scene.pull(stop_at)
    assert await scene.pull() == [Outcome.DAMAGED, Outcome.EMPTY]


async def test_an_answer_that_is_lost_leaves_the_receipt_due_and_the_same_request_brings_the_same_message(
    scene: Scene,
) -> None:
    await scene.push(2)
    scene.line.faults = ["passes", "lost"]
    assert await scene.pull() == [Outcome.STORED, Outcome.STORED, Outcome.EMPTY]
    assert scene.line.sent == ["pull", BESIDE, BESIDE, BESIDE]
    assert await scene.receipts() == ["sent", "sent"]
    assert set(await states(scene.hub)) <= {"receipted", "removed"}


async def test_a_busy_hub_leaves_the_receipt_due_until_it_answers(scene: Scene) -> None:
    await scene.push(1)
    seen: list[list[str]] = []
    wait = scene.asked.means.wait

    async def look(seconds: float) -> None:
        seen.append(await scene.receipts())
        await wait(seconds)

    scene.asked.means = replace(scene.asked.means, wait=look)
    scene.line.faults = ["passes", "busy", "busy"]
    assert await scene.pull() == [Outcome.STORED, Outcome.EMPTY]
    assert seen == [["due"], ["due"]]
    assert await scene.receipts() == ["sent"]


async def test_a_hub_that_stays_away_is_sent_the_receipt_when_it_is_there_again(scene: Scene) -> None:
    await scene.push(1)
    scene.line.faults = ["passes", *["busy"] * 7]
    assert await scene.pull() == [Outcome.STORED, Outcome.NO_ANSWER]
    assert (await scene.receipts(), await states(scene.hub)) == (["due"], ["offered"])
    scene.line.sent.clear()
    assert await scene.pull() == [Outcome.EMPTY]
    assert (scene.line.sent, await scene.receipts()) == (["receipt", "pull"], ["sent"])


@pytest.mark.parametrize("reached", ["lost", "busy"])
async def test_a_participant_that_is_killed_between_has_the_receipt_due_and_gets_each_message_once(
    scene: Scene, tmp_path: Path, reached: str
) -> None:
    """Killed before the request reached the hub, or after the hub took the receipt and leased the next message."""
    await scene.push(2)
    scene.line.faults = ["passes", reached]
    scene.asked.means = replace(scene.asked.means, wait=stop)
    with pytest.raises(Stopped):
        await scene.pull()
    shutil.copytree(tmp_path / "creditor", tmp_path / "image" / "creditor", ignore=shutil.ignore_patterns("*-shm"))
    scene.hub.clock.move(timedelta(minutes=16))  # the lease of what the hub gave is over
    async with office(scene.hub, "creditor", tmp_path / "image") as again:
        scene.asked = replace(again, who=scene.asked.who)
        assert await scene.receipts() == ["due"]
        assert await scene.pull() == [Outcome.STORED, Outcome.EMPTY]
        assert await scene.receipts() == ["sent", "sent"]
    assert set(await states(scene.hub)) <= {"receipted", "removed"}


async def test_a_participant_that_is_killed_before_it_pulls_again_has_the_receipt_due(scene: Scene) -> None:
    await scene.push(1)
    with pytest.raises(Stopped):
        await scene.pull(stop_at)
    assert (await scene.receipts(), await states(scene.hub)) == (["due"], ["offered"])


def change_receipts(folder: Path) -> None:
    """What a disk does to the receipts of an inbox."""
    change_inbox(folder, "receipt = CAST(receipt || ' ' AS BLOB)")


def change_inbox(folder: Path, what: str) -> None:
    """What a disk does to the messages of an inbox."""
    with closing(apsw.Connection(str(folder / "inbox.sqlite"))) as connection:
        connection.execute(f"UPDATE message SET {what}")


def spoil_receipt(folder: Path, who: Participant) -> None:
    """Make the one receipt of an inbox a receipt for other octets, as a faulty program would."""
    with closing(apsw.Connection(str(folder / "inbox.sqlite"))) as connection:
        row = "SELECT number, sender, message_id, receipt FROM message"
        ((number, sender, message_id, envelope),) = connection.execute(row).fetchall()
        receipt = receipt_in(envelope)
        first, *others = receipt.references
        bent = replace(receipt, references=(replace(first, digest_value=bytes(len(first.digest_value))), *others))
        octets = sign_signals(who, Messaging(receipt=bent))
        held = digest(sender, message_id, octets)
        statement = "UPDATE message SET receipt = ?, receipt_digest = ? WHERE number = ?"
        connection.execute(statement, (octets, held, number))
