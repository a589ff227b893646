"""A creditor's system and its client in one process: fetches what came, answers it, confirms it, until a failpoint
kills it. Run with the folder of its keys and the one of its state.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from support.client.offices import Office, answer, office
from support.hubs.hub import catalogue

from gateway.client.checking import Checks
from gateway.client.participant_file import load_participant
from gateway.client.pull import pull_until_empty
from gateway.client.soap.fetching import confirm, fetch
from gateway.client.soap.sending import send_now, take_over
from gateway.client.soap.values import Fetch, Send

ANSWER = Send(module="Schuldinventarisatie", version="2.0", message_type="SaldoverzoekAntwoord", document=answer())


async def work(at: Office) -> list[str]:
    """All that the system does at once; the marks of what it fetched. What was asked before is asked again."""
    await pull_until_empty(at.who, inbox=at.inbox, means=at.means)
    checks = Checks(catalogue=catalogue(), inbox=at.inbox)
    fetched = await fetch(Fetch(), inbox=at.inbox, means=at.means, rest=timedelta())
    for each in fetched.messages:
        sent = await take_over(ANSWER, at.who, outbox=at.outbox, means=at.means, checks=checks)
        await send_now(sent.mark, at.who, outbox=at.outbox, means=at.means)
        await confirm([each.message_id], at.who, inbox=at.inbox, means=at.means)
    for mark in await at.outbox.waiting():
        await send_now(mark, at.who, outbox=at.outbox, means=at.means)
    return [each.message_id for each in fetched.messages]


async def main(keys: Path, folder: Path) -> None:
    async with office(load_participant(keys), "creditor", folder) as at:
        await work(at)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
