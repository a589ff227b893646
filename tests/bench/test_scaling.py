"""The rows of large hubs: what is said to be there is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import scaling
from bench.command import print_scaling
from bench.scaling import Asked, Size


def test_rows_come_smallest_first_and_what_is_not_asked_for_is_left_out() -> None:
    assert [each.name for each in scaling.sizes([5_000, 300], 0, 0)] == ["waiting 300", "waiting 5000"]
    assert [each.name for each in scaling.sizes([300], 7, 9)] == ["waiting 300", "mailboxes 7", "organisations 9"]


@pytest.mark.soak
async def test_a_hub_of_many_organisations_and_mailboxes_is_asked_in_turns_with_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scaling, "REQUESTS", 3)
    monkeypatch.setattr(scaling, "WARM_UP", 2)
    rows = [Size(waiting=100), Size(waiting=100, mailboxes=3, organisations=4)]
    found = await scaling.measure(rows, tmp_path, rounds=1, tell=lambda _line: None)
    assert [each["row"] for each in found] == ["waiting 100", "organisations 4"]
    assert found[0]["pull_median_ratio"]["rounds"] == [1.0]
    assert all(each["start_seconds"] > 0 and each["resident_mebibytes"] > 10 for each in found)
    assert all(each["push_cpu_microseconds"]["median"] > 0 for each in found)
    said = (tmp_path / "organisations-4" / "hub.log").read_text("utf-8").splitlines()  # events, and what it warns of
    lines = [json.loads(line) for line in said if line.startswith("{")]
    (started,) = (each for each in lines if each["event"] == "hub_started")
    assert started["organisations"] == 3 + 4
    print_scaling(found)


def test_a_ratio_between_rows_is_made_of_the_medians_of_the_same_round() -> None:
    def asked(*milliseconds: float) -> Asked:
        return Asked([each / 1000 for each in milliseconds], pull_cpu_seconds=0.003, push_cpu_seconds=0.01, pushes=10)

    first, large = Size(waiting=1_000), Size(waiting=100_000)
    rounds = [
        ({first.name: asked(1, 2, 90), large.name: asked(3, 4, 5)}, 0.0),
        ({first.name: asked(4, 4, 4), large.name: asked(2, 6, 9)}, 0.3),
    ]
    found = scaling._facts(large, rounds, first, 1.5, 80.0)
    assert [round(each, 6) for each in found["pull_median_ratio"]["rounds"]] == [2.0, 1.5]
    assert round(found["pull_cpu_microseconds"]["median"]) == 1_000
    assert round(found["push_cpu_microseconds"]["median"]) == 1_000
    assert found["load"]["quiet"] is False
