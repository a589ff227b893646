"""What a desk of a test site needs besides this program: a mock broker to log in with, and a browser."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import Final

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


def broker_lacks() -> str | None:
    """What is not installed that the mock broker needs, and how to get it; None where nothing is missing."""
    if find_spec("signxml") is not None:
        return None
    return "the mock broker signs with signxml, which is not installed: pip install 'knooppunt[broker]'"


def find_browser() -> str | None:
    """The program of a Chromium on this machine."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)
