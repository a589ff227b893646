"""A creditor's system and its client in one process: fetches what came, answers it, confirms it, until a failpoint
or its parent kills it. Run with the folder of its keys, the one of its state, and the minutes that the hub's clock was
moved on; with those it works on until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from support.client.offices import Office, office
from support.hubs.hub import catalogue
from support.keys.pki import PARTIES

from gateway.client.checking import Checks
from gateway.client.inbox import InboxMessage
from gateway.client.participant_file import load_participant
from gateway.client.pull import pull_until_empty
from gateway.client.soap.fetching import confirm, fetch
from gateway.client.soap.sending import send_now, take_over
from gateway.client.soap.values import Fetch, Send
from xsd.samples import sample


def answer_to(question: InboxMessage) -> Send:
    """Always the same answer to the same question."""
    document = sample(
        "Schuldinventarisatie", "2.0", "SaldoverzoekAntwoord",
        referentienummer=str(uuid5(NAMESPACE_OID, str(question.tracking_identifier))),
        cross_referentienummer=question.tracking_identifier, conversatie_referentienummer=question.conversation_id,
        afzender=PARTIES["creditor"][0], ontvanger=PARTIES["counsellor"][0],
    )  # fmt: skip
    return Send(module="Schuldinventarisatie", version="2.0", message_type="SaldoverzoekAntwoord", document=document)


async def work(at: Office) -> list[str]:
    """All that the system does at once; the marks of what it fetched. What was asked before is asked again."""
    await pull_until_empty(at.who, inbox=at.inbox, means=at.means)
    checks = Checks(catalogue=catalogue(), inbox=at.inbox)
    fetched = await fetch(Fetch(), inbox=at.inbox, means=at.means, rest=timedelta())
    for each in fetched.messages:
        sent = await take_over(answer_to(each), at.who, outbox=at.outbox, means=at.means, checks=checks)
        await send_now(sent.mark, at.who, outbox=at.outbox, means=at.means)
        await confirm([each.message_id], at.who, inbox=at.inbox, means=at.means)
    for mark in await at.outbox.waiting():
        await send_now(mark, at.who, outbox=at.outbox, means=at.means)
    return [each.message_id for each in fetched.messages]


async def main(keys: Path, folder: Path, *minutes: str) -> None:
    async with office(load_participant(keys), "creditor", folder) as at:
        for each in minutes:
            at.means.clock.move(timedelta(minutes=int(each)))
            sys.stdout.write("at work\n")
            sys.stdout.flush()
        await work(at)
        while minutes:
            await work(at)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
