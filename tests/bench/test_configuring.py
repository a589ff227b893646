"""The rows of many organisations: what is said to be read, matched and reloaded was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench import configuring
from bench.command import print_configuring


def _made(folder: Path) -> list[dict[str, Any]]:
    return [yaml.safe_load(each.read_text("utf-8")) for each in folder.glob("12/**/made-*.yaml")]


@pytest.mark.soak
async def test_organisations_are_read_matched_and_reloaded_one_changed_file_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(configuring, "RELOADS", 2)
    monkeypatch.setattr(configuring, "PUSHES", 40)
    found = await configuring.measure(tmp_path, 12, lambda _line: None)
    assert [each["organisations"] for each in found["read"]] == [configuring.FEW, 12]
    assert all(each["seconds"] > 0 and each["match_microseconds"] > 0 for each in found["read"])
    row = found["reload"]
    assert (row["reloads"], row["receipted"]) == (2, row["pushes"])
    assert 0 < row["median_milliseconds"] <= row["longest_milliseconds"]
    log = (tmp_path / "hub.log").read_text("utf-8").splitlines()
    events = [json.loads(each)["event"] for each in log if each.startswith("{")]
    assert (events.count("reloaded"), events.count("reload_refused")) == (2, 0)
    made = _made(tmp_path)
    assert sum(each["name"].startswith("changed") for each in made) == 2
    assert {len(each["modules"]) for each in made} == {5}
    print_configuring(found)
    assert "2 reloads, each of one changed file" in capsys.readouterr().out
