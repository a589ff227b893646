"""What the parts of the store cost: each is left out of a store that works without it, and no other is told of."""

from __future__ import annotations

import pytest

from bench.indexes import PADDING, measure


@pytest.mark.soak
async def test_each_index_and_trigger_is_left_out_and_what_a_statement_names_has_no_figure() -> None:
    spared = await measure(rounds=1, messages=2)
    assert {"index message_received", "trigger message_counted", PADDING} <= spared.keys()
    assert len(spared["index message_received"]) == 1
    assert spared["index message_offerable"] == [], "a lease names it"
