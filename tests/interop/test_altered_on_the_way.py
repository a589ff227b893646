"""Messages altered on their way, over sockets: the hub refuses them and keeps nothing, the client takes none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from interop.alterations import ALTERATIONS, NotApplicable, written_anew
from interop.oracles import WireMessage
from interop.product import payload, scene, sent_by
from interop.recorder import Passed
from support.messages.wire import Wire, post

from gateway.client.taking import Outcome
from gateway.store.model import MessageFilter

REFUSALS = {"EBMS:0003", "EBMS:0101", "EBMS:0102", "EBMS:0103"}
# A signal names its sender by its certificate alone, and every fault of a receipt is one error.
SIGNAL_REFUSALS = REFUSALS | {"EBMS:0010", "EBMS:0302"}


async def test_the_hub_refuses_every_alteration_of_a_push_and_then_takes_the_message_itself(tmp_path: Path) -> None:
    async with scene(tmp_path / "one") as one, one.client("counsellor") as counsellor:
        await counsellor.push(payload())
        pushed = sent_by("counsellor", one.recorder.exchanges[0][0], to="hub")
    async with scene(tmp_path / "two") as two:
        for name, alteration in ALTERATIONS.items():
            altered = alteration(pushed)
            reply = await post(two.hub, Wire(content_type=altered.content_type, body=altered.body))
            assert reply.codes, name
            assert set(reply.codes) <= REFUSALS, (name, reply.codes)
        assert await two.hub.store.messages(MessageFilter()) == ()
        reply = await post(two.hub, Wire(content_type=pushed.content_type, body=written_anew(pushed).body))
        assert reply.receipt is not None


@pytest.mark.parametrize("kind", ["pull request", "receipt of the client", "receipt with a pull request"])
async def test_the_hub_gives_nothing_for_an_altered_signal(
    every_kind: Mapping[str, WireMessage], kind: str, tmp_path: Path
) -> None:
    async with scene(tmp_path) as here, here.client("counsellor") as counsellor:
        await counsellor.push(payload())
        for name, alteration in ALTERATIONS.items():
            try:
                altered = alteration(every_kind[kind])
            except NotApplicable:
                continue
            reply = await post(here.hub, Wire(content_type=altered.content_type, body=altered.body))
            assert reply.user_message is None, name
            assert reply.codes, name
            assert set(reply.codes) <= SIGNAL_REFUSALS, (name, reply.codes)


async def test_the_client_takes_no_altered_message_and_then_takes_the_message_itself(tmp_path: Path) -> None:
    async with (
        scene(tmp_path) as here,
        here.client("counsellor") as counsellor,
        here.client("creditor") as creditor,
    ):
        await counsellor.push(payload())
        for name, alteration in ALTERATIONS.items():
            here.recorder.alter_answer = altering(alteration)
            pulled = await creditor.pull()
            assert pulled.outcome in (Outcome.NOT_TAKEN, Outcome.NO_ANSWER), name
            assert await creditor.inbox.next() is None, name
            here.hub.clock.move(timedelta(minutes=20))
        here.recorder.alter_answer = lambda answer: answer
        assert (await creditor.pull()).outcome is Outcome.STORED


def altering(alteration: Callable[[WireMessage], WireMessage]) -> Callable[[Passed], Passed]:
    """Changes user messages on their way to the client and lets everything else through."""

    def alter(answer: Passed) -> Passed:
        if b"UserMessage" not in answer.body:
            return answer
        altered = alteration(sent_by("hub", answer, to="creditor"))
        return Passed(altered.content_type, altered.body, answer.status)

    return alter
