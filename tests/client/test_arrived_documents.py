"""The receiver holds the documents that came against the digests in the leading one.

The hub does not: parts pass it by unread. What the sender signed is what came, so a difference is the sender's mistake;
the message is taken, and whoever has to answer it is told.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.client.participants import only, pulled
from support.hubs.hub import catalogue
from support.hubs.hub_script import leg_two, nothing, plain
from support.hubs.processes import COUNSELLOR, CREDITOR, new_site, running_site
from support.messages.wire import Draft, Part, saldoverzoek

from gateway.cli.main import main
from gateway.client.checking import attachment_faults
from gateway.client.inbox import Inbox
from gateway.client.taking import Outcome
from xsd.samples import sample, sample_attachment

NAMED = sample_attachment()  # the document that the sample names
OTHER = b"%PDF-1.7 another document"
MISSING, UNNAMED = "BIJLAGE-ONTBREEKT", "BIJLAGE-ONGENOEMD"


def bringing(*documents: bytes, compressed: bool = True, bend: tuple[bytes, bytes] = (b"", b"")) -> Draft:
    """A message that names one document and brings these; `bend` changes the leading one."""
    draft = saldoverzoek("creditor", "counsellor", module="Schuldinventarisatie")
    leading = Part(octets=draft.parts[0].octets.replace(*bend) if bend[0] else draft.parts[0].octets)
    parts = [Part(octets=each, mime_type="application/pdf", compressed=compressed) for each in documents]
    return draft.with_parts(leading, *parts)


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        pytest.param(lambda: bringing(NAMED), [], id="the one that is named"),
        pytest.param(lambda: bringing(NAMED, compressed=False), [], id="the same, not compressed"),
        pytest.param(lambda: bringing(NAMED, NAMED), [], id="the same twice"),
        pytest.param(lambda: bringing(OTHER), [MISSING, UNNAMED], id="another instead"),
        pytest.param(lambda: bringing(NAMED[:-1]), [MISSING, UNNAMED], id="one octet less"),
        pytest.param(lambda: bringing(b""), [MISSING, UNNAMED], id="an empty one"),
        pytest.param(lambda: bringing(), [MISSING], id="none"),
        pytest.param(lambda: bringing(NAMED, OTHER), [UNNAMED], id="one more"),
        pytest.param(lambda: bringing(NAMED * 20_000), [MISSING, UNNAMED], id="a large one"),
        pytest.param(
            lambda: bringing(OTHER, bend=(b"<Klant>", b"<Klant><Vreemd/>")), [],
            id="in a leading document that breaks its schema, so that what it names is not known",
        ),
    ],
)  # fmt: skip
async def test_documents_are_held_against_the_digests_that_the_leading_one_names(
    inbox: Inbox, draft: Callable[[], Draft], codes: list[str]
) -> None:
    result = await pulled(inbox, plain(leg_two(draft()).wire()), nothing)
    assert result.outcome is Outcome.STORED, "it is what its sender signed"
    faults = attachment_faults(await only(inbox), catalogue())
    assert [each.code for each in faults] == codes
    assert all(each.nl and each.en and each.line for each in faults)


async def test_the_proof_of_origin_is_no_document_that_nobody_named(inbox: Inbox) -> None:
    for origin in ("", None):
        draft = leg_two(bringing(NAMED), origin=origin)
        assert (await pulled(inbox, plain(draft.wire()), nothing)).outcome is Outcome.STORED
    assert [attachment_faults(each, catalogue()) for each in await inbox.messages()] == [(), ()]


async def test_the_command_tells_of_it_for_people_and_for_programs_and_delivers_all_the_same(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    sender, receiver = (site.organisation(each.slug) for each in (COUNSELLOR, CREDITOR))
    vraag, scan = tmp_path / "vraag.xml", tmp_path / "scan.pdf"
    vraag.write_bytes(
        sample("Schuldinventarisatie", "2.0", "Saldoverzoek", afzender=sender.party, ontvanger=receiver.party)
    )
    scan.write_bytes(OTHER)
    out = ["--out", str(tmp_path / "in")]
    push = ["push", "--as", str(sender.folder), str(vraag), "--attach", str(scan), "--unchecked"]
    async with running_site(site) as running:
        await running.start()
        assert (await _invoke(*push)).exit_code == 0
        ended = await _invoke("pull", "--as", str(receiver.folder), *out)
        assert ended.exit_code == 0
        warned = [line for line in ended.stderr.splitlines() if "BIJLAGE-" in line]
        assert [line.split()[2] for line in warned] == [MISSING, UNNAMED]
        assert len(list((tmp_path / "in").iterdir())) == 2

        assert (await _invoke(*push)).exit_code == 0
        ended = await _invoke("pull", "--as", str(receiver.folder), *out, "--json")
        (message,) = json.loads(ended.stdout)["facts"]["messages"]
        assert (ended.exit_code, [each["code"] for each in message["attachment_faults"]]) == (0, [MISSING, UNNAMED])
        assert len(message["files"]) == 2


async def _invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)
