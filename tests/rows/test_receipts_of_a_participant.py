"""Rows R08 to R17: what a participant makes of the hub's receipts, and when it gives its own.

A participant notes what was wrong with a receipt; on the wire it says nothing.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.client.client_rows import ClientRow, acknowledged, not_acknowledged, office
from support.hubs.hub_script import HubScript, Reply, Request, receipt, receipt_to, signed, silence, unsigned
from support.hubs.processes import new_site, running_site
from support.keys.pki import NOW, identity
from support.messages.bending import resign
from support.published.reference import reference
from support.published.reference_messages import http_message

from gateway.client.outbox import OutboxState
from gateway.client.push import send, send_waiting
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome
from gateway.ebms import names
from gateway.ebms.model import Messaging, PartReference


def other_digest(request: Request) -> tuple[PartReference, ...]:
    first, *rest = request.references
    return (replace(first, digest_value=bytes(32)), *rest)


def unsigned_receipt(request: Request) -> Reply:
    return unsigned(Messaging(receipt=receipt_to(request)))


def of_another_namespace(request: Request) -> Reply:
    """Signed by the hub, its NonRepudiationInformation in a namespace that is nobody's."""
    reply = signed(Messaging(receipt=receipt_to(request)))
    other = reply.body.replace(names.EBBP.encode(), b"urn:another:namespace")
    return replace(reply, body=resign(other, lambda _root: None, identity("hub").signing_key))


OASIS_SAMPLE = ("as4", "messages", "oasis", "UserMessage_No_MPC_P2P_NoWSSecurity.as4receipt.xml")
PUBLISHED_BROKEN = "negative/receipt-invalid-signature.as4"


def published_broken(_request: Request) -> Reply:
    """A receipt of another product whose signature does not hold."""
    message = http_message(PUBLISHED_BROKEN)
    return Reply(content_type=message.content_type, body=message.body)


def as_oasis_writes_it(request: Request) -> Reply:
    """The specification's own sample of a receipt without digests, about this message, signed by the hub."""
    path = reference(*OASIS_SAMPLE)
    sample_ = etree.parse(str(path)).find(f".//{{{names.EB}}}SignalMessage")
    assert sample_ is not None
    message_id = request.user_message.message_id
    sample_[0][2].text = message_id
    next(sample_.iter(f"{{{names.EB}}}UserMessage"))[0][1].text = message_id

    def like_the_sample(root: etree._Element) -> None:
        signal = next(root.iter(f"{{{names.EB}}}SignalMessage"))
        parent = signal.getparent()
        assert parent is not None
        parent.replace(signal, sample_)

    reply = signed(Messaging(receipt=receipt_to(request)))
    return replace(reply, body=resign(reply.body, like_the_sample, identity("hub").signing_key))


async def r08(folder: Path) -> None:
    reference(*OASIS_SAMPLE)  # asked here, where a skip is one: the hub that plays it only fails
    await acknowledged(as_oasis_writes_it, awareness_receipts=True)(folder / "agreed")
    await not_acknowledged(as_oasis_writes_it, "EBMS:0302")(folder / "not agreed")


async def r13(folder: Path) -> None:
    http_message(PUBLISHED_BROKEN)
    broken = receipt(bend=lambda octets: octets.replace(b"<eb:MessageId>", b"<eb:MessageId>x", 1))
    await not_acknowledged(broken, "EBMS:0101")(folder / "own")
    await not_acknowledged(published_broken, "EBMS:0103")(folder / "published")  # nor does it sign its Body
    await not_acknowledged(of_another_namespace, "EBMS:0302")(folder / "namespace")


async def r15(folder: Path) -> None:
    async with HubScript(receipt(), receipt()) as hub, office(hub.url, folder) as at:
        first = await at.push()
        again = await send(at.who, first.message_id, outbox=at.outbox, means=at.means)
        assert (first.state, again) == (OutboxState.ACKNOWLEDGED, replace(first, note=again.note))
        assert await send_waiting(at.who, outbox=at.outbox, means=at.means) == ()
        assert len(hub.requests) == 1


