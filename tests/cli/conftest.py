"""A participant that every test of the commands may ask for."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest

from gateway.site.making import Made, make_site
from gateway.site.organisations import planned


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A participant whose hub does not run."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    bank = planned("Bank", "shv-fase-2")
    return make_site(tmp_path_factory.mktemp("site"), [bank], at=datetime.now(UTC), port=port).organisations[0]
