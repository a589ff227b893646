"""Participants of the tests: who they are, how time passes for them, and one pull in one word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from support.clocks import StandingClock
from support.hubs.hub_script import Answer, HubScript
from support.keys.pki import PARTIES, identity

from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA
from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.participant import Participant
from gateway.client.pull import pull
from gateway.client.taking import PullResult
from gateway.client.transport import open_session
from gateway.ebms.party_ids import mailbox_mpc, party_id


def participant(url: str, name: str = "counsellor", **changes: object) -> Participant:
    """A party of the table as a participant of the hub at that address."""
    who, hub = identity(name), identity("hub")
    made = Participant(
        party_ids=(party_id(who.party_id),),
        signing_key=who.signing_key,
        decryption_keys=(who.decryption_key,),
        suite=AS4_1_15_RSA,
        key_reference=KeyReference.TOKEN,
        hub_party=party_id(hub.party_id),
        url=url,
        hub_signing=(hub.signing.certificate,),
        hub_encryption=hub.encryption.certificate,
        mpc=mailbox_mpc("urn:knooppunt", who.party_id),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def knows(name: str, signer: str | None = None) -> dict[str, object]:
    """An address book with that party alone, whose certificate is its own or, where one is named, a signer's."""
    return {"senders": {PARTIES[name][0]: (identity(signer or name).signing.certificate,)}}


@dataclass(slots=True)
class Waits:
    """Waiting moves the clock instead of taking time; `seconds` is every wait."""

    clock: StandingClock = field(default_factory=StandingClock)
    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock.move(timedelta(seconds=seconds))


@asynccontextmanager
async def means_with(waits: Waits | None = None, **changes: object) -> AsyncIterator[Means]:
    """Means with a session of their own, the clock that `waits` moves, and no chance in the pauses."""
    waits = waits or Waits()
    async with open_session(participant("http://127.0.0.1/")) as session:
        means = Means(session=session, clock=waits.clock, wait=waits, chance=lambda: 0.0)
        yield replace(means, **changes)  # type: ignore[arg-type]


async def pulled(inbox: Inbox, *answers: Answer, waits: Waits | None = None, **changes: object) -> PullResult:
    """One pull of a hub that answers so, by a participant with these fields changed."""
    async with HubScript(*answers) as hub, means_with(waits) as means:
        return await pull(participant(hub.url, **changes), inbox=inbox, means=means)


async def only(inbox: Inbox) -> InboxMessage:
    """The one message of an inbox."""
    (message,) = await inbox.messages()
    return message
