"""A page of the portal asks for many modules at once, within the limits that a hub has unless its settings differ."""

from __future__ import annotations

import re
from pathlib import Path

from support.portal.portals import running_portal

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
