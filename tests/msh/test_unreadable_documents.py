"""A leading document that cannot be read is refused in the words of a check: code, line and sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.hubs.hub import running_hub
from support.messages.wire import post, saldoverzoek

DOCUMENTS = {
    b"<a>\n<b>\n</a>": "code=DOC-NOT-WELL-FORMED line=3 path=/",
    b"\n<?xml version='1.0'?><a/>": "code=DOC-DECLARATION line=2 path=/",
    b"<a>\n&jansen;</a>": "code=DOC-ENTITY line=2 path=/",
    b"<a>\n\n\xff</a>": "code=DOC-ENCODING line=3 path=/",
    b"<a>" * 5000 + b"</a>" * 5000: "code=DOC-DEPTH line=1 path=/",
}


async def test_a_document_that_cannot_be_read_is_refused_with_the_line_and_the_code_of_a_check(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        for document, detail in DOCUMENTS.items():
            draft = saldoverzoek()
            answer = await post(hub, draft.with_parts(replace(draft.parts[0], octets=document)).wire())
            assert answer.codes == ("EBMS:0004",)
            assert answer.error is not None
            assert answer.error.errors[0].detail == detail
            assert b"jansen" not in answer.body
