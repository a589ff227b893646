"""A site as `knooppunt pki new` makes it, for the pages that show its files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from gateway.site.making import Site, make_site
from gateway.site.organisations import Planned, planned

BANK = ("shv-fase-1", "shv-fase-2", "kredietbank")
CREDITOR = ("schuldeiser",)


@cache
def example_site() -> Site:
    """A hub, a credit bank and a creditor in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="knooppunt-docs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_site(folder, tutorial(), at=datetime.now(UTC), host="machine-a")


def tutorial() -> tuple[Planned, ...]:
    """The two organisations of the tutorial."""
    return (
        planned("Kredietbank Mijnstad", *BANK),
        planned("Energie Mijnstad", *CREDITOR),
    )
