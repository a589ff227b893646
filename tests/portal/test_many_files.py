"""A page of the portal asks for many modules at once, within the limits that a hub has unless its settings differ."""

from __future__ import annotations

import re
from pathlib import Path

from support.portal.portals import UNIT_A1, running_portal

from gateway.limits import EdgeLimits


async def test_all_modules_of_a_page_come_at_once_and_pages_stay_limited(tmp_path: Path) -> None:
    limits = EdgeLimits(requests_per_second=10.0, stranger_cpu_seconds_per_second=100.0)
    async with running_portal(tmp_path, limits=limits) as portal:
        browser = portal.browser()
        start = await browser.get("/")
        files = re.findall(r'"(/desk/files/[^"]+\.js)"', start.text)
        assert len(set(files)) > 50
        answers = [(await browser.get(each)).status for each in files]
        assert set(answers) == {200}
        pages = [(await browser.get("/uitleg")).status for _ in range(60)]
        assert pages[0] == 200
        assert 429 in pages


async def test_octets_of_messages_count_less_in_the_rate_of_an_address_from_where_somebody_has_logged_in(
    tmp_path: Path,
) -> None:
    """A list of a thousand questions is opened without a pause; pages stay limited, and may be asked for soon again."""
    limits = EdgeLimits(requests_per_second=30.0, stranger_cpu_seconds_per_second=100.0)
    async with running_portal(tmp_path, limits=limits) as portal:
        person = await portal.linked(UNIT_A1)
        octets = f"/desk/api/units/{UNIT_A1}/messages/none%40hub.example/octets"
        found = [(await person.get(octets)).status for _ in range(60)]
        assert set(found) == {410}, "no lease of theirs, and no word of coming too often"
        pages = [await person.get("/berichten") for _ in range(60)]
        assert {each.headers["Retry-After"] for each in pages if each.status == 429} == {"1"}
