"""Pushing a sample to a hub that answers by a script."""

from __future__ import annotations

from support.client.participants import Waits, means_with, participant
from support.hubs.hub_script import (
    Answer,
    HubScript,
)
from support.keys.pki import PARTIES

from gateway.client.outbox import Outbox
from gateway.client.participant import Participant
from gateway.client.push import PushResult, push
from gateway.client.retry import RetryPolicy
from xsd.samples import sample

THRICE = RetryPolicy(first_seconds=60, factor=1.0, retries=3)
PAYLOAD = sample(
    "Schuldregeling",
    "2.0",
    "Saldoverzoek",
    referentienummer="0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01",
    conversatie_referentienummer="0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a02",
    afzender=PARTIES["counsellor"][0],
    ontvanger=PARTIES["creditor"][0],
)


async def push_to(hub: HubScript, outbox: Outbox, waits: Waits | None = None, **changes: object) -> PushResult:
    """Push the sample to that hub, changed as a test says."""
    said = {"payload": PAYLOAD, "message_type": "Saldoverzoek", "retry": THRICE, "checks": None,
            "who": participant(hub.url), **changes}  # fmt: skip
    who, payload = said.pop("who"), said.pop("payload")
    assert isinstance(who, Participant)
    async with means_with(waits) as means:
        return await push(who, payload, module="Schuldregeling", version="2.0", outbox=outbox, means=means, **said)


async def outcome(outbox: Outbox, *answers: Answer, **changes: object) -> PushResult:
    """What becomes of a push that is answered so, one answer an attempt."""
    async with HubScript(*answers) as hub:
        return await push_to(hub, outbox, **changes)


def codes(result: PushResult) -> list[str]:
    """Of the errors that were noted."""
    return [each.code for each in result.errors]
