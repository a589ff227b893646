"""Who renews certificates as the pages say loses nothing: after each of their steps a message is sent and believed.

The counterpart requires a proof of origin that verifies, so a step in another order is one after which the mailbox
holds back what was sent; and nobody takes what the hub signed with a key that he does not know.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from support.documents.documents import DOCS, blocks
from support.documents.renewing import COUNTERPART, PARTICIPANTS, Places, places_of

from crypto.certificates import load_certificates, thumbprint_sha256
from gateway.cli.main import main
from gateway.site.organisations import planned
from xsd.samples import sample

PAGE = DOCS / "how-to" / "renew-a-signing-certificate.md"
HUBS_PAGE = DOCS / "how-to" / "renew-the-hubs-certificates.md"
BANK_PLAN = planned("Bank", "shv-fase-2")
COUNTERPART_PLAN = planned("Counterpart", "schuldeiser")


class Exchange(Places):
    """The places, between whose participants messages go."""

    def push(self) -> None:
        """The bank sends a sound message."""
        file = self.folders["bank"] / "vraag.xml"
        file.write_bytes(
            sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=self.bank, ontvanger=self.counterpart)
        )
        (sent,) = run("push", "--as", str(self.folders["bank"]), str(file))["messages"]
        assert sent["state"] == "acknowledged"

    def pull(self) -> list[tuple[str, str | None]]:
        """What the counterpart takes: whether the proof of origin verified, and by which certificate."""
        facts = run("pull", "--as", str(self.folders["counterpart"]))
        return [(each["origin"], each["origin_thumbprint"]) for each in facts["messages"]]

    def thumbprint(self, name: str) -> str:
        """Of a certificate in the bank's folder."""
        (certificate,) = load_certificates((self.folders["bank"] / name).read_bytes())
        return thumbprint_sha256(certificate).hex()


def run(*arguments: str) -> dict[str, Any]:
    ended = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
    assert ended.exit_code == 0, ended.stdout
    facts: dict[str, Any] = json.loads(ended.stdout)["facts"]
    return facts


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[Exchange]:
    """The pages' three places; the counterpart takes nothing whose origin it cannot verify."""
    async with places_of(tmp_path, (BANK_PLAN, COUNTERPART_PLAN), requires_origin=COUNTERPART, made=Exchange) as made:
        yield made


async def test_after_every_step_of_the_page_what_the_bank_sends_is_taken_and_verified(places: Exchange) -> None:
    told = blocks(PAGE)
    assert {each.place.partition(" ")[0] for each in told} == set(places.folders)
    old = places.thumbprint("signing.pem")
    signers = []
    for block in told:
        await places.do(block)
        await asyncio.to_thread(places.push)
        ((origin, signer),) = await asyncio.to_thread(places.pull)
        assert origin == "verified", block
        signers.append(signer)
    new = places.thumbprint("signing-2.pem")
    assert old != new
    assert sorted(signers, key=[old, new].index) == signers, "once the new key was used, the old one is not any more"
    assert {signers[0], signers[-1]} == {old, new}
    assert not (places.folders["bank"] / "signing.key").exists()


async def test_what_waits_in_a_mailbox_under_the_old_signature_is_still_taken_after_the_last_step(
    places: Exchange,
) -> None:
    old = places.thumbprint("signing.pem")
    await asyncio.to_thread(places.push)
    for block in blocks(PAGE):
        if (block.language, block.place) != ("sh", "counterpart"):  # it pulls when all is done
            await places.do(block)
    assert await asyncio.to_thread(places.pull) == [("verified", old)]


async def test_a_new_key_that_is_used_before_the_counterpart_knows_it_holds_messages_back(places: Exchange) -> None:
    """Why the page has its order: the same steps without those of the counterpart."""
    for block in blocks(PAGE):
        if not block.place.startswith("counterpart"):
            await places.do(block)
    await asyncio.to_thread(places.push)
    arguments = ["pull", "--as", str(places.folders["counterpart"]), "--json"]
    ended = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    said = json.loads(ended.stdout)
    assert (said["outcome"], said["facts"]["messages"]) == ("peer", [])
    assert "`senders`" in said["next"]


async def test_after_every_step_for_the_hubs_own_keys_messages_are_sent_and_taken_and_the_hub_never_stops(
    places: Exchange,
) -> None:
    for block in blocks(HUBS_PAGE):
        await places.do(block)
        if "reload" not in block.text and not block.place.startswith("participant "):
            continue  # nothing of it is in force yet
        await asyncio.to_thread(places.push)
        ((origin, _),) = await asyncio.to_thread(places.pull)
        assert origin == "verified", block
    hub = places.folders["hub"]
    assert not {"signing.key", "encryption.key"} & {each.name for each in (hub / "keys").iterdir()}
    shown = await asyncio.to_thread(run, "status", "--hub", str(hub / "hub.toml"))
    assert (shown["running"], shown["worries"]) == (True, [])
    own = [each for each in shown["certificates"] if each["place"].startswith("keys.")]
    assert [each["days_left"] for each in own] == [699, 699], "the new ones, and nothing else"
    for name in PARTICIPANTS:  # who knows the new ones alone still understands the hub
        place = places.folders[name] / "participant.yaml"
        content = yaml.safe_load(place.read_text("utf-8"))
        content["hub"]["signing"] = ["hub-signing-2.pem"]
        place.write_text(yaml.safe_dump(content), "utf-8")
    await asyncio.to_thread(places.push)
    assert len(await asyncio.to_thread(places.pull)) == 1
