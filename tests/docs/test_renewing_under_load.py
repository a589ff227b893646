"""Certificates are renewed as the pages say while ten messages a second pass: each arrives once, none is refused."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.documents.documents import DOCS, Block, blocks
from support.documents.renewing import Places, places_of
from support.documents.traffic import PER_SECOND, flowing
from support.longer import longer

from gateway.cli.main import main
from gateway.client.participant_file import load_participant
from gateway.site.organisations import Planned, planned
from xsd.samples import sample

SENDS, TAKES = "shv-fase-2", "schuldeiser"
SIGNING = "renew-a-signing-certificate.md"
ENCRYPTION = "renew-an-encryption-certificate.md"
THE_HUBS = "renew-the-hubs-certificates.md"


def organisations(bank: str, counterpart: str) -> tuple[Planned, Planned]:
    return planned("Bank", bank), planned("Counterpart", counterpart)


@pytest.mark.parametrize(
    ("page", "sender", "receiver"),
    [
        (ENCRYPTION, "counterpart", "bank"),
        (THE_HUBS, "bank", "counterpart"),
        *longer((SIGNING, "bank", "counterpart")),  # each step of that page is looked at without traffic, too
    ],
)
async def test_each_message_arrives_once_and_none_is_refused_while_a_page_is_followed(
    page: str, sender: str, receiver: str, tmp_path: Path
) -> None:
    roles = (SENDS, TAKES) if sender == "bank" else (TAKES, SENDS)
    async with places_of(tmp_path, organisations(*roles), requires_origin=receiver, made=Places) as places:
        async with flowing(places.folders[sender], places.folders[receiver], places.log, tmp_path / "state") as traffic:
            for block in blocks(DOCS / "how-to" / page):
                if not block.place:
                    continue
                before = len(traffic.results)
                await places.do(block)
                await places.moved_on(lambda: len(traffic.results) > before + 1)  # noqa: B023 - it ends here
        assert traffic.said_against() == []
        assert_new_keys_alone(page, places)
        assert len(traffic.sent) > 40, "what passed while nobody did anything shows nothing"


def assert_new_keys_alone(page: str, places: Places) -> None:
    """The page was followed to its end: the old keys are gone where it says so."""
    gone = {
        SIGNING: [places.folders["bank"] / "signing.key"],
        ENCRYPTION: [places.folders["bank"] / "encryption.key"],
        THE_HUBS: [places.folders["hub"] / "keys" / f"{each}.key" for each in ("signing", "encryption")],
    }[page]
    assert [each for each in gone if each.exists()] == []


async def push_one(folder: Path, receiver: str, home: Path) -> int:
    """Send a message that nobody collects; how many were sent."""
    who = await asyncio.to_thread(load_participant, folder)
    file = home / "vraag.xml"
    file.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=who.party, ontvanger=receiver))
    pushed = await asyncio.to_thread(CliRunner().invoke, main, ["push", "--as", str(folder), str(file)])
    assert pushed.exit_code == 0, pushed.output
    return 1


async def test_what_takes_over_at_a_moment_does_so_by_itself_and_nothing_is_refused(tmp_path: Path) -> None:
    """The hub's next signing key and a participant's next encryption certificate, named ahead with the same `from`."""
    sender, receiver = "counterpart", "bank"
    async with places_of(tmp_path, organisations(TAKES, SENDS), requires_origin=receiver, made=Places) as places:
        hub = places.folders["hub"]
        async with flowing(places.folders[sender], places.folders[receiver], places.log, tmp_path / "state") as traffic:
            for text in _AHEAD.split("\n\n"):
                place, _, commands = text.partition("\n")
                await places.do(Block("sh", place, commands, 0))
            for each in (sender, receiver):
                await places.do(Block("yaml", f"{each} participant.yaml", _BOTH, 0))
            await places.do(Block("yaml", f"{receiver} participant.yaml", _KEYS, 0))
            # The moment is chosen once both know the next certificates, and so far ahead that the hub is told of it
            # before, by four commands and a reload, however long a busy machine takes for each.
            begun = time.monotonic()
            await places.do(Block("sh", "hub", "knooppunt pmode check --hub hub.toml", 0))
            ahead = max(10.0, 10 * (time.monotonic() - begun))
            at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=ahead)
            named = _NAMED.format(moment=f"{at:%Y-%m-%dT%H:%M:%SZ}", bank=places.folders[receiver])
            await places.do(Block("sh", "hub", named, 0))
            await places.moved_on(lambda: datetime.now(UTC) > at)
            before = len(traffic.results)  # what was under way at the moment may have a receipt of the old one
            await places.moved_on(lambda: len(traffic.results) > before + 2 * PER_SECOND)
            # Receipts are signed by the new one from here on; what was sealed before keeps its signature.
            await places.do(Block("yaml", f"{sender} participant.yaml", _BOTH.replace("hub-signing.pem, ", ""), 0))
            seen = len(traffic.results)
            await places.moved_on(lambda: len(traffic.results) > seen + PER_SECOND)
        assert traffic.said_against() == []
        waits = await push_one(places.folders[sender], places.bank, tmp_path)
        words = ["cert", "list", receiver, "--hub", str(hub / "hub.toml"), "--json"]
        listed = await asyncio.to_thread(CliRunner().invoke, main, words)
        certificates = json.loads(listed.output)["facts"]["certificates"]
        assert [each["waiting"] for each in certificates if each["use"] == "encryption"] == [0, waits]


_AHEAD = """\
hub
openssl req -x509 -newkey rsa:2048 -nodes -days 700 -subj "/CN=Hub signing" \
  -addext "keyUsage=critical,digitalSignature" -keyout keys/signing-2.key -out signing-2.pem
chmod 600 keys/signing-2.key
scp signing-2.pem participant:hub-signing-2.pem

bank
openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj "/CN=Bank encryption" \
  -addext "keyUsage=critical,keyEncipherment" -keyout encryption-2.key -out encryption-2.pem
chmod 600 encryption-2.key"""
_NAMED = """\
knooppunt cert add hub signing-2.pem --hub hub.toml
printf '[[keys.signing]]\\nkey = "keys/signing-2.key"\\ncertificate = "signing-2.pem"\\nfrom = {moment}\\n' >> hub.toml
knooppunt cert add bank {bank}/encryption-2.pem --from {moment} --hub hub.toml
knooppunt pmode check --hub hub.toml
knooppunt reload --hub hub.toml"""
_BOTH = "hub: {signing: [hub-signing.pem, hub-signing-2.pem]}\n"
_KEYS = """\
decryption:
  - {key: encryption-2.key, certificate: encryption-2.pem}
  - {key: encryption.key, certificate: encryption.pem}
"""
