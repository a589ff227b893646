"""Content-IDs: percent-decoded, then compared as written, wherever a message names a part (RFC 2392; MI-01, T18).

Names that differ in case only are one to some readers, so no message may have two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.messages.bending import MimePart, packed, resigned, unpacked
from support.messages.security import attachment, with_attachments
from support.messages.wire import Draft, Wire, post, pull_request, saldoverzoek

from crypto import names as security
from gateway.ebms.names import EB

Respell = Callable[[str], str]


def in_attribute(tag: str, name: str) -> Callable[[Draft, Respell], Wire]:
    """The name of every part respelt where that attribute holds it, before it is signed."""

    def make(draft: Draft, respell: Respell) -> Wire:
        def alter(root: etree._Element) -> None:
            for each in root.iter(tag):
                scheme, _, rest = (each.get(name) or "").partition("cid:")
                if rest:
                    each.set(name, f"{scheme}cid:{respell(rest)}")

        return resigned(draft, alter)

    return make


def in_part_header(draft: Draft, respell: Respell) -> Wire:
    def other(part: MimePart) -> MimePart:
        return replace(
            part,
            lines=tuple(
                f"Content-ID: <{respell(line.partition('<')[2].rstrip('>'))}>" if "<" in line else line
                for line in part.lines
            ),
        )

    wire = draft.wire()
    root, *parts = unpacked(wire)
    return packed(wire, (root, *map(other, parts)))


PLACES: dict[str, tuple[Callable[[Draft, Respell], Wire], str]] = {
    "part-header": (in_part_header, "EBMS:0007"),
    "href": (in_attribute(f"{{{EB}}}PartInfo", "href"), "EBMS:0101"),
    "signature": (in_attribute(f"{{{security.DS}}}Reference", "URI"), "EBMS:0101"),
    "encryption": (in_attribute(security.CIPHER_REFERENCE, "URI"), "EBMS:0102"),
}


def escaped(name: str) -> str:
    return name.replace("@", "%40")


@pytest.mark.parametrize("place", PLACES)
async def test_a_name_in_another_case_is_another_name_wherever_it_stands(tmp_path: Path, place: str) -> None:
    make, code = PLACES[place]
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, make(saldoverzoek(), str.upper))).codes == (code,), hub.log.lines


@pytest.mark.parametrize("place", PLACES)
async def test_a_percent_encoded_name_is_the_same_name_wherever_it_stands(tmp_path: Path, place: str) -> None:
    make, _ = PLACES[place]
    async with running_hub(tmp_path) as hub:
        assert (await post(hub, make(saldoverzoek(), escaped))).receipt is not None, hub.log.lines


async def test_the_receiver_gets_a_URI_where_the_sender_wrote_the_bare_name(tmp_path: Path) -> None:
    name = "a#b[1]@tests.example"
    draft = saldoverzoek()
    draft = draft.with_parts(replace(draft.parts[0], content_id=name))
    (info,) = draft.user_message.parts
    async with running_hub(tmp_path) as hub:
        pushed = await post(hub, draft.saying(parts=(replace(info, href=f"cid:{name}"),)).wire())
        assert pushed.receipt is not None, hub.log.lines
        pulled = await post(hub, pull_request())
        assert pulled.user_message is not None
        assert pulled.user_message.parts[0].href == "cid:a%23b%5B1%5D@tests.example"
        assert pulled.plain("creditor")[name] == draft.parts[0].octets


async def test_two_parts_whose_names_differ_in_case_only_are_refused_by_packaging_and_header(tmp_path: Path) -> None:
    one, two, other = (replace(attachment(), content_id=f"{each}@tests.example") for each in ("part", "Part", "other"))
    by_the_header = resigned(with_attachments(one, other), said_twice)
    async with running_hub(tmp_path) as hub:
        reply = await post(hub, with_attachments(one, two).wire())
        assert reply.codes in (("EBMS:0007",), ("EBMS:0003",)), "whichever was read first"
        reply = await post(hub, by_the_header)
        assert reply.codes == ("EBMS:0003",)
        assert reply.error is not None
        assert "in another case" in (reply.error.errors[0].description or "")
        assert (await post(hub, with_attachments(one, other).wire())).receipt is not None, hub.log.lines


def said_twice(root: etree._Element) -> None:
    for each in root.iter(f"{{{EB}}}PartInfo"):
        each.set("href", (each.get("href") or "").replace("other@", "Part@"))
