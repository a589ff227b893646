"""What only a store on PostgreSQL meets: other nodes, and a server that promises less, ends, goes back or is silent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.store import databases
from support.store.engines import ENGINES
from support.store.postgres import PostgresServer, server_of_its_own
from support.store.store_samples import (
    RECEIVER,
    START,
    accept,
    acceptance_for,
    found_again,
    parts_of,
    pull,
    read_whole,
    receipt_sample,
    sealed_message,
)

from gateway.postgres import read_address
from gateway.storage import DatabaseRefused
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.model import (
    Accepted,
    DeskFull,
    DeskLease,
    DeskRequest,
    Duplicate,
    Empty,
    MessageFilter,
    Offer,
    QuotaExceeded,
    ReceiptOutcome,
    Replayed,
)
from gateway.store.postgres.seen import SEEN_NAME
from gateway.store.postgres.statements import SQL
from gateway.store.postgres.store import PostgresStore
from gateway.store.rules.desk import HELD_BY_PERSON

Node = Callable[[str], Awaitable[PostgresStore]]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    """Opens a node of one database, by its name."""
    opened: list[PostgresStore] = []
    databases.place(tmp_path / "one")

    async def open_node(name: str) -> PostgresStore:
        address = read_address(databases.url_of(tmp_path / "one"))
        opened.append(await PostgresStore.open(tmp_path / name, address=address, moment=lambda: START))
        return opened[-1]

    yield open_node
    for each in opened:
        await each.aclose()


async def nodes(node: Node) -> tuple[PostgresStore, PostgresStore]:
    return await node("one"), await node("two")


# --- several nodes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [500, 100_000], ids=["small", "large"])
@pytest.mark.parametrize("sealed_as", ["one", "several"])
async def test_copies_of_a_message_at_two_nodes_at_once_are_one_RP_02(node: Node, octets: int, sealed_as: str) -> None:
    """Each copy is sealed by itself, under a MessageId of its own."""
    both, acceptance = await nodes(node), acceptance_for(sealed_message(1))
    copies = [
        sealed_message(1, **({"message_id": f"leg2-{number}@hub.example"} if sealed_as == "several" else {}))
        for number in range(6)
    ]
    outcomes = await asyncio.gather(
        *(accept(both[n % 2], each, parts_of(1, octets), acceptance=acceptance) for n, each in enumerate(copies))
    )
    assert outcomes.count(Accepted()) == 1
    assert len(await both[0].messages(MessageFilter())) == 1
    assert outcomes.count(Duplicate(found_again(acceptance, acceptance.receipt))) == 5


async def test_nodes_that_pull_at_once_share_no_message_and_pass_no_limit_PL_07(node: Node) -> None:
    one, two = await nodes(node)
    for number in range(1, 9):
        await accept(one, sealed_message(number))
    pulls = [each.lease(pull(f"{index}", open_leases=5)) for index in range(5) for each in (one, two)]
    # two nodes, the same PullRequests: each counts once
    offers = [each for each in await asyncio.gather(*pulls) if isinstance(each, Offer)]
    assert {each.message_id for each in offers} == {f"leg2-{number}@hub.example" for number in range(1, 6)}
    more = await asyncio.gather(
        *(each.lease(pull(f"more {index}", open_leases=6)) for index in range(4) for each in (one, two))
    )
    assert len({each.message_id for each in more if isinstance(each, Offer)}) == 1


async def test_messages_that_come_at_once_do_not_pass_a_quota(node: Node) -> None:
    one, two = await nodes(node)
    outcomes = await asyncio.gather(
        *(accept((one, two)[number % 2], sealed_message(number), quota_messages=3) for number in range(8))
    )
    assert outcomes.count(Accepted()) == 3
    assert outcomes.count(QuotaExceeded()) == 5


async def test_two_signings_of_a_message_at_once_keep_one_receipt_each(node: Node) -> None:
    one, two = await nodes(node)
    await accept(one, sealed_message(1))
    key, receipt = acceptance_for(sealed_message(1)).key, receipt_sample("leg1-1@sender.example", b"anew")
    kept = await asyncio.gather(*(each.keep_receipt(key, receipt, most=8) for each in (one, two)))
    assert kept == [receipt, receipt]
    assert len(await one.evidence("leg2-1@hub.example")) == 2


async def test_a_person_at_two_nodes_has_no_more_open_than_at_one(node: Node) -> None:
    both = await nodes(node)
    for number in range(8):
        await accept(both[0], sealed_message(number))
    requests = [DeskRequest(message_id=f"leg2-{n}@hub.example", party=RECEIVER, person="ann") for n in range(8)]
    outcomes = await asyncio.gather(*(both[n % 2].open_at_desk(each) for n, each in enumerate(requests)))
    assert sum(isinstance(each, DeskLease) for each in outcomes) == HELD_BY_PERSON
    assert sum(isinstance(each, DeskFull) for each in outcomes) == 3


async def test_a_pull_request_that_comes_again_at_the_other_node_is_the_same_or_a_replay_PL_04_PL_09(
    node: Node,
) -> None:
    one, two = await nodes(node)
    for number in (1, 2):
        await accept(one, sealed_message(number))
    offer = await one.lease(pull(1))
    again = await two.lease(pull(1))
    assert isinstance(offer, Offer)
    assert isinstance(again, Offer)
    assert again.message_id == offer.message_id
    await two.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    assert await one.lease(pull(1)) == Replayed()


async def test_an_error_counts_once_at_both_nodes_together_SR_08(node: Node) -> None:
    one, two = await nodes(node)
    await accept(one, sealed_message(1))
    offer = await one.lease(pull(1))
    assert isinstance(offer, Offer)
    counted = await asyncio.gather(
        *(
            each.record_error(offer.message_id, party=RECEIVER, code="EBMS:0004", error_id="error", said_at=START)
            for each in (one, two, one, two)
        )
    )
    assert sorted(counted) == [False, False, False, True]


async def test_a_receipt_at_both_nodes_at_once_closes_once_RC_04(node: Node) -> None:
    both = await nodes(node)
    await accept(both[0], sealed_message(1))
    await both[0].lease(pull(1))
    outcomes = await asyncio.gather(
        *(each.close("leg2-1@hub.example", party=RECEIVER, receipt=b"<r/>") for each in both)
    )
    assert sorted(outcomes) == [ReceiptOutcome.CLOSED, ReceiptOutcome.REPEATED]


async def test_no_arrival_is_missed_of_two_that_commit_in_another_order(node: Node, tmp_path: Path) -> None:
    """The first has its row and no commit when the second is seen."""
    one, two = await nodes(node)
    await accept(one, sealed_message(9))
    seen = (await one.arrivals(after=None)).seen
    connection = await asyncpg.connect(databases.url_of(tmp_path / "one"), server_settings={"search_path": "knooppunt"})
    begun = connection.transaction()
    await begun.start()
    columns = [each["attname"] for each in await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'message'::regclass AND attnum > 1 AND NOT attisdropped"
    )]  # fmt: skip
    copied = ", ".join("'early'" if each == "message_id" else each for each in columns)
    await connection.execute(f"INSERT INTO message ({', '.join(columns)}) SELECT {copied} FROM message")
    await accept(two, sealed_message(2))
    first = await one.arrivals(after=seen)
    await begun.commit()
    await connection.close()
    second = await two.arrivals(after=first.seen)
    assert [each.metadata.message_id for each in first.records] == ["leg2-2@hub.example"]
    assert [each.metadata.message_id for each in second.records] == ["early"]


# --- time ---------------------------------------------------------------------------------------------------------


async def test_the_time_is_the_databases_FA_17(tmp_path: Path) -> None:
    databases.place(tmp_path / "data")
    store = await PostgresStore.open(tmp_path / "data", address=read_address(databases.url_of(tmp_path / "data")))
    now = datetime.now(UTC)
    await accept(store, sealed_message(1, at=now))
    before = datetime.now(UTC)
    offer = await store.lease(pull(1, said_at=before))
    assert isinstance(offer, Offer)
    assert timedelta() <= offer.lease_until - timedelta(seconds=900) - before < timedelta(minutes=1)
    await store.aclose()


# --- the server ---------------------------------------------------------------------------------------------------

UNPROMISED = {
    "fsync = off": "fsync is off, and so what it calls committed may never reach its disk; set it to on",
    "full_page_writes = off": "full_page_writes is off",
    "synchronous_commit = off": "synchronous_commit is off, and so it calls committed what is not on its disk yet",
    "synchronous_commit = local": "synchronous_commit is local",
}


@pytest.fixture(scope="module")
def own_server() -> Any:
    with server_of_its_own() as server:
        yield server


@pytest.mark.parametrize("setting", UNPROMISED)
async def test_a_server_that_may_lose_what_it_committed_is_refused(
    own_server: PostgresServer, tmp_path: Path, setting: str
) -> None:
    own_server.run(f"ALTER SYSTEM SET {setting}", "SELECT pg_reload_conf()")
    try:
        with own_server.database() as url, pytest.raises(DatabaseRefused) as refused:
            await _opened_when_reloaded(tmp_path / "data", url)
        assert UNPROMISED[setting] in str(refused.value)
    finally:
        own_server.run("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


async def _opened_when_reloaded(path: Path, url: str) -> None:
    """The server reads its settings anew a moment after it was told to."""
    for _ in range(100):
        await (await PostgresStore.open(path, address=read_address(url))).aclose()
        await asyncio.sleep(0.01)


async def test_a_server_that_was_killed_has_all_that_was_promised_and_is_found_again_FA_10(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    with own_server.database() as url:
        store = await PostgresStore.open(tmp_path / "data", address=read_address(url), moment=lambda: START)
        await accept(store, sealed_message(1), parts_of(1, 100_000))
        assert store.away is None
        own_server.kill()
        with pytest.raises(StoreUnavailable):
            await store.lease(pull(1))
        with pytest.raises(StoreUnavailable):
            await store.messages(MessageFilter())
        assert store.away is not None
        own_server.start()
        offer = await store.lease(pull(1))
        assert store.away is None
        assert isinstance(offer, Offer)
        assert parts_of(1, 100_000) in await read_whole(store, offer)
        await store.aclose()
        again = await PostgresStore.open(tmp_path / "data", address=read_address(url), moment=lambda: START)
        assert again.doubt is None
        await again.aclose()


@pytest.mark.parametrize("committed", [True, False])
async def test_a_commit_that_nobody_answered_is_unknown_and_never_a_refusal_G9(
    node: Node, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    store = await node("one")
    real = asyncpg.Connection.execute

    async def lost(self: Any, query: str, *arguments: Any, **named: Any) -> Any:
        if query != "COMMIT":
            return await real(self, query, *arguments, **named)
        if committed:
            await real(self, query)
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "execute", lost)
        with pytest.raises(OutcomeUnknown):
            await accept(store, sealed_message(1))
    acceptance = acceptance_for(sealed_message(1))
    known = Duplicate(found_again(acceptance, acceptance.receipt))
    assert await accept(store, sealed_message(1)) == (known if committed else Accepted())


async def test_a_caller_that_gave_up_breaks_no_transaction(node: Node) -> None:
    store = await node("one")
    task = asyncio.ensure_future(accept(store, sealed_message(1)))
    async with asyncio.timeout(10):
        while not store._database._under_way:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait(store._database._under_way)
    assert isinstance(await accept(store, sealed_message(1)), Duplicate)


# --- the database -------------------------------------------------------------------------------------------------


async def test_a_database_that_went_back_or_was_copied_is_named_and_not_served(tmp_path: Path) -> None:
    for key, value, why in (
        ("server", "another", "it lies in another server"),
        ("position", 1 << 60, "octets of its log, and this node saw 1152921504606846976"),
        ("generation", 7, "it is of generation 1, and this node saw generation 7"),
    ):
        path = tmp_path / key
        store = await ENGINES["postgres"].open(path)
        await accept(store, sealed_message(1))
        await store.aclose()
        seen = json.loads((path / SEEN_NAME).read_text())
        (path / SEEN_NAME).write_text(json.dumps(seen | {key: value}))
        store = await ENGINES["postgres"].open(path)
        assert why in store.doubt
        with pytest.raises(StoreUnavailable, match="went back"):
            await store.lease(pull(1))
        assert len(await store.messages(MessageFilter())) == 1
        await store.aclose()


async def test_a_schema_of_somebody_else_or_of_a_newer_program_is_left_as_it_is(tmp_path: Path) -> None:
    for name, statement, why in (
        ("foreign", "CREATE TABLE theirs (x int); DROP TABLE made_by", "holds tables that are not knooppunt store's"),
        ("other", "UPDATE made_by SET program = 'billing'", "are those of billing, not knooppunt store's"),
        ("newer", "UPDATE made_by SET version = version + 1", "was written by a newer version of this program"),
    ):
        databases.place(tmp_path / name)
        databases.run(tmp_path / name, lambda connection, said=statement: connection.execute(said))
        with pytest.raises(DatabaseRefused, match=why):
            await ENGINES["postgres"].open(tmp_path / name)


async def test_an_empty_answer_counts_too_PL_09(node: Node) -> None:
    """The same PullRequest at two nodes at once, and nothing waits."""
    outcomes = await asyncio.gather(*(each.lease(pull(1)) for each in await nodes(node)))
    assert sorted(isinstance(each, Empty) and each.repeated for each in outcomes) == [False, True]


# --- plans --------------------------------------------------------------------------------------------------------

LOOKUPS = [
    ("find_question", "message_open_reference"),
    ("find_question", "message_reference"),
    ("find_answered", "message_open_reference"),
    ("find_waived", "message_open_conversation"),
    ("find_waiver", "message_conversation"),
    ("find_offerable", "message_stored"),
    ("find_offerable", "message_offerable"),
    ("count_open_leases", "message_leased"),
    ("count_held", "message_held"),
    ("find_due", "message_due"),
    ("find_final", "message_final"),
    ("list_waiting", "message_waiting_for"),
    ("count_waiting", "message_waiting_for"),
    ("list_sent", "message_sent"),
    ("list_answers", "message_conversation"),
    ("list_unanswered", "message_unanswered"),
    ("forget_signer", "acceptance_signer"),
    ("forget_certificate", "signer_certificate"),
]


SEVERAL = """
INSERT INTO message (
    message_id, received_message_id, kind, sender, original_sender, receiver, final_recipient, mpc, service, action,
    conversation_id, tracking_identifier, question, accepted_at, expires_at, sealed_to, size_octets, sha256, state,
    lease_token, lease_until, offerable_at, attempts, desk_holder, closed_at, answered_at
)
SELECT n, n, 'message', n % 500, n % 500, n % 40, n % 40, n % 40, 's', n % 4, n, n, n % 2, n, n, 'c', 1, '', CASE n % 5
    WHEN 0 THEN 'stored' WHEN 1 THEN 'offered' WHEN 2 THEN 'receipted' WHEN 3 THEN 'expired' ELSE 'offered' END,
    CASE WHEN n % 5 IN (1, 4) THEN 't' END, CASE WHEN n % 5 IN (1, 4) THEN n END, CASE WHEN n % 5 IN (1, 4) THEN n END,
    1, CASE WHEN n % 5 = 4 THEN (n % 90)::text END, CASE WHEN n % 5 IN (2, 3) THEN n END, CASE WHEN n % 3 = 0 THEN n END
FROM generate_series(1, 4000) AS n
"""


def test_a_lookup_goes_by_its_index_whatever_it_is_given(tmp_path: Path) -> None:
    """By the plan that PostgreSQL makes once for all values, of a table with something in it."""
    databases.place(tmp_path / "data")

    async def plans(connection: asyncpg.Connection) -> dict[str, str]:
        await connection.execute("SET session_replication_role = replica; SET plan_cache_mode = force_generic_plan")
        await connection.execute(SEVERAL)
        await connection.execute("ANALYZE; SET enable_seqscan = off")  # for the other tables, which are empty
        found = {}
        for name in {each for each, _ in LOOKUPS}:
            await connection.execute(f"PREPARE {name} AS {SQL[name].text}")
            nothing = ", ".join(["NULL"] * len(SQL[name].names))
            rows = await connection.fetch(f"EXPLAIN EXECUTE {name} ({nothing})")
            found[name] = "\n".join(row[0] for row in rows)
        return found

    planned = databases.run(tmp_path / "data", plans, role="postgres")
    missed = [f"{name} by {index}: {planned[name]}" for name, index in LOOKUPS if f" {index} " not in planned[name]]
    assert not missed, "\n".join(missed)
