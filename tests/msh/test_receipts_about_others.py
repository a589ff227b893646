"""A receipt about a message in another mailbox and one about no message get one answer and cost the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.messages.operations import counted_operations
from support.messages.wire import Reply, Wire, new_id, post, pull_request, saldoverzoek


def about_nothing(reply: Reply) -> Reply:
    """The same message under an id that was never given."""
    assert reply.messaging is not None
    assert reply.user_message is not None
    other = replace(reply.messaging, user_message=replace(reply.user_message, message_id=new_id()))
    return replace(reply, messaging=other)


def forged(wire: Wire) -> Wire:
    """With a signature value that nobody made."""
    at = wire.body.index(b"<ds:SignatureValue>") + 19
    return replace(wire, body=wire.body[:at] + (b"B" if wire.body[at : at + 1] != b"B" else b"C") + wire.body[at + 1 :])


@pytest.mark.parametrize("signer", ["counsellor", "creditor"])
async def test_one_public_key_operation_whether_there_is_such_a_message_or_not_SR_05(
    signer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, saldoverzoek().wire())).receipt is not None
        pulled = await post(hub, pull_request())
        operations = counted_operations(monkeypatch)
        replies, counts = [], []
        for about in (pulled, about_nothing(pulled)):
            operations.clear()
            replies.append(await post(hub, forged(about.receipt_wire(signer))))
            counts.append(len(operations))
    assert [(each.status, each.codes) for each in replies] == [(200, ("EBMS:0302",))] * 2
    assert len({each.error.errors[0].description for each in replies if each.error}) == 1
    assert counts == [2, 2], "one by the hub, one by whoever read its answer"
