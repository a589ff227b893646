"""A signature that does not hold tells nothing: neither of who takes part nor of what was accepted (SR-05)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.hubs.repeating import answer, configured
from support.keys.pki import NOW, identity
from support.messages.operations import counted_operations
from support.messages.signing_anew import phase4, signed_anew
from support.messages.wire import Draft, party, post, saldoverzoek

from gateway.store.interface import Store
from pmodes.configuration import Configuration

OWN = re.compile(rb"(<[^<>]*(?:MessageId|Timestamp|DigestValue|SignatureValue)>)[^<]*|(\b(?:\w+:)?Id|URI)=\"[^\"]*\"")
FLUSHED = "flushed"  # the barrier before any answer; it reads nothing


class CountedStore:
    """The store of a hub, which counts whatever is asked of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> object:
        self.asked[name] += 1
        return getattr(self._store, name)


def said_by(draft: Draft, name: str) -> Draft:
    return draft.saying(from_party=replace(party(name), role=draft.user_message.from_party.role))


WHO: dict[str, tuple[Callable[[Draft], Draft], Callable[[], Configuration]]] = {
    "known": (lambda draft: draft, configured),
    "spoken to otherwise": (lambda draft: draft, lambda: configured(language="nl", key_reference="ski")),
    "removed": (lambda draft: draft, lambda: configured(without="counsellor")),
    "suspended": (lambda draft: draft, lambda: configured(suspended=True)),
    "unknown": (lambda draft: said_by(draft, "stranger"), configured),
    "in another role": (
        lambda draft: draft.saying(from_party=replace(draft.user_message.from_party, role="urn:role:other")),
        configured,
    ),
}


async def test_known_removed_and_unknown_accepted_or_not_get_one_answer_for_one_operation_and_no_read_SR_05(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Octet for octet but for what every envelope has of its own; the time is that of one public-key operation."""
    answers = {}
    async with running_hub(tmp_path) as hub:
        accepted, fresh = saldoverzoek(), saldoverzoek()
        await post(hub, accepted.wire())
        store = CountedStore(hub.store)
        within = replace(hub.hub, store=store)  # type: ignore[arg-type]
        operations = counted_operations(monkeypatch)
        for name, (saying, under) in WHO.items():
            for draft in (accepted, fresh):
                sent = saying(draft)
                wire = signed_anew(sent, phase4(), identity("counsellor"), at=NOW)
                broken = replace(wire, body=wire.body.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA"))
                forged = signed_anew(sent, phase4(), identity("stranger"), at=NOW)
                for each in (broken, forged):
                    operations.clear()
                    reply = await answer(hub, each, under=under(), within=within)
                    assert len(operations) == 2, "one by the hub, one by whoever read its answer"
                    assert reply.codes == ("EBMS:0101",)
                    told = OWN.sub(rb"\1\2", reply.body).replace(sent.user_message.message_id.encode(), b"")
                    answers[reply.status, told] = (name, draft is accepted, each is forged)
        assert len(answers) == 1, answers
        assert set(store.asked) <= {FLUSHED}, store.asked
