"""Limits from the settings: a number stands once, is documented as it is, and reaches the part that it is about."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from gateway.limits import EdgeLimits, Limits, StoreLimits
from gateway.settings import parse_settings, settings_reference
from gateway.settings.sections import LimitsSection, Settings
from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.rules.expiry import LOG_DAYS
from gateway.wiring.from_settings import edge_limits, message_limits

LEAST = """\
hub.public_url = "https://hub.example.org/as4"
data.directory = "data"
pmodes.folder = "pmodes"
keys = {signing = [{key = "a", certificate = "b"}], decryption = [{key = "c", certificate = "d"}]}
"""


def in_force(settings: Settings) -> dict[str, Any]:
    """Every limit that a hub with these settings works with, by dataclass and field."""
    both = (message_limits(settings), edge_limits(settings))
    return {f"{type(each).__name__}.{name}": value for each in both for name, value in asdict(each).items()}


def test_each_documented_default_is_the_one_in_force() -> None:
    settings = parse_settings(LEAST)
    assert message_limits(settings) == Limits()
    assert edge_limits(settings) == EdgeLimits()
    rows = {row.key: row.default for row in settings_reference()}
    for name in LimitsSection.model_fields:
        assert rows[f"limits.{name}"] == str(getattr(settings.limits, name))


def test_each_documented_default_of_the_store_is_the_one_in_force() -> None:
    data, store = parse_settings(LEAST).data, StoreLimits()
    assert (data.log_days, data.ballast_bytes) == (LOG_DAYS, store.ballast_octets)
    assert FreeSpaceMarks() == FreeSpaceMarks(
        large=data.large_message_free_fraction, any=data.any_message_free_fraction
    )


@pytest.mark.parametrize("name", LimitsSection.model_fields)
def test_each_limit_of_the_settings_reaches_the_part_that_it_is_about(name: str) -> None:
    settings = parse_settings(LEAST)
    default = getattr(settings.limits, name)
    value = type(default)(default / 2)
    before = in_force(settings)
    after = in_force(settings.model_copy(update={"limits": settings.limits.model_copy(update={name: value})}))
    changed = {each: after[each] for each in before if before[each] != after[each]}
    assert changed
    assert set(changed.values()) == {value}
    assert len({each.rpartition(".")[2] for each in changed}) == 1
