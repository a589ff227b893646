"""A creditor's client is killed at each of its steps: its question is answered once, and nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from support.client.answering_child import work
from support.client.offices import answer, office, question, states
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
        await asks.push(question(), "Saldoverzoek", sample_attachment())
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
        assert back.parts[0].read() == answer()
        assert set(await states(hub)) <= {"receipted", "removed"}