async def r16_receipt_first(folder: Path) -> None:
    async with HubScript(silence, receipt()) as hub, office(hub.url, folder) as at:

        async def other_sender(_seconds: float) -> None:
            assert (await at.outbox.waiting()) == ("race@tests.example",)
            await send(at.who, "race@tests.example", outbox=at.outbox, means=at.means)

        waiting = replace(at.means, wait=other_sender)
        payload = replace(at, means=waiting)
        result = await payload.push(retry=RetryPolicy(retries=1), message_id="race@tests.example")
        assert (result.state, len(hub.requests)) == (OutboxState.ACKNOWLEDGED, 2)


async def r16_expiry_first(folder: Path) -> None:
    async with HubScript(receipt()) as hub, office(hub.url, folder) as at:
        close = at.outbox.close

        async def after_the_timer(message_id: str, state: OutboxState, **said: Any) -> bool:
            assert await close(message_id, OutboxState.GIVEN_UP, at=NOW)
            return await close(message_id, state, **said)

        at.outbox.close = after_the_timer  # type: ignore[method-assign,assignment]
        result = await at.push()
        (stored,) = await at.outbox.messages()
        assert (result.state, stored.state, stored.receipt) == (OutboxState.GIVEN_UP, OutboxState.GIVEN_UP, None)


async def r16(folder: Path) -> None:
    await r16_receipt_first(folder / "receipt")
    await r16_expiry_first(folder / "expiry")


async def rc_09(folder: Path) -> None:
    for forger in ("counsellor", "creditor", "stranger"):
        forged = receipt(signer=identity(forger).signing_key)
        await not_acknowledged(forged, "EBMS:0101")(folder / forger)


async def r17(folder: Path) -> None:
    """Killed before the commit, after it, and after the receipt: what the sender holds is true each time."""
    async with running_site(new_site(folder / "site")) as hub:
        creditor = hub.party("creditor")
        async with hub.desk("counsellor", folder) as sender, hub.desk("creditor", folder) as receiver:
            for number, point in enumerate(("A8.before:1:kill", "A8.after:1:kill")):
                await hub.start(point)
                unanswered = await sender.push(creditor, message_id=f"killed-{number}@tests.example")
                assert (unanswered.state, unanswered.receipt) == (OutboxState.GIVEN_UP, None)
                await hub.ended()
            await hub.start()
            assert (await receiver.pull()).outcome is Outcome.STORED  # the second was durable, the first was nothing
            assert (await receiver.pull()).outcome is Outcome.EMPTY
            receipted = await sender.push(creditor)
            assert receipted.state is OutboxState.ACKNOWLEDGED
            await hub.process.kill()
            await hub.start()
            assert (await receiver.pull()).outcome is Outcome.STORED
            assert len(await receiver.inbox.messages()) == 2


PARTICIPANT_ROWS = (
    ClientRow("R08", "a receipt without digests is one where that was agreed, as OASIS writes it", r08),
    ClientRow(
        "R09", "a receipt with another digest is none", not_acknowledged(receipt(references=other_digest), "EBMS:0302")
    ),
    ClientRow(
        "R10",
        "a receipt that misses a part is none",
        not_acknowledged(receipt(references=lambda request: request.references[:-1]), "EBMS:0302"),
    ),
    ClientRow("R11", "an unsigned receipt is none", not_acknowledged(unsigned_receipt, "EBMS:0103")),
    ClientRow(
        "R12",
        "a receipt that another party signed is none",
        not_acknowledged(receipt(signer=identity("creditor").signing_key), "EBMS:0101"),
    ),
    ClientRow("R13", "a receipt with a broken signature or in another namespace is none", r13),
    ClientRow(
        "R14",
        "a receipt for a message that was not sent is none",
        not_acknowledged(receipt(ref_to_message_id="unknown@tests.example"), "EBMS:0302"),
    ),
    ClientRow("R15", "after its receipt a message is sent no more, and its outcome stays", r15),
    ClientRow("R16", "a receipt at the moment of giving up makes exactly one outcome", r16),
    ClientRow("R17", "a receipt leaves only after the message is durable", r17),
)
FORGED = (ClientRow("RC-09", "nobody forges the hub's receipt", rc_09),)

ROWS = tuple(each.id for each in PARTICIPANT_ROWS)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in (*PARTICIPANT_ROWS, *FORGED)])
async def test_receipts_of_a_participant(row: ClientRow, tmp_path: Path) -> None:
    await row.run(tmp_path)
