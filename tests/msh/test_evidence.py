"""What the log says that a verdict compared: enough for the operator to find the cause, and no value of the message."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.contract import Before, Refused, assert_refused
from support.hubs.hub import running_hub
from support.hubs.rows import sent_of
from support.keys.pki import NOW
from support.messages.bending import attribute
from support.messages.header_rows import CANARY, bent
from support.messages.security import forged, say
from support.messages.wire import post, pull_request, saldoverzoek

from crypto import names as security_names
from gateway.ebms import names

STRICT = {"counsellor": {"overrides": {"Knooppunt.MustUnderstandRequired": True}}}


async def test_where_the_two_headers_disagree_the_peer_reads_the_first_field_and_the_operator_each(
    tmp_path: Path,
) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek().saying(conversation_id=CANARY).with_property(names.TRACKING_IDENTIFIER, CANARY)
        before, wire = Before.of(hub), draft.wire()
        reply = await post(hub, wire)
        assert_refused(hub, wire, reply, Refused("EBMS:0003"), before)
        assert reply.error is not None
        (entry,) = reply.error.errors
        assert entry.description == "The message header and the payload header do not agree on ConversationId."
        (refused,) = hub.log.of("refused")
        assert refused["compared"] == [
            {"what": field, "expected": "what the document says", "found": "another value"}
            for field in ("ConversationId", "trackingIdentifier")
        ]
        assert CANARY not in str(refused)


async def test_what_a_pmode_demands_of_the_packaging_is_named_by_its_parameter(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra=STRICT) as hub:
        lenient = bent(attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", "false"))
        reply = await post(hub, sent_of(lenient()).wire)
        assert reply.codes == ("EBMS:0009",)
        (refused,) = hub.log.of("refused")
        assert refused["compared"] == [
            {"what": "Knooppunt.MustUnderstandRequired", "expected": "mustUnderstand", "found": "absent or false"}
        ]


async def test_a_signature_that_does_not_hold_is_told_by_the_reference_whose_digest_differs(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        reply = await post(hub, sent_of(forged(say(f"{{{names.EB}}}ConversationId", CANARY))()).wire)
        assert reply.codes == ("EBMS:0101",)
        (refused,) = hub.log.of("refused")
        digest = f"its digest by {security_names.SHA256}"
        assert refused["compared"] == [
            {"what": "ds:Reference 1 of 3, to Messaging", "expected": digest, "found": "another value"}
        ]
        assert CANARY not in str(refused)


@pytest.mark.parametrize(("time_confirmed", "event"), [(True, "refused"), (False, "postponed")])
async def test_a_time_is_told_by_its_bound_and_by_how_far_it_lies_beyond(
    time_confirmed: bool, event: str, tmp_path: Path
) -> None:
    """Whether the verdict is final or waits until somebody vouches for a clock."""
    async with running_hub(tmp_path, time_confirmed=time_confirmed) as hub:
        await post(hub, pull_request(at=NOW - timedelta(minutes=7)))
        (logged,) = hub.log.of(event)
        bound = f"{(NOW - timedelta(minutes=5)).isoformat()} at the earliest"
        assert logged["compared"] == [{"what": "eb:Timestamp", "expected": bound, "found": "120 s before that"}]
