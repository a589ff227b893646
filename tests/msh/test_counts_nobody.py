"""What leaves the hub, or a participant, tells nobody how much else left before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from lxml import etree
from support.hubs.hub import modules_for, running_hub
from support.hubs.pulling import close, pull, push
from support.hubs.repeating import answer
from support.keys.pki import NOW, identity
from support.messages.wire import Wire, post, saldoverzoek

from crypto import names as security_names
from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA
from gateway.ebms.model import Messaging, PullRequest
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.ebms.pack import signed_envelope
from gateway.msh.later import RetryAfter


def ids_in(envelope: bytes) -> list[str]:
    """Every id of an element, in the order in which they stand."""
    names = ("Id", "ID", "id", security_names.WSU_ID)
    return [value for each in etree.fromstring(envelope).iter() for name in names if (value := each.get(name))]


def drawn_from_nothing_shared(said: Sequence[list[str]]) -> bool:
    """Whether the ids of one kind of envelope are those of any other of that kind."""
    return bool(said[0]) and all(each == said[0] for each in said)


async def test_ids_in_an_answer_do_not_count_what_others_sent(tmp_path: Path) -> None:
    unreadable = Wire(content_type=SOAP_XML_UTF8, body=b"<x", envelope=b"")
    async with running_hub(tmp_path) as hub:
        errors, receipts, messages = [], [], []
        for _ in range(2):
            errors.append(ids_in((await post(hub, unreadable)).body))
            receipts.append(ids_in((await post(hub, saldoverzoek(at=hub.clock.now()).wire())).body))
            await push(hub)
            for _ in range(2):
                pulled = await pull(hub)
                messages.append(ids_in(re.sub(rb"(?s)^.*?(<S12:Envelope.*?</S12:Envelope>).*$", rb"\1", pulled.body)))
                await close(hub, pulled)
    assert drawn_from_nothing_shared(errors), errors
    assert drawn_from_nothing_shared(receipts), receipts
    assert drawn_from_nothing_shared(messages), messages


def test_ids_of_a_participant_do_not_count_what_it_sent() -> None:
    signal = Messaging(pull_request=PullRequest(message_id="a@b.example", timestamp=NOW, mpc="urn:x"))
    made = [
        signed_envelope(
            signal,
            key=identity("creditor").signing_key,
            suite=AS4_1_15_RSA,
            key_reference=KeyReference.TOKEN,
        ).envelope
        for _ in range(2)
    ]
    assert drawn_from_nothing_shared([ids_in(each) for each in made])


async def test_how_long_others_could_not_send_to_a_receiver_is_not_told_by_the_wait(tmp_path: Path) -> None:
    extra = {
        "creditor": {"certificates": {"signing": ["creditor-signing"], "encryption": ["creditor-expired-encryption"]}},
        "administrator": {"roles": ["shv-fase-2"], "modules": modules_for(["shv-fase-2"])},
    }
    async with running_hub(tmp_path, extra=extra) as hub:
        waits = RetryAfter(hub.clock, first_seconds=60, chance=lambda: 0.5)
        within = replace(hub.hub, retry_after=waits)
        asked = []
        for minutes, sender in ((0, "counsellor"), (60, "administrator"), (0, "counsellor")):
            hub.clock.move(timedelta(minutes=minutes))
            reply = await answer(hub, saldoverzoek(sender, at=hub.clock.now()).wire(), within=within)
            asked.append((sender, reply.status, reply.headers["Retry-After"]))
    assert asked == [("counsellor", 503, "900"), ("administrator", 503, "900"), ("counsellor", 503, "3600")]
