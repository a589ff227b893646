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


SPELLINGS: dict[str, Callable[[Draft], Wire]] = {
    "default-mpc": lambda d: d.saying(mpc=DEFAULT_MPC).wire(),
    "property-order": lambda d: d.saying(properties=tuple(reversed(d.user_message.properties))).wire(),
    "part-property-order": lambda d: _part_properties(d, lambda each: each).wire(),
    "case-of-charset-and-media-type": lambda d: _part_properties(
        d, lambda each: replace(each, value=each.value.upper()) if each.name != COMPRESSION_TYPE else each
    ).wire(),
    "blanks-around-href": lambda d: resigned(d, _blanks_around_href),
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
