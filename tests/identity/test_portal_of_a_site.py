"""A test site with a portal: its keys, its broker, and what the settings of the hub say of both."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.site.with_portal import make_portal


@pytest.mark.parametrize("again", [False, True])
def test_the_keys_of_a_portal_stay_when_it_is_made_again(tmp_path: Path, again: bool) -> None:
    at = datetime.now(UTC)
    first = make_portal(tmp_path, port=1, broker_port=2, organisations=[], at=at)
    second = make_portal(tmp_path, port=1, broker_port=2 + again, organisations=[], at=at)
    assert first.broker.broker.key.name == second.broker.broker.key.name
    assert first.settings_text == second.settings_text
    assert (tmp_path / "hub" / "keys" / "login.key").stat().st_mode & 0o077 == 0
