"""Receipts in both ways: each with the next pull, or a request of its own, and the hub takes all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.program import CHECKOUT, program_of
from bench.station import WITH_RECEIPT, Bundling, install_each, running
from bench.transactions import receipts


@pytest.mark.soak
async def test_receipts_with_the_next_pull_stand_beside_receipts_alone_and_all_are_taken(tmp_path: Path) -> None:
    with program_of(str(CHECKOUT)) as program:
        (installation,) = (await install_each({"hub": program}, tmp_path, 2048)).values()
    async with running(installation, 3 * (2 * 2 + 1) + 4) as station:
        found = await receipts(station, rounds=2, size=3, connections=2)
        used = await Bundling(station).transact(4, 2)
    assert all(len(each["rounds"]) == 2 and each["least"] > 0 for each in found.values() if isinstance(each, dict))
    alone, beside = (found[f"{way}_microseconds"]["rounds"] for way in ("alone", "with_next_pull"))
    assert found["ratio"]["rounds"] == pytest.approx([one / other for one, other in zip(beside, alone, strict=True)])
    assert (used.transactions, list(used.seconds)) == (4, ["push", WITH_RECEIPT])
    log = (tmp_path / "hub" / "hub.log").read_text("utf-8")
    assert log.count('"message_offered"') == 19
    assert log.count('"receipt_taken"') == 6 + 6 + 3  # alone, with a pull, and with the pulls of the last call
