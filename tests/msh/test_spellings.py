"""Where a specification calls two spellings one value, a message is the same in either (decision 0017)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.hubs.repeating import assert_receipted, messages
from support.messages.bending import resigned
from support.messages.security import with_attachments
from support.messages.wire import Draft, Wire, post

from crypto.names import WSU_ID
from gateway.ebms.model import PartInfo, Property
from gateway.ebms.names import CHARACTER_SET, COMPRESSION_TYPE, DEFAULT_MPC, EB


def _part_properties(draft: Draft, change: Callable[[Property], Property]) -> Draft:
    """Every property of every part changed, and in another order."""
    changed = [replace(each, properties=tuple(map(change, reversed(each.properties)))) for each in _infos(draft)]
    return draft.saying(parts=tuple(changed))


def _infos(draft: Draft) -> tuple[PartInfo, ...]:
    return draft.user_message.parts


def _blanks_around_href(root: etree._Element) -> None:
    for each in root.iter(f"{{{EB}}}PartInfo"):
        each.set("href", f" \n{each.get('href')} ")


def _id_of_messaging(attribute: str) -> Callable[[etree._Element], None]:
    """AS4 5.1.4 names `id`; peers sign their header by others, too."""

    def rename(root: etree._Element) -> None:
        (messaging,) = root.iter(f"{{{EB}}}Messaging")
        messaging.set(attribute, messaging.attrib.pop(WSU_ID))

    return rename


SPELLINGS: dict[str, Callable[[Draft], Wire]] = {
    "default-mpc": lambda d: d.saying(mpc=DEFAULT_MPC).wire(),
    "property-order": lambda d: d.saying(properties=tuple(reversed(d.user_message.properties))).wire(),
    "part-property-order": lambda d: _part_properties(d, lambda each: each).wire(),
    "case-of-charset-and-media-type": lambda d: _part_properties(
        d, lambda each: replace(each, value=each.value.upper()) if each.name != COMPRESSION_TYPE else each
    ).wire(),
    "blanks-around-href": lambda d: resigned(d, _blanks_around_href),
    "signed-by-id": lambda d: resigned(d, _id_of_messaging("id")),
    "signed-by-Id": lambda d: resigned(d, _id_of_messaging("Id")),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("first", ["so", "otherwise"])
async def test_one_value_in_two_spellings_is_one_message_SR_04(tmp_path: Path, spelling: str, first: str) -> None:
    """Whichever came first."""
    plain = with_attachments()
    plain = plain.saying(
        parts=tuple(
            replace(each, properties=(*each.properties, Property(name=CHARACTER_SET, value="utf-8")))
            for each in _infos(plain)
        )
    )
    wires = [plain.wire(), SPELLINGS[spelling](plain)]
    async with running_hub(tmp_path) as hub:
        for wire in wires if first == "so" else reversed(wires):
            assert_receipted(await post(hub, wire), wire)
        assert await messages(hub) == 1
