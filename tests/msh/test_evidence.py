"""What the log says that a verdict compared: enough for the operator to find the cause, and no value of the message."""

from __future__ import annotations

from pathlib import Path

from support.hubs.contract import Before, Refused, assert_refused
from support.hubs.hub import running_hub
from support.hubs.rows import sent_of
from support.messages.bending import attribute
from support.messages.header_rows import CANARY, bent
from support.messages.wire import post, saldoverzoek

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
