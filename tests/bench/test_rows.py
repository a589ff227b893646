"""The rows of the bench that are about the store: what they measure is what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import desk, keeper, kept, overview
from bench.command import print_desk, print_keeper, print_overview, print_removed


def untold(_line: str) -> None:
    pass


@pytest.mark.soak
async def test_the_row_of_the_keeper_ends_every_message_while_pushes_are_made(tmp_path: Path) -> None:
    """A hub of its own ends them, so this is more than that the row can be printed."""
    found = (await keeper.measure(tmp_path, ended=30, strays=0, tell=untold))["expiry"]
    assert found["messages"] == 30
    assert 0 < found["longest_pause_milliseconds"] <= 1000 * found["seconds"] + 1000
    assert found["receipted"] == found["pushes"]
    print_keeper({"expiry": found})


async def test_the_row_of_the_sweep_leaves_no_blob(tmp_path: Path) -> None:
    found = (await keeper.measure(tmp_path, ended=0, strays=1_200, tell=untold))["sweep"]
    assert found["blobs"] == 1_200
    print_keeper({"sweep": found})


async def test_what_a_removed_message_keeps_is_counted_by_table_and_holds_no_ciphertext(tmp_path: Path) -> None:
    found = await kept.measure(tmp_path, untold, messages=20)
    tables = found["octets_by_table"]
    assert {"message", "evidence", "promised", "acceptance"} <= set(tables)
    assert not {"envelope", "parts"} & set(tables)
    assert found["octets_per_removed_message"] == sum(tables.values())
    print_removed(found)


async def test_the_row_of_the_overview_asks_for_two_different_pages_of_what_waits_PO_71(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "PAGES", 3)  # this is no matter of speed
    found = await overview.measure(tmp_path, 120, untold)
    assert found["waiting"] == 120
    for page in ("first", "later"):
        assert 0 < found[page]["median_milliseconds"] <= found[page]["longest_milliseconds"]
    print_overview(found)


@pytest.mark.soak
async def test_the_row_of_the_desk_opens_and_answers_in_a_browser_and_a_first_visit_is_small(tmp_path: Path) -> None:
    found = await desk.measure(tmp_path / "site", 2, untold)
    assert found is not None
    for what in ("open", "answer"):
        assert 0 < found[what]["median_milliseconds"] <= found[what]["longest_milliseconds"]
    assert 100_000 < found["first_visit_octets"] <= desk.FIRST_VISIT_OCTETS, "this is no matter of speed"
    print_desk(found)
