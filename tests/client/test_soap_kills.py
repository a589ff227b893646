"""A creditor's client is killed at each of its steps: its question is answered once, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.client.answering_child import work
from support.client.offices import QUESTION, office, question, states
from support.hubs.hub import running_hub
from support.keys.pki import identity, key_pem
from support.longer import longer
from support.store.killing import killed

from crypto.pki import Issued
from gateway import failpoints
from gateway.client.inbox import InboxState
from gateway.client.outbox import OutboxState
from gateway.client.participant_file import write_participant
from gateway.client.pull import pull_until_empty
from xsd.samples import sample_attachment

CHILD = Path(__file__).parents[1] / "support" / "client" / "answering_child.py"
LEASE = timedelta(minutes=16)
KILLS = int(os.environ.get("KNOOPPUNT_SOAK_KILLS", "100"))
SEED = int(os.environ.get("KNOOPPUNT_SOAK_SEED", str(time.time_ns() % 1_000_000)))
PDF = sample_attachment()
POINTS = ("V2.after:1", "H1.after:1", "W1.after:1")
OTHERS = (
    "V1.before:1", "V1.after:1", "V2.before:1", "V3.before:1", "V3.after:1", "H1.before:1",
    "H2.before:1", "H2.after:1", "W1.before:1", "W2.before:1", "W2.after:1",
)  # fmt: skip


def _told(point: str) -> str:
    return f"{point} {failpoints.POINTS[point.partition(':')[0]]}"


def _keys(url: str, folder: Path) -> Path:
    """A folder with the creditor of the hub at that address, for a process that does not share our keys."""
    who, hub, sender = identity("creditor"), identity("hub"), identity("counsellor")
    files = {
        "signing.key": key_pem(who.signing.private_key, None),
        "encryption.key": key_pem(who.encryption.private_key, None),
        "signing.pem": _pem(who.signing),
        "encryption.pem": _pem(who.encryption),
        "hub-signing.pem": _pem(hub.signing),
        "hub-encryption.pem": _pem(hub.encryption),
    }
    senders = {sender.party_id: _pem(sender.signing)}
    write_participant(folder, party=who.party_id, hub_party=hub.party_id, url=url, files=files, senders=senders)
    return folder


def _pem(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("point", [*POINTS, *longer(*OTHERS)], ids=_told)
async def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(tmp_path: Path, point: str) -> None:
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as asks:
        await asks.push(question(), "Saldoverzoek", PDF)
        await asyncio.to_thread(partial(killed, [CHILD, _keys(hub.url, tmp_path / "keys"), tmp_path], f"{point}:kill"))
        hub.clock.move(LEASE)
        async with office(hub, "creditor", tmp_path) as asked:
            again = await work(asked)
            (got,) = await asked.inbox.messages()
            assert (got.state, got.receipt_state, got.parts[0].read()) == (InboxState.PROCESSED, "sent", question())
            assert again in ([got.message_id], [])
            assert again or point == "W2.after:1"  # else it was confirmed, and only then left out
            (sent,) = await asked.outbox.messages()
            assert sent.state is OutboxState.ACKNOWLEDGED
        await pull_until_empty(asks.who, inbox=asks.inbox, means=asks.means)
        (back,) = await asks.inbox.messages()
        assert (back.action, back.cross_reference) == ("SaldoverzoekAntwoord", QUESTION)
        assert set(await states(hub)) <= {"receipted", "removed"}


@pytest.mark.soak
async def test_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance, minutes = random.Random(SEED), 0
    async with running_hub(tmp_path) as hub, office(hub, "counsellor", tmp_path) as asks:
        keys = _keys(hub.url, tmp_path / "keys")
        for number in range(KILLS):
            reference = f"{number:08x}{QUESTION[8:]}"
            sent = await asks.push(question().replace(QUESTION.encode(), reference.encode()), "Saldoverzoek", PDF)
            assert sent.state is OutboxState.ACKNOWLEDGED, f"seed {SEED}"
            child = await asyncio.create_subprocess_exec(
                sys.executable, str(CHILD), str(keys), str(tmp_path), str(minutes), stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[1]), *sys.path))},
            )  # fmt: skip
            assert child.stdout is not None
            assert await child.stdout.readline() == b"at work\n"
            await asyncio.sleep(chance.uniform(0.0, 0.8))
            child.kill()
            assert await child.wait() == -9, f"seed {SEED}"
            hub.clock.move(LEASE)
            minutes += LEASE // timedelta(minutes=1)
        async with office(hub, "creditor", tmp_path) as asked:
            await work(asked)
            got = await asked.inbox.messages(limit=2 * KILLS)
            assert {each.state for each in got} == {InboxState.PROCESSED}, f"seed {SEED}"
        await pull_until_empty(asks.who, inbox=asks.inbox, means=asks.means)
        answered = sorted(str(each.cross_reference) for each in await asks.inbox.messages(limit=2 * KILLS))
        assert answered == [f"{number:08x}{QUESTION[8:]}" for number in range(KILLS)], f"seed {SEED}"
        assert set(await states(hub)) <= {"receipted", "removed"}
