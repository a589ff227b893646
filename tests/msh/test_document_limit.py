"""The largest document that a hub takes is what its settings say, from the wire to the parser."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.messages.wire import Draft, post, saldoverzoek

from gateway.limits import Limits
from gateway.msh.steps.validation import document_limits

MIB = 1024 * 1024


def of_five_mebibytes() -> Draft:
    """A question with a comment in it that makes it that long, and that hardly compresses."""
    draft = saldoverzoek()
    (part,) = draft.parts
    return draft.with_parts(
        replace(part, octets=part.octets + b"<!--" + os.urandom(5 * MIB // 2).hex().encode() + b"-->")
    )


@pytest.mark.parametrize(("limit", "codes"), [(16 * MIB, ()), (1 * MIB, ("EBMS:0010",))], ids=["16 MiB", "1 MiB"])
async def test_a_document_of_five_mebibytes_is_taken_or_refused_as_the_settings_say(
    limit: int, codes: tuple[str, ...], tmp_path: Path
) -> None:
    async with running_hub(tmp_path, limits=replace(Limits(), document_octets=limit)) as hub:
        reply = await post(hub, of_five_mebibytes().wire())
        assert (reply.codes, reply.receipt is not None) == (codes, not codes)


async def test_a_text_that_no_parser_takes_is_refused_as_too_long_whatever_the_settings_say(tmp_path: Path) -> None:
    draft = saldoverzoek()
    (part,) = draft.parts
    long = replace(part, octets=part.octets + b"<!--" + b"x" * 11_000_000 + b"-->")
    async with running_hub(tmp_path, limits=replace(Limits(), document_octets=16 * MIB)) as hub:
        reply = await post(hub, draft.with_parts(long).wire())
    assert reply.codes == ("EBMS:0004",)
    assert reply.error is not None
    assert "code=DOC-TEXT" in str(reply.error.errors[0].detail)


def test_a_text_may_be_as_long_as_the_document() -> None:
    limits = document_limits(replace(Limits(), document_octets=16 * MIB))
    assert (limits.octets, limits.text_octets) == (16 * MIB, 16 * MIB)
