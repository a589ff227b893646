"""The site whose settings, keys and P-Modes the tests of the wiring read."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hubs.processes import new_site
from support.keys.site_keys import copy_of

from gateway.site.making import Site


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("wiring") / "site")


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    """A hub of its own for each test."""
    return copy_of(pristine, tmp_path / "site")
