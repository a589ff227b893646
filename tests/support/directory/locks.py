"""Whether a participant's folder of the address book is held, as another process would find it."""

from __future__ import annotations

import fcntl
import importlib
import os
from pathlib import Path
from typing import Any

import pytest

from gateway.client.address_book import LOCK_FILE


def is_held(folder: Path) -> bool:
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def locked_when(monkeypatch: pytest.MonkeyPatch, name: str) -> list[bool]:
    """Notes of that function, whose first argument is the folder, each time it is called."""
    seen: list[bool] = []
    module, _, function = name.rpartition(".")
    real = getattr(importlib.import_module(module), function)

    def noted(folder: Path, *others: Any) -> Any:
        seen.append(is_held(folder))
        return real(folder, *others)

    monkeypatch.setattr(name, noted)
    return seen
