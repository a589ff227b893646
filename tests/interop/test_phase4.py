"""A partner on phase4 works with a running hub: it pushes, signs the same message anew, pulls, and sends receipts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from interop.foreign import Phase4Peer, pushing
from interop.identities import files_of
from interop.product import Scene, scene
from support.keys.pki import Identity as PartyOfTheTests
from support.keys.pki import identity
from support.messages.wire import Draft, Part, mpc_of, saldoverzoek

from gateway.client.taking import Outcome
from gateway.store.model import MessageFilter, MessageRecord, State
from xsd.samples import sample_attachment

pytestmark = pytest.mark.interop


@dataclass
class Partner:
    """The foreign partner as one party of the tests, told where the hub is and who it is."""

    peer: Phase4Peer
    here: Scene
    name: str
    key_reference: str = "BST_DIRECT_REFERENCE"
    keys: PartyOfTheTests | None = None  # those of its name, unless it has others by now

    def _addressing(self) -> dict[str, str]:
        hub = files_of(identity("hub"), self.here.folder).other()
        own = files_of(self.keys or identity(self.name), self.here.folder / "own").own()
        return {
            "url": self.here.recorder.url,
            "hub_signing": hub["certificate"],
            "hub_encryption": hub["encryption_certificate"],
            "key_reference": self.key_reference,
            **{name: own[name] for name in ("key", "certificate", "decryption_key", "encryption_certificate")},
        }

    async def push(self, draft: Draft) -> dict[str, str]:
        """The parts of this message with its header values and its MessageId."""
        request = pushing(draft, self.here.folder)
        return await asyncio.to_thread(self.peer.ask, "push", {**self._addressing(), **request})

    async def pull(self, *, receipt: bool = True) -> dict[str, str]:
        """One message out of its mailbox, acknowledged if so wished."""
        folder = self.here.folder / f"pulled-{len(self.here.recorder.exchanges)}"
        folder.mkdir()
        request = {
            "from": "hub",
            "to": self.name,
            "mpc": mpc_of(self.name),
            "folder": str(folder),
            "receipt": "yes" if receipt else "no",
        }
        return await asyncio.to_thread(self.peer.ask, "pull", {**self._addressing(), **request})


@asynccontextmanager
async def partner(
    peer: Phase4Peer, folder: Path, name: str, extra: Mapping[str, object] | None = None, **more: str
) -> AsyncIterator[tuple[Scene, Partner]]:
    async with scene(folder, extra=extra) as here:
        yield here, Partner(peer, here, name, **more)  # type: ignore[arg-type]


async def only_message(here: Scene) -> MessageRecord:
    (record,) = await here.hub.store.messages(MessageFilter())
    return record


def octets_of(answer: Mapping[str, str], name: str) -> bytes:
    return Path(answer[name]).read_bytes()


def references_of(body: bytes) -> set[bytes]:
    """The ids and cids that a signature covers."""
    return set(re.findall(rb'<ds:Reference URI="([^"]+)"', body))


def with_attachment(here: Scene) -> Draft:
    draft = saldoverzoek(module="Betalingsregeling", at=here.hub.clock.now())
    return draft.with_parts(draft.parts[0], Part(octets=sample_attachment(), mime_type="application/pdf"))


async def test_its_message_reaches_our_client_and_our_receipt_satisfies_it(phase4: Phase4Peer, tmp_path: Path) -> None:
    async with partner(phase4, tmp_path, "counsellor") as (here, foreign):
        draft = with_attachment(here)
        pushed = await foreign.push(draft)
        assert (pushed["status"], pushed["result"], pushed["signature_checked"]) == ("200", "SUCCESS", "true"), pushed
        assert pushed["refers_to"] == draft.user_message.message_id
        senders = {identity("counsellor").party_id: (identity("counsellor").signing.certificate,)}
        async with here.client("creditor", senders=senders, origin_required=True) as creditor:
            assert (await creditor.pull()).outcome is Outcome.STORED
            message = await creditor.inbox.next()
            assert message is not None
            assert message.origin == "verified"
            assert [part.read() for part in message.parts] == [part.octets for part in draft.parts]


async def test_it_pulls_our_message_and_its_receipt_closes_it(phase4: Phase4Peer, tmp_path: Path) -> None:
    async with partner(phase4, tmp_path, "creditor") as (here, foreign):
        draft = with_attachment(here)
        assert (await Partner(phase4, here, "counsellor").push(draft))["result"] == "SUCCESS"
        pulled = await foreign.pull()
        assert (pulled["signature_checked"], pulled["decrypted"], pulled["receipt_status"]) == ("true", "true", "204")
        assert octets_of(pulled, "part1") == draft.parts[0].octets
        assert octets_of(pulled, "part2") == draft.parts[1].octets
        assert (await only_message(here)).state is State.RECEIPTED


async def test_an_empty_mailbox_is_a_warning_to_it(phase4: Phase4Peer, tmp_path: Path) -> None:
    async with partner(phase4, tmp_path, "creditor") as (_, foreign):
        assert (await foreign.pull())["errors"] == "EBMS:0006"


@pytest.mark.parametrize(
    "form", ["BST_DIRECT_REFERENCE", "ISSUER_SERIAL", "SKI_KEY_IDENTIFIER", "THUMBPRINT_IDENTIFIER"]
)
async def test_its_signature_may_name_its_certificate_in_each_form(
    phase4: Phase4Peer, tmp_path: Path, form: str
) -> None:
    async with partner(phase4, tmp_path, "counsellor", key_reference=form) as (here, foreign):
        assert (await foreign.push(with_attachment(here)))["result"] == "SUCCESS", here.hub.log.lines


@pytest.mark.parametrize("form", ["BST_DIRECT_REFERENCE", "SKI_KEY_IDENTIFIER", "ISSUER_SERIAL"])
async def test_a_message_that_it_signs_anew_is_the_same_message_SR_01(
    phase4: Phase4Peer, tmp_path: Path, form: str
) -> None:
    async with partner(phase4, tmp_path, "counsellor") as (here, foreign):
        draft = with_attachment(here)
        assert (await foreign.push(draft))["result"] == "SUCCESS"
        again = await replace(foreign, key_reference=form).push(draft)
        assert (again["result"], again["refers_to"]) == ("SUCCESS", draft.user_message.message_id)
        first, second = (asked.body for asked, _ in here.recorder.exchanges)
        assert references_of(first).isdisjoint(references_of(second)), "its ids and cids are new"
        await only_message(here)


async def test_it_signs_anew_with_the_key_of_a_rollover_SR_02(phase4: Phase4Peer, tmp_path: Path) -> None:
    signing = ["counsellor-signing", "counsellor-next-signing"]
    both = {"counsellor": {"certificates": {"signing": signing, "encryption": ["counsellor-encryption"]}}}
    async with partner(phase4, tmp_path, "counsellor", both) as (here, foreign):
        draft = with_attachment(here)
        assert (await foreign.push(draft))["result"] == "SUCCESS"
        again = await replace(foreign, keys=identity("counsellor", "next")).push(draft)
        assert again["result"] == "SUCCESS", here.hub.log.lines
        await only_message(here)


async def test_it_signs_anew_while_the_first_is_in_flight_SR_01(phase4: Phase4Peer, tmp_path: Path) -> None:
    with Phase4Peer() as another:
        async with partner(phase4, tmp_path, "counsellor") as (here, foreign):
            draft = with_attachment(here)
            answers = await asyncio.gather(foreign.push(draft), replace(foreign, peer=another).push(draft))
            assert [each["result"] for each in answers] == ["SUCCESS", "SUCCESS"]
            await only_message(here)


async def test_another_payload_under_its_message_id_is_refused_and_the_first_stays_SR_04(
    phase4: Phase4Peer, tmp_path: Path
) -> None:
    async with partner(phase4, tmp_path, "counsellor") as (here, foreign):
        draft = with_attachment(here)
        assert (await foreign.push(draft))["result"] == "SUCCESS"
        other = draft.with_parts(draft.parts[0], Part(octets=sample_attachment() + b"\n", mime_type="application/pdf"))
        assert (await foreign.push(other))["errors"] == "EBMS:0003"
        assert (await only_message(here)).state is State.STORED
