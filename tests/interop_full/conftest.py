"""Whole products of others, started once for a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from interop.foreign import start_or_tell
from interop_full.keycloak import Keycloak
from interop_full.object_storage import Versitygw


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Keycloak]:
    """A server with the realm of `realm.py`."""
    with start_or_tell(Keycloak) as running:
        yield running


@pytest.fixture(scope="session")
def versitygw() -> Iterator[Versitygw]:
    """A server of S3 whose objects are files."""
    with start_or_tell(Versitygw) as running:
        yield running
