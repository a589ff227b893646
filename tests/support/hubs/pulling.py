"""What the rows on pulling do again and again: push into a mailbox, pull from it, close, and look."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from lxml import etree
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.rows import refuse_one, sent_of
from support.messages.wire import (
    Draft,
    Reply,
    Wire,
    post,
    pull_request,
    saldoverzoek,
)

from gateway.ebms import names
from gateway.ebms.model import ErrorEntry
from gateway.store.model import MessageFilter, MessageRecord, State

LEASE = timedelta(minutes=15)
NO_MAILBOX = Refused("EBMS:0010")  # one answer for every mailbox that is not the signer's
EMPTY = ("EBMS:0006",)
SECOND = timedelta(seconds=1)


async def push(hub: TestedHub, draft: Draft | None = None) -> Draft:
    """Put a message into the creditor's mailbox, or wherever the draft says."""
    draft = draft or saldoverzoek(at=hub.clock.now())
    answer = await post(hub, draft.wire())
    assert answer.receipt is not None, answer.codes
    return draft


async def pull(hub: TestedHub, name: str = "creditor", **said: Any) -> Reply:
    """A fresh PullRequest of that party on its own mailbox."""
    return await post(hub, pull_request(name, at=hub.clock.now(), **said))


async def close(hub: TestedHub, pulled: Reply, name: str = "creditor") -> None:
    """The receipt of that party for what it pulled."""
    assert (await post(hub, pulled.receipt_wire(name, at=hub.clock.now()))).status == 204


async def records(hub: TestedHub) -> list[MessageRecord]:
    """Every message, in the order of acceptance."""
    return list(reversed(await hub.store.messages(MessageFilter())))


async def states(hub: TestedHub) -> list[State]:
    """The state of every message, in the order of acceptance."""
    return [each.state for each in await records(hub)]


def tracking(found: Draft | Reply) -> str | None:
    """The reference of a message on either leg."""
    assert found.user_message is not None
    return found.user_message.property(names.TRACKING_IDENTIFIER)


async def refuse(hub: TestedHub, wire: Wire, expected: Refused) -> ErrorEntry:
    """Refused by the whole contract, and nothing is leased; the error that came."""
    before = await states(hub)
    wire = wire if wire.message_id else replace(wire, message_id=message_id_in(wire.body))
    reply = await refuse_one(hub, sent_of(wire), expected)
    assert await states(hub) == before
    assert reply.error is not None
    return reply.error.errors[0]


def message_id_in(envelope: bytes) -> str:
    """The MessageId of the first unit."""
    return next(etree.fromstring(envelope).iter(f"{{{names.EB}}}MessageId")).text or ""


def same_but_for_ids(entries: list[ErrorEntry]) -> bool:
    """Whether errors differ in nothing but the message that they are about."""
    return len({replace(each, ref_to_message_in_error=None) for each in entries}) == 1


def lookalikes(mpc: str) -> tuple[str, ...]:
    """Names that careless comparison takes for this mailbox."""
    return (
        mpc[:-1],
        mpc + "0",
        mpc + "/",
        mpc + "/a",
        mpc + "/../" + mpc.rpartition(":")[2],
        mpc.upper(),
        mpc.replace("urn", "URN"),
        mpc.replace("knooppunt", "Knooppunt"),
        mpc.replace("mpc:", "mpc:%30", 1).replace("%300", "%30", 1),
        mpc.replace("mpc", "%6dpc"),
        mpc + "?",
        mpc + "#",
        mpc.replace("urn:knooppunt:mpc", "urn:knooppunt:mpc:"),
        mpc + ":000000000011",
        mpc.replace("0", "\N{FULLWIDTH DIGIT ZERO}", 1),
        mpc + "\N{ZERO WIDTH SPACE}",
        mpc.rpartition(":")[0],
        mpc.rpartition(":")[2],
    )
