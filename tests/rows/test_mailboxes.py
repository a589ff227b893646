"""Rows P32 to P40: what lies in a mailbox, for how long, and for whom.

A decision that a row left open: what waits stays sealed to the certificate of the day it came (P36).
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.client_rows import ClientRow, office
from support.client.participants import Waits
from support.hubs.contract import Before, Refused, assert_refused, kept
from support.hubs.hub import TestedHub, running_hub
from support.hubs.processes import new_site, running_site
from support.hubs.pulling import (
    EMPTY,
    LEASE,
    NO_MAILBOX,
    close,
    lookalikes,
    pull,
    push,
    records,
    states,
    tracking,
)
from support.hubs.rows import Row
from support.hubs.rows import ids as ids_of
from support.keys.pki import PARTIES, identity
from support.messages.wire import (
    mpc_of,
    post,
    saldoverzoek,
)
from support.store.mailboxes import filled_store, work_of

from crypto.certificates import thumbprint_sha256
from gateway.client.outbox import OutboxState
from gateway.client.taking import Outcome
from gateway.clock import MovedClock
from gateway.ebms import names
from gateway.msh.submit import NotSubmitted, submit_test
from gateway.store.model import EvidenceKind, State
from pmodes.model import Mailbox

OLD_VERSION = {
    "administrator": {"modules": {"Schuldregeling": ["1.0", {"version": "2.0", "from": "2030-01-01"}]}}
}  # a creditor has the next version of itself, unless it says from when


async def p32(hub: TestedHub) -> None:
    """Nobody of that name; somebody who has not activated the version."""
    for receiver in ("stranger", "administrator"):
        wire = saldoverzoek("counsellor", receiver).wire()
        before = Before.of(hub)
        assert_refused(hub, wire, await post(hub, wire), NO_MAILBOX, before)


async def p33(hub: TestedHub) -> None:
    await push(hub)
    wire = saldoverzoek().wire()
    before = Before.of(hub)
    assert_refused(hub, wire, await post(hub, wire), Refused("EBMS:0021"), before)
    await close(hub, await pull(hub))
    assert (await post(hub, wire)).receipt is not None, "the same message, when there is room"


async def p34(hub: TestedHub) -> None:
    draft = await push(hub)
    (record,) = await records(hub)
    hub.clock.move(record.metadata.expires_at - hub.clock.now())
    assert (await pull(hub)).codes == EMPTY, "its term is over before anybody swept"
    await hub.running.keeper.keep()
    told = await pull(hub, "counsellor")
    assert told.user_message is not None
    assert told.user_message.action == "Statusmelding"
    (notice,) = told.plain("counsellor").values()
    assert (tracking(draft) or "").encode() in notice
    await close(hub, told, "counsellor")
    await hub.running.keeper.keep()
    assert await states(hub) == [State.REMOVED, State.REMOVED]
    hub.clock.move(timedelta(days=365))
    await hub.running.keeper.keep()
    assert (await pull(hub, "counsellor")).codes == EMPTY, "no notice about a notice"


async def p35(hub: TestedHub) -> None:
    """Every signer against every mailbox and what resembles one; the seed is fixed, the pairs are many."""
    await push(hub)
    signers = ("counsellor", "creditor", "administrator", "stranger")
    mailboxes = [mpc_of(each) for each in signers]
    chance = random.Random(20260304)
    for each in list(mailboxes):
        mailboxes += chance.sample(lookalikes(each), 6)
    before = kept(hub)
    for signer in signers:
        for mpc in mailboxes:
            answer = await pull(hub, signer, mpc=mpc)
            owns = mpc == mpc_of(signer) and signer != "stranger"
            if not owns:
                refused = "EBMS:0101" if signer == "stranger" else "EBMS:0010"
                assert answer.codes == (refused,), (signer, mpc, answer.codes)
                continue
            assert answer.codes == EMPTY if signer != "creditor" else answer.user_message is not None
    assert kept(hub) == before
    (record,) = await records(hub)
    assert record.attempts == 1


async def p37(hub: TestedHub) -> None:
    sent = [await push(hub), await push(hub, saldoverzoek(module="Schuldinventarisatie", at=hub.clock.now()))]
    pulled = [await pull(hub), await pull(hub)]
    assert [each.user_message and each.user_message.mpc for each in pulled] == [mpc_of("creditor")] * 2
    assert [each.user_message and each.user_message.service for each in pulled] == [
        each.user_message.service for each in sent
    ]


async def p38(folder: Path) -> None:
    async with (
        running_hub(folder, extra={"administrator": {"mailbox": {"quota_messages": 1}}}) as hub,
        office(hub.url, folder, "creditor", Waits(hub.clock)) as at,
    ):
        message_id = await submit_test(PARTIES["creditor"][0], hub.hub)
        draft = await push(hub)
        results = await at.pull()
        assert [each.outcome for each in results] == [Outcome.TEST, Outcome.STORED, Outcome.EMPTY]
        assert results[0].message_id == message_id
        (message,) = await at.inbox.messages()
        assert message.tracking_identifier == tracking(draft)
        assert await states(hub) == [State.RECEIPTED] * 2
        tested = (await records(hub))[0].metadata
        assert (tested.service, tested.action) == (names.TEST_SERVICE, names.TEST_ACTION)
        assert [kind for kind, _, _ in await hub.store.evidence(message_id)] == [EvidenceKind.TAKEN]
        await submit_test(PARTIES["administrator"][0], hub.hub)
        for party in (PARTIES["administrator"][0], PARTIES["stranger"][0]):
            with pytest.raises(NotSubmitted):
                await submit_test(party, hub.hub)


async def p39(folder: Path) -> None:
    """What an empty mailbox costs does not grow with the other mailboxes, nor with what waits in them."""
    async with filled_store(folder / "few", mailboxes=10) as few, filled_store(folder / "many", mailboxes=1000) as many:
        small, large = [await work_of(each) for each in (few, many)]
    assert large.plans == small.plans
    assert not [line for line in large.plans if "SCAN message" in line or "SCAN heard" in line]
    assert [line for line in large.plans if "message_stored" in line]
    assert [line for line in large.plans if "message_offerable" in line]
    assert large.steps == small.steps
    assert large.full_scan_steps == 0
    assert large.changes == 2 * 1000, "that its PullRequest counted, and the number of the commit"


async def p36(folder: Path) -> None:
    """The receiver's next certificate is registered while a message waits; the hub is another process by then."""
    both = ["creditor-encryption", "creditor-next-encryption"]
    extra = {"creditor": {"certificates": {"signing": ["creditor-signing"], "encryption": both}}}
    async with running_hub(folder) as hub:
        await push(hub)
        first = await pull(hub)
        clock = hub.clock
    clock.move(LEASE)
    async with running_hub(folder, extra=extra, clock=clock) as hub:
        again = await pull(hub)
        assert again.body == first.body
        assert list(again.plain("creditor"))
        await push(hub)
        assert [each.metadata.sealed_to for each in await records(hub)] == [
            thumbprint_sha256(each.encryption.certificate).hex()
            for each in (identity("creditor"), identity("creditor", "next"))
        ]


