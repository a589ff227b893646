"""The page on connecting the portal to eHerkenning tells of every check that can refuse a login."""

from __future__ import annotations

import re

from support.documents.documents import DOCS

from gateway.identity.login import LOGIN_CHECKS


def test_the_page_tells_of_every_check_and_of_no_other() -> None:
    page = (DOCS / "how-to" / "connect-eherkenning.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert sorted(name for row in rows for name in re.findall(r"`([a-z]+)`", row)) == sorted(LOGIN_CHECKS)
