"""Certificates are renewed as the pages say while ten messages a second pass: each arrives once, none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.documents.documents import DOCS, blocks
from support.documents.renewing import Places, places_of
from support.documents.traffic import flowing

from gateway.site.organisations import Planned, planned

SENDS, TAKES = "shv-fase-2", "schuldeiser"
SIGNING = "renew-a-signing-certificate.md"
ENCRYPTION = "renew-an-encryption-certificate.md"
THE_HUBS = "renew-the-hubs-certificates.md"


def organisations(bank: str, counterpart: str) -> tuple[Planned, Planned]:
    return planned("Bank", bank), planned("Counterpart", counterpart)


@pytest.mark.parametrize(
    ("page", "sender", "receiver"),
    [(SIGNING, "bank", "counterpart"), (ENCRYPTION, "counterpart", "bank"), (THE_HUBS, "bank", "counterpart")],
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