async def p40(folder: Path) -> None:
    """Killed before the lease is durable, after it, and while the puller has not said anything yet."""
    async with (
        running_site(new_site(folder / "site")) as hub,
        hub.desk("counsellor", folder) as sender,
        hub.desk("creditor", folder) as receiver,
    ):
        await hub.start("P3.before:1:kill")
        assert (await sender.push(hub.party("creditor"))).state is OutboxState.ACKNOWLEDGED
        assert (await receiver.pull()).outcome is Outcome.NO_ANSWER
        await hub.ended()
        await hub.start("P3.after:1:kill")
        assert (await receiver.pull()).outcome is Outcome.NO_ANSWER
        await hub.ended()
        await hub.start()
        assert (await receiver.pull()).outcome is Outcome.EMPTY, "the lease of the dead process is still open"
        await hub.process.kill()
        await hub.start(moved=LEASE)
        later = replace(receiver, means=replace(receiver.means, clock=MovedClock(offset=LEASE)))
        assert (await later.pull()).outcome is Outcome.STORED
        assert (await later.pull()).outcome is Outcome.EMPTY
        assert len(await receiver.inbox.messages()) == 1


async def pl_07(hub: TestedHub) -> None:
    sent = {tracking(await push(hub)) for _ in range(40)}
    seen: list[str | None] = []

    async def client() -> None:
        bundled = None
        while True:
            answer = await pull(hub, receipt=bundled)
            if answer.user_message is None:
                assert answer.codes == EMPTY
                return
            seen.append(tracking(answer))
            bundled = answer.receipt_of()

    await asyncio.gather(client(), client())
    assert sorted(map(str, seen)) == sorted(map(str, sent)), "each once, none twice"
    assert set(await states(hub)) == {State.RECEIPTED}


async def pl_08(hub: TestedHub) -> None:
    assert Mailbox().open_leases == 100
    sent = [tracking(await push(hub)) for _ in range(5)]
    assert [tracking(await pull(hub)) for _ in range(3)] == sent[:3]
    assert (await pull(hub)).codes == EMPTY
    hub.clock.move(LEASE)
    assert tracking(await pull(hub)) == sent[0]


TABLE = (
    Row("P32", "a message for whom there is no mailbox gets EBMS:0010 and no receipt", p32, extra=OLD_VERSION),
    Row("P33", "a full mailbox is EBMS:0021", p33, extra={"creditor": {"mailbox": {"quota_messages": 1}}}),
    Row("P34", "what nobody collected ends with its term, and its sender is told once", p34),
    Row("P35", "no message comes out of a mailbox for anybody but its owner", p35),
    Row("P37", "a mailbox gives whatever waits in it, of any P-Mode", p37),
)
PARTICIPANTS = (
    ClientRow(
        "P36", "what waits under an old certificate comes as it was sealed, the next is sealed to the new one", p36
    ),
    ClientRow("P38", "a test message is pulled and acknowledged, and not delivered", p38),
    ClientRow("P39", "polling a thousand mailboxes reads by index and writes nothing", p39),
    ClientRow("P40", "a kill around the lease loses nothing and gives nothing twice", p40),
)
VARIANTS = (
    Row("PL-07", "two clients empty one mailbox and no message is in two hands", pl_07),
    Row(
        "PL-08",
        "no more leases are open than the mailbox allows",
        pl_08,
        extra={"creditor": {"mailbox": {"open_leases": 3}}},
    ),
)
ROWS = (*ids_of(TABLE), *(each.id for each in PARTICIPANTS))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *PARTICIPANTS, *VARIANTS)])
async def test_mailbox(row: Row | ClientRow, tmp_path: Path) -> None:
    await row.run(tmp_path)
