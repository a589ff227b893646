"""Prolong: one message waits longer, because its owner asks, within what the operator agreed on with it.

All requests for a message together add no more days than its owner's mailbox has (`mailbox.extension_days`), and a
deadline goes no further than the certificate that signed the message for its receiver, which its own envelope names:
after that nobody could hold its signature against it. A deadline never moves earlier.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.msh.hub import Hub
from gateway.msh.later import Postponed, check_own_signature
from gateway.msh.signed_by import signed_by
from gateway.store.model import MessageFilter, MessageRecord
from gateway.store.states import WAITING
from pmodes.model import Organisation
from pmodes.term import prolonged

STEPS: Final = (7, 14, 28)  # calendar days


class NotProlonged(StrEnum):
    """Why a message keeps its term."""

    NOT_AGREED = "not-agreed"  # this mailbox has no extension at request, or not of so many days
    TOO_LONG = "too-long"  # with what was added before it comes to more than was agreed on
    CERTIFICATE = "certificate"  # what signed it for its receiver ends before
    OVERTAKEN = "overtaken"  # somebody else prolonged it, or it ended, a moment ago


async def prolong(message_id: str, *, unit: str, days: int, hub: Hub) -> datetime | NotProlonged | None:
    """The new deadline of a message that waits for this unit; None where there is none."""
    owner = hub.configuration().by_party.get(unit)
    record = await find_waiting(message_id, unit, hub)
    if owner is None or record is None:
        return None
    if (refused := refusal(record, owner, days)) is not None:
        return refused
    expires_at = prolonged(record.metadata.expires_at, days)
    if not await is_signed_until(expires_at, record, hub):
        return NotProlonged.CERTIFICATE
    before = record.metadata.expires_at
    if not await hub.store.prolong_term(
        message_id, party=unit, expires_at=expires_at, added_days=days, instead_of=before
    ):
        return NotProlonged.OVERTAKEN
    hub.log("message_prolonged", message_id=message_id, party=unit, days=days, expires_at=expires_at.isoformat())
    return expires_at


async def find_waiting(message_id: str, unit: str, hub: Hub) -> MessageRecord | None:
    """The message of this id, if it waits for this unit and its term is not over."""
    for each in await hub.store.messages(MessageFilter(message_id=message_id, receiver=unit)):
        is_it = each.metadata.message_id == message_id and each.state in WAITING
        if is_it and each.metadata.expires_at > hub.time.now():
            return each
    return None


def may_add(record: MessageRecord, owner: Organisation) -> tuple[int, ...]:
    """By how many days a message may still be prolonged; nothing where its owner has no extension at request."""
    return tuple(days for days in STEPS if refusal(record, owner, days) is None)


def refusal(record: MessageRecord, owner: Organisation, days: int) -> NotProlonged | None:
    """What was agreed on with the owner that forbids it."""
    most = owner.mailbox.extension_days if owner.prolongs_at_request else 0
    if days not in STEPS or days > most:
        return NotProlonged.NOT_AGREED
    return NotProlonged.TOO_LONG if record.prolonged_days + days > most else None


async def is_signed_until(expires_at: datetime, record: MessageRecord, hub: Hub) -> bool:
    """Whether the certificate that signed it for its receiver counts until then; one that nobody has does not."""
    keys = hub.in_force().keys
    stored = await hub.store.read_envelope(record.metadata.message_id, party=record.metadata.receiver)
    own = [each.certificate for each in keys.signing]
    certificate = None if stored is None else signed_by(stored, own, hub.limits)
    if certificate is None:
        return False
    try:
        check_own_signature(certificate, expires_at, keys.terms)
    except Postponed:
        return False
    return True
