"""The shape of a table of rows, and what is done with one: send it over a socket to a hub of its own, and judge.

    Row("T06", "a start that names no part is refused", refused(unreadable(), dangling_start)),

A stimulus makes what is sent; an outcome (`taken`, `delivered`, `refused`) sends each of its stimuli and judges the
answer. What does not fit that shape is an `async def` of the hub, named for its row.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.hubs.contract import Before, Refused, assert_next_is_taken, assert_refused
from support.hubs.hub import TestedHub, patient, running_hub
from support.messages.wire import Draft, Reply, Wire, post, pull_request, saldoverzoek

from gateway.ebms import names
from gateway.limits import EdgeLimits, Limits

Act = Callable[[TestedHub], Awaitable[None]]
Extra = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What goes over the socket, and the draft behind it, whose payload has to come out at the other end."""

    wire: Wire
    draft: Draft | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Stimulus = Callable[[], "Sent | Wire | Draft"]


@dataclass(frozen=True, slots=True)
class Judged:
    """An act that sends stimuli and judges each alone; `cases` are for another reader: whether each is taken."""

    act: Act
    cases: tuple[tuple[Stimulus, bool], ...]

    async def __call__(self, hub: TestedHub) -> None:
        await self.act(hub)

    @classmethod
    def all_of(cls, act: Act, stimuli: Iterable[Stimulus], *, taken: bool) -> Judged:
        """The same becomes of all of them."""
        return cls(act, tuple((each, taken) for each in stimuli))


def cases_of(act: Act) -> tuple[tuple[Stimulus, bool], ...]:
    """The stimuli of an act, and whether each is taken; none for one that does something else than send and judge."""
    return act.cases if isinstance(act, Judged) else ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its id, what it asks for in one sentence, and what is done and expected."""

    id: str
    says: str
    act: Act
    extra: Extra | Callable[[], Extra] | None = None  # keys of the P-Mode files, by the organisation's name
    limits: Limits | None = None
    edge_limits: EdgeLimits | None = None

    async def run(self, folder: Path) -> None:
        """Act on a hub of its own."""
        extra = self.extra() if callable(self.extra) else self.extra
        async with running_hub(folder, extra=extra, limits=self.limits, edge_limits=patient(self.edge_limits)) as hub:
            try:
                await self.act(hub)
            except BaseException as failed:
                failed.add_note(f"{self.says}; the log ends with {hub.log.lines[-3:]}")
                raise
            assert not hub.log.of("defect"), hub.log.of("defect")


def ids(rows: tuple[Row, ...]) -> tuple[str, ...]:
    """The ids of a table."""
    return tuple(each.id for each in rows)


def sent_of(made: Sent | Wire | Draft) -> Sent:
    """What a stimulus made, ready to go."""
    if isinstance(made, Draft):
        return Sent(wire=made.wire(), draft=made)
    return Sent(wire=made) if isinstance(made, Wire) else made


async def send(hub: TestedHub, sent: Sent) -> Reply:
    """Post it."""
    return await post(hub, sent.wire, headers=sent.headers)


def assert_receipted(sent: Sent, reply: Reply) -> None:
    """A signed receipt for this message, over HTTP 200, that repeats what was signed."""
    assert reply.receipt is not None, (reply.status, reply.codes, reply.body[:500])
    assert (reply.status, reply.verified is not None) == (200, True)
    assert reply.receipt.ref_to_message_id == sent.wire.message_id
    if sent.wire.references:
        assert reply.receipt.references == sent.wire.references


def taken(*stimuli: Stimulus) -> Act:
    """Each is answered with a receipt."""

    async def act(hub: TestedHub) -> None:
        for each in stimuli:
            sent = sent_of(each())
            assert_receipted(sent, await send(hub, sent))

    return Judged.all_of(act, stimuli, taken=True)


def delivered(*stimuli: Stimulus) -> Act:
    """Each is answered with a receipt, and its parts come out of the creditor's mailbox octet for octet, in order."""

    async def act(hub: TestedHub) -> None:
        for each in stimuli:
            sent = sent_of(each())
            assert_receipted(sent, await send(hub, sent))
            await assert_delivered(hub, sent)

    return Judged.all_of(act, stimuli, taken=True)


async def assert_delivered(hub: TestedHub, sent: Sent) -> Reply:
    """Pull the message that was sent, hold its parts against the draft's, and close it."""
    assert sent.draft is not None
    reference = sent.draft.user_message.property(names.TRACKING_IDENTIFIER)
    pulled = await post(hub, pull_request())
    assert pulled.user_message is not None, pulled.codes
    while pulled.user_message.property(names.TRACKING_IDENTIFIER) != reference:  # an earlier one stays leased
        pulled = await post(hub, pull_request())
        assert pulled.user_message is not None, pulled.codes
    opened = pulled.plain("creditor")
    assert [opened[each.content_id] for each in sent.draft.parts] == [each.octets for each in sent.draft.parts]
    assert (await post(hub, pulled.receipt_wire("creditor"))).status == 204
    return pulled


def refused(expected: Refused, *stimuli: Stimulus, good: Callable[[], Draft] = saldoverzoek) -> Act:
    """Each is refused so, by the whole reject contract; after them `good` is taken."""

    async def act(hub: TestedHub) -> None:
        for each in stimuli:
            await refuse_one(hub, sent_of(each()), expected)
        await assert_next_is_taken(hub, good)

    return Judged.all_of(act, stimuli, taken=False)


async def refuse_one(hub: TestedHub, sent: Sent, expected: Refused) -> Reply:
    """Send it and hold the refusal against the contract."""
    before = Before.of(hub)
    reply = await send(hub, sent)
    assert_refused(hub, sent.wire, reply, expected, before)
    return reply


def both(*acts: Act) -> Act:
    """One after the other, on one hub."""

    async def act(hub: TestedHub) -> None:
        for each in acts:
            await each(hub)

    return Judged(act, tuple(case for each in acts for case in cases_of(each)))
