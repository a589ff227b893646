"""Folders that every test of the client may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox


@pytest.fixture
async def inbox(tmp_path: Path) -> AsyncIterator[Inbox]:
    """An open inbox in `tmp_path/inbox`."""
    opened = await Inbox.open(tmp_path / "inbox")
    yield opened
    await opened.aclose()


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    """An open outbox in `tmp_path/outbox`."""
    opened = await Outbox.open(tmp_path / "outbox")
    yield opened
    await opened.aclose()
