"""Give a system what came for it, at least once, until it has confirmed each message.

The hub has had its receipt: all of this is about the inbox. What was given and not confirmed comes again after a rest,
and after whatever was never given, so that a message that a system cannot process keeps none from it. What the disk
changed is not given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from gateway.client.damage import DamagedPart, checked
from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.participant import Participant
from gateway.client.soap.values import MOST_AT_ONCE, Fetch, Fetched, UnknownMark
from xsd.generated.knooppunt_1_1 import Adresboek

REST: Final = timedelta(minutes=1)  # so that a loop that fetches until nothing comes has an end


async def fetch(asked: Fetch, *, inbox: Inbox, means: Means, rest: timedelta = REST) -> Fetched:
    """Messages of the inbox that nobody confirmed, and note that they were given. Address books are not among them:
    they are the client's own.
    """
    given, has_more = await inbox.give(
        at=means.clock.now(),
        rest=rest,
        most=max(1, min(asked.most, MOST_AT_ONCE)),
        actions=asked.message_types,
        conversation_id=asked.conversation,
        but=Adresboek.ELEMENT,
    )
    damaged = await asyncio.to_thread(lambda: [each.message_id for each in given if not _is_sound(each)])
    return Fetched(
        messages=tuple(each for each in given if each.message_id not in damaged),
        has_more=has_more,
        damaged=tuple(damaged),
    )


async def confirm(marks: Sequence[str], participant: Participant, *, inbox: Inbox, means: Means) -> None:
    """Note that a system has processed these messages, all or none; again is harmless. Raises `UnknownMark`."""
    unknown = await inbox.confirm(participant.hub_party.value, marks, at=means.clock.now())
    if unknown:
        raise UnknownMark(*unknown)


def _is_sound(message: InboxMessage) -> bool:
    """Read every part once against the digest that was made before its commit."""
    try:
        for part in message.parts:
            body = part.file if part.file is not None else part.body or b""
            for _ in checked(body, part.sha256, box="inbox", name=part.content_id):
                pass
    except DamagedPart:
        return False
    return True
