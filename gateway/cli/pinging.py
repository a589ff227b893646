"""What `knooppunt ping` does: lays a test message in a mailbox, waits for its receipt, and tells what can be told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from gateway.administration import verbs
from gateway.administration.asking import Administration
from gateway.cli.administration import administer, settings_of
from gateway.cli.org_named import organisation_named
from gateway.cli.output import PEER, Failure, print_json
from gateway.cli.pmode_files import configuration_of
from gateway.store.model import Contact, MessageRecord, State
from pmodes.model import Organisation

_LOOK_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ping:
    """The test message as it stands after the wait, and when its owner was last in touch before."""

    message: MessageRecord
    before: Contact | None

    @property
    def is_confirmed(self) -> bool:
        return self.message.state in (State.RECEIPTED, State.REMOVED) and self.message.closed_at is not None


def ping_one(settings: Path, party: str, wait_seconds: float, as_json: bool) -> None:
    """Ping one organisation; a Failure of the peer's where its receipt did not come in that time."""
    read = settings_of(settings)
    organisation = organisation_named(configuration_of(read), party)
    _refuse_who_cannot_pull(organisation, has_portal=read.portal is not None)

    async def asked(of: Administration) -> _Ping:
        contacts = await of.ask(verbs.contacts)
        message_id = await of.ask(verbs.test_mailbox, organisation.party_id)
        return _Ping(
            message=await _awaited(of, message_id, wait_seconds),
            before=next((each for each in contacts if each.party == organisation.party_id), None),
        )

    found = administer(settings, asked)
    facts = _facts(organisation, found)
    laid = found.message.metadata
    if found.is_confirmed and found.message.closed_at is not None:
        took = (found.message.closed_at - laid.accepted_at).total_seconds()
        if as_json:
            print_json(facts)
        else:
            click.echo(f"{organisation.name} pulled the test message and confirmed it, after {took:.1f} s")
        return
    said = f"the test message for {organisation.name} waits as {laid.message_id} until {_told(laid.expires_at)}"
    if wait_seconds == 0:
        if as_json:
            print_json(facts)
        else:
            click.echo(said)
        return
    came = found.before.heard_at if found.before is not None else None
    last = f"the last time that it came was {_told(came)}" if came is not None else "it has not come here yet"
    fetched = "it pulled it and has not confirmed it" if found.message.attempts else "it has not pulled it"
    raise Failure(
        f"{organisation.name} has not confirmed within {wait_seconds:g} s: {fetched}; {last}\n  {said}",
        next_step="have it run `knooppunt pull`, or wait until it comes: `knooppunt org list` shows the outcome",
        code=PEER,
        facts=facts,
    )


async def _awaited(of: Administration, message_id: str, wait_seconds: float) -> MessageRecord:
    """The message as it stands when it was closed, or when the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_seconds
    while True:
        found = await of.ask(verbs.message, message_id)
        if found.closed_at is not None or loop.time() >= until:
            return found
        await asyncio.sleep(min(_LOOK_SECONDS, wait_seconds))


def _refuse_who_cannot_pull(organisation: Organisation, *, has_portal: bool) -> None:
    if organisation.suspended:
        raise Failure(
            f"{organisation.name} is suspended and may not pull",
            next_step="`knooppunt org resume` takes that back; see `knooppunt org show`",
        )
    if organisation.access == "desk" and not has_portal:
        raise Failure(
            f"{organisation.name} works at a desk, and the hub has no portal: nobody of it can read what waits",
            next_step="give the settings a section [portal], or say access: system in its file",
        )
    if organisation.access == "desk":
        raise Failure(
            f"{organisation.name} works at a desk, and no system of it pulls",
            next_step="ask its people; access stands in its file",
        )


def _facts(organisation: Organisation, found: _Ping) -> dict[str, object]:
    laid = found.message.metadata
    return {
        "name": organisation.name,
        "party": organisation.party_id,
        "message_id": laid.message_id,
        "laid_at": laid.accepted_at,
        "expires_at": laid.expires_at,
        "confirmed": found.is_confirmed,
        "closed_at": found.message.closed_at,
        "attempts": found.message.attempts,
        "came_before_at": found.before and found.before.heard_at,
    }


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"
