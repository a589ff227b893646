"""What a browser at a desk left behind is searched, and the search shows that it read what browsers keep (PO-48)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.demo.desk import Seat, search_what_the_desk_left
from gateway.demo.report import Report
from gateway.site.with_portal import make_portal

NAME = "Geheim0123456789abcdef"


@pytest.fixture
def desk(tmp_path: Path) -> Seat:
    """A desk whose browser kept the address of the portal, as browsers do."""
    portal = make_portal(tmp_path, port=40001, broker_port=40002, organisations=[], at=datetime.now(UTC))
    profile = tmp_path / "browser"
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "History").write_bytes(b"SQLite format 3\0" + portal.url.encode())
    (tmp_path / "hub" / "data").mkdir()
    (tmp_path / "hub" / "data" / "portal.db").write_bytes(b"")
    return Seat(portal=portal, program="chromium", profile=profile, kvk="90000011", name="Wonen Voorbeeld")


def searched(desk: Seat) -> list[str]:
    """The facts that do not hold."""
    report = Report(lambda _line: None)
    search_what_the_desk_left(desk, [NAME], desk.profile.parent / "hub", report)
    return [each.what for each in report.facts if not each.holds]


def test_a_profile_without_a_name_holds_PO_48(desk: Seat) -> None:
    assert searched(desk) == []


def test_a_name_that_a_browser_kept_is_found_PO_48(desk: Seat) -> None:
    (desk.profile / "Default" / "Cache").write_bytes(NAME.encode("utf-16-le"))
    assert searched(desk) == ["names and numbers found in the browser's profile"]


def test_a_profile_in_which_nothing_was_kept_proves_nothing_PO_48(desk: Seat) -> None:
    (desk.profile / "Default" / "History").unlink()
    assert searched(desk) == ["the portal's address, found there"]


def test_a_portal_that_wrote_elsewhere_proves_nothing_PO_48(desk: Seat) -> None:
    (desk.profile.parent / "hub" / "data" / "portal.db").unlink()
    assert searched(desk) == ["the portal's own database, among what the hub wrote"]
