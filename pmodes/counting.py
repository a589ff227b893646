"""A number and what it counts, as people write it."""

from __future__ import annotations


def counted(number: int, one: str) -> str:
    """`1 day`, `2 days`."""
    return f"{number} {one if abs(number) == 1 else one + 's'}"
