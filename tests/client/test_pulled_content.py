"""What a pulled message must hold before it is stored: its parts, its addresses, its proof."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.not_taken import NOT_TAKEN, Canonical
from support.client.participants import knows, means_with, participant, pulled
from support.hubs.hub_script import Answer, HubScript, leg_two, nothing, plain
from support.keys.pki import NOW, identity
from support.messages.whole_parts import compress
from support.messages.wire import Part, saldoverzoek

from gateway.client.advice import FROM_ANOTHER
from gateway.client.inbox import Inbox
from gateway.client.pull import pull
from gateway.client.taking import Outcome
from gateway.ebms import names
from gateway.ebms.gzip import FREE_OCTETS
from gateway.ebms.party_ids import party_id
from gateway.limits import DEFAULT_RATIO, ClientLimits


async def test_what_was_not_taken_is_known_to_lie_there_until_it_is_taken(inbox: Inbox) -> None:
    """A mailbox that holds something back is not empty."""
    draft = leg_two()
    await pulled(inbox, plain(draft.wire()), nothing, origin_required=True)
    (held,) = await inbox.not_taken(at=NOW)
    assert (held.message_id, held.code) == (draft.user_message.message_id, "EBMS:0103")
    assert await inbox.not_taken(at=NOW + timedelta(days=41)) == ()
    assert (await pulled(inbox, plain(draft.wire()), nothing)).outcome is Outcome.STORED
    assert await inbox.not_taken(at=NOW) == ()


async def test_what_was_refused_under_a_wrong_hub_party_is_held_back_no_more_once_it_was_taken_under_the_right_one(
    inbox: Inbox,
) -> None:
    draft = leg_two()
    refused = await pulled(inbox, plain(draft.wire()), nothing, hub_party=party_id("00000099000009999000"))
    assert (refused.outcome, refused.note) == (Outcome.NOT_TAKEN, FROM_ANOTHER)
    assert [each.code for each in await inbox.not_taken(at=NOW)] == ["EBMS:0003"]
    assert (await pulled(inbox, plain(draft.wire()), nothing)).outcome is Outcome.STORED
    assert await inbox.not_taken(at=NOW) == ()


# --- a message that does not hold ---------------------------------------------------------------------------------


@pytest.mark.parametrize("case", NOT_TAKEN)
async def test_a_message_that_does_not_hold_is_not_stored_and_the_hub_is_told_SR_22(
    inbox: Inbox, tmp_path: Path, case: str
) -> None:
    make, changes, code = NOT_TAKEN[case]
    async with HubScript(make(), nothing) as hub, means_with() as means:
        result = await pull(participant(hub.url, **changes), inbox=inbox, means=means)
    assert (result.outcome, [each.code for each in result.errors]) == (Outcome.NOT_TAKEN, [code])
    assert await inbox.messages() == ()
    told = hub.requests[1].messaging
    assert told.receipt is None
    assert told.error is not None
    assert (told.error.ref_to_message_id, told.error.errors[0].code) == (result.message_id, code)
    assert list((tmp_path / "inbox" / "parts").iterdir()) == []


def not_by_the_hub() -> Answer:
    return plain(replace(leg_two(), signer=identity("creditor").signing_key).wire())


def header_changed() -> Answer:
    wire = leg_two().wire(alter=lambda root: root.find(f".//{{{names.EB}}}Action").__setattr__("text", "Other"))  # type: ignore[union-attr]
    return plain(wire)


@pytest.mark.parametrize("make", [not_by_the_hub, header_changed])
async def test_what_the_hub_did_not_sign_has_no_effect_at_all(inbox: Inbox, make: Callable[[], Answer]) -> None:
    async with HubScript(make()) as hub, means_with() as means:
        result = await pull(participant(hub.url), inbox=inbox, means=means)
    assert result.outcome is Outcome.NO_ANSWER
    assert await inbox.messages() == ()
    assert len(hub.requests) == 1


async def test_what_a_participant_inflates_is_bounded_for_each_part_and_not_for_all_together(inbox: Inbox) -> None:
    draft = leg_two()
    sizes = [len(each.octets) for each in draft.parts]
    assert len(sizes) == 2
    limits = ClientLimits(inflated_octets=max(sizes))
    assert (await pulled(inbox, plain(draft.wire()), nothing, limits=limits)).outcome is Outcome.STORED


@pytest.mark.parametrize(
    ("part", "beside", "outcome"),
    [
        pytest.param(Canonical(octets=b"", compressed=False), 0, Outcome.STORED, id="canonical"),
        pytest.param(Part(octets=b"<a><!-- stays --></a>", compressed=False), 0, Outcome.STORED, id="as it is"),
        pytest.param(Canonical(octets=b"", compressed=False), 9 * 1024**2, Outcome.NOT_TAKEN, id="too large to keep"),
    ],
)
async def test_S39_an_xml_part_in_clear_counts_by_both_digests_where_the_message_fits_in_memory(
    inbox: Inbox, part: Part, beside: int, outcome: Outcome
) -> None:
    more = (Part(octets=os.urandom(beside), mime_type="application/pdf", compressed=False),) if beside else ()
    draft = leg_two(saldoverzoek("creditor", "counsellor").with_parts(part, *more))
    result = await pulled(inbox, plain(draft.wire()), nothing, **knows("creditor"))
    assert result.outcome is outcome
    assert [each.code for each in result.errors] == ([] if outcome is Outcome.STORED else ["EBMS:0101"])


WHITE = bytes(40 * 1024**2)


@pytest.mark.parametrize(
    ("packed", "outcome"),
    [
        pytest.param(lambda: gzip.compress(WHITE), Outcome.NOT_TAKEN, id="as small as gzip makes it"),
        pytest.param(lambda: compress(WHITE, salt=bytes(16)), Outcome.STORED, id="as this project packs it"),
        pytest.param(lambda: gzip.compress(WHITE[: FREE_OCTETS]), Outcome.STORED, id="no larger than what is free"),
    ],
)  # fmt: skip
async def test_a_participant_takes_white_pages_by_the_ratio_that_the_hub_keeps(
    inbox: Inbox, packed: Callable[[], bytes], outcome: Outcome
) -> None:
    """40 MiB of nothing would pass under twice the ratio: what one side packs, the other takes, and no more."""
    part = Part(octets=WHITE, mime_type="application/pdf", plain=packed())
    draft = saldoverzoek("creditor", "counsellor")
    draft = draft.with_parts(*draft.parts, part)
    result = await pulled(inbox, plain(leg_two(draft).wire()), nothing)
    assert result.outcome is outcome
    if outcome is Outcome.NOT_TAKEN:
        assert [each.code for each in result.errors] == ["EBMS:0303"]
        assert f"more than {DEFAULT_RATIO} times" in (result.errors[0].description or "")
