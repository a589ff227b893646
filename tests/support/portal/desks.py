"""Parts of an operator's side of desks where nothing but keys is asked for."""

from __future__ import annotations

from typing import Any


async def nothing_asked(_unit: str, _wish: object) -> Any:
    """In the place of what foretells or grants a wish."""
    raise AssertionError("nobody asks for anything but keys")
