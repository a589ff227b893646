"""Administration through the socket of a running hub and without one: the same verbs, the same answers."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import json
import socket
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from support.store.engines import as_of, open_sqlite
from support.store.store_samples import RECEIVER, SENDER, START, TERM, accept, acceptance_for, pull, sealed_message

from gateway.administration import server as served
from gateway.administration import verbs
from gateway.administration.administered import Administered, Running
from gateway.administration.asking import Administration, Directly
from gateway.administration.client import AnsweringHub
from gateway.administration.opening import open_for_administration
from gateway.administration.server import SOCKET_NAME, AdministrationServer
from gateway.administration.verbs import VERBS
from gateway.msh import expire
from gateway.refused import Refused, Unanswered
from gateway.store.engine import HeldStore
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.model import KeyLost, Kind, MessageFilter, MessageRecord, Offer, State
from gateway.wiring.engines import engine_called

LATER = START + timedelta(hours=1)


@dataclass
class StoppedClock:
    moment: datetime = LATER

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


async def fill(store: HeldStore) -> None:
    await accept(store, sealed_message(1, question=True, answer_due=START + TERM))
    await accept(store, sealed_message(2, receiver="other"))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"\x00\xff<taken/>")
    await accept(store, sealed_message(3, kind=Kind.NOTICE, received_message_id="leg2-2@hub.example"))


async def nothing() -> None:
    """What a keeper does when it is told."""


def held(store: HeldStore) -> Directly:
    """The verbs of a hub that runs on this store; no test here goes as far as that hub."""
    no = cast(Any, None)
    running = Running(
        hub=no,
        confirm_time=nothing,
        time_grounds=tuple,
        reload=no,
        changes=no,
        in_force=no,
        reload_refused=tuple,
        events=tuple,
    )
    return Directly(Administered(store=store, clock=StoppedClock(), running=running))


@contextlib.asynccontextmanager
async def administered(path: Path, way: str) -> AsyncIterator[Administration]:
    store = await open_sqlite(path, at=START)
    await fill(store)
    server = None
    if way == "socket":
        server = await AdministrationServer.start(held(store), path)
    else:
        await store.aclose()
    administration = await open_for_administration(engine_called("sqlite"), path, StoppedClock())
    assert isinstance(administration, AnsweringHub) == (way == "socket")
    yield administration
    await administration.aclose()
    if server is not None:
        await server.aclose()
        await store.aclose()


@pytest.fixture(params=["socket", "direct"])
async def administration(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Administration]:
    async with administered(tmp_path / "data", request.param) as found:
        yield found


async def test_the_log_and_one_message_are_told_whole(administration: Administration) -> None:
    records = await administration.ask(verbs.messages, MessageFilter(receiver=RECEIVER))
    assert [record.metadata for record in records] == [
        sealed_message(3, kind=Kind.NOTICE, received_message_id="leg2-2@hub.example").metadata,
        sealed_message(1, question=True, answer_due=START + TERM).metadata,
    ]
    assert await administration.ask(verbs.message, "leg1-1@sender.example") == records[1]
    assert await administration.ask(verbs.message, "leg2-1@hub.example") == records[1]
    assert (records[1].state, records[1].closed_at) == (State.RECEIPTED, START)


async def test_a_message_is_not_taken_for_the_notice_about_it(administration: Administration) -> None:
    assert (await administration.ask(verbs.message, "leg2-2@hub.example")).metadata.kind is Kind.MESSAGE
    assert (await administration.ask(verbs.message, "leg2-3@hub.example")).metadata.kind is Kind.NOTICE


async def test_evidence_comes_as_the_octets_that_were_signed(administration: Administration) -> None:
    assert await administration.ask(verbs.evidence, "leg1-1@sender.example") == (
        ("receipt-given", START, acceptance_for(sealed_message(1)).receipt.octets),
        ("receipt-taken", START, b"\x00\xff<taken/>"),
    )


async def test_mailboxes_and_counts_are_told(administration: Administration) -> None:
    by_party = {mailbox.party: mailbox for mailbox in await administration.ask(verbs.mailboxes)}
    assert (by_party["other"].waiting, by_party[RECEIVER].waiting) == (1, 1)
    counts = await administration.ask(verbs.counts)
    assert dict(counts.states) == {
        State.STORED: 2,
        State.OFFERED: 0,
        State.RECEIPTED: 1,
        State.EXPIRED: 0,
        State.REMOVED: 0,
    }
    assert (counts.notices, counts.open_questions, counts.seen, counts.damaged) == (1, 1, 3, 0)
    assert counts.free_octets > 0


async def test_a_term_is_prolonged_for_its_owner(administration: Administration) -> None:
    later = START + 2 * TERM
    assert not await administration.ask(verbs.prolong_term, "leg2-2@hub.example", "third", later)
    assert await administration.ask(verbs.prolong_term, "leg2-2@hub.example", "other", later)
    assert (await administration.ask(verbs.message, "leg2-2@hub.example")).metadata.expires_at == later
    with pytest.raises(Refused, match="time zone"):
        await administration.ask(verbs.prolong_term, "leg2-2@hub.example", "other", later.replace(tzinfo=None))


async def test_a_purge_is_a_command_away(administration: Administration) -> None:
    assert await administration.ask(verbs.purge) == 1
    assert await administration.ask(verbs.purge) == 0


async def test_what_is_not_there_is_refused_with_a_next_step(administration: Administration) -> None:
    for question in (administration.ask(verbs.message, "none"), administration.ask(verbs.evidence, "none")):
        with pytest.raises(Refused) as refused:
            await question
        assert refused.value.next_step


async def test_an_id_that_two_senders_used_names_no_message(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "other", at=START)
    for number, sender in ((1, SENDER), (2, "third")):
        await accept(store, sealed_message(number, sender=sender, received_message_id="same"))
    with pytest.raises(Refused, match="several senders"):
        await held(store).ask(verbs.message, "same")
    await store.aclose()


async def test_a_lost_key_goes_to_the_hub_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became = KeyLost(known=True, notified=7, unnotified=1, overtaken=2, postponed=3)

    async def expire_sealed_to(sealed_to: str, _hub: object) -> KeyLost:
        assert sealed_to == "b" * 64
        return became

    monkeypatch.setattr(expire, "expire_sealed_to", expire_sealed_to)

    async with administered(tmp_path / "a", "socket") as administration:
        assert await administration.ask(verbs.expire_sealed_to, "b" * 64) == became
    async with administered(tmp_path / "b", "direct") as administration:
        with pytest.raises(Refused, match="start the hub"):
            await administration.ask(verbs.expire_sealed_to, "b" * 64)


@pytest.mark.parametrize("error", [StoreUnavailable("full"), OutcomeUnknown("flush")])
async def test_a_store_that_fails_is_told_in_words(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_sealed_to: str, _hub: object) -> KeyLost:
        raise error

    monkeypatch.setattr(expire, "expire_sealed_to", fail)

    async with administered(tmp_path / "a", "socket") as administration:
        with pytest.raises(Refused) as refused:
            await administration.ask(verbs.expire_sealed_to, "b" * 64)
        assert refused.value.next_step
        assert await administration.ask(verbs.purge) == 1


async def test_a_fault_of_the_hub_is_told_without_its_detail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_sealed_to: str, _hub: object) -> KeyLost:
        raise RuntimeError("private detail")

    monkeypatch.setattr(expire, "expire_sealed_to", fail)

    noted: list[dict] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noted.append(context))
    async with administered(tmp_path / "a", "socket") as administration:
        with pytest.raises(Refused, match="RuntimeError") as refused:
            await administration.ask(verbs.expire_sealed_to, "b" * 64)
    assert "private detail" not in str(refused.value)
    assert [str(context["exception"]) for context in noted] == ["private detail"]


def test_every_verb_of_the_module_is_in_the_list_with_its_sentence() -> None:
    declared = {name for name, work in vars(verbs).items() if inspect.iscoroutinefunction(work)}
    assert declared == set(VERBS)
    for each in VERBS.values():
        assert each.sentence.endswith("."), each.name


async def test_the_socket_is_the_owners_alone_and_goes_with_the_hub(tmp_path: Path) -> None:
    path = tmp_path / "data"
    async with administered(path, "socket"):
        assert stat.S_IMODE((path / SOCKET_NAME).stat().st_mode) == 0o600
    assert not (path / SOCKET_NAME).exists()


async def test_the_socket_of_a_dead_hub_is_passed_over_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 30)
    path.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead, contextlib.chdir(path):
        dead.bind(SOCKET_NAME)
    async with administered(path, "direct"):
        pass
    async with administered(tmp_path / "other", "socket"):
        pass
    store = await open_sqlite(path, at=START)
    server = await AdministrationServer.start(held(store), path)
    client = await open_for_administration(engine_called("sqlite"), path, StoppedClock())
    assert isinstance(client, AnsweringHub)
    await client.ask(verbs.counts)
    await client.aclose()
    await server.aclose()
    await store.aclose()


async def test_a_store_that_is_held_without_a_socket_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    with pytest.raises(Refused, match="does not listen; wait"):
        await (await open_for_administration(engine_called("sqlite"), path, StoppedClock())).ask(verbs.counts)
    await store.aclose()


async def test_a_directory_without_a_store_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is not there"):
        await open_for_administration(engine_called("sqlite"), tmp_path / "none", StoppedClock())
    assert not (tmp_path / "none").exists()
    path = tmp_path / "data"
    await (await open_sqlite(path, at=START)).aclose()
    path.chmod(0o755)
    with pytest.raises(Refused) as refused:
        await (await open_for_administration(engine_called("sqlite"), path, StoppedClock())).ask(verbs.counts)
    assert refused.value.next_step == f"run: chmod 700 {path}"


async def test_a_store_that_no_hub_holds_is_opened_with_its_own_term_and_asks_for_the_time_of_a_used_store(
    tmp_path: Path,
) -> None:
    path = tmp_path / "data"
    used: list[bool] = []

    def suspect(has_been_used: bool) -> bool:
        used.append(has_been_used)
        return False

    async def opened(at: datetime) -> Administration:
        return await open_for_administration(
            engine_called("sqlite"), path, StoppedClock(at), time_suspect=suspect, log_days=500
        )

    await (await open_sqlite(path, at=START)).aclose()
    async with contextlib.aclosing(await opened(START)) as administration:
        assert not await administration.ask(verbs.time_is_suspect)
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1))
    await store.expire("leg2-1@hub.example", notice=None, notice_parts=None, at_once=True)
    await store.purge()
    await store.aclose()
    for days, kept in ((499, 1), (501, 0)):
        async with contextlib.aclosing(await opened(START + timedelta(days=days))) as administration:
            await administration.ask(verbs.purge)
            assert len(await administration.ask(verbs.messages, MessageFilter())) == kept
    assert used == [False, True, True]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("counts", b"no json"),
        ("counts", b"[]"),
        ("aclose", b"{}"),
        ("ask", b"{}"),
        ("counts", b'{"more": 1}'),
        ("message", b"{}"),
        ("message", b'{"message_id": 5}'),
        ("messages", b'{"which": {"limit": "many"}}'),
        ("message", b'{"message_id": "' + b"a" * (1 << 20) + b'"}'),
    ],
    ids=["no JSON", "no object", "no verb", "no verb either", "too many", "too few", "a number", "a word", "too long"],
)
async def test_a_request_that_is_none_is_refused_and_the_hub_goes_on(
    tmp_path: Path, verb: str, arguments: bytes
) -> None:
    path = tmp_path / "data"
    async with (
        administered(path, "socket"),
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path / SOCKET_NAME))) as session,
    ):
        for asked, body, status, told in ((verb, arguments, 409, "refused"), ("purge", b"{}", 200, "answer")):
            async with session.post(f"http://hub/{asked}", data=io.BytesIO(body)) as response:
                assert (response.status, told in await response.json()) == (status, True)


async def test_a_process_that_takes_the_question_and_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dumb:
        dumb.bind(str(tmp_path / SOCKET_NAME))
        dumb.listen()
        client = await AnsweringHub.connect(tmp_path, idle_seconds=0.05)
        with pytest.raises(Unanswered, match=r"a process holds .* and does not answer; look at that process"):
            await client.ask(verbs.counts)
        await client.aclose()


async def test_a_process_that_takes_no_connection_any_more_is_told_as_one(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as stopped, contextlib.ExitStack() as waiting:
        stopped.bind(str(tmp_path / SOCKET_NAME))
        stopped.listen(0)
        for _ in range(2):  # what the kernel lets wait
            one = waiting.enter_context(socket.socket(socket.AF_UNIX))
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(str(tmp_path / SOCKET_NAME))
        with pytest.raises(Unanswered):
            await AnsweringHub.connect(tmp_path, connect_seconds=0.05)


async def test_a_hub_that_works_long_on_an_answer_says_so_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "BREATH_SECONDS", 0.01)
    ended = asyncio.Event()

    async def slow(_sealed_to: str, _hub: object) -> KeyLost:
        await ended.wait()
        raise Refused("not today", "ask tomorrow")

    monkeypatch.setattr(expire, "expire_sealed_to", slow)
    path = tmp_path / "data"
    async with (
        administered(path, "socket"),
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(path / SOCKET_NAME))) as session,
        session.post("http://hub/expire_sealed_to", json={"sealed_to": "b" * 64}) as response,
    ):
        assert await response.content.readexactly(3) == b"   "
        ended.set()
        assert json.loads(await response.read())["refused"] == "not today"


async def test_a_hub_that_stops_answers_with_words(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    server = await AdministrationServer.start(held(store), path)
    client = await AnsweringHub.connect(path)
    await client.ask(verbs.counts)
    await server.aclose()
    with pytest.raises(Refused, match="went away"):
        await client.ask(verbs.counts)
    await client.aclose()
    await store.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        b'{"result": {"states": []}}\n',
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b'HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{"answer":{"states":[]}}',
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone",
    ],
    ids=["lines of JSON", "no object", "another answer", "no such verb"],
)
async def test_an_answer_of_another_version_is_told_in_words(tmp_path: Path, answer: bytes) -> None:
    async def older(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1):
            writer.write(answer)
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(older, tmp_path / "admin.sock"):
        client = await AnsweringHub.connect(tmp_path)
        with pytest.raises(Refused, match="another version"):
            await client.ask(verbs.counts)
        await client.aclose()


async def test_between_two_stretches_of_a_long_answer_everybody_else_has_his_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0
    begun: list[int] = []

    class Short:
        """A slice of a thousand steps, so that nothing is timed."""

        def __init__(self) -> None:
            begun.append(turns)
            self._steps = 1000

        def is_over(self) -> bool:
            self._steps -= 1
            return self._steps < 0

    monkeypatch.setattr(served, "Slice", Short)

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await fill(store)
    whole = store.messages

    async def messages(which: MessageFilter) -> tuple[MessageRecord, ...]:
        return await whole(which) * 1000

    monkeypatch.setattr(store, "messages", messages)
    server = await AdministrationServer.start(held(store), path)
    client = await AnsweringHub.connect(path)
    others = asyncio.create_task(take_turns())
    found = await client.ask(verbs.messages, MessageFilter())
    others.cancel()
    assert found == await as_of(LATER, store).messages(MessageFilter())
    assert len(begun) > 50
    assert len(set(begun)) == len(begun)
    await client.aclose()
    await server.aclose()
    await store.aclose()


async def test_a_listing_goes_on_where_the_page_before_ended(tmp_path: Path) -> None:
    async with administered(tmp_path / "data", "socket") as administration:
        whole = await administration.ask(verbs.messages, MessageFilter())
        pages: list[MessageRecord] = []
        which = MessageFilter(limit=1)
        while page := await administration.ask(verbs.messages, which):
            pages += page
            which = MessageFilter(limit=1, older_than=page[-1].metadata.message_id)
        assert tuple(pages) == whole
