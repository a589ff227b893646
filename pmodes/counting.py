"""A number and what it counts, as people write it."""

from __future__ import annotations


def counted(number: int, one: str, several: str = "") -> str:
    """`1 day`, `2 days`; `several` is for what does not end in s."""
    return f"{number} {one if abs(number) == 1 else several or one + 's'}"
